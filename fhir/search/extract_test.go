package search_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
)

func TestExtract(t *testing.T) {
	r, err := r4.Unmarshal([]byte(`{"resourceType": "Encounter", "id": "e1", "meta": {"lastUpdated": "2025-04-13T09:30:00Z"},
		"contained": [{"resourceType": "Location", "id": "l", "name": "Ward 7"}],
		"identifier": [{"value": "V1"}],
		"status": "in-progress",
		"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
		"subject": {"reference": "Patient/p1/_history/2"},
		"participant": [
			{"individual": {"reference": "https://other.org/fhir/Practitioner/d1"}},
			{"individual": {"reference": "Practitioner/d2"}},
			{"individual": {"reference": "Practitioner/d2"}},
			{"individual": {"display": "nobody in particular"}}],
		"location": [{"location": {"reference": "#l"}}],
		"length": {"value": 2.50, "unit": "Days", "system": "http://unitsofmeasure.org", "code": "d"},
		"period": {"start": "2025-04-13"}}`))
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2025, 4, 13, 0, 0, 0, 0, time.UTC).UnixMicro()
	want := []search.Entry{
		{Param: "class", Kind: search.Token, System: "http://terminology.hl7.org/CodeSystem/v3-ActCode", Code: "IMP"},
		{Param: "date", Kind: search.Date, Lo: day, Hi: math.MaxInt64},
		{Param: "identifier", Kind: search.Token, Code: "V1"},
		{Param: "length", Kind: search.Quantity, Min: 2.5, Max: 2.5, System: "http://unitsofmeasure.org", Code: "d", Text: "days"},
		{Param: "participant", Kind: search.Reference, Ref: "https://other.org/fhir/Practitioner/d1"},
		{Param: "participant", Kind: search.Reference, Ref: "Practitioner/d2"},
		{Param: "patient", Kind: search.Reference, Ref: "Patient/p1"},
		{Param: "practitioner", Kind: search.Reference, Ref: "https://other.org/fhir/Practitioner/d1"},
		{Param: "practitioner", Kind: search.Reference, Ref: "Practitioner/d2"},
		{Param: "status", Kind: search.Token, System: "http://hl7.org/fhir/encounter-status", Code: "in-progress"},
		{Param: "subject", Kind: search.Reference, Ref: "Patient/p1"},
	}
	if got := search.Extract(r); !reflect.DeepEqual(got, want) {
		for i := range max(len(got), len(want)) {
			switch {
			case i >= len(got):
				t.Errorf("missing %+v", want[i])
			case i >= len(want):
				t.Errorf("too much: %+v", got[i])
			case got[i] != want[i]:
				t.Errorf("got  %+v\nwant %+v", got[i], want[i])
			}
		}
	}
	if search.Extract(nil) != nil {
		t.Error("entries of no resource")
	}
}

// Every path of the table is in the model: Extract compiles those of a type
// before it looks at the resource.
func TestEveryTypeExtracts(t *testing.T) {
	for _, name := range r4.ResourceTypes() {
		r, _ := r4.New(name)
		for _, e := range search.Extract(r) {
			if e.Param != "deceased" { // which an absent element answers with false
				t.Errorf("an empty %s has %+v", name, e)
			}
		}
		if len(search.Parameters(name)) < 6 {
			t.Errorf("%s has not even the common parameters", name)
		}
	}
	if search.Parameters("Resource") != nil || search.Parameters("Nonsense") != nil {
		t.Error("parameters of a type that does not exist")
	}
}
