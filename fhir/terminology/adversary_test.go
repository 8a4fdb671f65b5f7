package terminology_test

import (
	"strconv"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
)

// TestLongChain has 30,000 concepts of which each is below the one before it, and
// one that has all others as parents. Work in the square of that would be seen.
func TestLongChain(t *testing.T) {
	const n = 30_000
	s := &r4.CodeSystem{URL: "s:chain", Content: "complete", Concept: make([]r4.CodeSystemConcept, n)}
	last := &r4.CodeSystemConcept{Code: "last"}
	for i := range s.Concept {
		c := &s.Concept[i]
		c.Code = strconv.Itoa(i)
		if i > 0 {
			c.Property = []r4.CodeSystemConceptProperty{{Code: "parent", Value: r4.Code(strconv.Itoa(i - 1))}}
		}
		last.Property = append(last.Property, r4.CodeSystemConceptProperty{Code: "parent", Value: r4.Code(c.Code)})
	}
	s.Concept = append(s.Concept, *last)
	r := profile.New(nil)
	if err := r.Add(s); err != nil {
		t.Fatal(err)
	}
	for i, f := range []r4.ValueSetComposeIncludeFilter{
		{Property: "concept", Op: "is-a", Value: "100"},
		{Property: "concept", Op: "generalizes", Value: "29999"},
		{Property: "child", Op: "=", Value: "last"},
		{Property: "parent", Op: "exists", Value: "true"},
	} {
		v := &r4.ValueSet{URL: "v:" + strconv.Itoa(i), Compose: &r4.ValueSetCompose{Include: []r4.ValueSetComposeInclude{
			{System: "s:chain", Filter: []r4.ValueSetComposeIncludeFilter{f}}}}}
		if err := r.Add(v); err != nil {
			t.Fatal(err)
		}
		m := terminology.New(r)
		if x, _ := m.ValidateCode(v.URL, "s:chain", "5000", ""); x.Answer != in {
			t.Errorf("%s: %+v", f.Op, x)
		}
		if r, _ := m.Subsumes("s:chain", "0", "last"); r != terminology.Contains {
			t.Errorf("subsumes: %v", r)
		}
	}
}

// TestCircles has concepts that are above each other.
func TestCircles(t *testing.T) {
	m := terminology.New(source(t, `"url": "s:c", "content": "complete", "concept": [
		{"code": "a", "property": [{"code": "parent", "valueCode": "b"}]}, {"code": "b", "property": [{"code": "parent", "valueCode": "a"}]},
		{"code": "c", "property": [{"code": "parent", "valueCode": "c"}]}]`,
		`"url": "v:c", "compose": {"include": [{"system": "s:c", "filter": [{"property": "concept", "op": "is-a", "value": "a"}]}]}`))
	for code, want := range map[string]terminology.Answer{"a": in, "b": in, "c": out} {
		if r, _ := m.ValidateCode("v:c", "", code, ""); r.Answer != want {
			t.Errorf("%s: %+v", code, r)
		}
	}
}
