package source_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

var (
	first  = part("1", "", "PID|1||7^^^HOSP^MR\rOBX|1|TX|a||lo\rADD\rDSC|p1|F\r")
	second = part("2", "p1", "ADD|ng text\rDSC|p2|F\r")
	third  = part("3", "p2", "OBX|2|TX|b||end\r")
	whole  = part("1", "", "PID|1||7^^^HOSP^MR\rOBX|1|TX|a||long text\rOBX|2|TX|b||end\r")
)

// joining is an engine that joins, in time that is not real.
type joining struct {
	t  *testing.T
	st *queue
	*source.MLLP
	stop func()
}

func joinTest(t *testing.T, test func(*joining)) {
	synctest.Test(t, func(t *testing.T) {
		j := &joining{t: t, st: newQueue()}
		j.start()
		test(j)
		j.stop()
	})
}

func (j *joining) start() {
	s := newMLLP(j.st)
	s.Parts, s.Now, j.MLLP = j.st, time.Now, s
	if err := s.Recall(context.Background()); err != nil {
		j.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- s.Join(ctx) }()
	j.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			j.t.Errorf("Join: %v", err)
		}
	}
}

func (j *joining) restart() {
	j.stop()
	j.st.crash()
	j.start()
}

// send sends messages, each of which must be taken, and waits a little.
func (j *joining) send(messages ...string) {
	j.t.Helper()
	for _, m := range messages {
		if got := codes(j.t, handle(j.t, j.MLLP, mllp.Block{Data: []byte(m)})); !strings.HasPrefix(got[0], "AA") {
			j.t.Fatalf("answer %q", got[0])
		}
		time.Sleep(10 * time.Second)
	}
}

// wholes are the messages that are not parts.
func (j *joining) wholes() (all []message.Message) {
	for _, m := range j.st.all() {
		if m.Destination != source.PartsDestination {
			all = append(all, m)
		}
	}
	return all
}

// parts says what became of each part: control id, state, and place and cause if it is dead.
func (j *joining) parts() string {
	var all []string
	for _, m := range j.st.all() {
		if m.Destination == source.PartsDestination {
			i := j.st.info(m)
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s %s", m.ControlID, i.State, i.Cause.At, i.Cause.Text)))
		}
	}
	return strings.Join(all, "; ")
}

func (j *joining) want(parts string, wholes ...string) {
	j.t.Helper()
	if got := j.parts(); got != parts {
		j.t.Errorf("parts: %s\nwant   %s", got, parts)
	}
	got := j.wholes()
	if len(got) != len(wholes) {
		j.t.Fatalf("%d whole messages, want %d", len(got), len(wholes))
	}
	for i, m := range got {
		if string(m.Body) != wholes[i] {
			j.t.Errorf("whole message %q, want %q", m.Body, wholes[i])
		}
	}
}

const allDelivered = "1 delivered; 2 delivered; 3 delivered"

func TestJoin(t *testing.T) {
	joinTest(t, func(j *joining) {
		j.send(first, second)
		j.want("1 received; 2 received")
		j.send(third)
		j.want(allDelivered, whole)
		m := j.wholes()[0]
		if m.Destination != "fhir" || m.Channel != "adt/joined" || m.Lane != "patient:7^HOSP" || m.ControlID != "1" || m.AckCode != "AA" || !strings.Contains(string(m.Ack), "MSA|AA|1\r") ||
			m.Type != "ORU^R01" || m.Peer != somebody.String() || m.ReusedID {
			t.Errorf("the whole is %+v", m)
		}
		// The answer to the last one was lost, and the sender sends it again.
		j.send(third)
		j.want(allDelivered, whole)
	})
}

// TestJoinInAnyOrder: on several connections the parts can overtake each other. The
// last is known by MSH-14 alone, and so only after the one before it.
func TestJoinInAnyOrder(t *testing.T) {
	joinTest(t, func(j *joining) {
		j.send(second, third, first)
		j.want("2 delivered; 3 delivered; 1 delivered", whole)
	})
}

func TestJoinAfterCrash(t *testing.T) {
	for at := range 3 {
		joinTest(t, func(j *joining) {
			for i, m := range []string{first, second, third} {
				j.send(m)
				if i == at {
					j.restart()
				}
			}
			time.Sleep(time.Minute)
			j.want(allDelivered, whole)
		})
	}
	// The whole was stored, and the parts were not settled.
	joinTest(t, func(j *joining) {
		j.send(first, second, third)
		j.stop()
		for _, m := range j.st.all()[:3] {
			j.st.state[m.ID] = message.Received
		}
		j.st.crash()
		j.start()
		time.Sleep(time.Minute)
		j.want(allDelivered, whole)
	})
}

