package mapping

import (
	"strconv"
	"strings"
	"time"

	"github.com/ponshealth/pons/hl7"
)

// timeUnits gives the UCUM code of a unit of time as senders write it.
var timeUnits = map[string]string{
	"s": "s", "sec": "s", "second": "s", "seconds": "s",
	"m": "min", "min": "min", "minute": "min", "minutes": "min",
	"h": "h", "hr": "h", "hour": "h", "hours": "h",
	"d": "d", "day": "d", "days": "d", "w": "wk", "wk": "wk", "week": "wk", "weeks": "wk",
	"l": "mo", "mo": "mo", "month": "mo", "months": "mo", "y": "a", "yr": "a", "year": "a", "years": "a", "a": "a",
}

// moment is the time that a field says, if it is known to the minute and with
// its zone: only then can a duration be added to it.
func (f *call) moment(v hl7.Value) (time.Time, bool) {
	m, ok := parseDTM(v.String())
	if !ok {
		return time.Time{}, false
	}
	if m = m.in(f.c.zone); m.precision < toMinute || !m.zoned {
		return time.Time{}, false
	}
	t, err := time.Parse("2006-01-02T15:04:05Z07:00", m.date()+"T"+m.clockText()+m.zone)
	return t, err == nil
}

func dtm(t time.Time) string { return t.Format("20060102150405-0700") }

// span is a number of a unit of time, minutes without one.
func span(number, unit string) (time.Duration, bool) {
	n, ok := decimalText(number)
	factor, known := minutesIn[strings.ToLower(strings.TrimSpace(unit))]
	if !ok || !known {
		return 0, false
	}
	value, err := strconv.ParseFloat(n, 64)
	return time.Duration(value * factor * float64(time.Minute)), err == nil
}

// own is field n of the segment at hand, and the place of its first repetition.
func (f *call) own(n int) val {
	s := f.v.at.seg()
	return val{f.c.segs[s].field(n).Rep(1), placeOf(s, n, 1, 0, 0)}
}

// spanAt is the time span in field n whose unit is in field n+1.
func (f *call) spanAt(n int) (time.Duration, bool) {
	number, unit := f.own(n), f.own(n+1)
	d, ok := span(number.v.String(), unit.v.String())
	if ok {
		f.c.use(number.leaf())
		if unit.v.Valued() {
			f.c.use(unit.part(1, 0).leaf())
		}
	}
	return d, ok
}

// appointmentStart is when the appointment of the message begins: SCH-11.4, or
// TQ1-7 since HL7 v2.7 withdrew that.
func (f *call) appointmentStart() (time.Time, bool) {
	s := f.v.at.seg()
	if i := f.c.segs[s].group.nearest(f.c.segs, "SCH", s); i >= 0 {
		if t, ok := f.moment(f.c.segs[i].field(11).Rep(1).Component(4)); ok {
			return t, true
		}
	}
	if i := f.c.segs[s].group.nearest(f.c.segs, "TQ1", s); i >= 0 {
		return f.moment(f.c.segs[i].field(7))
	}
	return time.Time{}, false
}

// startOffset adds the value, in the unit of the field after it, to the start
// of the appointment: AIS-5, AIG-9, AIL-7, AIP-7 (HL7 v2.9 10.6.4).
func startOffset(f *call) bool {
	start, ok := f.appointmentStart()
	if !ok {
		return false
	}
	d, ok := f.spanAt(f.v.at.field())
	return ok && f.say(dtm(start.Add(d)), f.v.leaf())
}

// endAfter adds the value, a duration in the unit of the field after it, to the
// start three fields before it: AIS-7, AIG-11, AIL-9, AIP-9.
func endAfter(f *call) bool {
	n := f.v.at.field()
	start, ok := f.moment(f.own(n - 3).v)
	if !ok {
		return false
	}
	d, ok := f.spanAt(n)
	return ok && f.say(dtm(start.Add(d)), f.v.leaf())
}

// minutesByNext gives the value, in the unit of the field after it, as minutes.
func minutesByNext(f *call) bool {
	d, ok := f.spanAt(f.v.at.field())
	return ok && f.say(strconv.FormatFloat(d.Minutes(), 'f', -1, 64), f.v.leaf())
}

// plusDuration adds the duration TQ1-6 to the start TQ1-7.
func plusDuration(f *call) bool { return f.shift(7, 1) }

// minusDuration takes the duration TQ1-6 from the end TQ1-8.
func minusDuration(f *call) bool { return f.shift(8, -1) }

func (f *call) shift(field int, sign time.Duration) bool {
	t, ok := f.moment(f.own(field).v)
	if !ok {
		return false
	}
	d, ok := span(f.part(1), f.v.part(2, 1).v.String())
	return ok && f.say(dtm(t.Add(sign*d)), f.v.part(1, 0).leaf(), f.v.part(2, 1).leaf())
}

// duration writes a CQ as a Duration, whose unit has to be one of UCUM (R4
// drt-1). Other units are left to the text.
func duration(f *call, n *node) bool {
	number, ok := decimalText(f.part(1))
	unit := f.v.part(2, 1)
	code := timeUnits[strings.ToLower(strings.TrimSpace(unit.v.String()))]
	if !ok || code == "" {
		return false
	}
	f.g.use(f.v.part(1, 0).leaf())
	f.g.use(unit.leaf())
	return f.set(n, "value", number, f.v.at) && f.set(n, "unit", code, f.v.at) &&
		f.set(n, "system", ucum, f.v.at) && f.set(n, "code", code, f.v.at)
}

// repeatOffset gives the minutes of RPT.9 by the unit RPT.10.
func repeatOffset(f *call) bool {
	unit := f.v.part(10, 1)
	d, ok := span(f.part(9), unit.v.String())
	return ok && f.say(strconv.FormatFloat(d.Minutes(), 'f', -1, 64), f.v.part(9, 0).leaf(), unit.leaf())
}

// endOfAppointment adds the duration SCH-9, in the unit SCH-10, to the start of the
// appointment.
func endOfAppointment(f *call) bool {
	start, ok := f.appointmentStart()
	if !ok {
		return false
	}
	d, ok := f.spanAt(9)
	return ok && f.say(dtm(start.Add(d)), f.v.leaf())
}
