package r4_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// in puts content into a patient.
func inPatient(content string) string {
	return `<Patient xmlns="http://hl7.org/fhir">` + content + `</Patient>`
}

// What UnmarshalXML refuses (FHIR R4 xml.html, XML 1.0), where it says the
// trouble is, and that it does not say what stood there.
var refusedXML = []struct {
	name, doc, at string
	kind          r4.ProblemKind
	problem       string
}{
	// not XML
	{"nothing", ``, "", r4.ProblemSyntax, "ends too early"},
	{"white space", " \n", "", r4.ProblemSyntax, "ends too early"},
	{"JSON", `{"resourceType":"Patient"}`, "", r4.ProblemSyntax, "text before"},
	{"cut off", `<Patient xmlns="http://hl7.org/fhir"><id value="a"/>`, "Patient", r4.ProblemSyntax, "ends too early"},
	{"cut off in a tag", `<Patient xmlns="http://hl7.org/fhir"`, "", r4.ProblemSyntax, "ends too early"},
	{"cut off in a value", `<Patient xmlns="http://hl7.org/fhir`, "", r4.ProblemSyntax, "does not end"},
	{"cut off in a comment", `<!-- SECRET`, "", r4.ProblemSyntax, "comment does not end"},
	{"cut off in an instruction", `<?a SECRET`, "", r4.ProblemSyntax, "instruction does not end"},
	{"two roots", inPatient("") + inPatient(""), "Patient", r4.ProblemSyntax, "more after"},
	{"text after", inPatient("") + "SECRET", "Patient", r4.ProblemSyntax, "more after"},
	{"text before", "SECRET" + inPatient(""), "", r4.ProblemSyntax, "text before"},
	{"wrong end tag", inPatient(`<name><family value="SECRET"/></nam>`), "Patient.name[0]", r4.ProblemSyntax, "end tag"},
	{"no end tag", inPatient(`<id value="a">`), "Patient.id", r4.ProblemSyntax, "end tag"},
	{"no end tag of an id", inPatient(`<id value="a"><language value="b"/>`), "Patient.id", r4.ProblemSyntax, "end tag is missing"},
	{"no end tag of a primitive", inPatient(`<birthDate value="2020"><photo><title value="b"/></photo>`), "Patient.birthDate", r4.ProblemSyntax, "end tag is missing"},
	{"no name", inPatient(`< id="a"/>`), "Patient", r4.ProblemSyntax, "not the name"},
	{"two colons", inPatient(`<a:b:c/>`), "Patient", r4.ProblemSyntax, "not the name"},
	{"no quotes", inPatient(`<id value=a/>`), "Patient", r4.ProblemSyntax, "quotes"},
	{"no value", inPatient(`<id value/>`), "Patient", r4.ProblemSyntax, "without a value"},
	{"no blank", inPatient(`<birthDate value="2020"id="a"/>`), "Patient", r4.ProblemSyntax, "white space"},
	{"< in a value", inPatient(`<language value="a<b"/>`), "Patient", r4.ProblemSyntax, "< in"},
	{"bare &", inPatient(`<language value="a&b"/>`), "Patient", r4.ProblemSyntax, "& that"},
	{"bad number", inPatient(`<language value="&#xZ;"/>`), "Patient", r4.ProblemSyntax, "reference"},
	{"X in a number", inPatient(`<language value="&#X41;"/>`), "Patient", r4.ProblemSyntax, "reference"},
	{"attribute twice", inPatient(`<language value="a" value="b"/>`), "Patient.value", r4.ProblemTwice, "twice"},
	{"namespace twice", `<Patient xmlns="http://hl7.org/fhir" xmlns="http://hl7.org/fhir"/>`, "", r4.ProblemTwice, "twice"},
	{"-- in a comment", inPatient(`<!-- a -- b -->`), "Patient", r4.ProblemSyntax, "-- in"},
	{"comment with three at the end", inPatient(`<!-- a --->`), "Patient", r4.ProblemSyntax, "-- in"},
	{"late declaration", ` <?xml version="1.0"?>` + inPatient(""), "", r4.ProblemSyntax, "not at the start"},
	{"declaration without version", `<?xml encoding="UTF-8"?>` + inPatient(""), "", r4.ProblemSyntax, "declaration"},
	{"XML 2", `<?xml version="2.0"?>` + inPatient(""), "", r4.ProblemSyntax, "version"},
	{"instruction without a target", inPatient(`<? a?>`), "Patient", r4.ProblemSyntax, "instruction"},
	// characters
	{"UTF-16", "\xff\xfe<\x00", "", r4.ProblemEncoding, "UTF-16"},
	{"Latin-1", inPatient("<language value=\"\xe9\"/>"), "", r4.ProblemEncoding, "not UTF-8"},
	{"declared Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + inPatient(""), "", r4.ProblemEncoding, "another encoding"},
	{"declared UTF-16", `<?xml version="1.0" encoding="UTF-16"?>` + inPatient(""), "", r4.ProblemEncoding, "another encoding"},
	{"control character", inPatient("<language value=\"a\x0b\"/>"), "", r4.ProblemEncoding, "character that"},
	{"U+FFFE", inPatient("<language value=\"a\ufffe\"/>"), "", r4.ProblemEncoding, "character that"},
	{"control character by number", inPatient(`<language value="&#x1D;"/>`), "Patient", r4.ProblemEncoding, "character that"},
	{"half a pair by number", inPatient(`<language value="&#xD800;"/>`), "Patient", r4.ProblemEncoding, "character that"},
	{"a number beyond Unicode", inPatient(`<language value="&#999999999999;"/>`), "Patient", r4.ProblemEncoding, "character that"},
	// entities
	{"document type", `<!DOCTYPE Patient>` + inPatient(""), "", r4.ProblemEntity, "document type"},
	{"entity bomb", `<!DOCTYPE a [<!ENTITY a "SECRET"><!ENTITY b "&a;&a;">]>` + inPatient(`<language value="&b;"/>`), "", r4.ProblemEntity, "document type"},
	{"external entity", `<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + inPatient(`<language value="&a;"/>`), "", r4.ProblemEntity, "document type"},
	{"entity of HTML", inPatient(`<language value="&nbsp;"/>`), "Patient", r4.ProblemEntity, "entity"},
	// namespaces
	{"no namespace", `<Patient/>`, "Patient", r4.ProblemNamespace, "namespace of FHIR"},
	{"another namespace", `<Patient xmlns="http://hl7.org/fhir1"/>`, "Patient", r4.ProblemNamespace, "namespace of FHIR"},
	{"another namespace inside", inPatient(`<id xmlns="urn:x" value="a"/>`), "Patient.id", r4.ProblemNamespace, "namespace of FHIR"},
	{"namespace taken away", inPatient(`<id xmlns="" value="a"/>`), "Patient.id", r4.ProblemNamespace, "namespace of FHIR"},
	{"prefix without namespace", `<f:Patient/>`, "Patient", r4.ProblemNamespace, "namespace"},
	{"attribute without namespace", inPatient(`<id f:value="a"/>`), "Patient", r4.ProblemNamespace, "without a namespace"},
	{"prefix out of scope", `<f:Bundle xmlns:f="http://hl7.org/fhir"><f:id xmlns:g="http://hl7.org/fhir" value="a"/><g:type value="b"/></f:Bundle>`, "Bundle", r4.ProblemNamespace, "without a namespace"},
	{"narrative in FHIR", inPatient(`<text><status value="empty"/><div>SECRET</div></text>`), "Patient.text.div", r4.ProblemNamespace, "XHTML"},
	{"narrative in another", inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtmlx">a</div></text>`), "Patient.text.div", r4.ProblemNamespace, "XHTML"},
	{"element of another in a narrative", inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><p xmlns="urn:x"/></div></text>`), "Patient.text.div", r4.ProblemNamespace, "XHTML"},
	{"attribute of another in a narrative", `<Patient xmlns="http://hl7.org/fhir" xmlns:x="urn:x"><text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml" x:a="b"/></text></Patient>`, "Patient.text.div", r4.ProblemNamespace, "attribute of another"},
	// narratives
	{"entity in a narrative", inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">&nbsp;</div></text>`), "Patient.text.div", r4.ProblemEntity, "entity"},
	{"document type in a narrative", inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><!DOCTYPE a></div></text>`), "Patient.text.div", r4.ProblemEntity, "document type"},
	{"end tag in a narrative", inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><p></div></text>`), "Patient.text.div", r4.ProblemSyntax, "end tag"},
	{"]]> in a narrative", inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">]]></div></text>`), "Patient.text.div", r4.ProblemSyntax, "]]>"},
	{"CDATA that does not end", inPatient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml"><![CDATA[</div></text>`), "Patient.text.div", r4.ProblemSyntax, "does not end"},
	// FHIR
	{"unknown type", `<SECRET xmlns="http://hl7.org/fhir"/>`, "", r4.ProblemResourceType, "unknown resource type"},
	{"datatype", `<HumanName xmlns="http://hl7.org/fhir"/>`, "", r4.ProblemResourceType, "unknown resource type"},
	{"unknown element", inPatient(`<name><familie value="SECRET"/></name>`), "Patient.name[0].familie", r4.ProblemUnknown, "unknown element"},
	{"wrong case", inPatient(`<birthdate value="SECRET"/>`), "Patient.birthdate", r4.ProblemUnknown, "unknown element"},
	{"bare choice", `<Observation xmlns="http://hl7.org/fhir"><value value="SECRET"/></Observation>`, "Observation.value", r4.ProblemUnknown, "unknown element"},
	{"resourceType", inPatient(`<resourceType value="Patient"/>`), "Patient.resourceType", r4.ProblemUnknown, "unknown element"},
	{"underscore", inPatient(`<_birthDate id="a"/>`), "Patient._birthDate", r4.ProblemUnknown, "unknown element"},
	{"id as element", inPatient(`<name><id value="a"/></name>`), "Patient.name[0].id", r4.ProblemUnknown, "unknown element"},
	{"url as element", inPatient(`<extension><url value="a"/></extension>`), "Patient.extension[0].url", r4.ProblemUnknown, "unknown element"},
	{"id of a resource", `<Patient xmlns="http://hl7.org/fhir" id="SECRET"/>`, "Patient.id", r4.ProblemUnknown, "unknown attribute"},
	{"id of an id", inPatient(`<id id="SECRET" value="a"/>`), "Patient.id.id", r4.ProblemUnknown, "unknown attribute"},
	{"extension of an id", inPatient(`<id value="a"><extension url="SECRET"/></id>`), "Patient.id.extension", r4.ProblemUnknown, "unknown element"},
	{"unknown attribute", inPatient(`<birthDate value="2020" Value="SECRET"/>`), "Patient.birthDate.Value", r4.ProblemUnknown, "unknown attribute"},
	{"value of a complex element", inPatient(`<name value="SECRET"/>`), "Patient.name[0].value", r4.ProblemUnknown, "unknown attribute"},
	{"xml:lang", `<Patient xmlns="http://hl7.org/fhir" xml:lang="SECRET"/>`, "Patient.lang", r4.ProblemUnknown, "unknown attribute"},
	{"attribute of contained", inPatient(`<contained id="SECRET"><Basic/></contained>`), "Patient.contained[0].id", r4.ProblemUnknown, "unknown attribute"},
	{"wrong order", inPatient(`<birthDate value="2020"/><gender value="male"/>`), "Patient.gender", r4.ProblemOrder, "before"},
	{"list in two pieces", inPatient(`<name><text value="a"/></name><gender value="male"/><name><text value="b"/></name>`), "Patient.name", r4.ProblemOrder, "before"},
	{"extension too late", inPatient(`<birthDate value="2020"/><extension url="u"/>`), "Patient.extension", r4.ProblemOrder, "before"},
	{"twice", inPatient(`<gender value="male"/><gender value="male"/>`), "Patient.gender", r4.ProblemTwice, "twice"},
	{"two of a choice", inPatient(`<deceasedBoolean value="true"/><deceasedDateTime value="2020"/>`), "Patient.deceased", r4.ProblemTwice, "more than one"},
	{"empty element", inPatient(`<maritalStatus/>`), "Patient.maritalStatus", r4.ProblemEmpty, "empty element"},
	{"empty element in two tags", inPatient(`<name> <!-- SECRET --> </name>`), "Patient.name[0]", r4.ProblemEmpty, "empty element"},
	{"empty primitive", inPatient(`<birthDate/>`), "Patient.birthDate", r4.ProblemEmpty, "empty element"},
	{"empty primitive in a list", inPatient(`<name><given value="SECRET"/><given/></name>`), "Patient.name[0].given[1]", r4.ProblemEmpty, "empty element"},
	{"empty value", inPatient(`<birthDate value=""/>`), "Patient.birthDate", r4.ProblemEmpty, "empty string"},
	{"blank value", inPatient(`<name><family value=" &#9;"/></name>`), "Patient.name[0].family", r4.ProblemEmpty, "white space"},
	{"empty id", inPatient(`<name id=""/>`), "Patient.name[0].id", r4.ProblemEmpty, "empty string"},
	{"empty contained", inPatient(`<contained/>`), "Patient.contained[0]", r4.ProblemEmpty, "empty element"},
	{"two in one contained", inPatient(`<contained><Basic/><Basic/></contained>`), "Patient.contained[0]", r4.ProblemTwice, "more than one"},
	{"no resource contained", inPatient(`<contained><id value="a"/></contained>`), "Patient.contained[0]", r4.ProblemResourceType, "unknown resource type"},
	{"text", inPatient(`SECRET`), "Patient", r4.ProblemShape, "text"},
	{"text in a primitive", inPatient(`<birthDate value="2020">SECRET</birthDate>`), "Patient.birthDate", r4.ProblemShape, "text"},
	{"CDATA", inPatient(`<![CDATA[SECRET]]>`), "Patient", r4.ProblemShape, "text"},
	{"reference as text", inPatient(`&#32;`), "Patient", r4.ProblemShape, "text"},
	// formats
	{"date", inPatient(`<birthDate value="1980-02-30"/>`), "Patient.birthDate", r4.ProblemFormat, "not a date"},
	{"date with a blank", inPatient(`<birthDate value=" 1980"/>`), "Patient.birthDate", r4.ProblemFormat, "not a date"},
	{"boolean", inPatient(`<active value="True"/>`), "Patient.active", r4.ProblemFormat, "not a boolean"},
	{"integer", inPatient(`<multipleBirthInteger value="2147483648"/>`), "Patient.multipleBirth", r4.ProblemFormat, "not an integer"},
	{"decimal", `<Observation xmlns="http://hl7.org/fhir"><valueQuantity><value value="1."/></valueQuantity></Observation>`, "Observation.value.value", r4.ProblemFormat, "not a decimal"},
	{"id", inPatient(`<id value="a_b"/>`), "Patient.id", r4.ProblemFormat, "an id has"},
	{"url of an extension", inPatient(`<extension url="a b"/>`), "Patient.extension[0].url", r4.ProblemFormat, "URI"},
}

func TestXMLRefused(t *testing.T) {
	for _, c := range refusedXML {
		t.Run(c.name, func(t *testing.T) {
			r, err := r4.UnmarshalXML([]byte(c.doc))
			var e *r4.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v and error %v, want an *r4.Error", r, err)
			}
			if r != nil {
				t.Error("a resource comes with the error")
			}
			if e.At != c.at || e.Kind != c.kind || !strings.Contains(e.Problem, c.problem) {
				t.Errorf("got %s: %s (%s), want %s: %s (%s)", e.At, e.Problem, e.Kind, c.at, c.problem, c.kind)
			}
			found := false
			for _, all := range e.All() {
				if strings.Contains(all.Error(), "SECRET") {
					t.Errorf("error %q shows the value", all)
				}
				found = found || all.At == c.at && all.Kind == c.kind
			}
			if !found {
				t.Errorf("lenient reading finds %v", e.All())
			}
		})
	}
}

