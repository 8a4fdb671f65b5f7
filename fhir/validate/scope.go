package validate

import (
	"strings"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// A scope is a resource in the document: the document's own, one contained, one
// of a Bundle's entries, or another inside.
type scope struct {
	node      *node
	resource  r4.Resource
	in        *scope // the resource that this one is in, nil for the document's own
	contained bool   // in the contained of another
	fullURL   string // of a Bundle's entry
	entries   *entries
	ids       map[string]bool // of elements
	inside    map[string]*node
	env       *fhirpath.Env
	known     bool // inside is made
}

// newScope begins a resource at n.
func (r *run) newScope(n *node, res r4.Resource, in *scope) *scope {
	s := &scope{node: n, resource: res, in: in}
	if n.field != nil {
		s.contained = n.field.Name == "contained"
		if e, ok := n.in.(*r4.BundleEntry); ok {
			s.fullURL = e.FullURL
		}
	}
	return s
}

// root is the resource that contains s, or s itself.
func (s *scope) root() *scope {
	for s.contained && s.in != nil {
		s = s.in
	}
	return s
}

// scopeOf gives the scope of a resource inside another, one for each resource.
func (r *run) scopeOf(n *node, res r4.Resource) *scope {
	if s := r.scopes[res]; s != nil {
		return s
	}
	s := r.newScope(n, res, n.scope)
	if r.scopes == nil {
		r.scopes = map[r4.Resource]*scope{}
	}
	r.scopes[res] = s
	return s
}

// containedIn finds the contained resource of an id.
func (r *run) containedIn(s *scope, id string) *node {
	s = s.root()
	if !s.known {
		s.known, s.inside = true, map[string]*node{}
		r.each(s.node, "contained", func(c *node) {
			if id := c.value.(r4.Resource).ResourceID(); id != "" && s.inside[id] == nil {
				s.inside[id] = c
			}
		})
	}
	return s.inside[id]
}

// entries finds the resources of a Bundle by the rules of FHIR R4
// bundle.html#references.
type entries struct {
	list []entry
	urls map[string][]int // by fullUrl
	ids  map[string][]int // by Type/id of the resource
}

type entry struct {
	url  string
	node *node // of its resource
}

// bundleOf finds the nearest Bundle that s is in, and the fullUrl of the entry
// that s is in there.
func (s *scope) bundleOf() (bundle *scope, fullURL string) {
	for at := s; at.in != nil; at = at.in {
		if at.in.resource.ResourceType() == "Bundle" && !at.contained {
			return at.in, at.fullURL
		}
	}
	return nil, ""
}

func (r *run) entriesOf(s *scope) *entries {
	if s.entries != nil {
		return s.entries
	}
	e := &entries{urls: map[string][]int{}, ids: map[string][]int{}}
	s.entries = e
	r.each(s.node, "entry", func(at *node) {
		url := at.value.(*r4.BundleEntry).FullURL
		r.each(at, "resource", func(n *node) {
			res := n.value.(r4.Resource)
			i := len(e.list)
			e.list = append(e.list, entry{url: url, node: n})
			if url != "" {
				e.urls[url] = append(e.urls[url], i)
			}
			if id := res.ResourceID(); id != "" {
				id = n.typ.Name + "/" + id
				e.ids[id] = append(e.ids[id], i)
			}
		})
	})
	return e
}

// found is what a reference leads to.
type found struct {
	node  *node
	many  bool // several entries have the fullUrl
	near  bool // an entry has the type and id, but not the fullUrl
	where place
}

type place uint8

const (
	elsewhere   place = iota // outside the document
	inContained              // "#id"
	inBundle
	unnamed // a relative reference in an entry that has no fullUrl
)

// lookup finds the target of a reference from inside s.
func (r *run) lookup(s *scope, ref string) found {
	if strings.HasPrefix(ref, "#") {
		if ref == "#" {
			return found{node: s.root().node, where: inContained}
		}
		return found{node: r.containedIn(s, ref[1:]), where: inContained}
	}
	ref, _, _ = strings.Cut(ref, "#")
	bundle, from := s.bundleOf()
	if bundle == nil {
		return found{}
	}
	all := r.entriesOf(bundle)
	plain, version := cutVersion(ref)
	url, typed := plain, plain
	if !absolute(ref) {
		base, ok := baseOf(from)
		if at := strings.LastIndexByte(from, ':'); !ok && at > 0 && strings.HasPrefix(from, "urn:") {
			base, ok = from[:at+1], true // the id alone makes the URN
			_, plain, _ = strings.Cut(plain, "/")
		}
		if !ok {
			f := found{where: inBundle, near: len(all.ids[typed]) > 0}
			if from == "" {
				f.where = unnamed
			}
			return f
		}
		url = base + plain
	}
	f := found{where: inBundle}
	for _, i := range all.urls[url] {
		if version != "" {
			if m := all.list[i].node.value.(r4.Resource).ResourceMeta(); m == nil || m.VersionID != version {
				f.near = true
				continue
			}
		}
		f.many = f.node != nil
		f.node = all.list[i].node
	}
	if f.node == nil && !absolute(ref) {
		f.near = f.near || len(all.ids[typed]) > 0
	}
	return f
}

func cutVersion(ref string) (plain, version string) {
	plain, version, _ = strings.Cut(ref, "/_history/")
	return plain, version
}

// baseOf is what stands before Type/id in the URL of a RESTful server.
func baseOf(url string) (string, bool) {
	base, _, _, ok := splitURL(url)
	return base, ok
}

// splitURL takes the URL of a resource on a RESTful server apart.
func splitURL(url string) (base, typ, id string, ok bool) {
	if !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "https://") {
		return "", "", "", false
	}
	url, _ = cutVersion(url)
	rest, id, ok1 := cutLast(url)
	base, typ, ok2 := cutLast(rest)
	t := r4.TypeByName(typ)
	if !ok1 || !ok2 || t == nil || t.Kind != r4.KindResource {
		return "", "", "", false
	}
	return base + "/", typ, id, true
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// resolve finds the resource that a reference of s means, in the document or
// through the Validator's Resolve.
func (r *run) resolve(s *scope, ref string) (r4.Resource, bool) {
	if f := r.lookup(s, ref); f.node != nil {
		res, ok := f.node.value.(r4.Resource)
		return res, ok
	}
	if r.v.o.Resolve == nil || strings.HasPrefix(ref, "#") {
		return nil, false
	}
	return r.v.o.Resolve(ref)
}

// targetOf finds the resource that a Reference or canonical leads to.
func (r *run) targetOf(n *node) *node {
	ref := n.text
	if x, ok := n.value.(*r4.Reference); ok {
		ref = x.Reference
	}
	if ref == "" {
		return nil
	}
	if f := r.lookup(n.scope, ref); f.node != nil {
		return f.node
	}
	if res, ok := r.resolve(n.scope, ref); ok && res != nil {
		t := &node{typ: r4.TypeOf(res), value: res}
		if t.typ == nil {
			return nil
		}
		t.scope = &scope{node: t, resource: res}
		return t
	}
	return nil
}
