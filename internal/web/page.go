package web

import (
	"context"
	"net/http"
	"time"

	"github.com/ponshealth/pons/internal/message"
)

// Limits of the page of one message, beside those of the tree.
const (
	maxBody      = 256 << 10 // bytes of the message that are read for the tree
	maxRaw       = 64 << 10  // bytes of it that are shown as they came
	maxAnswer    = 8 << 10
	maxSteps     = 100
	maxResources = 40        // shown; the others are links
	maxResource  = 32 << 10  // bytes of JSON of one
	maxJSON      = 192 << 10 // bytes of JSON of all
	openLines    = 160       // lines of JSON that are open from the start
)

// messageView is what templates/message.html shows.
type messageView struct {
	ID, Type, Words          string
	State, StateHint, Result string
	Facts                    []fact
	Cause                    *causeView
	ReplayHref               string // "" when it may not be replayed
	Steps                    []stepView
	StepsLeft                int
	Tree                     *tree
	TreeProblem              string // why there is no tree
	Resources                []resourceView
	ResourcesLeft            []resourceView // links only
	Settled                  bool
	Answer                   []line
	AnswerLeft               int
	AnswerCode, AnswerWords  string
	Raw                      []line
	RawLeft                  int
	RawHref, Size            string
	ConvertHref              string // "" where there is no such page
	Older, Newer             string
}

type fact struct {
	Name, Value string
	Code        bool // as it stands in the message
	Note        string
}

type causeView struct {
	Kind, At, Text string
	Linked         bool   // the place is marked in the tree
	Missing        string // what is said of a place that is not in the message
}

type stepView struct {
	Name, Note string
	When       moment
	Clock      string // with the date where it is another than before
	After      string // since the step before
}

type resourceView struct {
	Type, ID, Anchor  string
	Version           int
	Href, VersionHref string
	Tokens            []token
	Left              int
	Open              bool
	Problem           string
}

func (s *server) message(w http.ResponseWriter, r *http.Request) {
	m, ok := s.find(w, r)
	if !ok {
		return
	}
	e := m.Message
	v := messageView{
		ID: e.ID.String(), Type: visible([]byte(e.Type)), Words: eventWords[e.Type],
		State: m.State.String(), StateHint: stateHints[m.State], Result: outcome(m, s.Now()),
		Facts: s.facts(m), Steps: s.steps(m.Steps), StepsLeft: max(0, len(m.Steps)-maxSteps),
		Settled: m.State.Settled(), AnswerCode: e.AckCode, AnswerWords: answerWords[e.AckCode],
		RawHref: messageHref(e.ID) + "/raw", Size: size(len(e.Body)),
	}
	if replayable(m.State) {
		v.ReplayHref = messageHref(e.ID) + "/replay"
	}
	s.drawHL7(&v, m)
	if s.Convert != nil && v.Tree != nil {
		v.ConvertHref = "/ui/convert?id=" + e.ID.String()
	}
	v.Answer, v.AnswerLeft = rawLines(e.Ack, maxAnswer)
	if err := s.resources(r.Context(), &v, m.Produced); err != nil {
		s.storeFailed(w, r, err)
		return
	}
	if err := s.neighbours(r.Context(), &v, e.ID); err != nil {
		s.storeFailed(w, r, err)
		return
	}
	title := "Message " + v.ID
	if v.Type != "" {
		title = v.Type + " " + v.State
	}
	s.show(w, r, http.StatusOK, "message", frame{Title: title, Body: v})
}

// find reads the message that the address names, or answers that there is none.
func (s *server) find(w http.ResponseWriter, r *http.Request) (Detail, bool) {
	id, err := message.ParseID(r.PathValue("id"))
	if err != nil {
		s.notFound(w, r, "That is not the id of a message: it has 13 letters and digits.")
		return Detail{}, false
	}
	m, err := s.Store.Message(r.Context(), id)
	if err != nil {
		s.storeFailed(w, r, err)
		return Detail{}, false
	}
	return m, true
}

// outcome says in one sentence what became of a message.
func outcome(m Detail, now time.Time) string {
	wrote := len(m.Produced)
	switch m.State {
	case message.Received:
		return "It is stored safely and waits for its turn."
	case message.Claimed:
		return "It is being worked on."
	case message.Retrying:
		tries := "once"
		if n := m.Message.Attempts; n > 1 {
			tries = number(n) + " times"
		}
		next := "will be tried again"
		if wait := m.RetryAt.Sub(now); wait > 0 {
			next += " in " + span(wait)
		}
		return "It failed " + tries + " and " + next + ". Nothing is lost."
	case message.Filtered:
		return "A rule of its channel says that it is not wanted."
	case message.Dead:
		return "It needs a person. Its bytes are kept."
	}
	after := "Delivered"
	if !m.Settled.IsZero() {
		after += " " + span(m.Settled.Sub(m.Message.Received)) + " after it came"
	}
	if wrote == 0 {
		return after + ". It changed nothing."
	}
	return after + ". It wrote " + number(wrote) + " FHIR " + plural(wrote, "resource", "resources") + "."
}

func (s *server) facts(m Detail) []fact {
	e, came := m.Message, s.moment(m.Message.Received)
	control := fact{Name: "Control id", Value: visible([]byte(e.ControlID)), Code: true, Note: "MSH-10"}
	if e.ReusedID {
		control.Note = "used by this sender before, for other content"
	}
	all := []fact{
		{Name: "Received", Value: came.Full, Note: came.Ago},
		{Name: "Sender", Value: named(e), Note: "MSH-3 and MSH-4"},
		{Name: "From address", Value: e.Peer},
		{Name: "Channel", Value: e.Channel},
		{Name: "Destination", Value: e.Destination},
		control,
		{Name: "HL7 version", Value: visible([]byte(e.Version))},
		{Name: "Size", Value: size(len(e.Body))},
		{Name: "Message id", Value: e.ID.String(), Code: true},
	}
	if e.Attempts > 0 {
		all = append(all, fact{Name: "Failed tries", Value: number(e.Attempts)})
	}
	said := all[:0]
	for _, f := range all {
		if f.Value != "" {
			said = append(said, f)
		}
	}
	return said
}

// steps draws the last ones, each with the time since the one before.
func (s *server) steps(all []message.Step) []stepView {
	var out []stepView
	for i := max(0, len(all)-maxSteps); i < len(all); i++ {
		step := all[i]
		at := step.At.In(s.Zone)
		v := stepView{Name: step.Name, Note: step.Note, When: s.moment(at), Clock: at.Format("15:04:05.000")}
		if i > 0 {
			v.After = "+" + span(at.Sub(all[i-1].At))
		}
		if len(out) == 0 || at.Format(time.DateOnly) != all[i-1].At.In(s.Zone).Format(time.DateOnly) {
			v.Clock = v.When.Full
		}
		out = append(out, v)
	}
	return out
}

// neighbours links the messages that came just before and after.
func (s *server) neighbours(ctx context.Context, v *messageView, id message.ID) error {
	older, err := s.Store.Messages(ctx, Filter{Before: id, Limit: 1})
	if err != nil {
		return err
	}
	newer, err := s.Store.Messages(ctx, Filter{After: id, Oldest: true, Limit: 1})
	if err != nil {
		return err
	}
	if len(older) > 0 {
		v.Older = messageHref(older[0].Message.ID)
	}
	if len(newer) > 0 {
		v.Newer = messageHref(newer[0].Message.ID)
	}
	return nil
}
