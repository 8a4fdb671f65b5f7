package mapping

import (
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
)

func itoa(n int) string { return strconv.Itoa(n) }

// writer makes structs of the nodes.
type writer struct {
	c       *conv
	entry   int
	path    []byte // of the element at hand
	text    []byte // all paths, fields and rows, cut out of one string at the end
	lineage []line
}

// line is a Lineage whose texts lie in writer.text.
type line struct {
	entry, segment        int
	path, field, row, end int
}

// result makes the Bundle and what goes with it.
func (c *conv) result() *Result {
	bundle := &r4.Bundle{Type: "transaction"}
	res := &Result{Bundle: bundle}
	n := 0
	for _, r := range c.resources {
		if r.final() == r && r.root.typ.Name != "Bundle" {
			r.entry = n
			n++
		}
	}
	bundle.Entry = make([]r4.BundleEntry, n)
	res.Entries = make([]Entry, n)
	w := &writer{c: c}
	for _, r := range c.resources {
		if r.final() != r {
			continue
		}
		if r.entry < 0 { // the Bundle itself
			w.entry = -1
			w.fill(bundle, r.root)
			continue
		}
		w.entry = r.entry
		made := r.root.typ.New().(r4.Resource)
		w.fill(made, r.root)
		made.SetResourceID(r.ident.id)
		bundle.Entry[r.entry] = r4.BundleEntry{
			FullURL:  "urn:uuid:" + r.ident.id,
			Resource: made,
			Request:  &r4.BundleEntryRequest{Method: "PUT", URL: r.root.typ.Name + "/" + r.ident.id},
		}
		res.Entries[r.entry] = Entry{Slot: r.slot, Nulls: c.nullsOf(r), Identifiers: r.ident.identifiers}
	}
	res.Lineage = w.lines()
	res.Unmapped = c.unmapped()
	res.Notes = c.notes
	return res
}

// nullsOf lists the deletions of elements that the message does not give anew.
func (c *conv) nullsOf(r *resource) []string {
	var all []string
	for _, path := range r.nulls {
		if !given(r.root, path) {
			all = append(all, path)
		}
	}
	return all
}

// given reports whether the resource has an element at a dotted path.
func given(n *node, path string) bool {
	start := 0
	for i := 0; i <= len(path); i++ {
		if i < len(path) && path[i] != '.' {
			continue
		}
		name := path[start:i]
		if len(name) > 10 && name[:10] == "extension:" {
			url := path[start+10:]
			for j := range n.kids {
				if k := n.kids[j].n.kid("url"); n.kids[j].f.Name == "extension" && k != nil && k.text == url {
					return true
				}
			}
			return false
		}
		if n = n.kid(name); n == nil {
			return false
		}
		start = i + 1
	}
	return true
}

// fill writes the children of n into the struct that parent points to.
func (w *writer) fill(parent any, n *node) {
	for i := range n.kids {
		k := &n.kids[i]
		if !k.n.filled() {
			continue
		}
		mark := len(w.path)
		if mark > 0 {
			w.path = append(w.path, '.')
		}
		w.path = append(w.path, k.f.Name...)
		if k.f.Choice {
			w.path = append(w.path, upperFirst(k.typ.Name)...)
		}
		if k.f.List {
			index := 0
			for j := range i {
				if n.kids[j].f == k.f && n.kids[j].n.filled() {
					index++
				}
			}
			w.path = append(w.path, '[')
			w.path = strconv.AppendInt(w.path, int64(index), 10)
			w.path = append(w.path, ']')
			w.kid(parent, k, index)
		} else {
			w.kid(parent, k, 0)
		}
		w.path = w.path[:mark]
	}
}

func (w *writer) kid(parent any, k *kid, index int) {
	var choice *r4.Type
	if k.f.Choice {
		choice = k.typ
	}
	if k.typ.Kind == r4.KindPrimitive {
		if k.n.set {
			if err := k.f.SetPrimitive(parent, choice, k.n.text); err != nil {
				w.c.noteAt(string(w.path), err.Error()) // the tables were compiled against another R4
				return
			}
			w.wrote(k.n)
		}
		if len(k.n.kids) > 0 {
			w.fill(k.f.MakeElement(parent, choice, index), k.n)
		}
		return
	}
	made := k.f.Make(parent, choice)
	if k.n.ref != nil {
		if link, ok := made.(*r4.Reference); ok {
			link.Reference = "urn:uuid:" + k.n.ref.final().ident.id
			w.wrote(k.n)
		}
	}
	w.fill(made, k.n)
}

// wrote notes where the element at hand comes from.
func (w *writer) wrote(n *node) {
	if n.row == nil {
		return
	}
	l := line{entry: w.entry, segment: -1, path: len(w.text)}
	w.text = append(w.text, w.path...)
	l.field = len(w.text)
	if seg := n.src.seg(); seg < len(w.c.segs) {
		l.segment = seg
		w.text = n.src.appendTo(w.text, w.c.segs[seg].name)
	}
	l.row = len(w.text)
	w.rows(n.app)
	w.text = append(w.text, n.row.id...)
	l.end = len(w.text)
	w.lineage = append(w.lineage, l)
}

// rows writes the rows of outer maps, outermost first.
func (w *writer) rows(a *app) {
	if a == nil || a.row == nil {
		return
	}
	w.rows(a.up)
	w.text = append(append(w.text, a.row.id...), '/')
}

func (w *writer) lines() []Lineage {
	text := string(w.text)
	all := make([]Lineage, len(w.lineage))
	for i, l := range w.lineage {
		all[i] = Lineage{
			Entry: l.entry, Path: text[l.path:l.field],
			Segment: l.segment, Field: text[l.field:l.row], Row: text[l.row:l.end],
		}
	}
	return all
}
