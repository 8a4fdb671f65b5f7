package reverse_test

import (
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping/reverse"
)

// Any Bundle becomes a message that parses, or is refused, for every event.
func FuzzBundle(f *testing.F) {
	for _, file := range []string{"adt_a08", "oru_r01"} {
		raw, err := os.ReadFile("testdata/cases/" + file + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, uint8(0))
		f.Add(raw, uint8(7))
	}
	f.Add([]byte(`{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","id":"1","contained":[{"resourceType":"Organization","id":"a","partOf":{"reference":"#a"}}],"generalPractitioner":[{"reference":"#a"}]}}]}`), uint8(3))
	r := newReverter(f)
	events := r.Events()
	f.Fuzz(func(t *testing.T, raw []byte, event uint8) {
		res, err := r4.Unmarshal(raw)
		if err != nil {
			return
		}
		b, ok := res.(*r4.Bundle)
		if !ok {
			return
		}
		got, err := r.Bundle(b, reverse.Target{Event: events[int(event)%len(events)], ControlID: "1", Time: at})
		if err != nil {
			return
		}
		if _, err := hl7.Parse(got.Message.Bytes()); err != nil {
			t.Error(err)
		}
	})
}
