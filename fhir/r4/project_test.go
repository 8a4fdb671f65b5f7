package r4_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

const subsetted = `"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED","display":"subsetted"}]`

func TestSummarize(t *testing.T) {
	const doc = `{"resourceType":"Patient","id":"a","meta":{"versionId":"2"},"implicitRules":"u","language":"en","text":{"status":"generated","div":"<div/>"},
		"contained":[{"resourceType":"Basic","id":"c"}],"extension":[{"url":"e","valueCode":"x"}],"modifierExtension":[{"url":"m","valueCode":"x"}],
		"active":true,"name":[{"id":"n","extension":[{"url":"e","valueCode":"x"}],"family":"F","_family":{"id":"f"}}],"birthDate":"1985","_birthDate":{"id":"b"},
		"_gender":{"extension":[{"url":"absent","valueCode":"unknown"}]},"maritalStatus":{"text":"m"},"photo":[{"contentType":"image/png"}],
		"contact":[{"gender":"male"}],"communication":[{"language":{"text":"en"}}],"link":[{"other":{"reference":"Patient/b"},"type":"refer"}]}`
	const start = `{"resourceType":"Patient","id":"a","meta":{"versionId":"2",` + subsetted + `},"implicitRules":"u",`
	const modifier = `"modifierExtension":[{"url":"m","valueCode":"x"}]`
	r := parse(t, doc)
	before := r4.Clone(r)
	for form, want := range map[r4.SummaryForm]string{
		r4.SummaryTrue: start + modifier + `,"active":true,"name":[{"family":"F"}],"_gender":{"extension":[{"url":"absent","valueCode":"unknown"}]},` +
			`"birthDate":"1985","link":[{"other":{"reference":"Patient/b"},"type":"refer"}]}`,
		r4.SummaryText: start + `"text":{"status":"generated","div":"<div/>"},` + modifier + `}`,
	} {
		got, err := r4.Summarize(r, form)
		if err != nil {
			t.Fatal(form, err)
		}
		expectJSON(t, got, want)
	}
	data, err := r4.Summarize(r, r4.SummaryData)
	if err != nil || data.(*r4.Patient).Text != nil || len(data.(*r4.Patient).Meta.Tag) != 1 {
		t.Error("data", err)
	}
	data.(*r4.Patient).Text, data.(*r4.Patient).Meta = r.(*r4.Patient).Text, r.(*r4.Patient).Meta
	if !r4.Equal(data, r) {
		t.Error("data leaves out more than text")
	}
	if same, err := r4.Summarize(r, r4.SummaryFalse); err != nil || same != r {
		t.Error("false", err)
	}
	if !r4.Equal(r, before) {
		t.Error("the resource was changed")
	}
}

// Mandatory elements that the definition does not mark stay, and whole.
func TestSummaryMandatory(t *testing.T) {
	r := parse(t, `{"resourceType":"Appointment","id":"a","status":"booked","comment":"c",
		"participant":[{"actor":{"reference":"Patient/1"},"period":{"start":"2024"},"status":"accepted"}]}`)
	for form, want := range map[r4.SummaryForm]string{
		r4.SummaryTrue: `{"resourceType":"Appointment","id":"a","meta":{` + subsetted + `},"status":"booked","participant":[{"actor":{"reference":"Patient/1"},"status":"accepted","period":{"start":"2024"}}]}`,
		r4.SummaryText: `{"resourceType":"Appointment","id":"a","meta":{` + subsetted + `},"status":"booked","participant":[{"actor":{"reference":"Patient/1"},"status":"accepted","period":{"start":"2024"}}]}`,
	} {
		got, err := r4.Summarize(r, form)
		if err != nil {
			t.Fatal(err)
		}
		expectJSON(t, got, want)
	}
}

