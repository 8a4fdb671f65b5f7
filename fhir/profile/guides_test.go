package profile_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

const (
	sums    = "sums"
	summary = "summary"
	ofGuide = "A slice that is an extension has the rules of its definition here, beside those of all extensions; they hold by the profile anyway."
	ofSlice = "A slice holds what is said of the element that it is of: its type's profile, or a rule."
)

// guideReasons is like reasons for the definitions of published guides.
var guideReasons = map[string]string{
	sums: "The publisher raises the minimum of a sliced element to the sum of those of its slices. Nothing follows from it that " +
		"the slices do not ask for.",
	summary: "Where a resource in an element has to have a profile, the published element has the flags of that profile's root, " +
		"and so loses isSummary; here it keeps what its base says.",
	"genomic-study-analysis-metrics": simple,
	"implication":                    "A slice has the extension that the differential gives all components here.",
	"IPSSectionsLM":                  "The base of the root of a logical model: here the model itself, as for the types of R4.",
	"ProfileExample":                 "The base of the root of a logical model: here the model itself, as for the types of R4.",
	"no-fixed-address":               "The one type that is left makes the published slicing closed.",
	"Observation-results-laboratory-pathology-uv-ips": ofSlice,
	"Observation-results-radiology-uv-ips":            ofSlice,
	"sdc-questionnaire-behave": ofGuide + " The smallest value that an extension's base has is left out of the published snapshot " +
		"where the differential names a greatest.",
	"sdc-questionnaire-extr-defn":     ofGuide,
	"sdc-questionnaire-pop-exp":       ofGuide,
	"sdc-questionnaire-pop-smap":      ofGuide,
	"sdc-questionnaire-search":        "The published element has rules and flags of the profile of its datatype; they hold by the profile anyway.",
	"sdc-questionnaireresponsecommon": "The publisher knows the extensions that stand for elements of R5 (http://hl7.org/fhir/5.0/...).",
}

// guides makes the snapshots of published guides again, as TestConformance does for
// the official definitions.
func guides(t *testing.T) string {
	paths, err := pack.FetchGuides(context.Background())
	if err != nil {
		t.Skip("SKIPPED: the published guides cannot be fetched: ", err)
	}
	all := profile.New(profile.Base())
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := all.AddPackage(f); err != nil {
			t.Fatal(err)
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, `
### Guides

The same for guides that were published with snapshots. Not compared is what today's publisher adds to the text of a reference:
the version of what a canonical refers to, and the URL of the definition that a contentReference is in.

| package | definitions | elements | the same | not the same |
|---|---|---|---|---|
`)
	apart := map[string][]difference{}
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		total, elements, before := 0, 0, len(apart)
		keep := func(name string) bool { return strings.HasPrefix(name, "StructureDefinition-") }
		err := pack.Each(paths[name], keep, func(_ string, doc []byte) error {
			res, err := r4.Unmarshal(doc)
			if err != nil {
				return err
			}
			d, ok := res.(*r4.StructureDefinition)
			if !ok || d.Snapshot == nil || d.Differential == nil || !strings.HasPrefix(d.FhirVersion, "4.0") {
				return nil
			}
			if _, err := all.StructureDefinition(d.BaseDefinition); err != nil {
				return nil // of a guide that is not among these
			}
			total++
			elements += len(d.Snapshot.Element)
			if found := againOn(all, d); len(found) > 0 {
				apart[d.ID] = found
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		n := len(apart) - before
		fmt.Fprintf(&b, "| %s | %d | %d | %d | %d |\n", name, total, elements, total-n, n)
	}
	listGuides(t, &b, apart)
	return b.String()
}

func listGuides(t *testing.T, b *strings.Builder, apart map[string][]difference) {
	classes := map[string][]string{}
	for id, found := range apart {
		var rest []difference
		for _, d := range found {
			if guideReasons[d.fact] == "" {
				rest = append(rest, d)
			} else if !slices.Contains(classes[d.fact], id) {
				classes[d.fact] = append(classes[d.fact], id)
			}
		}
		apart[id] = rest
		if len(rest) == 0 {
			delete(apart, id)
		} else if guideReasons[id] == "" {
			t.Errorf("%s: no reason given for %v", id, rest)
		}
	}
	b.WriteString("\n")
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		slices.Sort(classes[class])
		fmt.Fprintf(b, "- %s In %d definitions: %s.\n", guideReasons[class], len(classes[class]), strings.Join(classes[class], ", "))
	}
	for _, id := range slices.Sorted(maps.Keys(apart)) {
		fmt.Fprintf(b, "- **%s**: %s\n", id, guideReasons[id])
		for _, d := range apart[id] {
			fmt.Fprintf(b, "  - `%s` %s: here %s, published %s\n", d.element, d.fact, quoted(d.made), quoted(d.published))
		}
	}
	for id := range guideReasons {
		if len(apart[id]) == 0 && len(classes[id]) == 0 {
			t.Errorf("a reason for %s, which is the same", id)
		}
	}
}

var version = regexp.MustCompile(`\|[0-9][^\s\]]*`)

// againOn compares as again does, without what the publisher adds to references,
// and marks the differences that many definitions have.
func againOn(all *profile.Registry, d *r4.StructureDefinition) []difference {
	base, err := all.StructureDefinition(d.BaseDefinition)
	if err != nil {
		return []difference{{d.ID, "base", err.Error(), ""}}
	}
	made, err := profile.Snapshot(d, base, all.StructureDefinition)
	if err != nil {
		return []difference{{d.ID, "error", err.Error(), ""}}
	}
	least := map[string]int32{} // of the slices of an element, together
	for i := range made.Snapshot.Element {
		e := &made.Snapshot.Element[i]
		if of := strings.TrimSuffix(e.ID, ":"+e.SliceName); of != e.ID && !strings.Contains(e.SliceName, "/") {
			n, _ := e.Min.Get()
			least[of] += int32(n)
		}
	}
	var out []difference
	for _, x := range compare(made.Snapshot.Element, d.Snapshot.Element) {
		_, most, _ := strings.Cut(x.made, "..")
		switch {
		case version.ReplaceAllString(x.published, "") == version.ReplaceAllString(x.made, ""):
			continue
		case x.fact == "contentReference" && x.made != "" && strings.HasSuffix(x.published, x.made):
			continue
		case x.fact == "cardinality" && x.published == fmt.Sprintf("%d..%s", least[x.element], most):
			x.fact = sums
		case x.fact == "flags" && strings.HasSuffix(x.element, ".resource"):
			x.fact = summary
		}
		out = append(out, x)
	}
	return out
}
