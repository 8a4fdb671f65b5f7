package hl7_test

import (
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// field returns a message's ZZZ-1 with this content.
func field(t *testing.T, content string) hl7.Value {
	return parse(t, "MSH|^~\\&|A\rZZZ|"+content+"|next").Segment(1).Field(1)
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		content                string
		reps, components, subs int
	}{
		{"", 0, 0, 0}, {"a", 1, 1, 1}, {"\"\"", 1, 1, 1},
		{"a~b", 2, 1, 1}, {"~", 2, 0, 0}, {"a~~", 3, 1, 1},
		{"a^b^c", 1, 3, 1}, {"^", 1, 2, 0}, {"a&b^c", 1, 2, 2}, {"&", 1, 1, 2},
		{"a^b~c^d^e", 2, 2, 1}, {"This~Is~A~Report~~~~~", 9, 1, 1},
	} {
		v := field(t, c.content)
		if v.Reps() != c.reps || v.Components() != c.components || v.Subs() != c.subs {
			t.Errorf("%q has %d, %d, %d; want %d, %d, %d", c.content,
				v.Reps(), v.Components(), v.Subs(), c.reps, c.components, c.subs)
		}
	}
}

func TestParts(t *testing.T) {
	v := field(t, "a&b^c~d^e&f&g^")
	for _, c := range []struct {
		got  hl7.Value
		raw  string
		text string
	}{
		{v, "a&b^c~d^e&f&g^", "a"},
		{v.Rep(1), "a&b^c", "a"}, {v.Rep(2), "d^e&f&g^", "d"}, {v.Rep(3), "", ""}, {v.Rep(0), "", ""}, {v.Rep(-1), "", ""},
		{v.Component(1), "a&b", "a"}, {v.Component(2), "c", "c"}, {v.Component(3), "", ""},
		{v.Rep(2).Component(2), "e&f&g", "e"}, {v.Rep(2).Component(3), "", ""},
		{v.Sub(2), "b", "b"}, {v.Rep(2).Component(2).Sub(3), "g", "g"}, {v.Rep(2).Component(2).Sub(4), "", ""},
		// on a deeper level number 1 is the value itself, and there is no number 2
		{v.Component(2).Rep(1), "c", "c"}, {v.Component(2).Rep(2), "", ""},
		{v.Sub(2).Component(1), "b", "b"}, {v.Sub(2).Component(2), "", ""},
		{v.Sub(2).Rep(1).Component(1).Sub(1), "b", "b"}, {v.Sub(2).Sub(2), "", ""},
	} {
		if string(c.got.Raw()) != c.raw || c.got.String() != c.text {
			t.Errorf("%q reads %q, want %q and %q", c.got.Raw(), c.got, c.raw, c.text)
		}
	}
	if v.Component(1).Reps() != 1 || v.Sub(1).Components() != 1 || v.Sub(1).Subs() != 1 || v.Sub(1).Reps() != 1 {
		t.Error("a part is one of itself")
	}
}

// TestPresence: empty says nothing, "" says delete (HL7 v2.9 2.5.3.4).
func TestPresence(t *testing.T) {
	for _, c := range []struct {
		content       string
		empty, isNull bool
	}{
		{"", true, false}, {"^", true, false}, {"~", true, false}, {"&&^~^", true, false},
		{"\"\"", false, true}, {"\"", false, false}, {"\"\"\"", false, false}, {"\"\"^x", false, false},
		{"x", false, false}, {" ", false, false}, {"\\", false, false},
	} {
		v := field(t, c.content)
		if v.Empty() != c.empty || v.Null() != c.isNull || v.Valued() == (c.empty || c.isNull) {
			t.Errorf("%q: empty %v, null %v, valued %v", c.content, v.Empty(), v.Null(), v.Valued())
		}
	}
	v := field(t, "\"\"^x")
	if !v.Component(1).Null() || v.String() != "" || v.Text() != "\"\"^x" || !v.Valued() {
		t.Error("a null component is null, its field is valued")
	}
	if v := field(t, "\"\""); v.String() != "" || v.Text() != "" || string(v.Raw()) != "\"\"" {
		t.Error("null has no text")
	}
	var none hl7.Value
	if !none.Empty() || none.Null() || none.Valued() || none.String() != "" || none.Text() != "" || none.Raw() != nil ||
		none.Reps() != 0 || none.Components() != 0 || none.Subs() != 0 || none.Rep(1).Component(1).Sub(1) != none {
		t.Error("the zero Value is not empty in all respects")
	}
}

// TestText: a text that is not split keeps the delimiters that its sender did not escape.
func TestText(t *testing.T) {
	v := field(t, "http://host/?a=1&b=2\\T\\c^d")
	if got, want := v.Text(), "http://host/?a=1&b=2&c^d"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := v.String(), "http://host/?a=1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestNavigationDoesNotAllocate(t *testing.T) {
	m := parse(t, admission)
	_ = m.Get("PID-5") // makes the one string that all texts share
	path, err := hl7.ParsePath("PID-3[2].4.2")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	if n := testing.AllocsPerRun(100, func() {
		pid, _ := m.First("PID")
		sum += len(pid.Field(3).Rep(2).Component(4).Sub(2).String())
		sum += len(pid.Field(5).Component(2).String())
		sum += len(m.At(path).Raw()) + len(m.Get("PID-11.3")) + len(m.Header().ControlID)
		for s := range m.All("OBX") {
			sum += s.Field(5).Reps() + len(s.Name())
			for _, f := range s.EachField() {
				for _, r := range f.EachRep() {
					for _, c := range r.EachComponent() {
						for _, v := range c.EachSub() {
							sum += len(v.Raw())
						}
					}
				}
			}
			for p, v := range s.Leaves() {
				sum += p.Field + len(v.Raw())
			}
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestPath(t *testing.T) {
	for text, want := range map[string]hl7.Path{
		"PID":                {Segment: "PID"},
		"OBX(3)":             {Segment: "OBX", Occurrence: 3},
		"PID-5":              {Segment: "PID", Field: 5},
		"PID-3[2].4.1":       {"PID", 0, 3, 2, 4, 1},
		"OBX(3)-5":           {Segment: "OBX", Occurrence: 3, Field: 5},
		"ZB1(12)-34[56].7.8": {"ZB1", 12, 34, 56, 7, 8},
		"MSH-9.1":            {Segment: "MSH", Field: 9, Component: 1},
	} {
		got, err := hl7.ParsePath(text)
		if err != nil || got != want {
			t.Errorf("%s is %+v, %v", text, got, err)
		}
		if got.String() != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
	for _, text := range []string{
		"", "PI", "pid-1", "1ID-1", "PID-", "PID-0", "PID-01x", "PID-1.", "PID-1.0", "PID-1[", "PID-1[]", "PID-1[2", "PID-1[x]",
		"PID()-1", "PID(0)-1", "PID(1-1", "PID-1.2.3.4", "PID-1.2[3]", "PID(1)[2]-3", "PID.1", "PID 1", "PID-99999999999999999999",
		"PID--1", "PID-1 ", "PIDX-1", "P-D-1",
	} {
		if p, err := hl7.ParsePath(text); err == nil {
			t.Errorf("%q is read as %+v", text, p)
		}
	}
}
