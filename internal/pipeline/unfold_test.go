package pipeline_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/mapping"
)

// reader is a converter that only remembers what it was given.
type reader struct{ text *string }

func (r reader) ConvertKnown(m *hl7.Message, _ mapping.Known) (*mapping.Result, error) {
	*r.text = string(m.Bytes())
	return admission()
}

// TestSegmentsThatADDContinues: a segment that goes on in ADD segments of the same message
// (HL7 v2.9 2.10.2.1) is mapped as the whole that it is.
func TestSegmentsThatADDContinues(t *testing.T) {
	const head = "MSH|^~\\&|A|B|C|D|2026||ORU^R01|1|P|2.5\r"
	for body, want := range map[string]string{
		head + "PID|1\rOBX|1|TX|a||long\rADD| text\rADD| that ends|x\rOBX|2\r": head + "PID|1\rOBX|1|TX|a||long text that ends|x\rOBX|2\r",
		head + "PID|1\r\r": head + "PID|1\r\r", // as it came
	} {
		got := ""
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		q := &queue{m: message.Message{ID: 1, Destination: "fhir", Body: []byte(body)}, stop: stop}
		p := &pipeline.Pipeline{Destination: "fhir", Queue: q, Resources: resources{}, Converter: reader{&got}, Workers: 1,
			Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon }}
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
		stop()
		if got != want {
			t.Errorf("%q is mapped as %q, want %q", body, got, want)
		}
	}
}
