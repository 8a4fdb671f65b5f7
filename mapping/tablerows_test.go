package mapping_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// listed finds the one row of a name.
func listed(t *testing.T, rows []mapping.TableRow, name string) mapping.TableRow {
	t.Helper()
	at := slices.IndexFunc(rows, func(r mapping.TableRow) bool { return r.Name() == name })
	if at < 0 {
		t.Fatalf("there is no row %s", name)
	}
	return rows[at]
}

// TestTableRows looks at one row of each class, as the files have them.
func TestTableRows(t *testing.T) {
	rows, err := mapping.Rows(mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []mapping.TableRow{
		{Class: "segment", Table: "PID[Patient]", ID: "10", From: "PID-7", To: "birthDate", Does: "copies"},
		{Class: "segment", Table: "PID[Patient]", ID: "13", From: "PID-8", To: "gender", Does: "by CWE[code], codes by AdministrativeSex"},
		{Class: "segment", Table: "PID[Patient]", ID: "22", From: "PID-13", When: "PID-13.2 not valued", To: "telecom[1].use", Does: `writes "home"`},
		{Class: "segment", Table: "PID[Patient]", ID: "32", From: "PID-19", To: "identifier[4].type.coding.code", Does: `writes "SB"`, Why: "decided: SS (row 31)", Off: true},
		{Class: "message", Table: "ADT_A01", ID: "48", From: "AL1", To: "AllergyIntolerance", Does: "by AL1[AllergyIntolerance]; sets AllergyIntolerance.patient = Patient[1]; one of the set of AL1"},
		{Class: "message", Table: "ADT_A01", ID: "63", From: "INSURANCE.IN3", To: "CareTeam[1]", Does: "by IN3[CareTeam]; sets CareTeam.subject = Patient[1]"},
		{Class: "vocabulary", Table: "AddressType[Type]", ID: "3", From: "M", To: "postal of http://hl7.org/fhir/address-type", Does: "translates, displayed as Postal"},
		{Class: "default", Table: "defaults", ID: "D1", From: "Encounter", To: "Encounter.status", Does: `writes "unknown" where nothing stands`, Why: "neither PV1-2 nor PV1-45 says"},
		{Class: "rule", Table: "defaults", ID: "qty-3", From: "Quantity", When: "code is there and none is there of system", Does: "drop code"},
		{Class: "identity", Table: "identity", ID: "EpisodeOfCare", From: "EpisodeOfCare", Does: "told apart by identifier, else patient + message + ordinal; a number without system is one of the patient"},
		{Class: "system", Table: "systems", ID: "LN", From: "LN", To: "http://loinc.org", Does: "names the code system with OID 2.16.840.1.113883.6.1"},
	} {
		got := listed(t, rows, want.Name())
		text, line, file := got.Text, got.Line, got.File
		got.Text, got.Line, got.File = "", 0, ""
		if got != want {
			t.Errorf("%s:\n got %+v\nwant %+v", want.Name(), got, want)
		}
		b, err := os.ReadFile("tables/" + file)
		if err != nil {
			t.Fatal(err)
		}
		if in := strings.Split(string(b), "\n")[line-1]; in != text || !strings.Contains(in, want.ID) {
			t.Errorf("%s: its text is %q, line %d of its file %q", want.Name(), text, line, in)
		}
	}
}

// TestTableRowsOfOverlay: a row of an overlay stands in place of that of the tables,
// with its own file, and one over several lines keeps them all.
func TestTableRowsOfOverlay(t *testing.T) {
	over := fstest.MapFS{"segments/PID[Patient].yaml": {Data: []byte("map: 'PID[Patient]'\nrows:\n  - id: 10\n    from: PID-7\n    to: birthDate\n    off: true\n    why: never sent\n  - {id: S1, from: PID-2, to: language}\n")}}
	rows, err := mapping.Rows(mapping.Options{Overlays: []mapping.Overlay{{Name: "site", FS: over}}})
	if err != nil {
		t.Fatal(err)
	}
	got := listed(t, rows, "PID[Patient]#10")
	if !got.Off || got.Why != "never sent" || got.Overlay != "site" || got.File != "segments/PID[Patient].yaml" || got.Line != 3 && got.Line != 4 {
		t.Errorf("%+v", got)
	}
	if want := "- id: 10\n  from: PID-7\n  to: birthDate\n  off: true\n  why: never sent"; got.Text != want {
		t.Errorf("text %q, want %q", got.Text, want)
	}
	if got := listed(t, rows, "PID[Patient]#S1"); got.Line != 8 || got.Text != "- {id: S1, from: PID-2, to: language}" {
		t.Errorf("%+v", got)
	}
	if _, err := mapping.Rows(mapping.Options{Overlays: []mapping.Overlay{{Name: "site", FS: fstest.MapFS{"segments/x.yaml": {Data: []byte("map: y\n")}}}}}); err == nil {
		t.Error("a table that is not called as its file passes")
	}
}

// TestTableRowsNameLineage: every row that a lineage names is listed.
func TestTableRowsNameLineage(t *testing.T) {
	rows, err := mapping.Rows(mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for i := range rows {
		names[rows[i].Name()]++
	}
	for name, n := range names {
		if n > 1 {
			t.Errorf("%d rows are called %s", n, name)
		}
	}
	m, err := mapping.New(mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("../examples/admit.hl7")
	if err != nil {
		t.Fatal(err)
	}
	msg, err := hl7.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	res, err := m.Convert(msg)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range res.Lineage {
		for name := range strings.SplitSeq(l.Row, "/") {
			if names[name] == 0 && name != "defaults#absent" { // the engine's own
				t.Errorf("%s: there is no row %s", l.Path, name)
			}
		}
	}
	if len(res.Lineage) == 0 {
		t.Error("no lineage")
	}
}
