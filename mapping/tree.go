package mapping

import "github.com/ponshealth/pons/fhir/r4"

// Rows write into a tree of nodes. It knows what Go structs cannot: which slot
// of which map application an element of a list is, what wrote a value and
// whence, and that an element is empty so far. When all rows have run the tree
// is mended (finish.go) and becomes structs (materialise.go).
type node struct {
	typ  *r4.Type
	info *typeInfo
	kids []kid

	text    string    // of a primitive
	ref     *resource // of a Reference
	set     bool      // text is there
	weak    bool      // gives way to another value
	literal bool      // does not come from the message

	src place    // what gave the value
	row *rowName // the row that wrote it
	app *app     // the application of the map in which it did
}

// A kid is a child element: one of field f.
type kid struct {
	f   *r4.Field
	key slotKey
	n   *node
}

// slotKey tells the elements of one list apart: map application, slot in it,
// repetition, and number among the values of a map with several.
type slotKey uint64

func keyOf(app *app, slot, rep, multi int) slotKey {
	return slotKey(app.id)<<36 | slotKey(slot&0xfff)<<24 | slotKey(rep&0xffff)<<8 | slotKey(multi&0xff)
}

func (k slotKey) app() uint32 { return uint32(k >> 36) }
func (k slotKey) slot() int   { return int(k>>24) & 0xfff }

// A resource is one that the message becomes.
type resource struct {
	root  *node
	slot  string    // name in the message table, "" if made inside another
	owner *resource // the one that refers to it, or in whose scope it was made
	nulls []string

	fill    bool // only rows that say it by the way wrote it
	dropped bool
	merged  *resource // into which it went, when two are the same
	by      *resource // the first that refers to it
	listed  listing   // the last list that was found to refer to it
	ident   identity
	entry   int    // index in the Bundle
	url     string // its fullUrl
}

// final is the resource that stands for r in the result, nil if none does.
func (r *resource) final() *resource {
	for r.merged != nil {
		r = r.merged
	}
	if r.dropped {
		return nil
	}
	return r
}

// An app is one application of one map.
type app struct {
	id  uint32
	up  *app
	row *rowName // the row of the outer map that applied it; nil at the top

	chain *chain // names of the rows, once it was asked for
}

// child finds the child element of field f with that key, nil if there is none.
// A choice holds one type: a child of another type that has content stands in
// the way, and ok is false.
func (n *node) child(f *r4.Field, typ *r4.Type, key slotKey) (k *node, ok bool) {
	for i := range n.kids {
		c := &n.kids[i]
		if c.f != f || c.key != key {
			continue
		}
		if c.n.typ == typ {
			return c.n, true
		}
		if c.n.filled() {
			return nil, false
		}
	}
	return nil, true
}

// filled reports whether the node has content. References to resources count:
// whether the resource has content is asked later.
func (n *node) filled() bool {
	if n.set || n.ref != nil {
		return true
	}
	for i := range n.kids {
		if n.kids[i].n.filled() {
			return true
		}
	}
	return false
}

// has is filled for a tree without empty elements, as prune leaves it.
func (n *node) has() bool { return n.set || n.ref != nil || len(n.kids) > 0 }

// informed reports whether anything in the node, or in a resource that was made
// for it, comes from the message.
func (n *node) informed() bool {
	if n.set && !n.literal {
		return true
	}
	if n.ref != nil && !n.literal && n.ref.root.informed() {
		return true
	}
	for i := range n.kids {
		if n.kids[i].n.informed() {
			return true
		}
	}
	return false
}

// kid returns the first child of that element name that has content.
func (n *node) kid(name string) *node {
	for i := range n.kids {
		if n.kids[i].f.Name == name && n.kids[i].n.filled() {
			return n.kids[i].n
		}
	}
	return nil
}

// remove drops all children of that element name.
func (n *node) remove(name string) {
	kept := n.kids[:0]
	for _, k := range n.kids {
		if k.f.Name != name {
			kept = append(kept, k)
		}
	}
	n.kids = kept
}
