package mapping

import (
	"strconv"
	"strings"
	"time"
)

const ucum = "http://unitsofmeasure.org"

// minutesIn says how many minutes a unit of time has, by what v2 and UCUM call it.
var minutesIn = map[string]float64{
	"": 1, "min": 1, "m": 1, "minute": 1, "minutes": 1, "h": 60, "hr": 60, "hour": 60, "hours": 60,
	"s": 1.0 / 60, "sec": 1.0 / 60, "second": 1.0 / 60, "seconds": 1.0 / 60,
	"d": 1440, "day": 1440, "days": 1440, "w": 10080, "wk": 10080, "week": 10080, "weeks": 10080,
}

// minutes gives the minutes of a CQ: its value by its unit.
func minutes(f *call) bool {
	n, ok := decimalText(f.part(1))
	factor, known := minutesIn[strings.ToLower(strings.TrimSpace(f.v.part(2, 1).v.String()))]
	if !ok || !known {
		return false
	}
	value, err := strconv.ParseFloat(n, 64)
	if err != nil {
		return false
	}
	return f.say(strconv.FormatFloat(value*factor, 'f', -1, 64), f.v.part(1, 0).leaf(), f.v.part(2, 1).leaf())
}

// plusMinutes adds the value, in minutes, to the field two before it, such as
// PR1-7 to PR1-5: a start that is known to the minute, with its zone.
func plusMinutes(f *call) bool {
	n, err := strconv.Atoi(strings.TrimSpace(f.v.v.String()))
	if err != nil {
		return false
	}
	t, ok := f.moment(f.c.segs[f.v.at.seg()].field(f.v.at.field() - 2))
	return ok && f.say(dtm(t.Add(time.Duration(n)*time.Minute)), f.v.leaf())
}

var weekDays = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// dayOfWeek gives FHIR's code of a day by its number, 1 is Monday (RPT.3).
func dayOfWeek(f *call) bool {
	n, err := strconv.Atoi(strings.TrimSpace(f.v.v.String()))
	if err != nil || n < 1 || n > len(weekDays) {
		return false
	}
	return f.say(weekDays[n-1], f.v.leaf())
}

// tqDuration writes the duration of a TQ.3 (HL7 v2.9 2A.2.76): S, M, H, D, W or L
// (months) and a number. Other forms, such as X3 (three times), are no duration.
func tqDuration(f *call, n *node) bool {
	s := strings.TrimSpace(f.v.v.String())
	if len(s) < 2 {
		return false
	}
	units := map[byte]string{'S': "s", 'M': "min", 'H': "h", 'D': "d", 'W': "wk", 'L': "mo"}
	code := units[s[0]]
	number, ok := integerText(s[1:])
	if code == "" || !ok {
		return false
	}
	f.g.use(f.v.leaf())
	return f.set(n, "value", number, f.v.at) && f.set(n, "unit", code, f.v.at) &&
		f.set(n, "system", ucum, f.v.at) && f.set(n, "code", code, f.v.at)
}
