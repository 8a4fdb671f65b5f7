package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/mapping/reverse"
)

type revertCmd struct {
	Files     []string `arg:"" name:"file" help:"Files with one FHIR Bundle or resource each, JSON; - is standard input."`
	To        string   `required:"" help:"The message that each becomes, such as ADT^A08." placeholder:"EVENT"`
	HL7       string   `name:"hl7" help:"Version of the message." default:"2.5.1" placeholder:"VERSION"`
	Control   string   `help:"Control id (MSH-10); of several files each gets its number behind it. Without one it is the time." placeholder:"ID"`
	Time      string   `help:"Time of the message, as RFC 3339 has it; without it, now." placeholder:"TIME"`
	From      string   `help:"Sender, MSH-3 and MSH-4." placeholder:"APP^FACILITY"`
	Recipient string   `help:"Receiver, MSH-5 and MSH-6." placeholder:"APP^FACILITY"`
	Patient   string   `help:"Id of the Patient whom the message is about, where there are several." placeholder:"ID"`
	Config    string   `short:"c" help:"Configuration file, for its namespaces." placeholder:"FILE"`
	Left      bool     `help:"Print what no field holds, as JSON, instead of the message."`
}

// Run prints a message for every file; a bad one does not hold back the others.
func (c revertCmd) Run(s streams) error {
	to, err := c.target()
	if err != nil {
		return badUsage{err}
	}
	cfg := config.Default()
	if c.Config != "" {
		if cfg, err = config.Load(c.Config); err != nil {
			return badUsage{err}
		}
	}
	r, err := reverse.New(reverse.Options{Namespaces: cfg.Namespaces})
	if err != nil {
		return err
	}
	var bad []error
	control := to.ControlID
	for i, file := range c.Files {
		if len(c.Files) > 1 {
			to.ControlID = control + strconv.Itoa(i+1)
		}
		b, err := readFile(file, s.in)
		if err != nil {
			return badInput{err}
		}
		res, err := revert(r, b, to)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s: %w", file, err))
			continue
		}
		out := []byte(strings.ReplaceAll(string(res.Message.Bytes()), "\r", "\n"))
		if c.Left {
			if out, err = json.Marshal(res.Left); err != nil {
				return err
			}
			out = append(out, '\n')
		}
		if _, err := s.out.Write(out); err != nil {
			return err
		}
	}
	if len(bad) > 0 {
		return badInput{errors.Join(bad...)}
	}
	return nil
}

func revert(r *reverse.Reverter, b []byte, to reverse.Target) (*reverse.Result, error) {
	res, err := r4.Unmarshal(b)
	if err != nil {
		return nil, err
	}
	if bundle, ok := res.(*r4.Bundle); ok {
		return r.Bundle(bundle, to)
	}
	return r.Resources([]r4.Resource{res}, to)
}

func (c revertCmd) target() (reverse.Target, error) {
	to := reverse.Target{Event: c.To, Version: c.HL7, ControlID: c.Control, Patient: c.Patient, Time: time.Now()}
	if c.Time != "" {
		var err error
		if to.Time, err = time.Parse(time.RFC3339, c.Time); err != nil {
			return to, fmt.Errorf("--time: %q is no time such as 2026-01-02T03:04:05+01:00", c.Time)
		}
	}
	if to.ControlID == "" {
		to.ControlID = to.Time.UTC().Format("20060102150405.000")
	}
	to.SendingApp.Namespace, to.SendingFacility.Namespace, _ = strings.Cut(c.From, "^")
	to.ReceivingApp.Namespace, to.ReceivingFacility.Namespace, _ = strings.Cut(c.Recipient, "^")
	if c.To == "" || !strings.Contains(c.To, "^") {
		return to, fmt.Errorf("--to: an event such as ADT^A08 is wanted")
	}
	return to, nil
}
