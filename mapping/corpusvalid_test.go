package mapping_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
)

var places = regexp.MustCompile(`\[\d+\]|Bundle\.entry\[\d+\]\.resource\.`)

// What becomes of the messages of the corpus is valid FHIR R4, by the definitions of R4 with
// all its invariants and required codes. PONS_EVERY=1 takes all of them, otherwise one of
// eight.
func TestCorpusIsValid(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: validates what becomes of many messages")
	}
	every := 8
	if os.Getenv("PONS_EVERY") != "" {
		every = 1
	}
	v, err := validate.New(validate.Options{Definitions: profile.Base(), Terminology: terminology.New(profile.Base())})
	if err != nil {
		t.Fatal(err)
	}
	m := newMapper(t)
	found, example, checked, bad := map[string]int{}, map[string]string{}, 0, 0
	for i, entry := range corpus(t) {
		if i%every != 0 {
			continue
		}
		msg, err := read(t, entry.File)
		if err != nil {
			continue
		}
		res, err := m.Convert(msg)
		if err != nil {
			continue
		}
		checked++
		wrong := false
		outcome := v.ValidateResource(context.Background(), res.Bundle)
		for _, issue := range outcome.Issue {
			if issue.Severity != "error" && issue.Severity != "fatal" {
				continue
			}
			wrong = true
			at := ""
			if len(issue.Expression) > 0 {
				at = issue.Expression[0]
			}
			var n int
			typ := ""
			if _, err := fmt.Sscanf(at, "Bundle.entry[%d]", &n); err == nil {
				typ = res.Bundle.Entry[n].Resource.ResourceType() + "."
			}
			key := typ + strings.TrimPrefix(places.ReplaceAllString(at, ""), "resource.") + ": " + issue.Details.Text
			found[key]++
			example[key] = cmp.Or(example[key], entry.File)
		}
		if wrong {
			bad++
		}
	}
	keys := slices.SortedFunc(maps.Keys(found), func(a, b string) int { return cmp.Or(found[b]-found[a], strings.Compare(a, b)) })
	for _, k := range keys {
		t.Errorf("%4d %s (%s)", found[k], k, example[k])
	}
	t.Logf("%d Bundles checked, %d with errors", checked, bad)
}
