package mapping_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// resultTables are tables for ORU^R01 that show which segment was bound to which:
// each OBX is an Observation with OBX-5 as its text, each OBR a DiagnosticReport
// with OBR-4 as its text, and so on.
var resultTables = map[string]string{
	"messages/ORU_R01": `
message: ORU_R01
triggers: [ORU^R01]
structure: |
  MSH [{SFT}] {PATIENT_RESULT: [PATIENT: PID [PD1] [{NTE}] [{NK1}] [{PATIENT_OBSERVATION: OBX [{PRT}]}] [VISIT: PV1 [PV2]]]
  {ORDER_OBSERVATION: [COMMON_ORDER: ORC [{PRT}]] OBR [{NTE}] [{TIMING_QTY: TQ1 [{TQ2}]}] [CTD] [{OBSERVATION: OBX [{PRT}] [{NTE}]}] [{FT1}] [{CTI}]
   [{SPECIMEN: SPM [{SPECIMEN_OBSERVATION: OBX}]}]}} [DSC]
rows:
- {id: 1, in: PATIENT_RESULT.PATIENT, from: PID, slot: 'Patient[1]', map: 'PID[Patient]'}
- {id: 2, in: PATIENT_RESULT.PATIENT, from: NTE, slot: 'Patient[1]', map: 'NTE[Patient]'}
- {id: 3, in: PATIENT_RESULT.PATIENT.VISIT, from: PV1, slot: 'Encounter[1]', map: 'PV1[Encounter]'}
- {id: 4, in: PATIENT_RESULT.ORDER_OBSERVATION.COMMON_ORDER, from: ORC, slot: 'DiagnosticReport[1]', map: 'ORC[DiagnosticReport]'}
- {id: 5, in: PATIENT_RESULT.ORDER_OBSERVATION, from: OBR, slot: 'DiagnosticReport[1]', map: 'OBR[DiagnosticReport]', refs: ['DiagnosticReport[1].subject = Patient[1]', 'DiagnosticReport[1].encounter = Encounter[1]']}
- {id: 6, in: PATIENT_RESULT.ORDER_OBSERVATION, from: NTE, slot: 'DiagnosticReport[1]', map: 'NTE[DiagnosticReport]'}
- {id: 7, in: PATIENT_RESULT.ORDER_OBSERVATION.OBSERVATION, from: OBX, slot: 'Observation[2]', map: 'OBX[Observation]', refs: ['DiagnosticReport[1].result = Observation[2]']}
- {id: 8, in: PATIENT_RESULT.ORDER_OBSERVATION.OBSERVATION, from: NTE, slot: 'Observation[2].note', map: 'NTE[Observation]'}
- {id: 9, in: PATIENT_RESULT.ORDER_OBSERVATION.SPECIMEN, from: SPM, slot: 'Specimen[1]', map: 'SPM[Specimen]', refs: ['DiagnosticReport[1].specimen = Specimen[1]']}
- {id: 10, in: PATIENT_RESULT.ORDER_OBSERVATION.SPECIMEN.SPECIMEN_OBSERVATION, from: OBX, slot: 'Observation[3]', map: 'OBX[Observation]', refs: ['Observation[3].specimen = Specimen[1]']}
- {id: 11, in: PATIENT_RESULT.PATIENT.PATIENT_OBSERVATION, from: OBX, slot: 'Observation[1]', map: 'OBX[Observation]', refs: ['Observation[1].subject = Patient[1]']}
- {id: 12, in: PATIENT_RESULT.ORDER_OBSERVATION.TIMING_QTY, from: TQ1, slot: 'DiagnosticReport[1]', map: 'TQ1[DiagnosticReport]'}
`,
	"segments/PID[Patient]":          "map: PID[Patient]\nrows:\n- {id: 1, from: PID-3, to: identifier.value}\n",
	"segments/NTE[Patient]":          "map: NTE[Patient]\nrows:\n- {id: 1, from: NTE-3, to: contact.name.text}\n",
	"segments/PV1[Encounter]":        "map: PV1[Encounter]\nrows:\n- {id: 1, from: PV1-19, to: identifier.value}\n",
	"segments/ORC[DiagnosticReport]": "map: ORC[DiagnosticReport]\nrows:\n- {id: 1, from: ORC-3, to: 'identifier[1].value'}\n",
	"segments/OBR[DiagnosticReport]": "map: OBR[DiagnosticReport]\nrows:\n- {id: 1, from: OBR-4, to: code.text}\n- {id: 2, from: OBR-3, when: ORC-3 not valued, to: 'identifier[1].value'}\n",
	"segments/NTE[DiagnosticReport]": "map: NTE[DiagnosticReport]\nrows:\n- {id: 1, from: NTE-3, to: conclusion}\n",
	"segments/TQ1[DiagnosticReport]": "map: TQ1[DiagnosticReport]\nrows:\n- {id: 1, from: TQ1-9, to: 'category[1].text'}\n",
	"segments/OBX[Observation]":      "map: OBX[Observation]\nrows:\n- {id: 1, from: OBX-5, to: valueString}\n",
	"segments/NTE[Observation]":      "map: NTE[Observation]\nrows:\n- {id: 1, from: NTE-3, to: note.text}\n",
	"segments/SPM[Specimen]":         "map: SPM[Specimen]\nrows:\n- {id: 1, from: SPM-2, to: identifier.value}\n",
	"identity":                       "identity:\n- {type: Encounter, keys: ['identifier', 'message + ordinal']}\n",
}

