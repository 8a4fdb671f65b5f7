package reverse_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping/reverse"
)

func show(m *hl7.Message) {
	fmt.Println(strings.ReplaceAll(strings.TrimRight(string(m.Bytes()), "\r"), "\r", "\n"))
}

// An update of a patient for a system that reads ADT alone.
func ExampleReverter_Resources() {
	r, err := reverse.New(reverse.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	patient := &r4.Patient{
		ID:        "1",
		Name:      []r4.HumanName{{Family: "Smith", Given: []string{"Ann"}}},
		Gender:    "female",
		BirthDate: "1970-03-05",
	}
	res, err := r.Resources([]r4.Resource{patient}, reverse.Target{
		Event: "ADT^A08", Version: "2.4", ControlID: "4711", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		SendingApp: hl7.HD{Namespace: "PONS"}, ReceivingApp: hl7.HD{Namespace: "OLD"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	show(res.Message)
	// Output:
	// MSH|^~\&|PONS||OLD||20260102030405+0000||ADT^A08^ADT_A01|4711|P|2.4
	// EVN|A08|20260102030405+0000
	// PID|1||||Smith^Ann||19700305|F
	// PV1|1|N
}

// What does not fit into the message is listed.
func ExampleResult() {
	r, err := reverse.New(reverse.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	res, err := r.Resources([]r4.Resource{
		&r4.Patient{ID: "1", Photo: []r4.Attachment{{URL: "http://example.org/a.png"}}, BirthDate: "1970"},
		&r4.Goal{ID: "2", Description: &r4.CodeableConcept{Text: "walk"}},
	}, reverse.Target{Event: "ADT^A31", ControlID: "1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range res.Left {
		fmt.Println(p.Resource, p.Path)
	}
	// Output:
	// 0 Patient.photo[0]
	// 1 Goal
}

// Identifiers of a registered system get the name that the site has for it.
func ExampleReverter_Bundle() {
	r, err := reverse.New(reverse.Options{Namespaces: map[string]string{"NHS": "https://fhir.nhs.uk/Id/nhs-number"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	bundle := &r4.Bundle{Type: "collection", Entry: []r4.BundleEntry{{FullURL: "urn:uuid:1", Resource: &r4.Patient{
		Identifier: []r4.Identifier{{System: "https://fhir.nhs.uk/Id/nhs-number", Value: "9000000009"}},
	}}}}
	res, err := r.Bundle(bundle, reverse.Target{Event: "ADT^A31", ControlID: "1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(res.Message.Get("PID-3.1"), res.Message.Get("PID-3.4.1"))
	// Output:
	// 9000000009 NHS
}
