package fhirpath_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

func patient() *r4.Patient {
	return &r4.Patient{
		ID: "p1", Active: r4.True, BirthDate: "1974-12-25",
		Name: []r4.HumanName{
			{Use: "official", Family: "Chalmers", Given: []string{"Peter", "James"}},
			{Use: "usual", Given: []string{"Jim"}},
		},
		Deceased: r4.Bool(r4.False),
	}
}

// eval joins the texts of a result with commas.
func eval(t *testing.T, expr string, on any) string {
	t.Helper()
	e, err := fhirpath.Compile(expr)
	if err != nil {
		return err.Error()
	}
	c, err := e.Evaluate(nil, on)
	if err != nil {
		return err.Error()
	}
	var texts []string
	for _, i := range c {
		texts = append(texts, i.Text())
	}
	return strings.Join(texts, ",")
}

func TestBasics(t *testing.T) {
	for expr, want := range map[string]string{
		"name.given":          "Peter,James,Jim",
		"Patient.name.family": "Chalmers",
		"Observation.name":    "",
		"name.where(use='official').given.first()": "Peter",
		"name[1].given":                           "Jim",
		"deceased":                                "false",
		"deceasedBoolean":                         "false",
		"deceasedDateTime":                        "",
		"birthDate < @1975":                       "true",
		"1 + 2 * 3":                               "7",
		"1.20 + 0.3":                              "1.50",
		"(1 | 2 | 2).count()":                     "2",
		"active and name.exists()":                "true",
		"name.all(given.exists())":                "true",
		"4 'g' = 4000 'mg'":                       "true",
		"@2012-01-31 + 1 month":                   "2012-02-29",
		"deceased is boolean":                     "true",
		"%resource.id":                            "p1",
		"name.select(given.first()).combine('x')": "Peter,Jim,x",
		"name.exists(":                            "fhirpath: 1:13: the expression ends too early",
		"name.nothing()":                          "fhirpath: 1:6: a function that does not exist",
		"name.given + 'x'":                        "fhirpath: 1:12: several items where one is expected",
	} {
		if got := eval(t, expr, patient()); got != want {
			t.Errorf("%s: got %q, want %q", expr, got, want)
		}
	}
}

func TestPlace(t *testing.T) {
	p := patient()
	c, err := fhirpath.MustCompile("name[0].given[1]").Evaluate(nil, p)
	if err != nil || len(c) != 1 {
		t.Fatal(c, err)
	}
	parent, f, index, ok := c[0].Place()
	if parent != any(&p.Name[0]) || f.Name != "given" || index != 1 || !ok {
		t.Error(parent, f, index, ok)
	}
	if i := fhirpath.Element(parent, f, index); i.Value() != r4.String("James") || i.TypeName() != "FHIR.string" {
		t.Error(i.Value(), i.TypeName())
	}
}

func TestTrue(t *testing.T) {
	for expr, want := range map[string]bool{
		"name.exists()": true, "photo.exists()": false, "gender = 'male'": true, "birthDate.empty()": false,
	} {
		if got, err := fhirpath.MustCompile(expr).True(nil, patient()); got != want || err != nil {
			t.Errorf("%s: %v %v", expr, got, err)
		}
	}
}
