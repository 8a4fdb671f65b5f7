package validate

import "strings"

// formats tell what is wrong with a value of a primitive data type (HL7 v2.9
// chapter 2A); "" when nothing is. Types that are not here take any text.
var formats = map[string]func(string) string{
	"NM":  number,
	"SI":  sequence,
	"DT":  date,
	"TM":  timeOfDay,
	"DTM": dateTime,
}

// number is NM: a sign, digits, a decimal point. Blanks around it are not allowed.
func number(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if !digits(whole) || !digits(fraction) || whole == "" && fraction == "" {
		return "not a number (NM: digits, with a sign and a decimal point)"
	}
	return ""
}

// sequence is SI, a whole number.
func sequence(s string) string {
	if !digits(s) || s == "" {
		return "not a sequence number (SI: digits)"
	}
	return ""
}

// date is DT. Up to 2.2 it was always the whole date.
func date(s string) string {
	if n := len(s); (n == 4 || n == 6 || n == 8) && isDate(s) {
		return ""
	}
	return "not a date (DT: YYYY[MM[DD]])"
}

func timeOfDay(s string) string {
	clock, zone := cutZone(s)
	if isClock(clock, 2) && isZone(zone) {
		return ""
	}
	return "not a time (TM: HH[MM[SS[.S[S[S[S]]]]]][+/-ZZZZ])"
}

// dateTime is DTM and the first component of TS. Up to 2.4 an hour never stood
// without its minutes; since many a sender of 2.5 writes 2.3, that is let pass.
func dateTime(s string) string {
	stamp, zone := cutZone(s)
	day := min(len(stamp), 8)
	if (day == 4 || day == 6 || day == 8) && isDate(stamp[:day]) && (day == len(stamp) || isClock(stamp[day:], 2)) && isZone(zone) {
		return ""
	}
	return "not a date and time (DTM: YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ])"
}

// isDate takes YYYY, YYYYMM and YYYYMMDD.
func isDate(s string) bool {
	if !digits(s) {
		return false
	}
	if len(s) == 4 {
		return true
	}
	year, month := atoi(s[:4]), atoi(s[4:6])
	if month < 1 || month > 12 {
		return false
	}
	if len(s) == 6 {
		return true
	}
	day := atoi(s[6:])
	return day >= 1 && day <= daysIn(year, month)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// isClock takes HH[MM[SS[.S[S[S[S]]]]]] of at least some digits.
func isClock(s string, least int) bool {
	whole, fraction, point := strings.Cut(s, ".")
	n := len(whole)
	switch {
	case n < least || n > 6 || n%2 != 0 || !digits(whole):
		return false
	case point && (n != 6 || fraction == "" || len(fraction) > 4 || !digits(fraction)):
		return false
	}
	return atoi(whole[:2]) < 24 && (n < 4 || atoi(whole[2:4]) < 60) && (n < 6 || atoi(whole[4:6]) < 60)
}

func cutZone(s string) (rest, zone string) {
	if i := strings.IndexAny(s, "+-"); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// isZone takes +HHMM and -HHMM.
func isZone(s string) bool {
	return s == "" || len(s) == 5 && isClock(s[1:], 4)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
