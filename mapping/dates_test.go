package mapping_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// HL7 v2.9 2A.2.22 (DTM) against FHIR R4 datatypes.html (date, dateTime, instant,
// time): the precision stays, nothing is invented, nothing is shifted. An empty
// want means that nothing is written.
func TestDates(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("SKIPPED: no time zone database: nothing was tested")
	}
	cases := []struct {
		text     string
		zone     *time.Location
		date     string // birthDate
		dateTime string // deceasedDateTime
		instant  string // meta.lastUpdated
	}{
		{"1985", nil, "1985", "1985", ""},
		{"198503", nil, "1985-03", "1985-03", ""},
		{"19850315", nil, "1985-03-15", "1985-03-15", ""},
		{"19850315+0100", nil, "1985-03-15", "1985-03-15", ""},
		{" 19850315 ", nil, "1985-03-15", "1985-03-15", ""},
		// A time without zone: a date, unless the site has a zone.
		{"198503151230", nil, "1985-03-15", "1985-03-15", ""},
		{"19850315123059", nil, "1985-03-15", "1985-03-15", ""},
		{"20250413093000", berlin, "2025-04-13", "2025-04-13T09:30:00+02:00", "2025-04-13T09:30:00+02:00"},
		{"20250113093000", berlin, "2025-01-13", "2025-01-13T09:30:00+01:00", "2025-01-13T09:30:00+01:00"},
		{"20250413", berlin, "2025-04-13", "2025-04-13", ""},
		// The message's zone wins and its digits stay.
		{"20250413093000-0500", berlin, "2025-04-13", "2025-04-13T09:30:00-05:00", "2025-04-13T09:30:00-05:00"},
		{"20250413233000-1100", nil, "2025-04-13", "2025-04-13T23:30:00-11:00", "2025-04-13T23:30:00-11:00"},
		{"20250413003000+1400", nil, "2025-04-13", "2025-04-13T00:30:00+14:00", "2025-04-13T00:30:00+14:00"},
		{"20250413093000+0000", nil, "2025-04-13", "2025-04-13T09:30:00+00:00", "2025-04-13T09:30:00+00:00"},
		{"20250413093000+0530", nil, "2025-04-13", "2025-04-13T09:30:00+05:30", "2025-04-13T09:30:00+05:30"},
		// FHIR wants seconds in a dateTime and lets them be filled with zero; an
		// instant is at least to the second.
		{"202504130930+0100", nil, "2025-04-13", "2025-04-13T09:30:00+01:00", ""},
		{"2025041309+0100", nil, "2025-04-13", "2025-04-13", ""},
		// Fractions stay as long as they are.
		{"20250413093000.1+0100", nil, "2025-04-13", "2025-04-13T09:30:00.1+01:00", "2025-04-13T09:30:00.1+01:00"},
		{"20250413093000.1234-0500", nil, "2025-04-13", "2025-04-13T09:30:00.1234-05:00", "2025-04-13T09:30:00.1234-05:00"},
		{"20250413093000.0500+0100", nil, "2025-04-13", "2025-04-13T09:30:00.0500+01:00", "2025-04-13T09:30:00.0500+01:00"},
		// Midnight is a time.
		{"20250413000000+0100", nil, "2025-04-13", "2025-04-13T00:00:00+01:00", "2025-04-13T00:00:00+01:00"},
		{"20250413235959+0100", nil, "2025-04-13", "2025-04-13T23:59:59+01:00", "2025-04-13T23:59:59+01:00"},
		// A leap second exists, and FHIR has it.
		{"20161231235960+0000", nil, "2016-12-31", "2016-12-31T23:59:60+00:00", "2016-12-31T23:59:60+00:00"},
		// Leap days.
		{"20240229", nil, "2024-02-29", "2024-02-29", ""},
		{"20230229", nil, "", "", ""},
		{"20000229", nil, "2000-02-29", "2000-02-29", ""},
		{"19000229", nil, "", "", ""},
		// Days and times that are none.
		{"20250431", nil, "", "", ""},
		{"20251301", nil, "", "", ""},
		{"20250400", nil, "", "", ""},
		{"20250012", nil, "", "", ""},
		{"00000000", nil, "", "", ""},
		{"20250413240000+0100", nil, "", "", ""},
		{"20250413096000+0100", nil, "", "", ""},
		{"20250413093061+0100", nil, "", "", ""},
		{"20250413093000+1500", nil, "", "", ""},
		{"20250413093000+01", nil, "", "", ""},
		{"20250413093000+0160", nil, "", "", ""},
		{"202504130930.5+0100", nil, "", "", ""},
		{"2025041309300", nil, "", "", ""},
		{"202504", nil, "2025-04", "2025-04", ""},
		{"20250", nil, "", "", ""},
		{"85", nil, "", "", ""},
		{"UNKNOWN", nil, "", "", ""},
		{"13.04.2025", nil, "", "", ""},
		{"2025-04-13", nil, "", "", ""},
		{"-2025041", nil, "", "", ""},
		// The clock jumps: 02:30 on 30 March 2025 was never, on 26 October twice.
		{"20250330023000", berlin, "2025-03-30", "2025-03-30", ""},
		{"20250330013000", berlin, "2025-03-30", "2025-03-30T01:30:00+01:00", "2025-03-30T01:30:00+01:00"},
		{"20250330033000", berlin, "2025-03-30", "2025-03-30T03:30:00+02:00", "2025-03-30T03:30:00+02:00"},
		{"20251026023000", berlin, "2025-10-26", "2025-10-26", ""},
		{"20251026023000+0100", berlin, "2025-10-26", "2025-10-26T02:30:00+01:00", "2025-10-26T02:30:00+01:00"},
		{"20251026013000", berlin, "2025-10-26", "2025-10-26T01:30:00+02:00", "2025-10-26T01:30:00+02:00"},
		// Local mean time: +00:53:28 cannot be said.
		{"18800101120000", berlin, "1880-01-01", "1880-01-01", ""},
	}
	for _, c := range cases {
		name := c.text
		if c.zone != nil {
			name += " in " + c.zone.String()
		}
		t.Run(name, func(t *testing.T) {
			m := small(t, patientTables(
				`{id: 1, from: PID-3, to: 'identifier[1].value'}`,
				`{id: 2, from: PID-7, to: birthDate}`,
				`{id: 3, from: PID-29, to: deceasedDateTime}`,
				`{id: 4, from: PID-33, to: meta.lastUpdated}`), mapping.Options{Zone: c.zone})
			p, res := convert[*r4.Patient](t, m, head+"PID|||1||||"+c.text+"||||||||||||||||||||||"+c.text+"||||"+c.text+"\r")
			dateTime, _ := p.Deceased.(r4.DateTime)
			instant := ""
			if p.Meta != nil {
				instant = p.Meta.LastUpdated
			}
			if p.BirthDate != c.date || string(dateTime) != c.dateTime || instant != c.instant {
				t.Errorf("date %q, dateTime %q, instant %q", p.BirthDate, dateTime, instant)
				t.Errorf("want %q, %q, %q", c.date, c.dateTime, c.instant)
			}
			for _, f := range []struct{ path, written string }{{"PID-7", c.date}, {"PID-29", c.dateTime}, {"PID-33", c.instant}} {
				unmapped := slices.ContainsFunc(res.Unmapped, func(p mapping.Place) bool { return p.Path == f.path })
				noted := slices.ContainsFunc(res.Notes, func(n mapping.Note) bool { return n.At == f.path })
				sent := f.path == "PID-33" && p.Meta != nil && asSent(p.Meta, "lastUpdated") != ""
				if f.written == "" && (unmapped == sent || !noted) {
					t.Errorf("%s is not written: it must be noted (%t) and either among the unmapped (%t) or there as it was sent (%t)", f.path, noted, unmapped, sent)
				}
				if f.written != "" && unmapped {
					t.Errorf("%s is written and among the unmapped", f.path)
				}
			}
			if c.dateTime != "" && len(c.dateTime) <= 10 && len(c.text) > 13 &&
				!slices.ContainsFunc(res.Notes, func(n mapping.Note) bool { return n.At == "PID-29" }) {
				t.Error("the time was dropped without a note")
			}
		})
	}
}

