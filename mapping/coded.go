package mapping

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// conceptSteps are the steps inside coded elements, resolved once.
type conceptSteps struct {
	coding, text, system, code, display step
	extension, url, value               step // of a primitive: value is a CodeableConcept
	valueString, valueCode              step
	quantity                            quantitySteps
}

type quantitySteps struct{ value, unit, system, code step }

func (p *program) conceptSteps() *conceptSteps {
	at := func(typ, name string) step {
		f, t, _ := r4.TypeByName(typ).Field(name)
		return step{f: f, typ: t, info: p.info(t)}
	}
	return &conceptSteps{
		coding: at("CodeableConcept", "coding"), text: at("CodeableConcept", "text"),
		system: at("Coding", "system"), code: at("Coding", "code"), display: at("Coding", "display"),
		extension: at("Element", "extension"), url: at("Extension", "url"), value: at("Extension", "valueCodeableConcept"),
		valueString: at("Extension", "valueString"), valueCode: at("Extension", "valueCode"),
		quantity: quantitySteps{
			at("Quantity", "value"), at("Quantity", "unit"), at("Quantity", "system"), at("Quantity", "code"),
		},
	}
}

// alternateCodes holds the original of a code that FHIR's value set does not have.
const alternateCodes = "http://hl7.org/fhir/StructureDefinition/alternate-codes"

// vcode is one code of a v2 value with its text and the URI of its system.
type vcode struct {
	code, text, system val
	uri                string
	named              *rowName // the vocabulary row that told the system
}

// codesOf lists the codes of a value in room: three of a CWE, else one.
func (c *conv) codesOf(v val, triple bool, room *[3]vcode) []vcode {
	all := room[:0]
	if !triple {
		return append(all, vcode{code: v})
	}
	for _, i := range [...]int{1, 4, 10} {
		k := vcode{code: v.part(i, 0), text: v.part(i+1, 0), system: v.part(i+2, 0)}
		if k.code.v.Valued() {
			k.uri = c.systemURI(k.system)
			all = append(all, k)
		}
	}
	return all
}

// systemURI returns the canonical URI of a code system as a message names it, ""
// if it names none.
func (c *conv) systemURI(v val) string {
	if !v.v.Valued() {
		return ""
	}
	name := v.v.String()
	u, ok := c.mem.systems[name]
	if !ok {
		name = strings.Clone(name)
		u.uri, u.known = c.m.prog.systems.uri(name)
		remember(&c.mem.systems, name, u)
	}
	if u.known {
		return u.uri
	}
	return c.localSystem(u.uri, v.at)
}

// coded writes a value through a vocabulary into a code, Coding or
// CodeableConcept.
func (c *conv) coded(r *row, v val, n *node, e *env) bool {
	var room [3]vcode
	codes := c.codesOf(v, r.triple, &room)
	if len(codes) == 0 && n.typ.Name != "CodeableConcept" {
		return false
	}
	a := c.newApp(e.app, &r.rowName)
	switch n.typ.Name {
	case "CodeableConcept":
		return c.codedConcept(r, v, codes, n, e, a)
	case "Coding":
		for _, k := range codes {
			if all := r.vocab.lookup(k.code.v.String(), k.uri, false); len(all) > 0 {
				c.mapped(n, &all[0], k, a)
				return true
			}
		}
		if r.vocab.policy == policyError {
			c.refuse(v)
			return false
		}
		return c.original(r, v, codes, n, e, a)
	}
	for _, k := range codes {
		all := r.vocab.lookup(k.code.v.String(), k.uri, true)
		if len(all) > 0 && n.typ.Check(all[0].code) == nil {
			if !c.put(n, all[0].code, k.code.at, all[0].row, a, false, r.weak) {
				return false
			}
			c.useCode(k)
			return true
		}
	}
	return c.unmappedCode(r, codes[0], n, a)
}

// useCode notes that a code has become one of FHIR; its text and system are in that.
func (c *conv) useCode(k vcode) {
	c.use(k.code.leaf())
	for _, p := range []val{k.text, k.system} {
		if p.v.Valued() {
			c.use(p.leaf())
		}
	}
}

func (c *conv) refuse(v val) {
	c.stop = &Error{string(v.at.appendTo(nil, c.segs[v.at.seg()].name)), "the code has no counterpart in FHIR", ApplicationError}
}

// codeText gives the text of a vocabulary row in a map for a primitive.
func (c *conv) codeText(r *row, v val, e *env) bool {
	var room [3]vcode
	for _, k := range c.codesOf(v, r.triple, &room) {
		if all := r.vocab.lookup(k.code.v.String(), k.uri, true); len(all) > 0 {
			c.got = got{text: all[0].code, row: all[0].row, app: c.newApp(e.app, &r.rowName)}
			c.got.use(k.code.leaf())
			return true
		}
	}
	return false
}

