package r4_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

func parse(t testing.TB, doc string) r4.Resource {
	t.Helper()
	r, err := r4.Unmarshal([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each element comes once, before what it holds, in the order of the definition.
func TestWalkOrder(t *testing.T) {
	r := parse(t, `{"resourceType":"Bundle","type":"collection","entry":[{"resource":{
		"resourceType":"Patient","contained":[{"resourceType":"Basic","id":"b"}],
		"birthDate":"1985","_birthDate":{"id":"d","extension":[{"url":"u","valueInteger":0}]},
		"active":false,
		"_deceasedDateTime":{"id":"x"},
		"name":[{"given":["A",null],"_given":[{"id":"a"},{"id":"n"}],"family":"F"}]}}]}`)
	var got []string
	r4.Walk(r, func(n r4.Node) bool {
		got = append(got, n.Path()+" "+n.Type.Name+" "+n.Text())
		return true
	})
	const patient = "Bundle.entry[0].resource"
	want := []string{
		"Bundle Bundle ",
		"Bundle.type code collection",
		"Bundle.entry[0] Bundle.entry ",
		patient + " Patient ",
		patient + ".contained[0] Basic ",
		patient + ".contained[0].id id b",
		patient + ".active boolean false",
		patient + ".name[0] HumanName ",
		patient + ".name[0].family string F",
		patient + ".name[0].given[0] string A",
		patient + ".name[0].given[0].id string a",
		patient + ".name[0].given[1] string ",
		patient + ".name[0].given[1].id string n",
		patient + ".birthDate date 1985",
		patient + ".birthDate.id string d",
		patient + ".birthDate.extension[0] Extension ",
		patient + ".birthDate.extension[0].url uri u",
		patient + ".birthDate.extension[0].value integer 0",
		patient + ".deceased dateTime ",
		patient + ".deceased.id string x",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The elements of a walk are those that the JSON of the resource has, and each
// is found again by its path.
func TestWalkAll(t *testing.T) {
	for name, doc := range testdata(t) {
		if problem := walksAll(doc); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// walksAll says what is wrong with a walk through doc.
func walksAll(doc []byte) string {
	r, err := r4.Unmarshal(doc)
	if err != nil {
		return err.Error()
	}
	var v map[string]any
	if err := json.Unmarshal(doc, &v); err != nil {
		return err.Error()
	}
	want := map[string]bool{}
	jsonPaths(want, r4.TypeOf(r), v, r.ResourceType())
	problem := ""
	r4.Walk(r, func(n r4.Node) bool {
		path := n.Path()
		if !want[path] {
			problem = "not in the document, or twice: " + path
		}
		delete(want, path)
		f, ok := r4.Find(r, path)
		if !ok || f.Value != n.Value || f.Type != n.Type || f.Parent != n.Parent || f.Field != n.Field || f.Index != n.Index || f.Path() != path {
			problem = "not found again: " + path
		}
		if up, ok := n.Up(); ok && n.Parent != up.Value && n.Parent != any(up.Element()) {
			problem = "does not lie in what it stands under: " + path
		}
		return true
	})
	for path := range want {
		problem = "left out: " + path
	}
	return problem
}

// jsonPaths collects the paths of the elements in a JSON object of type t.
func jsonPaths(paths map[string]bool, t *r4.Type, v map[string]any, at string) {
	paths[at] = true
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if name == "resourceType" && t.Kind == r4.KindResource {
			continue
		}
		f, of, _ := t.Field(strings.TrimPrefix(name, "_"))
		if name[0] == '_' {
			of = r4.TypeByName("Element")
		}
		items, list := v[name].([]any)
		if !list {
			items = []any{v[name]}
		}
		for i, item := range items {
			here := at + "." + f.Name
			if list {
				here += fmt.Sprintf("[%d]", i)
			}
			object, ok := item.(map[string]any)
			switch {
			case ok && of.Kind == r4.KindResource:
				jsonPaths(paths, r4.TypeByName(object["resourceType"].(string)), object, here)
			case ok:
				jsonPaths(paths, of, object, here)
			case item != nil:
				paths[here] = true
			}
		}
	}
}

// visit decides whether to go on below; what holds nothing of R4 is passed over.
func TestWalkInto(t *testing.T) {
	p := &r4.Patient{
		ID: "a", Name: []r4.HumanName{{Family: "x"}}, Deceased: r4.DateTime(""), MultipleBirth: r4.PatientMultipleBirth(nil),
		Contained: []r4.Resource{nil, (*r4.Basic)(nil), &r4.Basic{}}, Contact: []r4.PatientContact{{}},
	}
	var got []string
	r4.Walk(p, func(n r4.Node) bool {
		got = append(got, n.Path())
		return n.Type.Name != "HumanName"
	})
	if want := []string{"Patient", "Patient.id", "Patient.contained[2]", "Patient.name[0]", "Patient.contact[0]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, root := range []any{nil, (*r4.Patient)(nil), "text", r4.String("x"), 5} {
		r4.Walk(root, func(n r4.Node) bool { t.Errorf("%T has %s", root, n.Path()); return true })
		if n, ok := r4.Find(root, "id"); ok {
			t.Errorf("%T has an id %v", root, n)
		}
	}
}

// A structure that holds itself ends.
func TestWalkCycle(t *testing.T) {
	b := &r4.Basic{}
	b.Contained = []r4.Resource{b}
	n := 0
	r4.Walk(b, func(r4.Node) bool { n++; return true })
	if n < 128 || n > 130 {
		t.Errorf("%d elements", n)
	}
}

func TestFind(t *testing.T) {
	o := parse(t, `{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"a"},{"code":"b","_display":{"id":"d"}}]},
		"valueQuantity":{"value":6.30},"component":[{"code":{"text":"x"},"valueString":"s"}]}`)
	for path, want := range map[string]string{
		"Observation":                 "Observation",
		"Observation.status":          "final",
		"status":                      "final",
		"code.coding[1].code":         "b",
		"code.coding.code":            "a",
		"code.coding[1].display.id":   "d",
		"value.value":                 "6.30",
		"Observation.valueQuantity":   "Quantity",
		"valueQuantity.value":         "6.30",
		"value.ofType(Quantity)":      "Quantity",
		"component[0].value":          "s",
		"component[0].valueString":    "s",
		"Observation.component[0]":    "Observation.component",
		"component.value[0]":          "s",
		"":                            "",
		"Observation.":                "",
		"Patient":                     "",
		"Observation.Observation":     "",
		"status[1]":                   "",
		"status.value":                "",
		"code.coding[2]":              "",
		"code.coding[-1]":             "",
		"code.coding[+1]":             "",
		"code.coding[1":               "",
		"code.coding[1]x":             "",
		"code.coding[]":               "",
		"code.coding[4294967296]":     "",
		"code.coding[99999999999999]": "",
		"code..coding":                "",
		"valueString":                 "",
		"value.ofType(String)":        "",
		"_status":                     "",
		"issued":                      "",
	} {
		n, ok := r4.Find(o, path)
		got := ""
		if ok {
			if got = n.Text(); got == "" {
				got = n.Type.Name
			}
		}
		if got != want || ok != (want != "") {
			t.Errorf("%s: %q %v, want %q", path, got, ok, want)
		}
	}
	contact := &r4.PatientContact{Name: &r4.HumanName{Family: "x"}}
	if n, ok := r4.Find(contact, "Patient.contact.name.family"); !ok || n.Text() != "x" || n.Path() != "Patient.contact.name.family" {
		t.Error("the path of a backbone element", n.Path())
	}
}

// FuzzFind: no path makes it panic, and what is found is found by its own path.
func FuzzFind(f *testing.F) {
	docs := testdata(f)
	r := parse(f, string(docs["patient.json"]))
	for _, path := range []string{"Patient.name[0].given[1].extension.value", "name.given[2].id", "extension[2].extension[1].value.ofType(integer)", "deceasedBoolean", "name[99]", ".", "[0]"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		n, ok := r4.Find(r, path)
		if !ok {
			return
		}
		if again, ok := r4.Find(r, n.Path()); !ok || again.Path() != n.Path() || again.Type != n.Type || again.Field != n.Field {
			t.Fatalf("%q leads to %s, and that elsewhere", path, n.Path())
		}
	})
}
