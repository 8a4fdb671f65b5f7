package validate

import (
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
)

// fixedValue checks that n is exactly want, a value of a datatype (FHIR R4
// elementdefinition-definitions.html#ElementDefinition.fixed_x_).
func (r *run) fixedValue(n *node, want any) {
	r.differences(n, want, true)
}

// patternValue checks that n has at least what want has.
func (r *run) patternValue(n *node, want any) {
	r.differences(n, want, false)
}

// differences reports where n is not what want asks for.
func (r *run) differences(n *node, want any, exact bool) {
	if text, ok := r4.Text(want); ok {
		if n.text != text {
			r.fail(n, "value", "not the "+kindOfWant(exact)+" value")
		}
		return
	}
	t := r4.TypeOf(want)
	if t == nil || n.value == nil {
		return
	}
	if t != n.typ {
		r.fail(n, "value", "not of the type of the "+kindOfWant(exact)+" value")
		return
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		asked, has := f.Len(want), span(n.value, f)
		switch {
		case asked == 0 && (has == 0 || !exact):
		case asked == 0:
			if c, ok := r.at(n, n.value, f, 0); ok && f.Name != "id" {
				r.fail(c, "value", "not in the fixed value")
			}
		case has == 0:
			r.fail(n, "value", f.Name+" is missing, which the "+kindOfWant(exact)+" value has")
		case !f.List:
			if c, ok := r.at(n, n.value, f, 0); ok {
				r.differences(c, held(f, want, 0), exact)
			}
		case exact:
			r.sameList(n, f, want, asked, has)
		default:
			r.holdsAll(n, f, want, asked, has)
		}
	}
}

func kindOfWant(exact bool) string {
	if exact {
		return "fixed"
	}
	return "pattern's"
}

// held returns value i of a field of a fixed value; a primitive as a choice
// would hold it.
func held(f *r4.Field, in any, i int) any {
	if f.Types[0].Kind == r4.KindPrimitive && !f.Choice {
		return r4.String(f.Text(in, i))
	}
	return f.At(in, i)
}

// sameList compares the lists of a fixed value, item by item.
func (r *run) sameList(n *node, f *r4.Field, want any, asked, has int) {
	if asked != has {
		r.fail(n, "value", f.Name+": the fixed value has "+strconv.Itoa(asked)+", found "+strconv.Itoa(has))
		return
	}
	for i := range asked {
		if c, ok := r.at(n, n.value, f, i); ok {
			r.differences(c, held(f, want, i), true)
		}
	}
}

// holdsAll finds each item of a pattern's list somewhere in the list.
func (r *run) holdsAll(n *node, f *r4.Field, want any, asked, has int) {
	for k := range asked {
		w, found := held(f, want, k), false
		for i := 0; i < has && !found; i++ {
			if c, ok := r.at(n, n.value, f, i); ok {
				found = r.matches(c, w, false)
			}
		}
		if found {
			continue
		}
		if has == 1 { // then the one that is there tells best what is wrong
			if c, ok := r.at(n, n.value, f, 0); ok {
				r.differences(c, w, false)
				continue
			}
		}
		r.fail(n, "value", "none of "+f.Name+" has what the pattern asks for")
	}
}

// matches says whether n is a fixed value, or has what a pattern has.
func (r *run) matches(n *node, want any, exact bool) bool {
	if text, ok := r4.Text(want); ok {
		return n.text == text
	}
	if !exact {
		return n.value != nil && r.quiet(func() { r.differences(n, want, false) })
	}
	return n.value != nil && r4.Equal(n.value, want)
}
