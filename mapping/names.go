package mapping

import (
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
)

// names keeps the texts of a Lineage: element paths, places in the message and
// rows of the tables. They are few and come again with every message. None of
// them holds a value.
type names struct {
	roots  map[*r4.Type]*pathName
	chains *chain
	places map[uint64]string
	count  int
}

// maxNames is how many names are kept; beyond it they are made anew.
const maxNames = 20_000

func (n *names) trim() {
	if n.count > maxNames || n.roots == nil {
		*n = names{roots: map[*r4.Type]*pathName{}, chains: &chain{}, places: map[uint64]string{}}
	}
}

// A pathName is the path of an element and knows those of its children.
type pathName struct {
	text string
	kids []pathKid
}

type pathKid struct {
	f   *r4.Field
	typ *r4.Type
	at  []*pathName // by index in the list
}

func (n *names) root(typ *r4.Type) *pathName {
	p := n.roots[typ]
	if p == nil {
		p = &pathName{}
		n.roots[typ] = p
	}
	return p
}

// child returns the path of child i of field f as type typ.
func (n *names) child(p *pathName, f *r4.Field, typ *r4.Type, i int) *pathName {
	for k := range p.kids {
		if kid := &p.kids[k]; kid.f == f && kid.typ == typ {
			if i < len(kid.at) && kid.at[i] != nil {
				return kid.at[i]
			}
			c := n.makePath(p, f, typ, i)
			for len(kid.at) <= i {
				kid.at = append(kid.at, nil)
			}
			kid.at[i] = c
			return c
		}
	}
	c := n.makePath(p, f, typ, i)
	kid := pathKid{f: f, typ: typ, at: make([]*pathName, i+1)}
	kid.at[i] = c
	p.kids = append(p.kids, kid)
	return c
}

func (n *names) makePath(p *pathName, f *r4.Field, typ *r4.Type, i int) *pathName {
	n.count++
	text := p.text
	if text != "" {
		text += "."
	}
	text += f.Name
	if f.Choice {
		text += upperFirst(typ.Name)
	}
	if f.List {
		text += "[" + strconv.Itoa(i) + "]"
	}
	return &pathName{text: text}
}

// A chain is the rows that led to a map, outermost first.
type chain struct {
	text string // "PID[Patient]#7/"
	next map[*rowName]*chain
	rows map[*rowName]string // with one row more: whole names
}

func (n *names) chain(a *app) *chain {
	if a == nil || a.row == nil {
		return n.chains
	}
	if a.chain == nil {
		up := n.chain(a.up)
		next := up.next[a.row]
		if next == nil {
			n.count++
			next = &chain{text: up.text + a.row.id + "/"}
			if up.next == nil {
				up.next = map[*rowName]*chain{}
			}
			up.next[a.row] = next
		}
		a.chain = next
	}
	return a.chain
}

func (n *names) rowName(a *app, r *rowName) string {
	c := n.chain(a)
	name, ok := c.rows[r]
	if !ok {
		n.count++
		name = c.text + r.id
		if c.rows == nil {
			c.rows = map[*rowName]string{}
		}
		c.rows[r] = name
	}
	return name
}

// place writes a place of segment seg. The key has 16 bits for the segment's
// name in base 36 and 44 for the rest of the place.
func (n *names) place(p place, seg string) string {
	key := uint64(p) & 0xfff_ffff_ffff
	if len(seg) == 3 {
		key |= uint64(base36(seg[0])*1296+base36(seg[1])*36+base36(seg[2])) << 44
	}
	name, ok := n.places[key]
	if !ok {
		n.count++
		name = string(p.appendTo(nil, seg))
		n.places[key] = name
	}
	return name
}

func base36(c byte) int {
	if c >= '0' && c <= '9' {
		return int(c-'0') + 26
	}
	return int(c-'A') % 26
}
