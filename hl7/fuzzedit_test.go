package hl7_test

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// leaves gives every value of a message that has no parts, by its full place.
func leaves(m *hl7.Message) map[string]string {
	all := map[string]string{}
	seen := map[string]int{}
	for s := range m.Segments() {
		seen[s.Name()]++
		for p, v := range s.Leaves() {
			p.Occurrence = seen[s.Name()]
			text := v.Text()
			if v.Null() {
				text = hl7.Null
			}
			all[p.String()] = text
		}
	}
	return all
}

// FuzzEdit: what is set is read back, nothing else changes, and what stood there can
// be put back so that the bytes are as before.
func FuzzEdit(f *testing.F) {
	seeds(f, func(b []byte) {
		f.Add(b, "PID-3[2].4.1", "a|b^c&d~e\\f\r\n#\x0b\x1c")
		f.Add(b, "MSH-18", "")
		f.Add(b, "OBX-5", hl7.Null)
		f.Add(b, "ZZ1-1[3]", "x")
	})
	f.Fuzz(func(t *testing.T, b []byte, path, text string) {
		m, err := hl7.Parse(b)
		if err != nil || len(path) > 20 {
			return
		}
		if same, err := hl7.Edit(m).Bytes(); err != nil || !bytes.Equal(same, b) {
			t.Fatalf("without an edit %q is %q, %v", b, same, err)
		}
		p, err := hl7.ParsePath(path)
		if p.Segment == "MSH" && p.Field == 18 {
			return // \X..\ anywhere may mean something else then
		}
		if err != nil || p.Field > 500 || p.Rep > 50 || p.Component > 50 || p.Sub > 50 {
			return
		}
		old := m.At(p)
		changed, err := hl7.Edit(m).Set(path, text).Message()
		if err != nil {
			if b, again := hl7.Edit(m).Set(path, text).Bytes(); b != nil || again == nil {
				t.Errorf("%q with %s set cannot be read: %v", m.Bytes(), path, err)
			}
			return
		}
		want := text
		if text == hl7.Null {
			want = ""
		}
		if got := changed.Get(path); got != want || changed.Len() != m.Len() {
			t.Errorf("%s of %q is set to %q and read %q", path, b, text, got)
		}
		if text == hl7.Null != changed.At(p).Null() {
			t.Errorf("%s is null: %v", path, changed.At(p).Null())
		}
		// all other values are as they were
		was, is := leaves(m), leaves(changed)
		for place := range was {
			if under(place, p) {
				delete(was, place)
			}
		}
		for place := range is {
			if under(place, p) {
				delete(is, place)
			}
		}
		if fmt.Sprint(was) != fmt.Sprint(is) {
			t.Errorf("%s of %q was set to %q: %v is now %v", path, b, text, was, is)
		}
		field := hl7.Path{Segment: p.Segment, Occurrence: max(p.Occurrence, 1), Field: p.Field}
		if diff := hl7.Diff(m, changed, field); len(diff) > 0 {
			t.Errorf("%s of %q was set to %q, and this differs: %v", path, b, text, diff)
		}
		if old.Empty() || bytes.ContainsAny(old.Raw(), "\r\n") {
			return
		}
		back, err := hl7.Edit(changed).SetRaw(path, string(old.Raw())).Bytes()
		if err != nil || !bytes.Equal(back, b) {
			t.Errorf("%s of %q put back: %q, %v", path, b, back, err)
		}
	})
}

// under reports whether a full place is one that a path names or a part of it.
func under(place string, p hl7.Path) bool {
	q, err := hl7.ParsePath(place)
	same := func(p, q int) bool { return p == q || p == 0 }
	if p.Component > 0 || p.Sub > 0 {
		p.Rep = max(p.Rep, 1)
	}
	return err == nil && p.Segment == q.Segment && max(p.Occurrence, 1) == q.Occurrence && p.Field == q.Field &&
		same(p.Rep, q.Rep) && same(p.Component, q.Component) && same(p.Sub, q.Sub)
}

