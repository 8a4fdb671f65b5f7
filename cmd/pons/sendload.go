package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mllp"
)

// load is what send has to send, and what came of it.
type load struct {
	messages []source
	repeat   int
	newIDs   bool
	rate     rate
	timeout  time.Duration
	out      io.Writer
	show     *progress

	began time.Time

	mu    sync.Mutex
	next  int             // of all messages, repetitions included
	codes map[string]int  // answers by MSA-1; "" stands for those that were not asked for
	times []time.Duration // of each answer
	took  time.Duration
}

func (l *load) total() int { return len(l.messages) * l.repeat }

// run sends everything and returns the first failure, which stops the rest.
func (l *load) run(ctx context.Context, clients []*mllp.Client) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	l.began, l.codes = time.Now(), map[string]int{}
	var senders, show sync.WaitGroup
	for _, client := range clients {
		senders.Go(func() {
			if err := l.send(ctx, client); err != nil {
				cancel(err)
			}
		})
	}
	sent := make(chan struct{})
	show.Go(func() { l.watch(sent) })
	senders.Wait()
	l.took = time.Since(l.began)
	close(sent)
	show.Wait()
	return context.Cause(ctx)
}

// send sends what is next until nothing is.
func (l *load) send(ctx context.Context, client *mllp.Client) error {
	for {
		i, ok := l.take()
		if !ok {
			return nil
		}
		if !sleepUntil(ctx, l.began.Add(l.rate.due(i))) {
			return context.Cause(ctx)
		}
		m := l.messages[i%len(l.messages)]
		raw := m.raw
		if round := i / len(l.messages); round > 0 && l.newIDs {
			raw = withNewID(raw, round+1)
		}
		begin := time.Now()
		reply, err := exchange(ctx, client, raw, l.timeout)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		l.note(m.name, reply, time.Since(begin))
	}
}

func (l *load) take() (int, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next == l.total() {
		return 0, false
	}
	l.next++
	return l.next - 1, true
}

// note counts an answer and prints it, unless it is one of many good ones.
func (l *load) note(name string, reply hl7.AckReply, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.codes[reply.Code]++
	if reply.Code != "" {
		l.times = append(l.times, took)
	}
	if l.repeat > 1 && (accepted(reply.Code) || reply.Code == "") {
		return
	}
	line := fmt.Sprintf("%s: %s %s", name, reply.Code, printable(reply.ControlID))
	switch {
	case reply.Code == "":
		line = name + ": sent; it asks for no answer"
	case reply.Text != "":
		line += " (" + printable(reply.Text) + ")"
	}
	l.show.clear()
	fmt.Fprintln(l.out, line)
}

func (l *load) done() (n int) {
	for _, count := range l.codes {
		n += count
	}
	return n
}

// refused is how many answers were neither AA nor CA.
func (l *load) refused() (n int) {
	for code, count := range l.codes {
		if code != "" && !accepted(code) {
			n += count
		}
	}
	return n
}

// counts are the answers by code, such as "98 AA, 2 AE".
func (l *load) counts() string {
	var parts []string
	for _, code := range slices.Sorted(maps.Keys(l.codes)) {
		name := code
		if code == "" {
			name = "that asked for no answer"
		}
		parts = append(parts, strconv.Itoa(l.codes[code])+" "+name)
	}
	return strings.Join(parts, ", ")
}

func (l *load) summary() string {
	n := l.done()
	text := fmt.Sprintf("sent %d of %d messages in %s", n, l.total(), l.took.Round(time.Millisecond))
	if n == 0 {
		return text
	}
	text += fmt.Sprintf(", %.0f/s: %s", float64(n)/max(l.took.Seconds(), 1e-6), l.counts())
	if len(l.times) > 0 {
		text += fmt.Sprintf("; answers p50 %s, p99 %s", percentile(l.times, 50), percentile(l.times, 99))
	}
	return text
}

// watch draws how far it is until everything is sent.
func (l *load) watch(sent <-chan struct{}) {
	if !l.show.on {
		return
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-sent:
			l.show.clear()
			return
		case <-tick.C:
			l.mu.Lock()
			l.show.draw(l.done(), l.total(), time.Since(l.began), l.counts())
			l.mu.Unlock()
		}
	}
}

// sleepUntil is false when ctx ended before.
func sleepUntil(ctx context.Context, at time.Time) bool {
	wait := time.Until(at)
	if wait <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// withNewID puts "-" and a number behind the control id of a message. What has
// none is left as it is.
func withNewID(raw []byte, n int) []byte {
	if _, err := hl7.Parse(raw); err != nil {
		return raw
	}
	start := bytes.Index(raw, []byte("MSH"))
	at := start + 3
	for range 8 { // MSH-10 follows the ninth separator, the first of which is MSH-1
		i := bytes.IndexByte(raw[at+1:], raw[start+3])
		if i < 0 {
			return raw
		}
		at += 1 + i
	}
	end := at + 1
	for end < len(raw) && raw[end] != raw[start+3] && raw[end] != '\r' && raw[end] != '\n' {
		end++
	}
	if end == at+1 || bytes.ContainsAny(raw[start:at], "\r\n") {
		return raw
	}
	return slices.Concat(raw[:end], []byte("-"+strconv.Itoa(n)), raw[end:])
}
