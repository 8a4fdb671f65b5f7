package mapping

import (
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

	ofPatient bool     // and one of the patient as well
	person    bool     // values that are none do not count
	weak      []string // types of identifiers that do not tell who it is
}

// An identityKey is parts that together identify; all must be there.
type identityKey struct {
	parts []identityPart
	alone bool // an identifier and nothing else
}

type identityPart struct {
	kind     identityKind
	arg      string         // type of an identifier, url of an extension
	path     []identityStep // of an element
	day      bool           // only the day of a dateTime
	optional bool
}

// An identityStep goes to the elements of a field, of a choice to those of a type.
type identityStep struct {
	f   *r4.Field
	typ *r4.Type // nil: any
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
	c.prog.location = locationSteps()
	for i := range c.raw.identity {
		raw := &c.raw.identity[i]
		typ := r4.TypeByName(raw.Type)
		if typ == nil || typ.Kind != r4.KindResource || len(raw.Keys) == 0 {
			c.fail(raw.where, fmt.Errorf("a resource of R4 and its keys are wanted"))
			continue
		}
		if raw.Scope != "" && raw.Scope != "facility" && raw.Scope != "patient" {
			c.fail(raw.where, fmt.Errorf("scope: facility, patient, or nothing for the sender"))
		}
		rule := &identityRule{
			merge: raw.Merge, facility: raw.Scope == "facility", ofPatient: raw.Scope == "patient",
			person: typ.Name == "Patient", weak: raw.Weak,
		}
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
	p.kind = byPath
	for name := range strings.SplitSeq(word, ".") {
		f, next, ok := typ.Field(name)
		if !ok {
			return p, fmt.Errorf("%q is neither a part of an identity nor an element of %s", word, typ.Name)
		}
		p.path = append(p.path, identityStep{f, next})
		if typ = next; typ == nil {
			typ = f.Types[0]
		}
	}
	return p, nil
}

// locationSteps lead to what tells a place.
func locationSteps() (steps [3][1]identityStep) {
	for i, name := range [...]string{"identifier", "name", "physicalType"} {
		f, typ, _ := r4.TypeByName("Location").Field(name)
		steps[i][0] = identityStep{f, typ}
	}
	return steps
}

// identify finds out who the resources are, and unites those that are the same.
func (c *conv) identify() {
	c.referrers()
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

// referrers tells resources which one is the first to refer to them.
func (c *conv) referrers() {
	for _, l := range c.links {
		if l.n.ref == nil || l.res.final() != l.res {
			continue
		}
		switch t := l.n.ref.final(); {
		case t == nil || t.by != nil:
		case l.res.root.typ.Name == "Provenance" || l.res.root.typ.Name == "MessageHeader":
		default:
			t.by = l.res
		}
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
	if r.ident.identifiers != nil && x.c.known != nil {
		if r.ident.id = x.c.known(r.root.typ.Name, r.ident.identifiers); r.ident.id != "" {
			r.url = urnUUID + r.ident.id
		}
	}
	if r.ident.id == "" {
		r.named(x.c.m)
	}
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
			b, found = x.identifier(b, r, p.arg, rule)
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
		if x.counts[key] > 1 && k.tells() {
			x.c.noteAt(r.root.typ.Name, noteOrder)
		}
		r.ident.text += "#" + strconv.Itoa(x.counts[key])
	}
	if k.alone {
		r.ident.identifiers = found
	}
	return true
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
	x.c.noteAt(r.root.typ.Name, noteOrder)
	r.ident.text += "~" + strconv.Itoa(x.counts[key])
	first.ident.identifiers, r.ident.identifiers = nil, nil
	r.named(x.c.m)
}

// named gives r the id of its identity.
func (r *resource) named(m *Mapper) {
	r.url = m.ids.make(r.root.typ.Name, r.ident.text)
	r.ident.id = r.url[len(urnUUID):]
}

const noteOrder = "several with the same number and code: told apart by their order alone"

// tells reports whether a key is more than the place of a resource in a message.
func (k *identityKey) tells() bool {
	return slices.ContainsFunc(k.parts, func(p identityPart) bool { return p.kind == byPath || p.kind == byIdentifier })
}

// unite adds what r says to what first says.
func (c *conv) unite(first, r *resource) {
	r.merged = first
	first.fill = first.fill && r.fill
	if first.slot == "" {
		first.slot = r.slot
	}
	for _, k := range r.root.kids {
		same := func(old kid) bool { return old.f == k.f && (!k.f.List || old.n.equal(k.n)) }
		if !slices.ContainsFunc(first.root.kids, same) {
			c.add(first.root, k)
		}
	}
	for _, path := range r.nulls {
		first.clear(path)
	}
}
