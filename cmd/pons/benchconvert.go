package main

import (
	"bytes"
	"fmt"
	"runtime"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
)

type benchConvertCmd struct {
	site
	Files    []string      `arg:"" name:"file" help:"Files of HL7 v2 messages."`
	Duration time.Duration `help:"How long each message is converted." default:"2s"`
	Charset  string        `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
}

// Run measures, on one core, how often a message is parsed, mapped and written as JSON in a
// second, beside how often its bytes are only split at the field separator.
func (c benchConvertCmd) Run(s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	m, err := mapperFor(cfg, nil)
	if err != nil {
		return err
	}
	messages, err := readMessages(c.Files, s.in)
	if err != nil {
		return err
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, raw := range messages {
		msg, err := raw.parse(c.Charset)
		if err != nil {
			return err
		}
		var size int
		convert := func() error {
			parsed, err := hl7.Parse(msg.Bytes())
			if err != nil {
				return err
			}
			res, err := m.ConvertKnown(parsed, nil) // as the engine does it
			if err != nil {
				return err
			}
			b, err := r4.Marshal(res.Bundle)
			size = len(b)
			return err
		}
		if err := convert(); err != nil {
			return badInput{fmt.Errorf("%s: %w", raw.name, err)}
		}
		baseline, _, err := timesPerSecond(c.Duration/4, func() error { bytes.Split(msg.Bytes(), []byte{'|'}); return nil })
		if err != nil {
			return err
		}
		n, allocs, err := timesPerSecond(c.Duration, convert)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(s.out, "%s: %d bytes, Bundle of %d bytes: %.0f /s on one core, %.0f allocations each; splitting alone %.0f /s, %.0f times as often\n",
			raw.name, len(msg.Bytes()), size, n, allocs, baseline, baseline/n); err != nil {
			return err
		}
	}
	return nil
}

// timesPerSecond says how often f runs in a second, and what it allocates each time.
func timesPerSecond(d time.Duration, f func() error) (perSecond, allocs float64, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun, n := time.Now(), 0
	for time.Since(begun) < d {
		for range 8 {
			if err := f(); err != nil {
				return 0, 0, err
			}
		}
		n += 8
	}
	took := time.Since(begun)
	runtime.ReadMemStats(&after)
	return float64(n) / took.Seconds(), float64(after.Mallocs-before.Mallocs) / float64(n), nil
}
