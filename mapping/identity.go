package mapping

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// An identityRule says what makes a resource the one it is.
type identityRule struct {
	merge    bool
	facility bool // an identifier without system is one of the facility, not of the sender
	keys     []identityKey
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
	day      bool     // only the day of a dateTime
	optional bool
}

type identityKind uint8

const (
	byIdentifier identityKind = iota
	byOwner
	byPatient
	bySender
	byFacility
	byMessage
	byOrdinal
	byChain
	byExtension
	bySubID
	byPath
)

var identityWords = map[string]identityKind{
	"identifier": byIdentifier, "owner": byOwner, "patient": byPatient, "sender": bySender, "facility": byFacility,
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
		if raw.Scope != "" && raw.Scope != "facility" {
			c.fail(raw.where, fmt.Errorf("scope: facility, or nothing for the sender"))
		}
		rule := &identityRule{merge: raw.Merge, facility: raw.Scope == "facility"}
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
	word, p.day = strings.CutSuffix(word, ":day")
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
	ids := &c.mem.ids
	if ids.counts == nil {
		ids.reset()
	}
	ids.c = c
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

// identities is the work of identify.
type identities struct {
	c      *conv
	counts map[identityOf]int
	known  map[identityOf]*resource
	bufs   [][]byte // one for each level of resources that identify each other
	level  int
}

// identityOf is an identity of a type.
type identityOf struct {
	typ  *r4.Type
	text string
}

// reset forgets all that came from the message.
func (x *identities) reset() {
	if x.counts == nil || len(x.counts) > maxNames {
		x.counts, x.known = map[identityOf]int{}, map[identityOf]*resource{}
	}
	clear(x.counts)
	clear(x.known)
	x.c = nil
	for _, b := range x.bufs {
		clear(b[:cap(b)])
	}
	x.level = 0
}

// of finds the identity of a resource and returns its id.
func (x *identities) of(r *resource) string {
	switch r.ident.state {
	case 1:
		return "" // it is its own owner: the key does without
	case 2:
		return r.ident.id
	}
	r.ident.state = 1
	if x.level == len(x.bufs) {
		x.bufs = append(x.bufs, make([]byte, 0, 256))
	}
	x.level++
	rule := x.c.m.prog.identity[r.root.typ]
	found := false
	if rule != nil {
		for i := range rule.keys {
			if found = x.key(r, rule, &rule.keys[i]); found {
				break
			}
		}
	}
	if !found {
		x.key(r, rule, &lastResort)
	}
	x.level--
	r.ident.state = 2
	r.ident.id = x.c.m.ids.make(r.root.typ.Name, r.ident.text)
	return r.ident.id
}

// lastResort tells a resource by its message.
var lastResort = identityKey{parts: []identityPart{{kind: byMessage}, {kind: byOrdinal}}}

// key tries one key. When all of its parts are there it is the identity.
func (x *identities) key(r *resource, rule *identityRule, k *identityKey) bool {
	b := x.bufs[x.level-1][:0]
	ordinal := false
	var found []Identifier
	for i := range k.parts {
		p := &k.parts[i]
		if p.kind == byOrdinal {
			ordinal = true
			continue
		}
		b = append(b, byte('0'+i), ':')
		before := len(b)
		if p.kind == byIdentifier {
			b, found = x.identifier(b, r.root, p.arg, rule)
		} else {
			b = x.part(b, r, p)
		}
		if len(b) == before && !p.optional {
			return false
		}
		b = append(b, 0x1f)
	}
	x.bufs[x.level-1] = b
	r.ident.text = string(b)
	if ordinal {
		key := identityOf{r.root.typ, r.ident.text}
		x.counts[key]++
		r.ident.text += "#" + strconv.Itoa(x.counts[key])
	}
	if k.alone {
		r.ident.identifiers = found
	}
	return true
}

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
		return append(append(x.c.senderKey(b), 0x1e), x.c.segs[0].field(10).Text()...)
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
func (x *identities) collect(b []byte, n *node, path []string) []byte {
	if len(path) == 0 {
		return x.text(b, n)
	}
	for i := range n.kids {
		k := &n.kids[i]
		if k.f.Name != path[0] && !(k.f.Choice && k.f.Name+upperFirst(k.n.typ.Name) == path[0]) || !k.n.filled() {
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
	if n.typ.Kind == r4.KindPrimitive {
		return append(b, n.text...)
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
		for _, name := range [...]string{"identifier", "name", "physicalType"} {
			path := [1]string{name}
			b = append(x.collect(b, r.root, path[:]), 0x1e)
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
func (x *identities) identifier(b []byte, n *node, typ string, rule *identityRule) ([]byte, []Identifier) {
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
		}
		b = append(append(b, 0x1e), id.Value...)
	}
	return b, all
}

// hasType reports whether an identifier is of a type.
func hasType(identifier *node, code string) bool {
	t := identifier.kid("type")
	return t != nil && hasCode(t, code)
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

// settle makes sure that the resource alone has its id, or unites it with the
// one that it is.
func (x *identities) settle(r *resource) {
	key := identityOf{r.root.typ, r.ident.text}
	first := x.known[key]
	if first == nil {
		x.known[key] = r
		return
	}
	if rule := x.c.m.prog.identity[r.root.typ]; rule != nil && rule.merge {
		x.c.unite(first, r)
		return
	}
	// Two of one identity that are not one: the order tells them apart, and
	// neither can be found by its identifier.
	x.counts[key]++
	r.ident.text += "~" + strconv.Itoa(x.counts[key])
	first.ident.identifiers, r.ident.identifiers = nil, nil
	r.ident.id = x.c.m.ids.make(r.root.typ.Name, r.ident.text)
}

// unite adds what r says to what first says.
func (c *conv) unite(first, r *resource) {
	r.merged = first
	if first.slot == "" {
		first.slot = r.slot
	}
	for _, k := range r.root.kids {
		if k.f.List {
			c.add(first.root, k)
		} else if first.root.field(k.f) == nil {
			c.add(first.root, k)
		}
	}
	for _, path := range r.nulls {
		first.clear(path)
	}
}
