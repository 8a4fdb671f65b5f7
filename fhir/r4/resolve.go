package r4

import "strconv"

// References knows the resources within one resource, contained or in the
// entries of a Bundle, and resolves references among them. It knows what was
// there when it was made, and is safe for concurrent use as long as nobody
// changes that.
type References struct {
	root   Resource
	places map[Resource]*refPlace
}

// refPlace is where a resource stands.
type refPlace struct {
	holder  Resource  // that contains it; itself if none does
	fullURL string    // of the entry that it, or its holder, stands in
	in      *refScope // of the innermost Bundle around it, nil if there is none
}

// refScope is the entries of one Bundle by fullUrl.
type refScope struct {
	byURL map[string][]Resource
	up    *refPlace // of the Bundle
}

// ReferencesIn finds the resources in root, itself included.
func ReferencesIn(root Resource) *References {
	x := &References{root: root, places: map[Resource]*refPlace{}}
	if TypeOf(root) != nil && pointerOf(root) != nil {
		x.add(root, &refPlace{holder: root}, 0)
	}
	return x
}

func (x *References) add(r Resource, at *refPlace, depth int) {
	if x.places[r] != nil || depth > maxDepth {
		return
	}
	x.places[r] = at
	for _, c := range containedIn(r) {
		if TypeOf(c) != nil && pointerOf(c) != nil {
			x.add(c, &refPlace{holder: at.holder, fullURL: at.fullURL, in: at.in}, depth+1)
		}
	}
	b, ok := r.(*Bundle)
	if !ok {
		return
	}
	scope := &refScope{byURL: map[string][]Resource{}, up: at}
	for i := range b.Entry {
		e := &b.Entry[i]
		if TypeOf(e.Resource) == nil || pointerOf(e.Resource) == nil {
			continue
		}
		if e.FullURL != "" {
			scope.byURL[e.FullURL] = append(scope.byURL[e.FullURL], e.Resource)
		}
		x.add(e.Resource, &refPlace{holder: e.Resource, fullURL: e.FullURL, in: scope}, depth+1)
	}
}

// containedIn returns the contained resources of r.
func containedIn(r Resource) []Resource {
	t := TypeOf(r)
	if t == nil || pointerOf(r) == nil {
		return nil
	}
	f, _, ok := t.Field("contained")
	if !ok {
		return nil
	}
	return *(*[]Resource)(f.in(r))
}

// Resolve returns the resource that a reference means which stands in from, one
// of the resources known here; nil means the outermost. ok is false when it is
// none of these: it may well be on a server.
//
//   - "#id" is the resource of that id contained in from, or beside it when it
//     is contained itself; "#" is the one that contains it (FHIR R4
//     references.html#contained).
//   - An absolute URL is the entry of that fullUrl; with a version, the one whose
//     meta.versionId says the same (FHIR R4 bundle.html#references).
//   - "Patient/123" is looked for under the base of the fullUrl of the entry in
//     which from stands. When that fullUrl is no place on a server, such as
//     urn:uuid, the reference means nothing here.
//
// Of several entries that match, none is taken, for it is not known which is
// meant. In a Bundle within a Bundle, the inner one is looked at first.
func (x *References) Resolve(from Resource, reference string) (r Resource, ok bool) {
	if from == nil {
		from = x.root
	}
	p, ok := ParseRef(reference)
	if !ok || TypeOf(from) == nil {
		return nil, false
	}
	at := x.places[from]
	if at == nil {
		return nil, false
	}
	if p.Contained() {
		return contained(at.holder, p.Fragment)
	}
	for ; at != nil && at.in != nil; at = at.in.up {
		if r, found := at.entry(p); found {
			if r == nil {
				return nil, false
			}
			if p.Fragment != "" {
				return contained(r, p.Fragment)
			}
			return r, true
		}
	}
	return nil, false
}

// entry finds p among the entries beside at. It is nil when there are several.
func (at *refPlace) entry(p RefParts) (r Resource, found bool) {
	version := p.Version
	p.Fragment, p.Version = "", ""
	if p.Relative() {
		home, ok := ParseRef(at.fullURL)
		if !ok || home.Type == "" {
			return nil, false
		}
		p.Base = home.Base
	}
	for _, c := range at.in.byURL[p.String()] {
		if version != "" && (c.ResourceMeta() == nil || c.ResourceMeta().VersionID != version) {
			continue
		}
		if found {
			return nil, true
		}
		r, found = c, true
	}
	return r, found
}

// contained returns the resource of an id in holder, or holder for no id.
func contained(holder Resource, id string) (Resource, bool) {
	if id == "" {
		return holder, true
	}
	for _, c := range containedIn(holder) {
		if TypeOf(c) != nil && pointerOf(c) != nil && c.ResourceID() == id {
			return c, true
		}
	}
	return nil, false
}

// Contain puts r into holder as a contained resource and returns the reference
// to it, "#" and its id. One without an id is given the next free number. The
// result is an [Error] when holder's type contains none, such as [Bundle].
func Contain(holder, r Resource) (Reference, error) {
	t := TypeOf(holder)
	if t == nil || pointerOf(holder) == nil || TypeOf(r) == nil || pointerOf(r) == nil {
		return Reference{}, &Error{Problem: "not a resource of R4"}
	}
	f, _, ok := t.Field("contained")
	if !ok {
		return Reference{}, &Error{At: t.Name, Problem: "contains no resources"}
	}
	list := (*[]Resource)(f.in(holder))
	if r.ResourceID() == "" {
		n := len(*list) + 1
		for taken := true; taken; n++ {
			r.SetResourceID(strconv.Itoa(n))
			_, taken = contained(holder, r.ResourceID())
		}
	} else if _, taken := contained(holder, r.ResourceID()); taken {
		return Reference{}, &Error{At: t.Name + ".contained", Problem: "two resources of one id"}
	}
	*list = append(*list, r)
	return Reference{Reference: "#" + r.ResourceID()}, nil
}
