package hl7_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ponshealth/pons/hl7"
)

// items reads a stream to its end, each item as its kind and its bytes.
func items(t *testing.T, r *hl7.Reader) (all []string) {
	t.Helper()
	for {
		item, err := r.Next()
		if err == io.EOF {
			if _, again := r.Next(); again != io.EOF {
				t.Error("there is something behind the end: ", again)
			}
			return all
		}
		if err != nil {
			all = append(all, err.Error())
			continue
		}
		all = append(all, fmt.Sprintf("%d %d @%d %s", item.Kind, item.Number, item.Offset, item.Raw))
	}
}

func TestReader(t *testing.T) {
	const file = "FHS|^~\\&|A\rBHS|^~\\&|A||||||||C1\r\n" +
		"MSH|^~\\&|A\rPID|1\r\rMSH|^~\\&|B\rOBX|1||||x\ry\r" + "BTS|2\rstray\rFTS|1\r"
	want := []string{
		"3 0 @0 FHS|^~\\&|A", "4 0 @11 BHS|^~\\&|A||||||||C1",
		"1 1 @33 MSH|^~\\&|A\rPID|1\r\r", "1 2 @51 MSH|^~\\&|B\rOBX|1||||x\ry\r",
		"5 0 @75 BTS|2", "2 0 @81 stray\r", "6 0 @87 FTS|1",
	}
	for name, r := range map[string]io.Reader{
		"whole": strings.NewReader(file), "byte by byte": iotest.OneByteReader(strings.NewReader(file)), "with the end": iotest.DataErrReader(strings.NewReader(file)),
	} {
		reader := hl7.NewReader(r)
		if got := items(t, reader); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s:\n%q, want\n%q", name, got, want)
		}
		if w := reader.Warnings(); len(w) != 0 {
			t.Error(w)
		}
	}
	r := hl7.NewReader(strings.NewReader(file))
	for {
		item, err := r.Next()
		if err != nil {
			break
		}
		switch s := item.Segment(); item.Kind {
		case hl7.ItemBatchHeader:
			if s.Field(11).String() != "C1" || s.Field(2).String() != "^~\\&" || s.Field(3).String() != "A" {
				t.Error("BHS is not read right")
			}
		case hl7.ItemBatchTrailer:
			if s.Field(1).String() != "2" {
				t.Error("BTS-1 is not read right")
			}
		case hl7.ItemMessage:
			if s.Len() != 0 {
				t.Error("a message is no line of the batch protocol")
			}
		}
	}
}

func TestReaderWarnings(t *testing.T) {
	r := hl7.NewReader(strings.NewReader("BHS|^~\\&\rMSH|^~\\&|A\rBTS|2\rFTS|1\rBHS|^~\\&\r"))
	items(t, r)
	if got := fmt.Sprint(r.Warnings()); got != fmt.Sprint(hl7.CheckBatch([]byte("BHS|^~\\&\rMSH|^~\\&|A\rBTS|2\rFTS|1\rBHS|^~\\&\r"))) || len(r.Warnings()) != 3 {
		t.Error(got)
	}
}

// TestReaderComments: parser case 22.
func TestReaderComments(t *testing.T) {
	const file = "# a comment\n\nMSH|^~\\&|A\nNTE|1||one\n# two\nPID|1\n\n# This is a comment\n# and one more\n\nMSH|^~\\&|B\nPID|1\n# last"
	r := hl7.NewReader(strings.NewReader(file))
	r.Comments = true
	want := []string{"1 1 @13 MSH|^~\\&|A\nNTE|1||one\n# two\nPID|1\n\n", "1 2 @84 MSH|^~\\&|B\nPID|1\n"}
	if got := items(t, r); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want\n%q", got, want)
	}
	if got := items(t, hl7.NewReader(strings.NewReader(file))); len(got) != 3 || !strings.HasSuffix(got[2], "# last") {
		t.Errorf("without being asked a line is left out: %q", got)
	}
}

func TestReaderLimit(t *testing.T) {
	long := "MSH|^~\\&|A\rNTE|1||" + strings.Repeat("x", 100) + "\rNTE|2\r"
	short := "MSH|^~\\&|A\rNTE|1\r"
	for _, text := range []string{short + long + short, short + strings.Replace(long, "\r", "", 1) + "BTS|3\r" + short, long + short + short} {
		r := hl7.NewReader(strings.NewReader(text))
		r.MaxMessage = 50
		tooLong, messages := 0, 0
		for m, err := range r.Messages() {
			var syntax *hl7.SyntaxError
			if errors.As(err, &syntax) && strings.HasPrefix(syntax.At, "message ") {
				tooLong++
			} else if err == nil && string(m.Bytes()) == short {
				messages++
			}
		}
		if tooLong != 1 || messages != 2 {
			t.Errorf("%d messages too long, %d good", tooLong, messages)
		}
	}
}

