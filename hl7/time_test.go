package hl7_test

import (
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

func TestParseTime(t *testing.T) {
	for _, c := range []struct {
		text       string
		precision  hl7.Precision
		start, end string // RFC 3339
	}{
		{"1985", hl7.PrecisionYear, "1985-01-01T00:00:00Z", "1986-01-01T00:00:00Z"},
		{"198502", hl7.PrecisionMonth, "1985-02-01T00:00:00Z", "1985-03-01T00:00:00Z"},
		{"19851231", hl7.PrecisionDay, "1985-12-31T00:00:00Z", "1986-01-01T00:00:00Z"},
		{"20240229", hl7.PrecisionDay, "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"},
		{"2026010123", hl7.PrecisionHour, "2026-01-01T23:00:00Z", "2026-01-02T00:00:00Z"},
		{"202601012359", hl7.PrecisionMinute, "2026-01-01T23:59:00Z", "2026-01-02T00:00:00Z"},
		{"20260101235959", hl7.PrecisionSecond, "2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z"},
		{"20260101000000.5", hl7.PrecisionFraction, "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.6Z"},
		{"20260101000000.1234", hl7.PrecisionFraction, "2026-01-01T00:00:00.1234Z", "2026-01-01T00:00:00.1235Z"},
		{"20260101000000.000000001", hl7.PrecisionFraction, "2026-01-01T00:00:00.000000001Z", "2026-01-01T00:00:00.000000002Z"},
		{"20260101120000+0130", hl7.PrecisionSecond, "2026-01-01T12:00:00+01:30", "2026-01-01T12:00:01+01:30"},
		{"20260101120000.5-0500", hl7.PrecisionFraction, "2026-01-01T12:00:00.5-05:00", "2026-01-01T12:00:00.6-05:00"},
		{"202601011200-0000", hl7.PrecisionMinute, "2026-01-01T12:00:00Z", "2026-01-01T12:01:00Z"},
		{"20260101+1400", hl7.PrecisionDay, "2026-01-01T00:00:00+14:00", "2026-01-02T00:00:00+14:00"},
	} {
		v, err := hl7.ParseTime(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		start, end := v.Start(nil).Format(time.RFC3339Nano), v.End(nil).Format(time.RFC3339Nano)
		if v.String() != c.text || v.Precision() != c.precision || start != c.start || end != c.end {
			t.Errorf("%s: %s with precision %d from %s to %s", c.text, v, v.Precision(), start, end)
		}
		if _, given := v.Zone(); given != strings.ContainsAny(c.text, "+-") {
			t.Errorf("%s: zone given is %v", c.text, given)
		}
	}
	v, err := hl7.ParseTime("20260101")
	if err != nil {
		t.Fatal(err)
	}
	east := time.FixedZone("", 7200)
	if got := v.Start(east); !got.Equal(time.Date(2025, 12, 31, 22, 0, 0, 0, time.UTC)) {
		t.Error(got)
	}
	for _, bad := range []string{"", "1", "198", "19850", "19851", "198513", "19850230", "20230229", "19850100", "19850001", "00000101", "2026010124",
		"202601012360", "20260101235960", "20260101000000.", "20260101.5", "20260101000000.1234567890", "20260101Z", "2026-01-01", "20260101+01",
		"20260101+0160", "20260101+1500", "20260101+01000", "+0100", " 2026", "2026 ", "１９８５", "202601010000000", "20260101000000.5.5", hl7.Null} {
		if v, err := hl7.ParseTime(bad); err == nil {
			t.Errorf("%q is read as %+v", bad, v)
		} else if bad != "" && strings.Contains(err.Error(), bad) && len(bad) > 4 {
			t.Errorf("%v quotes the value", err)
		}
	}
}

func TestParseClock(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"00": 0, "0830": 8*time.Hour + 30*time.Minute, "235959": 24*time.Hour - time.Second,
		"120000.25": 12*time.Hour + 250*time.Millisecond, "1200+0100": 12 * time.Hour,
	} {
		c, err := hl7.ParseClock(text)
		if err != nil || c.SinceMidnight() != want || c.String() != text || c.Precision() == 0 {
			t.Errorf("%s: %v, %v", text, c.SinceMidnight(), err)
		}
		if zone, given := c.Zone(); given != (zone == 3600) {
			t.Errorf("%s: zone %d, %v", text, zone, given)
		}
	}
	for _, bad := range []string{"", "1", "24", "1260", "120060", "12:00", "12.5", "-0100", "20260101"} {
		if _, err := hl7.ParseClock(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

// TestFormatTime: what is written is read again with that precision.
func TestFormatTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678900000, time.FixedZone("", -5*3600))
	for p := hl7.PrecisionYear; p <= hl7.PrecisionFraction; p++ {
		for _, zone := range []bool{false, true} {
			text := hl7.FormatTime(at, p, zone)
			v, err := hl7.ParseTime(text)
			if err != nil || v.Precision() != p || at.Before(v.Start(at.Location())) || !at.Before(v.End(at.Location())) {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	if got := hl7.FormatTime(at, hl7.PrecisionFraction, true); got != "20260102030405.6789-0500" {
		t.Error(got)
	}
}

func TestParseNM(t *testing.T) {
	for text, want := range map[string]string{
		"7": "7", "+7": "7", "-0.5": "-1/2", "3.10": "31/10", "007": "7", ".5": "1/2", "5.": "5", "123456789012345678901": "123456789012345678901",
	} {
		n, err := hl7.ParseNM(text)
		if err != nil || n.String() != text || n.Rat().RatString() != want {
			t.Errorf("%s: %s, %v", text, n.Rat().RatString(), err)
		}
	}
	for _, bad := range []string{"", "+", "-", ".", "1e5", "1,5", "1 2", "+-1", "--1", "1.2.3", "0x10", "1_0", "inf", "NaN", "1/2", strings.Repeat("9", 1001), hl7.Null} {
		if _, err := hl7.ParseNM(bad); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
	v := parse(t, "MSH|^~\\&|\rOBX|1|NM|a||-3.5~0830^20260101").Segment(1).Field(5)
	if n, err := v.NM(); err != nil || n.Float64() != -3.5 {
		t.Error(n, err)
	}
	if c, err := v.Rep(2).Clock(); err != nil || c.String() != "0830" {
		t.Error(c, err)
	}
	if d, err := v.Rep(2).Component(2).Time(); err != nil || d.String() != "20260101" {
		t.Error(d, err)
	}
}
