package fhirpath

import "github.com/cockroachdb/apd/v3"

// Precision and its boundaries (FHIRPath 2.1 and later: lowBoundary,
// highBoundary, precision, comparable).
var boundaryFunctions = map[string]function{
	"lowBoundary":  valued(0, 1, boundary(false)),
	"highBoundary": valued(0, 1, boundary(true)),
	"precision": plain(func(m *machine, in Collection) (Collection, error) {
		i, ok, err := systemOf(in)
		if err != nil || !ok {
			return nil, err
		}
		switch {
		case isMoment(i.kind):
			return m.single(Integer(int32(i.value.(*moment).digits())))
		case isNumber(i.kind):
			return m.single(Integer(int32(places(i.number()))))
		}
		return nil, problem("a value that has no precision")
	}),
	"comparable": valued(1, 1, func(_ *machine, in Collection, args []Collection) (Collection, error) {
		a, okA, errA := systemOf(in)
		b, okB, errB := systemOf(args[0])
		switch {
		case errA != nil:
			return nil, errA
		case errB != nil:
			return nil, errB
		case !okA || !okB:
			return nil, nil
		case !isMeasure(a.kind) || !isMeasure(b.kind):
			return nil, problem("something else where quantities are expected")
		}
		_, known := compareQuantities(a.quantity(), b.quantity())
		return boolean(known), nil
	}),
}

// systemOf returns the one System value of c.
func systemOf(c Collection) (i Item, ok bool, err error) {
	switch len(c) {
	case 0:
		return Item{}, false, nil
	case 1:
		i, ok = c[0].toSystem()
		return i, ok, nil
	}
	return Item{}, false, severalItems
}

// maxPlaces is how many digits behind the point a boundary may have.
const (
	maxPlaces     = 31
	defaultPlaces = 8
)

// boundary makes the functions that give the least or the greatest value that the
// input may stand for, as it is only so precise.
func boundary(high bool) func(m *machine, in Collection, args []Collection) (Collection, error) {
	return func(m *machine, in Collection, args []Collection) (Collection, error) {
		i, ok, err := systemOf(in)
		if err != nil || !ok {
			return nil, err
		}
		digits := -1
		if len(args) > 0 {
			n, ok, err := integerOf(args[0])
			if err != nil || !ok || n < 0 {
				return nil, err
			}
			digits = n
		}
		switch {
		case isNumber(i.kind):
			if d, ok := decimalBoundary(i.number(), digits, high); ok {
				return m.single(decimalItem(d))
			}
			return nil, nil
		case i.kind == kindQuantity:
			q := *i.quantity()
			if q.value, ok = decimalBoundary(q.value, digits, high); ok {
				return m.single(quantityItem(&q))
			}
			return nil, nil
		case isMoment(i.kind):
			if b, ok := i.value.(*moment).boundary(digits, high); ok {
				return m.single(momentItem(b))
			}
			return nil, nil
		}
		return nil, problem("a value that has no precision")
	}
}

// decimalBoundary goes half a unit of the last digit up or down, and then on to
// the next number of the digits asked for.
func decimalBoundary(d *apd.Decimal, digits int, high bool) (*apd.Decimal, bool) {
	if digits < 0 {
		digits = defaultPlaces
	}
	if digits > maxPlaces {
		return nil, false
	}
	half, how := apd.New(-5, -int32(places(d))-1), apd.Rounder(apd.RoundFloor)
	if high {
		half, how = half.Neg(half), apd.RoundCeiling
	}
	sum, ok := byContext(exact.Add, d, half)
	if !ok {
		return nil, false
	}
	r, err := roundTo(sum, digits, how)
	return r, err == nil
}

// digitsOf is the precision of a moment as a number of digits.
var digitsOf = [...]int{toYear: 4, toMonth: 6, toDay: 8, toHour: 10, toMinute: 12, toSecond: 14}

// milliDigits are those of a DateTime with milliseconds.
const milliDigits = 17

// digits returns how many digits m has. Those before the hour are not in a Time.
func (m *moment) digits() int {
	n := digitsOf[m.prec] + min(m.fraction, 3)
	if m.kind == kindTime {
		n -= digitsOf[toDay]
	}
	return n
}

// boundary returns the first or last moment that m may be, with as many digits as
// asked for. FHIR has no hours without minutes, so an hour alone means the full
// hour. A DateTime without time zone gets the one that lies furthest out.
func (m *moment) boundary(digits int, high bool) (*moment, bool) {
	r := *m
	if r.prec == toHour {
		r.prec = toMinute
	}
	if m.kind == kindTime {
		digits += digitsOf[toDay]
	}
	least := digitsOf[toYear]
	switch {
	case digits < 0 || m.kind == kindTime && digits < digitsOf[toDay]:
		digits = milliDigits
		if m.kind == kindDate {
			digits = digitsOf[toDay]
		}
	case m.kind == kindDate && digits > digitsOf[toDay], digits > milliDigits, digits < least:
		return nil, false
	}
	if high {
		r.fillHigh()
	} else {
		r.fillLow()
	}
	if m.kind == kindDateTime && !m.zoned {
		r.zoned, r.offset = true, 14*60
		if high {
			r.offset = -12 * 60
		}
	}
	return r.cut(digits)
}

func (m *moment) fillLow() {
	if m.prec < toMonth {
		m.month = 1
	}
	if m.prec < toDay {
		m.day = 1
	}
	m.fraction, m.prec = 3, toSecond
}

func (m *moment) fillHigh() {
	if m.kind != kindTime && m.prec < toMonth {
		m.month = 12
	}
	if m.kind != kindTime && m.prec < toDay {
		m.day = daysIn(m.year, m.month)
	}
	if m.prec < toHour {
		m.hour = 23
	}
	if m.prec < toMinute {
		m.minute = 59
	}
	if m.prec < toSecond {
		m.second = 59
	}
	if m.prec < toSecond || m.fraction == 0 {
		m.nano = 999e6
	}
	m.fraction, m.prec = 3, toSecond
}

// cut drops what is behind so many digits; ok is false when they end within a
// part.
func (m *moment) cut(digits int) (*moment, bool) {
	if digits == milliDigits {
		return m, true
	}
	for p := toYear; p <= toSecond; p++ {
		if digitsOf[p] == digits {
			m.prec, m.fraction, m.nano = p, 0, 0
			if p <= toDay {
				m.zoned, m.offset, m.hour, m.minute, m.second = false, 0, 0, 0, 0
			}
			return m, true
		}
	}
	return nil, false
}
