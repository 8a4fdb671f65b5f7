package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// bundle checks the rules of a Bundle that its invariants do not say (FHIR R4
// bundle.html, documents.html, messaging.html, search.html).
func (r *run) bundle(n *node) {
	b := n.value.(*r4.Bundle)
	r.links(n, b)
	all := r.entriesOf(n.scope)
	r.each(n, "entry", func(at *node) { r.entry(at, b) })
	switch b.Type {
	case "document":
		r.documentBundle(n, b, all)
	case "searchset":
		r.searchset(n, b)
	case "message":
		if len(b.Entry) > 0 && b.Entry[0].Resource != nil && b.Entry[0].Resource.ResourceType() != "MessageHeader" {
			r.fail(n, "invalid", "the first entry of a message has to be a MessageHeader")
		}
	}
}

// links checks that the links of a page of results are there once.
func (r *run) links(n *node, b *r4.Bundle) {
	seen := map[string]bool{}
	for i, l := range b.Link {
		switch l.Relation {
		case "self", "first", "previous", "prev", "next", "last":
			if seen[l.Relation] {
				r.eachAt(n, "link", i, func(at *node) {
					r.fail(at, "invalid", "the link "+l.Relation+" is there more than once")
				})
			}
			seen[l.Relation] = true
		}
	}
}

// eachAt calls fn with value i of an element, if it is there.
func (r *run) eachAt(n *node, name string, i int, fn func(*node)) {
	in, t := n.holder()
	if in == nil {
		return
	}
	if f, _, ok := t.Field(name); ok {
		if c, ok := r.at(n, in, f, i); ok {
			fn(c)
		}
	}
}

// entry checks the fullUrl of an entry.
func (r *run) entry(n *node, b *r4.Bundle) {
	e := n.value.(*r4.BundleEntry)
	if e.FullURL == "" {
		if e.Resource != nil && (b.Type == "document" || b.Type == "message") {
			r.warn(n, "invalid", "entries of a "+b.Type+" have a fullUrl")
		}
		return
	}
	_, typ, id, restful := splitURL(e.FullURL)
	switch {
	case !absolute(e.FullURL):
		r.fail(n, "invalid", "the fullUrl has to be absolute")
	case strings.HasPrefix(e.FullURL, "urn:uuid:"):
		if r4.TypeByName("uuid").Check(e.FullURL) != nil {
			r.fail(n, "invalid", "the UUID of the fullUrl is not one (in lower case)")
		}
	case restful && e.Resource != nil:
		creates := e.Request != nil && e.Request.Method == "POST"
		switch {
		case e.Resource.ResourceID() == "" && !creates:
			r.fail(n, "invalid", "the fullUrl is that of a resource on a server, but the resource has no id")
		case e.Resource.ResourceID() != "" && (typ != e.Resource.ResourceType() || id != e.Resource.ResourceID()):
			r.fail(n, "invalid", "the fullUrl is that of a resource on a server, but does not end in the type and id of this one")
		}
	}
}

// documentBundle checks that the Composition finds what it needs, and that
// nothing lies there that it does not lead to.
func (r *run) documentBundle(n *node, b *r4.Bundle, all *entries) {
	if len(b.Entry) == 0 || b.Entry[0].Resource == nil {
		return // invariants tell
	}
	c, ok := b.Entry[0].Resource.(*r4.Composition)
	if !ok {
		r.fail(n, "invalid", "the first entry of a document has to be a Composition")
		return
	}
	root := all.list[0].node
	r.needed(root, "subject", "encounter", "author", "custodian")
	r.each(root, "attester", func(a *node) { r.needed(a, "party") })
	r.each(root, "event", func(e *node) { r.needed(e, "detail") })
	r.sections(root, c.Section, 0)
	r.reachable(n, b, all)
}

func (r *run) sections(n *node, list []r4.CompositionSection, depth int) {
	if len(list) == 0 || depth > maxDepth {
		return
	}
	r.each(n, "section", func(s *node) {
		r.needed(s, "author", "focus", "entry")
		r.sections(s, s.value.(*r4.CompositionSection).Section, depth+1)
	})
}

// needed checks that references lead to entries of the document.
func (r *run) needed(n *node, names ...string) {
	for _, name := range names {
		r.each(n, name, func(c *node) {
			ref, ok := c.value.(*r4.Reference)
			if !ok || ref.Reference == "" {
				return
			}
			f := r.lookup(c.scope, ref.Reference)
			switch {
			case f.node != nil && f.many:
				r.fail(c, "invalid", "several entries of the document are what this refers to")
			case f.node != nil || f.where == inContained:
			case f.near:
				r.fail(c, "not-found", "leads to no entry of the document; one has the type and id, but not the version or not the fullUrl that makes it the one (bundle.html#references)")
			default:
				r.fail(c, "not-found", "leads to no entry of the document")
			}
		})
	}
}

// reachable follows the references of all entries, forward and backward, from
// the Composition.
func (r *run) reachable(n *node, b *r4.Bundle, all *entries) {
	next := make([][]int, len(all.list))
	index := make(map[*node]int, len(all.list))
	for i, e := range all.list {
		index[e.node] = i
	}
	for i, e := range all.list {
		r.referred(e.node, func(s *scope, ref string) {
			f := r.lookup(s, ref)
			if f.where != inBundle || f.node == nil {
				return
			}
			k := index[f.node]
			next[i] = append(next[i], k)
			next[k] = append(next[k], i)
		})
	}
	seen, todo := map[int]bool{0: true}, []int{0}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, k := range next[at] {
			if !seen[k] {
				seen[k] = true
				todo = append(todo, k)
			}
		}
	}
	for k, e := range all.list {
		if !seen[k] && e.node.typ.Name != "Binary" {
			r.warn(e.node.up, "informational", "not reached by references from the Composition")
		}
	}
}

// referred calls fn with all references in a resource.
func (r *run) referred(n *node, fn func(s *scope, ref string)) {
	r4.Walk(n.value, func(at r4.Node) bool {
		if ref, ok := at.Value.(*r4.Reference); ok && ref.Reference != "" && !strings.HasPrefix(ref.Reference, "#") {
			fn(n.scope, ref.Reference)
		}
		return true
	})
}

// searchset checks what a page of results may hold.
func (r *run) searchset(n *node, b *r4.Bundle) {
	asked := ""
	for _, l := range b.Link {
		if l.Relation == "self" {
			path, _, _ := strings.Cut(l.URL, "?")
			if t := r4.TypeByName(lastPart(path)); t != nil && t.Kind == r4.KindResource {
				asked = t.Name
			}
		}
	}
	r.each(n, "entry", func(at *node) {
		e := at.value.(*r4.BundleEntry)
		if e.Resource == nil || e.Search == nil {
			return
		}
		typ := e.Resource.ResourceType()
		switch mode := e.Search.Mode; {
		case mode == "outcome" && typ != "OperationOutcome":
			r.fail(at, "invalid", "an entry with the mode outcome is an OperationOutcome")
		case mode == "match" && asked != "" && typ != asked && typ != "OperationOutcome":
			r.fail(at, "invalid", "a match of a search for "+asked+" is of another type: "+typ)
		case mode == "match" && typ != "OperationOutcome" && e.Resource.ResourceID() == "":
			r.fail(at, "invalid", "a match of a search has an id")
		}
	})
}
