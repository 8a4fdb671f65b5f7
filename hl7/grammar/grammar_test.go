package grammar_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7/grammar"
)

func TestFor(t *testing.T) {
	for _, c := range []struct{ version, want string }{
		{"2.1", "2.1"}, {"2.3.1", "2.3.1"}, {"2.9.1", "2.9.1"},
		{"", "2.5.1"}, {"2.5.1^USA&x^1", "2.5.1"}, {" 2.4 ", "2.4"}, {"2.5~2.6", "2.5"},
		{"2.3.0", "2.3"}, {"2.5.2", "2.5.1"}, {"2.999", "2.9.1"}, {"3", "2.9.1"}, {"1.0", "2.1"}, {"2.0", "2.1"},
		{"two", "2.5.1"}, {"2.x", "2.5.1"}, {"-1", "2.5.1"},
	} {
		if got := grammar.For(c.version).Name(); got != c.want {
			t.Errorf("%q is read by %s, want %s", c.version, got, c.want)
		}
	}
}

func TestFacts(t *testing.T) {
	v := grammar.For("2.5.1")
	pid, ok := v.Segment("PID")
	if !ok || pid.Title != "Patient Identification" || len(pid.Fields) != 39 {
		t.Fatalf("PID of 2.5.1 is %v with %d fields", pid.Title, len(pid.Fields))
	}
	want := grammar.Field{Seq: 3, Name: "Patient Identifier List", Type: "CX", Opt: "R", MaxRep: grammar.Unbounded, Length: 250}
	if f, ok := pid.Field(3); !ok || f != want {
		t.Errorf("PID-3 is %+v", f)
	}
	if f, ok := pid.Field(8); !ok || f.Type != "IS" || f.Table != "0001" || f.MaxRep != 1 {
		t.Errorf("PID-8 is %+v", f)
	}
	for _, n := range []int{0, -1, 40} {
		if _, ok := pid.Field(n); ok {
			t.Errorf("there is a field %d", n)
		}
	}
	if cx, ok := v.DataType("CX"); !ok || cx.Components[3].Type != "HD" {
		t.Errorf("CX.4 is %+v", cx)
	}
	if st, ok := v.DataType("ST"); !ok || len(st.Components) != 0 {
		t.Error("ST is a primitive")
	}
	if _, ok := v.Segment("ZBE"); ok {
		t.Error("there is a ZBE")
	}
}

func TestStructureOf(t *testing.T) {
	for _, c := range []struct{ version, typ, event, want string }{
		{"2.4", "ADT", "A04", "ADT_A01"}, {"2.4", "ACK", "", "ACK"}, {"2.1", "ADT", "A01", "ADT_A01"},
		{"2.5.1", "ACK", "A01", "ACK"}, {"2.5.1", "ORU", "R01", "ORU_R01"}, {"2.5.1", "ADT", "A08", "ADT_A01"},
		{"2.5.1", "ADT", "A40", "ADT_A39"}, {"2.5.1", "SIU", "S14", "SIU_S12"},
		{"2.5.1", "ADT", "Z99", ""}, {"2.5.1", "ADT", "", ""}, {"2.5.1", "", "", ""},
	} {
		if got, ok := grammar.For(c.version).StructureOf(c.typ, c.event); got != c.want || ok != (c.want != "") {
			t.Errorf("%s^%s of %s has structure %q, want %q", c.typ, c.event, c.version, got, c.want)
		}
	}
}

func TestStructure(t *testing.T) {
	s, ok := grammar.For("2.5.1").Structure("ORU_R01")
	if !ok {
		t.Fatal("2.5.1 has no ORU_R01")
	}
	if got, want := outline(s.Nodes), "MSH SFT* PATIENT_RESULT(PATIENT(PID PD1? NTE* NK1* VISIT(PV1 PV2?)?)? "+
		"ORDER_OBSERVATION(ORC? OBR NTE* TIMING_QTY(TQ1 TQ2*)* CTD? OBSERVATION(OBX NTE*)* FT1* CTI* "+
		"SPECIMEN(SPM OBX*)*)+)+ DSC?"; got != want {
		t.Errorf("ORU_R01 is\n%s\nwant\n%s", got, want)
	}
	orm, _ := grammar.For("2.5.1").Structure("ORM_O01")
	if !strings.Contains(outline(orm.Nodes), "<OBR|RQD|RQ1|RXO|ODS|ODT>") {
		t.Errorf("ORM_O01 has no choice of order details: %s", outline(orm.Nodes))
	}
	if _, ok := grammar.For("2.5.1").Structure("ADT_A08"); ok {
		t.Error("ADT_A08 is no structure of its own")
	}
	if v := grammar.For("2.5.1"); !v.HasStructure("ORU_R01") || v.HasStructure("ADT_A08") || v.HasStructure("") {
		t.Error("HasStructure does not tell what Structure gives")
	}
}