// FuzzSegments: a segment or a repetition that is put in stands where it was put, and
// taken out again leaves the bytes as before.
func FuzzSegments(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, 1, "ZZ1|x", "PID-3[2]") })
	f.Fuzz(func(t *testing.T, b []byte, at int, segment, path string) {
		m, err := hl7.Parse(b)
		if err != nil {
			return
		}
		e := hl7.Edit(m)
		e.Insert(at, segment)
		if e.Err() == nil {
			longer, err := e.Message()
			if err != nil || longer.Len() != m.Len()+1 || string(longer.Segment(at).Raw()) != segment {
				t.Fatalf("%q put into %q as %d gives %v", segment, b, at, err)
			}
			again, err := hl7.Edit(longer).Remove(at).Bytes()
			if at == m.Len() { // an end may be there now behind what was the last
				again, b = bytes.TrimRight(again, "\r\n \t"), bytes.TrimRight(b, "\r\n \t")
			}
			if err != nil || !bytes.Equal(again, b) {
				t.Errorf("%q with %q put in and taken out is %q, %v", b, segment, again, err)
			}
			b = m.Bytes()
		}
		p, err := hl7.ParsePath(path)
		if err != nil || p.Rep == 0 || p.Rep > 50 || p.Field > 500 {
			return
		}
		e = hl7.Edit(m).InsertRep(path)
		if e.Err() != nil {
			return
		}
		all := p
		all.Rep, all.Component, all.Sub = 0, 0, 0
		longer, err := e.Message()
		if err != nil || !longer.At(p).Empty() {
			t.Fatalf("%s put into %q: %v", path, b, err)
		}
		if n := m.At(all).Reps(); n >= p.Rep {
			if longer.At(all).Reps() != n+1 {
				t.Errorf("%s put into %q", path, b)
			}
			if back, err := e.RemoveRep(path).Bytes(); err != nil || !bytes.Equal(back, b) {
				t.Errorf("%s put into %q and taken out: %q, %v", path, b, back, err)
			}
		}
	})
}

// FuzzCopy: a value copied into a message with other delimiters says the same.
func FuzzCopy(f *testing.F) {
	f.Add("a\\F\\b^c&d~e\\X41\\", "$*!@?", "PID-1")
	f.Add("lone \\ and \\.br\\ \\Z1\\", "|^~\\&", "PID-1[2]")
	f.Add("@$*", "$*!@?", "PID-2.3")
	f.Fuzz(func(t *testing.T, raw, delimiters, path string) {
		if strings.ContainsAny(raw, "|\r\n") || len(delimiters) < 2 || len(path) > 12 {
			return
		}
		from := parse(t, "MSH|^~\\&|\rPID|"+raw)
		to, err := hl7.Parse([]byte("MSH" + delimiters + delimiters[:1] + "\rPID"))
		p, ok := hl7.ParsePath(path)
		if err != nil || ok != nil || to.Len() != 2 || p.Segment != "PID" || p.Field == 0 || p.Field > 50 || p.Rep > 50 || p.Component > 50 || p.Sub > 50 {
			return
		}
		v := from.Segment(1).Field(1)
		if strings.Contains(v.Text(), "\\") {
			return // a sequence that is not known reads with its escape character, which is another there
		}
		copied, err := hl7.Edit(to).Copy(path, v).Message()
		if err != nil {
			return
		}
		if got := copied.At(p); got.String() != v.String() || got.Null() != v.Null() {
			t.Errorf("%q copied to %s of %q reads %q", raw, path, copied.Bytes(), got.String())
		}
		if p.Rep == 0 && p.Component == 0 && p.Sub == 0 && p.Field == 1 {
			if diff := hl7.Diff(from, copied, hl7.Path{Segment: "MSH"}); len(diff) > 0 {
				t.Errorf("%q copied is %q: %v", raw, copied.Bytes(), diff)
			}
		}
	})
}

