package r4_test

import (
	"fmt"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
)

// A value becomes a pointer by new.
func ExampleName() {
	p := &r4.Patient{
		Name:       []r4.HumanName{r4.Name("Smith", "John", "Paul")},
		Identifier: []r4.Identifier{r4.Ident("https://fhir.nhs.uk/Id/nhs-number", "9000000009")},
		Contact:    []r4.PatientContact{{Name: new(r4.Name("Jones", "Ada"))}},
	}
	out, _ := r4.Marshal(p)
	fmt.Println(string(out))
	// Output: {"resourceType":"Patient","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9000000009"}],"name":[{"family":"Smith","given":["John","Paul"]}],"contact":[{"name":{"family":"Jones","given":["Ada"]}}]}
}

func ExampleIdentifierIn() {
	p := &r4.Patient{Identifier: []r4.Identifier{
		{Use: "old", System: "urn:example:mrn", Value: "7"},
		r4.Ident("urn:example:mrn", "42"),
	}}
	fmt.Printf("%q %q\n", r4.IdentifierIn(p.Identifier, "urn:example:mrn"), r4.IdentifierIn(p.Identifier, "urn:example:other"))
	// Output: "42" ""
}

func ExampleConcept() {
	o := &r4.Observation{Code: new(r4.Concept("http://loinc.org", "15074-8", "Glucose [Moles/volume] in Blood"))}
	fmt.Println(o.Code.CodeIn("http://loinc.org"), o.Code.Has("http://snomed.info/sct", "434912009"))
	// Output: 15074-8 false
}

func ExampleQuantityOf() {
	o := &r4.Observation{Value: new(r4.QuantityOf("6.30", "mmol/L"))}
	out, _ := r4.Marshal(o)
	fmt.Println(string(out))
	// Output: {"resourceType":"Observation","valueQuantity":{"value":6.30,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"}}
}

// As reads a choice where only one type is of interest.
func ExampleAs() {
	for _, o := range []r4.Observation{{Value: new(r4.QuantityOf("6.30", "mmol/L"))}, {Value: r4.String("trace")}, {}} {
		if q := r4.As[*r4.Quantity](o.Value); q != nil {
			fmt.Println(q.Value, q.Unit)
		} else {
			fmt.Printf("%q\n", r4.As[r4.String](o.Value))
		}
	}
	// Output:
	// 6.30 mmol/L
	// "trace"
	// ""
}

func ExampleInstantOf() {
	at := time.Date(2024, 5, 17, 10, 0, 0, 0, time.FixedZone("", 3600))
	fmt.Println(r4.DateOf(at), r4.DateTimeOf(at), r4.InstantOf(at))
	// Output: 2024-05-17 2024-05-17T10:00:00+01:00 2024-05-17T10:00:00.000+01:00
}

func ExampleRefTo() {
	p := &r4.Patient{ID: "123"}
	e := &r4.Encounter{Subject: new(r4.RefTo(p)), ServiceProvider: new(r4.RefBy("Organization", r4.Ident("urn:example:ods", "RR8")))}
	out, _ := r4.Marshal(e)
	fmt.Println(string(out))
	// Output: {"resourceType":"Encounter","subject":{"reference":"Patient/123"},"serviceProvider":{"type":"Organization","identifier":{"system":"urn:example:ods","value":"RR8"}}}
}

func ExampleParseRef() {
	for _, text := range []string{"Patient/123", "https://example.org/fhir/Patient/123/_history/2", "#med1", "urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d"} {
		p, ok := r4.ParseRef(text)
		fmt.Printf("%v base=%q type=%q id=%q version=%q uri=%q fragment=%q\n", ok, p.Base, p.Type, p.ID, p.Version, p.URI, p.Fragment)
	}
	_, ok := r4.ParseRef("Patient?identifier=42")
	fmt.Println(ok)
	// Output:
	// true base="" type="Patient" id="123" version="" uri="" fragment=""
	// true base="https://example.org/fhir" type="Patient" id="123" version="2" uri="" fragment=""
	// true base="" type="" id="" version="" uri="" fragment="med1"
	// true base="" type="" id="" version="" uri="urn:uuid:04121321-4af5-424c-a0e1-ed3aab1c349d" fragment=""
	// false
}

