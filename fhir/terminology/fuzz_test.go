package terminology_test

import (
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
)

// FuzzValidateCode makes a value set and a code system of anything. What an
// expansion lists is in, and the answer is the same when asked again.
func FuzzValidateCode(f *testing.F) {
	f.Add(`"compose": {"include": [{"system": "s:animals", "filter": [{"property": "concept", "op": "is-a", "value": "bird"}]}]}`, animals, "s:animals", "owl")
	f.Add(`"compose": {"include": [{"valueSet": ["v:fuzz"]}], "exclude": [{"system": "urn:ietf:bcp:47"}]}`, animals, "urn:ietf:bcp:47", "en-GB")
	f.Add(`"expansion": {"timestamp": "2020", "contains": [{"system": "s:a", "code": "b"}]}`, animals, "", "b")
	f.Add(`"compose": {"include": [{"system": "http://unitsofmeasure.org", "filter": [{"property": "canonical", "op": "=", "value": "m"}]}]}`, animals, "", "km")
	f.Fuzz(func(t *testing.T, set, codes, system, code string) {
		r := profile.New(profile.Base())
		v, err := r4.Unmarshal([]byte(`{"resourceType": "ValueSet", "status": "active", ` + set + `}`))
		if err != nil {
			return
		}
		s, err := r4.Unmarshal([]byte(`{"resourceType": "CodeSystem", "status": "active", ` + codes + `}`))
		if err != nil {
			return
		}
		v.(*r4.ValueSet).URL = "v:fuzz"
		r.Add(v)
		r.Add(s) // without a url it is not there
		m := terminology.New(r)
		first, err := m.ValidateCode("v:fuzz", system, code, "x")
		if err != nil {
			t.Error(err)
		}
		if again, _ := terminology.New(r).ValidateCode("v:fuzz", system, code, "x"); again != first {
			t.Errorf("%+v and %+v", first, again)
		}
		m.Subsumes(system, code, "owl")
		all, err := m.Expand("v:fuzz", 100)
		if err != nil {
			return
		}
		for _, c := range all {
			if r, _ := m.ValidateCode("v:fuzz", c.System, c.Code, ""); r.Answer == out {
				t.Errorf("listed but not in: %+v", r)
			}
		}
	})
}
