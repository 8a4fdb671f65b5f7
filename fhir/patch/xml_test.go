package patch_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
)

func diff(ops string) []byte { return []byte(`<diff xmlns:f="http://hl7.org/fhir">` + ops + `</diff>`) }

func TestXML(t *testing.T) {
	for _, c := range []struct{ name, ops, want string }{
		{"replace a value", `<replace sel="f:Patient/f:birthDate/@value">1971-02-03</replace>`, `"birthDate":"1971-02-03","_birthDate"`},
		{"add at the end", `<add sel="/f:Patient"><f:multipleBirthBoolean value="true"/></add><remove sel="f:Patient/f:multipleBirthInteger"/>`, `"multipleBirthBoolean":true`},
		{"add before", `<add sel="f:Patient/f:name" pos="before"><name xmlns="http://hl7.org/fhir"><text value="B"/></name></add>`, `"name":[{"text":"B"},{`},
		{"add after", `<add sel="f:Patient/f:name[1]" pos="after"><f:name><f:text value="B"/></f:name></add>`, `},{"text":"B"}]`},
		{"add first", `<add sel="f:Patient/f:name" pos="prepend"><f:use value="usual"/></add>`, `"name":[{"use":"usual","family"`},
		{"an attribute", `<add sel="f:Patient/f:name" type="@id">n</add>`, `"name":[{"id":"n",`},
		{"a condition", `<replace sel="f:Patient/f:name[f:family/@value='Muster' and f:given]/f:given[@id = 'm']/@value">Marie</replace>`, `"given":["Anna","Marie"]`},
		{"a place", `<remove sel="*/f:name[1]/f:given[1]"/>`, `"given":["Maria"]`},
		{"the last child takes its element with it", `<remove sel="f:Patient/f:meta/f:versionId"/>`, `{"resourceType":"Patient","id":"a","active"`},
		{"a namespace of the patch", `<replace xmlns="http://hl7.org/fhir" sel="Patient/active/@value">false</replace>`, `"active":false`},
		{"by id", `<replace sel="id('m')/@value">X</replace>`, `"given":["Anna","X"]`},
		{
			"narrative", `<add sel="f:Patient/f:meta" pos="after"><f:text><f:status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml"><p>a &amp; b</p></div></f:text></add><replace sel="f:Patient/f:text/h:div/h:p/text()">c</replace>`,
			`<p>c</p></div>`,
		},
	} {
		p, err := patch.ParseXML(diff(c.ops))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		out, err := applied(t, resource(t, patient), p, patch.Options{Version: "3"})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		b, _ := r4.Marshal(out)
		if got := strings.ReplaceAll(strings.ReplaceAll(string(b), `\u003c`, "<"), `\u003e`, ">"); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

func TestXMLErrors(t *testing.T) {
	for _, c := range []struct {
		ops  string
		kind patch.Kind
		at   int
		says string
	}{
		{``, patch.Malformed, -1, "no operations"},
		{`<add sel="f:Patient"><f:x/></add>text`, patch.Malformed, -1, "text"},
		{`<frob sel="f:Patient"/>`, patch.Malformed, 0, "no such operation"},
		{`<remove/>`, patch.Malformed, 0, "sel"},
		{`<remove sel="g:Patient"/>`, patch.Malformed, 0, "selector"},
		{`<remove sel="f:Patient//f:name"/>`, patch.Malformed, 0, "selector"},
		{`<remove sel="f:Patient/f:name[last()]"/>`, patch.Malformed, 0, "selector"},
		{`<remove sel="f:Patient/@id/f:x"/>`, patch.Malformed, 0, "selector"},
		{`<remove sel="f:Patient/f:name[0]"/>`, patch.Malformed, 0, "selector"},
		{`<remove sel="f:Patient/f:name" ws="all"/>`, patch.Malformed, 0, "ws"},
		{`<remove sel="f:Patient/f:name">x</remove>`, patch.Malformed, 0, "content"},
		{`<add sel="f:Patient" pos="in"><f:x/></add>`, patch.Malformed, 0, "pos"},
		{`<add sel="f:Patient" type="x">y</add>`, patch.Malformed, 0, "type"},
		{`<add sel="f:Patient" type="@x"><f:y/></add>`, patch.Malformed, 0, "text"},
		{`<add sel="f:Patient" type="namespace::x"/>`, patch.Malformed, 0, "namespace"},
		{`<remove sel="f:Patient/f:active"/><remove sel="f:Patient/f:active"/>`, patch.Failed, 1, "finds nothing"},
		{`<remove sel="f:Patient/f:name/f:given"/>`, patch.Failed, 0, "more than one"},
		{`<remove sel="f:Patient"/>`, patch.Failed, 0, "root"},
		{`<remove sel="."/>`, patch.Failed, 0, "whole document"},
		{`<add sel="f:Patient/f:active" type="@value">true</add>`, patch.Failed, 0, "already"},
		{`<add sel="f:Patient" pos="after"><f:Patient/></add>`, patch.Failed, 0, "beside the root"},
		{`<add sel="f:Patient/f:active/@value">x</add>`, patch.Failed, 0, "attribute"},
		{`<replace sel="f:Patient/f:active"/>`, patch.Failed, 0, "one node"},
		{`<replace sel="f:Patient/f:active"><f:a/><f:b/></replace>`, patch.Failed, 0, "one node"},
		{`<replace sel="f:Patient/f:active/@value"><f:a/></replace>`, patch.Failed, 0, "text"},
		{`<remove sel="f:Patient/f:active" ws="before"/>`, patch.Failed, 0, "white space"},
		{`<remove sel="f:Patient/f:active/@value" ws="after"/>`, patch.Failed, 0, "ws"},
		{`<add sel="f:Patient"><f:foo value="1"/></add>`, patch.Invalid, -1, "Patient"},
		{`<replace sel="f:Patient/f:birthDate/@value">Secret</replace>`, patch.Invalid, -1, "birthDate"},
		{`<replace sel="f:Patient/f:id/@value">b</replace>`, patch.Invalid, -1, "id"},
		{`<replace sel="f:Patient"><f:Basic><f:id value="a"/></f:Basic></replace>`, patch.Invalid, -1, "type"},
		{`<remove sel="f:Patient/f:name[f:family/@value='Secret']"/>`, patch.Failed, 0, "'...'"},
	} {
		p, err := patch.ParseXML(diff(c.ops))
		if err == nil {
			_, err = applied(t, resource(t, patient), p, patch.Options{})
		}
		var e *patch.Error
		if !errors.As(err, &e) || e.Kind != c.kind || e.Operation != c.at || !strings.Contains(err.Error(), c.says) ||
			strings.Contains(err.Error(), "Secret") {
			t.Errorf("%s: %v", c.ops, err)
		}
	}
}

// TestXMLDocument: nodes that FHIR does not have, namespaces that must survive a
// change of place, and the text of what does not change.
func TestXMLDocument(t *testing.T) {
	const doc = `<?xml version="1.0"?><a xmlns="urn:a" xmlns:p="urn:p"><!-- c --><?i x?><p:b p:k="1">t<![CDATA[<u>]]></p:b> <d/></a>`
	for _, c := range []struct{ ops, want string }{
		{`<remove sel="q:a/comment()" xmlns:q="urn:a"/>`, `<a xmlns="urn:a" xmlns:p="urn:p"><?i x?><p:b p:k="1">t<![CDATA[<u>]]></p:b> <d/></a>`},
		{`<replace sel="q:a/processing-instruction('i')" xmlns:q="urn:a"><?j y?></replace>`, `<a xmlns="urn:a" xmlns:p="urn:p"><!-- c --><?j y?><p:b p:k="1">t<![CDATA[<u>]]></p:b> <d/></a>`},
		{`<remove sel="q:a/q:d" ws="before" xmlns:q="urn:a"/>`, `<a xmlns="urn:a" xmlns:p="urn:p"><!-- c --><?i x?><p:b p:k="1">t<![CDATA[<u>]]></p:b></a>`},
		{`<replace sel="q:a/r:b/@r:k" xmlns:q="urn:a" xmlns:r="urn:p">&lt;"&#10;</replace>`, `<a xmlns="urn:a" xmlns:p="urn:p"><!-- c --><?i x?><p:b p:k="&lt;&quot;&#10;">t&lt;u&gt;</p:b> <d/></a>`},
		{`<add sel="q:a/q:d" xmlns:q="urn:a" xmlns:p="urn:other"><p:x/><y xmlns=""/></add>`, `<a xmlns="urn:a" xmlns:p="urn:p"><!-- c --><?i x?><p:b p:k="1">t<![CDATA[<u>]]></p:b> <d><p:x xmlns:p="urn:other"/><y xmlns=""/></d></a>`},
		{`<remove sel="*/*[.='t&lt;u>']"/>`, `<a xmlns="urn:a" xmlns:p="urn:p"><!-- c --><?i x?> <d/></a>`},
	} {
		p, err := patch.ParseXML(diff(c.ops))
		if err != nil {
			t.Errorf("%s: %v", c.ops, err)
			continue
		}
		if got, err := p.Document([]byte(doc)); err != nil || string(got) != c.want {
			t.Errorf("%s: %s, %v", c.ops, got, err)
		}
	}
	// A declaration goes, and what it stood for says so itself.
	p, err := patch.ParseXML(diff(`<remove sel="q:a/namespace::p" xmlns:q="urn:a"/>`))
	if err != nil {
		t.Fatal(err)
	}
	want := `<a xmlns="urn:a"><!-- c --><?i x?><p:b xmlns:p="urn:p" p:k="1">t&lt;u&gt;</p:b> <d/></a>`
	if got, err := p.Document([]byte(doc)); err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
	for _, ops := range []string{
		`<remove sel="q:a/namespace::p" xmlns:q="urn:a"/><remove sel="q:a/r:b" xmlns:q="urn:a" xmlns:r="urn:p"/>`,
		`<add sel="q:a" xmlns:q="urn:a" type="namespace::n">urn:n</add><replace sel="q:a/namespace::n" xmlns:q="urn:a">urn:m</replace>`,
	} {
		p, err := patch.ParseXML(diff(ops))
		if err == nil {
			_, err = p.Document([]byte(doc))
		}
		if err != nil {
			t.Errorf("%s: %v", ops, err)
		}
	}
}

func TestXMLHostile(t *testing.T) {
	const bomb = `<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><d>&b;</d>`
	for name, b := range map[string]string{
		"entities": bomb, "unknown entity": `<d>&x;</d>`, "not closed": `<d><a></d>`, "two": `<d/><d/>`, "text": `<d/>x`, "prefix": `<p:d/>`, "attribute": `<d a="" a=""/>`,
		"nothing": ``, "utf-8": "<d>\xff</d>", "control": "<d>\x01</d>", "encoding": `<?xml version="1.0" encoding="utf-16"?><d/>`,
		"bare": `<d a=b/>`, "crossed": `<p:d xmlns:p="a"></d>`,
	} {
		var e *patch.Error
		if _, err := patch.ParseXML([]byte(b)); !errors.As(err, &e) || e.Kind != patch.Malformed {
			t.Errorf("%s: %v", name, err)
		}
		p, _ := patch.ParseXML(diff(`<remove sel="d/a"/>`))
		if _, err := p.Document([]byte(b)); !errors.As(err, &e) || e.Kind != patch.Malformed {
			t.Errorf("%s: %v", name, err)
		}
	}
	many := strings.Builder{}
	for i := range 100000 {
		many.WriteString(" xmlns:p" + strconv.Itoa(i) + "='u'")
	}
	for name, b := range map[string]string{
		"depth": strings.Repeat("<a>", 100000), "nodes": "<a>" + strings.Repeat("<b/>", 200000) + "</a>",
		"prefixes": "<a" + many.String() + ">" + strings.Repeat("<b/>", 100000) + "</a>",
		"bytes":    strings.Repeat(" ", 5<<20),
	} {
		var e *patch.Error
		if _, err := patch.ParseXML([]byte(b)); !errors.As(err, &e) || e.Kind != patch.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Every operation looks at all names, and at all their texts.
	long := resource(t, `{"resourceType":"Patient","name":[`+strings.Repeat(`{"text":"a"},`, 20000)+`{"text":"b"}]}`)
	for _, op := range []string{
		`<replace sel="f:Patient/f:name[f:text/@value='b']/f:text/@value">b</replace>`,
		`<add sel="f:Patient" pos="prepend"><f:id value="%d"/></add>`,
		`<remove sel="f:Patient/f:name[.='x']"/>`,
	} {
		var b strings.Builder
		for i := range 900 {
			b.WriteString(strings.ReplaceAll(op, "%d", strconv.Itoa(i)))
		}
		p, err := patch.ParseXML(diff(b.String()))
		if err == nil {
			_, err = patch.Apply(long, p, patch.Options{})
		}
		var e *patch.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: %v", op, err)
		}
	}
}