// The patient is created unless it is there, and the observation refers to it
// either way.
func ExampleNewTransaction() {
	tx := r4.NewTransaction()
	mrn := r4.Ident("urn:example:mrn", "42")
	subject := tx.CreateUnless(&r4.Patient{Identifier: []r4.Identifier{mrn}}, r4.IdentifierQuery(mrn))
	tx.Create(&r4.Observation{Status: "final", Subject: &subject})
	tx.Delete("Encounter/9")

	for _, e := range tx.Bundle.Entry {
		fmt.Printf("%s %s %q\n", e.Request.Method, e.Request.URL, e.Request.IfNoneExist)
	}
	fmt.Println(subject.Reference == tx.Bundle.Entry[0].FullURL)
	// Output:
	// POST Patient "identifier=urn%3Aexample%3Amrn%7C42"
	// POST Observation ""
	// DELETE Encounter/9 ""
	// true
}

// Link turns the references that resources came with into those of the Bundle.
func ExampleBundleBuilder_Link() {
	tx := r4.NewTransaction()
	tx.NewURL = func() string { return fmt.Sprintf("urn:uuid:c757873d-ec9a-4326-a141-%012d", len(tx.Bundle.Entry)) }
	tx.Create(&r4.Patient{ID: "local-1"})
	tx.Create(&r4.Encounter{Subject: new(r4.Ref("Patient", "local-1"))})
	fmt.Println(tx.Link())
	fmt.Println(tx.Bundle.Entry[1].Resource.(*r4.Encounter).Subject.Reference)
	// Output:
	// 1
	// urn:uuid:c757873d-ec9a-4326-a141-000000000000
}

func ExampleNewSearchset() {
	s := r4.NewSearchset("https://example.org/fhir")
	s.Add(&r4.Encounter{ID: "1", Subject: new(r4.Ref("Patient", "2"))})
	s.Include(&r4.Patient{ID: "2"})
	fmt.Println(s.Bundle.Total)
	for _, e := range s.Bundle.Entry {
		fmt.Println(e.FullURL, e.Search.Mode)
	}
	// Output:
	// 1
	// https://example.org/fhir/Encounter/1 match
	// https://example.org/fhir/Patient/2 include
}

func ExampleNewDocument() {
	c := &r4.Composition{Status: "final", Title: "Discharge letter"}
	d := r4.NewDocument(c, time.Date(2024, 5, 17, 10, 0, 0, 0, time.UTC))
	c.Author = []r4.Reference{d.Add(&r4.Practitioner{Name: []r4.HumanName{r4.Name("Jones")}})}
	fmt.Println(d.Bundle.Type, d.Bundle.Timestamp, len(d.Bundle.Entry), d.Bundle.Entry[0].Resource.ResourceType())
	// Output: document 2024-05-17T10:00:00.000Z 2 Composition
}

func ExampleReferences_Resolve() {
	s := r4.NewSearchset("https://example.org/fhir")
	e := &r4.Encounter{ID: "1", Subject: new(r4.Ref("Patient", "2"))}
	s.Add(e)
	s.Include(&r4.Patient{ID: "2", Name: []r4.HumanName{r4.Name("Smith")}})

	refs := r4.ReferencesIn(s.Bundle)
	r, ok := refs.Resolve(e, e.Subject.Reference)
	fmt.Println(ok, r4.As[*r4.Patient](r).Name[0].Family)
	_, ok = refs.Resolve(e, "Patient/3")
	fmt.Println(ok)
	// Output:
	// true Smith
	// false
}

func ExampleContain() {
	m := &r4.MedicationRequest{Status: "active", Intent: "order"}
	ref, err := r4.Contain(m, &r4.Medication{Code: new(r4.Concept("http://snomed.info/sct", "387517004", "Paracetamol"))})
	m.Medication = &ref
	fmt.Println(ref.Reference, err, m.Contained[0].ResourceID())
	// Output: #1 <nil> 1
}

func ExampleSetExtension() {
	const interpreter = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"
	p := &r4.Patient{}
	r4.SetExtension(p, interpreter, r4.True)
	fmt.Println(r4.ExtensionValue[r4.Bool](p, interpreter).True())
	fmt.Println(r4.RemoveExtension(p, interpreter), len(p.Extension))
	// Output:
	// true
	// 1 0
}

// The extensions of a primitive hang on its element, which is looked up by name.
func ExampleExtensionValue() {
	const birthTime = "http://hl7.org/fhir/StructureDefinition/patient-birthTime"
	p := &r4.Patient{BirthDate: "1985-03-15"}
	r4.SetExtension(r4.MakePrimitiveElement(p, "birthDate", 0), birthTime, r4.DateTime("1985-03-15T04:30:00Z"))
	fmt.Println(r4.ExtensionValue[r4.DateTime](r4.PrimitiveElement(p, "birthDate", 0), birthTime))
	// Output: 1985-03-15T04:30:00Z
}