// outline writes a tree in a notation of the test's own.
func outline(nodes []grammar.Node) string {
	var parts []string
	for _, n := range nodes {
		s := n.Name
		switch {
		case n.Choice:
			s = "<" + strings.ReplaceAll(outline(n.Children), " ", "|") + ">"
		case n.Group:
			s += "(" + outline(n.Children) + ")"
		}
		switch {
		case n.Min == 0 && n.Max == 1:
			s += "?"
		case n.Min == 0:
			s += "*"
		case n.Max != 1:
			s += "+"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func TestTable(t *testing.T) {
	sex, ok := grammar.For("2.5.1").Table("0001")
	if !ok || sex.Name != "Administrative Sex" || sex.Kind != "user" {
		t.Fatalf("table 0001 is %+v", sex)
	}
	if c, ok := sex.Code("F"); !ok || c.Display != "Female" {
		t.Errorf("F is %+v", c)
	}
	for _, c := range []struct {
		version, code string
		want          bool
	}{{"2.3", "A", false}, {"2.4", "A", true}, {"2.8.2", "X", false}, {"2.9", "X", true}} {
		table, _ := grammar.For(c.version).Table("0001")
		if _, ok := table.Code(c.code); ok != c.want {
			t.Errorf("%s in %s: %v", c.code, c.version, ok)
		}
	}
	if table, _ := grammar.For("2.3").Table("0001"); !table.Elsewhere("A") || table.Elsewhere("?") || (&grammar.Table{}).Elsewhere("A") {
		t.Error("A is in table 0001 of other versions")
	}
	if again, _ := grammar.For("2.5.1").Table("0001"); again != sex {
		t.Error("the table is made anew each time")
	}
	if _, ok := grammar.For("2.5.1").Table("9999"); ok {
		t.Error("there is a table 9999")
	}
}

// TestWhole compares all that is embedded with the data that it was made from.
func TestWhole(t *testing.T) {
	for _, version := range grammar.Versions() {
		b, err := os.ReadFile("../../../shared/hl7v2-grammar/" + version + ".json")
		if err != nil {
			t.Skip("SKIPPED: the source data is not here: ", err)
		}
		var want struct {
			Segments   map[string]struct{ Fields []fact }
			DataTypes  map[string]struct{ Components []fact }
			Structures map[string][]node
			Events     map[string]string
		}
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		v := grammar.For(version)
		if len(want.Segments) == 0 || len(want.DataTypes) == 0 || len(want.Structures) == 0 || len(want.Events) == 0 {
			t.Fatalf("%s: the source data has another shape", version)
		}
		for name, w := range want.Segments {
			got, ok := v.Segment(name)
			if !ok || len(got.Fields) != len(w.Fields) {
				t.Errorf("%s %s is missing or has another length", version, name)
				continue
			}
			for i, f := range got.Fields {
				w.Fields[i].check(t, version+" "+name, fact{f.Seq, f.Name, f.Type, f.Opt, f.MaxRep, length(f.Length), f.Table})
			}
		}
		for name, w := range want.DataTypes {
			got, ok := v.DataType(name)
			if !ok || len(got.Components) != len(w.Components) {
				t.Errorf("%s %s is missing or has another length", version, name)
				continue
			}
			for i, c := range got.Components {
				w.Components[i].check(t, version+" "+name, fact{c.Seq, c.Name, c.Type, c.Opt, 0, length(c.Length), c.Table})
			}
		}
		for name, w := range want.Structures {
			if got, ok := v.Structure(name); !ok || outline(got.Nodes) != outline(nodes(w)) {
				t.Errorf("%s %s is not as in the source", version, name)
			}
		}
		for event, w := range want.Events {
			typ, trigger, _ := strings.Cut(event, "^")
			if got, ok := v.StructureOf(typ, trigger); !ok || got != w {
				t.Errorf("%s %s is %s, want %s", version, event, got, w)
			}
		}
	}
}

type fact struct {
	Seq             int
	Name, Type, Opt string
	MaxRep          int
	Length          *int
	Table           string
}

func (want fact) check(t *testing.T, where string, got fact) {
	t.Helper()
	write := func(f fact) string {
		l := 0
		if f.Length != nil {
			l = *f.Length
		}
		f.Length = nil
		return fmt.Sprint(f, l)
	}
	if write(got) != write(want) {
		t.Errorf("%s: %s, want %s", where, write(got), write(want))
	}
}

func length(n int) *int { return &n }

type node struct {
	Seg, Group string
	Min, Max   int
	Choice     bool
	Children   []node
}

func nodes(in []node) []grammar.Node {
	var out []grammar.Node
	for _, n := range in {
		out = append(out, grammar.Node{
			Name: n.Seg + n.Group, Group: n.Group != "", Choice: n.Choice, Min: n.Min, Max: n.Max, Children: nodes(n.Children),
		})
	}
	return out
}

func ExampleFor() {
	v := grammar.For("2.5.1")
	pid, _ := v.Segment("PID")
	name, _ := pid.Field(5)
	fmt.Println(name.Name, name.Type)
	xpn, _ := v.DataType(name.Type)
	given, _ := xpn.Component(2)
	fmt.Println(given.Name)
	structure, _ := v.StructureOf("ADT", "A08")
	fmt.Println(structure)
	// Output:
	// Patient Name XPN
	// Given Name
	// ADT_A01
}
