package validate_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/validate"
)

func TestNew(t *testing.T) {
	var e *validate.Error
	if _, err := validate.New(validate.Options{}); !errors.As(err, &e) {
		t.Errorf("without definitions: %v", err)
	}
	if _, err := validate.New(validate.Options{Definitions: profile.New(nil)}); !errors.As(err, &e) || !errors.Is(err, profile.ErrUnknown) {
		t.Errorf("without the base types: %v", err)
	}
}

// Lines and columns come with the issues of a document.
func TestPosition(t *testing.T) {
	o := baseValidator().Validate(t.Context(), []byte("{\n \"resourceType\": \"Patient\",\n \"name\": [{\"use\": \"often\"}],\n \"birthDate\": \"x\"\n}"))
	lines := map[string]r4.Value{}
	for _, i := range o.Issue {
		for _, x := range i.Extension {
			if strings.HasSuffix(x.URL, "-line") && i.Severity == "error" {
				lines[i.Expression[0]] = x.Value
			}
		}
	}
	if lines["Patient.name[0].use"] != r4.Integer(3) || lines["Patient.birthDate"] != r4.Integer(4) {
		t.Errorf("lines %v in %v", lines, errorsOf(o))
	}
}

// A resource made in Go is checked like one that was read.
func TestMadeInGo(t *testing.T) {
	var none *r4.Patient
	for _, res := range []r4.Resource{nil, none} {
		if o := baseValidator().ValidateResource(t.Context(), res); validate.Valid(o) {
			t.Errorf("%T is valid", res)
		}
	}
	p := &r4.Patient{BirthDate: "1/2/2020", Contained: []r4.Resource{none, nil}, Name: []r4.HumanName{{ID: "a"}}}
	found := strings.Join(errorsOf(baseValidator().ValidateResource(t.Context(), p)), "\n")
	if !strings.Contains(found, "Patient.birthDate: not a date") || !strings.Contains(found, "Patient.name[0]: ele-1") {
		t.Error(found)
	}
}

// Texts never hold what the resource says.
func TestNoValues(t *testing.T) {
	const secret = "Zebulon"
	doc := `{"resourceType":"Patient","id":"` + secret + `!","text":{"status":"` + secret + `","div":"<div><` + secret + `/>` + secret + `</div>"},"gender":"` + secret + `","birthDate":"` + secret + `",
		"extension":[{"url":"` + secret + `","valueString":"` + secret + `"},{"url":"http://x.org/?name=` + secret + `","valueString":"x"}],
		"name":[{"use":"` + secret + `","family":"<b>` + secret + `</b>"}],"identifier":[{"system":"` + secret + `","value":"` + secret + `"}],
		"contact":[{"gender":"` + secret + `"}],"managingOrganization":{"reference":"` + secret + `/1"},"generalPractitioner":[{"reference":"#` + secret + `"}],
		"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"` + secret + `","display":"` + secret + `"},{"system":"` + secret + `"}]},
		"photo":[{"data":"` + secret + `"}],"telecom":[{"system":"` + secret + `"}],"meta":{"profile":["` + secret + `","http://x.org/a b` + secret + `"]}}`
	out, err := r4.Marshal(baseValidator().Validate(t.Context(), []byte(doc)))
	if at := strings.Index(strings.ToLower(string(out)), strings.ToLower(secret)); err != nil || at >= 0 {
		t.Errorf("%v: the outcome holds a value: ...%s", err, out[max(0, at-200):])
	}
}