// In a summary, the data of an attachment and the inside of components are left
// out as the definitions of those types say.
func TestSummaryNested(t *testing.T) {
	for doc, want := range map[string]string{
		`{"resourceType":"DocumentReference","status":"current","content":[{"attachment":{"contentType":"text/plain","data":"AAEC"}}]}`:                             `{"resourceType":"DocumentReference","meta":{` + subsetted + `},"status":"current","content":[{"attachment":{"contentType":"text/plain"}}]}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"c"},"component":[{"code":{"text":"x"},"valueString":"s","interpretation":[{"text":"h"}]}]}`: `{"resourceType":"Observation","meta":{` + subsetted + `},"status":"final","code":{"text":"c"},"component":[{"code":{"text":"x"},"valueString":"s"}]}`,
		// nothing of the code would be left
		`{"resourceType":"Observation","status":"final","code":{"extension":[{"url":"absent","valueCode":"unknown"}]}}`: `{"resourceType":"Observation","meta":{` + subsetted + `},"status":"final","code":{"extension":[{"url":"absent","valueCode":"unknown"}]}}`,
		// the resources in a Bundle
		`{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","language":"en","gender":"male"}}]}`: `{"resourceType":"Bundle","meta":{` + subsetted + `},"type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","meta":{` + subsetted + `},"gender":"male"}}]}`,
		// an element that is marked, but nothing in it
		`{"resourceType":"RiskEvidenceSynthesis","status":"draft","population":{"reference":"Group/1"},"outcome":{"reference":"Group/2"},"riskEstimate":{"value":1.0}}`: `{"resourceType":"RiskEvidenceSynthesis","meta":{` + subsetted + `},"status":"draft","population":{"reference":"Group/1"},"outcome":{"reference":"Group/2"},"riskEstimate":{"value":1.0}}`,
		// tagged once
		`{"resourceType":"Basic","meta":{` + subsetted + `},"code":{"text":"c"}}`: `{"resourceType":"Basic","meta":{` + subsetted + `},"code":{"text":"c"}}`,
	} {
		r := parse(t, doc)
		before := r4.Clone(r)
		got, err := r4.Summarize(r, r4.SummaryTrue)
		if err != nil {
			t.Fatal(err)
		}
		expectJSON(t, got, want)
		if !r4.Equal(r, before) {
			t.Error("the resource was changed: " + doc)
		}
	}
}

func TestSummaryCount(t *testing.T) {
	b := parse(t, `{"resourceType":"Bundle","type":"searchset","total":3,"link":[{"relation":"self","url":"u"}],"entry":[{"resource":{"resourceType":"Basic","id":"a"}}]}`)
	got, err := r4.Summarize(b, r4.SummaryCount)
	if err != nil {
		t.Fatal(err)
	}
	expectJSON(t, got, `{"resourceType":"Bundle","type":"searchset","total":3,"link":[{"relation":"self","url":"u"}]}`)
	for _, c := range []struct {
		r    r4.Resource
		form r4.SummaryForm
	}{{&r4.Patient{}, r4.SummaryCount}, {&r4.Patient{}, ""}, {&r4.Patient{}, "True"}, {nil, r4.SummaryTrue}, {(*r4.Patient)(nil), r4.SummaryData}} {
		var e *r4.Error
		if got, err := r4.Summarize(c.r, c.form); !errors.As(err, &e) {
			t.Errorf("%T %s: %v %v", c.r, c.form, got, err)
		}
	}
}

func TestSelectElements(t *testing.T) {
	r := parse(t, `{"resourceType":"Observation","id":"a","meta":{"source":"s"},"language":"en","text":{"status":"empty","div":"<div/>"},"status":"final",
		"code":{"text":"c"},"valueQuantity":{"value":1},"note":[{"text":"n"}],"issued":"2024-05-17T10:00:00Z","_issued":{"id":"i"}}`)
	before := r4.Clone(r)
	const start = `{"resourceType":"Observation","id":"a","meta":{"source":"s",` + subsetted + `},`
	for names, want := range map[string]string{
		"":               start + `"status":"final","code":{"text":"c"}}`,
		"note":           start + `"status":"final","code":{"text":"c"},"note":[{"text":"n"}]}`,
		"id,status,meta": start + `"status":"final","code":{"text":"c"}}`,
		"value":          start + `"status":"final","code":{"text":"c"},"valueQuantity":{"value":1}}`,
		"value[x]":       start + `"status":"final","code":{"text":"c"},"valueQuantity":{"value":1}}`,
		"valueQuantity":  start + `"status":"final","code":{"text":"c"},"valueQuantity":{"value":1}}`,
		"issued,subject": start + `"status":"final","code":{"text":"c"},"issued":"2024-05-17T10:00:00Z","_issued":{"id":"i"}}`,
	} {
		var list []string
		if names != "" {
			list = strings.Split(names, ",")
		}
		got, err := r4.SelectElements(r, list...)
		if err != nil {
			t.Fatal(err)
		}
		expectJSON(t, got, want)
	}
	if !r4.Equal(r, before) {
		t.Error("the resource was changed")
	}
	for _, name := range []string{"", "name", "code.text", "Observation.code", "resourceType", "_issued"} {
		var e *r4.Error
		if got, err := r4.SelectElements(r, name); !errors.As(err, &e) || e.At != "Observation" {
			t.Errorf("%q: %v %v", name, got, err)
		}
	}
	if _, err := r4.SelectElements(nil); err == nil {
		t.Error("nothing has elements")
	}
}

