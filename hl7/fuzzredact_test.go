package hl7_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// FuzzRedact: the structure stays, the second time gives the same, and a long word that is
// no code is gone from every place.
func FuzzRedact(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, "PID-5", "mustermann") })
	f.Add([]byte(personal), "OBX(2)-5", "sekretaer")
	f.Add([]byte(personal), "OBX(6)-2", "SN")
	f.Add([]byte("MSH|^~\\&|\rPID|||\\X2222\\|\"\"\\H\\|\\H\\"), "PID-3[2].4.1", "geheimnis")
	f.Fuzz(func(t *testing.T, b []byte, path, secret string) {
		if len(path) > 20 {
			return
		}
		m, err := hl7.Parse(b)
		if err != nil {
			return
		}
		r := redactor()
		out, done, err := r.Redact(m)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := shape(out), shape(m); got != want {
			t.Errorf("%q has become %q", b, out.Bytes())
		}
		again, _, err := r.Redact(m)
		if err != nil || string(again.Bytes()) != string(out.Bytes()) {
			t.Errorf("%q becomes %q and %q", b, out.Bytes(), again.Bytes())
		}
		for _, d := range done {
			if d.Action == 0 || d.At.Sub == 0 {
				t.Errorf("%+v says nothing", d)
			}
		}
		// a word of more than six letters is no code, so it must not come out wherever it stood
		if len(secret) < 7 || strings.IndexFunc(secret, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 || strings.Trim(secret, "x") == "" {
			return
		}
		if p, err := hl7.ParsePath(path); err != nil || isLabel(p.Component) || isLabel(p.Sub) {
			return // the text of a code that has a system stays
		}
		planted, err := hl7.Edit(m).Set(path, secret+" "+secret).Message()
		if err != nil || strings.Contains(string(b), secret) || strings.Contains(mime, secret) {
			return
		}
		out, _, err = r.Redact(planted)
		if err != nil || strings.Contains(string(out.Bytes()), secret+" "+secret) {
			t.Errorf("%q is still in %q, %v", secret, out.Bytes(), err)
		}
	})
}

func isLabel(n int) bool { return n == 2 || n == 5 || n == 11 }

const mime = "application multipart octet-stream postscript"
