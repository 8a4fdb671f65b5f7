package hl7

import (
	"bytes"
	"strings"
)

// Formatted returns the text of a field of type FT laid out as its formatting
// commands say, see [FormatText]. Of a null value it is "".
func (v Value) Formatted() string {
	if v.m == nil || v.Null() {
		return ""
	}
	if v.level() == levelLiteral {
		return v.Text()
	}
	return formatText(v.Raw(), v.m.delim, v.m.charset)
}

// FormatText is [Unescape] for formatted text (HL7 v2.9 2.7.6), with the commands
// that move text sideways obeyed: \.inn\ indents the lines that follow, where a
// number with a sign is added to the indent and one without is the indent; \.tin\
// adds to the indent of one line; \.skn\ skips n blanks. New lines begin at the
// indent, after \.sp\ too. Filling and centring (\.fi\ \.nf\ \.ce\) would need the width
// of a page; lines are left as they are.
func FormatText(raw []byte, d Delimiters) string {
	return formatText(raw, d, func() string { return "" })
}

func formatText(raw []byte, d Delimiters, charset func() string) string {
	u := unescaper{d: d, charset: charset}
	var page layout
	for len(raw) > 0 {
		n, body := nextCommand(raw, d)
		if n > 0 {
			page.text(u.text(raw[:n]))
		}
		raw = raw[n:]
		if body != nil {
			page.command(body)
			raw = raw[len(body)+2:]
		}
	}
	return page.out.String()
}

// nextCommand returns where the next formatting command stands in raw, and the
// command without its escape characters.
func nextCommand(raw []byte, d Delimiters) (int, []byte) {
	for i := 0; d.Escape != 0 && i < len(raw); {
		next := bytes.IndexByte(raw[i:], d.Escape)
		if next < 0 {
			break
		}
		i += next
		n := escapeLen(raw[i:], d)
		if body := raw[i+1 : max(i+1, i+n-1)]; len(body) > 0 && body[0] == '.' {
			if _, known := escapeText(body, d); known {
				return i, body
			}
		}
		i += n
	}
	return len(raw), nil
}

// layout is a page on which formatted text is put down.
type layout struct {
	out            strings.Builder
	indent, oneOff int
	started        bool // the line has text
}

func (l *layout) text(b []byte) {
	for i, part := range bytes.Split(b, []byte{'\n'}) {
		if i > 0 {
			l.lines(1)
		}
		if len(part) == 0 {
			continue
		}
		if !l.started {
			l.out.WriteString(strings.Repeat(" ", max(l.indent+l.oneOff, 0)))
			l.started = true
		}
		l.out.Write(part)
	}
}

func (l *layout) lines(n int) {
	l.out.WriteString(strings.Repeat("\n", n))
	if n > 0 {
		l.started, l.oneOff = false, 0
	}
}

func (l *layout) command(body []byte) {
	name, n, given, _ := command(body)
	switch string(name[:]) {
	case "br", "ce":
		l.lines(1)
	case "sp":
		l.lines(n)
	case "sk":
		l.text(bytes.Repeat([]byte{' '}, n))
	case "in":
		signed := bytes.ContainsAny(body, "+-")
		switch {
		case !given:
			l.indent = 0
		case signed:
			l.indent = min(max(l.indent+n, 0), maxIndent)
		default:
			l.indent = n
		}
	case "ti":
		if given {
			l.oneOff = n
		}
	}
}

// maxIndent bounds what many \.in+99\ can add up to, and with it how much longer than
// its source a text can become.
const maxIndent = 99
