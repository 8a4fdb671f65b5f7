package web

import (
	"bytes"
	"errors"
	"net/http"
	"strings"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/message"
)

// drawHL7 fills in the tree and the raw lines. Whatever the bytes are, there is
// something to see: what cannot be parsed is shown raw, with the reason.
func (s *server) drawHL7(v *messageView, m Detail) {
	body := head(m.Message.Body, maxBody)
	rest := len(m.Message.Body) - len(body)
	at, pathErr := hl7.ParsePath(m.Cause.At)

	text, _, err := hl7.Decode(body, s.Charset)
	parsed := (*hl7.Message)(nil)
	if err == nil {
		parsed, err = hl7.Parse(text)
	}
	if err == nil {
		t := paint(parsed, at, bounds{maxSegments, maxRows})
		if rest > 0 {
			t.Left = append(t.Left, "the last "+size(rest)+" of the message")
		}
		v.Tree = &t
	} else {
		v.TreeProblem = "It cannot be read as HL7 v2: " + readingProblem(err) + "."
		text = body // as it came: nothing says that it is text at all
	}
	v.Raw, v.RawLeft = rawLines(text, maxRaw)
	v.RawLeft += rest
	if m.Cause == (message.Cause{}) || m.State == message.Delivered {
		return
	}
	v.Cause = &causeView{Kind: m.Cause.Kind, At: m.Cause.At, Text: m.Cause.Text}
	switch {
	case v.Tree == nil || pathErr != nil:
	case v.Tree.Found:
		v.Cause.Linked = true
	case rest > 0:
		v.Cause.Missing = "That place is not in the part of the message that is shown here."
	default:
		v.Cause.Missing = "The message has no such segment."
	}
}

// readingProblem says in words why bytes are not HL7.
func readingProblem(err error) string {
	if e, ok := errors.AsType[*hl7.SyntaxError](err); ok {
		return e.Problem
	}
	if e, ok := errors.AsType[*hl7.CharsetError](err); ok {
		return e.Problem
	}
	return err.Error()
}

// head cuts a body after max bytes at the most, at a segment end if it has one.
func head(b []byte, max int) []byte {
	if len(b) <= max {
		return b
	}
	if n := bytes.LastIndexAny(b[:max], "\r\n"); n > 0 {
		return b[:n+1]
	}
	return b[:max]
}

// raw gives the whole message as it came, as plain text.
func (s *server) raw(w http.ResponseWriter, r *http.Request) {
	m, ok := s.find(w, r)
	if !ok {
		return
	}
	_, charset, err := hl7.Decode(m.Message.Body, s.Charset)
	if err != nil {
		charset = s.Charset
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset="+browserCharset(charset))
	h.Set("Content-Disposition", `inline; filename="`+m.Message.ID.String()+`.hl7"`)
	w.Write(m.Message.Body)
}

// browserCharset turns a name of HL7 table 0211 into the one that browsers
// know. What they do not know is shown as windows-1252, which has a character
// for nearly every byte.
func browserCharset(name string) string {
	switch name = strings.ToLower(name); name {
	case "ascii", "unicode utf-8", "utf-8":
		return "utf-8"
	case "utf-16le", "utf-16be", "shift_jis", "euc-jp", "gbk", "koi8-r":
		return name
	case "big-5":
		return "big5"
	case "gb 18030-2000":
		return "gb18030"
	case "ks x 1001":
		return "euc-kr"
	case "iso ir14":
		return "shift_jis"
	case "iso ir87", "iso ir159", "jas2020":
		return "iso-2022-jp"
	}
	if part, ok := strings.CutPrefix(name, "8859/"); ok {
		return "iso-8859-" + part
	}
	if strings.HasPrefix(name, "windows-125") {
		return name
	}
	return "windows-1252"
}
