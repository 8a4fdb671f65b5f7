package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/app"
	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/script"
	"github.com/ponshealth/pons/mapping"
)

type convertCmd struct {
	Files    []string `arg:"" name:"file" help:"Files of HL7 v2 messages; - is standard input."`
	Lineage  bool     `help:"Print where each element came from, as JSON, instead of the Bundle."`
	Unmapped bool     `help:"Print the places whose value nothing consumed, as JSON, instead of the Bundle."`
	Zone     string   `help:"IANA time zone for times that carry none, such as Europe/London." placeholder:"ZONE"`
	Charset  string   `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
	Config   string   `short:"c" help:"Configuration file, for its namespaces and zone." placeholder:"FILE"`
	Overlay  []string `help:"Folder that changes and adds to the mapping tables; examples/overlays has three." placeholder:"DIR"`
	Script   string   `help:"JavaScript on messages and Bundles; examples/scripts has one." placeholder:"FILE"`
	Compact  bool     `help:"One line per message."`
}

// convertKey makes the ids of converted resources repeatable. A server has a
// secret key of its own, so that its ids cannot be computed from identifiers.
var convertKey = []byte("pons convert: not a secret")

// Run converts every message; a bad one does not hold back the others.
func (c convertCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	mapper, err := mapperFor(cfg, nil)
	if err != nil {
		return err
	}
	var site *script.Runner
	if cfg.Script.File != "" {
		if site, err = app.OpenScript(ctx, cfg.Script); err != nil {
			return badUsage{err}
		}
		defer site.Close()
	}
	convert := func(m *hl7.Message) (*mapping.Result, error) { return app.Convert(ctx, site, m, mapper.Convert) }
	messages, err := readMessages(c.Files, s.in)
	if err != nil {
		return err
	}
	var bad []error
	for _, m := range messages {
		if err := c.convert(convert, m, s); err != nil {
			bad = append(bad, err)
		}
	}
	return errors.Join(bad...)
}

// config is that of the file, with what the flags say.
func (c convertCmd) config() (config.Config, error) {
	cfg := config.Default()
	if c.Config != "" {
		var err error
		if cfg, err = config.Load(c.Config); err != nil {
			return cfg, badUsage{err}
		}
	}
	if c.Zone != "" {
		cfg.Zone = c.Zone
	}
	if c.Script != "" {
		cfg.Script.File = c.Script
	}
	cfg.Overlays = append(cfg.Overlays, c.Overlay...)
	return cfg, nil
}

// mapperFor compiles the tables with the overlays of a configuration. zone, unless it is
// nil, wins over its zone.
func mapperFor(cfg config.Config, zone *time.Location) (*mapping.Mapper, error) {
	if zone == nil {
		var err error
		if zone, err = cfg.Location(); err != nil {
			return nil, badUsage{fmt.Errorf("--zone: not the name of an IANA time zone")}
		}
	}
	o := mapping.Options{Namespaces: cfg.Namespaces, Zone: zone, IDKey: convertKey}
	for _, dir := range cfg.Overlays {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, badUsage{fmt.Errorf("--overlay %s: not a folder", dir)}
		}
		o.Overlays = append(o.Overlays, mapping.Overlay{Name: dir, FS: os.DirFS(dir)})
	}
	m, err := mapping.New(o)
	if err != nil {
		return nil, badUsage{err}
	}
	return m, nil
}

func (c convertCmd) convert(convert func(*hl7.Message) (*mapping.Result, error), m source, s streams) error {
	msg, err := m.parse(c.Charset)
	if err != nil {
		return err
	}
	result, err := convert(msg)
	if errors.Is(err, pipeline.ErrFiltered) {
		fmt.Fprintf(s.err, "%s: note: the script does not want this message\n", m.name)
		return nil
	}
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
		b, err = c.json(append([]mapping.Place{}, result.Unmapped...)) // none is [], not null
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
