package fhirpath

import (
	"math"
	"time"

	"github.com/cockroachdb/apd/v3"
)

// shift adds a duration to a moment, or takes it away when by is -1 (N1,
// "Date/Time Arithmetic"). The result is as precise as the moment: a duration
// in a finer unit counts as far as it fills whole units of that precision. The
// part of a day, month or the like behind the decimal point does not count. To a
// Date no hours can be added, and to a Time nothing longer. A result outside the
// years 1 to 9999 is nothing.
func shift(m *moment, q *Quantity, by int64) (Item, error) {
	unit, ok := shiftUnit(q)
	if !ok || m.kind == kindTime && unit < hours || m.kind == kindDate && unit >= hours {
		return Item{}, problem("a unit that cannot be added to a date or time")
	}
	n, ok := amount(q.value, unit)
	if !ok {
		return Item{}, nil
	}
	n *= by
	if m.prec < toSecond && unit > spans[m.prec] {
		n, unit = coarser(n, unit, spans[m.prec])
	}
	r, ok := m.plus(n, unit)
	if !ok {
		return Item{}, nil
	}
	return momentItem(r), nil
}

// timeUnit is a unit of date arithmetic, from long to short.
type timeUnit uint8

const (
	years timeUnit = iota
	monthUnit
	weeks
	days
	hours
	minutes
	seconds
	milliseconds
)

// spans are the units of the precisions.
var spans = [...]timeUnit{toYear: years, toMonth: monthUnit, toDay: days, toHour: hours, toMinute: minutes, toSecond: seconds}

// Of UCUM the units of up to a week may be added; its years and months have a
// mean length and no place in a calendar.
var ucumTimes = map[string]timeUnit{"wk": weeks, "d": days, "h": hours, "min": minutes, "s": seconds, "ms": milliseconds}

var calendarTimes = map[string]timeUnit{
	"year": years, "month": monthUnit, "week": weeks, "day": days,
	"hour": hours, "minute": minutes, "second": seconds, "millisecond": milliseconds,
}

func shiftUnit(q *Quantity) (u timeUnit, ok bool) {
	switch {
	case q.system != "":
		return 0, false
	case q.calendar:
		u, ok = calendarTimes[q.unit]
	default:
		u, ok = ucumTimes[q.unit]
	}
	return u, ok
}

// amount returns the whole units of a duration; of seconds and milliseconds it
// returns nanoseconds.
func amount(d *apd.Decimal, unit timeUnit) (n int64, ok bool) {
	scaled := new(apd.Decimal).Set(d)
	switch unit {
	case seconds:
		scaled.Exponent += 9
	case milliseconds:
		scaled.Exponent += 6
	}
	whole, err := roundTo(scaled, 0, apd.RoundDown)
	if err != nil {
		return 0, false
	}
	n, err = whole.Int64()
	return n, err == nil && n > math.MinInt64
}

// The lengths by which a duration turns into a coarser unit.
const (
	perDay   = int64(24 * time.Hour)
	perMonth = 30
	perYear  = 365
)

// coarser turns n units, with seconds in nanoseconds, into whole ones of a
// longer unit.
func coarser(n int64, from, to timeUnit) (int64, timeUnit) {
	var inDays int64
	switch from {
	case monthUnit:
		return n / 12, years
	case weeks:
		inDays = n * 7
	case days:
		inDays = n
	default:
		length := map[timeUnit]int64{hours: int64(time.Hour), minutes: int64(time.Minute)}
		if each := length[from]; each > 0 {
			if to >= hours {
				return n / (length[to] / each), to
			}
			inDays = n / (perDay / each)
		} else if to >= hours {
			return n / length[to], to
		} else {
			inDays = n / perDay
		}
	}
	switch to {
	case years:
		return inDays / perYear, years
	case monthUnit:
		return inDays / perMonth, monthUnit
	}
	return inDays, days
}

// plus adds n units, with seconds in nanoseconds.
func (m *moment) plus(n int64, unit timeUnit) (*moment, bool) {
	if unit <= monthUnit {
		if unit == years {
			if n > 20000 || n < -20000 {
				return nil, false
			}
			n *= 12
		}
		return m.plusMonths(n)
	}
	const tooFar = int64(10000 * 366)
	var r *moment
	switch unit {
	case weeks, days:
		if n > tooFar || n < -tooFar {
			return nil, false
		}
		if unit == weeks {
			n *= 7
		}
		r = m.moved(m.time().AddDate(0, 0, int(n)))
	case hours, minutes:
		each := int64(60)
		if unit == hours {
			each = 3600
		}
		if n > tooFar*86400/each || n < -tooFar*86400/each {
			return nil, false
		}
		// in two steps, for a Duration holds 292 years
		t := m.time().AddDate(0, 0, int(n*each/86400))
		r = m.moved(t.Add(time.Duration(n*each%86400) * time.Second))
	default:
		r = m.moved(m.time().Add(time.Duration(n)))
		for f := m.fraction; f < 9; f++ { // digits that the sum needs
			r.fraction = f
			if r.nano%pow10(9-f) == 0 {
				break
			}
		}
	}
	return r, r.inRange()
}

func (m *moment) inRange() bool {
	return m.kind == kindTime || m.year >= 1 && m.year <= 9999
}

// plusMonths keeps the day unless the month has no such day: then it is the
// last.
func (m *moment) plusMonths(n int64) (*moment, bool) {
	total := int64(m.year)*12 + int64(max(m.month, 1)-1) + n
	if total < 12 || total >= 10000*12 {
		return nil, false
	}
	r := *m
	r.year = int(total / 12)
	if m.prec >= toMonth {
		r.month = int(total%12) + 1
	}
	if m.prec >= toDay {
		r.day = min(m.day, daysIn(r.year, r.month))
	}
	return &r, true
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}
