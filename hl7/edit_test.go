package hl7_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

const editable = "\xef\xbb\xbf MSH|^~\\&|A|F|||20260101||ADT^A01|1|P|2.5||\r\n" +
	"PID|1||4711^^^H~0815^^^K&1.2&ISO||Doe^Jane||\r\n\r\n" +
	"OBX|1|ST|A||one|\r\n" +
	"OBX|2|ST|B||\"\"\r\n" +
	"ZZZ"

// TestSet: each edit is written as the difference it makes.
func TestSet(t *testing.T) {
	for _, c := range []struct {
		edit     func(e *hl7.Editor)
		old, new string
	}{
		{func(e *hl7.Editor) {}, "", ""},
		{func(e *hl7.Editor) { e.Set("PID-5.1", "Roe") }, "Doe^Jane", "Roe^Jane"},
		{func(e *hl7.Editor) { e.Set("PID-5", "Roe") }, "Doe^Jane", "Roe"},
		{func(e *hl7.Editor) { e.Set("PID-5.2", "") }, "Doe^Jane", "Doe^"},
		{func(e *hl7.Editor) { e.Set("PID-5.4", "Jr") }, "Doe^Jane", "Doe^Jane^^Jr"},
		{func(e *hl7.Editor) { e.Set("PID-5.1.3", "Own") }, "Doe^Jane", "Doe&&Own^Jane"},
		{func(e *hl7.Editor) { e.Set("PID-5[2].2", "Janet") }, "Doe^Jane", "Doe^Jane~^Janet"},
		{func(e *hl7.Editor) { e.Set("PID-5[4].1", "Roe") }, "Doe^Jane", "Doe^Jane~~~Roe"},
		{func(e *hl7.Editor) { e.Set("PID-3[2]", "9") }, "0815^^^K&1.2&ISO", "9"},
		{func(e *hl7.Editor) { e.Set("PID-3", "9") }, "4711^^^H~0815^^^K&1.2&ISO", "9"},
		{func(e *hl7.Editor) { e.Set("PID-3[2].4.2", "3") }, "1.2", "3"},
		{func(e *hl7.Editor) { e.Set("PID-8", "F") }, "Doe^Jane||", "Doe^Jane|||F"},
		{func(e *hl7.Editor) { e.Set("PID-10[2].3.2", "x") }, "Doe^Jane||", "Doe^Jane|||||~^^&x"},
		{func(e *hl7.Editor) { e.Set("PID-30", "") }, "", ""},
		{func(e *hl7.Editor) { e.Set("OBX(2)-5", "a|b\rc\\") }, "\"\"", "a\\F\\b\\X0D\\c\\E\\"},
		{func(e *hl7.Editor) { e.Set("OBX-5", hl7.Null) }, "one", "\"\""},
		{func(e *hl7.Editor) { e.Set("ZZZ-2", "x") }, "ZZZ", "ZZZ||x"},
		{func(e *hl7.Editor) { e.Set("MSH-10", "2") }, "A01|1|", "A01|2|"},
		{func(e *hl7.Editor) { e.Set("MSH-3.2", "1.2") }, "|A|F|", "|A^1.2|F|"},
		{func(e *hl7.Editor) { e.Set("MSH-18", "8859/1") }, "2.5||", "2.5||||||8859/1"},
		{func(e *hl7.Editor) { e.SetRaw("PID-5", "Roe^A&B~Doe") }, "Doe^Jane", "Roe^A&B~Doe"},
		{func(e *hl7.Editor) { e.SetRaw("PID-5.2", "A&B\\T\\") }, "Jane", "A&B\\T\\"},
		{func(e *hl7.Editor) { e.InsertRep("PID-3[1]") }, "4711^", "~4711^"},
		{func(e *hl7.Editor) { e.InsertRep("PID-3[2]") }, "~0815", "~~0815"},
		{func(e *hl7.Editor) { e.InsertRep("PID-3[3]").Set("PID-3[3]", "x") }, "&ISO", "&ISO~x"},
		{func(e *hl7.Editor) { e.RemoveRep("PID-3[1]") }, "4711^^^H~", ""},
		{func(e *hl7.Editor) { e.RemoveRep("PID-3[2]") }, "~0815^^^K&1.2&ISO", ""},
		{func(e *hl7.Editor) { e.RemoveRep("PID-3[3]").RemoveRep("PID-8[2]") }, "", ""},
		{func(e *hl7.Editor) { e.RemoveRep("PID-5[1]") }, "Doe^Jane", ""},
		{func(e *hl7.Editor) { e.Remove(1) }, "PID|1||4711^^^H~0815^^^K&1.2&ISO||Doe^Jane||\r\n\r\n", ""},
		{func(e *hl7.Editor) { e.Remove(4) }, "ZZZ", ""},
		{func(e *hl7.Editor) { e.Insert(2, "PV1|1|I").Set("3.1", "W") }, "\r\n\r\n", "\r\n\r\nPV1|1|I|W\r\n"},
		{func(e *hl7.Editor) { e.Append("ZZ2").Set("1", "&") }, "ZZZ", "ZZZ\r\nZZ2|\\T\\"},
		{func(e *hl7.Editor) { e.Put("PID-5", &hl7.XPN{Family: hl7.FN{Surname: "R&S", Own: "S"}, Use: "L"}) }, "Doe^Jane", "R\\T\\S&&S^^^^^^L"},
		{func(e *hl7.Editor) { e.Put("PID-3[2].4", &hl7.HD{Namespace: "N", Type: "ISO"}) }, "K&1.2&ISO", "N&&ISO"},
		{func(e *hl7.Editor) { e.Put("PID-3[1].1", &hl7.CX{ID: "5"}) }, "4711", "5"},
		{func(e *hl7.Editor) { e.Put("PID-3", &hl7.CX{}) }, "4711^^^H~0815^^^K&1.2&ISO", ""},
	} {
		e := hl7.Edit(parse(t, editable))
		c.edit(e)
		got, err := e.Bytes()
		if want := strings.Replace(editable, c.old, c.new, 1); err != nil || string(got) != want {
			t.Errorf("%q becomes\n%q, want\n%q (%v)", c.old, got, want, err)
		}
		if m, err := e.Message(); err != nil || m.Len() != e.Len() {
			t.Errorf("%q cannot be read again: %v", got, err)
		}
	}
}