// TestReaderEnds: an error of the stream is final, and told as it is.
func TestReaderEnds(t *testing.T) {
	broken := errors.New("broken")
	r := hl7.NewReader(io.MultiReader(strings.NewReader("MSH|^~\\&|A\rMSH|^~\\&|B\rPID"), iotest.ErrReader(broken)))
	n := 0
	for m, err := range r.Messages() {
		if n++; n == 1 && (err != nil || m.Get("MSH-3") != "A") || n == 2 && err != broken || n > 2 {
			t.Error(n, m, err)
		}
	}
	if n != 2 {
		t.Error("no error came")
	}
}

func TestReaderMessages(t *testing.T) {
	const wide = "MSH|^~\\&|é|||||||||||||||8859/1\rPID|1\rMSH|^~\\&|ж\rPID|2\r"
	utf16, err := hl7.Encode([]byte(wide), "UTF-16LE")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		raw  []byte
		want string
	}{
		"latin":   {[]byte("MSH|^~\\&|\xe9|||||||||||||||8859/1\rMSH|^~\\&|\xe9\r"), "é é "},
		"stray":   {[]byte("junk\rMSH|^~\\&|A\rMSH|\r"), "[byte 0] A [message 2, MSH-2] "},
		"no set":  {[]byte("MSH|^~\\&|A|||||||||||||||8859/6\rNTE|\xff"), "[message 1, MSH-18] "},
		"wide":    {append([]byte("\xff\xfe"), utf16...), "é ж "},
		"halved":  {append([]byte("\xff\xfe"), append(bytes.Clone(utf16[:40]), 0, 0xd8, '\r', 0)...), "[message 1] "},
		"nothing": {nil, ""},
	} {
		r := hl7.NewReader(bytes.NewReader(c.raw))
		if name != "no set" {
			r.Charset = "windows-1252"
		}
		got := ""
		for m, err := range r.Messages() {
			var s *hl7.SyntaxError
			var e *hl7.CharsetError
			switch {
			case errors.As(err, &s):
				got += "[" + s.At + "] "
			case errors.As(err, &e):
				got += "[" + e.At + "] "
			default:
				got += m.Get("MSH-3") + " "
			}
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// sameAsSplit compares the reader with [hl7.Split] of the whole.
func sameAsSplit(t *testing.T, b []byte) {
	t.Helper()
	r := hl7.NewReader(bytes.NewReader(b))
	var pieces [][]byte
	for {
		item, err := r.Next()
		if err != nil {
			if err != io.EOF {
				t.Error(err)
			}
			break
		}
		if !bytes.Equal(b[item.Offset:item.Offset+int64(len(item.Raw))], item.Raw) {
			t.Errorf("item %d is not at byte %d of %q", len(pieces), item.Offset, b)
		}
		if item.Kind <= hl7.ItemStray {
			pieces = append(pieces, item.Raw)
		}
	}
	if want := hl7.Split(b); fmt.Sprintf("%q", pieces) != fmt.Sprintf("%q", want) {
		t.Errorf("%q is read as\n%q, split as\n%q", b, pieces, want)
	}
	if got, want := r.Warnings(), hl7.CheckBatch(b); fmt.Sprint(got) != fmt.Sprint(want) && len(want) < 1000 {
		t.Errorf("%q: warnings %v, want %v", b, got, want)
	}
}

func TestReaderIsSplit(t *testing.T) {
	for file, b := range corpusFiles(t, "") {
		if len(b) > 1 && (b[0] == 0xff || b[1] == 0) {
			continue // Split does not cut these
		}
		if sameAsSplit(t, b); t.Failed() {
			t.Fatal(file)
		}
	}
}

// TestPlacesWithoutSegments: what is refused has a place also where no segment is, and in a
// stream it counts from its start.
func TestPlacesWithoutSegments(t *testing.T) {
	for _, c := range []struct{ in, parse, stream string }{
		{"PID|1\r", "byte 0", "byte 0"},
		{"\xef\xbb\xbf \r\nhello\r", "byte 6", "byte 6"},
		{"BHS|^~\\&\rPID|1\rBTS|1\r", "byte 0", "byte 9"},
		{"MSH", "MSH-1", "byte 0, MSH-1"},
		{"\r\rMSH|", "MSH-2", "message 1, MSH-2"},
		{"", "byte 0", ""}, // nothing is nothing to refuse in a stream
	} {
		at := func(err error) string {
			if e, ok := err.(*hl7.SyntaxError); ok {
				return e.At
			}
			return ""
		}
		if _, err := hl7.Parse([]byte(c.in)); at(err) != c.parse {
			t.Errorf("%q: %v, want it at %q", c.in, err, c.parse)
		}
		got := ""
		for _, err := range hl7.NewReader(strings.NewReader(c.in)).Messages() {
			got += at(err)
		}
		if got != c.stream {
			t.Errorf("%q in a stream: at %q, want %q", c.in, got, c.stream)
		}
	}
}
