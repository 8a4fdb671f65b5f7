package hl7_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
)

// seeds gives the messages of the case files, and what real senders do that
// cannot stand in them.
func seeds(f *testing.F, add func([]byte)) {
	files, err := filepath.Glob("testdata/cases/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no cases: ", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		text, _, _ := strings.Cut(string(b), divider)
		add([]byte(strings.ReplaceAll(text, "\n", "\r")))
	}
	for _, text := range []string{
		admission, "\xef\xbb\xbf \r\nMSH|^~\\&#|A\r\n\r\nPID|\"\"|a~b^c&d\n", "\x0bMSH|^~\\&|A\r\x1c\r\x0bMSH|^~\\&|B\r\x1c\r",
		"FHS|^~\\&\rBHS|^~\\&\rMSH|^~\\&|A\rBTS|1\rFTS|1\r", "MSH|^~\\&|A||||||ACK|1|P|2.4\rMSA|AE|1\rERR|PID^1^3^101&x&HL70357",
		"\xff\xfeM\x00S\x00H\x00|\x00^\x00", "MSH|^~\\&|A||||||||||||||||~ISO IR87\rNTE|1||\x1b$B?^\x1b(B",
		"MSH|^~\\&|A|||||||||||||||8859/5\rNTE|1||\xb6\\XB6\\",
	} {
		add([]byte(text))
	}
}

// FuzzParse: what is read can be put together again from its parts, and its
// answer can be read; what is refused has a syntax error.
func FuzzParse(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		given := bytes.Clone(b)
		m, err := hl7.Parse(b)
		if err != nil {
			var syntax *hl7.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatal(err)
			}
			return
		}
		if problem := rebuild(m) + compareWalks(m); problem != "" {
			t.Error(problem)
		}
		outline(b)
		h := m.Header()
		r, err := hl7.ParseAck(hl7.Ack(m, hl7.AckOptions{Code: "AE", Errors: []hl7.AckError{{At: "PID-3", Code: 101}}}))
		torn := strings.ContainsAny(h.ControlID, "\r\n\x0b\x1c")
		if err != nil || r.Code != "AE" || r.ControlID != h.ControlID && !torn {
			t.Errorf("the answer reads %+v, %v", r, err)
		}
		if !bytes.Equal(b, given) || !bytes.Equal(m.Bytes(), given) {
			t.Error("the bytes were changed")
		}
	})
}

// FuzzSplit: the pieces lie one after the other in what was split, and splitting
// a piece again gives that piece.
func FuzzSplit(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b) })
	f.Fuzz(func(t *testing.T, b []byte) {
		end := 0
		for _, piece := range hl7.Split(b) {
			i := bytes.Index(b[end:], piece)
			if i < 0 || len(piece) == 0 {
				t.Fatal("a piece is not part of what was split")
			}
			end += i + len(piece)
			if again := hl7.Split(piece); len(again) != 1 || !bytes.Equal(again[0], piece) {
				t.Errorf("%q splits again into %q", piece, again)
			}
		}
	})
}

// FuzzEscape: Unescape is the inverse of Escape, and what Escape writes has no
// delimiter and no line end.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "plain", "|^~\\&#", "a\r\nb", `\F\`, `\X0D\`, `\.br\`, "\\", "caf\xe9\r", "é\x00\x0b\x1c"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, truncation bool) {
		d := hl7.Standard
		if truncation {
			d.Truncation = '#'
		}
		escaped := hl7.Escape(s, d)
		if strings.ContainsAny(escaped, "|^~&\r\n\x0b\x1c") {
			t.Errorf("%q is written %q", s, escaped)
		}
		if got := hl7.Unescape([]byte(escaped), d); got != s {
			t.Errorf("%q is written %q and read %q", s, escaped, got)
		}
		// a text that nobody escaped is decoded without harm
		if got := hl7.Unescape([]byte(s), d); len(got) > 100*len(s) || utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q is read %q", s, got)
		}
	})
}

// FuzzPath: a path that is read is written the same way, but for leading zeros.
func FuzzPath(f *testing.F) {
	for _, s := range []string{"PID-3[2].4.1", "OBX(3)-5", "MSH-9.1", "ZZ1", "PID-0", "PID-01"} {
		f.Add(s)
	}
	m, err := hl7.Parse([]byte(admission))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m.Get(s)
		p, err := hl7.ParsePath(s)
		if err != nil {
			return
		}
		again, err := hl7.ParsePath(p.String())
		if err != nil || again != p || len(p.String()) > len(s) {
			t.Errorf("%q is %+v, written %s, read again %+v, %v", s, p, p, again, err)
		}
	})
}

// FuzzDecode: decoded is UTF-8, and U+FFFD stands in it only where it stood before.
func FuzzDecode(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, "windows-1252") })
	f.Add([]byte("MSH|^~\\&|||||||||||||||||BIG-5\rNTE|\xb3\x5c"), "8859/1")
	f.Fuzz(func(t *testing.T, b []byte, fallback string) {
		text, name, err := hl7.Decode(b, fallback)
		if err != nil {
			if text != nil || name != "" {
				t.Error("an error with a result")
			}
			return
		}
		if !utf8.Valid(text) || name == "" {
			t.Errorf("%q is decoded to %q as %s", b, text, name)
		}
		if bytes.Contains(text, []byte("\ufffd")) && !bytes.Equal(text, b) {
			t.Errorf("%q has lost bytes as %s", b, name)
		}
	})
}

// FuzzReader: a stream gives what splitting the whole gives, at the places it says, and
// with comments left out no more.
func FuzzReader(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b) })
	f.Add([]byte("junk\x1c MSH|^~\\&|A\r# c\r\rMSH|^~\\&|B\r#\rPID\x0b\rBTS\r x"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n := len(b); n >= 2 && (b[0] >= 0xfe || b[0] == 0 || b[1] == 0) {
			return // UTF-16 and UTF-32, which Split does not cut
		}
		sameAsSplit(t, b)
		r := hl7.NewReader(iotest.OneByteReader(bytes.NewReader(b)))
		r.Comments, r.MaxMessage = true, 100
		for {
			item, err := r.Next()
			var syntax *hl7.SyntaxError
			if err != nil && !errors.As(err, &syntax) {
				break
			}
			if len(item.Raw) > 101 || !bytes.Contains(b, item.Raw) {
				t.Errorf("%q is too long or not in the stream", item.Raw)
			}
		}
	})
}
