package r4_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// Facts of the definitions, looked up in the publication of R4 (4.0.1).
func TestDefinitions(t *testing.T) {
	if n := len(r4.ResourceTypes()); n != 146 {
		t.Errorf("%d resources, R4 has 146 that are not abstract", n)
	}
	for _, c := range []struct{ typ, name, want string }{
		{"Patient", "id", "id id 0..1 summary"},
		{"Patient", "gender", "gender code 0..1 summary required http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"},
		{"Patient", "active", "active boolean 0..1 summary modifier"},
		{"Patient", "contained", "contained Resource 0..*"},
		{"Patient", "deceasedDateTime", "deceased[x] boolean|dateTime 0..1 summary modifier chooses dateTime"},
		{"Patient", "deceased", "deceased[x] boolean|dateTime 0..1 summary modifier chooses nothing"},
		{"Patient", "generalPractitioner", "generalPractitioner Reference 0..* to Organization,Practitioner,PractitionerRole"},
		{"Patient", "contact", "contact Patient.contact 0..*"},
		{"Patient.contact", "gender", "gender code 0..1 required http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"},
		{"Patient.contact", "modifierExtension", "modifierExtension Extension 0..* summary modifier"},
		{"Observation", "status", "status code 1..1 summary modifier required http://hl7.org/fhir/ValueSet/observation-status|4.0.1"},
		{"Observation.component", "referenceRange", "referenceRange Observation.referenceRange 0..*"},
		{"Questionnaire.item", "item", "item Questionnaire.item 0..*"},
		{"Timing.repeat", "boundsPeriod", "bounds[x] Duration|Range|Period 0..1 summary chooses Period"},
		{"HumanName", "given", "given string 0..* summary"},
		{"HumanName", "id", "id string 0..1"},
		{"Age", "value", "value decimal 0..1 summary"},
		{"Narrative", "div", "div xhtml 1..1"},
		{"PlanDefinition", "library", "library canonical 0..* to Library"},
		{"Bundle.entry", "resource", "resource Resource 0..1 summary"},
		{"Patient", "_gender", "none"},
		{"Patient", "valueString", "none"},
		{"string", "value", "none"},
	} {
		f, typ, ok := r4.TypeByName(c.typ).Field(c.name)
		got := "none"
		if ok {
			got = describe(f, typ)
		}
		if got != c.want {
			t.Errorf("%s %s: got  %s\nwant %s", c.typ, c.name, got, c.want)
		}
	}
	for name, base := range map[string]string{
		"Patient": "DomainResource", "Bundle": "Resource", "Dosage": "BackboneElement", "Age": "Quantity",
		"Timing.repeat": "Element", "Patient.contact": "BackboneElement", "code": "string", "oid": "uri",
	} {
		if got := r4.TypeByName(name).Base; got != base {
			t.Errorf("%s is built on %s, want %s", name, got, base)
		}
	}
}

func describe(f *r4.Field, typ *r4.Type) string {
	var b strings.Builder
	b.WriteString(f.Name)
	if f.Choice {
		b.WriteString("[x]")
	}
	sep := " "
	for _, of := range f.Types {
		b.WriteString(sep + of.Name)
		sep = "|"
	}
	most := "*"
	if f.Max >= 0 {
		most = fmt.Sprint(f.Max)
	}
	fmt.Fprintf(&b, " %d..%s", f.Min, most)
	if f.Summary {
		b.WriteString(" summary")
	}
	if f.Modifier {
		b.WriteString(" modifier")
	}
	if f.Binding != nil {
		b.WriteString(" " + f.Binding.Strength + " " + f.Binding.ValueSet)
	}
	if f.Targets != nil {
		b.WriteString(" to " + strings.Join(f.Targets, ","))
	}
	if f.Choice && typ != nil {
		b.WriteString(" chooses " + typ.Name)
	} else if f.Choice {
		b.WriteString(" chooses nothing")
	}
	return b.String()
}

// every yields all types that can be reached from the resources.
func every() []*r4.Type {
	var all []*r4.Type
	var add func(t *r4.Type)
	add = func(t *r4.Type) {
		if slices.Contains(all, t) {
			return
		}
		all = append(all, t)
		for i := range t.Fields {
			for _, of := range t.Fields[i].Types {
				add(of)
			}
		}
	}
	for _, name := range r4.ResourceTypes() {
		add(r4.TypeByName(name))
	}
	return all
}

// Every field of every type lies where its descriptor says: the Go struct has
// its fields in the same order and by the same names, and fits the limits of the
// codec.
func TestStructs(t *testing.T) {
	types := every()
	if len(types) < 650 {
		t.Errorf("only %d types", len(types))
	}
	for _, typ := range types {
		v := typ.New()
		if v == nil {
			continue
		}
		if r4.TypeOf(v) != typ {
			t.Errorf("%s: TypeOf gives another type", typ.Name)
		}
		if len(typ.Fields) > 64 {
			t.Errorf("%s has %d fields; the decoder counts to 64", typ.Name, len(typ.Fields))
		}
		s := reflect.TypeOf(v).Elem()
		if s.Size()%8 != 0 {
			t.Errorf("%s has %d bytes; the encoder reads whole words", typ.Name, s.Size())
		}
		for i := range typ.Fields {
			if f := &typ.Fields[i]; !strings.EqualFold(s.Field(i).Name, f.Name) {
				t.Errorf("%s: field %d is %s in Go and %s in the table", typ.Name, i, s.Field(i).Name, f.Name)
			}
		}
	}
}

// The table may be asked for by many at once from the start.
func TestTableConcurrently(t *testing.T) {
	doc := testdata(t)["bundle.json"]
	var wg sync.WaitGroup
	for _, name := range r4.ResourceTypes() {
		wg.Go(func() {
			typ := r4.TypeByName(name)
			if f, of, ok := typ.Field("id"); !ok || f == nil || of.Name != "id" {
				t.Errorf("%s has no id", name)
			}
			if _, err := r4.Unmarshal(doc); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
