package mapping

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// meant is what is said behind the error that a word is not known: the word that it is
// nearly, if there is one.
func meant(word string, known []string) string {
	best, distance := "", min(2, len(word)/3)+1
	for _, k := range known {
		if strings.HasPrefix(k, word+"[") { // Patient, where it is Patient[1]
			best = k
			break
		}
		if d := edits(strings.ToLower(word), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return "; is " + best + " meant?"
}

// edits is how many letters must be put in, taken out or replaced to make b of a
// (Levenshtein).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// elementNames are the elements of a type, a choice by its bare name and by those of its types.
func elementNames(t *r4.Type) (all []string) {
	for i := range t.Fields {
		f := &t.Fields[i]
		all = append(all, f.Name)
		if f.Choice {
			for _, ft := range f.Types {
				all = append(all, f.Name+upperFirst(ft.Name))
			}
		}
	}
	return all
}

// choices names types of a choice: those that senders mean most, as far as it has them.
func choices(f *r4.Field) string {
	var names []string
	for _, want := range []string{"string", "CodeableConcept", "dateTime", "date", "Identifier", "boolean", "Quantity", "Period"} {
		if slices.ContainsFunc(f.Types, func(t *r4.Type) bool { return t.Name == want }) {
			names = append(names, f.Name+upperFirst(want))
		}
	}
	if len(names) == 0 {
		names = append(names, f.Name+upperFirst(f.Types[0].Name))
	}
	return strings.Join(names[:min(3, len(names))], ", ")
}
