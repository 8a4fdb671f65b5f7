package hl7

import "bytes"

// Unescape decodes the escape sequences of raw once (HL7 v2.9 2.7):
//
//   - \F\ \S\ \T\ \R\ \E\ \P\ become the delimiters;
//   - \Xhh..\ becomes the bytes it names;
//   - \.br\ and \.ce\ become a line feed, \.spn\ n line feeds, \.skn\ n blanks; the
//     other formatting commands (\.fi\ \.nf\ \.inn\ \.tin\) and highlighting (\H\
//     \N\) have no text and vanish, see [FormatText] for one that obeys them;
//   - \Cxxyy\ and \Mxxyyzz\ that designate a character set of the list in 2.7.3 switch
//     to it, up to the next such sequence or the end of raw.
//
// What is unknown, broken or local (\Zxx\) stays as it stands, see [UnescapeLocal].
//
// Bytes of \X..\ that are not UTF-8 are read as windows-1252; those of a message are
// read by its MSH-18, see [Value.String].
func Unescape(raw []byte, d Delimiters) string { return UnescapeLocal(raw, d, nil) }

// UnescapeLocal is [Unescape] with a function for the sequences that two sites have
// agreed on (HL7 v2.9 2.7.7): it gets what stands between the escape characters,
// such as "Z01", and returns the text for it, or false to keep it as it stands.
func UnescapeLocal(raw []byte, d Delimiters, local func(sequence string) (text string, ok bool)) string {
	if d.Escape == 0 || bytes.IndexByte(raw, d.Escape) < 0 {
		return string(raw)
	}
	u := unescaper{d: d, charset: func() string { return "" }, local: local}
	return string(u.text(raw))
}

// unescaper decodes one value.
type unescaper struct {
	d       Delimiters
	charset func() string // MSH-18 of the message
	local   func(string) (string, bool)
	out     []byte
	codes   []byte // bytes that are not decoded yet: of \X..\, or of a designated set
	from    int    // where in the source they begin
	set     iso2022
	mark    int // where set was designated, until something is read from it; -1 after
}

func unescape(raw []byte, d Delimiters, charset func() string) []byte {
	u := unescaper{d: d, charset: charset}
	return u.text(raw)
}

func (u *unescaper) text(raw []byte) []byte {
	u.out, u.mark = make([]byte, 0, len(raw)), -1
	for at := 0; at < len(raw); {
		n := bytes.IndexByte(raw[at:], u.d.Escape)
		if n < 0 {
			n = len(raw) - at
		}
		if n > 0 {
			u.plain(raw, at, at+n)
			at += n
			continue
		}
		at = u.sequence(raw, at)
	}
	u.flush(raw, len(raw))
	return u.out
}

// escapeLen returns the length of the escape sequence with which raw starts, 1 when
// there is only a lone escape character.
func escapeLen(raw []byte, d Delimiters) int {
	n := bytes.IndexByte(raw[1:], d.Escape)
	if n < 0 {
		return 1
	}
	body := raw[1 : n+1]
	if _, ok := hexEscape(body); ok {
		return n + 2
	}
	if _, known := escapeText(body, d); known || looksLikeEscape(body) {
		return n + 2
	}
	return 1
}

// plain takes text without escape characters.
func (u *unescaper) plain(raw []byte, at, end int) {
	if u.set.active() {
		if b, ok := u.bytesOf(raw[at:end]); ok {
			u.hold(b, at)
			return
		}
	}
	u.flush(raw, at)
	u.out = append(u.out, raw[at:end]...)
}

// sequence takes the escape sequence at a place, or a lone escape character, and
// returns where it ends. It agrees with escapeLen on what is one.
func (u *unescaper) sequence(raw []byte, at int) int {
	n := bytes.IndexByte(raw[at+1:], u.d.Escape)
	if n < 0 {
		return u.lone(raw, at)
	}
	body, end := raw[at+1:at+1+n], at+n+2
	if b, ok := hexEscape(body); ok {
		u.hold(b, at)
		return end
	}
	if s, ok := u.set.designate(designator(body)); ok {
		u.flush(raw, at)
		u.set, u.mark = s, at
		return end
	}
	text, known := escapeText(body, u.d)
	if !known && !looksLikeEscape(body) {
		return u.lone(raw, at)
	}
	if !known && u.local != nil {
		text, known = u.local(string(body))
	}
	switch {
	case known && len(text) == 1 && u.set.active():
		u.hold([]byte(text), at)
	case known:
		u.flush(raw, at)
		u.out = append(u.out, text...)
	default:
		u.flush(raw, at)
		u.out = append(u.out, raw[at:end]...)
	}
	return end
}

func (u *unescaper) lone(raw []byte, at int) int {
	u.plain(raw, at, at+1)
	return at + 1
}

// hold keeps bytes that only make text together with those around them.
func (u *unescaper) hold(b []byte, at int) {
	if len(u.codes) == 0 {
		u.from = at
		if u.mark >= 0 {
			u.from = u.mark
		}
	}
	u.codes = append(u.codes, b...)
}

// flush decodes the bytes that are held, which were read from the source up to a place.
func (u *unescaper) flush(raw []byte, at int) {
	u.mark = -1
	if len(u.codes) == 0 {
		return
	}
	b := u.codes
	u.codes = u.codes[:0]
	if !u.set.active() {
		u.out = decodeHex(u.out, b, u.charset)
		return
	}
	base, known := lookupCharset(u.charset())
	if !known {
		base = utf8cs
	}
	if text, ok := u.set.decode(b, base); ok {
		u.out = append(u.out, text...)
		return
	}
	u.out = append(u.out, raw[u.from:at]...)
}

// bytesOf gives text back the bytes that it had in the message's character set.
func (u *unescaper) bytesOf(text []byte) ([]byte, bool) {
	if isASCII(text) {
		return text, true
	}
	c, known := lookupCharset(u.charset())
	if !known || c.enc == nil {
		return nil, false
	}
	b, err := c.enc.NewEncoder().Bytes(bytes.Clone(text)) // a copy, so that raw itself need not be on the heap
	return b, err == nil
}
