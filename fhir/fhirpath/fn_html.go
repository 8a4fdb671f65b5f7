package fhirpath

import (
	"encoding/xml"
	"io"
	"strings"
	"unicode"
)

// htmlChecks says whether a narrative keeps to the rules of FHIR R4
// (narrative.html#Narrative, txt-1 and txt-2): XHTML with a div around it, only
// elements and attributes of formatting, links and images, and something to see. Of
// what is no xhtml it says nothing.
func htmlChecks(m *machine, in Collection) (Collection, error) {
	if len(in) == 0 {
		return nil, nil
	}
	for k := range in {
		if in[k].kind != kindPrimitive || in[k].typ.Name != "xhtml" {
			return nil, nil
		}
		text := in[k].text
		if err := m.step(1 + len(text)>>3); err != nil {
			return nil, err
		}
		if !goodNarrative(text) {
			return no, nil
		}
	}
	return yes, nil
}

const xhtml = "http://www.w3.org/1999/xhtml"

// goodNarrative checks the text of a div.
func goodNarrative(text string) bool {
	d := xml.NewDecoder(strings.NewReader(text))
	d.Entity = xml.HTMLEntity
	depth, content, roots := 0, false, 0
	for {
		t, err := d.Token()
		if err == io.EOF {
			return depth == 0 && roots == 1 && content
		}
		if err != nil {
			return false
		}
		switch t := t.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
			}
			if depth == 0 && t.Name.Local != "div" || !goodElement(t) {
				return false
			}
			content = content || t.Name.Local == "img"
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			seen := strings.ContainsFunc(string(t), func(r rune) bool { return !unicode.IsSpace(r) })
			if seen && depth == 0 {
				return false
			}
			content = content || seen
		case xml.ProcInst, xml.Directive:
			return false
		}
	}
}

func words(s string) map[string]bool {
	all := map[string]bool{}
	for _, w := range strings.Fields(s) {
		all[w] = true
	}
	return all
}

// The elements of chapters 7 to 11 (without section 4 of chapter 9) and 15 of HTML
// 4.0 that may stand in a body and are not deprecated, and those of links and images.
var htmlElements = words(`div span h1 h2 h3 h4 h5 h6 address bdo
	em strong dfn code samp kbd var cite abbr acronym blockquote q sub sup p br pre
	ul ol li dl dt dd table caption thead tfoot tbody colgroup col tr th td
	tt i b big small hr a img map area`)

// Attributes of all elements, and of tables' elements.
var htmlAttributes = words(`title style class id lang xml:lang dir xml:space accesskey tabindex
	span width align valign char charoff abbr axis headers scope rowspan colspan`)

// Attributes of certain elements.
var htmlOwn = map[string]map[string]bool{
	"a":          words("href name charset type hreflang rel rev shape coords"),
	"img":        words("src alt longdesc height width usemap ismap border"),
	"map":        words("name"),
	"area":       words("shape coords href nohref alt"),
	"table":      words("summary border frame rules cellspacing cellpadding"),
	"td":         words("nowrap"),
	"th":         words("nowrap"),
	"blockquote": words("cite"),
	"q":          words("cite"),
	"ol":         words("start type compact"),
	"ul":         words("type compact"),
	"li":         words("value type"),
	"hr":         words("size noshade"),
	"br":         words("clear"),
}

func goodElement(t xml.StartElement) bool {
	name := t.Name.Local
	if t.Name.Space != xhtml || !htmlElements[name] {
		return false
	}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		attribute := a.Name.Local
		if a.Name.Space != "" {
			attribute = "xml:" + attribute
			if a.Name.Space != "xml" && a.Name.Space != "http://www.w3.org/XML/1998/namespace" {
				return false
			}
		}
		if !htmlAttributes[attribute] && !htmlOwn[name][attribute] {
			return false
		}
	}
	return true
}
