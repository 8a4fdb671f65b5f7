package mapping

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
)

// An identityRule says what makes a resource the one it is.
type identityRule struct {
	merge bool
	keys  []identityKey
}

// An identityKey is parts that together identify; all must be there.
type identityKey struct {
	parts []identityPart
	alone bool // an identifier and nothing else
}

type identityPart struct {
	kind     identityKind
	arg      string   // type of an identifier, url of an extension
	path     []string // of an element
	optional bool
}

type identityKind uint8

const (
	byIdentifier identityKind = iota
	byOwner
	byPatient
	bySender
	byMessage
	byOrdinal
	byChain
	byExtension
	bySubID
	byPath
)

var identityWords = map[string]identityKind{
	"identifier": byIdentifier, "owner": byOwner, "patient": byPatient, "sender": bySender,
	"message": byMessage, "ordinal": byOrdinal, "chain": byChain, "extension": byExtension, "subid": bySubID,
}

// identity is what a resource was found to be.
type identity struct {
	state       uint8 // 0 not looked for, 1 being looked for, 2 found
	text        string
	id          string
	identifiers []Identifier
}

func (c *compiler) identity() {
	c.prog.identity = map[*r4.Type]*identityRule{}
	for i := range c.raw.identity {
		raw := &c.raw.identity[i]
		typ := r4.TypeByName(raw.Type)
		if typ == nil || typ.Kind != r4.KindResource || len(raw.Keys) == 0 {
			c.fail(raw.where, fmt.Errorf("a resource of R4 and its keys are wanted"))
			continue
		}
		rule := &identityRule{merge: raw.Merge}
		for _, text := range raw.Keys {
			var key identityKey
			for word := range strings.SplitSeq(text, "+") {
				p, err := identityPartOf(strings.TrimSpace(word), typ)
				if err != nil {
					c.fail(raw.where, err)
				}
				key.parts = append(key.parts, p)
			}
			key.alone = len(key.parts) == 1 && key.parts[0].kind == byIdentifier
			rule.keys = append(rule.keys, key)
		}
		c.prog.identity[typ] = rule
	}
}

func identityPartOf(word string, typ *r4.Type) (p identityPart, err error) {
	word, p.optional = strings.CutSuffix(word, "?")
	name, arg, _ := strings.Cut(strings.TrimSuffix(word, ")"), "(")
	if kind, ok := identityWords[name]; ok {
		p.kind, p.arg = kind, arg
		return p, nil
	}
	p.kind, p.path = byPath, strings.Split(word, ".")
	for _, name := range p.path {
		f, next, ok := typ.Field(name)
		if !ok {
			return p, fmt.Errorf("%q is neither a part of an identity nor an element of %s", word, typ.Name)
		}
		if typ = next; typ == nil {
			typ = f.Types[0]
		}
	}
	return p, nil
}

// identify finds out who the resources are, and unites those that are the same.
func (c *conv) identify() {
	for _, r := range c.resources {
		if r.final() == r {
			c.referrers(r.root, r)
		}
	}
	ids := &identities{c: c, counts: map[string]int{}, known: map[string]*resource{}}
	for _, r := range c.resources {
		if r.final() == r && r.root.typ.Name != "Bundle" {
			ids.of(r)
		}
	}
	for _, r := range c.resources {
		if r.final() == r && r.root.typ.Name != "Bundle" {
			ids.settle(r)
		}
	}
}

// referrers tells the resources that r refers to of r.
func (c *conv) referrers(n *node, r *resource) {
	if n.ref != nil {
		switch t := n.ref.final(); {
		case t == nil || t.by != nil:
		case r.root.typ.Name == "Provenance" || r.root.typ.Name == "MessageHeader":
		default:
			t.by = r
		}
	}
	for i := range n.kids {
		c.referrers(n.kids[i].n, r)
	}
}

type identities struct {
	c      *conv
	counts map[string]int
	known  map[string]*resource // by type and identity
}

