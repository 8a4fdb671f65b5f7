package reverse_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/mapping/reverse"
)

// Faults of tables are found when they are loaded, each with its file and line.
func TestFaults(t *testing.T) {
	const msg = "message: M\ntriggers: ['ADT^A01']\nrows:\n- {id: 1, let: Patient, from: Patient}\n- {id: 2, segment: PID}\n"
	const pid = "map: PID\nrows:\n"
	for name, c := range map[string]struct{ file, text, want string }{
		"unknown key":          {"segments/PID.yaml", pid + "- {id: 1, to: PID-8, form: Patient.gender}", `segments/PID.yaml: line 3: the key "form" is not known`},
		"unknown element":      {"segments/PID.yaml", pid + "- {id: 1, to: PID-8, from: Patient.sex}", "segments/PID.yaml:3: row 1: Patient.sex: Patient has no sex"},
		"another segment":      {"segments/PID.yaml", pid + "- {id: 1, to: PV1-8, from: Patient.gender}", `to: "PV1-8" is no place in PID`},
		"no map for a type":    {"segments/PID.yaml", pid + "- {id: 1, to: PID-5, from: Patient.name}", "Patient.name is a HumanName and needs a map"},
		"unknown map":          {"segments/PID.yaml", pid + "- {id: 1, to: PID-5, from: Patient.name, as: XPN}", "there is no map XPN"},
		"wrong map":            {"segments/PID.yaml", pid + "- {id: 1, to: PID-5, from: Patient.name, as: CX}", "CX is for Identifier"},
		"unknown vocabulary":   {"segments/PID.yaml", pid + "- {id: 1, to: PID-8, from: Patient.gender, code: Sex}", "there is no vocabulary Sex"},
		"choice left open":     {"segments/PID.yaml", pid + "- {id: 1, to: PID-8, from: Patient.gender, code: AdministrativeSex}", "several codes of v2 are other"},
		"choice of another":    {"choices/AdministrativeSex.yaml", "vocabulary: AdministrativeSex\nrows:\n- {id: 1, of: other, take: F}", "choices/AdministrativeSex.yaml:3: row 1: F is not among the codes"},
		"unknown function":     {"segments/PID.yaml", pid + "- {id: 1, to: PID-8, from: Patient.gender, fn: magic}", "there is no function magic"},
		"the same id":          {"segments/PID.yaml", pid + "- {id: 1, to: PID-8, from: Patient.gender}\n- {id: 1, to: PID-7, from: Patient.birthDate}", "segments/PID.yaml:4: the row has no id of its own"},
		"open bracket":         {"segments/PID.yaml", pid + "- {id: 1, to: PID-8, from: 'Patient.name[use=a.family'}", "the brackets do not match"},
		"open choice":          {"segments/PID.yaml", pid + "- {id: 1, to: PID-30, from: Patient.deceased}", "leaves the type of a choice open"},
		"a slot nobody binds":  {"segments/PID.yaml", pid + "- {id: 1, to: PID-18, from: Account.name}", "no message binds the slot Account"},
		"nothing to write":     {"segments/PID.yaml", pid + "- {id: 1, to: PID-8}", "from is missing"},
		"no such segment":      {"messages/X.yaml", "message: X\ntriggers: ['ADT^A02']\nrows:\n- {id: 1, segment: ZZZ}", "there is no map of segment ZZZ"},
		"in what is not open":  {"messages/X.yaml", "message: X\ntriggers: ['ADT^A02']\nrows:\n- {id: 1, in: Order, segment: PID}", "in: Order is not open here"},
		"an event of another":  {"messages/X.yaml", "message: X\ntriggers: ['ADT^A01']\nrows: []", "ADT^A01 stands in two tables"},
		"another name":         {"segments/PID.yaml", "map: PIT\nrows: []", `the table says it is "PIT"`},
		"a type that is none":  {"datatypes/CX.yaml", "map: CX\nof: Number\nrows: []", `"Number" is no type of FHIR`},
		"an unknown directory": {"other/PID.yaml", pid, "not a kind of table that is known"},
	} {
		files := fstest.MapFS{
			"messages/M.yaml":   {Data: []byte(msg)},
			"segments/PID.yaml": {Data: []byte(pid + "- {id: 1, to: PID-7, from: Patient.birthDate}")},
			"datatypes/CX.yaml": {Data: []byte("map: CX\nof: Identifier\nrows:\n- {id: 1, to: CX.1, from: value}")},
		}
		files[c.file] = &fstest.MapFile{Data: []byte(c.text)}
		_, err := reverse.New(reverse.Options{Tables: files})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