func TestLimits(t *testing.T) {
	v := mustNew(validate.Options{Definitions: profile.Base(), MaxIssues: 20, MaxWork: 20000})
	names := strings.Repeat(`{"use":"usual","id":"x","extension":[{"url":"y","valueString":"z"}]},`, 400)
	many := v.Validate(t.Context(), []byte(`{"resourceType":"Patient","name":[`+strings.TrimSuffix(names, ",")+`]}`))
	if n := len(many.Issue); n != 41 || !strings.Contains(many.Issue[n-1].Details.Text, "more issues") {
		t.Errorf("%d issues, the last: %s", n, many.Issue[n-1].Details.Text)
	}
	names = strings.Repeat(`{"family":"a"},`, 12000)
	work := errorsOf(v.Validate(t.Context(), []byte(`{"resourceType":"Patient","name":[`+strings.TrimSuffix(names, ",")+`]}`)))
	if len(work) != 1 || !strings.Contains(work[0], "limit of work") {
		t.Errorf("too much work: %q", work)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if stopped := errorsOf(v.Validate(ctx, []byte(`{"resourceType":"Patient","name":[`+strings.TrimSuffix(names, ",")+`]}`))); len(stopped) != 1 || !strings.Contains(stopped[0], "stopped") {
		t.Errorf("after the end of its context: %q", stopped)
	}
	var deep r4.QuestionnaireItem
	for range 1000 {
		deep = r4.QuestionnaireItem{LinkID: "a", Type: "group", Item: []r4.QuestionnaireItem{deep}}
	}
	if found := errorsOf(baseValidator().ValidateResource(t.Context(), &r4.Questionnaire{Status: "draft", Item: []r4.QuestionnaireItem{deep}})); !strings.Contains(strings.Join(found, "\n"), "nested too deep") {
		t.Errorf("1000 deep: %q", found)
	}
}

// A profile that refers to itself through what it refers to comes to an end.
func TestCircle(t *testing.T) {
	v := with(t, [2]string{"Patient", `{"id":"Patient.link","path":"Patient.link","min":1},{"id":"Patient.link.other","path":"Patient.link.other","type":[{"code":"Reference","targetProfile":["http://example.org/p0"]}]}`})
	entry := func(id, to string) string {
		return fmt.Sprintf(`{"fullUrl":"http://a/Patient/%s","resource":{"resourceType":"Patient","id":%q,"meta":{"profile":["http://example.org/p0"]},"link":[{"other":{"reference":"Patient/%s"},"type":"seealso"}]}}`, id, id, to)
	}
	for _, doc := range []string{
		`{"resourceType":"Bundle","type":"collection","entry":[` + entry("1", "2") + `,` + entry("2", "1") + `]}`,
		`{"resourceType":"Bundle","type":"collection","entry":[` + entry("1", "1") + `]}`,
	} {
		if found := errorsOf(v.Validate(t.Context(), []byte(doc))); len(found) > 0 {
			t.Errorf("%q in %s", found, doc)
		}
	}
	found := errorsOf(v.Validate(t.Context(), []byte(`{"resourceType":"Bundle","type":"collection","entry":[`+entry("1", "2")+`,{"fullUrl":"http://a/Patient/2","resource":{"resourceType":"Patient","id":"2"}}]}`)))
	if len(found) != 1 || !strings.HasPrefix(found[0], "Bundle.entry[0].resource.link[0].other: what the reference leads to conforms to none") {
		t.Errorf("a target that does not conform: %q", found)
	}
}

// Many goroutines share a Validator from its first use on.
func TestConcurrent(t *testing.T) {
	v := mustNew(validate.Options{Definitions: profile.Base(), Terminology: baseTerms()})
	doc := []byte(`{"resourceType":"Observation","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/bp"]},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"}]},"component":[{"code":{"coding":[{"system":"http://loinc.org","code":"8480-6"}]},"valueQuantity":{"value":1}}]}`)
	outcomes := make([]string, 8)
	var wg sync.WaitGroup
	for i := range outcomes {
		wg.Go(func() { outcomes[i] = strings.Join(errorsOf(v.Validate(t.Context(), doc)), "\n") })
	}
	wg.Wait()
	for _, o := range outcomes[1:] {
		if o != outcomes[0] || o == "" {
			t.Errorf("goroutines differ:\n%s\n\n%s", outcomes[0], o)
		}
	}
}

func TestProfileNotKnown(t *testing.T) {
	o := baseValidator().Validate(t.Context(), []byte(`{"resourceType":"Patient","meta":{"profile":["http://example.org/none"]}}`), "http://example.org/other")
	var found []string
	for _, i := range o.Issue {
		found = append(found, i.Severity+" "+i.Details.Text)
	}
	all := strings.Join(found, "\n")
	if !strings.Contains(all, "warning the profile http://example.org/none is not known") || !strings.Contains(all, "error the profile http://example.org/other is not known") {
		t.Error(all)
	}
	if found := errorsOf(baseValidator().Validate(t.Context(), []byte(`{"resourceType":"Patient"}`), "http://hl7.org/fhir/StructureDefinition/bp")); len(found) != 1 || !strings.Contains(found[0], "is for Observation") {
		t.Errorf("the profile of another type: %q", found)
	}
}
