package r4

import "unicode/utf8"

// prim is one of the primitive types.
type prim uint8

const (
	primBase64Binary prim = iota
	primBoolean
	primCanonical
	primCode
	primDate
	primDateTime
	primDecimal
	primID
	primInstant
	primInteger
	primMarkdown
	primOID
	primPositiveInt
	primString
	primTime
	primUnsignedInt
	primURI
	primURL
	primUUID
	primXHTML
)

// numeric says whether JSON writes the primitive without quotes.
func (p prim) numeric() bool {
	switch p {
	case primBoolean, primDecimal, primInteger, primPositiveInt, primUnsignedInt:
		return true
	}
	return false
}

// checkText returns the problem with a text of a primitive type, "" if there
// is none. The formats are those of FHIR R4 datatypes.html#primitive.
func (t *Type) checkText(s string) string {
	if !t.prim.numeric() {
		if problem := checkString(s); problem != "" {
			return problem
		}
	}
	if t.shape == nil {
		return ""
	}
	return t.shape(s)
}

// primitiveOf returns the number of a primitive type and the check of what its
// format asks beyond being a string that is not empty; nil if nothing.
func primitiveOf(name string) (prim, func(string) string) {
	switch name {
	case "base64Binary":
		return primBase64Binary, checkBase64
	case "boolean":
		return primBoolean, checkBoolean
	case "canonical":
		return primCanonical, checkURI
	case "code":
		return primCode, checkCode
	case "date":
		return primDate, checkDate
	case "dateTime":
		return primDateTime, checkDateTime
	case "decimal":
		return primDecimal, checkDecimal
	case "id":
		return primID, checkID
	case "instant":
		return primInstant, checkInstant
	case "integer":
		return primInteger, checkInteger
	case "markdown":
		return primMarkdown, nil
	case "oid":
		return primOID, checkOID
	case "positiveInt":
		return primPositiveInt, checkPositiveInt
	case "time":
		return primTime, checkTime
	case "unsignedInt":
		return primUnsignedInt, checkUnsignedInt
	case "uri":
		return primURI, checkURI
	case "url":
		return primURL, checkURI
	case "uuid":
		return primUUID, checkUUID
	case "xhtml":
		return primXHTML, nil
	}
	return primString, nil
}

// checkString refuses what no string may hold: nothing at all, bytes that are
// not UTF-8, and control characters other than tab, carriage return and line
// feed.
func checkString(s string) string {
	if s == "" {
		return "empty string"
	}
	var all byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			return "control character"
		}
		all |= c
	}
	if all >= utf8.RuneSelf && !utf8.ValidString(s) {
		return "not UTF-8"
	}
	return ""
}

func checkBoolean(s string) string {
	if s != "true" && s != "false" {
		return "not a boolean"
	}
	return ""
}

// checkURI refuses white space; an R4 uri, url and canonical is nothing more
// exact by its format.
func checkURI(s string) string {
	for i := 0; i < len(s); i++ {
		if isSpace(s[i]) {
			return "white space in a URI"
		}
	}
	return ""
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// checkCode refuses white space at either end and more than one in a row.
func checkCode(s string) string {
	space := true // as if one stood before
	for i := 0; i < len(s); i++ {
		if isSpace(s[i]) {
			if space {
				return "white space in a code"
			}
			space = true
		} else {
			space = false
		}
	}
	if space {
		return "white space at the end of a code"
	}
	return ""
}

func checkID(s string) string {
	if len(s) > 64 {
		return "an id has at most 64 characters"
	}
	return checkLongID(s)
}

// checkLongID is what a document's ids must fulfil: an official example
// (SearchParameter of 4.0.1) has one of more than 64 characters.
func checkLongID(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !isDigit(c) && !isLetter(c) && c != '-' && c != '.' {
			return "an id has letters, digits, - and . only"
		}
	}
	return ""
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// checkOID wants urn:oid: and numbers with dots, the first 0, 1 or 2.
func checkOID(s string) string {
	const problem = "not an OID"
	if len(s) < 11 || s[:8] != "urn:oid:" || s[8] < '0' || s[8] > '2' || s[9] != '.' {
		return problem
	}
	start := 10
	for i := start; i <= len(s); i++ {
		if i < len(s) && isDigit(s[i]) {
			continue
		}
		if i < len(s) && s[i] != '.' || i == start || s[start] == '0' && i > start+1 {
			return problem
		}
		start = i + 1
	}
	return ""
}

func checkUUID(s string) string {
	const shape = "urn:uuid:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"
	if len(s) != len(shape) || s[:9] != shape[:9] {
		return "not a UUID"
	}
	for i := 9; i < len(s); i++ {
		hex := isDigit(s[i]) || 'a' <= s[i] && s[i] <= 'f'
		if shape[i] == 'x' && !hex || shape[i] == '-' && s[i] != '-' {
			return "not a UUID in lower case"
		}
	}
	return ""
}

// checkBase64 counts the characters without white space, which may stand
// between them, in fours.
func checkBase64(s string) string {
	const problem = "not base64"
	n, pad := 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case isSpace(c):
		case c == '=':
			pad++
			n++
		case pad > 0 || !isDigit(c) && !isLetter(c) && c != '+' && c != '/':
			return problem
		default:
			n++
		}
	}
	if n == 0 || n%4 != 0 || pad > 2 {
		return problem
	}
	return ""
}
