package terminology_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
)

// source reads definitions from JSON without "resourceType", which the first
// letter of the url says: v or s.
func source(t testing.TB, definitions ...string) *profile.Registry {
	t.Helper()
	r := profile.New(profile.Base())
	for _, d := range definitions {
		kind := "ValueSet"
		if strings.Contains(d, `"url": "s`) {
			kind = "CodeSystem"
		}
		res, err := r4.Unmarshal([]byte(`{"resourceType": "` + kind + `", "status": "active", ` + d + `}`))
		if err != nil {
			t.Fatalf("%v: %s", err, d)
		}
		if err := r.Add(res); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// animals is a system with a hierarchy, a second parent, properties, a group that
// is not for use, and a code that is out of use.
const animals = `"url": "s:animals", "content": "complete", "caseSensitive": true, "hierarchyMeaning": "is-a",
	"property": [{"code": "legs", "type": "integer"}, {"code": "sound", "type": "string"}],
	"concept": [{"code": "animal", "display": "Animal", "property": [{"code": "notSelectable", "valueBoolean": true}], "concept": [
		{"code": "bird", "display": "Bird", "property": [{"code": "legs", "valueInteger": 2}], "concept": [
			{"code": "owl", "display": "Owl", "property": [{"code": "legs", "valueInteger": 2}, {"code": "sound", "valueString": "hoo"}]},
			{"code": "dodo", "display": "Dodo", "property": [{"code": "status", "valueCode": "retired"}]}]},
		{"code": "cat", "display": "Cat", "designation": [{"language": "de", "value": "Katze"}],
			"property": [{"code": "legs", "valueInteger": 4}, {"code": "sound", "valueString": "meow"}, {"code": "parent", "valueCode": "pet"}]},
		{"code": "pet", "display": "Pet"}]}]`

func filtered(filter string) string {
	return `"url": "v:x", "compose": {"include": [{"system": "s:animals", "filter": [` + filter + `]}]}`
}

func TestCompose(t *testing.T) {
	const fold = `"url": "s:fold", "content": "complete", "caseSensitive": false, "concept": [{"code": "Abc", "display": "A"}]`
	const some = `"url": "s:some", "content": "fragment", "concept": [{"code": "a", "concept": [{"code": "b"}]}]`
	const gone = `"url": "s:gone", "content": "not-present"`
	for _, x := range []struct {
		name, set, in, out, cannot string // codes, with system where there is a colon
		definitions                []string
	}{
		{"the whole system", `"url": "v:x", "compose": {"include": [{"system": "s:animals"}]}`, "animal owl dodo", "dog Owl", "", nil},
		{"a list", `"url": "v:x", "compose": {"include": [{"system": "s:animals", "concept": [{"code": "owl"}, {"code": "dragon"}]}]}`, "owl dragon", "cat", "", nil},
		{"is-a", filtered(`{"property": "concept", "op": "is-a", "value": "bird"}`), "bird owl dodo", "cat animal dog", "", nil},
		{"is-a by a second parent", filtered(`{"property": "concept", "op": "is-a", "value": "pet"}`), "pet cat", "owl", "", nil},
		{"descendent-of", filtered(`{"property": "concept", "op": "descendent-of", "value": "bird"}`), "owl dodo", "bird cat", "", nil},
		{"is-not-a", filtered(`{"property": "concept", "op": "is-not-a", "value": "bird"}`), "cat pet animal", "bird owl", "", nil},
		{"generalizes", filtered(`{"property": "concept", "op": "generalizes", "value": "cat"}`), "cat pet animal", "bird owl", "", nil},
		{"equals", filtered(`{"property": "legs", "op": "=", "value": "2"}`), "bird owl", "cat pet", "", nil},
		{"equals parent", filtered(`{"property": "parent", "op": "=", "value": "bird"}`), "owl dodo", "bird", "", nil},
		{"equals child", filtered(`{"property": "child", "op": "=", "value": "owl"}`), "bird", "animal owl", "", nil},
		{"regex", filtered(`{"property": "code", "op": "regex", "value": "[a-c].*"}`), "animal bird cat", "owl", "", nil},
		{"regex matches the whole", filtered(`{"property": "display", "op": "regex", "value": "Ca"}`), "", "cat", "", nil},
		{"in", filtered(`{"property": "concept", "op": "in", "value": "owl, cat"}`), "owl cat", "pet", "", nil},
		{"not-in", filtered(`{"property": "concept", "op": "not-in", "value": "owl,cat"}`), "pet", "owl cat", "", nil},
		{"exists", filtered(`{"property": "sound", "op": "exists", "value": "true"}`), "owl cat", "pet", "", nil},
		{"does not exist", filtered(`{"property": "sound", "op": "exists", "value": "false"}`), "pet dodo", "cat", "", nil},
		{"two filters", filtered(`{"property": "legs", "op": "exists", "value": "true"}, {"property": "sound", "op": "=", "value": "hoo"}`), "owl", "bird cat", "", nil},
		{"a filter nobody knows", filtered(`{"property": "legs", "op": "regex", "value": "("}`), "", "dog", "owl", nil},
		{"a filter on what is not there", filtered(`{"property": "concept", "op": "is-a", "value": "fish"}`), "", "dog", "owl", nil},
		{"excluded", `"url": "v:x", "compose": {"include": [{"system": "s:animals"}], "exclude": [
			{"system": "s:animals", "filter": [{"property": "concept", "op": "is-a", "value": "bird"}]}]}`, "cat", "owl bird dog", "", nil},
		{"no inactive ones", `"url": "v:x", "compose": {"inactive": false, "include": [{"system": "s:animals"}]}`, "owl", "dodo", "", nil},
		{"of no case", `"url": "v:x", "compose": {"include": [{"system": "s:fold"}]}`, "abc ABC Abc", "b", "", []string{fold}},
		{"a list of no case", `"url": "v:x", "compose": {"include": [{"system": "s:fold", "concept": [{"code": "Abc"}]}]}`, "abc ABC", "b", "", []string{fold}},
		{"a fragment", `"url": "v:x", "compose": {"include": [{"system": "s:some"}]}`, "a b", "", "c", []string{some}},
		{"a filter on a fragment", `"url": "v:x", "compose": {"include": [{"system": "s:some", "filter": [{"property": "concept", "op": "is-a", "value": "b"}]}]}`, "b", "a", "c", []string{some}},
		{"content elsewhere", `"url": "v:x", "compose": {"include": [{"system": "s:gone"}]}`, "", "s:animals|cat", "a", []string{gone}},
		{"elsewhere but here", `"url": "v:x", "compose": {"include": [{"system": "s:gone"}, {"system": "s:animals"}]}`, "cat", "s:other|cat", "dog", []string{gone}},
		{"excluded elsewhere", `"url": "v:x", "compose": {"include": [{"system": "s:animals"}], "exclude": [{"system": "s:animals", "valueSet": ["v:none"]}]}`, "", "dog", "cat", nil},
		{"both", `"url": "v:x", "compose": {"include": [{"valueSet": ["v:a", "v:b"]}]}`, "cat", "owl pet", "", []string{
			`"url": "v:a", "compose": {"include": [{"system": "s:animals", "concept": [{"code": "cat"}, {"code": "owl"}]}]}`,
			`"url": "v:b", "compose": {"include": [{"system": "s:animals", "concept": [{"code": "cat"}, {"code": "pet"}]}]}`}},
		{"in a circle", `"url": "v:x", "compose": {"include": [{"valueSet": ["v:a"]}, {"system": "s:animals", "concept": [{"code": "cat"}]}]}`, "cat owl", "pet", "", []string{
			`"url": "v:a", "compose": {"include": [{"valueSet": ["v:x"]}, {"system": "s:animals", "concept": [{"code": "owl"}]}]}`}},
		{"of itself", `"url": "v:x", "compose": {"include": [{"valueSet": ["v:x"]}]}`, "", "cat", "", nil},
		{"an expansion", `"url": "v:x", "expansion": {"timestamp": "2020-01-01", "contains": [{"system": "s:a", "code": "a", "abstract": true,
			"contains": [{"system": "s:a", "code": "b", "display": "B"}]}]}`, "b s:a|b", "a c s:b|b", "", nil},
		{"a part of an expansion", `"url": "v:x", "expansion": {"timestamp": "2020-01-01", "total": 7, "contains": [{"system": "s:a", "code": "b"}]}`, "b", "", "c", nil},
		{"an expansion where compose cannot tell", `"url": "v:x", "compose": {"include": [{"system": "s:gone"}]},
			"expansion": {"timestamp": "2020-01-01", "contains": [{"system": "s:gone", "code": "b"}]}`, "b", "c", "", []string{gone}},
		{"nothing", `"url": "v:x"`, "", "", "a", nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			m := terminology.New(source(t, append(x.definitions, animals, x.set)...))
			for answer, codes := range map[terminology.Answer]string{in: x.in, out: x.out, cannot: x.cannot} {
				for code := range strings.FieldsSeq(codes) {
					system, code, ok := strings.Cut(code, "|")
					if !ok {
						system, code = "", system
					}
					r, err := m.ValidateCode("v:x", system, code, "")
					if err != nil || r.Answer != answer || (r.Reason == "") != (answer != cannot) {
						t.Errorf("%s: %v (%s), not %v", code, r.Answer, r.Reason, answer)
					}
				}
			}
		})
	}
}

func TestResult(t *testing.T) {
	m := terminology.New(source(t, animals, `"url": "v:x", "compose": {"include": [{"system": "s:animals"}]}`,
		`"url": "v:named", "compose": {"include": [{"system": "s:animals", "concept": [{"code": "cat", "display": "House cat"}]}]}`))
	for _, x := range []struct {
		set, code, display string
		want               terminology.Result
	}{
		{"v:x", "cat", "KATZE", terminology.Result{Answer: in, System: "s:animals", Display: "Cat"}},
		{"v:x", "cat", "dog", terminology.Result{Answer: in, System: "s:animals", Display: "Cat", WrongDisplay: true}},
		{"v:named", "cat", "house  cat", terminology.Result{Answer: in, System: "s:animals", Display: "House cat"}},
		{"v:named", "cat", "Cat", terminology.Result{Answer: in, System: "s:animals", Display: "House cat"}},
		{"v:x", "animal", "", terminology.Result{Answer: in, System: "s:animals", Display: "Animal", Abstract: true}},
		{"v:x", "dodo", "", terminology.Result{Answer: in, System: "s:animals", Display: "Dodo", Inactive: true}},
		{"v:x", "", "", terminology.Result{Answer: out, Reason: "there is no code"}},
		{"", "cat", "", terminology.Result{Reason: "neither value set nor code system is given"}},
		{"v:none", "cat", "", terminology.Result{Reason: "the value set v:none is not here"}},
	} {
		if r, err := m.ValidateCode(x.set, "", x.code, x.display); r != x.want || err != nil {
			t.Errorf("%s %s: %+v, not %+v", x.set, x.code, r, x.want)
		}
	}
}

func TestExpand(t *testing.T) {
	m := terminology.New(source(t, animals,
		`"url": "v:birds", "compose": {"include": [{"system": "s:animals", "filter": [{"property": "concept", "op": "is-a", "value": "bird"}]}],
			"exclude": [{"system": "s:animals", "concept": [{"code": "bird"}]}]}`,
		`"url": "v:more", "compose": {"include": [{"valueSet": ["v:birds"]}, {"system": "s:animals", "concept": [{"code": "owl"}, {"code": "cat"}]}]}`,
		`"url": "v:loinc", "compose": {"include": [{"system": "http://loinc.org"}]}`,
		`"url": "v:circle", "compose": {"include": [{"valueSet": ["v:circle"]}, {"valueSet": ["v:more"]}]}`))
	for set, want := range map[string]string{"v:birds": "owl dodo", "v:more": "owl dodo cat", "v:circle": "owl dodo cat"} {
		all, err := m.Expand(set, 3)
		if err != nil {
			t.Error(err)
		}
		var codes []string
		for _, c := range all {
			codes = append(codes, c.Code)
		}
		if strings.Join(codes, " ") != want {
			t.Errorf("%s: %v", set, codes)
		}
	}
	for set, want := range map[string]string{"v:more": "v:more: has more than 2 codes", "v:loinc": "http://loinc.org is not here", "v:none": "v:none is not here"} {
		if _, err := m.Expand(set, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// TestManyPaths has value sets each of which imports the next one three times:
// asking each import anew would take 3^60 steps.
func TestManyPaths(t *testing.T) {
	var all []string
	for i := range 60 {
		next := fmt.Sprintf(`{"valueSet": ["v:%d"]}`, i+1)
		all = append(all, fmt.Sprintf(`"url": "v:%d", "compose": {"include": [%s, %[2]s, %[2]s]}`, i, next))
	}
	all = append(all, `"url": "v:60", "compose": {"include": [{"system": "s:a", "concept": [{"code": "x"}]}]}`)
	m := terminology.New(source(t, all...))
	for code, want := range map[string]terminology.Answer{"x": in, "y": out} {
		if r, _ := m.ValidateCode("v:0", "s:a", code, ""); r.Answer != want {
			t.Errorf("%s: %v", code, r)
		}
	}
	if _, err := m.Expand("v:0", 0); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Error(err)
	}
}

func TestConcurrent(t *testing.T) {
	m := terminology.New(profile.Base())
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for _, x := range benchmarks {
				if r, _ := m.ValidateCode(x.set, x.system, x.code, ""); r.Answer == out {
					t.Errorf("%s: %v", x.name, r)
				}
			}
		})
	}
	wg.Wait()
}
