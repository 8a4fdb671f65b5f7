package reverse

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// index finds resources by what refers to them.
type index struct {
	all   []r4.Resource // by place, nil where an entry has none
	byRef map[string]r4.Resource
}

func newIndex() *index { return &index{byRef: map[string]r4.Resource{}} }

func (ix *index) add(r r4.Resource, fullURL string) {
	ix.all = append(ix.all, r)
	if r == nil {
		return
	}
	for _, ref := range []string{fullURL, r.ResourceType() + "/" + r.ResourceID()} {
		if _, taken := ix.byRef[ref]; ref != "" && !strings.HasSuffix(ref, "/") && !taken {
			ix.byRef[ref] = r
		}
	}
}

// find returns what a reference inside root points to, nil if it is not here. A
// version (/_history/1) makes no difference, a server in front of type and id none
// either.
func (ix *index) find(ref string, root r4.Resource) r4.Resource {
	if id, ok := strings.CutPrefix(ref, "#"); ok {
		return contained(root, id)
	}
	ref, _, _ = strings.Cut(ref, "/_history/")
	if r := ix.byRef[ref]; r != nil {
		return r
	}
	parts := strings.Split(ref, "/")
	if len(parts) < 3 {
		return nil
	}
	return ix.byRef[strings.Join(parts[len(parts)-2:], "/")]
}

func contained(root r4.Resource, id string) r4.Resource {
	t := r4.TypeOf(root)
	if t == nil || id == "" {
		return nil
	}
	f, _, ok := t.Field("contained")
	if !ok {
		return nil
	}
	for v := range f.Values(root) {
		if r, ok := v.(r4.Resource); ok && r.ResourceID() == id {
			return r
		}
	}
	return nil
}

// onePatient settles whom the message is about: the only Patient there is, or the
// only one that a MessageHeader names as focus.
func (e *env) onePatient() *Error {
	var patients []string
	focus := map[string]bool{}
	for _, r := range e.ix.all {
		switch r := r.(type) {
		case *r4.Patient:
			patients = append(patients, r.ID)
		case *r4.MessageHeader:
			for i := range r.Focus {
				if p, ok := e.ix.find(r.Focus[i].Reference, r).(*r4.Patient); ok {
					focus[p.ID] = true
				}
			}
		}
	}
	if len(patients) > 1 && len(focus) == 1 {
		for id := range focus {
			patients = []string{id}
		}
	}
	switch len(patients) {
	case 0:
		return &Error{"Patient", "there is none, and every message is about one"}
	case 1:
		e.patient = patients[0]
		return nil
	}
	return &Error{"Patient", "there are several: Target.Patient has to say whom the message is about"}
}
