package patch_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
)

type inner struct {
	Attrs []xml.Attr `xml:",any,attr"`
	Text  string     `xml:",innerxml"`
}

// xmlSuite: the cases are about any XML, not about resources. What comes out is
// compared without the white space of indentation, an error by its being one.
func xmlSuite(t *testing.T) *suite {
	s := &suite{title: "XML Patch", source: "r4/patch/xml-patch-tests.xml"}
	var doc struct {
		Cases []struct {
			Name    string `xml:"name,attr"`
			Target  inner  `xml:"target"`
			Patch   inner  `xml:"patch"`
			Patched *inner `xml:"patched"`
			Error   *inner `xml:"error"`
		} `xml:"case"`
	}
	if err := xml.Unmarshal(load(t, "xml-patch-tests.xml"), &doc); err != nil {
		t.Fatal(err)
	}
	for _, c := range doc.Cases {
		if (c.Patched == nil) == (c.Error == nil) {
			t.Fatalf("%s: neither a result nor an error, or both", c.Name)
		}
		want := ""
		if c.Patched != nil {
			want = c.Patched.Text
		}
		s.run(c.Name, xmlCase(c.Target.Text, `<patch xmlns="`+c.Patch.Attrs[0].Value+`">`+c.Patch.Text+`</patch>`, want))
	}
	return s
}

func xmlCase(target, ops, want string) error {
	var got []byte
	p, err := patch.ParseXML([]byte(ops))
	if err == nil {
		got, err = p.Document([]byte(target))
	}
	switch {
	case want == "" && err == nil:
		return errors.New("no error")
	case want == "":
		return nil
	case err != nil:
		return err
	}
	a, b := canonicalXML(got), canonicalXML([]byte(want))
	if a != b {
		return fmt.Errorf("%s, not %s", a, b)
	}
	return nil
}

// canonicalXML has names with their namespaces, attributes and declarations of
// prefixes in order, no white space around text, and comments.
func canonicalXML(doc []byte) string {
	var b strings.Builder
	d := xml.NewDecoder(bytes.NewReader(doc))
	for {
		token, err := d.Token()
		switch t := token.(type) {
		case xml.StartElement:
			var attrs []string
			for _, a := range t.Attr {
				if a.Name.Local != "xmlns" {
					attrs = append(attrs, fmt.Sprintf(" {%s}%s=%q", a.Name.Space, a.Name.Local, a.Value))
				}
			}
			slices.Sort(attrs)
			fmt.Fprintf(&b, "<{%s}%s%s>", t.Name.Space, t.Name.Local, strings.Join(attrs, ""))
		case xml.EndElement:
			b.WriteString("</>")
		case xml.CharData:
			b.WriteString(strings.TrimSpace(string(t)))
		case xml.Comment:
			b.WriteString("<!--" + strings.TrimSpace(string(t)) + "-->")
		}
		if err != nil {
			if err != io.EOF {
				return err.Error()
			}
			return b.String()
		}
	}
}
