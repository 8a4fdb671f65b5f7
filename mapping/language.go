package mapping

import (
	"strings"

	xlanguage "golang.org/x/text/language"
)

// undetermined is the language of BCP 47 that says that it is not known which.
const undetermined = "und"

// languageOf gives the code of BCP 47 for a language as a message names it: codes of ISO 639
// of two or three letters, in any case, alone or with a region. "" if it is none of these.
func languageOf(v val) string {
	for _, i := range [...]int{1, 4, 10} {
		text := strings.TrimSpace(v.part(i, 0).v.String())
		tag, err := xlanguage.Parse(text)
		if err == nil && tag != xlanguage.Und && len(text) >= 2 {
			return tag.String()
		}
	}
	return ""
}

// language writes the coding of BCP 47 that FHIR asks for (R4 value set all-languages).
// What the message says stands beside it.
func language(f *call, n *node) bool {
	code := languageOf(f.v)
	if code == "" {
		code = undetermined
	}
	s := f.c.m.prog.concept
	coding, _ := f.c.kid(n, &s.coding, keyOf(f.app, 1, 1, 0))
	return f.c.putChild(coding, &s.system, "urn:ietf:bcp:47", f.v.at, &f.r.rowName, f.app, true) &&
		f.c.putChild(coding, &s.code, code, f.v.part(1, 0).at, &f.r.rowName, f.app, code == undetermined)
}
