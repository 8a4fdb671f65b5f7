package mapping_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// whoIs converts a message and returns the id of its resource of a type.
func whoIs(t *testing.T, typ, msh, pid, pv1 string) string {
	t.Helper()
	m, err := mapping.New(mapping.Options{})
	if err != nil {
		t.Fatal(err)
	}
	msg, err := hl7.Parse([]byte("MSH|^~\\&|" + msh + "||ADT^A01|" + "1|P|2.5\rEVN|A01\rPID|1||" + pid + "\rPV1|1|I" + pv1 + "\r"))
	if err != nil {
		t.Fatal(err)
	}
	result, err := m.Convert(msg)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range result.Bundle.Entry {
		if e.Resource.ResourceType() == typ {
			return e.Resource.ResourceID()
		}
	}
	t.Fatalf("no %s", typ)
	return ""
}

// TestWhoIsMeant: two people never become one, and one stays one.
func TestWhoIsMeant(t *testing.T) {
	const sender, visit = "PAS|A|P|A|20250101", "|||||||||||||||||V1"
	for _, c := range []struct {
		name, typ    string
		msh1, pid1   string
		msh2, pid2   string
		visit1, same bool
	}{
		{"an authority that is registered nowhere is another at each facility", "Patient",
			sender, "1001^^^MRN^MR", "PAS|B|P|B|20250101", "1001^^^MRN^MR", false, false},
		{"two systems of one facility share its authorities", "Patient",
			sender, "1001^^^MRN^MR", "LAB|A|P|A|20250102", "1001^^^MRN^MR", false, true},
		{"a universal id is one everywhere", "Patient",
			sender, "1001^^^X&1.2.3&ISO^MR", "PAS|B|P|B|20250101", "1001^^^Y&1.2.3&ISO^MR", false, true},
		{"a number of insurance is shared by a family", "Patient",
			sender, "MC77^^^AETNA^MB~1^^^H^MR", sender, "MC77^^^AETNA^MB~2^^^H^MR", false, false},
		{"a filled-in number names nobody", "Patient",
			sender, "999-99-9999^^^H^MR~1^^^H2^MR", sender, "999-99-9999^^^H^MR~2^^^H2^MR", false, false},
		{"a control id that begins again is another message", "Patient",
			sender, "||A^B", "PAS|A|P|A|20250201", "||C^D", false, false},
		{"a replay is the same message", "Patient", sender, "||A^B", sender, "||A^B", false, true},
		{"a visit number without authority may be one of each patient", "Encounter",
			sender, "1^^^H^MR", sender, "2^^^H^MR", true, false},
		{"and is one of the patient", "Encounter",
			sender, "1^^^H^MR", "PAS|A|P|A|20250102", "1^^^H^MR", true, true},
	} {
		pv1 := ""
		if c.visit1 {
			pv1 = visit
		}
		first, second := whoIs(t, c.typ, c.msh1, c.pid1, pv1), whoIs(t, c.typ, c.msh2, c.pid2, pv1)
		if (first == second) != c.same {
			t.Errorf("%s: the same is %v, want %v", c.name, first == second, c.same)
		}
	}
}

// TestZoneOfTheMessage: MSH-7 gives the zone of all times of a message that name
// none (HL7 v2.9 2.14.9.7); the configured zone speaks where MSH-7 does not.
func TestZoneOfTheMessage(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Skip("no zone data on this machine")
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		msh7  string
		zone  *time.Location
		start string
	}{
		{"20250413093000+0200", nil, "2025-04-13T09:00:00+02:00"},
		{"20250413093000+0200", newYork, "2025-04-13T09:00:00+02:00"},
		{"20250413093000+0200", berlin, "2025-04-13T09:00:00+02:00"},
		{"20250213093000+0100", berlin, "2025-04-13T09:00:00+02:00"}, // winter when sent, summer when it began
		{"20250413093000", newYork, "2025-04-13T09:00:00-04:00"},
		{"20250413093000", nil, "2025-04-13"},
	} {
		m, err := mapping.New(mapping.Options{Zone: c.zone})
		if err != nil {
			t.Fatal(err)
		}
		msg, err := hl7.Parse(fmt.Appendf(nil, "MSH|^~\\&|P|A|P|A|%s||ADT^A01|1|P|2.5\rPID|1||1^^^H^MR\rPV1|1|I||||||||||||||||||||||||||||||||||||||||||20250413090000\r", c.msh7))
		if err != nil {
			t.Fatal(err)
		}
		result, err := m.Convert(msg)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range result.Bundle.Entry {
			if enc, ok := e.Resource.(*r4.Encounter); ok {
				if enc.Period == nil || enc.Period.Start != c.start {
					t.Errorf("MSH-7 %s, zone %v: %+v, want %s", c.msh7, c.zone, enc.Period, c.start)
				}
			}
		}
	}
}
