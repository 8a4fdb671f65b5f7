package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mllp"
)

type sendCmd struct {
	Files       []string      `arg:"" name:"file" help:"Files of HL7 v2 messages; - is standard input."`
	To          string        `required:"" help:"Where to send them." placeholder:"HOST:PORT"`
	Timeout     time.Duration `help:"How long to wait for each answer." default:"30s"`
	Rate        rate          `help:"Send no more than this: 50/s, 600/m, 1000/h." placeholder:"N/s"`
	Connections int           `help:"Send over so many connections at once. Only with one is the order kept." default:"1" placeholder:"N"`
	Repeat      int           `help:"Send everything so many times." default:"1" placeholder:"N"`
	NewIDs      bool          `name:"new-ids" help:"From the second time on put a number behind each MSH-10, so that the receiver does not take it for the same message."`
	Release2    bool          `help:"Expect the commits of MLLP release 2."`
	TLS         bool          `name:"tls" help:"Use TLS. --ca, --cert and --server-name imply it."`
	CA          string        `name:"ca" help:"Authorities of the receiver's certificate, in PEM. Default are those of the system." placeholder:"FILE"`
	Cert        string        `help:"Certificate to show, in PEM." placeholder:"FILE"`
	Key         string        `help:"Key of --cert, in PEM." placeholder:"FILE"`
	ServerName  string        `help:"Name in the receiver's certificate, if it is not that in --to." placeholder:"NAME"`
}

// Run sends every message, each connection's next after the answer to the one
// before. It fails when any answer is not AA or CA. What is answered goes to
// standard output, with --repeat only what was not accepted; progress and a
// summary go to standard error.
func (c sendCmd) Run(ctx context.Context, s streams) error {
	if c.Connections < 1 || c.Repeat < 1 {
		return badUsage{errors.New("--connections and --repeat must be above zero")}
	}
	messages, err := readMessages(c.Files, s.in)
	if err != nil {
		return err
	}
	clients := make([]*mllp.Client, min(c.Connections, len(messages)*c.Repeat))
	for i := range clients {
		if clients[i], err = c.client(); err != nil {
			return badUsage{err}
		}
		defer clients[i].Close()
	}
	l := &load{messages: messages, repeat: c.Repeat, newIDs: c.NewIDs, rate: c.Rate, timeout: c.Timeout, out: s.out}
	l.show = newProgress(s.err, l.total() > 1 && terminal(s.err))
	failed := l.run(ctx, clients)
	if l.total() > 1 {
		fmt.Fprintln(s.err, l.summary())
	}
	if failed != nil {
		return failed
	}
	if n := l.refused(); n > 0 {
		return badInput{fmt.Errorf("%d of %d messages were not accepted", n, l.total())}
	}
	return nil
}

func (c sendCmd) client() (*mllp.Client, error) {
	client := client(c.To)
	client.Release2, client.ReplyTimeout = c.Release2, c.Timeout
	if !c.TLS && c.CA == "" && c.Cert == "" && c.Key == "" && c.ServerName == "" {
		return client, nil
	}
	files := &mllp.TLSFiles{Cert: c.Cert, Key: c.Key, CA: c.CA}
	cfg, err := files.Client()
	if err != nil {
		return nil, err
	}
	cfg.ServerName = c.ServerName
	client.TLS = cfg
	return client, nil
}

// rate is how many messages may go out in a time; zero is no limit.
type rate struct {
	n   float64
	per time.Duration
}

var rateUnits = map[string]time.Duration{"": time.Second, "s": time.Second, "m": time.Minute, "h": time.Hour}

// UnmarshalText reads "50/s"; without a unit it is per second.
func (r *rate) UnmarshalText(b []byte) error {
	number, unit, _ := strings.Cut(string(b), "/")
	n, err := strconv.ParseFloat(number, 64)
	per, ok := rateUnits[unit]
	if err != nil || !ok || !(n > 0 && n <= 1e9) {
		return errors.New("want a number above zero and a unit: 50/s, 600/m, 1000/h")
	}
	r.n, r.per = n, per
	return nil
}

// due is when message i, from 0 on, may go out, after the first.
func (r rate) due(i int) time.Duration {
	if r.n == 0 {
		return 0
	}
	return time.Duration(float64(i) * float64(r.per) / r.n)
}

// client sends to addr and takes only answers that name the message.
func client(addr string) *mllp.Client {
	return &mllp.Client{Addr: addr, Match: answers, NoReply: unanswered}
}

func answers(sent, reply []byte) bool {
	m, err := hl7.Parse(sent)
	if err != nil {
		return true // what is not HL7 has no control id to name
	}
	r, err := hl7.ParseAck(reply)
	return err != nil || r.ControlID == m.Header().ControlID || r.ControlID == ""
}

// unanswered tells whether a message asks for no answer at all (MSH-15 and MSH-16,
// HL7 table 0155).
func unanswered(raw []byte) bool {
	m, err := hl7.Parse(raw)
	if err != nil {
		return false
	}
	never := func(field string) bool { return field == "NE" || field == "" || field == `""` }
	h := m.Header()
	return never(h.AcceptAck) && never(h.ApplicationAck) && (h.AcceptAck == "NE" || h.ApplicationAck == "NE")
}

// exchange sends one message and reads its answer. The answer to a message that
// asks for none has no code.
func exchange(ctx context.Context, client *mllp.Client, raw []byte, timeout time.Duration) (hl7.AckReply, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := client.Send(ctx, carriageReturns(raw))
	if err != nil && client.TLS == nil && (errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)) {
		return hl7.AckReply{}, fmt.Errorf("no answer: the receiver hung up; if it wants TLS, see --tls: %w", err)
	}
	if err != nil {
		return hl7.AckReply{}, fmt.Errorf("no answer: %w", err)
	}
	if answer == nil {
		return hl7.AckReply{}, nil
	}
	reply, err := hl7.ParseAck(answer)
	if err != nil {
		return hl7.AckReply{}, fmt.Errorf("the answer is not an acknowledgment: %w", err)
	}
	return reply, nil
}

func accepted(code string) bool { return code == "AA" || code == "CA" }

// carriageReturns gives a message that an editor saved the segment ends that
// the standard wants (HL7 v2.9 2.5.1).
func carriageReturns(raw []byte) []byte {
	raw = bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\r"))
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r"))
}

// terminal tells whether somebody watches what is written to w.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
