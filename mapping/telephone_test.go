package mapping_test

import (
	"slices"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
)

// XTN.1 is heard as the number once more when its digits are those of the parts, else it
// stays among the unmapped; an address beside a number is one when it looks like one.
func TestNumberAgain(t *testing.T) {
	m := newMapper(t)
	for _, c := range []struct {
		xtn      string
		values   []string
		unmapped []string
	}{
		{"(289)338-6593^PRN^PH^^^289^3386593", []string{"289 3386593"}, nil},
		{"+1 (289) 338-6593 x12^PRN^PH^^1^289^3386593^12", []string{"+1 289 3386593 X12"}, nil},
		{"338-6593^PRN^PH^^^^3386593", []string{"3386593"}, nil},
		{"(289)338-6594^PRN^PH^^^289^3386593", []string{"289 3386593"}, []string{"PID-13.1"}},
		{"^PRN^PH^a@b.example^^289^3386593", []string{"289 3386593", "a@b.example"}, nil},
		{"^PRN^PH^5555^^289^3386593", []string{"289 3386593"}, []string{"PID-13.4"}},
	} {
		msg, err := hl7.Parse([]byte("MSH|^~\\&|A|B|||20240102||ADT^A08^ADT_A01|1|P|2.5\rEVN||20240102\rPID|||1^^^H||DOE||||||||" + c.xtn + "\rPV1||O\r"))
		if err != nil {
			t.Fatal(err)
		}
		res, err := m.Convert(msg)
		if err != nil {
			t.Fatal(err)
		}
		var values, unmapped []string
		for _, e := range res.Bundle.Entry {
			if p, ok := e.Resource.(*r4.Patient); ok {
				for i := range p.Telecom {
					values = append(values, p.Telecom[i].Value)
				}
			}
		}
		for _, u := range res.Unmapped {
			if len(u.Path) > 6 && u.Path[:6] == "PID-13" {
				unmapped = append(unmapped, u.Path)
			}
		}
		if !slices.Equal(values, c.values) || !slices.Equal(unmapped, c.unmapped) {
			t.Errorf("%s: %q, unmapped %q; want %q, %q", c.xtn, values, unmapped, c.values, c.unmapped)
		}
	}
}