// What may look wrong but is right.
var acceptedXML = map[string]string{
	"nothing but the type":  `<Patient xmlns="http://hl7.org/fhir"/>`,
	"byte order mark":       "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\" standalone='no' ?>\r\n" + inPatient(`<id value="a"/>`),
	"prefix":                `<f:Patient xmlns:f="http://hl7.org/fhir"><f:id value="a"/><f:contained><Basic xmlns="http://hl7.org/fhir"/></f:contained></f:Patient>`,
	"single quotes":         `<Patient xmlns='http://hl7.org/fhir'><birthDate value='2020' id = 'a"' /></Patient >`,
	"comments everywhere":   `<!-- a --><?b c?>` + inPatient(`<!----><name><!-- x --><family value="b"><!-- y --></family><?z?></name>`) + "<!-- d -->\n<?e?>",
	"schema location":       `<Patient xmlns="http://hl7.org/fhir" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://hl7.org/fhir ../x.xsd"><id value="a"/></Patient>`,
	"references":            inPatient(`<name><family value="&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#x1F600;&#10;&#13;&#9;"/></name>`),
	"white space in values": inPatient("<name><family value=\"a\nb\r\nc\td\"/></name>"),
	"extensions only":       inPatient(`<birthDate><extension url="u"><valueCode value="unknown"/></extension></birthDate>`),
	"ids only":              inPatient(`<name id="a"><given id="b"/><given value="c"/></name>`),
	"extensions in a list":  inPatient(`<name><given value="a"/><given value="b"><extension url="u"/></given><given id="c"><extension url="v"/></given></name>`),
	"choice":                `<Observation xmlns="http://hl7.org/fhir"><valueString id="a" value="b"/></Observation>`,
	"narrative":             inPatient(`<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml" xml:lang="en">a <b class='x'>b</b><br/> &amp; &#160;<![CDATA[<&]]><!-- c --></div></text>`),
	"prefixed narrative":    `<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><text><status value="generated"/><h:div a="&lt;&quot;"><h:p>b</h:p><br xmlns="http://www.w3.org/1999/xhtml"/></h:div></text></Patient>`,
	"narrative with ends":   inPatient("<text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">a\r\nb&#13;<p\r\n title=\"x&#xD;\"/></div></text>"),
	"as deep as allowed":    `<Basic xmlns="http://hl7.org/fhir">` + strings.Repeat(`<extension url="u">`, 126) + `<extension url="u"/>` + strings.Repeat(`</extension>`, 126) + `</Basic>`,
	"contained in a bundle": `<Bundle xmlns="http://hl7.org/fhir"><entry><resource><Patient><contained><Basic/></contained><contained><Group><id value="b"/></Group></contained></Patient></resource></entry></Bundle>`,
}

func TestXMLAccepted(t *testing.T) {
	for name, doc := range acceptedXML {
		t.Run(name, func(t *testing.T) {
			if problem := roundTripXML([]byte(doc)); problem != "" {
				t.Error(problem)
			}
		})
	}
}

// A resource, and an error, do not change with the memory that they were read from.
func TestXMLKeepsNothing(t *testing.T) {
	for name, doc := range acceptedXML {
		b := []byte(doc)
		r, err := r4.UnmarshalXML(b)
		if err != nil {
			t.Fatal(name, err)
		}
		before, err := r4.MarshalXML(r)
		if err != nil {
			t.Fatal(name, err)
		}
		for i := range b {
			b[i] = '#'
		}
		if after, err := r4.MarshalXML(r); err != nil || string(after) != string(before) {
			t.Errorf("%s: %s becomes %s (%v)", name, before, after, err)
		}
	}
	b := []byte(inPatient(`<gendre value="a"/>`))
	_, err := r4.UnmarshalXML(b)
	clear(b)
	var e *r4.Error
	if !errors.As(err, &e) || e.At != "Patient.gendre" || len(e.All()) != 1 || e.All()[0].At != "Patient.gendre" {
		t.Error(err, e.All())
	}
}

// What XML says and JSON must say after it.
func TestXMLToJSON(t *testing.T) {
	for name, want := range map[string]string{
		"references":            `{"resourceType":"Patient","name":[{"family":"<>&\"'AB😀\n\r\t"}]}`,
		"white space in values": `{"resourceType":"Patient","name":[{"family":"a b c d"}]}`,
		"extensions in a list":  `{"resourceType":"Patient","name":[{"given":["a","b",null],"_given":[null,{"extension":[{"url":"u"}]},{"id":"c","extension":[{"url":"v"}]}]}]}`,
		"choice":                `{"resourceType":"Observation","valueString":"b","_valueString":{"id":"a"}}`,
		"contained in a bundle": `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient","contained":[{"resourceType":"Basic"},{"resourceType":"Group","id":"b"}]}}]}`,
		"narrative": `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\">` +
			`a <b class='x'>b</b><br/> &amp; &#160;<![CDATA[<&]]><!-- c --></div>"}}`,
		"prefixed narrative": `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\" a=\"&lt;&quot;\"><p>b</p><br/></div>"}}`,
		"narrative with ends": `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">` +
			`a\nb\r<p\n title=\"x\r\"/></div>"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := r4.UnmarshalXML([]byte(acceptedXML[name]))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := r4.Marshal(r); err != nil || string(got) != want {
				t.Errorf("got %s (%v), want %s", got, err, want)
			}
		})
	}
}

// What MarshalXML refuses.
func TestMarshalXMLRefuses(t *testing.T) {
	loop := &r4.Patient{}
	loop.Contained = []r4.Resource{loop}
	var none *r4.Patient
	narrative := func(div string) r4.Resource { return &r4.Patient{Text: &r4.Narrative{Div: div}} }
	for _, c := range []struct {
		name    string
		r       r4.Resource
		at      string
		problem string
	}{
		{"nil", nil, "", "not a pointer"},
		{"nil pointer", none, "", "not a pointer"},
		{"nil resource inside", &r4.Patient{Contained: []r4.Resource{none}}, "Patient.contained[0]", "not a resource"},
		{"decimal", &r4.Observation{Value: &r4.Quantity{Value: `1"`}}, "Observation.value.value", "not a decimal"},
		{"UTF-8", &r4.Patient{Name: []r4.HumanName{{Given: []string{"a", "\xff"}}}}, "Patient.name[0].given[1]", "UTF-8"},
		{"control character", &r4.Patient{Name: []r4.HumanName{{ID: "\x01"}}}, "Patient.name[0].id", "character that XML"},
		{"U+FFFF", &r4.Patient{Extension: []r4.Extension{{URL: "\uffff"}}}, "Patient.extension[0].url", "character that XML"},
		{"blank", &r4.Patient{Name: []r4.HumanName{{Given: []string{"a", " \n"}}}}, "Patient.name[0].given[1]", "white space"},
		{"itself inside", loop, "", "too deep"},
		{"no div", narrative("SECRET"), "Patient.text.div", "not a div"},
		{"another element", narrative("<p/>"), "Patient.text.div", "not a div"},
		{"two", narrative("<div/><div/>"), "Patient.text.div", "not a div"},
		{"not closed", narrative("<div>SECRET"), "Patient.text.div", "not XHTML"},
		{"entity", narrative("<div>&nbsp;</div>"), "Patient.text.div", "not XHTML"},
		{"document type", narrative("<div><!DOCTYPE a></div>"), "Patient.text.div", "not XHTML"},
		{"namespace", narrative(`<div xmlns="urn:x"/>`), "Patient.text.div", "not XHTML"},
		{"way out", narrative(`<div></div></text><id value="b"/><text><div/>`), "Patient.text.div", "not a div"},
		{"control character in a narrative", narrative("<div>\x01</div>"), "Patient.text.div", "character that XML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := r4.MarshalXML(c.r)
			var e *r4.Error
			if !errors.As(err, &e) || !strings.Contains(e.Problem, c.problem) || c.at != "" && e.At != c.at || strings.Contains(e.Error(), "SECRET") {
				t.Errorf("got %q, %v; want %s: %s", out, err, c.at, c.problem)
			}
		})
	}
}