func TestPartMissing(t *testing.T) {
	const (
		next   = "dead DSC-1 the part after this one did not come within 10 minutes"
		before = "dead MSH-14 the part before this one did not come within 10 minutes"
	)
	joinTest(t, func(j *joining) {
		j.send(first)
		time.Sleep(9 * time.Minute)
		j.send(second) // all wait anew
		time.Sleep(9 * time.Minute)
		j.want("1 received; 2 received")
		time.Sleep(2 * time.Minute)
		j.want("1 dead MSH-14 another part of the message is missing; it did not come within 10 minutes; 2 " + next)

		// The last comes after all. It is not taken for a message, also after a restart.
		j.restart()
		j.send(third)
		j.want("1 dead MSH-14 another part of the message is missing; it did not come within 10 minutes; 2 " + next + "; 3 received")
		time.Sleep(time.Hour)
		j.want("1 dead MSH-14 another part of the message is missing; it did not come within 10 minutes; 2 " + next + "; 3 " + before)

		// A person replays them.
		for _, m := range j.st.all() {
			j.st.Replay(context.Background(), m.ID, m.Destination)
		}
		time.Sleep(time.Minute)
		j.want(allDelivered, whole)
	})
	// The sender begins anew.
	joinTest(t, func(j *joining) {
		j.send(first)
		time.Sleep(time.Hour)
		j.want("1 " + next)
		j.send(first, second, third)
		j.want(allDelivered, whole)
	})
}

func TestPartsThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		name  string
		parts []string
		want  string
	}{
		{"other delimiters", []string{first, strings.Replace(part("2", "p1", "OBX|2\r"), "^~\\&", "^~\\@", 1)},
			"1 dead MSH-2 the parts do not fit together: the fragments of a message differ in their delimiters; " +
				"2 dead MSH-2 the parts do not fit together: the fragments of a message differ in their delimiters"},
		{"a circle", []string{part("1", "b", "DSC|a\r"), part("2", "a", "DSC|b\r")},
			"1 dead MSH-14 another part of the message is missing; it did not come within 10 minutes; " +
				"2 dead MSH-14 another part of the message is missing; it did not come within 10 minutes"},
		{"a part that ties to itself", []string{part("1", "a", "DSC|a\r")},
			"1 dead MSH-14 another part of the message is missing; it did not come within 10 minutes"},
		{"two go on from one", []string{first, part("2", "p1", "DSC|p2|F\r"), part("4", "p1", "DSC|p4|F\r")},
			"1 dead MSH-14 another part of the message is missing; it did not come within 10 minutes; " +
				"2 dead DSC-1 the part after this one did not come within 10 minutes; " +
				"4 dead MSH-14 another part with this pointer waits already"},
	} {
		t.Run(c.name, func(t *testing.T) {
			joinTest(t, func(j *joining) {
				j.send(c.parts...)
				time.Sleep(time.Hour)
				j.want(c.want)
				if n := j.Waiting(); n != 0 {
					t.Errorf("%d pointers still wait", n)
				}
			})
		})
	}
}

// TestReplayBesideAnother: a dead part is replayed when a part of another message has its
// pointer, which goes on as if nothing had been.
func TestReplayBesideAnother(t *testing.T) {
	joinTest(t, func(j *joining) {
		j.send(first)
		time.Sleep(time.Hour)
		other := part("9", "", "PID|1||8^^^HOSP^MR\rDSC|p1|F\r")
		j.send(other)
		j.st.Replay(context.Background(), j.st.all()[0].ID, source.PartsDestination)
		time.Sleep(time.Minute)
		j.want("1 dead DSC-1 another part with this pointer waits already; 9 received")
		if n := j.Waiting(); n != 1 {
			t.Errorf("%d pointers wait, want that of the other", n)
		}
		j.send(part("10", "p1", "OBX|1\r"))
		j.want("1 dead DSC-1 another part with this pointer waits already; 9 delivered; 10 delivered", part("9", "", "PID|1||8^^^HOSP^MR\rOBX|1\r"))
	})
}

// TestJoinWhenTheDiskIsFull: nothing is given up because the store is full for a
// while.
func TestJoinWhenTheDiskIsFull(t *testing.T) {
	joinTest(t, func(j *joining) {
		full := true
		j.st.fail = func(m message.Message) error {
			if full && m.Destination != source.PartsDestination {
				return fault.New(fault.Busy, "", "full")
			}
			return nil
		}
		j.send(first, second, third)
		time.Sleep(time.Hour)
		j.want("1 received; 2 received; 3 received")
		j.st.mu.Lock()
		full = false
		j.st.mu.Unlock()
		time.Sleep(time.Minute)
		j.want(allDelivered, whole)
	})
}

// TestPartNotStored: a part that the store refuses is not waited for.
func TestPartNotStored(t *testing.T) {
	st := newQueue()
	st.fail = func(message.Message) error { return fault.New(fault.Busy, "", "full") }
	s := newMLLP(st)
	s.Parts = st
	if got := codes(t, handle(t, s, mllp.Block{Data: []byte(first)})); got[0] != "AR 1 207@" || s.Waiting() != 0 {
		t.Errorf("answer %q, %d wait", got, s.Waiting())
	}
}
