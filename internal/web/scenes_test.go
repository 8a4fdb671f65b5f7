package web_test

import (
	"bytes"
	"strings"
	"time"

	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/web"
)

type scene struct {
	name, path string
	store      *fake
	fails      bool // with a status that says so
}

// scenes are the pages that a person may meet.
func scenes() []scene {
	full, ids := hospital()
	calm := &fake{resources: resources()}
	calm.add(now.Add(-20*time.Minute), admission())
	noise := &fake{}
	noiseID := noise.add(now.Add(-time.Minute), web.Detail{Info: web.Info{
		State:   message.Dead,
		Cause:   message.Cause{Kind: "invalid", Text: "not HL7 v2"},
		Message: message.Message{Peer: "10.20.1.99:40112", Channel: "default", Body: file("noise.bin"), Ack: ack("AR", ""), AckCode: "AR"},
	}})
	markup := labResults()
	markup.Message.Body = file("script.hl7")
	markup.Message.SendingApp, markup.Message.Type = "<script>alert(1)</script>", "\"><img src=x onerror=alert(3)>"
	markup.Cause = message.Cause{At: "PID-5", Text: "<b>not bold</b>"}
	long := labResults()
	long.Message.SendingApp = strings.Repeat("LABORATORY", 9)
	long.Message.ControlID = strings.Repeat("0123456789", 12)
	long.Message.Body = []byte("MSH|^~\\&|" + strings.Repeat("LABORATORY", 9) + "|N|P|H|20250413||ORU^R01|1|P|2.5.1\r" + strings.Repeat("OBX|1|ED|||"+strings.Repeat("QUJD", 500)+"\r", 300))
	strange := &fake{resources: resources()}
	markupID, longID := strange.add(now.Add(-2*time.Minute), markup), strange.add(now.Add(-time.Minute), long)
	noTable := admission()
	noTable.Message.Body = bytes.Replace(noTable.Message.Body, []byte("ADT^A01"), []byte("ZZZ^Z01"), 1)
	refused := strange.add(now.Add(-time.Second), noTable)
	return []scene{
		{"list", "/ui/", full, false},
		{"list filtered", "/ui/?state=dead&type=ADT%5EA08&refresh=60", full, false},
		{"list calm", "/ui/", calm, false},
		{"list without match", "/ui/?state=filtered", calm, false},
		{"list empty", "/ui/", &fake{}, false},
		{"message delivered", "/ui/messages/" + ids[0].String(), full, false},
		{"message dead", "/ui/messages/" + ids[1].String(), full, false},
		{"message retrying", "/ui/messages/" + ids[2].String(), full, false},
		{"message noise", "/ui/messages/" + noiseID.String(), noise, false},
		{"list strange", "/ui/", strange, false},
		{"message markup", "/ui/messages/" + markupID.String(), strange, false},
		{"message long", "/ui/messages/" + longID.String(), strange, false},
		{"convert form", "/ui/convert", &fake{}, false},
		{"convert example", "/ui/convert?example", full, false},
		{"convert stored", "/ui/convert?id=" + ids[2].String(), full, false},
		{"convert noise", "/ui/convert?id=" + noiseID.String(), noise, true},
		{"convert refused", "/ui/convert?id=" + refused.String(), strange, true},
		{"convert markup", "/ui/convert?id=" + markupID.String(), strange, false},
		{"not found", "/ui/messages/0000000000000", full, true},
	}
}

// hospital is a store with a morning's work in it. The ids are of the
// admission, the message with a bad date and the laboratory's results.
func hospital() (*fake, []message.ID) {
	f := &fake{resources: resources()}
	kinds := []string{"ADT^A01", "ORU^R01", "ADT^A08", "ADT^A02", "ADT^A03", "ORU^R01"}
	for i := range 120 {
		d := admission()
		d.Message.Type = kinds[i%len(kinds)]
		d.Message.SendingApp, d.Message.SendingFac = []string{"PAS", "LAB", "PAS"}[i%3], "NORTH"
		f.add(now.Add(time.Duration(i-300)*time.Minute), d)
	}
	d := admission()
	d.State, d.Message.Type = message.Filtered, "MFN^M02"
	f.add(now.Add(-50*time.Minute), d)
	ids := []message.ID{f.add(now.Add(-20*time.Minute), admission()), f.add(now.Add(-18*time.Minute), badDate()), f.add(now.Add(-4*time.Minute), labResults())}
	d = labResults()
	d.State, d.Cause, d.Steps = message.Received, message.Cause{}, d.Steps[:2]
	f.add(now.Add(-9*time.Second), d)
	d.State = message.Claimed
	f.add(now.Add(-300*time.Millisecond), d)
	return f, ids
}
