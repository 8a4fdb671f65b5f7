package search

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// parseDate gives the range of time that a date, dateTime or instant stands
// for, by its precision, half open, in microseconds since 1970: "1985" is the
// year, "1985-03-15T10:00:00Z" is one second. Without a zone it is UTC.
//
// It also takes what a query may have and a resource may not: a time without
// seconds (search.html#date), and a space where an unescaped "+" of a zone was.
func parseDate(s string) (lo, hi int64, ok bool) {
	date, clock, timed := strings.Cut(s, "T")
	year, rest, ok := digits(date, 4, "-")
	if !ok || year == 0 {
		return 0, 0, false
	}
	month, day, parts := 1, 1, 1
	if rest != "" {
		if month, rest, ok = digits(rest, 2, "-"); !ok || month < 1 || month > 12 {
			return 0, 0, false
		}
		parts = 2
	}
	if rest != "" {
		if day, rest, ok = digits(rest, 2, ""); !ok || rest != "" {
			return 0, 0, false
		}
		parts = 3
	}
	start := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if start.Day() != day || strings.HasSuffix(date, "-") {
		return 0, 0, false // 31 February, or a trailing "-"
	}
	switch {
	case timed && parts < 3:
		return 0, 0, false
	case timed:
		offset, width, ok := parseClock(clock)
		return start.UnixMicro() + offset, start.UnixMicro() + offset + width, ok
	case parts == 1:
		return start.UnixMicro(), start.AddDate(1, 0, 0).UnixMicro(), true
	case parts == 2:
		return start.UnixMicro(), start.AddDate(0, 1, 0).UnixMicro(), true
	}
	return start.UnixMicro(), start.AddDate(0, 0, 1).UnixMicro(), true
}

const (
	second = int64(time.Second / time.Microsecond)
	minute = 60 * second
	hour   = 60 * minute
)

// parseClock reads "10:00", "10:00:00.5+01:00" into microseconds since midnight
// UTC and the width of what was said.
func parseClock(s string) (offset, width int64, ok bool) {
	zone := int64(0)
	if i := strings.IndexAny(s, "Z+- "); i >= 0 {
		if zone, ok = parseZone(s[i:]); !ok {
			return 0, 0, false
		}
		s = s[:i]
	}
	h, rest, ok := digits(s, 2, ":")
	if !ok || h > 23 {
		return 0, 0, false
	}
	m, rest, ok := digits(rest, 2, ":")
	if !ok || m > 59 || strings.HasSuffix(s, ":") {
		return 0, 0, false
	}
	offset = int64(h)*hour + int64(m)*minute - zone
	if rest == "" {
		return offset, minute, true
	}
	sec, rest, ok := digits(rest, 2, ".")
	if !ok || sec > 60 || strings.HasSuffix(s, ".") {
		return 0, 0, false
	}
	offset += int64(sec) * second
	width = second
	for i := range len(rest) {
		if rest[i] < '0' || rest[i] > '9' {
			return 0, 0, false
		}
		if i < 6 {
			width /= 10
			offset += int64(rest[i]-'0') * width
		}
	}
	return offset, width, true
}

func parseZone(s string) (int64, bool) {
	if s == "Z" {
		return 0, true
	}
	h, rest, ok := digits(s[1:], 2, ":")
	if !ok || h > 14 {
		return 0, false
	}
	m, rest, ok := digits(rest, 2, "")
	if !ok || rest != "" || m > 59 || s[0] == 'Z' {
		return 0, false
	}
	zone := int64(h)*hour + int64(m)*minute
	if s[0] == '-' {
		zone = -zone
	}
	return zone, true
}

// digits reads a number of exactly n digits and what follows it, which must
// begin with sep if it is not empty; sep is taken off.
func digits(s string, n int, sep string) (value int, rest string, ok bool) {
	if len(s) < n {
		return 0, "", false
	}
	for i := range n {
		if s[i] < '0' || s[i] > '9' {
			return 0, "", false
		}
		value = value*10 + int(s[i]-'0')
	}
	rest = s[n:]
	if rest == "" || sep == "" {
		return value, rest, true
	}
	rest, ok = strings.CutPrefix(rest, sep)
	return value, rest, ok
}

// around widens a range by a tenth of its distance from now (search.html#prefix,
// "ap").
func around(lo, hi, now int64) (int64, int64) {
	gap := min(abs(now-lo), abs(now-hi)) / 10
	if lo <= now && now < hi {
		gap = 0
	}
	return lo - gap, hi + gap
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

// parseNumber reads a decimal: its value, and the range that its digits imply,
// which is half a unit of the last digit to both sides (search.html#number:
// "100" is [99.5, 100.5), "2.0" is [1.95, 2.05)). The exponent does not count
// as digits, so "1e2" is [50, 150).
func parseNumber(s string) (value, lo, hi float64, ok bool) {
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(s), "e")
	exp := 0
	if hasExponent {
		n, err := strconv.Atoi(exponent)
		if err != nil || n < -300 || n > 300 {
			return 0, 0, 0, false
		}
		exp = n
	}
	sign := 1.0
	if rest, negative := strings.CutPrefix(mantissa, "-"); negative {
		sign, mantissa = -1, rest
	}
	whole, fraction, point := strings.Cut(mantissa, ".")
	if whole == "" || point && fraction == "" || len(whole)+len(fraction) > 17 || strings.Trim(whole+fraction, "0123456789") != "" {
		return 0, 0, 0, false
	}
	units, err := strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		return 0, 0, 0, false
	}
	exp -= len(fraction)
	value = sign * scaled(units, exp)
	lo, hi = sign*scaled(units*10-5, exp-1), sign*scaled(units*10+5, exp-1)
	return value, min(lo, hi), max(lo, hi), !math.IsInf(value, 0)
}

// scaled is n times ten to the power exp, rounded once.
func scaled(n int64, exp int) float64 {
	f, _ := strconv.ParseFloat(strconv.FormatInt(n, 10)+"e"+strconv.Itoa(exp), 64)
	return f
}