// of returns the identity of a resource as a text.
func (x *identities) of(r *resource) string {
	if r.ident.state == 2 {
		return r.ident.text
	}
	if r.ident.state == 1 {
		return "" // it is its own owner: the key does without
	}
	r.ident.state = 1
	rule := x.c.m.prog.identity[r.root.typ]
	if rule != nil {
		for i := range rule.keys {
			if text, ok := x.key(r, &rule.keys[i]); ok {
				r.ident.text = text
				break
			}
		}
	}
	if r.ident.text == "" {
		r.ident.text, _ = x.key(r, &identityKey{parts: []identityPart{{kind: byMessage}, {kind: byOrdinal}}})
	}
	r.ident.state = 2
	return r.ident.text
}

func (x *identities) key(r *resource, k *identityKey) (string, bool) {
	var b strings.Builder
	ordinal := false
	var found []Identifier
	for i := range k.parts {
		p := &k.parts[i]
		text := ""
		switch p.kind {
		case byOrdinal:
			ordinal = true
			continue
		case byIdentifier:
			text, found = x.identifier(r.root, p.arg)
		default:
			text = x.part(r, p)
		}
		if text == "" && !p.optional {
			return "", false
		}
		b.WriteString(strconv.Itoa(i))
		b.WriteByte(':')
		b.WriteString(text)
		b.WriteByte('\x1f')
	}
	if ordinal {
		key := r.root.typ.Name + "\x1f" + b.String()
		x.counts[key]++
		fmt.Fprintf(&b, "#%d", x.counts[key])
	}
	if k.alone {
		r.ident.identifiers = found
	}
	return b.String(), true
}

func (x *identities) part(r *resource, p *identityPart) string {
	switch p.kind {
	case byOwner:
		owner := r.owner
		if owner == nil {
			owner = r.by
		}
		if owner != nil {
			if owner = owner.final(); owner != nil && owner != r {
				return owner.root.typ.Name + x.of(owner)
			}
		}
	case byPatient:
		for _, name := range []string{"patient", "subject", "beneficiary"} {
			if n := r.root.kid(name); n != nil && n.ref != nil && n.ref.final() != nil {
				return x.of(n.ref.final())
			}
		}
	case bySender:
		return x.c.senderKey()
	case byMessage:
		return x.c.senderKey() + "\x1e" + x.c.segs[0].field(10).Text()
	case byChain:
		return x.chain(r)
	case byExtension, bySubID:
		for i := range r.root.kids {
			k := &r.root.kids[i]
			if k.f.Name != "extension" {
				continue
			}
			url := k.n.kid("url")
			if url != nil && (p.kind == byExtension && url.text == p.arg || p.kind == bySubID && isSubID(url.text)) {
				return x.text(k.n)
			}
		}
	case byPath:
		var all []string
		x.collect(r.root, p.path, &all)
		return strings.Join(all, "\x1e")
	}
	return ""
}

// isSubID reports whether an extension holds an OBX-4.
func isSubID(url string) bool {
	return strings.HasSuffix(url, "subid") || strings.HasSuffix(url, "sub-id")
}

func (x *identities) collect(n *node, path []string, all *[]string) {
	if len(path) == 0 {
		*all = append(*all, x.text(n))
		return
	}
	for i := range n.kids {
		k := &n.kids[i]
		name := k.f.Name
		if k.f.Choice && name != path[0] {
			name += upperFirst(k.typ.Name)
		}
		if name == path[0] && k.n.filled() {
			x.collect(k.n, path[1:], all)
		}
	}
}

// text writes all that is in a node, in a fixed order.
func (x *identities) text(n *node) string {
	if n.ref != nil {
		if t := n.ref.final(); t != nil {
			return t.root.typ.Name + x.of(t)
		}
	}
	if n.typ.Kind == r4.KindPrimitive {
		return n.text
	}
	var parts []string
	for i := range n.typ.Fields {
		f := &n.typ.Fields[i]
		for j := range n.kids {
			if n.kids[j].f == f {
				if t := x.text(n.kids[j].n); t != "" {
					parts = append(parts, f.Name+"="+t)
				}
			}
		}
	}
	return strings.Join(parts, "\x1d")
}

