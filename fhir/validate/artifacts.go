package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
)

// This file checks resources that define something: code systems, value sets,
// profiles.

// ownURL checks the canonical URL that a resource gives itself.
func (r *run) ownURL(n *node) {
	if _, _, canonical := n.typ.Field("status"); !canonical {
		return
	}
	f, _, ok := n.typ.Field("url")
	if !ok || f.Types[0].Name != "uri" || f.List {
		return
	}
	if text := f.Text(n.value, 0); text != "" && !absolute(text) {
		r.each(n, "url", func(c *node) { r.fail(c, "invalid", "the canonical URL of a resource has to be absolute") })
	}
}

// codeSystem checks the count of a complete code system.
func (r *run) codeSystem(n *node, c *r4.CodeSystem) {
	want, ok := c.Count.Get()
	if !ok || c.Content != "complete" {
		return
	}
	have := 0
	r4.Walk(c, func(at r4.Node) bool {
		if _, ok := at.Value.(*r4.CodeSystemConcept); ok {
			have++
		}
		return true
	})
	if have != int(want) {
		r.each(n, "count", func(at *node) {
			r.fail(at, "invalid", "the code system is complete, but has another number of concepts")
		})
	}
}

// valueSet checks what a value set takes its codes from.
func (r *run) valueSet(n *node, v *r4.ValueSet) {
	if v.Compose == nil {
		return
	}
	r.each(n, "compose", func(c *node) {
		for _, name := range []string{"include", "exclude"} {
			r.each(c, name, func(in *node) { r.included(in, in.value.(*r4.ValueSetComposeInclude)) })
		}
	})
}

func (r *run) included(n *node, in *r4.ValueSetComposeInclude) {
	if in.System == "" {
		return
	}
	if !absolute(in.System) {
		r.each(n, "system", func(c *node) {
			r.fail(c, "invalid", "the system has to be absolute, also that of a contained code system")
		})
		return
	}
	r.each(n, "filter", func(c *node) {
		f := c.value.(*r4.ValueSetComposeIncludeFilter)
		if in.System == "http://snomed.info/sct" && f.Property == "constraint" && f.Op == "=" && !goodECL(f.Value) {
			r.fail(c, "invalid", "the value is no expression of ECL")
		}
	})
	if in.Version != "" {
		return // another version than the one here may have the codes
	}
	r.each(n, "concept", func(c *node) { r.known(c, in.System, c.value.(*r4.ValueSetComposeIncludeConcept).Code, "") })
	r.each(n, "filter", func(c *node) {
		f := c.value.(*r4.ValueSetComposeIncludeFilter)
		switch {
		case f.Property != "concept" && f.Property != "code":
		case f.Op == "is-a" || f.Op == "descendent-of" || f.Op == "is-not-a" || f.Op == "generalizes":
			r.knownAs(c, "value", in.System, f.Value)
		}
	})
}

// structureDefinition checks what a profile says about elements, and that a
// snapshot can be made of it.
func (r *run) structureDefinition(n *node, d *r4.StructureDefinition) {
	if d.Derivation == "constraint" {
		r.each(n, "differential", func(at *node) {
			r.each(at, "element", func(c *node) { r.constrained(c, c.value.(*r4.ElementDefinition)) })
		})
	}
	for _, name := range []string{"differential", "snapshot"} {
		r.each(n, name, func(at *node) {
			r.each(at, "element", func(c *node) { r.typeProfile(c) })
		})
	}
	if d.Snapshot != nil || d.Differential == nil || d.BaseDefinition == "" || d.Derivation != "constraint" {
		return
	}
	base, err := r.v.o.Definitions.StructureDefinition(d.BaseDefinition)
	if err != nil {
		r.note(n, "not-found", "the base definition is not known, so no snapshot can be made")
		return
	}
	if _, err := profile.Snapshot(d, base, r.v.o.Definitions.StructureDefinition); err != nil {
		r.fail(n, "structure", "no snapshot can be made: "+plainText(err.Error()))
	}
}

// plainText is a text about a definition as an outcome may hold it.
func plainText(s string) string {
	s = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0xfffd {
			return -1
		}
		return c
	}, s)
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + " ..."
	}
	return s
}

// constrained checks that a profile leaves alone what only the definition of a
// type may say (elementdefinition.html#interpretation).
func (r *run) constrained(n *node, d *r4.ElementDefinition) {
	if d.MeaningWhenMissing != "" && len(d.Type) == 0 {
		r.fail(n, "invalid", "meaningWhenMissing is not for profiles")
	}
}

// typeProfile checks that the profiles of an element's type are for that type.
func (r *run) typeProfile(n *node) {
	d := n.value.(*r4.ElementDefinition)
	for i := range d.Type {
		t := &d.Type[i]
		want := r4.TypeByName(t.Code)
		if want == nil {
			continue
		}
		for k, url := range t.Profile {
			s, err := r.v.schema(url)
			if err != nil || s.typ == nil || s.typ == want || want.Kind == r4.KindResource && isKindOf(s.typ, want) || isKindOf(want, s.typ) {
				continue
			}
			r.eachAt(n, "type", i, func(of *node) {
				r.eachAt(of, "profile", k, func(p *node) { r.fail(p, "invalid", "a profile for "+s.typ.Name+", not for "+want.Name) })
			})
		}
	}
}

// expression checks that an expression in FHIRPath is one.
func (r *run) expression(n *node) {
	e := n.value.(*r4.Expression)
	if e.Language != "text/fhirpath" || e.Expression == "" {
		return
	}
	if _, err := fhirpath.Compile(e.Expression); err != nil {
		r.each(n, "expression", func(c *node) { r.fail(c, "invalid", "no FHIRPath expression: "+plainError(err)) })
	}
}

// vitalSigns are the LOINC codes of the vital signs and their profiles (FHIR R4
// observation-vitalsigns.html).
var vitalSigns = map[string]string{
	"85353-1": "vitalspanel", "9279-1": "resprate", "8867-4": "heartrate", "2708-6": "oxygensat", "8310-5": "bodytemp",
	"8302-2": "bodyheight", "9843-4": "headcircum", "29463-7": "bodyweight", "39156-5": "bmi", "85354-9": "bp",
	"8480-6": "bp", "8462-4": "bp",
}

// vitalSign checks an Observation of a vital sign against its profile.
func (r *run) vitalSign(n *node, o *r4.Observation) {
	if !r.v.o.VitalSigns || o.Code == nil {
		return
	}
	for _, c := range o.Code.Coding {
		if name := vitalSigns[c.Code]; name != "" && strings.HasPrefix(c.System, "http://loinc.org") {
			r.conform(n, typeURL(name))
			return
		}
	}
}
