package mapcase

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// Resources are what facts are checked against, as plain JSON.
type Resources struct {
	list  []resource
	byRef map[string]map[string]any
}

type resource struct {
	ref   string
	body  map[string]any
	nulls []string // elements that the sender deleted
}

// Open takes the resources of a result and its Bundle, by the fullUrl of their entries.
func Open(res *mapping.Result) (*Resources, error) {
	b := &Resources{}
	for i := range res.Bundle.Entry {
		e := &res.Bundle.Entry[i]
		text, err := r4.Marshal(e.Resource)
		if err != nil {
			return nil, err
		}
		if err := b.Add(e.FullURL, text, res.Entries[i].Nulls...); err != nil {
			return nil, err
		}
	}
	text, err := r4.Marshal(res.Bundle)
	if err != nil {
		return nil, err
	}
	return b, b.Add("", text)
}

// Add takes a resource, what refers to it, and the elements that the sender deleted.
func (b *Resources) Add(ref string, text []byte, nulls ...string) error {
	var body map[string]any
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	if err := d.Decode(&body); err != nil {
		return err
	}
	b.list = append(b.list, resource{ref, body, nulls})
	if b.byRef == nil {
		b.byRef = map[string]map[string]any{}
	}
	if ref != "" {
		b.byRef[ref] = body
	}
	return nil
}

// find gives the text at a path: a[0].b->c[1], -> for the resource referred to.
func (b *Resources) find(r map[string]any, path string) (string, bool, error) {
	var v any = r
	for i, hop := range strings.Split(path, "->") {
		if i > 0 {
			ref, _ := v.(map[string]any)
			to, _ := ref["reference"].(string)
			if b.byRef[to] == nil {
				return "", false, nil
			}
			v = b.byRef[to]
			typ, _ := b.byRef[to]["resourceType"].(string)
			if err := checkHop(typ, hop); err != nil {
				return "", false, err
			}
		}
		for _, step := range strings.Split(hop, ".") {
			name, index, indexed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
			m, ok := v.(map[string]any)
			if !ok {
				return "", false, nil
			}
			v = m[name]
			if !indexed {
				continue
			}
			list, _ := v.([]any)
			n, err := strconv.ParseUint(index, 10, 31)
			if err != nil {
				return "", false, fmt.Errorf("%s: %q is no index", path, index)
			}
			if n >= uint64(len(list)) {
				return "", false, nil
			}
			v = list[n]
		}
	}
	switch v := v.(type) {
	case nil:
		return "", false, nil
	case string:
		return v, true, nil
	case json.Number:
		return v.String(), true, nil
	case bool:
		return strconv.FormatBool(v), true, nil
	}
	out, err := json.Marshal(v)
	return string(out), true, err
}

// checkHop asks R4 whether there is such an element in the type, up to the first
// reference that is followed, and whether an index stands where a list is.
func checkHop(typ, path string) error {
	t := r4.TypeByName(typ)
	if t == nil {
		return fmt.Errorf("%s is no type of R4", typ)
	}
	hop, _, _ := strings.Cut(path, "->")
	steps := strings.Split(hop, ".")
	for i, step := range steps {
		name, _, indexed := strings.Cut(step, "[")
		if name == "resourceType" && i == len(steps)-1 {
			return nil
		}
		bare := strings.TrimPrefix(name, "_")
		f, of, ok := t.Field(bare)
		switch {
		case !ok:
			return fmt.Errorf("%s: %s has no element %s", path, t.Name, bare)
		case indexed != f.List && (indexed || i < len(steps)-1):
			return fmt.Errorf("%s: %s is a list, or is none; an index belongs where a list is", path, name)
		case of.Name == "Resource":
			return nil // which one, only the resource itself says
		}
		t = of
		if bare != name {
			t = r4.TypeByName("Element")
		}
	}
	return nil
}

// A Place is an element of one of the resources: what refers to the resource, and the path.
type Place struct{ Ref, Path string }

// Places lists the elements that a fact speaks of in the resources it picks: the one that
// holds its value, the references on the way there, and what picks the resource.
func (f Fact) Places(b *Resources) (all []Place) {
	for _, r := range b.list {
		if r.body["resourceType"] != f.Type {
			continue
		}
		if path, want, ok := strings.Cut(f.Where, " = "); ok {
			if got, _, err := b.find(r.body, path); err != nil || got != want {
				continue
			}
			all = append(all, b.places(r.ref, r.body, path)...)
		}
		if f.Path != "" {
			all = append(all, b.places(r.ref, r.body, f.Path)...)
		}
	}
	return all
}

func (b *Resources) places(ref string, r map[string]any, path string) (all []Place) {
	hops := strings.Split(path, "->")
	for i, hop := range hops {
		all = append(all, Place{ref, strings.ReplaceAll(strings.TrimPrefix(hop, "_"), "._", ".")})
		if i+1 == len(hops) {
			break
		}
		link, _, err := b.find(r, hop+".reference")
		if err != nil || b.byRef[link] == nil {
			break
		}
		ref, r = link, b.byRef[link]
	}
	return all
}
