package reverse

import (
	"fmt"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// An inverse is a vocabulary read from FHIR to v2.
type inverse struct {
	name   string
	pairs  []mapping.CodePair
	codes  map[string]bool // of v2
	back   map[pairKey]mapping.CodePair
	byCode map[string]mapping.CodePair // of a primitive, which names no system
	none   map[string]bool             // codes of FHIR for which nothing is said
}

type pairKey struct{ system, code string }

func (v *inverse) has(code string) bool { return code != "" && v.codes[strings.ToUpper(code)] }

// vocabularies inverts the tables of package mapping. Where several codes of v2
// are one of FHIR a choice has to say which is meant.
func (c *compiler) vocabularies(all []mapping.Vocabulary) {
	for _, raw := range all {
		v := &inverse{name: raw.Name, pairs: raw.Codes, codes: map[string]bool{},
			back: map[pairKey]mapping.CodePair{}, byCode: map[string]mapping.CodePair{}, none: map[string]bool{}}
		c.prog.vocabularies[raw.Name] = v
		sharers := map[pairKey][]mapping.CodePair{}
		for _, p := range raw.Codes {
			v.codes[strings.ToUpper(p.Code)] = true
			k := pairKey{p.In, p.To}
			sharers[k] = append(sharers[k], p)
		}
		taken := c.choices(v, sharers)
		for k, pairs := range sharers {
			pick := pairs[0]
			for _, p := range pairs {
				if p.Code == taken[k] {
					pick = p
				}
			}
			if _, said := taken[k]; distinct(pairs) && !said && c.used(raw.Name) {
				c.fail("choices/"+raw.Name+".yaml", 1, fmt.Errorf("several codes of v2 are %s of %s: which is meant?", k.code, k.system))
			}
			if c, ok := taken[k]; ok && c == "" {
				v.none[k.code] = true
				continue
			}
			v.back[k] = pick
			v.byCode[k.code] = pick
		}
	}
	for name, raw := range c.raw.choices {
		if c.prog.vocabularies[name] == nil {
			c.fail(raw.file, 1, fmt.Errorf("there is no vocabulary %s", name))
		}
	}
}

func distinct(pairs []mapping.CodePair) bool {
	for _, p := range pairs[1:] {
		if p.Code != pairs[0].Code {
			return true
		}
	}
	return false
}

// used reports whether any row names a vocabulary.
func (c *compiler) used(name string) bool {
	for _, maps := range []map[string]*rawMap{c.raw.segments, c.raw.datatypes} {
		for _, m := range maps {
			for i := range m.Rows {
				if m.Rows[i].Code == name {
					return true
				}
			}
		}
	}
	return false
}

// choices reads which code of v2 is meant by one of FHIR.
func (c *compiler) choices(v *inverse, sharers map[pairKey][]mapping.CodePair) map[pairKey]string {
	taken := map[pairKey]string{}
	raw := c.raw.choices[v.name]
	if raw == nil {
		return taken
	}
	for i := range raw.Rows {
		r := &raw.Rows[i]
		found := false
		for k, pairs := range sharers {
			if k.code != r.Of || r.In != "" && r.In != k.system {
				continue
			}
			for _, p := range pairs {
				if p.Code == r.Take || r.Take == "" {
					taken[k], found = r.Take, true
				}
			}
		}
		if !found {
			c.fail(raw.file, r.line, fmt.Errorf("row %s: %s is not among the codes that are %s", r.ID, r.Take, r.Of))
		}
	}
	return taken
}

// alternateCodes holds the v2 code where FHIR's value set has none for it.
const alternateCodes = canonical + "alternate-codes"

// code gives the v2 code of a primitive. A code that came from v2 and had no
// counterpart stands in an extension, which is then what was sent.
func (e *env) code(v *inverse, n node) (string, bool) {
	if x := n.element(); x != nil {
		for i := range x.Extension {
			if code, ok := e.alternate(&x.Extension[i], n); ok {
				return code, true
			}
		}
	}
	text := n.text()
	if p, ok := v.byCode[text]; ok {
		e.mark(n.key())
		return p.Code, true
	}
	if text == "" || v.none[text] || len(v.byCode) > 0 && v.required(n) {
		return "", false
	}
	e.mark(n.key())
	return text, true
}

// required reports whether the element can hold FHIR's codes only: then one that
// the table lacks is none of v2.
func (v *inverse) required(n node) bool {
	return n.typ.Name == "boolean" || n.f.Binding != nil && n.f.Binding.Strength == "required"
}

func (e *env) alternate(x *r4.Extension, n node) (string, bool) {
	concept, ok := x.Value.(*r4.CodeableConcept)
	if x.URL != alternateCodes || !ok {
		return "", false
	}
	for i := range concept.Coding {
		if code := concept.Coding[i].Code; code != "" {
			e.mark(n.key())
			e.markAll(x)
			return code, true
		}
	}
	return "", false
}

// original hides codings of a concept that stand for another one in it, which is
// what v2 had, and turns FHIR's codes that stand alone into those of v2. The
// function that it returns undoes that.
func (e *env) original(v *inverse, n node) func() {
	var codings []*r4.Coding
	switch t := n.v.(type) {
	case *r4.Coding:
		codings = []*r4.Coding{t}
	case *r4.CodeableConcept:
		for i := range t.Coding {
			codings = append(codings, &t.Coding[i])
		}
	}
	before := e.swaps
	e.swaps = map[*r4.Coding]*r4.Coding{}
	for i, c := range codings {
		pair, known := v.back[pairKey{c.System, c.Code}]
		switch {
		case v.standsFor(i, codings):
			e.swaps[c] = nil
			e.markAll(c)
		case known && (pair.Table != c.System || pair.Code != c.Code):
			e.swaps[c] = &r4.Coding{System: pair.Table, Code: pair.Code, Display: c.Display, Version: c.Version}
			if n.typ.Name == "Coding" {
				e.swaps[c].Display = "" // where v2 has a mere code, the words would be those of another one
			}
		}
	}
	return func() { e.swaps = before }
}

// standsFor reports whether coding i is what the table makes of another one.
func (v *inverse) standsFor(i int, codings []*r4.Coding) bool {
	for _, p := range v.pairs {
		if p.To != codings[i].Code || p.In != codings[i].System {
			continue
		}
		for j, o := range codings {
			if j != i && strings.EqualFold(o.Code, p.Code) && (o.System == p.Table || o.System == "" || p.Table == "") {
				return true
			}
		}
	}
	return false
}
