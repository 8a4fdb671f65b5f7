package validate_test

import (
	"slices"
	"strings"
	"testing"
)

const div = `"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},`

// baseRules are documents and what is wrong with each beyond what StructureDefinitions
// say: "path | part of the text", or nothing.
var baseRules = []struct{ name, want, doc string }{
	// references.html
	{"a reference to what is contained", "", `{"resourceType":"List",` + div + `"status":"current","mode":"working","contained":[{"resourceType":"Patient","id":"p"}],"subject":{"reference":"#p"}}`},
	{"to what is not contained", "List.subject | leads to no contained resource", `{"resourceType":"List","status":"current","mode":"working","subject":{"reference":"#p"}}`},
	{"to the resource that contains", "", `{"resourceType":"Patient",` + div + `"contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"#"}}]}`},
	{"nobody refers to what is contained", "Patient.contained[0] | dom-3", `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x"}]}`},
	{"contained in contained", "Patient | dom-2", `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","name":"x","contained":[{"resourceType":"Organization","id":"q","name":"x"}]}],"managingOrganization":{"reference":"#o"}}`},
	{"a type that may not be referred to", "Patient.managingOrganization | leads to Patient", `{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}`},
	{"also by Reference.type", "Patient.managingOrganization | leads to Patient", `{"resourceType":"Patient","managingOrganization":{"type":"Patient","identifier":{"value":"1"}}}`},
	{"Reference.type and the reference", "Patient.generalPractitioner[0] | Reference.type is another", `{"resourceType":"Patient","generalPractitioner":[{"reference":"Organization/1","type":"Practitioner"}]}`},
	{"a relative reference", "Patient.managingOrganization | begins with the type", `{"resourceType":"Patient","managingOrganization":{"reference":"organization/1"}}`},
	{"a canonical that is relative", "Questionnaire.derivedFrom[0] | absolute", `{"resourceType":"Questionnaire","status":"draft","derivedFrom":["Questionnaire/1"]}`},

	// bundle.html, documents.html, search.html
	{"a Bundle by fullUrl", "", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://a/b/Patient/1","resource":{"resourceType":"Patient",` + div + `"id":"1","managingOrganization":{"reference":"Organization/2"}}},{"fullUrl":"http://a/b/Organization/2","resource":{"resourceType":"Organization",` + div + `"id":"2","name":"x"}}]}`},
	{"the target in the Bundle has the wrong type", "Bundle.entry[0].resource.managingOrganization | leads to Practitioner", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000001","resource":{"resourceType":"Patient","managingOrganization":{"reference":"urn:uuid:00000000-0000-4000-8000-000000000002"}}},{"fullUrl":"urn:uuid:00000000-0000-4000-8000-000000000002","resource":{"resourceType":"Practitioner"}}]}`},
	{"fullUrl and id", "Bundle.entry[0] | does not end in the type and id", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://a/b/Patient/1","resource":{"resourceType":"Patient","id":"2"}}]}`},
	{"a relative fullUrl", "Bundle.entry[0] | has to be absolute", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"Patient/1","resource":{"resourceType":"Patient","id":"1"}}]}`},
	{"a fullUrl twice", "Bundle | bdl-7", `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"http://a/x","resource":{"resourceType":"Patient"}},{"fullUrl":"http://a/x","resource":{"resourceType":"Patient"}}]}`},
	{"a document without Composition", "Bundle | first entry", `{"resourceType":"Bundle","type":"document","identifier":{"system":"http://a","value":"1"},"timestamp":"2024-01-01T00:00:00Z","entry":[{"fullUrl":"http://a/x","resource":{"resourceType":"Patient"}}]}`},
	{"a document lacks what it needs", "Bundle.entry[0].resource.subject | leads to no entry", `{"resourceType":"Bundle","type":"document","identifier":{"system":"http://a","value":"1"},"timestamp":"2024-01-01T00:00:00Z","entry":[{"fullUrl":"http://a/Composition/1","resource":{"resourceType":"Composition","id":"1","status":"final","type":{"text":"x"},"date":"2024","author":[{"display":"x"}],"title":"x","subject":{"reference":"Patient/1"}}}]}`},
	{"also in sections of sections", "Bundle.entry[0].resource.section[0].section[0].entry[0] | leads to no entry", `{"resourceType":"Bundle","type":"document","identifier":{"system":"http://a","value":"1"},"timestamp":"2024-01-01T00:00:00Z","entry":[{"fullUrl":"http://a/Composition/1","resource":{"resourceType":"Composition","id":"1","status":"final","type":{"text":"x"},"date":"2024","author":[{"display":"x"}],"title":"x","section":[{"section":[{"entry":[{"reference":"Observation/1"}]}]}]}}]}`},
	{"a link twice", "Bundle.link[1] | more than once", `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"http://a/Patient"},{"relation":"self","url":"http://a/Patient"}]}`},
	{"a match of another type", "Bundle.entry[0] | of another type", `{"resourceType":"Bundle","type":"searchset","link":[{"relation":"self","url":"http://a/Patient?x=y"}],"entry":[{"fullUrl":"http://a/Group/1","search":{"mode":"match"},"resource":{"resourceType":"Group","id":"1","type":"person","actual":true}}]}`},

	// extensibility.html
	{"an extension where it may stand", "", `{"resourceType":"Patient",` + div + `"birthDate":"2020-01-01","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2020-01-01T00:00:00Z"}]}}`},
	{"where it may not", "Patient.extension[0] | may not stand here", `{"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"2020-01-01T00:00:00Z"}]}`},
	{"a value of another type", "Patient.birthDate.extension[0].value | not allowed", `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDate":"2020-01-01"}]}}`},
	{"a modifier extension not known", "Patient.modifierExtension[0] | is not known", `{"resourceType":"Patient","modifierExtension":[{"url":"http://example.org/x","valueBoolean":true}]}`},
	{"a relative url", "Patient.extension[0] | absolute", `{"resourceType":"Patient","extension":[{"url":"x","valueBoolean":true}]}`},
	{"value and extensions", "Patient.extension[0] | ext-1", `{"resourceType":"Patient","extension":[{"url":"http://example.org/x","valueBoolean":true,"extension":[{"url":"y","valueBoolean":true}]}]}`},
	{"a part that is not defined", "Patient.extension[0].extension[1] | no part", `{"resourceType":"Patient","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-nationality","extension":[{"url":"code","valueCodeableConcept":{"text":"x"}},{"url":"country","valueString":"x"}]}]}`},

	// datatypes.html, narrative.html
	{"an id twice", "Patient.name[1] | same id", `{"resourceType":"Patient","name":[{"id":"a","family":"x"},{"id":"a","family":"y"}]}`},
	{"the size of an attachment", "Patient.photo[0] | the size is 4", `{"resourceType":"Patient","photo":[{"contentType":"image/png","data":"AAEC","size":4}]}`},
	{"a unit", "Observation.value.code | UCUM", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"mgg"}}`},
	{"a code of a known system", "Observation.category[0].coding[0].code | no code of the system", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"x"}]}]}`},
	{"a value set as system", "Observation.code.coding[0].system | not a value set", `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://hl7.org/fhir/ValueSet/observation-codes","code":"x"}]}}`},
	{"a required code", "Patient.maritalStatus.extension[0] |", `{"resourceType":"Patient","maritalStatus":{"text":"x","extension":[{"url":"x","valueCode":"y"}]}}`},
	{"a period that ends before it begins", "Patient.name[0].period | per-1", `{"resourceType":"Patient","name":[{"family":"x","period":{"start":"2021","end":"2020"}}]}`},
	{"a script in a narrative", "Patient.text.div | script", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"}}`},
	{"a handler in a narrative", "Patient.text.div | onclick", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p onclick=\"x\">y</p></div>"}}`},
	{"a link that runs", "Patient.text.div | runs a script", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\" JavaScript:x\">y</a></div>"}}`},
	{"an entity of HTML", "Patient.text.div | entity", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">&nbsp;</div>"}}`},
	{"an element that is not closed", "Patient.text.div |", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</div>"}}`},
	{"nothing in a narrative", "Patient.text.div | txt-2", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"/>"}}`},

	// reading
	{"an element that is not known", "Patient.nme | unknown", `{"resourceType":"Patient","nme":[{}]}`},
	{"XML out of order", "Patient.active |", `<Patient xmlns="http://hl7.org/fhir"><gender value="male"/><active value="true"/></Patient>`},
	{"several at once", "Patient.birthDate | not a date", `{"resourceType":"Patient","gender":1,"birthDate":"yesterday"}`},

	// artifacts
	{"the count of a code system", "CodeSystem.count | another number", `{"resourceType":"CodeSystem","status":"draft","content":"complete","count":2,"concept":[{"code":"a"}]}`},
	{"an expression of ECL", "ValueSet.compose.include[0].filter[0] | no expression of ECL", eclFilter("404684003 << 64572001")},
	{"a concept of ECL", "ValueSet.compose.include[0].filter[0] | no expression of ECL", eclFilter("< disease")},
	{"brackets of ECL", "ValueSet.compose.include[0].filter[0] | no expression of ECL", eclFilter("< (404684003 OR 64572001")},
	{"all of ECL", "", eclFilter("(<< 404684003 |Clinical finding| MINUS <! 64572001) : { 363698007 |Finding site| = << 39057004 }, 116676008 = *")},
	{"more of ECL", "", eclFilter(`^ 700043003 AND >> 40541001 . 127489000 {{ term = \"a) b\" }}`)},
	{"a FHIRPath expression", "PlanDefinition.action[0].condition[0].expression.expression | no FHIRPath", `{"resourceType":"PlanDefinition","status":"draft","action":[{"condition":[{"kind":"start","expression":{"language":"text/fhirpath","expression":"a ="}}]}]}`},
}

// eclFilter is a value set with a filter in ECL.
func eclFilter(value string) string {
	return `{"resourceType":"ValueSet",` + div + `"status":"draft","name":"X","compose":{"include":[{"system":"http://snomed.info/sct","filter":[{"property":"constraint","op":"=","value":"` + value + `"}]}]}}`
}

func TestBaseRules(t *testing.T) {
	for _, r := range baseRules {
		found := errorsOf(baseValidator().Validate(t.Context(), []byte(r.doc)))
		path, text, _ := strings.Cut(r.want, " |")
		switch {
		case r.want == "" && len(found) > 0:
			t.Errorf("%s: not valid: %s", r.name, strings.Join(found, "\n\t"))
		case r.want != "" && !slices.ContainsFunc(found, func(s string) bool {
			return strings.HasPrefix(s, path+": ") && strings.Contains(s, strings.TrimSpace(text))
		}):
			t.Errorf("%s: want %q at %s, got %s", r.name, text, path, strings.Join(found, "\n\t"))
		}
	}
}