// marks is what the official definitions say of the elements of all types.
type marks map[string]struct{ summary, mandatory bool }

func officialMarks(t *testing.T) marks {
	if testing.Short() {
		t.Skip("SKIPPED: the official definitions (short)")
	}
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official definitions are not here: ", err)
	}
	m := marks{}
	err = pack.Each(tgz, func(name string) bool { return strings.HasPrefix(name, "StructureDefinition-") }, func(name string, doc []byte) error {
		var d struct {
			Derivation, Kind string
			Snapshot         struct {
				Element []struct {
					Path      string
					Min       int
					IsSummary bool
				}
			}
		}
		if err := json.Unmarshal(doc, &d); err != nil || d.Derivation == "constraint" || d.Kind == "logical" {
			return err
		}
		for _, e := range d.Snapshot.Element {
			m[strings.TrimSuffix(e.Path, "[x]")] = struct{ summary, mandatory bool }{e.IsSummary, e.Min > 0}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Every type of resource, filled to some depth, is summarized to what the
// official definitions mark, no more and no less.
func TestSummaryByDefinition(t *testing.T) {
	m := officialMarks(t)
	for _, name := range r4.ResourceTypes() {
		full, _ := r4.New(name)
		n := 0
		fillAll(full, 0, &n)
		before := r4.Clone(full)
		short, err := r4.Summarize(full, r4.SummaryTrue)
		if err != nil {
			t.Fatal(name, err)
		}
		want := map[string]bool{}
		m.expect(want, full)
		r4.Walk(short, func(n r4.Node) bool {
			path := n.Path()
			if strings.HasSuffix(path, ".meta") {
				return false // has the tag
			}
			if !want[path] {
				t.Errorf("%s is in the summary", path)
			}
			delete(want, path)
			return true
		})
		for path := range want {
			if !strings.Contains(path, ".meta") {
				t.Errorf("%s is not in the summary", path)
			}
		}
		if !r4.Equal(full, before) {
			t.Errorf("%s was changed", name)
		}
	}
}

// expect collects the paths of what is left of r.
func (m marks) expect(want map[string]bool, r r4.Resource) {
	whole := map[string]bool{}
	r4.Walk(r, func(n r4.Node) bool {
		up, ok := n.Up()
		path := n.Path()
		if !ok || whole[up.Path()] {
			want[path], whole[path] = true, ok
			return true
		}
		of, known := m[up.Type.Name+"."+n.Field.Name]
		if !known {
			panic("no definition of " + up.Type.Name + "." + n.Field.Name)
		}
		if top := up.Type.Kind == r4.KindResource && n.Field.Name == "modifierExtension"; !of.summary && !of.mandatory && !top {
			return false // at the top, modifier extensions are not marked, but kept all the same
		}
		want[path], whole[path] = true, !of.summary || !m.any(n.Type)
		return true
	})
}

// any says whether an element of the type itself is marked.
func (m marks) any(t *r4.Type) bool {
	for i := range t.Fields {
		if name := t.Fields[i].Name; name != "modifierExtension" && m[t.Name+"."+name].summary {
			return true
		}
	}
	return t.Kind == r4.KindPrimitive
}

// fillAll gives each element of v one value, each time another type of a choice.
func fillAll(v any, depth int, n *int) {
	t := r4.TypeOf(v)
	for i := range t.Fields {
		f := &t.Fields[i]
		if *n++; f.Name == "id" && t.Kind != r4.KindResource {
			continue // stays where nothing else would
		}
		of := f.Types[*n%len(f.Types)]
		switch {
		case of.Kind == r4.KindPrimitive:
			if err := f.SetPrimitive(v, of, samples[of.Name]); err != nil {
				panic(err)
			}
		case of.Kind == r4.KindResource:
			if err := f.SetResource(v, &r4.Basic{ID: fmt.Sprint(*n)}); err != nil {
				panic(err)
			}
		case depth < 3 && f.Name != "extension" || f.Min > 0 && depth < 5:
			fillAll(f.Make(v, of), depth+1, n)
		}
	}
}
