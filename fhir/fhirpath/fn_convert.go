package fhirpath

import (
	"regexp"
	"strings"

	"github.com/cockroachdb/apd/v3"
)

// Conversion (N1, "Conversion"). toX gives nothing where convertsToX says false.
var convertFunctions = map[string]function{
	"iif":                {least: 2, most: 3, build: buildIif},
	"toBoolean":          converting(toBoolean),
	"convertsToBoolean":  testing(toBoolean),
	"toInteger":          converting(toInteger),
	"convertsToInteger":  testing(toInteger),
	"toDecimal":          converting(toDecimal),
	"convertsToDecimal":  testing(toDecimal),
	"toString":           converting(toString),
	"convertsToString":   testing(toString),
	"toDate":             converting(toMoment(kindDate)),
	"convertsToDate":     testing(toMoment(kindDate)),
	"toDateTime":         converting(toMoment(kindDateTime)),
	"convertsToDateTime": testing(toMoment(kindDateTime)),
	"toTime":             converting(toMoment(kindTime)),
	"convertsToTime":     testing(toMoment(kindTime)),
	"toQuantity":         valued(0, 1, quantityFunction(false)),
	"convertsToQuantity": valued(0, 1, quantityFunction(true)),
}

// buildIif compiles iif, which evaluates only the branch that it takes. In its
// arguments $this is its input.
func buildIif(t *tree, args []eval) (apply, error) {
	return func(m *machine, _, in Collection) (Collection, error) {
		if len(in) > 1 {
			return nil, severalItems
		}
		is, err := truthBy(m, t.at, args[0], in)
		if err != nil {
			return nil, err
		}
		switch {
		case is == isTrue:
			return args[1](m, in)
		case len(args) > 2:
			return args[2](m, in)
		}
		return nil, nil
	}, nil
}

// conversion turns a System value into one of another type.
type conversion func(i *Item) (Item, bool)

func converting(to conversion) function {
	return plain(func(m *machine, in Collection) (Collection, error) {
		i, given, ok, err := convert(in, to)
		if err != nil || !given || !ok {
			return nil, err
		}
		if err := m.text(len(i.text)); err != nil {
			return nil, err
		}
		return m.single(i)
	})
}

func testing(to conversion) function {
	return plain(func(_ *machine, in Collection) (Collection, error) {
		_, given, ok, err := convert(in, to)
		if err != nil || !given {
			return nil, err
		}
		return boolean(ok), nil
	})
}

// convert converts the one item of in; given is false when there is nothing.
func convert(in Collection, to conversion) (i Item, given, ok bool, err error) {
	switch len(in) {
	case 0:
		return Item{}, false, false, nil
	case 1:
		s, isSystem := in[0].toSystem()
		if !isSystem {
			return Item{}, in[0].kind != kindPrimitive, false, nil
		}
		i, ok = to(&s)
		return i, true, ok, nil
	}
	return Item{}, false, false, severalItems
}

var truths = map[string]bool{
	"true": true, "t": true, "yes": true, "y": true, "1": true, "1.0": true,
	"false": false, "f": false, "no": false, "n": false, "0": false, "0.0": false,
}

func toBoolean(i *Item) (Item, bool) {
	switch i.kind {
	case kindBoolean:
		return *i, true
	case kindString:
		if len(i.text) > 5 {
			return Item{}, false
		}
		is, ok := truths[strings.ToLower(i.text)]
		return Boolean(is), ok
	case kindInteger, kindDecimal:
		n := i.number()
		return Boolean(!n.IsZero()), n.IsZero() || n.Cmp(one) == 0
	}
	return Item{}, false
}

func toInteger(i *Item) (Item, bool) {
	switch i.kind {
	case kindInteger:
		return *i, true
	case kindBoolean:
		return Integer(int32(i.num)), true
	case kindString:
		if isNumeral(i.text, false) {
			n, err := numberItem(strings.TrimLeft(i.text, "+-"))
			if err != nil {
				return Item{}, false
			}
			if i.text[0] == '-' {
				n.num = -n.num
			}
			return n, true
		}
	}
	return Item{}, false
}

