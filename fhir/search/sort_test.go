package search_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/search"
)

func TestSort(t *testing.T) {
	resources := map[string][]search.Entry{
		"early":   {{Param: "date", Kind: search.Date, Lo: 10, Hi: 20}, {Param: "name", Kind: search.String, Text: "b"}},
		"wide":    {{Param: "date", Kind: search.Date, Lo: 10, Hi: math.MaxInt64}, {Param: "name", Kind: search.String, Text: "c"}},
		"late":    {{Param: "date", Kind: search.Date, Lo: 30, Hi: 40}, {Param: "code", Kind: search.Token, Code: "B"}},
		"several": {{Param: "date", Kind: search.Date, Lo: 15, Hi: 20}, {Param: "date", Kind: search.Date, Lo: 50, Hi: 60}, {Param: "code", Kind: search.Token, Code: "a"}},
		"none":    {{Param: "other", Kind: search.Date, Lo: 1, Hi: 2}},
	}
	for _, c := range []struct {
		sort search.Sort
		want string
	}{
		{search.Sort{Param: "date", Kind: search.Date}, "early wide several late none"},
		{search.Sort{Param: "date", Kind: search.Date, Descending: true}, "several late wide early none"},
		{search.Sort{Param: "name", Kind: search.String}, "early wide late none several"},
		{search.Sort{Param: "name", Kind: search.String, Descending: true}, "wide early late none several"},
		{search.Sort{Param: "code", Kind: search.Token}, "several late early none wide"},
	} {
		names := []string{"early", "late", "none", "several", "wide"}
		slices.SortStableFunc(names, func(a, b string) int { return c.sort.Compare(resources[a], resources[b]) })
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%+v: %s, want %s", c.sort, got, c.want)
		}
	}
}
