package r4

// Dates and times of FHIR R4: datatypes.html#date, #dateTime, #instant, #time.
// The year is 0001 to 9999, a day must exist in its month, and the second 60 is
// allowed for leap seconds.

func checkDate(s string) string {
	if n := dateLen(s); n == 0 || n != len(s) {
		return "not a date (YYYY, YYYY-MM or YYYY-MM-DD)"
	}
	return ""
}

func checkDateTime(s string) string {
	n := dateLen(s)
	if n != 0 && n == len(s) || n == 10 && zonedTime(s[10:]) {
		return ""
	}
	return "not a dateTime (a date, or YYYY-MM-DDThh:mm:ss with a zone)"
}

func checkInstant(s string) string {
	if dateLen(s) == 10 && zonedTime(s[10:]) {
		return ""
	}
	return "not an instant (YYYY-MM-DDThh:mm:ss with a zone)"
}

func checkTime(s string) string {
	if n := timeLen(s); n == 0 || n != len(s) {
		return "not a time (hh:mm:ss)"
	}
	return ""
}

// dateLen returns the length of the date at the start of s: 4, 7 or 10, or 0.
func dateLen(s string) int {
	if len(s) < 4 || digits(s[:4]) < 4 || s[:4] == "0000" {
		return 0
	}
	month, ok := two(s, 4, '-')
	if !ok {
		return 4
	}
	if month < 1 || month > 12 {
		return 0
	}
	day, ok := two(s, 7, '-')
	if !ok {
		return 7
	}
	year := int(s[0]-'0')*1000 + int(s[1]-'0')*100 + int(s[2]-'0')*10 + int(s[3]-'0')
	if day < 1 || day > daysIn(year, month) {
		return 0
	}
	return 10
}

func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// two reads the separator at s[at] and two digits after it.
func two(s string, at int, sep byte) (n int, ok bool) {
	if len(s) < at+3 || s[at] != sep || !isDigit(s[at+1]) || !isDigit(s[at+2]) {
		return 0, false
	}
	return int(s[at+1]-'0')*10 + int(s[at+2]-'0'), true
}

// timeLen returns the length of the time hh:mm:ss with an optional fraction at
// the start of s, or 0.
func timeLen(s string) int {
	if len(s) < 8 || !isDigit(s[0]) || !isDigit(s[1]) {
		return 0
	}
	hour := int(s[0]-'0')*10 + int(s[1]-'0')
	minute, ok1 := two(s, 2, ':')
	second, ok2 := two(s, 5, ':')
	if !ok1 || !ok2 || hour > 23 || minute > 59 || second > 60 {
		return 0
	}
	if len(s) == 8 || s[8] != '.' {
		return 8
	}
	n := digits(s[9:])
	if n == 0 {
		return 0
	}
	return 9 + n
}

// zonedTime wants T, a time, and Z or an offset of at most 14:00.
func zonedTime(s string) bool {
	if s == "" || s[0] != 'T' {
		return false
	}
	n := timeLen(s[1:])
	if n == 0 {
		return false
	}
	zone := s[1+n:]
	if zone == "Z" {
		return true
	}
	if len(zone) != 6 || zone[0] != '+' && zone[0] != '-' {
		return false
	}
	hour, ok1 := two(zone, 0, zone[0])
	minute, ok2 := two(zone, 3, ':')
	return ok1 && ok2 && minute < 60 && (hour < 14 || hour == 14 && minute == 0)
}