// HL7 v2.9 2A.2.75 (TM). FHIR's time has neither zone nor bare hours.
func TestTimes(t *testing.T) {
	tables := patientTables(
		`{id: 1, from: PID-3, to: 'identifier[1].value'}`,
		`{id: 2, from: PID-7, to: 'extension[1].url', value: 'urn:x'}`,
		`{id: 3, from: PID-7, to: 'extension[1].valueTime'}`)
	m := small(t, tables, mapping.Options{})
	for text, want := range map[string]r4.Time{
		"0930": "09:30:00", "093015": "09:30:15", "093015.25": "09:30:15.25", "000000": "00:00:00", "235959": "23:59:59",
		"09": "", "2400": "", "0960": "", "0930+0100": "", "9:30": "", "930": "",
	} {
		p, _ := convert[*r4.Patient](t, m, head+"PID|||1||||"+text+"\r")
		var got r4.Time
		if len(p.Extension) > 0 {
			got, _ = p.Extension[0].Value.(r4.Time)
		}
		if got != want {
			t.Errorf("%s became %q, want %q", text, got, want)
		}
	}
}

// HL7 v2.9 2A.2.46 (NM) against FHIR's decimal: exactness stays.
func TestNumbers(t *testing.T) {
	tables := patientTables(
		`{id: 1, from: PID-3, to: 'identifier[1].value'}`,
		`{id: 2, from: PID-7, to: 'extension[1].url', value: 'urn:x'}`,
		`{id: 3, from: PID-7, to: 'extension[1].valueDecimal'}`,
		`{id: 4, from: PID-25, to: multipleBirthInteger}`)
	m := small(t, tables, mapping.Options{})
	for text, want := range map[string][2]string{
		"1": {"1", "1"}, "1.50": {"1.50", ""}, "+1": {"1", "1"}, "-1.0": {"-1.0", ""}, "007": {"7", "7"}, ".5": {"0.5", ""},
		"5.": {"5", "5"}, "0": {"0", "0"}, "-0": {"-0", "0"}, "0.00": {"0.00", ""}, " 3 ": {"3", "3"}, "-.5": {"-0.5", ""},
		"1,000": {"", ""}, "<5": {"", ""}, "1e3": {"", ""}, "1 2": {"", ""}, "--1": {"", ""}, ".": {"", ""}, "2147483648": {"2147483648", ""},
	} {
		p, _ := convert[*r4.Patient](t, m, head+"PID|||1||||"+text+"||||||||||||||||||"+text+"\r")
		var decimal r4.Decimal
		if len(p.Extension) > 0 {
			decimal, _ = p.Extension[0].Value.(r4.Decimal)
		}
		integer := ""
		if f, _, _ := r4.TypeOf(p).Field("multipleBirthInteger"); f.Len(p) > 0 {
			integer = f.Text(p, 0)
		}
		if got := [2]string{string(decimal), integer}; got != want {
			t.Errorf("%s became %q, want %q", text, got, want)
		}
	}
}
