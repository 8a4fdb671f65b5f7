package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// definitions is what the table is made from.
type definitions struct {
	parameters []parameter
	elements   map[string]element  // by id, such as "Patient.gender"
	resources  []string            // names of the concrete resource types
	valueSets  map[string][]string // the code systems of a value set, by its URL
}

type parameter struct {
	ID         string
	URL        string
	Code       string
	Base       []string
	Type       string
	Expression string
	XpathUsage string
	Target     []string
}

type element struct {
	ID   string
	Type []struct {
		Code          string
		TargetProfile []string
	}
	Binding struct{ Strength, ValueSet string }
}

type structure struct {
	Kind, Type, Derivation string
	Abstract               bool
	Snapshot               struct{ Element []element }
}

type valueSet struct {
	URL     string
	Compose struct{ Include []struct{ System string } }
}

func read(tgz string) (*definitions, error) {
	d := &definitions{elements: map[string]element{}, valueSets: map[string][]string{}}
	kinds := map[string]func([]byte) error{
		"SearchParameter":     d.addParameter,
		"StructureDefinition": d.addStructure,
		"ValueSet":            d.addValueSet,
	}
	kind := func(name string) string { k, _, _ := strings.Cut(name, "-"); return k }
	err := pack.Each(tgz,
		func(name string) bool { return kinds[kind(name)] != nil },
		func(name string, doc []byte) error {
			if err := kinds[kind(name)](doc); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	slices.Sort(d.resources)
	slices.SortFunc(d.parameters, func(a, b parameter) int { return strings.Compare(a.ID, b.ID) })
	return d, err
}

func (d *definitions) addParameter(doc []byte) error {
	var p parameter
	err := json.Unmarshal(doc, &p)
	// Examples, and drafts without a base, are no parameters of R4.
	if err == nil && len(p.Base) > 0 && !strings.HasPrefix(p.ID, "example") {
		d.parameters = append(d.parameters, p)
	}
	return err
}

func (d *definitions) addStructure(doc []byte) error {
	var s structure
	if err := json.Unmarshal(doc, &s); err != nil {
		return err
	}
	if s.Derivation == "constraint" || s.Kind == "logical" {
		return nil
	}
	if s.Kind == "resource" && !s.Abstract {
		d.resources = append(d.resources, s.Type)
	}
	for _, e := range s.Snapshot.Element {
		d.elements[e.ID] = e
	}
	return nil
}

func (d *definitions) addValueSet(doc []byte) error {
	var v valueSet
	if err := json.Unmarshal(doc, &v); err != nil {
		return err
	}
	for _, i := range v.Compose.Include {
		if !slices.Contains(d.valueSets[v.URL], i.System) {
			d.valueSets[v.URL] = append(d.valueSets[v.URL], i.System)
		}
	}
	return nil
}
