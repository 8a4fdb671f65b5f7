package r4_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// Whatever is taken out of a copy makes it unequal, and leaves the original as it
// is: the id and the extensions of primitives, choices, contained resources, ...
func TestEqualSeesAll(t *testing.T) {
	for name, doc := range testdata(t) {
		if len(doc) > 8<<10 {
			continue // each element asks for a copy of all
		}
		r := parse(t, string(doc))
		before, err := r4.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		r4.Walk(r, func(n r4.Node) bool {
			if n.Field == nil {
				return true
			}
			path := n.Path()
			c := r4.Clone(r)
			m, ok := r4.Find(c, path)
			if !ok || m.Parent == n.Parent {
				t.Fatalf("%s: %s is not in the copy, or is the original's", name, path)
			}
			m.Field.Remove(m.Parent, m.Index)
			if r4.Equal(r, c) || r4.Equal(c, r) {
				t.Errorf("%s: equal without %s", name, path)
			}
			return true
		})
		if after, err := r4.Marshal(r); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: changed by what was done to copies", name)
		}
	}
}

// A copy shares no memory that can be changed.
func TestCloneShares(t *testing.T) {
	full := func(name string) any {
		v, n := r4.TypeByName(name).New(), 0
		fillAll(v, 0, &n)
		return v
	}
	all := map[string]any{"Parameters": full("Parameters"), "Bundle": full("Bundle"), "Timing": full("Timing"), "Observation": full("Observation")}
	for name, doc := range testdata(t) {
		all[name] = parse(t, string(doc))
	}
	for name, v := range all {
		mine, other := map[uintptr]string{}, map[uintptr]string{}
		memory(mine, reflect.ValueOf(v), name)
		memory(other, reflect.ValueOf(r4.Clone(v)), name)
		if len(mine) != len(other) {
			t.Errorf("%s: %d pieces of memory, the copy has %d", name, len(mine), len(other))
		}
		for at := range other {
			if mine[at] != "" {
				t.Errorf("%s: shares %s", name, mine[at])
			}
		}
	}
}

// memory collects the addresses of what v leads to, strings apart.
func memory(at map[uintptr]string, v reflect.Value, path string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			at[v.Pointer()] = path
			memory(at, v.Elem(), path)
		}
	case reflect.Interface:
		if !v.IsNil() {
			memory(at, v.Elem(), path)
		}
	case reflect.Slice:
		if v.Len() > 0 && v.Index(0).Type().Size() > 0 {
			at[v.Pointer()] = path
		}
		for i := range v.Len() {
			memory(at, v.Index(i), path)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			memory(at, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	}
}

// Nothing of the document is kept: it may be used for another one at once.
func TestUnmarshalKeepsNothing(t *testing.T) {
	for name, doc := range testdata(t) {
		r := parse(t, string(doc))
		mine := bytes.Clone(doc)
		same, err := r4.Unmarshal(mine)
		if err != nil {
			t.Fatal(err)
		}
		for i := range mine {
			mine[i] = 'x'
		}
		if !r4.Equal(r, same) {
			t.Errorf("%s: changes with the document", name)
		}
	}
	mine := []byte(`{"resourceType":"Patient","name":[{"nosuch":1}]}`)
	_, err := r4.Unmarshal(mine)
	before := err.Error()
	clear(mine)
	if err.Error() != before {
		t.Error("the error changes with the document")
	}
}
