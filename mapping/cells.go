package mapping

import (
	"iter"
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
)

// cellsOf yields the cells that a resource has, without those of the lists of
// which each sender has entries.
func cellsOf(r r4.Resource, typ string) iter.Seq[string] {
	return func(yield func(string) bool) {
		if o, ok := r.(*r4.Observation); ok && states(o) && !yield(statementCell) {
			return
		}
		cells(r, typ, yield)
	}
}

func cells(v any, at string, yield func(string) bool) bool {
	t := r4.TypeOf(v)
	for i := range t.Fields {
		f := &t.Fields[i]
		path := at + "." + f.Name
		if !filled(f, v) || ownLists[path] || united[path] || at == "Observation" && slices.Contains(restated, f.Name) {
			continue
		}
		switch key := listKey(f, path); {
		case key != nil:
			for _, k := range keysOf(f, v, key) {
				if !yield(path + ":" + k) {
					return false
				}
			}
		case partly(f) && f.At(v, 0) != nil:
			if !cells(f.At(v, 0), path, yield) {
				return false
			}
		default:
			if !yield(path) {
				return false
			}
		}
	}
	return true
}