// TestSetRefused: what cannot be edited says where and why, without the value.
func TestSetRefused(t *testing.T) {
	bare := "MSH|^|A\rPID|x"
	for _, c := range []struct {
		text, at string
		edit     func(e *hl7.Editor)
	}{
		{editable, "MSH(1)-1", func(e *hl7.Editor) { e.Set("MSH-1", "SECRET") }},
		{editable, "MSH(1)-2", func(e *hl7.Editor) { e.Set("MSH-2", "SECRET") }},
		{editable, "NK1-2.1", func(e *hl7.Editor) { e.Set("NK1-2.1", "SECRET") }},
		{editable, "OBX(3)-5", func(e *hl7.Editor) { e.Set("OBX(3)-5", "SECRET") }},
		{editable, "", func(e *hl7.Editor) { e.Set("SECRET", "SECRET") }},
		{editable, "", func(e *hl7.Editor) { e.Set("PID", "SECRET") }},
		{editable, "PID", func(e *hl7.Editor) { e.Segment(1).Set("SECRET", "SECRET") }},
		{editable, "OBX(2)-5.1", func(e *hl7.Editor) { e.SetRaw("OBX(2)-5.1", "SECRET^") }},
		{editable, "PID(1)-5", func(e *hl7.Editor) { e.SetRaw("PID-5", "SECRET|") }},
		{editable, "PID(1)-5[1]", func(e *hl7.Editor) { e.SetRaw("PID-5[1]", "SECRET~") }},
		{editable, "PID(1)-5.1.1", func(e *hl7.Editor) { e.SetRaw("PID-5.1.1", "SECRET&") }},
		{editable, "PID(1)-5", func(e *hl7.Editor) { e.SetRaw("PID-5", "SECRET\r") }},
		{editable, "PID(1)-5", func(e *hl7.Editor) { e.InsertRep("PID-5") }},
		{editable, "PID(1)-5[1].1", func(e *hl7.Editor) { e.RemoveRep("PID-5[1].1") }},
		{editable, "PID(1)-5.1", func(e *hl7.Editor) {
			e.Put("PID-5.1", &hl7.CX{ID: "SECRET", Authority: hl7.HD{Namespace: "N", Type: "ISO"}})
		}},
		{editable, "PID(1)-5.1.1", func(e *hl7.Editor) { e.Put("PID-5.1.1", &hl7.XPN{Given: "SECRET"}) }},
		{editable, "", func(e *hl7.Editor) { e.Remove(0) }},
		{editable, "", func(e *hl7.Editor) { e.Remove(5) }},
		{editable, "", func(e *hl7.Editor) { e.Insert(0, "SECRET").Set("1", "x") }},
		{editable, "", func(e *hl7.Editor) { e.Append("secret|").Set("1", "x") }},
		{editable, "", func(e *hl7.Editor) { e.Append("ZZ") }},
		{editable, "ZZZ", func(e *hl7.Editor) { e.Append("ZZZ|SECRET\rZZZ|") }},
		{editable, "MSH", func(e *hl7.Editor) { e.Append("MSH|SECRET") }},
		{editable, "MSH", func(e *hl7.Editor) { e.Append("MSH") }},
		{editable, "BTS", func(e *hl7.Editor) { e.Append("BTS|1") }},
		{editable, "", func(e *hl7.Editor) { e.Segment(9).Set("1", "x").SetRaw("2", "x").Name() }},
		{bare, "PID(1)-1", func(e *hl7.Editor) { e.Set("PID-1", "SECRET^") }},
		{bare, "PID(1)-1[2]", func(e *hl7.Editor) { e.Set("PID-1[2]", "SECRET") }},
		{bare, "PID(1)-1[1]", func(e *hl7.Editor) { e.InsertRep("PID-1[1]") }},
		{bare, "PID(1)-1.1.2", func(e *hl7.Editor) { e.Set("PID-1.1.2", "SECRET") }},
		{bare, "PID(1)-1.2", func(e *hl7.Editor) { e.Put("PID-1.2", &hl7.HD{Namespace: "SECRET", Type: "x"}) }},
	} {
		e := hl7.Edit(parse(t, c.text))
		c.edit(e)
		e.Set("MSH-3", "later edits do nothing")
		b, err := e.Bytes()
		var problem *hl7.EditError
		if b != nil || !errors.As(err, &problem) || problem.At != c.at || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("want an error at %q, got %v", c.at, err)
		}
		if m, again := e.Message(); m != nil || again != err || e.Err() != err {
			t.Error("the error does not stay")
		}
	}
}