// chain writes the identifiers and names of a Location and of all that it is
// part of: bed 12 is only itself in its room.
func (x *identities) chain(r *resource) string {
	var b strings.Builder
	for n := 0; r != nil && n < maxMulti; n++ {
		for _, name := range []string{"identifier", "name", "physicalType"} {
			var all []string
			x.collect(r.root, []string{name}, &all)
			b.WriteString(strings.Join(all, "\x1e"))
			b.WriteByte('\x1e')
		}
		up := r.root.kid("partOf")
		r = nil
		if up != nil && up.ref != nil {
			r = up.ref.final()
		}
	}
	if strings.Trim(b.String(), "\x1e") == "" {
		return ""
	}
	return b.String()
}

// identifier returns the first identifier of a resource that has a value, as a
// text, and all that have a system. One without a system counts at its sender.
func (x *identities) identifier(n *node, typ string) (text string, all []Identifier) {
	for i := range n.kids {
		k := n.kids[i].n
		if n.kids[i].typ.Name != "Identifier" || n.kids[i].f.Name != "identifier" {
			continue
		}
		value, system := k.kid("value"), k.kid("system")
		if value == nil || !value.set || typ != "" && !hasType(k, typ) {
			continue
		}
		id := Identifier{Value: value.text}
		if system != nil && system.set {
			id.System = system.text
			all = append(all, id)
		}
		if text == "" {
			if text = id.System; text == "" {
				text = "sender\x1e" + x.c.senderKey()
			}
			text += "\x1e" + id.Value
		}
	}
	return text, all
}

// hasType reports whether an identifier is of a type, by the code of any coding.
func hasType(identifier *node, code string) bool {
	t := identifier.kid("type")
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.kids, func(k kid) bool {
		c := k.n.kid("code")
		return c != nil && c.text == code
	})
}

// senderKey names the sending application and facility, whole.
func (c *conv) senderKey() string {
	return c.segs[0].field(3).Text() + "\x1e" + c.segs[0].field(4).Text()
}

// settle gives a resource its id, or unites it with the one that it is.
func (x *identities) settle(r *resource) {
	key := r.root.typ.Name + "\x1f" + r.ident.text
	first := x.known[key]
	rule := x.c.m.prog.identity[r.root.typ]
	switch {
	case first == nil:
		x.known[key] = r
	case rule != nil && rule.merge:
		unite(first, r)
		return
	default:
		// Two of one identity that are not one: the order tells them apart, and
		// neither can be found by its identifier.
		x.counts[key]++
		r.ident.text += fmt.Sprintf("~%d", x.counts[key])
		first.ident.identifiers, r.ident.identifiers = nil, nil
	}
	r.ident.id = x.c.m.ids.make(r.root.typ.Name, r.ident.text)
}

// unite adds what r says to what first says.
func unite(first, r *resource) {
	r.merged = first
	if first.slot == "" {
		first.slot = r.slot
	}
	for _, k := range r.root.kids {
		if k.f.List {
			first.root.kids = append(first.root.kids, k)
		} else if first.root.field(k.f) == nil {
			first.root.kids = append(first.root.kids, k)
		}
	}
	for _, path := range r.nulls {
		first.clear(path)
	}
}

// idMaker makes ids of identities: UUIDs of version 8 (RFC 9562 5.8) whose bits
// are a keyed hash.
type idMaker struct {
	pool sync.Pool
}

func newIDMaker(key []byte) *idMaker {
	key = slices.Clone(key)
	return &idMaker{sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (m *idMaker) make(typ, identity string) string {
	h := m.pool.Get().(hash.Hash)
	h.Reset()
	h.Write([]byte(typ))
	h.Write([]byte{0})
	h.Write([]byte(identity))
	var sum [sha256.Size]byte
	h.Sum(sum[:0])
	m.pool.Put(h)
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	var b [36]byte
	hex.Encode(b[:8], sum[:4])
	hex.Encode(b[9:13], sum[4:6])
	hex.Encode(b[14:18], sum[6:8])
	hex.Encode(b[19:23], sum[8:10])
	hex.Encode(b[24:], sum[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}
