package mllp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// acked tells whether a reply names the control id of what was sent, as a hook
// of a real sender does: sent is "MSH|id", a reply "MSH|...MSA|AA|id".
func acked(sent, reply []byte) bool {
	_, id, _ := strings.Cut(string(sent), "|")
	_, acks, ok := strings.Cut(string(reply), "MSA|")
	fields := strings.Split(strings.TrimRight(acks, "\r\n"), "|")
	return ok && len(fields) >= 2 && fields[1] == id
}

// TestRepliesThatDeviate walks what real receivers answer. Each case is a block
// "MSH|1" and what comes back to it; want is the reply that counts, or "" for
// none, which must never count as success.
func TestRepliesThatDeviate(t *testing.T) {
	const yes, no = "MSH|^~\\&|R\rMSA|AA|1\r", "MSH|^~\\&|R\rMSA|AA|0\r"
	for _, c := range []struct {
		name string
		back []string // in packets
		hang bool     // the receiver then closes
		want string
	}{
		{"as the protocol has it", []string{vt + yes + fscr}, false, yes},
		{"without the CR after FS", []string{vt + yes + fs}, false, yes},
		{"the CR comes later", []string{vt + yes + fs, "\r"}, false, yes},
		{"without the CR at its end", []string{vt + "MSH|^~\\&|R\rMSA|AA|1" + fscr}, false, "MSH|^~\\&|R\rMSA|AA|1"},
		{"byte by byte", strings.Split(vt+yes+fscr, ""), false, yes},
		{"without VT", []string{yes + fscr}, false, yes},
		{"without VT, and line ends before it", []string{"\r\n" + yes + fscr}, false, yes},
		{"unframed", []string{yes}, false, yes},
		{"unframed, in two packets", []string{yes[:10], yes[10:]}, false, yes},
		{"unframed, and the receiver hangs up", []string{yes}, true, yes},
		{"unframed, of another message", []string{no}, false, ""},
		{"unframed, of another message, and hung up", []string{no}, true, ""},
		{"unframed, of another message and then this", []string{no, "", yes}, false, yes},
		{"unframed and no more than its beginning", []string{"MSH|^~\\"}, true, ""},
		{"with VT and without FS", []string{vt + yes}, false, ""},
		{"with VT and without FS, and hung up", []string{vt + yes}, true, ""},
		{"another control id", []string{vt + no + fscr}, false, ""},
		{"another control id, then the right one", []string{vt + no + fscr, vt + yes + fscr}, false, yes},
		{"twice", []string{vt + yes + fscr + vt + yes + fscr}, false, yes},
		{"no HL7", []string{vt + "OK" + fscr}, false, ""},
		{"a log line", []string{"message received\r\n"}, false, ""},
		{"an empty block", []string{vt + fscr}, false, ""},
		{"begun anew", []string{vt + "MSH|^~\\&|R\rMSA|AA" + vt + yes + fscr}, false, yes},
		{"nothing", nil, false, ""},
		{"nothing, and hung up", nil, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ours, theirs := net.Pipe()
				client := &mllp.Client{Match: acked, Bare: "MSH", Silence: 200 * time.Millisecond,
					DialContext: func(context.Context, string, string) (net.Conn, error) { return ours, nil }}
				result := sending(t, client, "MSH|1")
				p := newPeer(t, theirs)
				p.expect("MSH|1")
				var wg sync.WaitGroup
				wg.Go(func() {
					for _, packet := range c.back {
						if packet == "" { // a pause
							time.Sleep(time.Second)
						}
						io.WriteString(p, packet)
						time.Sleep(10 * time.Millisecond)
					}
					if c.hang {
						p.Close()
					}
				})
				got, err := result()
				if got != c.want || (err == nil) != (c.want != "") {
					t.Errorf("reply %q, %v; want %q", got, err, c.want)
				}
				if err != nil && !c.hang && !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, mllp.ErrTruncated) {
					t.Errorf("error %v, want a deadline", err)
				}
				if err != nil {
					p.expectClosed() // before anything is sent again
				}
				client.Close()
				p.Close()
				wg.Wait()
			})
		})
	}
}

// TestLateReplyIsNotTakenForAnother: the reply to the first block comes after
// its time-out, when the second is on its way over a new connection.
func TestLateReplyIsNotTakenForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var theirs []*peer
		c := &mllp.Client{ReplyTimeout: 5 * time.Second, DialContext: func(context.Context, string, string) (net.Conn, error) {
			a, b := net.Pipe()
			theirs = append(theirs, newPeer(t, b))
			return a, nil
		}} // and no Match, so that only the order of things protects it
		defer c.Close()
		one := sending(t, c, "1")
		synctest.Wait()
		theirs[0].expect("1")
		if _, err := one(); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("got %v, want a deadline", err)
		}
		two := sending(t, c, "2")
		synctest.Wait()
		theirs[1].expect("2")
		if _, err := io.WriteString(theirs[0], vt+"re 1"+fscr); err == nil {
			t.Error("the first connection is open when the second block goes out")
		}
		theirs[1].send(vt + "re 2" + fscr)
		wantReply(t, two, "re 2")
	})
}

// TestSilenceObeysTheContext: the end of the wait is not put off by bytes that
// keep coming.
func TestSilenceObeysTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		c := &mllp.Client{Bare: "MSH", Silence: 200 * time.Millisecond,
			DialContext: func(context.Context, string, string) (net.Conn, error) { return ours, nil }}
		p := newPeer(t, theirs)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		defer wg.Wait()
		wg.Go(func() {
			p.expect("1")
			io.WriteString(p, "MSH|")
			for {
				if _, err := io.WriteString(p, "x"); err != nil {
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
		start := time.Now()
		reply, err := c.Send(ctx, []byte("1"))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %q, %v; want the context's error", reply, err)
		}
		wantElapsed(t, start, 3*time.Second)
	})
}