// TestCopy: a value keeps its texts between messages with other delimiters and at
// places of another level.
func TestCopy(t *testing.T) {
	from := parse(t, "MSH|^~\\&|APP^1.2^ISO\rPID|a\\F\\b$c\\.br\\\\X41\\\\Z1\\|x^y&z~w|\"\"|lone\\|\rOBX|torn\rapart")
	for _, c := range []struct{ from, to, message, want string }{
		{"PID-2", "PID-1", "MSH|^~\\&|\rPID|", "x^y&z~w"},
		{"PID-2", "PID-1", "MSH$*!@?$\rPID$", "x*y?z!w"},
		{"PID-1", "PID-1", "MSH$*!@?$\rPID$", "a|b@F@c@.br@@X41@@Z1@"},
		{"PID-1", "PID-1.2", "MSH|^~\\&|\rPID|", "^a\\F\\b$c\\.br\\\\X41\\\\Z1\\"},
		{"PID-4", "PID-1", "MSH|^~\\&|\rPID|", "lone\\"},
		{"PID-4", "PID-1", "MSH$*!@?$\rPID$", "lone\\"},
		{"PID-3", "PID-1", "MSH$*!@?$\rPID$", "\"\""},
		{"MSH-3", "PID-3[1].4", "MSH|^~\\&|\rPID|", "||^^^APP&1.2&ISO"},
		{"PID-2.2", "PID-1", "MSH|^~\\&|\rPID|", "y^z"},
		{"PID-2.2.2", "PID-1.3.2", "MSH|^~\\&|\rPID|", "^^&z"},
		{"OBX-1", "PID-1", "MSH|^~\\&|\rPID|", "torn\\X0D\\apart"},
		{"MSH-2", "PID-1", "MSH|^~\\&|\rPID|", "\\S\\\\R\\\\E\\\\T\\"},
		{"PID-9", "PID-1", "MSH|^~\\&|\rPID|old", ""},
	} {
		path, err := hl7.ParsePath(c.from)
		if err != nil {
			t.Fatal(err)
		}
		m, err := hl7.Edit(parse(t, c.message)).Copy(c.to, from.At(path)).Message()
		if err != nil {
			t.Errorf("%s to %s: %v", c.from, c.to, err)
			continue
		}
		if got := strings.TrimPrefix(string(m.Segment(1).Raw()), "PID"+string(m.Delimiters().Field)); got != c.want {
			t.Errorf("%s to %s is %q, want %q", c.from, c.to, got, c.want)
		}
	}
	for _, c := range []struct{ from, to, message string }{
		{"PID-2", "PID-1[1]", "MSH|^~\\&|\rPID|"},   // two repetitions into one
		{"PID-2[1]", "PID-1.1", "MSH|^~\\&|\rPID|"}, // subcomponents into subcomponents
		{"PID-2", "PID-1", "MSH|^\rPID|"},           // no repetition separator there
		{"PID-2.2", "PID-1.1", "MSH|^~\\\rPID|"},    // no subcomponent separator
		{"PID-1", "PID-1", "MSH|^~\rPID|"},          // no escape character
		{"PID-1", "PID-1", "MSH|^~@.|\rPID|"},       // . would cut .br in two
	} {
		path, _ := hl7.ParsePath(c.from)
		if _, err := hl7.Edit(parse(t, c.message)).Copy(c.to, from.At(path)).Bytes(); err == nil {
			t.Errorf("%s can be copied to %s of %q", c.from, c.to, c.message)
		}
	}
}
