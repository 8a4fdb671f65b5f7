package fhirpath

import (
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
	n, nano, ok := amount(q.value, unit)
	if !ok {
		return Item{}, nil
	}
	n, nano, unit = n*by, nano*by, min(unit, seconds)
	if m.prec < toSecond && unit > spans[m.prec] {
		n, unit, nano = coarser(n, unit, spans[m.prec]), spans[m.prec], 0
	}
	r, ok := m.plus(n, unit, nano)
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
	q = q.asCalendar()
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

// amount returns the whole units of a duration. Of seconds it returns the
// nanoseconds behind the point, too, and milliseconds come as seconds.
func amount(d *apd.Decimal, unit timeUnit) (n, nano int64, ok bool) {
	if unit == milliseconds {
		d = new(apd.Decimal).Set(d)
		d.Exponent -= 3
	}
	whole, err := roundTo(d, 0, apd.RoundDown)
	if err != nil {
		return 0, 0, false
	}
	if n, err = whole.Int64(); err != nil || n > tooFar || n < -tooFar {
		return 0, 0, false
	}
	if unit < seconds {
		return n, 0, true
	}
	rest, ok := byContext(exact.Sub, d, whole)
	if !ok {
		return 0, 0, false
	}
	rest.Exponent += 9
	if rest, err = roundTo(rest, 0, apd.RoundDown); err != nil {
		return 0, 0, false
	}
	nano, err = rest.Int64()
	return n, nano, err == nil
}

// tooFar is more than any unit fits in the years 1 to 9999.
const tooFar = int64(1e12)

// The lengths by which a duration turns into a coarser unit.
const (
	perDay   = 86400
	perMonth = 30
	perYear  = 365
)

// lengths of the units in seconds.
var lengths = [...]int64{weeks: 7 * perDay, days: perDay, hours: 3600, minutes: 60, seconds: 1}

// coarser turns n units into whole ones of a longer unit.
func coarser(n int64, from, to timeUnit) int64 {
	if from == monthUnit {
		return n / 12
	}
	length := n * lengths[from]
	switch to {
	case years:
		return length / (perYear * perDay)
	case monthUnit:
		return length / (perMonth * perDay)
	}
	return length / lengths[to]
}

// plus adds n units and nanoseconds.
func (m *moment) plus(n int64, unit timeUnit, nano int64) (*moment, bool) {
	switch unit {
	case years:
		return m.plusMonths(n * 12)
	case monthUnit:
		return m.plusMonths(n)
	}
	total := n * lengths[unit]
	if m.kind == kindTime { // which goes around
		total %= perDay
	}
	if total > tooFar || total < -tooFar {
		return nil, false
	}
	// in two steps, for a Duration holds 292 years
	t := m.time().AddDate(0, 0, int(total/perDay))
	r := m.moved(t.Add(time.Duration(total%perDay)*time.Second + time.Duration(nano)))
	if r.nano != 0 && m.fraction == 0 {
		r.fraction = 3
	}
	for r.fraction < 9 && r.nano%pow10(9-r.fraction) != 0 { // digits that the sum needs
		r.fraction++
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
