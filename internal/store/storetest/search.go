package storetest

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// find runs a query through all its pages and returns the ids.
func (b *bench) find(typ, query string) []string {
	b.t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		b.t.Fatal(err)
	}
	q, err := search.Parse(typ, values)
	if err != nil {
		b.t.Fatalf("%s?%s: %v", typ, query, err)
	}
	ids := []string{}
	for {
		page, err := b.Search(b.t.Context(), q)
		if err != nil {
			b.t.Fatalf("%s?%s: %v", typ, query, err)
		}
		for _, r := range page.Resources {
			ids = append(ids, r.ID)
			if _, err := r4.Unmarshal(r.Body); err != nil {
				b.t.Fatalf("%s?%s: %s: %v", typ, query, r.ID, err)
			}
		}
		if page.Next == "" {
			return ids
		}
		if len(page.Resources) == 0 {
			b.t.Fatalf("%s?%s: an empty page with a next one", typ, query)
		}
		q.Cursor = page.Next
	}
}

func (b *bench) wantFound(typ, query, want string) {
	b.t.Helper()
	got := b.find(typ, query)
	slices.Sort(got)
	if text := strings.Join(got, " "); text != want {
		b.t.Errorf("%s?%s found %q, want %q", typ, query, text, want)
	}
}

var searchTests = map[string]func(*testing.T, *bench){
	"by every kind": func(t *testing.T, b *bench) {
		b.write(
			write(t, 0, `{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:mrn","value":"1"}],"name":[{"family":"Müller-Smith","given":["Ann"]}],"gender":"female","birthDate":"1985-03-15"}`),
			write(t, 0, `{"resourceType":"Patient","id":"p2","identifier":[{"system":"urn:other","value":"1"}],"name":[{"family":"Smithson"}],"gender":"male","birthDate":"1985-04"}`),
			write(t, 0, `{"resourceType":"Patient","id":"p3","identifier":[{"value":"1"}],"gender":"male"}`),
			write(t, 0, `{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"718-7"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2025-01-01T10:00:00Z","valueQuantity":{"value":13.5,"unit":"g/dL","system":"http://unitsofmeasure.org","code":"g/dL"}}`),
			write(t, 0, `{"resourceType":"Observation","id":"o2","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2345-7"}]},"subject":{"reference":"Patient/p2"},"effectiveDateTime":"2025-02-01"}`),
		)
		for _, test := range []struct{ typ, query, want string }{
			{"Patient", "", "p1 p2 p3"},
			{"Observation", "", "o1 o2"},
			{"Patient", "identifier=urn:mrn|1", "p1"},
			{"Patient", "identifier=1", "p1 p2 p3"},
			{"Patient", "identifier=|1", "p3"},
			{"Patient", "identifier=urn:other|", "p2"},
			{"Patient", "identifier=urn:mrn|1,urn:other|1", "p1 p2"},
			{"Patient", "identifier=urn:mrn|2", ""},
			{"Patient", "identifier=urn:mrn|1&gender=male", ""},
			{"Patient", "gender=male", "p2 p3"},
			{"Patient", "gender:not=male", "p1"},
			{"Patient", "gender=male&name=smith", "p2"},
			{"Patient", "name=smith", "p1 p2"},
			{"Patient", "name=muller", "p1"},
			{"Patient", "name:exact=Smithson", "p2"},
			{"Patient", "name:exact=smithson", ""},
			{"Patient", "name:contains=mith", "p1 p2"},
			{"Patient", "name:contains=m_th", ""},
			{"Patient", "birthdate=1985", "p1 p2"},
			{"Patient", "birthdate=1985-03-15", "p1"},
			{"Patient", "birthdate=gt1985-03-31", "p2"},
			{"Patient", "birthdate=ne1985-03-15", "p2"},
			{"Patient", "birthdate:missing=true", "p3"},
			{"Patient", "birthdate:missing=false", "p1 p2"},
			{"Patient", "_id=p1,p3,p9", "p1 p3"},
			{"Patient", "_id=p1&gender=male", ""},
			{"Patient", "_lastUpdated=2025-04-13", "p1 p2 p3"},
			{"Patient", "_lastUpdated=gt2025-04-13T09:30:00Z", ""},
			{"Observation", "subject=Patient/p1", "o1"},
			{"Observation", "patient=p1", "o1"},
			{"Observation", "patient=p1,p2&code=http://loinc.org|2345-7", "o2"},
			{"Observation", "code=http://loinc.org|", "o1 o2"},
			{"Observation", "date=ge2025-01-15", "o2"},
			{"Observation", "value-quantity=gt13", "o1"},
			{"Observation", "value-quantity=lt13", ""},
		} {
			b.wantFound(test.typ, test.query, test.want)
		}
	},
	"changed and deleted ones": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "Smith"), write(t, 0, patient, "b", "2", "Smith"))
		b.write(write(t, 1, patient, "a", "1", "Jones"), store.Write{Type: "Patient", ID: "b", Expect: 1, Deleted: true})
		b.wantFound("Patient", "name=smith", "")
		b.wantFound("Patient", "name=jones", "a")
		b.wantFound("Patient", "", "a")
		b.wantFound("Patient", "_id=b", "")
		b.wantFound("Patient", "_lastUpdated=ge2020", "a")
	},
	"long texts": func(t *testing.T, b *bench) {
		long := strings.Repeat("ab", 60) // the index keeps 64 bytes
		b.write(write(t, 0, patient, "a", "1", long+"x"), write(t, 0, patient, "b", "2", long+"y"),
			write(t, 0, patient, "c", "3", strings.Repeat("a", 63)+"ñ"+"z"))
		b.wantFound("Patient", "family="+long, "a b")
		b.wantFound("Patient", "family="+long+"x", "a")
		b.wantFound("Patient", "family:contains=bx", "a")
		b.wantFound("Patient", "family:exact="+long+"y", "b")
		b.wantFound("Patient", "family="+strings.Repeat("a", 63)+"nz", "c")
	},
	"totals": func(t *testing.T, b *bench) {
		for i := range 30 {
			gender := []string{"male", "female", "other"}[i%3]
			b.write(write(t, 0, `{"resourceType":"Patient","id":"p%d","gender":"%s","name":[{"family":"Smith","given":["Smithy"]}],"birthDate":"19%d"}`, i, gender, 50+i))
		}
		for query, want := range map[string]int{
			"": 30, "gender=male": 10, "gender=male,female": 20, "gender:not=male": 20, "name=smith": 30, "name=smith&gender=male": 10,
			"birthdate=ge1960": 20, "birthdate=ge1960&gender=other": 7, "_id=p1,p2": 2, "name:contains=ith": 30, "gender=x": 0,
		} {
			for _, how := range []string{"_total=accurate&_count=2", "_summary=count", "_count=0"} {
				values, _ := url.ParseQuery(query + "&" + how)
				q, err := search.Parse("Patient", values)
				if err != nil {
					t.Fatal(err)
				}
				page, err := b.Search(t.Context(), q)
				if err != nil || page.Total != want || q.CountOnly && len(page.Resources) > 0 {
					t.Errorf("%s&%s: total %d of %d shown, %v; want %d", query, how, page.Total, len(page.Resources), err, want)
				}
			}
		}
	},
	"a page stays where it is": func(t *testing.T, b *bench) {
		for i := range 6 {
			b.write(write(t, 0, `{"resourceType":"Patient","id":"p%d","gender":"male","birthDate":"19%d"}`, i, 50+i))
			b.clock = b.clock.Add(time.Second)
		}
		for _, order := range []string{"", "&_sort=birthdate", "&_sort=-birthdate", "&_sort=_lastUpdated"} {
			values, _ := url.ParseQuery("gender=male&_count=3" + order)
			q, _ := search.Parse("Patient", values)
			first, err := b.Search(t.Context(), q)
			if err != nil || len(first.Resources) != 3 || first.Next == "" {
				t.Fatalf("first page: %+v, %v", first, err)
			}
			// One more at the front of every order but the last, and at its end there.
			id := fmt.Sprint("new", len(order))
			b.write(write(t, 0, `{"resourceType":"Patient","id":"%s","gender":"male"}`, id))
			q.Cursor = first.Next
			second, err := b.Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range second.Resources {
				if slices.ContainsFunc(first.Resources, func(f store.Resource) bool { return f.ID == r.ID }) {
					t.Errorf("%s: %s is on both pages", order, r.ID)
				}
			}
			b.write(store.Write{Type: "Patient", ID: id, Expect: 1, Deleted: true})
		}
	},
	"a page has an end in bytes": func(t *testing.T, b *bench) {
		const each = 5 << 20
		for i := range 5 {
			b.write(write(t, 0, `{"resourceType":"Basic","id":"b%d","code":{"text":"%s"}}`, i, strings.Repeat("x", each)))
		}
		for _, order := range []string{"", "&_sort=_lastUpdated"} {
			q, _ := search.Parse("Basic", url.Values{"_count": {"100"}, "_sort": {strings.TrimPrefix(order, "&_sort=")}})
			pages, found := 0, 0
			for {
				page, err := b.Search(t.Context(), q)
				if err != nil {
					t.Fatal(err)
				}
				pages++
				found += len(page.Resources)
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if pages != 2 || found != 5 {
				t.Errorf("%d resources of %d bytes in %d pages, want 5 in 2", found, each, pages)
			}
		}
		if h, err := b.History(t.Context(), "Basic", "b0", 10, 0); err != nil || len(h) != 1 {
			t.Errorf("History: %d, %v", len(h), err)
		}
	},
	"the index has nothing of a version in between": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "A"), write(t, 1, patient, "a", "2", "B"), write(t, 2, patient, "a", "3", "C"))
		for value, want := range map[string]int{"1": 0, "2": 0, "3": 1} {
			q, _ := search.Parse("Patient", url.Values{"identifier": {"urn:mrn|" + value}, "_summary": {"count"}})
			if page, err := b.Search(t.Context(), q); err != nil || page.Total != want {
				t.Errorf("identifier %s: %d, %v; want %d", value, page.Total, err, want)
			}
		}
	},
	"a bad cursor": func(t *testing.T, b *bench) {
		b.write(write(t, 0, patient, "a", "1", "Smith"))
		for _, cursor := range []string{"x", "!", "Z", "Z2", strings.Repeat("A", 80)} {
			_, err := b.Search(t.Context(), &search.Query{Type: "Patient", Cursor: cursor})
			wantKind(t, cursor, err, fault.Invalid)
		}
	},
	"as Matches says": differential,
}