func ExampleExtensions() {
	const race = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
	p := &r4.Patient{}
	e := r4.AddExtension(p, race, nil)
	r4.AddExtension(e, "text", r4.String("Asian, Native Hawaiian"))
	r4.AddExtension(e, "detailed", &r4.Coding{Code: "2029-7"})
	r4.AddExtension(e, "detailed", &r4.Coding{Code: "2079-2"})
	for d := range r4.Extensions(r4.GetExtension(p, race), "detailed") {
		fmt.Println(r4.As[*r4.Coding](d.Value).Code)
	}
	// Output:
	// 2029-7
	// 2079-2
}

// Walk meets every element; here, the references of a resource.
func ExampleWalk() {
	e := &r4.Encounter{
		Subject:     new(r4.Ref("Patient", "1")),
		Participant: []r4.EncounterParticipant{{Individual: new(r4.Ref("Practitioner", "2"))}},
	}
	r4.Walk(e, func(n r4.Node) bool {
		if r, ok := n.Value.(*r4.Reference); ok {
			fmt.Println(n.Path(), r.Reference)
		}
		return true
	})
	// Output:
	// Encounter.subject Patient/1
	// Encounter.participant[0].individual Practitioner/2
}

func ExampleFind() {
	p := &r4.Patient{Name: []r4.HumanName{r4.Name("Smith", "John", "Paul")}, Deceased: r4.DateTime("2024-05")}
	for _, path := range []string{"Patient.name[0].given[1]", "name.family", "deceased", "deceasedBoolean", "name[1]"} {
		n, ok := r4.Find(p, path)
		fmt.Printf("%s %v %q\n", path, ok, n.Text())
	}
	// Output:
	// Patient.name[0].given[1] true "Paul"
	// name.family true "Smith"
	// deceased true "2024-05"
	// deceasedBoolean false ""
	// name[1] false ""
}

func ExampleMarshalCanonical() {
	p := &r4.Patient{ID: "1", Meta: &r4.Meta{VersionID: "3"}, Active: r4.True, Name: []r4.HumanName{{Use: "official", Family: "Smith"}}}
	out, err := r4.MarshalCanonical(p, r4.CanonicalStatic)
	fmt.Println(string(out), err)
	// Output: {"active":true,"id":"1","name":[{"family":"Smith","use":"official"}],"resourceType":"Patient"} <nil>
}

func ExampleSummarize() {
	o := &r4.Observation{
		ID: "1", Status: "final", Code: new(r4.Concept("http://loinc.org", "15074-8", "")),
		Text: &r4.Narrative{Status: "generated", Div: `<div xmlns="http://www.w3.org/1999/xhtml">Glucose</div>`},
		Note: []r4.Annotation{{Text: "fasting"}},
	}
	short, err := r4.Summarize(o, r4.SummaryTrue)
	if err != nil {
		fmt.Println(err)
		return
	}
	s := short.(*r4.Observation)
	fmt.Println(s.Status, s.Code.CodeIn("http://loinc.org"), s.Text == nil, len(s.Note), s.Meta.Tag[0].Code)
	fmt.Println(len(o.Note), o.Meta == nil)
	// Output:
	// final 15074-8 true 0 SUBSETTED
	// 1 true
}

// What is mandatory, here status and code, is always there.
func ExampleSelectElements() {
	o := &r4.Observation{Status: "final", Code: &r4.CodeableConcept{Text: "Glucose"}, Value: r4.String("trace"), Issued: "2024-05-17T10:00:00Z"}
	some, err := r4.SelectElements(o, "value")
	if err != nil {
		fmt.Println(err)
		return
	}
	some.SetResourceMeta(nil) // the tag SUBSETTED
	out, _ := r4.Marshal(some)
	fmt.Println(string(out))
	// Output: {"resourceType":"Observation","status":"final","code":{"text":"Glucose"},"valueString":"trace"}
}

func ExampleEqual() {
	a, b := &r4.Patient{BirthDate: "1985"}, &r4.Patient{BirthDate: "1985"}
	fmt.Println(r4.Equal(a, b))
	r4.MakePrimitiveElement(b, "birthDate", 0).ID = "b1"
	fmt.Println(r4.Equal(a, b))
	// Output:
	// true
	// false
}

func ExampleUnmarshalInto() {
	var name r4.HumanName
	err := r4.UnmarshalInto([]byte(`{"family": "Smith", "given": ["John"]}`), &name)
	fmt.Println(name.Family, name.Given, err)
	// Output: Smith [John] <nil>
}
