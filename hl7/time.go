package hl7

import (
	"strings"
	"time"
)

// Precision says how much of a [Time] or [Clock] was given.
type Precision uint8

// From the whole year down to parts of a second.
const (
	PrecisionYear Precision = iota + 1
	PrecisionMonth
	PrecisionDay
	PrecisionHour
	PrecisionMinute
	PrecisionSecond
	PrecisionFraction
)

// Time is a date or a point in time with the precision and the zone that were
// given and no others: a DT, DTM or TS (HL7 v2.9 2A, DT and DTM). "1985" is a year and
// not its first day.
type Time struct {
	text      string
	fields    [7]int // year, month, day, hour, minute, second, nanosecond
	precision Precision
	zone      zone
}

// Clock is a time of day, a TM (HL7 v2.9 2A, TM), with its precision and zone.
type Clock struct {
	text      string
	fields    [7]int // the first three are not used
	precision Precision
	zone      zone
}

// zone is an offset from UTC, if one was given.
type zone struct {
	seconds int
	given   bool
}

const (
	badTime  = "not a date or time: YYYY[MM[DD[HH[MM[SS[.S..]]]]]][+/-ZZZZ]"
	badClock = "not a time of day: HH[MM[SS[.S..]]][+/-ZZZZ]"
)

// ParseTime reads YYYY[MM[DD[HH[MM[SS[.S..]]]]]][+/-ZZZZ] with up to nine digits
// behind the point, where the standard has four. It refuses days that are not in the
// calendar, the year 0000, hour 24, second 60, and other ways to write a date. The
// error is a *[SyntaxError].
func ParseTime(s string) (Time, error) {
	t := Time{text: s}
	rest, ok := t.zone.cut(s)
	if ok {
		t.precision, ok = digits(rest, &t.fields, PrecisionYear)
	}
	if !ok || t.fields[0] == 0 || t.Start(nil).Day() != max(t.fields[2], 1) {
		return Time{}, &SyntaxError{"", badTime}
	}
	return t, nil
}

// ParseClock reads HH[MM[SS[.S..]]][+/-ZZZZ]. The error is a *[SyntaxError].
func ParseClock(s string) (Clock, error) {
	c := Clock{text: s}
	rest, ok := c.zone.cut(s)
	if ok {
		c.precision, ok = digits(rest, &c.fields, PrecisionHour)
	}
	if !ok {
		return Clock{}, &SyntaxError{"", badClock}
	}
	return c, nil
}

// Time reads the value as a date or a point in time, see [ParseTime]. Of a TS its
// second component, which says the precision once more, is not looked at.
func (v Value) Time() (Time, error) { return ParseTime(v.String()) }

// Clock reads the value as a time of day, see [ParseClock].
func (v Value) Clock() (Clock, error) { return ParseClock(v.String()) }

// cut takes the zone off the end of s.
func (z *zone) cut(s string) (string, bool) {
	i := strings.IndexAny(s, "+-")
	if i < 0 {
		return s, true
	}
	h, ok1 := decimal(s[i+1:], 0, 2)
	m, ok2 := decimal(s[i+1:], 2, 2)
	if !ok1 || !ok2 || len(s) != i+5 || h > 14 || m > 59 {
		return s, false
	}
	z.given, z.seconds = true, h*3600+m*60
	if s[i] == '-' {
		z.seconds = -z.seconds
	}
	return s[:i], true
}

// digits reads the fields of a time from a precision on.
func digits(s string, fields *[7]int, from Precision) (Precision, bool) {
	s, fraction, point := strings.Cut(s, ".")
	p, at := Precision(0), 0
	for f := from; f <= PrecisionSecond && at < len(s); f++ {
		width := 2
		if f == PrecisionYear {
			width = 4
		}
		n, ok := decimal(s, at, width)
		if !ok || n > limits[f] || n == 0 && (f == PrecisionMonth || f == PrecisionDay) {
			return 0, false
		}
		fields[f-1], p, at = n, f, at+width
	}
	if p == 0 || at != len(s) {
		return 0, false
	}
	if !point {
		return p, true
	}
	n, ok := decimal(fraction, 0, len(fraction))
	if !ok || p != PrecisionSecond || fraction == "" || len(fraction) > 9 {
		return 0, false
	}
	for range 9 - len(fraction) {
		n *= 10
	}
	fields[6] = n
	return PrecisionFraction, true
}

var limits = [...]int{PrecisionYear: 9999, PrecisionMonth: 12, PrecisionDay: 31, PrecisionHour: 23, PrecisionMinute: 59, PrecisionSecond: 59}

// decimal reads digits of s.
func decimal(s string, at, width int) (n int, ok bool) {
	if at+width > len(s) {
		return 0, false
	}
	for _, c := range []byte(s[at : at+width]) {
		if !isDigit(c) || n > 1e9 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// String returns the text as it was given.
func (t Time) String() string { return t.text }

// Precision returns how much was given; 0 of the zero Time.
func (t Time) Precision() Precision { return t.precision }

// Zone returns the offset from UTC in seconds, east being positive, and whether one
// was given.
func (t Time) Zone() (seconds int, given bool) { return t.zone.seconds, t.zone.given }

// Start returns the first instant of the time. One without a zone is taken to be in
// loc, nil for UTC.
func (t Time) Start(loc *time.Location) time.Time { return t.instant(loc, 0) }

// End returns the first instant after the time: of "1985" the start of 1986. Up to a
// part of a second, what was given lasts as long as its last digit.
func (t Time) End(loc *time.Location) time.Time { return t.instant(loc, 1) }

func (t Time) instant(loc *time.Location, more int) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	if t.zone.given {
		loc = time.FixedZone("", t.zone.seconds)
	}
	f := t.fields
	f[1], f[2] = max(f[1], 1), max(f[2], 1)
	if t.precision == PrecisionFraction {
		for range 9 - (len(t.text) - strings.IndexByte(t.text, '.') - 1 - t.zone.width()) {
			more *= 10
		}
	}
	if t.precision > 0 {
		f[t.precision-1] += more
	}
	return time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], f[6], loc)
}

// width returns how many characters the zone takes.
func (z zone) width() int {
	if z.given {
		return 5
	}
	return 0
}

// String returns the text as it was given.
func (c Clock) String() string { return c.text }

// Precision returns how much was given; 0 of the zero Clock.
func (c Clock) Precision() Precision { return c.precision }

// Zone returns the offset from UTC in seconds, east being positive, and whether one
// was given.
func (c Clock) Zone() (seconds int, given bool) { return c.zone.seconds, c.zone.given }

// SinceMidnight returns the time of day as the time since midnight.
func (c Clock) SinceMidnight() time.Duration {
	f := c.fields
	return time.Duration(f[3])*time.Hour + time.Duration(f[4])*time.Minute + time.Duration(f[5])*time.Second + time.Duration(f[6])
}

// FormatTime writes a point in time as a DTM with a precision, and with its zone if
// asked. A fraction has the four digits of the standard.
func FormatTime(t time.Time, p Precision, zone bool) string {
	const layout = "20060102150405.0000"
	width := [...]int{PrecisionYear: 4, PrecisionMonth: 6, PrecisionDay: 8, PrecisionHour: 10, PrecisionMinute: 12, PrecisionSecond: 14, PrecisionFraction: 19}
	s := layout[:width[min(max(p, PrecisionYear), PrecisionFraction)]]
	if zone {
		s += "-0700"
	}
	return t.Format(s)
}
