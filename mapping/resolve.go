package mapping

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// resolver turns the target paths of one table into steps through R4.
type resolver struct {
	prog *program
	root *r4.Type
	exts []*declared
}

// declared is an extension that a url row of the table declares.
type declared struct {
	at   string // path down to the extension, such as "birthDate.extension[1]"
	from ref
	ext  *extension
}

const extensionSlots = 1000 // slot numbers from here on are extensions

// declare notes the url row of an extension. The same url at the same path is
// the same extension, from whichever field; the row behind its url is that of the field.
func (r *resolver) declare(steps []targetStep, from ref, url string, owner *row) {
	at := pathText(steps[:len(steps)-1])
	for _, d := range r.exts {
		if d.at == at && d.ext.url == url {
			r.exts = append(r.exts, &declared{at, from, &extension{url: url, row: &owner.rowName, num: d.ext.num}})
			return
		}
	}
	ext := &extension{url: url, row: &owner.rowName, num: extensionSlots + len(r.exts)}
	r.exts = append(r.exts, &declared{at, from, ext})
}

// extension finds the declaration for a path: the last one before, of the same
// field if there is one.
func (r *resolver) extension(at string, from ref) *extension {
	var found *extension
	for _, d := range slices.Backward(r.exts) {
		if d.at != at {
			continue
		}
		if d.from.same(from) {
			return d.ext
		}
		if found == nil {
			found = d.ext
		}
	}
	return found
}

// isURLRow reports whether the path ends in the url of an extension.
func isURLRow(t target) bool {
	n := len(t.steps)
	return n >= 2 && t.steps[n-1].name == "url" && t.steps[n-2].name == "extension" && t.steps[n-2].create == "" ||
		n >= 1 && t.steps[n-1].create != "" && isURLRow(target{steps: t.steps[n-1].into})
}

// pathText writes steps as a path, with slots.
func pathText(steps []targetStep) string {
	var b strings.Builder
	for i, st := range steps {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(st.name)
		if st.slot > 0 {
			fmt.Fprintf(&b, "[%d]", st.slot)
		}
		if st.create != "" {
			fmt.Fprintf(&b, "(%s.%s)", st.create, pathText(st.into))
		}
	}
	return b.String()
}

// flatten lays the steps inside parentheses behind those outside.
func flatten(steps []targetStep) []targetStep {
	var all []targetStep
	for _, st := range steps {
		into := st.into
		st.into = nil
		all = append(append(all, st), flatten(into)...)
	}
	return all
}

// resolve finds the steps of a path and the type at its end.
func (r *resolver) resolve(t target, from ref) ([]step, *r4.Type, error) {
	raw := flatten(t.steps)
	typ := r.root
	steps := make([]step, 0, len(raw))
	for i, rs := range raw {
		st, err := r.step(typ, rs)
		if err != nil {
			return nil, nil, err
		}
		if st.f.Name == "extension" {
			if st.url = r.extension(pathText(raw[:i+1]), from); st.url == nil {
				return nil, nil, fmt.Errorf("no row gives the url of %[1]s: {id: .., from: .., to: '%[1]s.url', value: ..}", pathText(raw[:i+1]))
			}
		}
		typ = st.typ
		if st.create != nil {
			typ = st.create
		}
		steps = append(steps, st)
	}
	chooseRepetition(steps)
	return steps, typ, nil
}

func (r *resolver) step(typ *r4.Type, rs targetStep) (step, error) {
	in := typ
	if typ.Kind == r4.KindPrimitive {
		in = r4.TypeByName("Element")
	}
	f, chosen, ok := in.Field(rs.name)
	if !ok {
		return step{}, fmt.Errorf("%s is not an element of %s in R4%s", rs.name, typ.Name, meant(rs.name, elementNames(in)))
	}
	if chosen == nil {
		return step{}, fmt.Errorf("%s of %s is a choice: say which type, such as %s", rs.name, typ.Name, choices(f))
	}
	st := step{f: f, typ: chosen, info: r.prog.info(chosen), slot: rs.slot, slotTo: rs.slotTo, all: rs.all, here: rs.here}
	if rs.create == "" {
		return st, nil
	}
	if chosen.Name != "Reference" {
		return st, fmt.Errorf("%s of %s is no Reference", rs.name, typ.Name)
	}
	st.create = r4.TypeByName(rs.create)
	if st.create == nil || st.create.Kind != r4.KindResource {
		return st, fmt.Errorf("%s is not a resource of R4", rs.create)
	}
	if len(f.Targets) > 0 && !slices.Contains(f.Targets, rs.create) && !slices.Contains(f.Targets, "Resource") {
		return st, fmt.Errorf("%s of %s may not refer to a %s", rs.name, typ.Name, rs.create)
	}
	return st, nil
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// chooseRepetition marks the list that takes the repetitions of the field: the
// one that the path says, else the last with an explicit slot that is no
// extension, else the first.
func chooseRepetition(steps []step) {
	if slices.ContainsFunc(steps, func(s step) bool { return s.here }) {
		return
	}
	for i := range slices.Backward(steps) {
		if s := &steps[i]; s.f.List && s.slot > 0 && s.url == nil && !s.all && s.slotTo == 0 {
			s.here = true
			return
		}
	}
	for i := range steps {
		if s := &steps[i]; s.f.List && !s.all && s.slotTo == 0 {
			s.here = true
			return
		}
	}
}

// late reports whether the steps go through elements that other rows make.
func late(steps []step) bool {
	return slices.ContainsFunc(steps, func(s step) bool { return s.all || s.slotTo > 0 })
}

// fits reports whether a map for type m can be applied to an element of type t:
// Duration, Age and their like are Quantities.
func fits(m, t *r4.Type) bool {
	return m == t || m.Name == "Quantity" && t.Base == "Quantity"
}
