package hl7_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
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

// FuzzFormat: a text is laid out without harm and does not grow beyond measure; without
// commands that move it sideways it is what Unescape gives.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"plain", `a\.br\b`, `\.in4\a\.ti-2\\.br\b`, `\M2442\;3\.br\ED\C2842\x`, `\C2D4C\\XB6\`, `\.sp99\\.sk9\x`, `\`, `\H\\.`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		formatted, plain := hl7.FormatText([]byte(s), hl7.Standard), hl7.Unescape([]byte(s), hl7.Standard)
		if len(formatted) > 100*len(s) || len(plain) > 100*len(s) {
			t.Errorf("%q has %d bytes", s, len(formatted))
		}
		if utf8.ValidString(s) && (!utf8.ValidString(formatted) || !utf8.ValidString(plain)) {
			t.Errorf("%q gives %q", s, formatted)
		}
		if !strings.Contains(s, `\.`) && formatted != plain {
			t.Errorf("%q is laid out %q, read %q", s, formatted, plain)
		}
		if local := hl7.UnescapeLocal([]byte(s), hl7.Standard, func(string) (string, bool) { return "", false }); local != plain {
			t.Errorf("%q reads %q and %q", s, plain, local)
		}
	})
}

// FuzzTime: a time that is read starts before it ends, and its start written with its
// precision is its text.
func FuzzTime(f *testing.F) {
	for _, s := range []string{"1985", "20240229", "2026010112", "20260101120000.1234+0100", "20260101-0500", "0830", "235959.9"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := hl7.ParseClock(s); err == nil && (c.SinceMidnight() < 0 || c.SinceMidnight() >= 24*time.Hour || c.String() != s) {
			t.Errorf("%q is %v", s, c.SinceMidnight())
		}
		if n, err := hl7.ParseNM(s); err == nil && n.Rat() == nil {
			t.Errorf("%q is no number", s)
		}
		v, err := hl7.ParseTime(s)
		if err != nil {
			return
		}
		start, end := v.Start(nil), v.End(nil)
		_, zoned := v.Zone()
		if !start.Before(end) || v.String() != s {
			t.Errorf("%q is from %v to %v", s, start, end)
		}
		got := hl7.FormatTime(start, v.Precision(), zoned)
		if v.Precision() < hl7.PrecisionFraction && got != strings.Replace(s, "-0000", "+0000", 1) {
			t.Errorf("%q is written %q", s, got)
		}
	})
}

// FuzzAssembler: fragments in any order do no harm, and nothing waits in vain for long.
func FuzzAssembler(f *testing.F) {
	seeds(f, func(b []byte) { f.Add(b, b) })
	f.Add([]byte(fragment("1", "", "PID|1\rADD\rDSC|p|F")), []byte(fragment("2", "p", "ADD|2\rADD||3")))
	f.Fuzz(func(t *testing.T, b, c []byte) {
		var a hl7.Assembler
		for i, text := range [][]byte{b, c, b, c} {
			m, err := hl7.Parse(text)
			if err != nil {
				continue
			}
			whole, err := a.Add(m, noon.Add(time.Duration(i)*time.Minute))
			if err == nil && whole != nil && len(whole.Bytes()) > 2*(len(b)+len(c))+20 {
				t.Errorf("%q and %q make %q", b, c, whole.Bytes())
			}
		}
		if m, err := hl7.Parse([]byte("MSH|^~\\&|")); err != nil || a.Waiting() > 2 {
			t.Fatal(err, a.Waiting())
		} else if _, err := a.Add(m, noon.Add(time.Hour)); err != nil || a.Waiting() != 0 {
			t.Error("something waits for ever")
		}
	})
}

// FuzzEncode: what is written in a character set reads back the same by what the message
// says of itself.
func FuzzEncode(f *testing.F) {
	names := []string{"", "ASCII", "8859/1", "8859/2", "8859/5", "8859/7", "8859/15", "WINDOWS-1252", "WINDOWS-1251", "UNICODE UTF-8", "ISO IR14", "ISO IR87",
		"~ISO IR87", "Shift_JIS", "EUC-JP", "BIG-5", "CNS 11643-1992", "GB 18030-2000", "GBK", "KS X 1001", "UTF-16LE", "UTF-32BE"}
	for i := range names {
		for _, text := range []string{"plain", "é ł Ж Ω €", "山田 ﾔﾏ", "許功 中文", "한글", "ポ|表\\", "\x1b$B;3\x1b(B", "¥‾", "\u0085", "😀"} {
			f.Add(i, text)
		}
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		name := names[uint(i)%uint(len(names))]
		message := withCharset(name, strings.NewReplacer("\r", "", "\n", "").Replace(text))
		raw, err := hl7.Encode(message, name)
		if err != nil {
			return
		}
		back, used, err := hl7.Decode(raw, "")
		if err != nil || !bytes.Equal(back, message) {
			t.Errorf("%q in %s is %q and reads back %q as %s, %v", message, name, raw, back, used, err)
		}
	})
}
