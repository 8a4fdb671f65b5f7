package fhirpath

import "time"

// compareMoments returns the order of two moments of comparable kinds: -1, 0 or
// 1. known is false when they are the same as far as both go but one goes
// further, or when only one has a time zone and that decides (N1,
// "Date/Time Comparison").
func compareMoments(a, b *moment) (order int, known bool) {
	if a.zoned != b.zoned && a.kind != kindTime {
		return compareRanges(a, b)
	}
	if a.zoned && a.offset != b.offset {
		a, b = a.utc(), b.utc()
	}
	least := min(a.prec, b.prec)
	for p := toYear; p <= least; p++ {
		if x, y := a.part(p), b.part(p); x != y {
			return sign(x - y), true
		}
	}
	return 0, a.prec == b.prec
}

// part returns the number that a precision adds. Seconds go with their fraction.
func (m *moment) part(p precision) int {
	switch p {
	case toYear:
		return m.year
	case toMonth:
		return m.month
	case toDay:
		return m.day
	case toHour:
		return m.hour
	case toMinute:
		return m.minute
	}
	return m.second*1e9 + m.nano
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// The time zones of the world lie between these.
const (
	east = 14 * time.Hour
	west = 12 * time.Hour
)

// compareRanges compares two moments of which one has no time zone: it may be
// that of any place, so it is known only when they are more than a day apart.
func compareRanges(a, b *moment) (order int, known bool) {
	aFirst, aLast := a.bounds()
	bFirst, bLast := b.bounds()
	switch {
	case aLast.Before(bFirst):
		return -1, true
	case bLast.Before(aFirst):
		return 1, true
	}
	return 0, false
}

// bounds returns the first and the last instant that m may mean.
func (m *moment) bounds() (first, last time.Time) {
	first = m.time()
	switch m.prec {
	case toYear:
		last = first.AddDate(1, 0, 0)
	case toMonth:
		last = first.AddDate(0, 1, 0)
	case toDay:
		last = first.AddDate(0, 0, 1)
	case toHour:
		last = first.Add(time.Hour)
	case toMinute:
		last = first.Add(time.Minute)
	default:
		last = first.Add(1)
	}
	last = last.Add(-1)
	if !m.zoned {
		first, last = first.Add(-east), last.Add(west)
	}
	return first, last
}

// time returns the first instant of m, in its zone, or in UTC when it has none.
func (m *moment) time() time.Time {
	year, month, day := m.year, max(m.month, 1), max(m.day, 1)
	if m.kind == kindTime {
		year = 1
	}
	zone := time.UTC
	if m.offset != 0 {
		zone = time.FixedZone("", m.offset*60)
	}
	return time.Date(year, time.Month(month), day, m.hour, m.minute, m.second, m.nano, zone)
}

// utc returns m in UTC, as precise as it was.
func (m *moment) utc() *moment {
	u := m.moved(m.time().UTC())
	u.offset = 0
	return u
}

// moved returns m with the date and time of t, as precise as m.
func (m *moment) moved(t time.Time) *moment {
	u := *m
	if m.kind != kindTime {
		u.year = t.Year()
		if m.prec >= toMonth {
			u.month = int(t.Month())
		}
		if m.prec >= toDay {
			u.day = t.Day()
		}
	}
	u.hour, u.minute, u.second, u.nano = t.Hour(), t.Minute(), t.Second(), t.Nanosecond()
	return &u
}
