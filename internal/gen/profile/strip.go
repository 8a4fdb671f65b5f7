package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

const dictionary = "dictionary"

// read gives the dictionaries and all definitions, sorted by kind and URL.
func read(tgz string) ([]doc, error) {
	var docs []doc
	kinds := []string{"StructureDefinition", "ValueSet", "CodeSystem"}
	keep := func(name string) bool {
		kind, _, _ := strings.Cut(name, "-")
		return slices.Contains(kinds, kind)
	}
	err := pack.Each(tgz, keep, func(name string, text []byte) error {
		res, err := r4.Unmarshal(text)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		d := doc{kind: res.ResourceType()}
		switch res := res.(type) {
		case *r4.StructureDefinition:
			d.url, d.version = res.URL, res.Version
			res = structure(res)
			text, err = r4.Marshal(res)
		case *r4.ValueSet:
			d.url, d.version = res.URL, res.Version
			text, err = r4.Marshal(valueSet(res))
		case *r4.CodeSystem:
			d.url, d.version = res.URL, res.Version
			text, err = r4.Marshal(codeSystem(res))
		default:
			return nil // an example whose name begins like a definition's
		}
		d.json = string(text)
		docs = append(docs, d)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(docs, func(a, b doc) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.url, b.url), cmp.Compare(a.version, b.version))
	})
	var out []doc
	for _, kind := range kinds {
		out = append(out, doc{kind: dictionary, url: kind, json: sample(docs, kind)})
	}
	return append(out, docs...), nil
}

// sample makes the dictionary of a kind: the first pieces of many documents, the
// fullest ones last, since what stands last is cheapest to refer to.
func sample(docs []doc, kind string) string {
	const size = 32 << 10 // what deflate looks back
	var all []string
	for _, d := range docs {
		if d.kind == kind {
			all = append(all, d.json)
		}
	}
	var b strings.Builder
	seen := map[string]bool{}
	for i := len(all) / 64; i < len(all); i += max(1, len(all)/32) {
		for _, piece := range strings.SplitAfter(all[i], "},") {
			if !seen[piece] && b.Len()+len(piece) < size {
				seen[piece] = true
				b.WriteString(piece)
			}
		}
	}
	return b.String()
}

// structure leaves of a StructureDefinition what a check of an instance needs,
// and the short name of each element.
func structure(d *r4.StructureDefinition) *r4.StructureDefinition {
	out := &r4.StructureDefinition{
		ID: d.ID, URL: d.URL, Version: d.Version, Name: d.Name, Title: d.Title, Status: d.Status,
		FhirVersion: d.FhirVersion, Kind: d.Kind, Abstract: d.Abstract,
		Context: d.Context, ContextInvariant: d.ContextInvariant,
		Type: d.Type, BaseDefinition: d.BaseDefinition, Derivation: d.Derivation,
	}
	if d.Snapshot == nil {
		out.Differential = &r4.StructureDefinitionDifferential{Element: elements(d.Differential.Element)}
	} else {
		out.Snapshot = &r4.StructureDefinitionSnapshot{Element: elements(d.Snapshot.Element)}
	}
	return out
}

func elements(all []r4.ElementDefinition) []r4.ElementDefinition {
	for i := range all {
		e := &all[i]
		e.Definition, e.Comment, e.Requirements, e.MeaningWhenMissing, e.IsModifierReason = "", "", "", "", ""
		e.Alias, e.Mapping, e.Example, e.Code = nil, nil, nil, nil
		e.Extension = rules(e.Extension)
		for j := range e.Constraint {
			e.Constraint[j].Xpath, e.Constraint[j].Requirements = "", ""
			e.Constraint[j].Extension = rules(e.Constraint[j].Extension)
		}
		if e.Binding != nil {
			e.Binding.Description = ""
			e.Binding.Extension = rules(e.Binding.Extension)
		}
	}
	return all
}

// rules keeps the extensions that say something to a check or to a reader of
// the model.
func rules(all []r4.Extension) []r4.Extension {
	const base = "http://hl7.org/fhir/StructureDefinition/"
	out := slices.DeleteFunc(all, func(e r4.Extension) bool {
		switch strings.TrimPrefix(e.URL, base) {
		case "elementdefinition-bestpractice", "elementdefinition-maxValueSet", "elementdefinition-minValueSet",
			"structuredefinition-explicit-type-name", "structuredefinition-standards-status":
			return false
		}
		return true
	})
	if len(out) == 0 {
		return nil
	}
	return out
}

func valueSet(v *r4.ValueSet) *r4.ValueSet {
	out := &r4.ValueSet{
		ID: v.ID, URL: v.URL, Version: v.Version, Name: v.Name, Title: v.Title, Status: v.Status,
		Immutable: v.Immutable, Compose: v.Compose, Expansion: v.Expansion,
	}
	if c := out.Compose; c != nil {
		c.Extension = nil
		for _, list := range [][]r4.ValueSetComposeInclude{c.Include, c.Exclude} {
			for i := range list {
				list[i].Extension = nil
				for j := range list[i].Concept {
					list[i].Concept[j].Extension = nil
					for k := range list[i].Concept[j].Designation {
						list[i].Concept[j].Designation[k].Extension = nil
					}
				}
			}
		}
	}
	return out
}

func codeSystem(s *r4.CodeSystem) *r4.CodeSystem {
	out := &r4.CodeSystem{
		ID: s.ID, URL: s.URL, Version: s.Version, Name: s.Name, Title: s.Title, Status: s.Status,
		CaseSensitive: s.CaseSensitive, ValueSet: s.ValueSet, HierarchyMeaning: s.HierarchyMeaning,
		Compositional: s.Compositional, Content: s.Content, Supplements: s.Supplements,
		Property: s.Property, Concept: s.Concept,
	}
	for i := range out.Property {
		out.Property[i].Description = ""
	}
	plain(out.Concept)
	return out
}

func plain(all []r4.CodeSystemConcept) {
	for i := range all {
		c := &all[i]
		c.Definition, c.Extension = "", nil
		for j := range c.Designation {
			c.Designation[j].Extension, c.Designation[j].Use = nil, nil
		}
		plain(c.Concept)
	}
}
