package mapping_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

func overlay(files map[string]string) mapping.Options {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return mapping.Options{IDKey: []byte("test"), Overlays: []mapping.Overlay{{Name: "site", FS: fs}}}
}

const withZ = "MSH|^~\\&|A|B|||20240102030405+0100||ADT^A08|1|P|2.5\rEVN|A08|20240102030405+0100\rPID|1||77^^^X^MR||DOE^ANN||19900101|W\rZPI|1|Fluffy|blue\rPV1|1|I\rAL1|1|DA|PEN^Penicillin^L\r"

func TestOverlay(t *testing.T) {
	m, err := mapping.New(overlay(map[string]string{
		"messages/any.yaml":                 "message: '*'\nrows:\n- {id: S1, from: ZPI, slot: 'Patient[1]', map: 'ZPI[Patient]'}\n",
		"segments/ZPI[Patient].yaml":        "map: 'ZPI[Patient]'\nrows:\n- {id: S1, from: ZPI-2, to: 'name[9].text'}\n- {id: S2, from: ZPI, to: 'name[9].use', value: nickname}\n",
		"segments/PID[Patient].yaml":        "map: 'PID[Patient]'\nrows:\n- {id: 10, off: true, why: 'our birth dates are wrong'}\n",
		"vocabulary/AdministrativeSex.yaml": "vocabulary: AdministrativeSex\nrows:\n- {id: S1, code: W, to: female, in: 'http://hl7.org/fhir/administrative-gender'}\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	res := mustConvert(t, m, withZ)
	p := all[*r4.Patient](res)[0]
	if len(p.Name) != 2 || p.Name[1].Text != "Fluffy" || p.Name[1].Use != "nickname" {
		t.Errorf("names %+v", p.Name)
	}
	if p.BirthDate != "" || p.Gender != "female" {
		t.Errorf("born %q, gender %q", p.BirthDate, p.Gender)
	}
	if len(all[*r4.Encounter](res)) != 1 || len(all[*r4.AllergyIntolerance](res)) != 1 {
		t.Error("what comes behind the segment of the site is lost")
	}
	left := false
	for _, u := range res.Unmapped {
		left = left || u.Path == "ZPI-3"
	}
	if !left {
		t.Error("what nothing consumes of the segment is not named")
	}
	if before := all[*r4.Patient](mustConvert(t, newMapper(t), withZ))[0]; before.BirthDate != "1990-01-01" || before.Gender == "female" {
		t.Error("the overlay has changed the tables of others")
	}
}

// What is wrong with an overlay is told by file and line.
func TestOverlayRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, text, want string }{
		"path":       {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-40, to: 'telephone'}\n", "site/segments/PID[Patient].yaml:3"},
		"map":        {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-40, to: telecom, as: 'XTN[Phone]'}\n", "site/segments/PID[Patient].yaml:3"},
		"vocabulary": {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-8, to: gender, code: Sexes}\n", "site/segments/PID[Patient].yaml:3"},
		"condition":  {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-8, when: 'PID-8 is', to: gender}\n", "site/segments/PID[Patient].yaml:3"},
		"key":        {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, form: PID-8, to: gender}\n", "site/segments/PID[Patient].yaml:3"},
		"yaml":       {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-8\n", "site/segments/PID[Patient].yaml:3"},
		"off":        {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: 10, off: true}\n", "site/segments/PID[Patient].yaml:3"},
		"target":     {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\ntarget: Person\nrows: []\n", "site/segments/PID[Patient].yaml"},
		"slot":       {"messages/any.yaml", "message: '*'\nrows:\n- {id: S1, from: ZPI, slot: 'Pet[1]', map: 'ZPI[Patient]'}\n", "site/messages/any.yaml:3"},
		"no segment": {"messages/ADT_A01.yaml", "message: ADT_A01\nrows:\n- {id: S1, from: OBR, slot: 'Patient[1]', map: 'PID[Patient]'}\n", "site/messages/ADT_A01.yaml:3"},
		"trigger":    {"messages/ADT_A01.yaml", "message: ADT_A01\ntriggers: [ORU^R01]\n", "site/messages/ADT_A01.yaml:1: the trigger ORU^R01"},
		"near path":  {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-40, to: 'identifer[9].value'}\n", "identifer is not an element of Patient in R4; is identifier meant?"},
		"near map":   {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-40, to: 'identifier[9]', as: 'CX[Identifer]'}\n", "there is no map CX[Identifer]; is CX[Identifier] meant?"},
		"choice":     {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-40, to: 'extension[7].url', value: x}\n- {id: S2, from: PID-40, to: 'extension[7].value'}\n", "such as valueString, valueCodeableConcept, valueDateTime"},
		"no url":     {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-40, to: 'extension[7].valueString'}\n", "to: 'extension[7].url'"},
		"near slot":  {"messages/any.yaml", "message: '*'\nrows:\n- {id: S1, from: ZPI, slot: Patient, map: 'PID[Patient]'}\n", "is Patient[1] meant?"},
		"by trigger": {"messages/ADT_A08.yaml", "message: ADT_A08\nrows: []\n", "its table is ADT_A01"},
		"brackets":   {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID-3, to: identifier[2]}\n", "site/segments/PID[Patient].yaml:3: did not find expected ',' or '}' (a text with [ ]"},
		"tabs":       {"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n\t- {id: S1}\n", "site/segments/PID[Patient].yaml:3: found character that cannot start any token (lines are indented with blanks"},
		"file name":  {"vocabulary/Arms.yaml", "vocabulary: Arm\nrows: []\n", "its file is Arm.yaml"},
		"yml":        {"vocabulary/Arms.yml", "vocabulary: Arms\nrows: []\n", "site/vocabulary/Arms.yml:1: the name of a table ends in .yaml"},
		"folder":     {"segment/PID[Patient].yaml", "map: 'PID[Patient]'\n", "segment/PID[Patient].yaml"},
	} {
		_, err := mapping.New(overlay(map[string]string{c.file: c.text}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}
