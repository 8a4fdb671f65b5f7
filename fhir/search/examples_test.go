package search_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// TestOfficialExamples holds three promises over every official example: what
// Extract gives belongs to a parameter of the type; a search that is written
// down from an entry finds the resource; and an index by keys would find it too.
func TestOfficialExamples(t *testing.T) {
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official examples are not here:", err)
	}
	resources, entries, asked := 0, 0, 0
	// The definitions (4,400 of the documents) are all alike: some are enough.
	keep := func(name string) bool {
		kind, rest, _ := strings.Cut(name, "-")
		return !slices.Contains([]string{"SearchParameter", "ValueSet", "CodeSystem", "StructureDefinition"}, kind) || rest < "a"
	}
	err = pack.Each(tgz, keep, func(name string, doc []byte) error {
		r, err := r4.Unmarshal(doc)
		if err != nil {
			return err
		}
		resources++
		all := search.Extract(r)
		entries += len(all)
		for i, e := range all {
			if slices.Contains(all[:i], e) {
				t.Errorf("%s: %s has the same entry twice", name, e.Param)
			}
			checkParam(t, name, r.ResourceType(), e)
			if query := asQuery(e); query != "" {
				asked++
				checkFinds(t, name, r.ResourceType(), e, query, all)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if resources < 800 || asked < 10000 {
		t.Errorf("only %d resources, %d entries, %d searches", resources, entries, asked)
	}
	t.Logf("%d resources, %d entries, %d searches", resources, entries, asked)
}

func checkParam(t *testing.T, name, resourceType string, e search.Entry) {
	params := search.Parameters(resourceType)
	base, identified := strings.CutSuffix(e.Param, ":identifier")
	i := slices.IndexFunc(params, func(p search.Parameter) bool { return p.Name == base })
	switch {
	case i < 0:
		t.Errorf("%s: an entry for %s, which %s does not have", name, e.Param, resourceType)
	case identified && (params[i].Kind != search.Reference || e.Kind != search.Token):
		t.Errorf("%s: %s is of kind %v", name, e.Param, e.Kind)
	case !identified && params[i].Kind != e.Kind:
		t.Errorf("%s: %s is of kind %v, want %v", name, e.Param, e.Kind, params[i].Kind)
	}
	if e.Kind == search.Date && e.Lo >= e.Hi || e.Min > e.Max {
		t.Errorf("%s: the range of %s is empty", name, e.Param)
	}
}

var escape = strings.NewReplacer(`\`, `\\`, `,`, `\,`, `|`, `\|`, `$`, `\$`)

// asQuery writes a search that must find the entry, "" if none can be written.
func asQuery(e search.Entry) string {
	switch e.Kind {
	case search.Token:
		return e.Param + "=" + url.QueryEscape(escape.Replace(e.System)+"|"+escape.Replace(e.Code))
	case search.URI:
		return e.Param + "=" + url.QueryEscape(escape.Replace(e.Code))
	case search.Reference:
		if !strings.ContainsAny(e.Ref, ":/") {
			return "" // an id without a type, which no resource may have
		}
		return e.Param + "=" + url.QueryEscape(escape.Replace(e.Ref))
	case search.String:
		if len(e.Raw) > 500 {
			return ""
		}
		if e.Raw == "" {
			return e.Param + "=" + url.QueryEscape(escape.Replace(e.Text))
		}
		return e.Param + "=" + url.QueryEscape(escape.Replace(e.Raw)) +
			"&" + url.QueryEscape(e.Param+":exact") + "=" + url.QueryEscape(escape.Replace(e.Raw))
	}
	return ""
}

func checkFinds(t *testing.T, name, resourceType string, e search.Entry, query string, all []search.Entry) {
	params, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := search.Parse(resourceType, params)
	if err != nil {
		// Example references need not be to a type that is allowed.
		if e.Kind != search.Reference {
			t.Errorf("%s: %s: %v", name, query, err)
		}
		return
	}
	for _, c := range q.Criteria {
		if !c.Matches(all) {
			t.Errorf("%s: %s does not find it", name, query)
		}
	}
}