// differential compares random searches with the definition, read over all
// resources.
func differential(t *testing.T, b *bench) {
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 1))
	defer func() {
		if t.Failed() {
			t.Logf("seed %d", seed)
		}
	}()
	pick := func(from ...string) string { return from[rnd.IntN(len(from))] }
	date := func() string {
		return pick("2024", "2024-05", "2024-05-06", "2024-05-06T07:08:09Z", "2025-01-01", "2025", "2025-02-03T04:05:06+01:00")
	}
	random := func(expect int, i int) store.Write {
		if i%3 == 0 {
			return write(t, expect, `{"resourceType":"Patient","id":"r%d","active":%s,"gender":"%s","birthDate":"%s","identifier":[{"system":"urn:%s","value":"%d"}],"name":[{"family":"%s","given":["%s","%s"]}]}`,
				i, pick("true", "false"), pick("male", "female", "other"), pick("2024", "2024-05", "2024-05-06", "2025-01-01"),
				pick("a", "b"), rnd.IntN(5), pick("Smith", "Smithson", "Jones", "Müller"), pick("Ann", "Bob"), pick("Cy", "Dee"))
		}
		when := ""
		switch rnd.IntN(4) {
		case 0:
		case 1:
			when = fmt.Sprintf(`,"effectivePeriod":{"start":"2024-0%d-01","end":"2025-0%d-01"}`, 1+rnd.IntN(9), 1+rnd.IntN(9))
		default:
			when = fmt.Sprintf(`,"effectiveDateTime":"%s"`, date())
		}
		return write(t, expect, `{"resourceType":"Observation","id":"r%d","status":"%s","code":{"coding":[{"system":"urn:%s","code":"%d"},{"code":"x%d"}]},"subject":{"reference":"Patient/r%d"}%s}`,
			i, pick("final", "amended"), pick("a", "b"), rnd.IntN(4), rnd.IntN(3), 3*rnd.IntN(4), when)
	}
	const n = 60
	now := map[string]store.Resource{}
	save := func(w ...store.Write) {
		for _, r := range b.write(w...) {
			now[r.Type+"/"+r.ID] = r
			if r.Deleted {
				delete(now, r.Type+"/"+r.ID)
			}
		}
		b.clock = b.clock.Add(time.Duration(rnd.IntN(3)) * time.Millisecond)
	}
	for i := range n {
		save(random(0, i))
	}
	for range n / 2 {
		w := random(-1, rnd.IntN(n))
		if w.Deleted = rnd.IntN(5) == 0; w.Deleted && now[w.Type+"/"+w.ID].ID == "" {
			continue
		}
		save(w)
	}
	type indexed struct {
		id      string
		entries []search.Entry
	}
	all := map[string][]indexed{}
	for _, r := range now {
		parsed, err := r4.Unmarshal(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		all[r.Type] = append(all[r.Type], indexed{r.ID, append(search.Extract(parsed), search.LastUpdated(r.Updated))})
	}
	prefix := func() string { return pick("", "eq", "ne", "lt", "gt", "le", "ge", "sa", "eb", "ap") }
	criteria := map[string][]func() string{
		"Patient": {
			func() string { return "gender=" + pick("male", "female", "male,other", "x") },
			func() string { return "gender:not=" + pick("male", "female") },
			func() string { return "identifier=" + pick("urn:a|1", "1", "|1", "urn:b|", "urn:a|1,2") },
			func() string { return "birthdate=" + prefix() + pick("2024", "2024-05", "2024-05-06", "2025") },
			func() string {
				return pick("name", "family", "given") + "=" + pick("smith", "s", "ann", "muller", "cy,dee")
			},
			func() string { return pick("name:contains", "family:exact", "given:missing") + "=" + "true" },
			func() string { return "name:contains=" + pick("mit", "n", "e") },
			func() string { return "_id=" + fmt.Sprintf("r%d,r%d,r9", rnd.IntN(n), rnd.IntN(n)) },
			func() string { return "_lastUpdated=" + prefix() + "2025-04-13T09:30:00.02Z" },
			func() string { return "active=" + pick("true", "false") },
		},
		"Observation": {
			func() string { return "code=" + pick("urn:a|1", "2", "x1", "|x1", "urn:b|", "1,2") },
			func() string { return "status=" + pick("final", "amended") },
			func() string { return "patient=" + pick("r0", "r3", "r0,r6", "Patient/r9") },
			func() string { return "subject=Patient/" + pick("r0", "r3") },
			func() string { return "date=" + prefix() + strings.ReplaceAll(date(), "+", "%2B") },
			func() string { return "date:missing=" + pick("true", "false") },
			func() string { return "code:not=" + pick("urn:a|1", "x1") },
		},
	}
	orders := map[string][]string{
		"Patient":     {"", "", "birthdate", "-birthdate", "_lastUpdated", "-_lastUpdated", "family", "-name,birthdate", "_id"},
		"Observation": {"", "", "date", "-date", "-_lastUpdated", "code,-date", "-_id"},
	}
	for range 400 {
		typ := pick("Patient", "Observation")
		var parts []string
		for range rnd.IntN(4) {
			parts = append(parts, criteria[typ][rnd.IntN(len(criteria[typ]))]())
		}
		order := orders[typ][rnd.IntN(len(orders[typ]))]
		if order != "" {
			parts = append(parts, "_sort="+order)
		}
		parts = append(parts, fmt.Sprint("_count=", 1+rnd.IntN(9)))
		query := strings.Join(parts, "&")
		values, err := url.ParseQuery(query)
		if err != nil {
			t.Fatal(err)
		}
		q, err := search.Parse(typ, values)
		if err != nil {
			t.Fatalf("%s: %v", query, err)
		}
		var want []string
		for _, r := range all[typ] {
			ok := q.IDs == nil || slices.Contains(q.IDs, r.id)
			for _, c := range q.Criteria {
				ok = ok && c.Matches(r.entries)
			}
			if ok {
				want = append(want, r.id)
			}
		}
		got := b.find(typ, query)
		if order == "date" || order == "-date" || order == "birthdate" || order == "-birthdate" {
			checkDates(t, query, got, order, func(id string) []search.Entry {
				i := slices.IndexFunc(all[typ], func(r indexed) bool { return r.id == id })
				return all[typ][i].entries
			})
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s?%s\n found %v\n  want %v", typ, query, got, want)
		}
	}
}

// checkDates looks whether ids stand in the order of a date, those without one
// last.
func checkDates(t *testing.T, query string, ids []string, order string, entries func(string) []search.Entry) {
	param, descending := strings.CutPrefix(order, "-")
	var last int64
	for i, id := range ids {
		at := int64(1) << 62
		if descending {
			at = -at
		}
		for _, e := range entries(id) {
			if e.Param == param && descending {
				at = max(at, e.Lo)
			} else if e.Param == param {
				at = min(at, e.Lo)
			}
		}
		if i > 0 && (descending && at > last || !descending && at < last) {
			t.Errorf("%s: %s is out of order in %v", query, id, ids)
			return
		}
		last = at
	}
}
