package web

import (
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ponshealth/pons/internal/message"
)

const pageSize = 50

// listView is what templates/list.html shows.
type listView struct {
	Health                    health
	Tiles                     []tile
	Heading                   string
	Filters                   []link // each removes itself
	Types                     []link // each shows only its type
	Rows                      []row
	Older, Newer, Newest      string // "" where there is none
	RefreshHref, RefreshLabel string
	ClearHref                 string
	First                     *firstMessage // when nothing has come yet
}

type link struct{ Label, Href string }

type tile struct {
	Label, Hint, Count, Href, Class string
	Current                         bool
}

type row struct {
	Href, State         string
	Type, TypeWords     string
	Sender              string
	When                moment
	Answer, AnswerWords string
	CauseAt, CauseText  string
	Result              string // when there is no cause
}

// firstMessage says where to send one; empty when no listener is open.
type firstMessage struct{ Addr, Host, Port string }

func (s *server) list(w http.ResponseWriter, r *http.Request) {
	q, wrong := parseQuery(r.URL.Query())
	if wrong != "" {
		s.fail(w, r, http.StatusBadRequest, problem{Heading: "This address is not right", Text: wrong})
		return
	}
	counts, err := s.Store.Counts(r.Context())
	if err != nil {
		s.storeFailed(w, r, err)
		return
	}
	oldest, err := s.oldestWaiting(r, counts)
	if err != nil {
		s.storeFailed(w, r, err)
		return
	}
	v := listView{Health: s.health(counts, oldest), Tiles: tiles(q, counts)}
	if err := s.fill(r, q, &v); err != nil {
		s.storeFailed(w, r, err)
		return
	}
	if len(v.Rows) == 0 && v.Tiles[0].Count == "0" {
		v.First = s.firstMessage(r)
	}
	s.show(w, r, http.StatusOK, "list", frame{Title: v.Health.Sentence, Refresh: q.Refresh, Body: v})
}

// oldestWaiting returns when the message came that waits longest, or zero.
func (s *server) oldestWaiting(r *http.Request, counts map[message.State]int) (time.Time, error) {
	if !slices.ContainsFunc(waiting, func(st message.State) bool { return counts[st] > 0 }) {
		return time.Time{}, nil
	}
	found, err := s.Store.Messages(r.Context(), Filter{States: waiting, Oldest: true, Limit: 1})
	if err != nil || len(found) == 0 {
		return time.Time{}, err
	}
	return found[0].Message.Received, nil
}

// fill reads one page of messages, and one message more to know whether the
// list goes on.
func (s *server) fill(r *http.Request, q query, v *listView) error {
	f := Filter{Type: q.Type, Before: q.Before, After: q.After, Limit: pageSize + 1}
	if q.State != nil {
		f.States = []message.State{*q.State}
	}
	f.Oldest = q.After != 0 // towards the newer ones the nearest come first
	found, err := s.Store.Messages(r.Context(), f)
	if err != nil {
		return err
	}
	more := len(found) > pageSize
	found = found[:min(len(found), pageSize)]
	if f.Oldest {
		slices.Reverse(found)
	}
	for _, m := range found {
		v.Rows = append(v.Rows, s.row(m))
	}
	if len(found) > 0 {
		first, last := found[0].Message.ID, found[len(found)-1].Message.ID
		if q.After != 0 || more {
			v.Older = q.with(func(q *query) { q.Before = last }).href()
		}
		if q.Before != 0 || q.After != 0 && more {
			v.Newer = q.with(func(q *query) { q.After = first }).href()
		}
	}
	if q.Before != 0 || q.After != 0 {
		v.Newest = q.with(func(*query) {}).href()
	}
	s.describe(q, found, v)
	return nil
}

// describe says what the list shows and which lists are near it.
func (s *server) describe(q query, found []Info, v *listView) {
	v.Heading, v.ClearHref = "Last messages", "/ui/"
	if q.State != nil {
		name := q.State.String()
		v.Heading = strings.ToUpper(name[:1]) + name[1:] + " messages"
		v.Filters = append(v.Filters, link{q.State.String(), q.with(func(q *query) { q.State = nil }).href()})
	}
	if q.Type != "" {
		v.Filters = append(v.Filters, link{q.Type, q.with(func(q *query) { q.Type = "" }).href()})
	}
	types := map[string]bool{}
	for _, m := range found {
		if m.Message.Type != "" && q.Type == "" {
			types[m.Message.Type] = true
		}
	}
	for _, t := range slices.Sorted(maps.Keys(types)) {
		if len(types) < 2 {
			break // nothing to choose
		}
		v.Types = append(v.Types, link{t, q.with(func(q *query) { q.Type = t }).href()})
	}
	v.RefreshLabel, v.RefreshHref = "Refresh every 5 s", q.with(func(q *query) { q.Refresh = 5 }).href()
	if q.Refresh != 0 {
		v.RefreshLabel, v.RefreshHref = "Stop refreshing", q.with(func(q *query) { q.Refresh = 0 }).href()
	}
}

func (s *server) row(m Info) row {
	e := m.Message
	return row{
		Href:        messageHref(e.ID),
		State:       m.State.String(),
		Type:        visible([]byte(e.Type)),
		TypeWords:   eventWords[e.Type],
		Sender:      sender(e),
		When:        s.moment(e.Received),
		Answer:      e.AckCode,
		AnswerWords: answerWords[e.AckCode],
		CauseAt:     m.Cause.At,
		CauseText:   m.Cause.Text,
		Result:      result(m),
	}
}

// result says in a few words what became of a message that has no cause.
func result(m Info) string {
	switch {
	case m.Cause.Text != "" || m.Cause.At != "":
		return ""
	case m.State == message.Delivered && !m.Settled.IsZero():
		return "delivered after " + span(m.Settled.Sub(m.Message.Received))
	default:
		return stateHints[m.State]
	}
}

// sender names who sent a message, or its address when it does not say.
func sender(e message.Message) string {
	if name := named(e); name != "" {
		return name
	}
	return e.Peer
}

// named gives application and facility by their first components, which are
// what people call them.
func named(e message.Message) string {
	app, _, _ := strings.Cut(e.SendingApp, "^")
	facility, _, _ := strings.Cut(e.SendingFac, "^")
	name := app + facility
	if app != "" && facility != "" {
		name = app + " at " + facility
	}
	return visible([]byte(name))
}

func tiles(q query, counts map[message.State]int) []tile {
	total := 0
	for _, n := range counts {
		total += n
	}
	all := []tile{{
		Label: "all", Hint: "every message kept", Count: number(total), Class: "all",
		Href: q.with(func(q *query) { q.State = nil }).href(), Current: q.State == nil,
	}}
	for _, st := range message.States() {
		all = append(all, tile{
			Label: st.String(), Hint: stateHints[st], Count: number(counts[st]), Class: st.String(),
			Href: q.with(func(q *query) { q.State = &st }).href(), Current: q.State != nil && *q.State == st,
		})
	}
	return all
}

// firstMessage says where to send one. A listener on every address is reached
// by the name that this page was reached by.
func (s *server) firstMessage(r *http.Request) *firstMessage {
	host, port, err := net.SplitHostPort(s.MLLP)
	if err != nil {
		return &firstMessage{}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		if host, _, err = net.SplitHostPort(r.Host); err != nil {
			host = r.Host
		}
	}
	return &firstMessage{Addr: net.JoinHostPort(host, port), Host: host, Port: port}
}

func messageHref(id message.ID) string { return "/ui/messages/" + id.String() }
