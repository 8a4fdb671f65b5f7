package main

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mllp"
)

type sendCmd struct {
	Files   []string      `arg:"" name:"file" help:"Files of HL7 v2 messages; - is standard input."`
	To      string        `required:"" help:"Where to send them." placeholder:"HOST:PORT"`
	Timeout time.Duration `help:"How long to wait for each answer." default:"30s"`
}

// Run sends every message over one connection, each after the answer to the one
// before. It fails when any answer is not AA or CA.
func (c sendCmd) Run(ctx context.Context, s streams) error {
	messages, err := readMessages(c.Files, s.in)
	if err != nil {
		return err
	}
	client := client(c.To)
	defer client.Close()
	refused := 0
	for _, m := range messages {
		reply, err := exchange(ctx, client, m.raw, c.Timeout)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Fprintf(s.out, "%s: %s %s", m.name, reply.Code, reply.ControlID)
		if reply.Text != "" {
			fmt.Fprintf(s.out, " (%s)", printable(reply.Text))
		}
		fmt.Fprintln(s.out)
		if !accepted(reply.Code) {
			refused++
		}
	}
	if refused > 0 {
		return badInput{fmt.Errorf("%d of %d messages were not accepted", refused, len(messages))}
	}
	return nil
}

// client sends to addr and takes only answers that name the message.
func client(addr string) *mllp.Client {
	return &mllp.Client{Addr: addr, Match: answers}
}

func answers(sent, reply []byte) bool {
	m, err := hl7.Parse(sent)
	if err != nil {
		return true // what is not HL7 has no control id to name
	}
	r, err := hl7.ParseAck(reply)
	return err != nil || r.ControlID == m.Header().ControlID || r.ControlID == ""
}

// exchange sends one message and reads its answer.
func exchange(ctx context.Context, client *mllp.Client, raw []byte, timeout time.Duration) (hl7.AckReply, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	answer, err := client.Send(ctx, carriageReturns(raw))
	if err != nil {
		return hl7.AckReply{}, fmt.Errorf("no answer: %w", err)
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