// outline writes a result as lines: what belongs to what.
func outline(res *mapping.Result) string {
	names := map[string]string{}
	value := func(v r4.ObservationValue) string { s, _ := v.(r4.String); return string(s) }
	for _, e := range res.Bundle.Entry {
		switch r := e.Resource.(type) {
		case *r4.Patient:
			names[e.FullURL] = r.Identifier[0].Value
		case *r4.Encounter:
			names[e.FullURL] = r.Identifier[0].Value
		case *r4.Observation:
			names[e.FullURL] = value(r.Value)
		case *r4.Specimen:
			names[e.FullURL] = r.Identifier[0].Value
		}
	}
	name := func(ref *r4.Reference) string {
		if ref == nil {
			return "-"
		}
		return names[ref.Reference]
	}
	var b strings.Builder
	for _, e := range res.Bundle.Entry {
		switch r := e.Resource.(type) {
		case *r4.Patient:
			b.WriteString("patient " + r.Identifier[0].Value)
			for _, c := range r.Contact {
				b.WriteString(" note:" + c.Name.Text)
			}
		case *r4.DiagnosticReport:
			number, title := "-", "-"
			if len(r.Identifier) > 0 {
				number = r.Identifier[0].Value
			}
			if r.Code.Text != "" {
				title = r.Code.Text
			}
			b.WriteString("report " + title + " " + number + " of " + name(r.Subject) + " in " + name(r.Encounter) + ":")
			for i := range r.Result {
				b.WriteString(" " + name(&r.Result[i]))
			}
			for i := range r.Specimen {
				b.WriteString(" specimen:" + name(&r.Specimen[i]))
			}
			for i := range r.Category {
				b.WriteString(" timing:" + r.Category[i].Text)
			}
			if r.Conclusion != "" {
				b.WriteString(" note:" + r.Conclusion)
			}
		case *r4.Observation:
			if r.Subject != nil {
				b.WriteString("observation " + value(r.Value) + " of " + name(r.Subject))
			} else if r.Specimen != nil {
				b.WriteString("observation " + value(r.Value) + " on " + name(r.Specimen))
			} else if len(r.Note) > 0 {
				b.WriteString("observation " + value(r.Value))
			} else {
				continue
			}
			for _, n := range r.Note {
				b.WriteString(" note:" + n.Text)
			}
		default:
			continue
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Segments go to the nearest anchor that knows them, whatever the version and
// whatever is missing; a result never gets the order of another.
func TestBinding(t *testing.T) {
	cases := []struct{ name, segments, want string }{
		{"by the book", "PID|||p1 PV1|||||||||||||||||||v1 ORC|||f1 OBR||||A OBX|||||1 OBX|||||2 ORC|||f2 OBR||||B OBX|||||3",
			"patient p1\nreport A f1 of p1 in v1: 1 2\nreport B f2 of p1 in v1: 3\n"},
		{"no ORC", "PID|||p1 OBR|||f1|A OBX|||||1 OBR|||f2|B OBX|||||2 OBX|||||3",
			"patient p1\nreport A f1 of p1 in -: 1\nreport B f2 of p1 in -: 2 3\n"},
		{"ORC at the first only: the second does not get it", "PID|||p1 ORC|||f1 OBR||||A OBX|||||1 OBR|||f2|B OBX|||||2",
			"patient p1\nreport A f1 of p1 in -: 1\nreport B f2 of p1 in -: 2\n"},
		{"ORC at the second only: the first does not get it", "PID|||p1 OBR|||f1|A OBX|||||1 ORC|||f2 OBR||||B OBX|||||2",
			"patient p1\nreport A f1 of p1 in -: 1\nreport B f2 of p1 in -: 2\n"},
		{"two orders at once", "PID|||p1 ORC|||f1 ORC|||f2 OBR||||B OBX|||||2",
			"patient p1\nreport - f1 of - in -:\nreport B f2 of p1 in -: 2\n"},
		{"several patients", "PID|||p1 PV1|||||||||||||||||||v1 OBR|||f1|A OBX|||||1 PID|||p2 OBR|||f2|B OBX|||||2",
			"patient p1\nreport A f1 of p1 in v1: 1\npatient p2\nreport B f2 of p2 in -: 2\n"},
		{"no patient", "OBR|||f1|A OBX|||||1",
			"report A f1 of - in -: 1\n"},
		{"notes follow what they are about", "PID|||p1 NTE|||np ORC|||f1 OBR||||A NTE|||nr OBX|||||1 NTE|||n1 OBX|||||2 NTE|||n2 OBR|||f2|B OBX|||||3",
			"patient p1 note:np\nreport A f1 of p1 in -: 1 2 note:nr\nobservation 1 note:n1\nobservation 2 note:n2\nreport B f2 of p1 in -: 3\n"},
		{"two notes of one result", "PID|||p1 OBR|||f1|A OBX|||||1 NTE|||n1 NTE|||n2",
			"patient p1\nreport A f1 of p1 in -: 1\nobservation 1 note:n1 note:n2\n"},
		{"a note between ORC and OBR does not part them", "PID|||p1 ORC|||f1 NTE|||nr OBR||||A OBX|||||1",
			"patient p1\nreport A f1 of p1 in -: 1 note:nr\n"},
		{"timing before OBR, as version 2.5 has it in orders", "PID|||p1 ORC|||f1 TQ1|||||||||S OBR||||A OBX|||||1",
			"patient p1\nreport A f1 of p1 in -: 1 timing:S\n"},
		{"timing after OBR", "PID|||p1 ORC|||f1 OBR||||A TQ1|||||||||S OBX|||||1",
			"patient p1\nreport A f1 of p1 in -: 1 timing:S\n"},
		{"specimens", "PID|||p1 ORC|||f1 OBR||||A OBX|||||1 SPM||s1 SPM||s2 ORC|||f2 OBR||||B OBX|||||2 SPM||s3",
			"patient p1\nreport A f1 of p1 in -: 1 specimen:s1 specimen:s2\nreport B f2 of p1 in -: 2 specimen:s3\n"},
		{"a result of the specimen", "PID|||p1 OBR|||f1|A OBX|||||1 SPM||s1 OBX|||||2 OBR|||f2|B OBX|||||3",
			"patient p1\nreport A f1 of p1 in -: 1 specimen:s1\nobservation 2 on s1\nreport B f2 of p1 in -: 3\n"},
		{"a result of the patient", "PID|||p1 OBX|||||0 OBR|||f1|A OBX|||||1",
			"patient p1\nobservation 0 of p1\nreport A f1 of p1 in -: 1\n"},
		{"segments that nobody knows stay where they are", "PID|||p1 ZPI|x ORC|||f1 ZOR|x OBR||||A ZBR|x OBX|||||1 ZBX|x NTE|||n1 XXX|y OBX|||||2",
			"patient p1\nreport A f1 of p1 in -: 1 2\nobservation 1 note:n1\n"},
		{"the visit before the details of the person", "PID|||p1 PV1|||||||||||||||||||v1 PD1|x NTE|||np OBR|||f1|A OBX|||||1",
			"patient p1 note:np\nreport A f1 of p1 in v1: 1\n"},
		{"a continuation pointer at the end", "PID|||p1 OBR|||f1|A OBX|||||1 DSC|x",
			"patient p1\nreport A f1 of p1 in -: 1\n"},
		{"an order without results", "PID|||p1 ORC|||f1 OBR||||A ORC|||f2 OBR||||B",
			"patient p1\nreport A f1 of p1 in -:\nreport B f2 of p1 in -:\n"},
	}
	m := small(t, resultTables, mapping.Options{})
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			res := mustConvert(t, m, "MSH|^~\\&|A|B|C|D|2025||ORU^R01|1|P|2.5\r"+strings.ReplaceAll(c.segments, " ", "\r")+"\r")
			if got := outline(res); got != c.want {
				t.Errorf("got\n%swant\n%s", got, c.want)
			}
		})
	}
}

