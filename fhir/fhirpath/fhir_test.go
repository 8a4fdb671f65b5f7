package fhirpath_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

func read(t *testing.T, doc string) r4.Resource {
	t.Helper()
	r, err := r4.Unmarshal([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// FHIR R4 fhirpath.html: primitives with extensions, choices, types.
func TestElements(t *testing.T) {
	o := read(t, `{"resourceType":"Observation","status":"final","code":{"text":"x"},
		"_status":{"id":"s1","extension":[{"url":"http://e","valueInteger":1}]},
		"_effectiveDateTime":{"extension":[{"url":"http://absent","valueCode":"unknown"}]},
		"valueQuantity":{"value":1.50,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},
		"component":[{"code":{"text":"a"},"valueString":"hoch"},{"code":{"text":"b"},"valueQuantity":{"value":2,"comparator":"<"}}]}`)
	table(t, o, nil, `
		status.id                                              => s1
		status.extension.value                                 => 1
		status.extension('http://e').value + 1                 => 2
		status.extension('http://e').value is integer          => true
		status.children().count()                              => 2
		status.value is System.String                          => true
		status.hasValue()                                      => true
		status.getValue() is System.String                     => true
		effective.exists()                                     => true
		effective.hasValue()                                   => false
		effective is dateTime                                  => true
		effective < @2024                                      =>
		effective.extension.value                              => unknown
		value.value                                            => 1.50
		value = 1500 'g'                                       => true
		value is Quantity                                      => true
		value is System.Quantity                               => false
		value.ofType(Quantity).unit                            => kg
		valueQuantity.unit                                     => kg
		valueString                                            =>
		component.value.ofType(string)                         => hoch
		component.valueString                                  => hoch
		component[1].value > 1                                 =>
		component[0].value + '!'                               => hoch!
		component.value as string                              => !
		component.code.text | component.code.text              => a,b
		code.is(Element)                                       => true
		is(DomainResource) and is(Resource)                    => true
		component.first().is(BackboneElement)                  => true
		status.is(string)                                      => true
		status.is(nothing)                                     => !
		status.type().name                                     => code
		status.type().baseType                                 => FHIR.string
		type().namespace                                       => FHIR
		nothing                                                =>
		Patient.name                                           =>
		Observation.status                                     => final
		Resource.id.empty()                                    => true
		%context.status                                        => final
		%ucum                                                  => http://unitsofmeasure.org
		%`+"`vs-languages`"+`                              => http://hl7.org/fhir/ValueSet/languages
		%"vs-languages"                                        => http://hl7.org/fhir/ValueSet/languages
		%mine                                                  => !
		status.as(string)                                      =>
		status.as(code)                                        => final
		status.as(String) is System.String                     => true
		descendants().ofType(code).count()                     => 4
		descendants().ofType(Element).count() = descendants().count() => true
		value.as(System.Quantity) is System.Quantity           => true
		value.unit in ('g' | 'kg')                             => true
		component.code.text contains 'b'                       => true
	`)
	// fhirpath.html#quantity: units of time are those of the calendar, too
	table(t, &r4.Range{Low: &r4.Quantity{Value: "1", System: "http://unitsofmeasure.org", Code: "a"},
		High: &r4.Quantity{Value: "12", System: "http://unitsofmeasure.org", Code: "mo"}}, nil, `
		low = 1 year               => true
		low = 12 months            => true
		low = 1 'a'                => true
		low = high                 => true
		low <= high                => true
		low > 300 days             => true
		@2023-01-31 + high         => 2024-01-31
		low + 1 month = 13 months  => true
	`)
	table(t, &r4.Range{Low: &r4.Quantity{Value: "1", Unit: "cup"}, High: &r4.Quantity{Value: "2", Unit: "cup"}}, nil, `
		low < high                 => true
		low < 2 'cup'              =>
		low = 1                    =>
	`)
	// fhirpath.html#changes: equivalence of codes
	table(t, read(t, `{"resourceType":"Basic","code":{"text":"a","coding":[{"system":"s","code":"1"},{"id":"i","system":"s","code":"2","display":"x"}]},
		"extension":[{"url":"u","valueCodeableConcept":{"coding":[{"system":"s","code":"2"}]}},{"url":"v","valueCoding":{"system":"s","code":"2","display":"y"}}]}`), nil, `
		code ~ extension('u').value               => true
		code = extension('u').value               => false
		code.coding[1] ~ extension('v').value     => true
		code.coding[0] ~ extension('v').value     => false
	`)
	table(t, &r4.Period{Start: "yesterday", End: "2024-05-17"}, nil, `
		start <= end         =>
		start + 1 day        =>
		start = end          => false
		start.toString()     => yesterday
		end + 1 day          => 2024-05-18
	`)
	if e, err := fhirpath.Compile("value as Quantity"); err != nil {
		t.Error(err)
	} else if c, err := e.Evaluate(nil, o); err != nil || c[0].Value() != any(o.(*r4.Observation).Value) {
		t.Error(c, err)
	}
}

// resolve finds contained resources, entries of the Bundle, and others by Env.
func TestResolve(t *testing.T) {
	b := read(t, `{"resourceType":"Bundle","type":"collection","entry":[
		{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"p","managingOrganization":{"reference":"#o"},
			"contained":[{"resourceType":"Organization","id":"o","name":"Nord"}]}},
		{"fullUrl":"http://a/Observation/o1","resource":{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"x"},
			"subject":{"reference":"urn:uuid:1"},"performer":[{"reference":"Practitioner/9"},{"display":"nobody"}]}},
		{"fullUrl":"http://a/List/l","resource":{"resourceType":"List","status":"current","mode":"working",
			"entry":[{"item":{"reference":"Observation/o1"}}]}}]}`).(*r4.Bundle)
	env := &fhirpath.Env{Resolve: func(reference string) (r4.Resource, bool) {
		return &r4.Practitioner{ID: "9"}, reference == "Practitioner/9"
	}}
	table(t, b, env, `
		entry.resource.ofType(Observation).subject.resolve().id             => p
		entry.resource.ofType(List).entry.item.resolve().status             => final
		entry.resource.ofType(Observation).performer.resolve().id           => 9
		entry.resource.ofType(Observation).performer.where(resolve() is Practitioner).count() => 1
		'urn:uuid:1'.resolve() is Patient                                   => true
		'#o'.resolve()                                                      =>
	`)
	table(t, b.Entry[0].Resource, nil, `
		managingOrganization.resolve().name       => Nord
		'#'.resolve().id                          => p
	`)
	inner := b.Entry[0].Resource.(*r4.Patient).Contained[0]
	table(t, inner, &fhirpath.Env{Resource: inner, RootResource: b.Entry[0].Resource}, `
		%resource.id        => o
		%rootResource.id    => p
	`)
}

// What needs others is asked of Env, and is an error without.
func TestServices(t *testing.T) {
	env := &fhirpath.Env{
		Vars:     map[string]fhirpath.Collection{"limit": {fhirpath.Integer(3)}},
		MemberOf: func(i fhirpath.Item, set string) (bool, error) { return i.Text() == "official" && set == "uses", nil },
		Subsumes: func(a, b fhirpath.Item) (bool, error) { return a.Text() < b.Text(), nil },
		ConformsTo: func(_ fhirpath.Item, profile string) (bool, error) {
			return profile == "known", errors.New("unknown profile")
		},
		InSlice: func(v fhirpath.Item, profile, slice string) (bool, error) { return v.Text() == slice, nil },
		ElementDefinition: func(v fhirpath.Item) (*r4.ElementDefinition, bool) {
			return &r4.ElementDefinition{Path: v.TypeName()}, true
		},
	}
	const lines = `
		name.use.select(memberOf('uses'))              => true,false
		name.use.memberOf('uses')                      => !
		name[0].use.subsumes('z')                      => true
		name[0].use.subsumedBy('z')                    => false
		conformsTo('other')                            => !
		name.given.slice('p', 'Jim')                   => Jim
		birthDate.elementDefinition().path             => FHIR.date
		%limit + 1                                     => 4
	`
	table(t, patient(), env, lines)
	for _, expr := range []string{"name[0].use.memberOf('uses')", "id.subsumes(id)", "conformsTo('x')", "name.slice('p', 's')", "elementDefinition()"} {
		if c, err := fhirpath.MustCompile(expr).Evaluate(nil, patient()); err == nil {
			t.Error(expr, c)
		}
	}
	table(t, read(t, `{"resourceType":"Basic","code":{"text":"x"},"modifierExtension":[{"url":"http://m","valueCode":"x"}]}`), nil, `
		checkModifiers('http://m').exists()       => true
		checkModifiers('http://n').exists()       => !
		code.checkModifiers().text                => x
	`)
}

func TestTrace(t *testing.T) {
	var seen string
	env := &fhirpath.Env{Trace: func(name string, c fhirpath.Collection) { seen += fmt.Sprintf("%s %d;", name, len(c)) }}
	table(t, patient(), env, "name.trace('n').given.trace('g', length()).count() => 3")
	if seen != "n 2;g 3;" {
		t.Error(seen)
	}
}

// narrative.html#Narrative, txt-1 and txt-2.
func TestHTML(t *testing.T) {
	for inside, want := range map[string]string{
		"<p>text</p>":                 "true",
		"text":                        "true",
		"<p>&nbsp;a &lt; b</p>":       "true",
		"<p> \n </p>":                 "false",
		"<img src=\"#a\" alt=\"x\"/>": "true",
		"<table><tr><td colspan=\"2\">x</td></tr></table>":           "true",
		"<a href=\"http://x\">x</a><!-- note -->":                    "true",
		"<p style=\"color:red\" xml:lang=\"de\">x</p>":               "true",
		"<p onclick=\"x()\">x</p>":                                   "false",
		"<script>x</script>":                                         "false",
		"<form><p>x</p></form>":                                      "false",
		"<p>x":                                                       "false",
		"<p xmlns=\"http://other\">x</p>":                            "false",
		"<iframe src=\"x\">x</iframe>":                               "false",
		"<font>x</font>":                                             "false",
		"<p>x</p></div><div xmlns=\"http://www.w3.org/1999/xhtml\">": "false",
		"<?php x ?>x":                                                "false",
	} {
		p := &r4.Patient{Text: &r4.Narrative{Status: "generated", Div: `<div xmlns="http://www.w3.org/1999/xhtml">` + inside + "</div>"}}
		if got := eval(t, "text.`div`.htmlChecks()", p); got != want {
			t.Errorf("%s: got %s, want %s", inside, got, want)
		}
	}
	for _, whole := range []string{"<div>x</div>", `<p xmlns="http://www.w3.org/1999/xhtml">x</p>`, "x"} {
		if got := eval(t, "text.div.htmlChecks()", &r4.Patient{Text: &r4.Narrative{Div: whole}}); got != "false" {
			t.Error(whole, got)
		}
	}
}
