package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// Two patients whose things have the same numbers: order numbers that come again
// after a year, specimen 1 of everybody, the mother of twins, diagnosis 1.
// Nothing of the one may become the other's: an id that both messages give would
// move it to the second patient.
func TestNothingMovesToAnotherPatient(t *testing.T) {
	const adt = "MSH|^~\\&|PAS|HOSP|EHR|WARD|20250413093000+0100||ADT^A01^ADT_A01|%s|P|2.5.1\r" +
		"EVN|A01|20250413093000\r" +
		"PID|1||%s^^^ADT1^MR||DOE^%s||20250413|F||||||||||||||MOM9^^^ADT1^MR\r" +
		"NK1|1|DOE^MARY|MTH||||||||||||||||||||||||||||||MOM9^^^ADT1^MR\r" +
		"DG1|1||P07^Preterm^I10|||A||||||||||||||1\r" +
		"PR1|1||P1^Procedure^L||20250413||||||||||||||1\r"
	const oru = "MSH|^~\\&|LAB|HOSP|EHR|WARD|20250413093000+0100||ORU^R01^ORU_R01|%s|P|2.5.1\r" +
		"PID|1||%s^^^ADT1^MR||DOE^%s||20250413|F\r" +
		"ORC|RE|17|0001\r" +
		"OBR|1|17|0001|GLU^Glucose^L|||20250413080000|||||||||||||||||||F\r" +
		"OBX|1|NM|GLU^Glucose^L||5.0|mmol/L|||||F||||||||||1\r" +
		"OBX|2|NM|LAC^Lactate^L||1.0|mmol/L|||||F||||||||||||||||||||||||||1\r" +
		"SPM|1|1||BLD\r"
	theirs := "RelatedPerson Condition Procedure DiagnosticReport ServiceRequest Observation Specimen"
	m, err := mapping.New(mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{} // id -> patient
	found := map[string]bool{}
	for i, who := range []string{"ANN", "BEA"} {
		for _, text := range []string{adt, oru} {
			msg, err := hl7.Parse(fmt.Appendf(nil, text, who, fmt.Sprint("P", i), who))
			if err != nil {
				t.Fatal(err)
			}
			res, err := m.Convert(msg)
			if err != nil {
				t.Fatal(err)
			}
			for k, e := range res.Bundle.Entry {
				typ := e.Resource.ResourceType()
				if !strings.Contains(theirs, typ) {
					continue
				}
				found[typ] = true
				if owner := seen[e.Resource.ResourceID()]; owner != "" && owner != who {
					t.Errorf("a %s of %s is one of %s as well", typ, who, owner)
				}
				seen[e.Resource.ResourceID()] = who
				if len(res.Entries[k].Identifiers) > 0 {
					t.Errorf("a %s would be looked for by its number alone", typ)
				}
			}
		}
	}
	for typ := range strings.FieldsSeq(theirs) {
		if !found[typ] {
			t.Errorf("the messages make no %s", typ)
		}
	}
}
