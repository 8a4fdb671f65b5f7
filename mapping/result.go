package mapping

import (
	"slices"
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
)

func itoa(n int) string { return strconv.Itoa(n) }

// writer makes structs of the nodes.
type writer struct {
	c       *conv
	entry   int
	names   *names
	maker   *r4.Maker
	lineage []Lineage
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
	requests := make([]r4.BundleEntryRequest, n)
	w := &writer{c: c, names: &c.mem.names, maker: &c.mem.maker, lineage: c.mem.lineage[:0]}
	for _, r := range c.resources {
		if r.final() != r {
			continue
		}
		if r.entry < 0 { // the Bundle itself
			w.entry = -1
			w.fill(bundle, r.root, w.names.root(r.root.typ))
			continue
		}
		w.entry = r.entry
		made := w.maker.New(r.root.typ).(r4.Resource)
		w.fill(made, r.root, w.names.root(r.root.typ))
		made.SetResourceID(r.ident.id)
		requests[r.entry] = r4.BundleEntryRequest{Method: "PUT", URL: r.root.typ.Name + "/" + r.ident.id}
		bundle.Entry[r.entry] = r4.BundleEntry{FullURL: r.url, Resource: made, Request: &requests[r.entry]}
		res.Entries[r.entry] = Entry{Slot: r.slot, Nulls: c.nullsOf(r), Fill: r.fill, Identifiers: r.ident.identifiers}
	}
	c.mem.lineage = w.lineage
	if c.traced {
		res.Lineage = slices.Clone(w.lineage)
		res.Unmapped = c.unmapped()
	}
	res.Notes = c.notes
	res.Origin = c.origin()
	res.Sets = c.setsOf()
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

// fill writes the children of n into the struct that parent points to; at is the
// path of n.
func (w *writer) fill(parent any, n *node, at *pathName) {
	last := -1 // index of the kid before in its list
	for i := range n.kids {
		k := &n.kids[i]
		if !k.n.has() {
			last = -1
			continue
		}
		switch {
		case !k.f.List:
			last = 0
		case i > 0 && n.kids[i-1].f == k.f && last >= 0:
			last++
		default:
			last = 0
			for j := range i {
				if n.kids[j].f == k.f && n.kids[j].n.has() {
					last++
				}
			}
		}
		next := at
		if w.c.traced {
			next = w.names.child(at, k.f, k.n.typ, last)
		}
		room := 1
		if k.f.List && last == 0 {
			for j := i + 1; j < len(n.kids); j++ {
				if n.kids[j].f == k.f {
					room++
				}
			}
		}
		w.kid(parent, k, last, room, next)
	}
}

// kid writes a child, the index-th of a list that needs room for so many.
func (w *writer) kid(parent any, k *kid, index, room int, at *pathName) {
	var choice *r4.Type
	if k.f.Choice {
		choice = k.n.typ
	}
	if k.n.info.primitive {
		if k.n.set && w.maker.Set(k.f, parent, choice, k.n.text) { // every text was checked
			w.wrote(k.n, at)
		}
		if len(k.n.kids) > 0 {
			w.fill(k.f.MakeElement(parent, choice, index), k.n, at)
		}
		return
	}
	made := w.maker.Make(k.f, parent, choice, room)
	if k.n.ref != nil {
		if link, ok := made.(*r4.Reference); ok {
			link.Reference = k.n.ref.final().url
			w.wrote(k.n, at)
		}
	}
	w.fill(made, k.n, at)
}

// wrote notes where the element at hand comes from.
func (w *writer) wrote(n *node, at *pathName) {
	if n.row == nil || !w.c.traced {
		return
	}
	l := Lineage{Entry: w.entry, Path: at.text, Segment: -1, Row: w.names.rowName(n.app, n.row)}
	if seg := n.src.seg(); seg < len(w.c.segs) {
		l.Segment = seg
		l.Field = w.names.place(n.src, w.c.segs[seg].name)
	}
	w.lineage = append(w.lineage, l)
}
