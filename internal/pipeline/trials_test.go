package pipeline_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/pipeline"
)

// TestTrainingMessages: a test result must not become one of a real patient
// unless the house says so.
func TestTrainingMessages(t *testing.T) {
	for _, c := range []struct {
		id     string
		trials bool
		want   message.State
	}{{"P", false, message.Delivered}, {"", false, message.Delivered}, {"T", false, message.Filtered}, {"D", false, message.Filtered}, {"T^T", false, message.Filtered}, {"T", true, message.Delivered}} {
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		q := &queue{m: message.Message{ID: 1, Destination: "fhir", Body: []byte(strings.Replace(hl7Message, "|1|P|", "|1|"+c.id+"|", 1))}, stop: stop}
		p := &pipeline.Pipeline{
			Destination: "fhir", Queue: q, Resources: resources{}, Converter: converter(admission), Workers: 1, Trials: c.trials,
			Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
		}
		if err := p.Run(ctx); err != nil {
			t.Fatal(err)
		}
		s := q.settled[0]
		if s.To != c.want || c.want == message.Filtered && (s.Cause.At != "MSH-11" || !strings.Contains(s.Cause.Text, "training") || len(s.Writes) > 0) {
			t.Errorf("MSH-11 %q, trials %t: %v %+v, want %v", c.id, c.trials, s.To, s.Cause, c.want)
		}
	}
}