// unmappedCode does what the policy says for a code that has no counterpart.
func (c *conv) unmappedCode(r *row, k vcode, n *node, a *app) bool {
	required := false
	if len(r.steps) > 0 {
		b := r.steps[len(r.steps)-1].f.Binding
		required = b != nil && b.Strength == "required"
	}
	switch r.vocab.policy {
	case policyError:
		c.refuse(k.code)
		return false
	case policyDrop:
		return false
	case policyDefault:
		if n.typ.Check(r.vocab.fallback) != nil || !c.put(n, r.vocab.fallback, k.code.at, &r.rowName, a, false, r.weak) {
			return false
		}
	default:
		if !required || n.typ.Name == "boolean" {
			text, problem := c.convert(n.info, k.code.v.String())
			if problem != "" {
				c.note(k.code.at, problem)
				return false
			}
			if !c.put(n, text, k.code.at, &r.rowName, a, false, r.weak) {
				return false
			}
			c.use(k.code.leaf())
			return true
		}
	}
	if n.typ.Name != "code" {
		return false
	}
	s := c.m.prog.concept
	x, _ := c.kid(n, &s.extension, keyOf(a, extensionSlots-1, 1, 0))
	url, _ := c.kid(x, &s.url, 0)
	c.put(url, alternateCodes, noPlace, &r.rowName, a, true, false)
	value, _ := c.kid(x, &s.value, 0)
	coding, _ := c.kid(value, &s.coding, keyOf(a, 1, 1, 0))
	if k.uri == "" {
		k.uri = r.vocab.table
	}
	c.codingParts(coding, k, &r.rowName, a)
	c.note(k.code.at, "the code has no counterpart in FHIR: kept as an extension")
	return true
}

// codingParts writes a code as it came.
func (c *conv) codingParts(n *node, k vcode, r *rowName, a *app) {
	s := c.m.prog.concept
	if k.uri != "" {
		at := k.system.at
		if !k.system.v.Valued() {
			at = k.code.at
		}
		c.putChild(n, &s.system, k.uri, at, r, a, false)
	}
	c.putChild(n, &s.code, k.code.v.String(), k.code.at, r, a, false)
	if k.text.v.Valued() {
		c.putChild(n, &s.display, k.text.v.String(), k.text.at, r, a, false)
	}
	c.useCode(k)
}

// putChild writes a child primitive, checked.
func (c *conv) putChild(n *node, s *step, text string, src place, r *rowName, a *app, literal bool) bool {
	out, problem := c.convert(s.info, text)
	if problem != "" {
		if src != noPlace {
			c.note(src, problem)
		}
		return false
	}
	k, ok := c.kid(n, s, 0)
	return ok && c.put(k, out, src, r, a, literal, false)
}

// mapped writes a code of FHIR into a Coding.
func (c *conv) mapped(n *node, m *mapped, k vcode, a *app) {
	s := c.m.prog.concept
	for _, part := range [...]struct {
		s    *step
		text string
	}{{&s.system, m.system}, {&s.code, m.code}, {&s.display, m.display}} {
		if part.text == "" {
			continue
		}
		if n, ok := c.kid(n, part.s, 0); ok {
			c.put(n, part.text, k.code.at, m.row, a, false, false)
		}
	}
	c.useCode(k)
}

// original writes a value without vocabulary: by the row's map, else as it is.
func (c *conv) original(r *row, v val, codes []vcode, n *node, e *env, a *app) bool {
	if r.table != nil {
		inner := c.enter()
		inner.seg, inner.group, inner.dt, inner.app, inner.res = e.seg, e.group, v, a, e.res
		inner.site = site{main: n, res: e.res}
		c.run(r.table, inner)
		c.leave()
		return true
	}
	if n.typ.Name == "CodeableConcept" {
		for i, k := range codes {
			coding, _ := c.kid(n, &c.m.prog.concept.coding, keyOf(a, i+1, 1, 0))
			c.codingParts(coding, k, &r.rowName, a)
		}
		return true
	}
	c.codingParts(n, codes[0], &r.rowName, a)
	return true
}

// codedConcept writes the counterparts of the codes first, then the codes as
// they came, so that nothing is lost and FHIR's own come first.
func (c *conv) codedConcept(r *row, v val, codes []vcode, n *node, e *env, a *app) bool {
	s := c.m.prog.concept
	found := false
	for i, k := range codes {
		all := r.vocab.lookup(k.code.v.String(), k.uri, false)
		for j := range all {
			coding, _ := c.kid(n, &s.coding, keyOf(a, 500+i, j+1, 0))
			c.mapped(coding, &all[j], k, a)
		}
		if len(all) > 0 {
			found = true
			if codes[i].uri == "" {
				codes[i].uri, codes[i].named = all[0].from, all[0].row
			}
		}
	}
	if !found && len(codes) > 0 {
		switch r.vocab.policy {
		case policyError:
			c.refuse(v)
			return false
		case policyDrop:
			return c.textAlone(codes[0], n, &r.rowName, a)
		case policyDefault:
			coding, _ := c.kid(n, &s.coding, keyOf(a, 500, 1, 0))
			c.putChild(coding, &s.code, r.vocab.fallback, v.at, &r.rowName, a, false)
		}
	}
	origin := c.newApp(e.app, &r.rowName)
	done := c.original(r, v, codes, n, e, origin)
	c.nameSystems(n, codes, origin)
	return done || found
}

// textAlone keeps of a code its text only.
func (c *conv) textAlone(k vcode, n *node, r *rowName, a *app) bool {
	v := k.text
	if !v.v.Valued() {
		v = k.code
	}
	if !c.putChild(n, &c.m.prog.concept.text, v.v.String(), v.at, r, a, false) {
		return false
	}
	c.use(v.leaf())
	return true
}

// nameSystems gives the codes as they came the system in which the vocabulary
// found them, where the message named none.
func (c *conv) nameSystems(n *node, codes []vcode, a *app) {
	s := c.m.prog.concept
	for i := range n.kids {
		k := &n.kids[i]
		if k.f != s.coding.f || k.key.app() != a.id || k.n.kid("system") != nil {
			continue
		}
		code := k.n.kid("code")
		for _, v := range codes {
			if code != nil && v.named != nil && v.uri != "" && code.text == v.code.v.String() {
				c.putChild(k.n, &s.system, v.uri, v.code.at, v.named, a, true)
			}
		}
	}
}
