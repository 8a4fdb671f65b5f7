package fhirpath_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// N1, "Type safety and strict evaluation": what CompileFor refuses, and where.
func TestCompileFor(t *testing.T) {
	for line := range strings.Lines(`
		Patient: name.given1                                   => 1:6: no element given1 in HumanName
		Patient: nme                                           => 1:1: no element nme in Patient
		Patient: Encounter.status                              => 1:1: the type Encounter where the context is Patient
		Patient: name.where(using = 'x')                       => 1:12: no element using in HumanName
		Patient: name.family + 'x'                             => 1:13: there may be several items where one is expected
		Patient: name.first().family + 'x'                     =>
		Patient: name.select(family + 'x')                     =>
		Patient: name.select(given + 'x')                      => 1:19: there may be several items where one is expected
		Patient: name.startsWith('x')                          => 1:6: there may be several items where one is expected
		Patient: name[0].startsWith('x')                       => 1:9: HumanName where String is expected
		Patient: birthDate.startsWith('x')                     => 1:11: date where String is expected
		Patient: birthDate.substring('x')                      => 1:11: date where String is expected
		Patient: id.substring('x')                             => 1:14: System.String where Integer is expected
		Patient: birthDate + 7                                 => 1:11: date and System.Integer, which + does not take together
		Patient: birthDate + 7 days                            =>
		Patient: birthDate < 'x'                               => 1:11: date and System.String, which < does not take together
		Patient: birthDate < today()                           =>
		Patient: active and birthDate.exists()                 =>
		Patient: name and active                               => 1:6: there may be several items where one is expected
		Patient: iif(id, 1, 2)                                 => 1:5: id where Boolean is expected
		Patient: iif(active, nme, 2)                           => 1:13: no element nme in Patient
		Patient: iif(false, nme, 2)                            =>
		Patient: deceased is boolean                           =>
		Patient: deceased.ofType(dateTime) < today()           =>
		Patient: deceasedBoolean                               => 1:1: a choice goes by its name without the type, as in Observation.value
		Patient: (deceased as dateTime).hour                   => 1:24: no element hour in dateTime
		Patient: descendants().first()                         => 1:15: the order of children and descendants is not defined
		Patient: descendants().where(id = 'x')[0]              => 1:30: the order of children and descendants is not defined
		Patient: descendants().ofType(string).exists()         =>
		Patient: contained.ofType(Patient).nme                 => 1:27: no element nme in Patient
		Patient: contained.id                                  =>
		Patient: managingOrganization.resolve().anything.first() =>
		Patient: extension('x').value.ofType(Quantity).value > 3 =>
		Patient: -name.count()                                 =>
		Patient: -id                                           => 1:1: id where Integer is expected
		Patient: name[id]                                      => 1:5: id where Integer is expected
		Patient: name.repeat($this.period).start               =>
		Patient: contact.relationship.coding.exists(code = 'C') =>
		Patient: %resource.nme                                 => 1:11: no element nme in Patient
		Patient: %vs.nme                                       =>
		Patient: name.aggregate($total + given.count(), 0)     =>
		Patient: name.sort(-family).first().given              =>
		Patient: name.sort(nme)                                => 1:11: no element nme in HumanName
		Observation: value.unit                                =>
		Observation: value.ofType(Quantity) > 5 'g'            =>
		Observation: valueQuantity                             => 1:1: a choice goes by its name without the type, as in Observation.value
		Patient.contact: name.family                           =>
		string: $this.length() > 3                             =>
		HumanName: Patient.name                                => 1:1: the type Patient where the context is HumanName
	`) {
		line, want, ok := strings.Cut(strings.TrimSpace(line), "=>")
		if !ok {
			continue
		}
		typ, expr, _ := strings.Cut(line, ": ")
		_, err := fhirpath.CompileFor(strings.TrimSpace(expr), r4.TypeByName(typ))
		got := ""
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "fhirpath: ")
		}
		if got != strings.TrimSpace(want) {
			t.Errorf("%s: got %q, want %q", strings.TrimSpace(line), got, strings.TrimSpace(want))
		}
	}
	if _, err := fhirpath.CompileFor("anything.at.all", nil); err != nil {
		t.Error(err)
	}
}

// String writes what compiles to the same again, with the parentheses it needs.
func TestString(t *testing.T) {
	for expr, want := range map[string]string{
		"1+2*3":                      "1 + 2 * 3",
		"(1+2)*3":                    "(1 + 2) * 3",
		"1-(2-3)":                    "1 - (2 - 3)",
		"(1-2)-3":                    "1 - 2 - 3",
		"-(1).abs()":                 "-1.abs()",
		"(-1).abs()":                 "(-1).abs()",
		"(a|b).c[ 0 ]":               "(a | b).c[0]",
		"a.b // why":                 "a.b",
		"text.`div`":                 "text.`div`",
		"text.div":                   "text.`div`",
		"%`us-zip` = %'x y'":         "%`us-zip` = %`x y`",
		"(a as FHIR.Quantity).value": "(a as FHIR.Quantity).value",
		"a is Quantity = true":       "a is Quantity = true",
		"(a = b) is Boolean":         "(a = b) is Boolean",
		"4days+3 'mg'":               "4 days + 3 'mg'",
		"@2024-01-01T10:00+01:00":    "@2024-01-01T10:00+01:00",
		`'it\'s\u0041 \n'`:           `'it\'sA \n'`,
		"a.where ( $this>1 , )":      "",
		"not(a implies b implies c)": "not(a implies b implies c)",
		"a implies (b implies c)":    "a implies (b implies c)",
		"{ } | contains":             "{} | contains",
	} {
		e, err := fhirpath.Compile(expr)
		if err != nil {
			if want != "" && !strings.Contains(err.Error(), "number of arguments") {
				t.Errorf("%s: %v", expr, err)
			}
			continue
		}
		if e.String() != want {
			t.Errorf("%s: got %s, want %s", expr, e, want)
		}
	}
}
