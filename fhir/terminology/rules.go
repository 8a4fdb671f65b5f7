package terminology

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/ponshealth/pons/fhir/ucum"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
)

// Systems whose content is not a list here.
const (
	snomed = "http://snomed.info/sct"
	loinc  = "http://loinc.org"
)

// rules are the systems that are known by a rule. A rule answers for a code, and
// may have a warning for one of which it cannot tell.
var rules = map[string]func(code string) (a Answer, warning string){
	"urn:ietf:bcp:13":      sure(mediaType),
	"urn:ietf:bcp:47":      sure(languageTag),
	"urn:ietf:rfc:3986":    sure(absoluteURI),
	"urn:iso:std:iso:3166": sure(country),
	"urn:iso:std:iso:4217": sure(currencyCode),
	ucum.System:            sure(unit),
	snomed:                 doubtful(snomedID, "is not of the form of a SNOMED CT identifier, or its check digit is wrong"),
	loinc:                  doubtful(loincID, "is not of the form of a LOINC code, or its check digit is wrong"),
}

func sure(ok func(string) bool) func(string) (Answer, string) {
	return func(code string) (Answer, string) {
		if ok(code) {
			return In, ""
		}
		return NotIn, ""
	}
}

// doubtful is the rule of a system of which the form of codes is known only.
func doubtful(ok func(string) bool, warning string) func(string) (Answer, string) {
	return func(code string) (Answer, string) {
		if ok(code) {
			return CannotTell, ""
		}
		return CannotTell, warning
	}
}

// mediaType accepts type/subtype with parameters (RFC 6838 4.2, RFC 2045 5.1).
func mediaType(code string) bool {
	full, parameters, more := strings.Cut(code, ";")
	kind, sub, ok := strings.Cut(strings.TrimRight(full, " "), "/")
	if !ok || !restrictedName(kind) || !restrictedName(sub) {
		return false
	}
	for more {
		var p string
		p, parameters, more = strings.Cut(parameters, ";")
		name, value, ok := strings.Cut(strings.TrimSpace(p), "=")
		if !ok || !restrictedName(name) || value == "" {
			return false
		}
	}
	return true
}

func restrictedName(s string) bool {
	if s == "" || len(s) > 127 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || i > 0 && strings.IndexByte("!#$&-^_.+", c) >= 0) {
			return false
		}
	}
	return true
}

// languageTag accepts tags whose parts are in the registry of BCP 47.
func languageTag(code string) bool {
	if len(code) > 100 || strings.ContainsRune(code, '_') { // Parse lets _ stand for -
		return false
	}
	_, err := language.Parse(code)
	return err == nil
}

// absoluteURI accepts a URI with a scheme (RFC 3986 4.3).
func absoluteURI(code string) bool {
	u, err := url.Parse(code)
	return err == nil && u.Scheme != "" && !strings.ContainsAny(code, " \t\r\n<>\"{}|\\^`")
}

// country accepts the codes of ISO 3166-1: two letters, three letters, or three
// digits.
func country(code string) bool {
	if code != strings.ToUpper(code) || len(code) < 2 || len(code) > 3 {
		return false
	}
	r, err := language.ParseRegion(code)
	if err != nil || !r.IsCountry() || r.ISO3() == "ZZZ" {
		return false
	}
	return code == r.String() || code == r.ISO3() || code == fmt.Sprintf("%03d", r.M49())
}

// currencyCode accepts the codes of ISO 4217, those of former currencies too.
func currencyCode(code string) bool {
	if code != strings.ToUpper(code) {
		return false
	}
	_, err := currency.ParseISO(code)
	return err == nil
}

func unit(code string) bool {
	_, err := ucum.Parse(code)
	return err == nil
}

// snomedID accepts identifiers of 6 to 18 digits with their check digit (SNOMED
// CT Release File Specification, SCTID), and expressions, which are not looked
// into.
func snomedID(code string) bool {
	if strings.ContainsAny(code, ":+=|{ ") {
		return true
	}
	return len(code) >= 6 && len(code) <= 18 && code[0] != '0' && digits(code) && verhoeff(code)
}

// loincID accepts codes of up to seven digits with their check digit (LOINC Users'
// Guide). Those of parts, answers and lists (LP, LA, LL, LG and so on) begin with
// letters; only their form is looked at.
func loincID(code string) bool {
	number, check, ok := strings.Cut(code, "-")
	plain := strings.TrimLeft(number, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if !ok || len(check) != 1 || !digits(plain+check) || plain == "" || len(plain) > 7 {
		return false
	}
	return plain != number || luhn(number+check)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// luhn is the sum modulo 10 with every second digit doubled.
func luhn(s string) bool {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// verhoeff checks a number over the dihedral group of order 10.
func verhoeff(s string) bool {
	permutation := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	c := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		for range i % 8 {
			d = permutation[d]
		}
		c = dihedral(c, d)
	}
	return c == 0
}

// dihedral multiplies in the group of the symmetries of a pentagon: 0 to 4 are
// turns, 5 to 9 turns after a flip.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b-5)%5
	case b < 5:
		return 5 + (a-5-b+5)%5
	}
	return (a - b + 5) % 5
}
