package mapping

import (
	"fmt"
	"strings"
	"time"
)

// A moment is a v2 date or time (HL7 v2.9 2A.2.22 DTM: YYYY[MM[DD[HH[MM[SS[.S
// to .SSSS]]]]]][+/-ZZZZ]) with the precision that it was given.
type moment struct {
	year, month, day  int
	hour, minute, sec int
	fraction          string // digits after the point
	precision         precision
	zoned             bool
	zone              string // "+01:00"
}

type precision uint8

const (
	toYear precision = iota
	toMonth
	toDay
	toHour
	toMinute
	toSecond
)

// parseDTM reads a DTM, DT or TS. It refuses what is no date of the calendar:
// nothing is guessed and nothing rolls over. Second 60 is let through, it comes
// (rarely) and FHIR has it too.
func parseDTM(s string) (m moment, ok bool) {
	s, ok = m.cutZone(strings.TrimSpace(s))
	if !ok {
		return m, false
	}
	date, clock := s, ""
	if len(s) > 8 {
		date, clock = s[:8], s[8:]
	}
	switch len(date) {
	case 4, 6, 8:
	default:
		return m, false
	}
	if m.year, ok = digits(date[:4]); !ok || m.year == 0 {
		return m, false
	}
	if len(date) >= 6 {
		m.precision = toMonth
		if m.month, ok = digits(date[4:6]); !ok || m.month < 1 || m.month > 12 {
			return m, false
		}
	}
	if len(date) == 8 {
		m.precision = toDay
		if m.day, ok = digits(date[6:]); !ok || m.day < 1 || m.day > daysIn(m.year, m.month) {
			return m, false
		}
	}
	if clock == "" {
		return m, true
	}
	return m, m.clock(clock)
}

// parseTM reads a time of day (HL7 v2.9 2A.2.75 TM: HH[MM[SS[.S to .SSSS]]][+/-ZZZZ]).
func parseTM(s string) (m moment, ok bool) {
	s, ok = m.cutZone(strings.TrimSpace(s))
	return m, ok && m.clock(s)
}

func (m *moment) clock(s string) (ok bool) {
	s, m.fraction, ok = strings.Cut(s, ".")
	if ok && m.fraction == "" {
		return false
	}
	switch len(s) {
	case 2, 4, 6:
	default:
		return false
	}
	m.precision = toHour
	if m.hour, ok = digits(s[:2]); !ok || m.hour > 23 {
		return false
	}
	if len(s) >= 4 {
		m.precision = toMinute
		if m.minute, ok = digits(s[2:4]); !ok || m.minute > 59 {
			return false
		}
	}
	if len(s) == 6 {
		m.precision = toSecond
		if m.sec, ok = digits(s[4:]); !ok || m.sec > 60 {
			return false
		}
	}
	if m.fraction != "" {
		if _, ok = digits(m.fraction); !ok || m.precision != toSecond || len(m.fraction) > 9 {
			return false
		}
	}
	return true
}

// cutZone takes the zone off the end of s.
func (m *moment) cutZone(s string) (rest string, ok bool) {
	i := strings.LastIndexAny(s, "+-")
	if i < 0 {
		return s, true
	}
	zone := s[i+1:]
	h, ok1 := digits(zone[:min(2, len(zone))])
	n, ok2 := digits(zone[min(2, len(zone)):])
	if len(zone) != 4 || !ok1 || !ok2 || h > 14 || n > 59 || h == 14 && n > 0 {
		return s, false
	}
	m.zoned, m.zone = true, s[i:i+3]+":"+zone[2:]
	return s[:i], true
}

// digits reads a number of digits alone.
func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// date writes the date alone, at its precision.
func (m moment) date() string {
	switch m.precision {
	case toYear:
		return fmt.Sprintf("%04d", m.year)
	case toMonth:
		return fmt.Sprintf("%04d-%02d", m.year, m.month)
	}
	var b [10]byte
	pad(b[:4], m.year)
	b[4], b[7] = '-', '-'
	pad(b[5:7], m.month)
	pad(b[8:], m.day)
	return string(b[:])
}

// clockText writes hh:mm:ss with the fraction as given. Seconds that were not
// given are 00, as FHIR has it (datatypes.html#dateTime: "may be zero-filled").
func (m moment) clockText() string {
	var b [8]byte
	pad(b[:2], m.hour)
	pad(b[3:5], m.minute)
	pad(b[6:], m.sec)
	b[2], b[5] = ':', ':'
	if m.fraction != "" {
		return string(b[:]) + "." + m.fraction
	}
	return string(b[:])
}

func pad(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// in gives a moment without zone the offset that loc had then. It gives none
// when the clock showed that time twice or never, or when the offset has seconds.
func (m moment) in(loc *time.Location) moment {
	if m.zoned || loc == nil || m.precision < toHour {
		return m
	}
	local := time.Date(m.year, time.Month(m.month), m.day, m.hour, m.minute, min(m.sec, 59), 0, time.UTC)
	found := 0
	var offset int
	last := 1 << 30
	for _, around := range []time.Duration{-26 * time.Hour, 26 * time.Hour} {
		_, candidate := local.Add(around).In(loc).Zone()
		if candidate == last {
			continue
		}
		last = candidate
		if _, then := local.Add(-time.Duration(candidate) * time.Second).In(loc).Zone(); then == candidate {
			offset = candidate
			found++
		}
	}
	if found != 1 || offset%60 != 0 {
		return m
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	var b [6]byte
	b[0], b[3] = sign, ':'
	pad(b[1:3], offset/3600)
	pad(b[4:], offset/60%60)
	m.zoned, m.zone = true, string(b[:])
	return m
}

// Notes of dates.
const (
	noteNoZone  = "the time has no zone and none is configured: written as a date, and as it was sent in an extension"
	noteHour    = "the time has no minutes, which FHIR cannot say: written as a date, and as it was sent in an extension"
	noteInstant = "FHIR wants seconds and a zone here, which the time does not have: written as it was sent, in an extension"
	noteNotDate = "not a date of the calendar"
	noteNotTime = "not a time of day, or one with a zone, which FHIR cannot say"
)

// fhirDate writes a date.
func fhirDate(s string) (out, note string) {
	m, ok := parseDTM(s)
	if !ok {
		return "", noteNotDate
	}
	m.precision = min(m.precision, toDay)
	return m.date(), ""
}

// fhirDateTime writes a dateTime: with its time only when a zone is known.
func fhirDateTime(s string, zone *time.Location) (out, note string) {
	m, ok := parseDTM(s)
	if !ok {
		return "", noteNotDate
	}
	m = m.in(zone)
	switch {
	case m.precision <= toDay:
		return m.date(), ""
	case m.precision == toHour:
		return m.date(), noteHour
	case !m.zoned:
		return m.date(), noteNoZone
	}
	return m.date() + "T" + m.clockText() + m.zone, ""
}

// fhirInstant writes an instant, which has seconds and a zone or is not there.
func fhirInstant(s string, zone *time.Location) (out, note string) {
	m, ok := parseDTM(s)
	if !ok {
		return "", noteNotDate
	}
	if m = m.in(zone); m.precision < toSecond || !m.zoned {
		return "", noteInstant
	}
	return m.date() + "T" + m.clockText() + m.zone, ""
}

// fhirTime writes a time of day, which has no zone in FHIR.
func fhirTime(s string) (out, note string) {
	m, ok := parseTM(s)
	if !ok || m.zoned || m.precision < toMinute {
		return "", noteNotTime
	}
	return m.clockText(), ""
}
