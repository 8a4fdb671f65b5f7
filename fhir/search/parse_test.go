package search_test

import (
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
)

func TestParse(t *testing.T) {
	q, err := search.Parse("Observation", url.Values{
		"code":      {"http://loinc.org|1,2"},
		"_id":       {"a,b", "b,c"},
		"_sort":     {"-date,_lastUpdated"},
		"_count":    {"25"},
		"_cursor":   {"abc"},
		"_total":    {"accurate"},
		"_pretty":   {"true"},
		"_format":   {"json"},
		"_elements": {"code"},
		"_summary":  {"true"},
		"subject":   {""},
		"status":    {",final,"},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := &search.Query{
		Type: "Observation",
		Criteria: []search.Criterion{
			{Param: "code", Kind: search.Token, Values: []search.Value{
				{HasSystem: true, System: "http://loinc.org", Code: "1"}, {Code: "2"}}},
			{Param: "status", Kind: search.Token, Values: []search.Value{{Code: "final"}}},
		},
		IDs: []string{"b"}, // _id repeated asks for both
		Sort: []search.Sort{
			{Param: "date", Kind: search.Date, Descending: true}, {Param: "_lastUpdated", Kind: search.Date}},
		Count: 25, Cursor: "abc", Total: true,
	}
	if !reflect.DeepEqual(q, want) {
		t.Errorf("got  %+v\nwant %+v", q, want)
	}
}

func TestParseCountsOnly(t *testing.T) {
	for _, params := range []url.Values{{"_count": {"0"}}, {"_summary": {"count"}}} {
		q, err := search.Parse("Patient", params)
		if err != nil || !q.CountOnly || !q.Total {
			t.Errorf("%v: %+v, %v; want only the count", params, q, err)
		}
	}
}

// An id alone is one of each type that the parameter may refer to, and what is
// on the server itself may be referred to by its whole URL.
func TestParseReference(t *testing.T) {
	q, err := parser.Parse("Observation", url.Values{"focus": {"7"}, "subject": {"7"}})
	if err != nil {
		t.Fatal(err)
	}
	var refs []string
	for _, v := range q.Criteria[1].Values {
		refs = append(refs, v.Ref)
	}
	want := "Device/7 https://example.org/fhir/Device/7 Group/7 https://example.org/fhir/Group/7 " +
		"Location/7 https://example.org/fhir/Location/7 Patient/7 https://example.org/fhir/Patient/7"
	if got := strings.Join(refs, " "); got != want {
		t.Errorf("subject=7 asks for %s, want %s", got, want)
	}
	if n, want := len(q.Criteria[0].Values), 2*len(r4.ResourceTypes()); n != want {
		t.Errorf("focus=7, which may be of any type, has %d values, want %d", n, want)
	}
}

func TestParseRefuses(t *testing.T) {
	many := strings.Repeat("x,", 101)
	for _, c := range []struct {
		query string
		at    string
		class search.Class
	}{
		{"nosuch=1", "nosuch", search.Unknown},
		{"gender:in=http://x", "gender:in", search.Unknown},
		{"gender:exact=male", "gender:exact", search.Unknown},
		{"link.name=x", "link.name", search.Unknown},
		{"_include=Patient:link", "_include", search.Unknown},
		{"_summary=short", "_summary", search.BadValue},
		{"_sort=nosuch", "_sort", search.Unknown},
		{"_sort=name,name,name,name,name,name", "_sort", search.TooCostly},
		{"_count=-1", "_count", search.BadValue},
		{"_count=ten", "_count", search.BadValue},
		{"_total=yes", "_total", search.BadValue},
		{"birthdate=xx1985", "birthdate", search.BadValue},
		{"birthdate:missing=1", "birthdate:missing", search.BadValue},
		{"name=" + many, "name", search.TooCostly},
		{"name=" + strings.Repeat("x", 1001), "name", search.TooCostly},
		{strings.Repeat("name=x&", 21), "", search.TooCostly},
	} {
		params, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		_, err = search.Parse("Patient", params)
		e, ok := errors.AsType[*search.Error](err)
		if !ok || e.At != c.at || e.Class != c.class {
			t.Errorf("%.40s: %#v, want At %q, class %d", c.query, err, c.at, c.class)
			continue
		}
		if value := params.Get(c.at); value != "" && strings.Contains(e.Error(), value) {
			t.Errorf("%.40s: the error quotes the value", c.query)
		}
	}
	if _, err := search.Parse("Nonsense", nil); err == nil {
		t.Error("a type that does not exist can be searched")
	}
}

func TestParseLeniently(t *testing.T) {
	params := url.Values{"nosuch": {"1"}, "_include": {"*"}, "_sort": {"-birthdate,nosuch"}, "name": {"x"}, "link.name": {"y"}}
	q, err := search.Parser{Lenient: true}.Parse("Patient", params)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"_include", "_sort", "link.name", "nosuch"}; !reflect.DeepEqual(q.Ignored, want) {
		t.Errorf("ignored %v, want %v", q.Ignored, want)
	}
	if len(q.Criteria) != 1 || len(q.Sort) != 0 {
		t.Errorf("%+v: want one criterion and no sort", q)
	}
	// search.html#modifiers: an unsupported modifier SHALL be rejected; a bad value is no unknown parameter
	for _, query := range []string{"gender:below=x", "birthdate=x", "_count=x"} {
		params, _ := url.ParseQuery(query)
		if _, err := (search.Parser{Lenient: true}).Parse("Patient", params); err == nil {
			t.Errorf("%s is accepted", query)
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"smith":          "smith",
		"Smith":          "smith",
		"  Van  der\tB ": "van der b",
		"O'Brien":        "obrien",
		"O’Brien":        "obrien",
		"Smith-Jones":    "smith jones",
		"St. John":       "st john",
		"Müller":         "muller",
		"Mu\u0308ller":   "muller",
		"GROß":           "gross",
		"Łukasz":         "lukasz",
		"Øster Æbelø":    "oster aebelo",
		"İpek":           "ipek",
		"ﬁ":              "fi",
		"山田":             "山田",
		"Ёлкина":         "елкина",
		"...":            "",
		"a\x00b":         "a b",
		"\xff":           "\ufffd",
	} {
		if got := search.Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
		if again := search.Fold(search.Fold(in)); again != search.Fold(in) {
			t.Errorf("Fold(%q) is not stable", in)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"name=smith", "birthdate=ge1985-03-15T10:00:00%2B01:00", `identifier=a\|b|c\,d,e`, "_sort=-birthdate", "general-practitioner:Practitioner=1", "_id=1,2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		params, err := url.ParseQuery(s)
		if err != nil {
			return
		}
		q, err := parser.Parse("Patient", params)
		if err != nil {
			return
		}
		for _, c := range q.Criteria {
			if len(c.Values) == 0 || len(c.Values) > 1000 {
				t.Errorf("%d values of %s", len(c.Values), c.Param)
			}
			for _, v := range c.Values {
				if v.Lo > v.Hi || v.Min > v.Max {
					t.Errorf("%s: an empty range %+v", c.Param, v)
				}
			}
		}
	})
}
