package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// kills is how often the engine is killed; PONS_KILLS changes it.
func kills(t *testing.T) int {
	if s := os.Getenv("PONS_KILLS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("PONS_KILLS: %v", err)
		}
		return n
	}
	if testing.Short() {
		return 5
	}
	return 50
}

const (
	killSenders = 8
	nhs         = "https://fhir.nhs.uk/Id/nhs-number"
)

// TestKill kills the engine with SIGKILL at random moments under load. Senders
// do as real ones: they send a message again until it is answered AA. In the
// end every message that was answered must have been delivered, exactly once in
// its effect: one patient for each, in version 1.
func TestKill(t *testing.T) {
	endure(t, kills(t), (*engine).kill)
}

// TestStop is the same with Ctrl-C: the engine must end well and in time, and
// what has been answered is not lost.
func TestStop(t *testing.T) {
	endure(t, max(3, kills(t)/5), (*engine).stop)
}

// endure sends load at an engine that ends and starts again so often, and looks
// at what is left.
func endure(t *testing.T, rounds int, end func(*engine)) {
	dir := t.TempDir()
	load := &load{}
	for range rounds {
		e := start(t, dir)
		round := load.begin(e.mllp)
		time.Sleep(50*time.Millisecond + rand.N(400*time.Millisecond))
		end(e)
		round.Wait()
	}
	e := start(t, dir)
	load.finish(t, e.mllp)

	acked := load.answered()
	t.Logf("%d ends, %d messages answered AA, %d of them sent more than once", rounds, len(acked), load.resent)
	if len(acked) < rounds*killSenders {
		t.Fatalf("only %d messages were answered; the load is too thin to show anything", len(acked))
	}
	last := acked[len(acked)-1]
	e.eventually("everything delivered", func() bool { return len(e.patients(nhs, last).Entry) == 1 && e.waiting() == 0 })
	for _, id := range acked {
		found := e.patients(nhs, id)
		if len(found.Entry) != 1 {
			t.Fatalf("message %s was answered AA; %d patients have its identifier, want 1", id, len(found.Entry))
		}
		meta, _ := found.Entry[0].Resource["meta"].(map[string]any)
		if meta["versionId"] != "1" {
			t.Errorf("patient of message %s is in version %v, want 1: delivered more than once", id, meta["versionId"])
		}
	}
	if n := e.total("Patient"); n != len(acked) {
		t.Errorf("%d patients, want %d: one for each message", n, len(acked))
	}
	e.stop()
}

// load is a set of senders that outlive the engine.
type load struct {
	mu     sync.Mutex
	acked  []string
	resent int
	next   int
	open   [killSenders]string // the message that each sender waits to be answered
}

func (l *load) answered() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.acked
}

// begin lets every sender send until its connection breaks.
func (l *load) begin(addr string) *sync.WaitGroup {
	var wg sync.WaitGroup
	for i := range killSenders {
		wg.Go(func() {
			for l.sendOne(addr, i) {
			}
		})
	}
	return &wg
}

// finish lets every sender have its open message answered.
func (l *load) finish(t *testing.T, addr string) {
	for i := range killSenders {
		if l.open[i] != "" && !l.sendOne(addr, i) {
			t.Fatal("an open message is not answered by an engine that nobody kills")
		}
	}
}

var connections sync.Map // sender and address -> *sender

func (l *load) sendOne(addr string, i int) bool {
	key := fmt.Sprint(i, addr)
	c, ok := connections.Load(key)
	if !ok {
		conn, err := dial(addr)
		if err != nil {
			return false
		}
		connections.Store(key, conn)
		c = conn
	}
	id := l.take(i)
	answer, err := c.(*sender).send(admission(id))
	if err != nil {
		return false
	}
	if code, err := ackCode(answer, id); err != nil || code != "AA" {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked = append(l.acked, id)
	l.open[i] = ""
	return true
}

// take returns the message that sender i waits for, or a new one.
func (l *load) take(i int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[i] != "" {
		l.resent++
		return l.open[i]
	}
	l.next++
	l.open[i] = fmt.Sprintf("K%07d", l.next)
	return l.open[i]
}

// admission is an A01 of a patient of its own, whose NHS number is id.
func admission(id string) string {
	return strings.Join([]string{
		`MSH|^~\&|PAS|HOSP|PONS|HOSP|20260302081500||ADT^A01^ADT_A01|` + id + `|P|2.5`,
		`EVN|A01|20260302081500`,
		`PID|1||` + id + `^^^NHS^NH||Kilroy^Ann||19700101|F|||1 Long Lane^^York^^YO1 1AA^GBR`,
		`PV1|1|I|WARD1^R1^B1||||` + `12345^Jones^Sarah|||MED||||1|||||V` + id + `^^^HOSP^VN`,
		``,
	}, "\r")
}