// isNumeral says whether s is digits with perhaps a sign and, if allowed, a
// fraction.
func isNumeral(s string, fraction bool) bool {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	n := numberLen(s)
	return n > 0 && n == len(s) && (fraction || strings.IndexByte(s, '.') < 0)
}

func toDecimal(i *Item) (Item, bool) {
	switch i.kind {
	case kindDecimal:
		return *i, true
	case kindInteger:
		return decimalItem(i.number()), true
	case kindBoolean:
		return decimalItem(apd.New(i.num*10, -1)), true
	case kindString:
		if isNumeral(i.text, true) {
			d, err := parseDecimal(i.text)
			return decimalItem(d), err == nil
		}
	}
	return Item{}, false
}

func toString(i *Item) (Item, bool) {
	s, ok := i.toText()
	return String(s), ok && i.kind != kindTypeInfo
}

// toMoment converts strings, and Dates and DateTimes into each other.
func toMoment(k kind) conversion {
	return func(i *Item) (Item, bool) {
		switch {
		case i.kind == k:
			return *i, true
		case i.kind == kindString:
			m, err := parseMoment(i.text, k)
			if err != nil || k == kindTime && strings.HasPrefix(i.text, "T") {
				return Item{}, false
			}
			return momentItem(m), true
		case i.kind == kindDate && k == kindDateTime || i.kind == kindDateTime && k == kindDate:
			m := *i.value.(*moment)
			m.kind = k
			if k == kindDate {
				m = moment{kind: k, prec: min(m.prec, toDay), year: m.year, month: m.month, day: m.day}
			}
			return momentItem(&m), true
		}
		return Item{}, false
	}
}

// A quantity in a string: a number, and perhaps a unit in quotes or a calendar
// duration.
var quantityText = regexp.MustCompile(`^([+-]?[0-9]+(?:\.[0-9]+)?)\s*(?:'([^']+)'|([a-zA-Z]+))?$`)

func toQuantity(i *Item) (Item, bool) {
	switch i.kind {
	case kindQuantity:
		return *i, true
	case kindInteger, kindDecimal:
		return quantityItem(i.quantity()), true
	case kindBoolean:
		return quantityItem(&Quantity{value: apd.New(i.num*10, -1), unit: noUnit}), true
	case kindString:
		if len(i.text) > maxExponent+maxUnit {
			return Item{}, false
		}
		part := quantityText.FindStringSubmatch(i.text)
		if part == nil {
			return Item{}, false
		}
		value, err := parseDecimal(part[1])
		word := durations[part[3]]
		switch {
		case err != nil || part[3] != "" && word == "":
			return Item{}, false
		case word != "":
			return quantityItem(&Quantity{value: value, unit: word, calendar: true}), true
		case part[2] != "":
			return quantityItem(newQuantity(value, part[2])), true
		}
		return quantityItem(&Quantity{value: value, unit: noUnit}), true
	}
	return Item{}, false
}

// quantityFunction is toQuantity, or convertsToQuantity, with perhaps a unit to
// convert to.
func quantityFunction(test bool) func(m *machine, in Collection, args []Collection) (Collection, error) {
	return func(m *machine, in Collection, args []Collection) (Collection, error) {
		i, given, ok, err := convert(in, toQuantity)
		if err != nil || !given {
			return nil, err
		}
		if ok && len(args) > 0 {
			unit, have, err := stringOf(args[0])
			if err != nil {
				return nil, err
			}
			if have {
				i, ok = inUnit(i.quantity(), unit)
			}
		}
		switch {
		case test:
			return boolean(ok), nil
		case !ok:
			return nil, nil
		}
		return m.single(i)
	}
}

// inUnit converts a quantity; one without unit gets that unit. From the calendar to
// UCUM and back it goes by the unit that is there as well.
func inUnit(q *Quantity, unit string) (Item, bool) {
	to := newQuantity(new(apd.Decimal), unit)
	by := to
	switch {
	case q.unit == noUnit && !q.calendar:
		to.value = q.value
		return quantityItem(to), true
	case q.calendar && !to.calendar:
		for word, u := range calendarUnits {
			if u.code == to.unit {
				by = &Quantity{unit: word, calendar: true}
			}
		}
	case to.calendar && !q.calendar:
		by = to.definite()
	}
	d, ok := q.in(by)
	to.value = d
	return quantityItem(to), ok
}