// How resources are written.
func TestMarshalXML(t *testing.T) {
	p := &r4.Patient{
		ID:       "a",
		Text:     &r4.Narrative{Status: "generated", Div: "<div>a\r<br/></div>"},
		Active:   r4.False,
		Name:     []r4.HumanName{{}, {ID: "n", Family: "<\"&\n", Given: []string{"x"}}},
		Deceased: r4.DateTime("2020"),
	}
	p.Extension = []r4.Extension{{ID: "e", URL: "u", Value: r4.Decimal("1.50")}}
	p.Contained = []r4.Resource{&r4.Basic{}}
	r4.MakePrimitiveElement(p, "birthDate", 0).ID = "b"
	want := `<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir">
  <id value="a"/>
  <text>
    <status value="generated"/>
    <div xmlns="http://www.w3.org/1999/xhtml">a&#xD;<br/></div>
  </text>
  <contained>
    <Basic/>
  </contained>
  <extension id="e" url="u">
    <valueDecimal value="1.50"/>
  </extension>
  <active value="false"/>
  <name id="n">
    <family value="&lt;&quot;&amp;&#xA;"/>
    <given value="x"/>
  </name>
  <birthDate id="b"/>
  <deceasedDateTime value="2020"/>
</Patient>
`
	if got, err := r4.MarshalXMLIndent(p); err != nil || string(got) != want {
		t.Errorf("got %s (%v)", got, err)
	}
	var compact strings.Builder
	for line := range strings.Lines(want) {
		compact.WriteString(strings.TrimSpace(line))
	}
	if got, err := r4.MarshalXML(p); err != nil || string(got) != compact.String() {
		t.Errorf("got %s (%v)", got, err)
	}
}
