package structure_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
	"github.com/ponshealth/pons/hl7/structure"
)

// message makes a message from its type, version and segments; "OBX x" is an
// OBX whose first field is x.
func message(t testing.TB, typ, version, segments string) *hl7.Message {
	t.Helper()
	text := "MSH|^~\\&|A|F|B|G|20250101||" + typ + "|1|P|" + version
	for _, s := range strings.Split(segments, ", ") {
		text += "\r" + strings.ReplaceAll(s, " ", "|")
	}
	m, err := hl7.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// outline writes a tree on one line; ! marks what is not placed.
func outline(n structure.Node) string {
	var parts []string
	for c := range n.Children() {
		s := c.Name()
		if !c.Placed() {
			s = "!" + s
		}
		if _, ok := c.Segment(); !ok {
			s += "(" + outline(c) + ")"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func problems(t *structure.Tree) string {
	var parts []string
	for _, p := range t.Problems() {
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s %s at %d %s", p.Kind, p.Name, p.Segment, p.Group.Path())))
	}
	return strings.Join(parts, "; ")
}

// The trees are those that the abstract message definitions of the version give,
// read by hand; for messages that break them, the reading with the least to
// complain about.
var cases = []struct {
	name, typ, version, segments string
	tree, problems               string
}{
	{
		"parser case 34", "ORU^R01", "2.4", "ORC ORC1, OBX 1, NTE, ZNT ZNT1, ORC ORC2",
		"MSH PATIENT_RESULT(ORDER_OBSERVATION(ORC OBSERVATION(OBX NTE !ZNT)) ORDER_OBSERVATION(ORC))",
		"missing OBR at 2 /PATIENT_RESULT(0)/ORDER_OBSERVATION(0); missing OBR at 6 /PATIENT_RESULT(0)/ORDER_OBSERVATION(1)",
	}, {
		"parser case 35", "ORM^O01", "2.4", "EVN, PID, PV1, ORC, OBR",
		"MSH !EVN PATIENT(PID PATIENT_VISIT(PV1)) ORDER(ORC ORDER_DETAIL(ORDER_DETAIL_CHOICE(OBR)))",
		"unexpected EVN at 1",
	}, {
		"parser case 36", "ADT^A45", "2.4", "EVN, PID, PV1",
		"MSH EVN PID MERGE_INFO(PV1)",
		"missing MRG at 3 /MERGE_INFO(0)",
	}, {
		"an admission", "ADT^A01", "2.5.1", "EVN, PID, NK1, NK1, PV1, ROL, OBX, PR1, ROL, PR1, IN1, IN2, IN1",
		"MSH EVN PID NK1 NK1 PV1 ROL OBX PROCEDURE(PR1 ROL) PROCEDURE(PR1) INSURANCE(IN1 IN2) INSURANCE(IN1)", "",
	}, {
		"the event of another structure", "ADT^A08^ADT_A08", "2.5.1", "EVN, PID, PV1, AL1", "MSH EVN PID PV1 AL1", "",
	}, {
		"two patients", "ORU^R01", "2.5.1", "PID, PV1, OBR, OBX, OBX, NTE, OBR, PID, OBR, OBX",
		"MSH PATIENT_RESULT(PATIENT(PID VISIT(PV1)) ORDER_OBSERVATION(OBR OBSERVATION(OBX) OBSERVATION(OBX NTE)) ORDER_OBSERVATION(OBR)) " +
			"PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))", "",
	}, {
		"observations of the order and of its specimen", "ORU^R01", "2.5.1", "OBR, OBX, SPM, OBX, OBX",
		"MSH PATIENT_RESULT(ORDER_OBSERVATION(OBR OBSERVATION(OBX) SPECIMEN(SPM OBX OBX)))", "",
	}, {
		"a choice", "ORM^O01", "2.3", "PID, ORC, RXO, ORC, OBR, NTE",
		"MSH PATIENT(PID) ORDER(ORC ORDER_DETAIL(ORDER_DETAIL_CHOICE(RXO))) ORDER(ORC ORDER_DETAIL(ORDER_DETAIL_CHOICE(OBR) NTE))", "",
	}, {
		"a choice taken twice", "ORM^O01", "2.3", "ORC, RXO, RXO",
		"MSH ORDER(ORC ORDER_DETAIL(ORDER_DETAIL_CHOICE(RXO RXO)))",
		"too many RXO at 3 /ORDER(0)/ORDER_DETAIL(0)/ORDER_DETAIL_CHOICE(0)",
	}, {
		"any segment", "MFN^M01", "2.5", "MFI, MFE, LOC, MFE, ZLO", "MSH MFI MF(MFE LOC) MF(MFE ZLO)", "",
	}, {
		"the patient before the event", "ADT^A01", "2.5", "PID, EVN, PV1, AL1", "MSH !PID EVN PV1 AL1", "out of order PID at 1",
	}, {
		"one early segment does not push the others out of place", "ADT^A01", "2.5", "EVN, PID, DG1, PV1, PV2, OBX, AL1",
		"MSH EVN PID !DG1 PV1 PV2 OBX AL1", "out of order DG1 at 3",
	}, {
		"insurance before the visit stays together", "ADT^A01", "2.5", "EVN, PID, IN1, IN2, PV1, PV2, OBX, AL1",
		"MSH EVN PID !INSURANCE(!IN1 !IN2) PV1 PV2 OBX AL1",
		"out of order IN1 at 3 /INSURANCE(0); out of order IN2 at 4 /INSURANCE(0)",
	}, {
		"a segment from the middle of a group opens none", "ADT^A01", "2.5", "EVN, PID, IN2, PV1",
		"MSH EVN PID !IN2 PV1", "out of order IN2 at 3",
	}, {
		"a relative after the procedures", "ADT^A01", "2.5", "EVN, PID, PV1, PR1, NK1, PR1", "MSH EVN PID PV1 PROCEDURE(PR1) !NK1 PROCEDURE(PR1)",
		"out of order NK1 at 5",
	}, {
		"a relative inside a procedure", "ADT^A01", "2.5", "EVN, PID, PV1, PR1, NK1, ROL", "MSH EVN PID PV1 PROCEDURE(PR1 !NK1 ROL)",
		"out of order NK1 at 5 /PROCEDURE(0)",
	}, {
		"a visit among the results", "ORU^R01", "2.5", "PID, OBR, OBX, PV1, OBX",
		"MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX !PV1) OBSERVATION(OBX)))",
		"out of order PV1 at 4 /PATIENT_RESULT(0)/ORDER_OBSERVATION(0)/OBSERVATION(0)",
	}, {
		"twice what is once", "ADT^A01", "2.5", "EVN, PID, PID, PV1", "MSH EVN PID PID PV1", "too many PID at 3",
	}, {
		"nothing but a header", "ORU^R01", "2.5", "ZZZ", "MSH !ZZZ", "missing PATIENT_RESULT at 2",
	}, {
		"much is missing", "ADT^A01", "2.5", "ZZZ", "MSH !ZZZ", "missing EVN at 2; missing PID at 2; missing PV1 at 2",
	}, {
		"a segment that there is not", "ADT^A01", "2.5", "EVN, PID, XYZ, PV1", "MSH EVN PID !XYZ PV1", "unexpected XYZ at 3",
	}, {
		"an event of a later version", "VXU^V04", "2.2", "PID, ORC, RXA", "MSH PID ORDER(ORC RXA)", "",
	}, {
		"no structure", "ZZZ^ZZZ", "2.5", "PID, OBX", "!MSH !PID !OBX", "no structure  at 0",
	},
}

func TestMatch(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			tree := structure.Match(message(t, c.typ, c.version, c.segments))
			if got := outline(tree.Root()); got != c.tree {
				t.Errorf("got  %s\nwant %s", got, c.tree)
			}
			if got := problems(tree); got != c.problems {
				t.Errorf("problems %s\nwant     %s", got, c.problems)
			}
		})
	}
}

func TestStructure(t *testing.T) {
	for _, c := range []struct{ typ, version, structure, of string }{
		{"ADT^A04", "2.4", "ADT_A01", "2.4"}, // parser case 18
		{"ACK", "2.4", "ACK", "2.4"},
		{"ADT^A01", "2.1", "ADT_A01", "2.1"},
		{"ADT^A01^ADT_A01", "2.5.1^USA", "ADT_A01", "2.5.1"},
		{"ORU^R01^ORU_R01", "2.999", "ORU_R01", "2.9.1"},
		{"ORU^R01^", "", "ORU_R01", "2.5.1"},
		{"SIU^S13^SIU_S13", "2.4", "SIU_S12", "2.4"},
		{"^^SIU_S13", "2.4", "SIU_S12", "2.4"},
		{"ORM^O01^ORM_O01", "2.8", "ORM_O01", "2.6"}, // withdrawn with 2.7
		{"ZZZ^Z01", "2.5", "", ""},
	} {
		name, of := structure.Match(message(t, c.typ, c.version, "PID")).Structure()
		if name != c.structure || of != c.of {
			t.Errorf("%s of %s is read as %s of %s, want %s of %s", c.typ, c.version, name, of, c.structure, c.of)
		}
	}
}

func TestCompile(t *testing.T) {
	s := &grammar.Structure{Name: "OURS", Nodes: []grammar.Node{
		{Name: "MSH", Min: 1, Max: 1},
		{Name: "MOVE", Group: true, Min: 1, Max: grammar.Unbounded, Children: []grammar.Node{
			{Name: "ZBE", Min: 1, Max: 1}, {Name: "PV1", Max: 1},
		}},
	}}
	other := &grammar.Structure{Nodes: []grammar.Node{{Name: "PV1", Min: 1, Max: 1}}}
	if got := problems(structure.Compile(other).Match(message(t, "ZZZ^Z01", "2.5", "PID"))); got != "unexpected MSH at 0; unexpected PID at 1; missing PV1 at 2" {
		t.Error(got)
	}
	empty := &grammar.Structure{Nodes: []grammar.Node{{Name: "NOTHING", Group: true, Min: 1, Max: 1}}}
	if got := outline(structure.Compile(empty).Match(message(t, "ZZZ^Z01", "2.5", "PID")).Root()); got != "!MSH !PID" {
		t.Error(got)
	}
	tree := structure.Compile(s).Match(message(t, "ZZZ^Z01", "2.5", "ZBE, PV1, ZBE, ZBX"))
	if got := outline(tree.Root()); got != "MSH MOVE(ZBE PV1) MOVE(ZBE !ZBX)" || len(tree.Problems()) > 0 {
		t.Error(got, problems(tree))
	}
}

func TestBegins(t *testing.T) {
	for _, c := range []struct{ typ, segments, name, begins string }{
		{"ORU^R01", "ZZZ", "PATIENT_RESULT", "OBR"},
		{"ORM^O01", "PID", "ORDER", "ORC"},
		{"ADT^A01", "PID, PV1", "EVN", "EVN"},
		{"OML^O21", "PID, PV1, PV2, PV1, ORC", "PATIENT_VISIT", "PV1"},
	} {
		p := structure.Match(message(t, c.typ, "2.5.1", c.segments)).Problems()
		if len(p) != 1 || p[0].Name != c.name || p[0].Begins != c.begins {
			t.Errorf("%s: %+v", c.typ, p)
		}
	}
}

func TestManyProblems(t *testing.T) {
	tree := structure.Match(message(t, "ADT^A01", "2.5", strings.Repeat("XYZ, ", 5000)+"EVN, PID, PV1"))
	if len(tree.Problems()) != 1000 || tree.More() != 4000 {
		t.Errorf("%d problems and %d more", len(tree.Problems()), tree.More())
	}
}

func TestNodes(t *testing.T) {
	m := message(t, "ORU^R01", "2.5.1", "PID, OBR, OBX a, OBX b, OBR, OBX c")
	tree := structure.Match(m)
	n, ok := tree.Of(6)
	if s, isSegment := n.Segment(); !ok || !isSegment || s.Field(1).String() != "c" {
		t.Error("segment 6 is not the last OBX")
	}
	for _, i := range []int{-1, 7} {
		if _, ok := tree.Of(i); ok {
			t.Errorf("there is a segment %d", i)
		}
	}
	var up []string
	for p, ok := n.Parent(); ok; p, ok = p.Parent() {
		up = append(up, p.Name())
	}
	if got := strings.Join(up, " "); got != "OBSERVATION ORDER_OBSERVATION PATIENT_RESULT " {
		t.Errorf("it lies in %q", got)
	}
	var below []string
	order, _ := tree.Root().Find(structure.Path{Steps: []structure.Step{{Name: "ORDER_OBSERVATION", Number: 0}}})
	for s := range order.Segments() {
		below = append(below, s.Name()+s.Field(1).String())
	}
	if !slices.Equal(below, []string{"OBR", "OBXa", "OBXb"}) {
		t.Error("the first order has", below)
	}
	var none structure.Node
	if _, ok := none.Segment(); ok || none.Name() != "" || none.Placed() || none.Get("/PID-3") != "" {
		t.Error("the zero node is something")
	}
	for range none.Children() {
		t.Error("the zero node has children")
	}
}
