package fhirpath

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// moment is a Date, a DateTime or a Time, as precise as it was given. Seconds
// and their fractions are one precision (N1, "Date/Time Comparison").
type moment struct {
	kind                                   kind
	prec                                   precision
	year, month, day, hour, minute, second int
	nano                                   int
	fraction                               int  // digits behind the second that were given
	zoned                                  bool // it has a time zone
	offset                                 int  // of that, in minutes
}

type precision uint8

const (
	toYear precision = 1 + iota
	toMonth
	toDay
	toHour
	toMinute
	toSecond
)

const notMoment = problem("not a date or time, or one that does not exist")

// parseMoment reads a Date, a DateTime (with or without its T when there is no
// time of day) or a Time (with or without T).
func parseMoment(text string, k kind) (*moment, error) {
	m := &moment{kind: k}
	rest := text
	if k == kindTime {
		rest = strings.TrimPrefix(rest, "T")
	} else {
		n := dateLen(rest)
		m.readDate(rest[:n])
		rest = rest[n:]
		if n == 0 || rest != "" && (k == kindDate || rest[0] != 'T') {
			return nil, notMoment
		}
		rest = strings.TrimPrefix(rest, "T")
	}
	n := clockLen(rest)
	if n > 0 && k != kindTime && m.prec < toDay || n == 0 && k == kindTime {
		return nil, notMoment
	}
	m.readClock(rest[:n])
	if rest = rest[n:]; rest != "" && (n == 0 || k == kindTime || !m.readZone(rest)) {
		return nil, notMoment
	}
	if !m.exists() {
		return nil, notMoment
	}
	return m, nil
}

func (m *moment) readDate(s string) {
	if len(s) >= 4 {
		m.year, m.prec = whole(s[:4]), toYear
	}
	if len(s) >= 7 {
		m.month, m.prec = whole(s[5:7]), toMonth
	}
	if len(s) >= 10 {
		m.day, m.prec = whole(s[8:10]), toDay
	}
}

func (m *moment) readClock(s string) {
	if len(s) >= 2 {
		m.hour, m.prec = whole(s[:2]), toHour
	}
	if len(s) >= 5 {
		m.minute, m.prec = whole(s[3:5]), toMinute
	}
	if len(s) >= 8 {
		m.second, m.prec = whole(s[6:8]), toSecond
	}
	if len(s) > 9 {
		nano := (s[9:] + "000000000")[:9]
		m.nano, m.fraction = whole(nano), min(len(s)-9, 9)
	}
}

func (m *moment) readZone(s string) bool {
	if zoneLen(s) != len(s) {
		return false
	}
	m.zoned = true
	if s == "Z" {
		return true
	}
	hours, minutes := whole(s[1:3]), whole(s[4:6])
	m.offset = hours*60 + minutes
	if s[0] == '-' {
		m.offset = -m.offset
	}
	return minutes < 60 && m.offset >= -14*60 && m.offset <= 14*60
}

// exists says whether all parts are in their range. A leap second is.
func (m *moment) exists() bool {
	if m.kind != kindTime {
		switch {
		case m.year < 1,
			m.prec >= toMonth && (m.month < 1 || m.month > 12),
			m.prec >= toDay && (m.day < 1 || m.day > daysIn(m.year, m.month)):
			return false
		}
	}
	return m.hour < 24 && m.minute < 60 && m.second <= 60
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// whole reads digits.
func whole(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return math.MaxInt32
	}
	return n
}

// String writes the moment as FHIR does: 2024-05-17T10:00:00+01:00, 10:00.
func (m *moment) String() string {
	var b []byte
	two := func(before byte, n int) {
		if before != 0 {
			b = append(b, before)
		}
		b = append(b, byte('0'+n/10), byte('0'+n%10))
	}
	if m.kind != kindTime {
		two(0, m.year/100)
		two(0, m.year%100)
		if m.prec >= toMonth {
			two('-', m.month)
		}
		if m.prec >= toDay {
			two('-', m.day)
		}
		if m.prec >= toHour {
			b = append(b, 'T')
		}
	}
	if m.prec >= toHour {
		two(0, m.hour)
	}
	if m.prec >= toMinute {
		two(':', m.minute)
	}
	if m.prec >= toSecond {
		two(':', m.second)
	}
	if m.fraction > 0 {
		nano := strconv.Itoa(1e9 + m.nano)
		b = append(append(b, '.'), nano[1:1+m.fraction]...)
	}
	switch {
	case m.zoned && m.offset == 0:
		b = append(b, 'Z')
	case m.zoned:
		sign, offset := byte('+'), m.offset
		if offset < 0 {
			sign, offset = '-', -offset
		}
		two(sign, offset/60)
		two(':', offset%60)
	}
	return string(b)
}

// momentOf returns t as a moment, to the millisecond.
func momentOf(t time.Time, k kind) *moment {
	_, offset := t.Zone()
	m := &moment{kind: k, prec: toSecond, hour: t.Hour(), minute: t.Minute(), second: t.Second(),
		nano: t.Nanosecond() / 1e6 * 1e6, fraction: 3}
	if k != kindTime {
		m.year, m.month, m.day = t.Year(), int(t.Month()), t.Day()
	}
	switch k {
	case kindDate:
		return &moment{kind: k, prec: toDay, year: m.year, month: m.month, day: m.day}
	case kindDateTime:
		m.zoned, m.offset = true, offset/60
	}
	return m
}
