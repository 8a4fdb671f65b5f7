package r4

import "strconv"

// checkDecimal wants a number as JSON writes it, of any length.
func checkDecimal(s string) string {
	if n := numberLen(s); n == 0 || n != len(s) {
		return "not a decimal"
	}
	return ""
}

// numberLen returns the length of the JSON number at the start of s, 0 if
// there is none: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func numberLen(s string) int {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	n := digits(s[i:])
	if n == 0 || n > 1 && s[i] == '0' {
		return 0
	}
	i += n
	if i < len(s) && s[i] == '.' {
		n := digits(s[i+1:])
		if n == 0 {
			return 0
		}
		i += 1 + n
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		j := i + 1
		if j < len(s) && (s[j] == '+' || s[j] == '-') {
			j++
		}
		n := digits(s[j:])
		if n == 0 {
			return 0
		}
		i = j + n
	}
	return i
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// checkInteger wants 32 bits without a plus sign, leading zeros or -0.
func checkInteger(s string) string { return integer(s, -1<<31, "not an integer of 32 bits") }

func checkUnsignedInt(s string) string {
	return integer(s, 0, "not an integer from 0 to 2147483647")
}

func checkPositiveInt(s string) string {
	return integer(s, 1, "not an integer from 1 to 2147483647")
}

func integer(s string, low int64, problem string) string {
	n := s
	if n != "" && n[0] == '-' {
		n = n[1:]
	}
	if n == "" || len(n) > 10 || digits(n) != len(n) || n[0] == '0' && s != "0" {
		return problem
	}
	if v, err := strconv.ParseInt(s, 10, 32); err != nil || v < low {
		return problem
	}
	return ""
}
