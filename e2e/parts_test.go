package e2e

import (
	"strings"
	"testing"
)

// TestParts: a message that comes in three parts (DSC), with the engine killed after
// each but the last, is one message in the end.
func TestParts(t *testing.T) {
	head := func(id, from string) string {
		return `MSH|^~\&|PAS|HOSP|PONS|HOSP|20260302081500||ADT^A01^ADT_A01|` + id + `|P|2.5||` + from + "\r"
	}
	parts := []string{
		head("PART1", "") + "EVN|A01|20260302081500\rPID|1||P0001^^^NHS^NH||Kil\rADD\rDSC|chain-1|F\r",
		head("PART2", "chain-1") + "ADD|roy^Ann||19700101|F\rDSC|chain-2|F\r",
		head("PART3", "chain-2") + "PV1|1|I|WARD1^R1^B1||||12345^Jones^Sarah|||MED||||1|||||VP0001^^^HOSP^VN\r",
	}
	dir := t.TempDir()
	for i, part := range parts {
		e := start(t, dir)
		c, err := dial(e.mllp)
		if err != nil {
			t.Fatal(err)
		}
		id := "PART" + string(rune('1'+i))
		for range 2 { // and each is sent again, as if its answer had been lost
			answer, err := c.send(part)
			if err != nil {
				t.Fatal(err)
			}
			if code, err := ackCode(answer, id); err != nil || code != "AA" {
				t.Fatalf("part %s is answered %s %v", id, code, err)
			}
		}
		if i < len(parts)-1 {
			e.kill()
			continue
		}
		e.eventually("the whole message delivered", func() bool { return len(e.patients(nhs, "P0001").Entry) == 1 && e.waiting() == 0 })
		found := e.patients(nhs, "P0001").Entry[0].Resource
		names, _ := found["name"].([]any)
		if len(names) != 1 || names[0].(map[string]any)["family"] != "Kilroy" || found["meta"].(map[string]any)["versionId"] != "1" {
			t.Errorf("the patient is %v", found)
		}
		if n := e.total("Encounter"); n != 1 {
			t.Errorf("%d encounters, want 1: the last part", n)
		}
		if log := e.log.String(); strings.Count(log, "message joined") != 1 {
			t.Errorf("the log:\n%s", log)
		}
		e.stop()
	}
}
