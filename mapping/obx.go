package mapping

import "strings"

// sampledData writes the series of an NA (HL7 v2.9 2A.2.45): repetitions are
// rows, components are columns. A missing value is E, which FHIR defines as
// "error": not available. Origin and period are not in an NA: origin 0 says that
// the numbers are as they stand, the period is left to the data-absent rule.
func sampledData(f *call, n *node) bool {
	var data []string
	columns := 0
	for i := 1; i <= f.v.v.Reps(); i++ {
		rep := f.v.v.Rep(i)
		columns = max(columns, rep.Components())
	}
	for i := 1; i <= f.v.v.Reps(); i++ {
		for k := 1; k <= columns; k++ {
			v := f.v.v.Rep(i).Component(k)
			number, ok := decimalText(v.String())
			switch {
			case ok:
				data = append(data, number)
			case v.Empty():
				data = append(data, "E")
			default:
				f.c.note(f.v.rep(i).part(k, 0).at, "not a number")
				return false
			}
		}
	}
	f.g.use(f.v.at)
	origin := f.child(n, "origin")
	return f.set(origin, "value", "0", noPlace) &&
		f.set(n, "dimensions", itoa(columns), f.v.at) &&
		f.set(n, "data", strings.Join(data, " "), f.v.at)
}

// referenceRange writes the low and high of a reference range (OBX-7) of a form
// that is plain: 3.5-5.0, <10, >=4. The unit is that of OBX-6. Other ranges stay
// texts, which another row writes.
func referenceRange(f *call, n *node) bool {
	text := strings.TrimSpace(f.v.v.String())
	low, high := "", ""
	switch {
	case strings.HasPrefix(text, "<"):
		high = strings.TrimPrefix(text[1:], "=")
	case strings.HasPrefix(text, ">"):
		low = strings.TrimPrefix(text[1:], "=")
	default:
		// A minus sign in front belongs to the first number.
		i := strings.IndexByte(text[min(1, len(text)):], '-') + 1
		if i == 0 {
			return false
		}
		low, high = text[:i], text[i+1:]
	}
	lowText, lowOK := decimalText(low)
	highText, highOK := decimalText(high)
	if low != "" && !lowOK || high != "" && !highOK || low == "" && high == "" {
		return false
	}
	steps := &f.c.m.prog.concept.quantity
	u := f.unit()
	for _, bound := range [...]struct{ name, value string }{{"low", lowText}, {"high", highText}} {
		if bound.value == "" {
			continue
		}
		q := f.child(n, bound.name)
		if q == nil || !f.at(q, &steps.value, bound.value, f.v.at) {
			return false
		}
		u.write(f, q)
	}
	f.g.use(f.v.leaf())
	return true
}

// comparedText reads a number with a comparator, such as <0.01 or >= 100. FHIR's
// comparators are the same.
func comparedText(s string) (comparator, number string, ok bool) {
	s = strings.TrimSpace(s)
	if s == "" || s[0] != '<' && s[0] != '>' {
		return "", "", false
	}
	n := 1
	if len(s) > 1 && s[1] == '=' {
		n = 2
	}
	number, ok = decimalText(s[n:])
	return s[:n], number, ok
}

// comparedQuantity writes a result that the method cannot measure further.
func comparedQuantity(f *call, n *node) bool {
	comparator, number, ok := comparedText(f.v.v.String())
	if !ok {
		return false
	}
	f.g.use(f.v.leaf())
	return f.set(n, "comparator", comparator, f.v.at) && f.set(n, "value", number, f.v.at)
}

// A unit is that of OBX-6.
type unit struct {
	code, shown, system val
	uri                 string
}

// unit reads the unit of the value.
func (f *call) unit() unit {
	units := val{f.c.segs[f.v.at.seg()].field(6), placeOf(f.v.at.seg(), 6, 1, 0, 0)}
	u := unit{code: units.part(1, 0), shown: units.part(2, 0), system: units.part(3, 0)}
	if !u.shown.v.Valued() {
		u.shown = u.code
	}
	if u.code.v.Valued() {
		u.uri = f.c.systemURI(u.system)
	}
	return u
}

// write writes the unit into a Quantity.
func (u *unit) write(f *call, q *node) {
	steps := &f.c.m.prog.concept.quantity
	if u.shown.v.Valued() {
		f.at(q, &steps.unit, u.shown.v.String(), u.shown.at)
	}
	if u.uri != "" {
		f.at(q, &steps.system, u.uri, u.system.at)
		f.at(q, &steps.code, u.code.v.String(), u.code.at)
	}
}
