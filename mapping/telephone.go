package mapping

import "strings"

// numberAgain is the telephone number that the parts of an XTN make, when the first
// component, which up to HL7 v2.3 was the whole number, says the same in its own
// writing: (555)555-5555 beside 555 and 5555555.
func numberAgain(f *call) bool {
	first := onlyDigits(f.e.dt.part(1, 0).v.String())
	country, area := f.e.dt.part(5, 0).v.String(), f.e.dt.part(6, 0).v.String()
	local, ext := f.e.dt.part(7, 0).v.String(), f.e.dt.part(8, 0).v.String()
	short := onlyDigits(area) + onlyDigits(local)
	long := onlyDigits(country) + short
	if first == "" || short == "" || first != short && first != long && first != long+onlyDigits(ext) && first != short+onlyDigits(ext) {
		return false
	}
	var b strings.Builder
	if country != "" {
		b.WriteString("+" + country + " ")
	}
	if area != "" {
		b.WriteString(area + " ")
	}
	b.WriteString(local)
	if ext != "" {
		b.WriteString(" X" + ext)
	}
	return f.say(b.String(), f.v.leaf())
}

// mailAddress is the text of what is an e-mail address.
func mailAddress(f *call) bool {
	text := strings.TrimSpace(f.v.v.String())
	name, host, ok := strings.Cut(text, "@")
	return ok && name != "" && host != "" && !strings.ContainsAny(text, " \t") && f.say(text, f.v.leaf())
}

func onlyDigits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}
