package reverse

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// originalText holds a time as a sender wrote it, where FHIR cannot say all of it.
const originalText = canonical + "originalText"

// text gives what v2 writes for a primitive and counts it as carried over.
func (e *env) text(n node) (string, bool) {
	if n.v != nil || n.f == nil {
		return "", false
	}
	if sent, x := sentText(n); x != nil {
		e.mark(n.key())
		e.markAll(x)
		return sent, sent != ""
	}
	text := n.text()
	switch n.typ.Name {
	case "date", "dateTime", "instant":
		text = dtm(text)
	case "time":
		text = strings.ReplaceAll(text, ":", "")
	case "boolean":
		text = map[string]string{"true": "Y", "false": "N"}[text]
	}
	if text == "" {
		return "", false
	}
	e.mark(n.key())
	return text, true
}

func sentText(n node) (string, *r4.Extension) {
	x := n.element()
	if x == nil {
		return "", nil
	}
	for i := range x.Extension {
		if x.Extension[i].URL == originalText {
			if s, ok := r4.Text(x.Extension[i].Value); ok {
				return s, &x.Extension[i]
			}
		}
	}
	return "", nil
}

// dtm writes a date, dateTime or instant as a DTM (HL7 v2.9 2A.2.22): the same
// precision, the same zone, of a fraction the four digits that a DTM has.
func dtm(text string) string {
	date, clock, timed := strings.Cut(text, "T")
	out := strings.ReplaceAll(date, "-", "")
	if !timed {
		return out
	}
	zone := ""
	if i := strings.LastIndexAny(clock, "+-Z"); i >= 0 {
		clock, zone = clock[:i], strings.ReplaceAll(clock[i:], ":", "")
	}
	if zone == "Z" {
		zone = "+0000"
	}
	clock, fraction, _ := strings.Cut(strings.ReplaceAll(clock, ":", ""), ".")
	if len(fraction) > 4 {
		fraction = fraction[:4]
	}
	if fraction != "" {
		clock += "." + fraction
	}
	return out + clock + zone
}
