package mapping_test

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// when fills cells so that a condition holds.
func (s *specs) when(text, own, host, class string, cells map[string]string) bool {
	if text == "" {
		return true
	}
	p := solver{words: wordWhen.FindAllString(text, -1), own: own, host: host, class: class, cells: cells}
	return p.or() && len(p.words) == 0
}

// A solver reads a condition (mapping/tables/README.md) and makes it true: of
// alternatives it takes the first.
type solver struct {
	words            []string
	own, host, class string
	cells            map[string]string
	idle             bool // reads on without filling anything
}

func (p *solver) next() string {
	if len(p.words) == 0 {
		return ""
	}
	w := p.words[0]
	p.words = p.words[1:]
	return w
}

func (p *solver) take(word string) bool {
	if len(p.words) > 0 && p.words[0] == word {
		p.words = p.words[1:]
		return true
	}
	return false
}

func (p *solver) or() bool {
	ok := p.and()
	for p.take("or") {
		was := p.idle
		p.idle = true
		ok = p.and() && ok
		p.idle = was
	}
	return ok
}

func (p *solver) and() bool {
	ok := p.term()
	for p.take("and") {
		ok = p.term() && ok
	}
	return ok
}

func (p *solver) term() bool {
	if p.take("(") {
		return p.or() && p.take(")")
	}
	ref := p.next()
	at := p.place(ref)
	switch word := p.next(); word {
	case "valued":
		p.need(at)
	case "not":
		if p.take("valued") {
			return p.set(at, "")
		}
		return p.take("in") && p.skipList() && p.other(at)
	case "=":
		v := p.next()
		if !strings.HasPrefix(v, `"`) {
			return false
		}
		return p.set(at, strings.Trim(v, `"`))
	case "!=":
		p.next()
		return p.other(at)
	case "in":
		return p.in(at)
	case "numeric":
		return p.set(at, "7")
	case "compared":
		return p.set(at, "<7")
	case "registered":
		return p.set(join(at, 2), "1.2.3") && p.set(join(at, 3), "ISO")
	case "length":
		op, n := p.next(), p.next()
		if strings.HasPrefix(op, ">") {
			return p.set(at, "20240102030405+0100")
		}
		return n != "" && p.set(at, "20240102")
	case "count":
		op, _ := p.next(), p.next()
		return strings.HasPrefix(op, "<") || p.set(at+"[2]", "abc")
	default:
		return false
	}
	return true
}

func (p *solver) place(ref string) string {
	if !strings.ContainsAny(ref, "-.") {
		return ref + "-0" // a segment
	}
	if p.class == "segments" && !strings.Contains(ref, "-") { // CX.5: a component of the row's own field
		_, parts, _ := strings.Cut(ref, ".")
		return p.own + "." + parts
	}
	return place(ref, p.host)
}

func (p *solver) set(at, text string) bool {
	if p.idle {
		return true
	}
	if have, ok := p.cells[at]; ok && have != text && have != "*" {
		return false
	}
	p.cells[at] = text
	return true
}

// need says that something has to stand there.
func (p *solver) need(at string) {
	if _, ok := p.cells[at]; !ok && !p.idle {
		p.cells[at] = "*"
	}
}

// other says that what stands there is none of what the condition names.
func (p *solver) other(at string) bool { return true }

func (p *solver) in(at string) bool {
	if !p.take("(") {
		return false
	}
	first := ""
	for w := p.next(); w != ")" && w != ""; w = p.next() {
		if first == "" {
			first = strings.Trim(w, `",`)
		}
	}
	return p.set(at, first)
}

func (p *solver) skipList() bool {
	for w := p.next(); w != ")"; w = p.next() {
		if w == "" {
			return false
		}
	}
	return true
}

// through works out a row whose value goes through a data type map: the first row of
// that map which can be told.
func (s *specs) through(out spec, own string, r tableRow, set func(at, text string)) (spec, bool) {
	file := s.tables["datatypes"][r["as"]]
	if file == nil || own == "" || s.depth > 4 {
		return out, false
	}
	if r["code"] != "" {
		return s.coded(out, own, r["code"], typeAt(out.typ, out.path), set)
	}
	s.depth++
	defer func() { s.depth-- }()
	for pass := range 2 {
		for _, in := range file.rows {
			if (in["when"] != "" || in["value"] != "") && pass == 0 {
				continue
			}
			host := own
			if have := out.cells[own]; have != "" && have != "*" {
				host = join(own, 1) // its first component is said already
			}
			typ, path := out.typ, out.path
			if head := file.head["target"]; parentRelative(r["as"], head, typ, path) {
				path = parent(path)
			}
			if t := resultType(r["as"], targetOf(file)); r4.TypeByName(t) != nil && r4.TypeByName(t).Kind == r4.KindResource && t != typ {
				typ, path = t, ""
			}
			sub, ok := s.of("datatypes", r["as"], in, host, typ, path)
			if !ok {
				continue
			}
			clash := false
			for at, text := range sub.cells {
				if have, ok := out.cells[at]; ok && have != text && have != "*" && text != "*" {
					clash = true
				}
			}
			if clash {
				continue
			}
			for at, text := range sub.cells {
				if have, ok := out.cells[at]; !ok || have == "*" {
					out.cells[at] = text
				}
			}
			out.typ, out.path, out.text = sub.typ, sub.path, sub.text
			return out, true
		}
	}
	return out, false
}

func targetOf(f *tableFile) string { return f.head["target"] }

// resultType is the type that a map writes: its target, or what its name says.
func resultType(name, target string) string {
	if target != "" {
		return target
	}
	_, t, _ := strings.Cut(strings.TrimSuffix(name, "]"), "[")
	t, _, _ = strings.Cut(t, "-")
	return t
}

func parent(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return ""
}

// parentRelative reports whether a map is applied to the element around its target.
func parentRelative(name, target, typ, path string) bool {
	want := resultType(name, target)
	t := typeAt(typ, path)
	if t == nil || t.Kind == r4.KindPrimitive == (r4.TypeByName(want) != nil && r4.TypeByName(want).Kind == r4.KindPrimitive) && path != "" && t.Name == want {
		return false
	}
	return t.Kind == r4.KindPrimitive && r4.TypeByName(want) != nil && r4.TypeByName(want).Kind != r4.KindPrimitive
}

// coded works out a row whose value goes through a vocabulary.
func (s *specs) coded(out spec, own, name string, t *r4.Type, set func(at, text string)) (spec, bool) {
	file := s.tables["vocabulary"][name]
	if file == nil || t == nil || own == "" {
		return out, false
	}
	code, to := "X1", "X1"
	if len(file.rows) > 0 {
		code, to = file.rows[0]["code"], file.rows[0]["to"]
		for _, r := range file.rows {
			if r["system"] == "" || r["system"] == file.head["table"] {
				code, to = r["code"], r["to"]
				break
			}
		}
	}
	at := own
	if have := out.cells[own]; have != "" && have != "*" {
		return out, false
	}
	set(at, code)
	switch {
	case t.Name == "CodeableConcept":
		out.path += ".coding.code"
	case t.Name == "Coding":
		out.path += ".code"
	case len(file.rows) == 0 && t.Kind == r4.KindPrimitive:
		out.path += ".extension.valueCodeableConcept.coding.code"
	}
	out.text = to
	return out, true
}
