package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/mapping"
)

// Limits of a conversion. What the tables do with a message of many repetitions
// or segments takes more than its size says, and can not be interrupted.
const (
	maxConvert     = 1 << 20 // bytes of a message
	maxTrial       = 64 << 10
	maxConvertSegs = 2000
	maxConvertReps = 2000 // of all fields that repeat
	maxConversions = 2    // at once
	convertTimeout = 15 * time.Second
	maxPicked      = 30 // stored messages to pick from
)

// example is what the page offers to who has no message at hand. Nobody in it
// exists.
const example = "MSH|^~\\&|PAS|RIVERSIDE|PONS|HERE|20250413093000+0100||ADT^A01^ADT_A01|MSG001|P|2.5.1\n" +
	"EVN|A01|20250413093000+0100\n" +
	"PID|1||40012345^^^RIVERSIDE^MR~9000000009^^^NHS^NH||Smith^John^Paul^^Mr||19850315|M|||42 High Street^^Manchester^^M1 1AA^GBR||+44 161 496 0000^PRN^PH|||M\n" +
	"NK1|1|Smith^Mary|SPO^Spouse^HL70063\n" +
	"PV1|1|I|W7^12^B^RIVERSIDE||||12345^Jones^Sarah^^^Dr|||MED\n" +
	"AL1|1|DA|7980^Penicillin^RXNORM|SV|Hives\n" +
	"ZPI|1|a segment of the sender's own\n"

// given is what a person gave to be converted.
type given struct {
	text  []byte // UTF-8
	trial Trial
	id    string // of a stored message
	more  int    // messages after the first
}

// convertStored shows the empty form, or the conversion of a stored message or
// of the example.
func (s *server) convertStored(w http.ResponseWriter, r *http.Request) {
	g := given{}
	switch q := r.URL.Query(); {
	case q.Has("example"):
		g.text = []byte(example)
	case q.Get("id") != "":
		id, err := message.ParseID(q.Get("id"))
		if err != nil {
			s.notFound(w, r, "That is not the id of a message: it has 13 letters and digits.")
			return
		}
		m, err := s.Store.Message(r.Context(), id)
		if err != nil {
			s.storeFailed(w, r, err)
			return
		}
		if len(m.Message.Body) > maxConvert {
			s.convertTooLarge(w, r)
			return
		}
		g.id = id.String()
		if g.text, _, err = hl7.Decode(m.Message.Body, s.Charset); err != nil {
			g.text = nil
			s.convertShow(w, r, g, http.StatusUnprocessableEntity, &convertProblem{Text: "It cannot be read as HL7 v2: " + readingProblem(err) + "."})
			return
		}
	}
	if g.text == nil {
		s.convertShow(w, r, g, http.StatusOK, nil)
		return
	}
	s.convert(w, r, g)
}

// convertGiven converts what was pasted or chosen. It stores nothing.
func (s *server) convertGiven(w http.ResponseWriter, r *http.Request) {
	g, err := s.readGiven(w, r)
	switch kind := fault.KindOf(err); {
	case err == nil:
	case kind == fault.TooLarge:
		s.convertTooLarge(w, r)
		return
	case kind == fault.Invalid:
		s.convertShow(w, r, g, http.StatusUnprocessableEntity, &convertProblem{Text: err.Error()})
		return
	default: // the form broke off
		s.fail(w, r, http.StatusBadRequest, problem{Heading: "Not understood",
			Text: "The form did not come whole.", Back: "/ui/convert", BackText: "Back to the form"})
		return
	}
	s.convert(w, r, g)
}

func (s *server) convertTooLarge(w http.ResponseWriter, r *http.Request) {
	s.fail(w, r, http.StatusRequestEntityTooLarge, problem{Heading: "Too large for this page",
		Text: "This page takes messages of up to 1 MiB, with an overlay of up to 64 KiB. The command pons convert has no such limit.",
		Back: "/ui/convert", BackText: "Back to the form"})
}

// convert converts one message, when it is its turn.
func (s *server) convert(w http.ResponseWriter, r *http.Request, g given) {
	ctx, cancel := context.WithTimeout(r.Context(), convertTimeout)
	defer cancel()
	m, problem := parseGiven(&g)
	if problem != nil {
		s.convertShow(w, r, g, http.StatusUnprocessableEntity, problem)
		return
	}
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		s.convertBusy(w, r)
		return
	}
	p, err := s.Convert.Preview(ctx, m, g.trial)
	if err != nil {
		s.convertFailed(w, r, g, m, err)
		return
	}
	v := s.convertForm(r.Context(), g)
	v.fill(p)
	s.showConvert(w, r, http.StatusOK, v)
}

func parseGiven(g *given) (*hl7.Message, *convertProblem) {
	m, err := hl7.Parse(g.text)
	if err != nil {
		return nil, &convertProblem{Text: "It cannot be read as HL7 v2: " + readingProblem(err) + "."}
	}
	reps := 0
	for seg := range m.Segments() {
		for _, f := range seg.EachField() {
			reps += max(0, f.Reps()-1)
		}
	}
	if m.Len() > maxConvertSegs || reps > maxConvertReps {
		return nil, &convertProblem{Text: "It has more than " + number(maxConvertSegs) + " segments, or fields that repeat more than " +
			number(maxConvertReps) + " times together, which is too much for this page. The command pons convert has no such limit."}
	}
	return m, nil
}

func (s *server) convertBusy(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Retry-After", "5")
	s.fail(w, r, http.StatusServiceUnavailable, problem{Heading: "Others are converting",
		Text: "Try again in a moment. Messages are not affected by this page.", Back: "/ui/convert", BackText: "Back to the form"})
}

// convertFailed says why there is no result. The message is still drawn, with
// the place of the reason marked.
func (s *server) convertFailed(w http.ResponseWriter, r *http.Request, g given, m *hl7.Message, err error) {
	status := http.StatusUnprocessableEntity
	p := &convertProblem{message: m}
	trial, isTrial := errors.AsType[*TrialError](err)
	refused, isRefused := errors.AsType[*mapping.Error](err)
	kind := fault.KindOf(err)
	switch {
	case isTrial:
		p.Trial, p.message = trialProblems(trial, g.trial), nil
		p.Text = "The overlay cannot be used. Nothing was changed."
	case isRefused:
		p.At, p.Text = refused.At, refused.Problem
	case errors.Is(err, ErrNotWanted):
		p.Text = "The script of this site does not want this message: the engine would keep it as filtered."
	case errors.Is(err, context.DeadlineExceeded):
		s.convertBusy(w, r)
		return
	case r.Context().Err() != nil: // the reader has gone
		return
	case kind == fault.Invalid || kind == fault.Unsupported:
		p.At, p.Text = fault.At(err), "It cannot be converted: see the place."
		if f, ok := errors.AsType[*fault.Error](err); ok {
			p.Text = f.Err.Error()
		}
	default:
		s.Log.ErrorContext(r.Context(), "conversion for a page failed", "kind", kind.String(), "at", fault.At(err))
		status, p.Text = http.StatusInternalServerError, "The conversion failed. The log of Pons says more."
	}
	s.convertShow(w, r, g, status, p)
}
