package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"
)

// patient is one whose messages come over one connection, each after the answer
// to the one before.
type patient struct {
	id    string
	acked int // messages that were answered AA
}

// message is the n-th of a patient: an update that gives another name, so that
// every message is one version and shows its place.
func (p *patient) message(n int) (text, id string) {
	id = fmt.Sprintf("%s-%d", p.id, n)
	text = strings.Replace(admission(p.id), "Kilroy", nth(n), 1)
	return strings.Replace(text, "|"+p.id+"|P|", "|"+id+"|P|", 1), id
}

func nth(n int) string { return fmt.Sprintf("Name%d", n) }

// send sends until the connection breaks or there are so many.
func (p *patient) send(addr string, until int) {
	s, err := dial(addr)
	if err != nil {
		return
	}
	defer s.conn.Close()
	for p.acked < until {
		text, id := p.message(p.acked + 1)
		answer, err := s.send(text)
		if err != nil {
			return
		}
		if code, err := ackCode(answer, id); err != nil || code != "AA" {
			return
		}
		p.acked++
	}
}

// TestOrder sends updates of a few patients, who share their ward and their
// doctor, while the engine is killed again and again. Each patient must have had
// every one of his names, once and in order.
func TestOrder(t *testing.T) {
	dir := t.TempDir()
	var all []*patient
	for i := range 6 {
		all = append(all, &patient{id: fmt.Sprintf("L%07d", i)})
	}
	rounds := max(3, kills(t)/5)
	for range rounds {
		e := start(t, dir)
		var wg sync.WaitGroup
		for _, p := range all {
			wg.Go(func() { p.send(e.mllp, 1<<30) })
		}
		time.Sleep(100*time.Millisecond + rand.N(300*time.Millisecond))
		e.kill()
		wg.Wait()
	}
	e := start(t, dir)
	sent := 0
	for _, p := range all {
		last := p.acked + 1 // it may have been stored and not answered
		if p.send(e.mllp, last); p.acked != last {
			t.Fatal("an engine that nobody kills does not answer")
		}
		sent += last
	}
	t.Logf("%d kills, %d messages", rounds, sent)
	if sent < rounds*len(all) {
		t.Fatal("the load is too thin to show anything")
	}
	e.eventually("everything delivered", func() bool { return e.waiting() == 0 })
	for _, p := range all {
		found := e.patients(nhs, p.id)
		if len(found.Entry) != 1 {
			t.Fatalf("%d patients have the identifier of %s, want 1", len(found.Entry), p.id)
		}
		names := e.names(found.Entry[0].Resource["id"].(string))
		if len(names) != p.acked {
			t.Errorf("%s had %d names, want %d: one for each message", p.id, len(names), p.acked)
		}
		for i, name := range names {
			if name != nth(i+1) {
				t.Fatalf("name %d of %s is %v, want %s", i+1, p.id, name, nth(i+1))
			}
		}
	}
	e.stop()
}

// names are the family names of all versions of a patient, oldest first.
func (e *engine) names(id string) (all []any) {
	e.t.Helper()
	next := "/fhir/Patient/" + id + "/_history?_count=1000"
	for next != "" {
		var b bundle
		if status := e.get(next, &b); status != 200 {
			e.t.Fatalf("history: %d", status)
		}
		for _, entry := range b.Entry {
			all = append([]any{at(entry.Resource, "name.0.family")}, all...)
		}
		next = ""
		for _, l := range b.Link {
			if l.Relation == "next" {
				next = strings.TrimPrefix(l.URL, e.http)
			}
		}
	}
	return all
}
