package hl7_test

import (
	"reflect"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// views are all typed views, each with its number of components in 2.9 (chapter 2A).
var views = []struct {
	name  string
	parts int
	read  func(hl7.Value) hl7.Composite
}{
	{"HD", 3, func(v hl7.Value) hl7.Composite { x := v.HD(); return &x }},
	{"EI", 4, func(v hl7.Value) hl7.Composite { x := v.EI(); return &x }},
	{"EIP", 2, func(v hl7.Value) hl7.Composite { x := v.EIP(); return &x }},
	{"CX", 12, func(v hl7.Value) hl7.Composite { x := v.CX(); return &x }},
	{"CWE", 22, func(v hl7.Value) hl7.Composite { x := v.CWE(); return &x }},
	{"MSG", 3, func(v hl7.Value) hl7.Composite { x := v.MSG(); return &x }},
	{"XPN", 15, func(v hl7.Value) hl7.Composite { x := v.XPN(); return &x }},
	{"XCN", 25, func(v hl7.Value) hl7.Composite { x := v.XCN(); return &x }},
	{"XON", 10, func(v hl7.Value) hl7.Composite { x := v.XON(); return &x }},
	{"XAD", 23, func(v hl7.Value) hl7.Composite { x := v.XAD(); return &x }},
	{"XTN", 18, func(v hl7.Value) hl7.Composite { x := v.XTN(); return &x }},
	{"PL", 11, func(v hl7.Value) hl7.Composite { x := v.PL(); return &x }},
	{"SN", 4, func(v hl7.Value) hl7.Composite { x := v.SN(); return &x }},
	{"CQ", 2, func(v hl7.Value) hl7.Composite { x := v.CQ(); return &x }},
	{"DR", 2, func(v hl7.Value) hl7.Composite { x := v.DR(); return &x }},
	{"ED", 5, func(v hl7.Value) hl7.Composite { x := v.ED(); return &x }},
	{"RP", 4, func(v hl7.Value) hl7.Composite { x := v.RP(); return &x }},
}

// numbered is a field whose every subcomponent says where it stands.
func numbered(components int) string {
	raw := ""
	for c := 1; c <= components; c++ {
		if c > 1 {
			raw += "^"
		}
		for s := 1; s <= 6; s++ {
			if s > 1 {
				raw += "&"
			}
			raw += string(rune('a'+c-1)) + string(rune('0'+s))
		}
	}
	return raw
}

// TestViewsReadAndWrite: what a view reads from the first, and from the last of its
// components, comes back at the same place, in a field and in a component.
func TestViewsReadAndWrite(t *testing.T) {
	for _, view := range views {
		m := parse(t, "MSH|^~\\&|\rZZ1|"+numbered(26)+"~x|a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y|"+hl7.Null+"|^&~")
		for n := 1; n <= 2; n++ {
			v := m.Segment(1).Field(n)
			place := "1"
			if n == 2 {
				v, place = v.Component(1), "1.1"
			}
			x := view.read(v)
			empty := parse(t, "MSH|^~\\&|\rZZ1|")
			again, err := hl7.Edit(empty).Put("ZZ1-"+place, x).Message()
			if err != nil {
				if n == 1 {
					t.Errorf("%s: %v", view.name, err)
				}
				continue // parts of parts have no place in a component
			}
			for i := 1; i <= 26; i++ {
				got, want := again.Segment(1).Field(1).Component(i).String(), v.Component(i).String()
				if n == 2 {
					got, want = again.Segment(1).Field(1).Component(1).Sub(i).String(), v.Sub(i).String()
				}
				if i > view.parts {
					want = ""
				}
				if got != want {
					t.Errorf("%s: part %d is %q, want %q", view.name, i, got, want)
				}
			}
			if !reflect.DeepEqual(view.read(again.Segment(1).Field(1).Rep(1)), x) && n == 1 {
				t.Errorf("%s: written and read again it is another", view.name)
			}
		}
		for _, n := range []int{3, 4, 9} { // null, delimiters alone, absent
			x := view.read(m.Segment(1).Field(n))
			if !reflect.ValueOf(x).Elem().IsZero() {
				t.Errorf("%s: %+v is made of nothing", view.name, x)
			}
		}
	}
}

func TestViews(t *testing.T) {
	m := parse(t, "MSH|^~\\&|APP^1.2.3^ISO|FAC\rPID|1||4711^7^M11^HOSP&1.2&ISO^MR^F~0815||van Doe&van&Doe^Jane^M^Jr^Dr^MD^L||||||1 High St&High St&1^^Town^ST^99999^USA^H||(555)123-4567^PRN^PH^a@example.org^1^555^1234567^89\r"+
		"OBX|1|CWE|A||1^one^L^2^two^M^v1^v2^first&ignored^3^three^N^v3^1.2.3")
	if got, want := m.Segment(0).Field(3).HD(), (hl7.HD{Namespace: "APP", Universal: "1.2.3", Type: "ISO"}); got != want {
		t.Errorf("%+v", got)
	}
	pid := m.Segment(1)
	if got := pid.Field(3).Rep(1).CX(); got.ID != "4711" || got.Authority.Universal != "1.2" || got.Type != "MR" || got.Facility.Namespace != "F" {
		t.Errorf("%+v", got)
	}
	if got, want := pid.Field(3).Rep(2).CX(), (hl7.CX{ID: "0815"}); got != want {
		t.Errorf("%+v", got)
	}
	if got := pid.Field(5).XPN(); got.Family.Surname != "van Doe" || got.Family.Own != "Doe" || got.Given != "Jane" || got.Use != "L" {
		t.Errorf("%+v", got)
	}
	if got := pid.Field(11).XAD(); got.Street.Number != "1" || got.City != "Town" || got.Use != "H" {
		t.Errorf("%+v", got)
	}
	if got := pid.Field(13).XTN(); got.Number != "(555)123-4567" || got.Address != "a@example.org" || got.Extension != "89" {
		t.Errorf("%+v", got)
	}
	got := m.Segment(2).Field(5).CWE()
	want := hl7.CWE{
		Coding:    hl7.Coding{Code: "1", Text: "one", System: "L", Version: "v1", SystemOID: "1.2.3"},
		Alternate: hl7.Coding{Code: "2", Text: "two", System: "M", Version: "v2"},
		Second:    hl7.Coding{Code: "3", Text: "three", System: "N", Version: "v3"},
		Original:  "first",
	}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