// FuzzDiff: nothing differs exactly when all values are the same in the same order, and
// what is said to differ does.
func FuzzDiff(f *testing.F) {
	seeds(f, func(b []byte) {
		f.Add(b, b)
		f.Add(b, []byte(admission))
		f.Add(b, bytes.ReplaceAll(b, []byte("1"), []byte("2")))
	})
	f.Fuzz(func(t *testing.T, b, c []byte) {
		x, err := hl7.Parse(b)
		if err != nil {
			return
		}
		if diff := hl7.Diff(x, x); len(diff) > 0 {
			t.Errorf("%q differs from itself: %v", b, diff)
		}
		y, err := hl7.Parse(c)
		if err != nil {
			return
		}
		diff := hl7.Diff(x, y)
		if same := said(x) == said(y); same != (len(diff) == 0) {
			t.Errorf("%q and %q are the same: %v; %v", b, c, same, diff)
		}
		if back := hl7.Diff(y, x); (len(back) == 0) != (len(diff) == 0) {
			t.Errorf("%q and %q: there %v and back %v", b, c, diff, back)
		}
		for _, d := range diff {
			old, new := d.Old(), d.New()
			right := d.Kind == hl7.DiffChanged && (old.Null() != new.Null() || !bytes.Equal(old.Raw(), new.Raw())) ||
				d.Kind == hl7.DiffAdded && old.Empty() && !new.Empty() || d.Kind == hl7.DiffRemoved && !old.Empty() && new.Empty()
			if !right || d.At() == (hl7.Path{}) {
				t.Errorf("%q and %q: %v is none", b, c, d)
			}
		}
	})
}

// said is all that a message says, in its order.
func said(m *hl7.Message) string {
	var out strings.Builder
	for s := range m.Segments() {
		name, _, _ := bytes.Cut(s.Raw(), []byte{m.Delimiters().Field})
		fmt.Fprintf(&out, "%q\n", name)
		for p, v := range s.Leaves() {
			fmt.Fprintf(&out, "%s %v %q\n", p, v.Null(), v.Text())
		}
	}
	return out.String()
}

// FuzzNew: a header that is taken holds what it was given, and can be read.
func FuzzNew(f *testing.F) {
	f.Add("2.5.1", "ADT", "A01", "1", "A|B", "", "^~\\&")
	f.Add("2.1", "", "A&1", "id", hl7.Null, "8859/1", "*!@?#")
	f.Fuzz(func(t *testing.T, version, code, event, id, app, charset, enc string) {
		d := hl7.Delimiters{Field: '|'}
		for i, to := range []*byte{&d.Component, &d.Repetition, &d.Escape, &d.Subcomponent, &d.Truncation} {
			if i < len(enc) {
				*to = enc[i]
			}
		}
		m, err := hl7.New(hl7.Head{Version: version, Type: code, Event: event, ControlID: id, SendingApp: hl7.HD{Namespace: app},
			Charset: charset, Delimiters: d, Time: noon}).Message()
		if err != nil {
			return
		}
		for path, want := range map[string]string{"MSH-12": version, "MSH-9.1": code, "MSH-9.2": event, "MSH-10": id, "MSH-3": app, "MSH-18": charset, "MSH-11": "P"} {
			if got := m.Get(path); got != want && want != hl7.Null {
				t.Errorf("%s of %q is %q, want %q", path, m.Bytes(), got, want)
			}
		}
		if m.Len() != 1 || m.Delimiters() != d {
			t.Errorf("%q", m.Bytes())
		}
	})
}

// FuzzViews: what a view reads and writes it reads again.
func FuzzViews(f *testing.F) {
	f.Add("4711^7^M11^HOSP&1.2&ISO^MR~x", 0)
	f.Add("a&b^c\\T\\d^\"\"", 3)
	f.Fuzz(func(t *testing.T, raw string, n int) {
		if strings.ContainsAny(raw, "|\r\nX") { // \X2222\ would be written as null
			return
		}
		v := parse(t, "MSH|^~\\&|\rPID|"+raw).Segment(1).Field(1)
		view := views[uint(n)%uint(len(views))]
		x := view.read(v)
		again, err := hl7.Edit(parse(t, "MSH|^~\\&|\rPID|")).Put("PID-1", x).Message()
		if err != nil {
			t.Fatalf("%s of %q: %v", view.name, raw, err)
		}
		if y := view.read(again.Segment(1).Field(1)); !reflect.DeepEqual(x, y) {
			t.Errorf("%s of %q: %+v is written %q and read %+v", view.name, raw, x, again.Bytes(), y)
		}
	})
}