// An A01 with segments in another order and groups that repeat.
func TestBindingOfAdmissions(t *testing.T) {
	tables := map[string]string{
		"messages/ADT_A01": `
message: ADT_A01
triggers: [ADT^A01]
structure: '
  MSH [{SFT}] EVN PID [PD1] [{ROL}] [{NK1}] PV1 [PV2] [{ROL}] [{OBSERVATION: OBX [{NTE}]}] [{AL1}] [{DG1}]
  [{PROCEDURE: PR1 [{ROL}]}] [{INSURANCE: IN1 [IN2] [{IN3}]}]'
rows:
- {id: 1, from: PID, slot: 'Patient[1]', map: 'PID[Patient]'}
- {id: 2, from: ROL, after: PID, slot: 'Patient[1]', map: 'ROL[Patient]'}
- {id: 3, from: PV1, slot: 'Encounter[1]', map: 'PV1[Encounter]'}
- {id: 4, from: ROL, after: PV1, slot: 'Encounter[1]', map: 'ROL[Encounter]'}
- {id: 5, from: AL1, slot: AllergyIntolerance, map: 'AL1[AllergyIntolerance]'}
- {id: 6, in: INSURANCE, from: IN1, slot: 'Coverage[1]', map: 'IN1[Coverage]'}
- {id: 7, in: INSURANCE, from: IN2, slot: 'Coverage[1]', map: 'IN2[Coverage]'}
- {id: 8, in: PROCEDURE, from: PR1, slot: 'Procedure[1]', map: 'PR1[Procedure]'}
- {id: 9, in: PROCEDURE, from: ROL, slot: 'Procedure[1]', map: 'ROL[Procedure]'}
`,
		"segments/PID[Patient]":            "map: PID[Patient]\nrows:\n- {id: 1, from: PID-3, to: identifier.value}\n",
		"segments/ROL[Patient]":            "map: ROL[Patient]\nrows:\n- {id: 1, from: ROL-4, to: contact.name.text}\n",
		"segments/PV1[Encounter]":          "map: PV1[Encounter]\nrows:\n- {id: 1, from: PV1-19, to: identifier.value}\n",
		"segments/ROL[Encounter]":          "map: ROL[Encounter]\nrows:\n- {id: 1, from: ROL-4, to: 'reasonCode.text'}\n",
		"segments/ROL[Procedure]":          "map: ROL[Procedure]\nrows:\n- {id: 1, from: ROL-4, to: 'reasonCode.text'}\n",
		"segments/PR1[Procedure]":          "map: PR1[Procedure]\nrows:\n- {id: 1, from: PR1-3, to: code.text}\n",
		"segments/AL1[AllergyIntolerance]": "map: AL1[AllergyIntolerance]\nrows:\n- {id: 1, from: AL1-3, to: code.text}\n",
		"segments/IN1[Coverage]":           "map: IN1[Coverage]\nrows:\n- {id: 1, from: IN1-2, to: identifier.value}\n",
		"segments/IN2[Coverage]":           "map: IN2[Coverage]\nrows:\n- {id: 1, from: IN2-2, to: subscriberId}\n",
	}
	m := small(t, tables, mapping.Options{})
	for _, c := range []struct{ name, segments, want string }{
		{"by the book", "EVN PID|||p ROL||||gp PV1|||||||||||||||||||v ROL||||nurse AL1|||a AL1|||b PR1|||x ROL||||surgeon PR1|||y IN1||i1 IN2||s1 IN1||i2 IN1||i3 IN2||s3",
			"p:gp v:nurse a b x:surgeon y i1:s1 i2 i3:s3"},
		{"without EVN", "PID|||p ROL||||gp PV1|||||||||||||||||||v ROL||||nurse", "p:gp v:nurse"},
		{"without visit", "EVN PID|||p AL1|||a", "p a"},
		{"the visit late", "EVN PID|||p AL1|||a PV1|||||||||||||||||||v AL1|||b IN1||i1", "p a v b i1"},
		{"allergies behind the insurance", "EVN PID|||p PV1|||||||||||||||||||v IN1||i1 IN2||s1 AL1|||a AL1|||b", "p v i1:s1 a b"},
		{"a second PID is not the patient", "EVN PID|||p PID|||q PV1|||||||||||||||||||v", "p v"},
		{"insurance without its first segment", "EVN PID|||p PV1|||||||||||||||||||v IN2||s1", "p v"},
	} {
		t.Run(c.name, func(t *testing.T) {
			res := mustConvert(t, m, "MSH|^~\\&|A|B|C|D|2025||ADT^A01|1|P|2.5\r"+strings.ReplaceAll(c.segments, " ", "\r")+"\r")
			var got []string
			for _, e := range res.Bundle.Entry {
				switch r := e.Resource.(type) {
				case *r4.Patient:
					got = append(got, with(r.Identifier[0].Value, func() string {
						if len(r.Contact) > 0 {
							return r.Contact[0].Name.Text
						}
						return ""
					}()))
				case *r4.Encounter:
					got = append(got, with(r.Identifier[0].Value, text0(r.ReasonCode)))
				case *r4.Procedure:
					got = append(got, with(r.Code.Text, text0(r.ReasonCode)))
				case *r4.AllergyIntolerance:
					got = append(got, r.Code.Text)
				case *r4.Coverage:
					got = append(got, with(r.Identifier[0].Value, r.SubscriberID))
				}
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s, want %s", s, c.want)
			}
		})
	}
}

func with(s, more string) string {
	if more == "" {
		return s
	}
	return s + ":" + more
}

func text0(c []r4.CodeableConcept) string {
	if len(c) == 0 {
		return ""
	}
	return c[0].Text
}
