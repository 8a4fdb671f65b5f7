package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/mapping"
)

type convertCmd struct {
	Files    []string `arg:"" name:"file" help:"Files of HL7 v2 messages; - is standard input."`
	Lineage  bool     `help:"Print where each element came from, as JSON, instead of the Bundle."`
	Unmapped bool     `help:"Print the places whose value nothing consumed, as JSON, instead of the Bundle."`
	Zone     string   `help:"IANA time zone for times that carry none, such as Europe/London." placeholder:"ZONE"`
	Charset  string   `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
	Config   string   `short:"c" help:"Configuration file, for its namespaces and zone." placeholder:"FILE"`
	Compact  bool     `help:"One line per message."`
}

// convertKey makes the ids of converted resources repeatable. A server has a
// secret key of its own, so that its ids cannot be computed from identifiers.
var convertKey = []byte("pons convert: not a secret")

// Run converts every message; a bad one does not hold back the others.
func (c convertCmd) Run(s streams) error {
	mapper, err := c.mapper()
	if err != nil {
		return err
	}
	messages, err := readMessages(c.Files, s.in)
	if err != nil {
		return err
	}
	var bad []error
	for _, m := range messages {
		if err := c.convert(mapper, m, s); err != nil {
			bad = append(bad, err)
		}
	}
	return errors.Join(bad...)
}

func (c convertCmd) mapper() (*mapping.Mapper, error) {
	cfg := config.Default()
	if c.Config != "" {
		var err error
		if cfg, err = config.Load(c.Config); err != nil {
			return nil, badUsage{err}
		}
	}
	if c.Zone != "" {
		cfg.Zone = c.Zone
	}
	zone, err := cfg.Location()
	if err != nil {
		return nil, badUsage{fmt.Errorf("--zone: not the name of an IANA time zone")}
	}
	return mapping.New(mapping.Options{Namespaces: cfg.Namespaces, Zone: zone, IDKey: convertKey})
}

func (c convertCmd) convert(mapper *mapping.Mapper, m source, s streams) error {
	msg, err := m.parse(c.Charset)
	if err != nil {
		return err
	}
	result, err := mapper.Convert(msg)
	if err != nil {
		return badInput{fmt.Errorf("%s: %w", m.name, err)}
	}
	for _, n := range result.Notes {
		fmt.Fprintf(s.err, "%s: note: %s: %s\n", m.name, n.At, n.Text)
	}
	var b []byte
	switch {
	case c.Lineage:
		b, err = c.json(result.Lineage)
	case c.Unmapped:
		b, err = c.json(result.Unmapped)
	case c.Compact:
		b, err = r4.Marshal(result.Bundle)
	default:
		b, err = r4.MarshalIndent(result.Bundle)
	}
	if err != nil {
		return err
	}
	_, err = s.out.Write(append(b, '\n'))
	return err
}

func (c convertCmd) json(v any) ([]byte, error) {
	if c.Compact {
		return json.Marshal(v)
	}
	return json.MarshalIndent(v, "", "  ")
}
