package mapping

import (
	"bytes"
	"slices"
	"strings"
)

// part appends a part of an identity, nothing when it is not there.
func (x *identities) part(b []byte, r *resource, p *identityPart) []byte {
	switch p.kind {
	case byOwner:
		owner := r.owner
		if owner == nil {
			owner = r.by
		}
		if owner != nil {
			if owner = owner.final(); owner != nil && owner != r {
				return append(b, x.of(owner)...)
			}
		}
	case byPatient:
		for _, name := range [...]string{"patient", "subject", "beneficiary"} {
			if n := r.root.kid(name); n != nil && n.ref != nil && n.ref.final() != nil {
				return append(b, x.of(n.ref.final())...)
			}
		}
	case bySender:
		return x.c.senderKey(b)
	case byFacility:
		return append(b, x.c.sender()...)
	case byMessage:
		// Control ids begin again, at a restart or every day; MSH-7 tells them apart.
		b = append(append(x.c.senderKey(b), 0x1e), x.c.segs[0].field(10).Text()...)
		return append(append(b, 0x1e), x.c.segs[0].field(7).Text()...)
	case byChain:
		return x.chain(b, r)
	case byExtension, bySubID:
		for i := range r.root.kids {
			k := &r.root.kids[i]
			if k.f.Name != "extension" {
				continue
			}
			url := k.n.kid("url")
			if url != nil && (p.kind == byExtension && url.text == p.arg || p.kind == bySubID && isSubID(url.text)) {
				return x.text(b, k.n)
			}
		}
	case byPath:
		before := len(b)
		b = x.collect(b, r.root, p.path)
		if p.day && len(b) > before+10 {
			b = b[:before+10]
		}
	}
	return b
}

// isSubID reports whether an extension holds an OBX-4.
func isSubID(url string) bool {
	return strings.HasSuffix(url, "subid") || strings.HasSuffix(url, "sub-id")
}

// collect appends the texts of all elements at a path.
func (x *identities) collect(b []byte, n *node, path []identityStep) []byte {
	if len(path) == 0 {
		return x.text(b, n)
	}
	for i := range n.kids {
		k := &n.kids[i]
		if k.f != path[0].f || path[0].typ != nil && k.n.typ != path[0].typ || !k.n.filled() {
			continue
		}
		before := len(b)
		if b = x.collect(b, k.n, path[1:]); len(b) > before {
			b = append(b, 0x1e)
		}
	}
	return b
}

// text appends all that is in a node, in a fixed order.
func (x *identities) text(b []byte, n *node) []byte {
	if n.ref != nil {
		if t := n.ref.final(); t != nil {
			return append(b, x.of(t)...)
		}
	}
	if n.info.primitive {
		b = append(b, n.text...)
		if sent := n.sent(); sent != nil { // two times of one day
			b = append(append(b, ' '), sent.text...)
		}
		return b
	}
	if len(n.kids) == 0 {
		return b
	}
	for i := range n.typ.Fields {
		f := &n.typ.Fields[i]
		for j := range n.kids {
			if n.kids[j].f != f {
				continue
			}
			start := len(b)
			b = append(append(b, f.Name...), '=')
			before := len(b)
			if b = x.text(b, n.kids[j].n); len(b) == before {
				b = b[:start]
			} else {
				b = append(b, 0x1d)
			}
		}
	}
	return b
}

// chain appends the identifiers and names of a Location and of all that it is
// part of: bed 12 is only itself in its room. What names no site (PL.4) is a
// place of the sending facility, whichever of its systems speaks.
func (x *identities) chain(b []byte, r *resource) []byte {
	start := len(b)
	site := false
	for n := 0; r != nil && n < maxMulti; n++ {
		for i := range x.c.m.prog.location {
			b = append(x.collect(b, r.root, x.c.m.prog.location[i][:]), 0x1e)
		}
		if t := r.root.kid("physicalType"); t != nil {
			site = site || hasCode(t, "si")
		}
		up := r.root.kid("partOf")
		r = nil
		if up != nil && up.ref != nil {
			r = up.ref.final()
		}
	}
	if len(bytes.Trim(b[start:], "\x1e")) == 0 {
		return b[:start]
	}
	if !site {
		b = append(b, x.c.sender()...)
	}
	return b
}

// identifier appends the first identifier of a resource that has a value, and
// returns all that have a system. One without a system counts at its sender.
//
// Identifiers that do not name one person are kept in the resource and say
// nothing of who it is.
func (x *identities) identifier(b []byte, r *resource, typ string, rule *identityRule) ([]byte, []Identifier) {
	n := r.root
	var all []Identifier
	first := true
	for i := range n.kids {
		k := n.kids[i].n
		if k.typ.Name != "Identifier" || n.kids[i].f.Name != "identifier" {
			continue
		}
		value, system := k.kid("value"), k.kid("system")
		if value == nil || !value.set || typ != "" && !hasType(k, typ) {
			continue
		}
		if rule.person && filler(value.text) || len(rule.weak) > 0 && isWeak(k, rule.weak) {
			continue
		}
		id := Identifier{Value: value.text}
		if system != nil && system.set {
			id.System = system.text
			all = append(all, id)
		}
		if !first {
			continue
		}
		first = false
		switch {
		case id.System != "":
			b = append(b, id.System...)
		case rule.facility:
			b = append(append(b, "facility\x1e"...), x.c.sender()...)
		default:
			b = x.c.senderKey(append(b, "sender\x1e"...))
			if t := k.kid("type"); t != nil { // its visits and its patients may have the same numbers
				b = append(append(b, 0x1e), codeOf(t)...)
			}
			if rule.ofPatient { // a counter of the sender may run for each patient
				b = x.part(append(b, 0x1e), r, &identityPart{kind: byPatient})
			}
		}
		b = append(append(b, 0x1e), id.Value...)
	}
	return b, all
}

// filler tells of a value that senders write where they have none: one digit
// over and over, digits in order, or words for nothing.
func filler(value string) bool {
	var b strings.Builder
	for _, c := range strings.ToUpper(value) {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' {
			b.WriteRune(c)
		}
	}
	switch text := b.String(); text {
	case "", "123456789", "1234567890", "0123456789", "UNKNOWN", "UNK", "NONE", "NA", "NULL", "TBD", "TEST":
		return true
	default:
		return len(text) >= 4 && text[0] >= '0' && text[0] <= '9' && strings.Count(text, text[:1]) == len(text)
	}
}

// hasType reports whether an identifier is of a type.
func hasType(identifier *node, code string) bool {
	t := identifier.kid("type")
	return t != nil && hasCode(t, code)
}

// isWeak reports whether an identifier is of a type that does not tell who it is.
func isWeak(identifier *node, weak []string) bool {
	t := identifier.kid("type")
	return t != nil && slices.ContainsFunc(t.kids, func(k kid) bool {
		c := k.n.kid("code")
		return c != nil && slices.Contains(weak, c.text)
	})
}

// codeOf is the first code of a concept.
func codeOf(concept *node) string {
	for i := range concept.kids {
		if c := concept.kids[i].n.kid("code"); c != nil {
			return c.text
		}
	}
	return ""
}

// hasCode reports whether any coding of a concept has a code.
func hasCode(concept *node, code string) bool {
	return slices.ContainsFunc(concept.kids, func(k kid) bool {
		c := k.n.kid("code")
		return c != nil && c.text == code
	})
}

// senderKey appends the sending application and facility, whole.
func (c *conv) senderKey(b []byte) []byte {
	b = append(b, c.segs[0].field(3).Text()...)
	return append(append(b, 0x1e), c.segs[0].field(4).Text()...)
}
