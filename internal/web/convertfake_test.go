package web_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing/fstest"
	"time"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/web"
	"github.com/ponshealth/pons/mapping"
)

// bench is a Converter by the tables of the program, without a site.
type bench struct {
	err     error         // what every call answers, when set
	entered chan struct{} // told of each call, when set; it then waits for block
	block   chan struct{}
	calls   atomic.Int32
}

var mapper = sync.OnceValue(func() *mapping.Mapper {
	m, err := mapping.New(mapping.Options{})
	if err != nil {
		panic(err)
	}
	return m
})

var validator = sync.OnceValue(func() *validate.Validator {
	v, err := validate.New(validate.Options{Definitions: profile.Base(), Terminology: terminology.New(profile.Base())})
	if err != nil {
		panic(err)
	}
	return v
})

func rowsBy(o mapping.Options) func(string) (mapping.TableRow, bool) {
	all, err := mapping.Rows(o)
	if err != nil {
		panic(err)
	}
	by := map[string]mapping.TableRow{}
	for _, r := range all {
		by[r.Name()] = r
	}
	return func(name string) (mapping.TableRow, bool) { r, ok := by[name]; return r, ok }
}

var baseRows = sync.OnceValue(func() func(string) (mapping.TableRow, bool) { return rowsBy(mapping.Options{}) })

func (b *bench) Preview(ctx context.Context, m *hl7.Message, t web.Trial) (*web.Preview, error) {
	b.calls.Add(1)
	if b.entered != nil {
		b.entered <- struct{}{}
		select {
		case <-b.block:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	by, rows := mapper(), baseRows()
	if t.YAML != "" {
		o := mapping.Options{Overlays: []mapping.Overlay{{Name: "trial", FS: fstest.MapFS{t.File: {Data: []byte(t.YAML)}}}}}
		var err error
		if by, err = mapping.New(o); err != nil {
			return nil, &web.TrialError{Problems: []web.TrialProblem{{File: t.File, Line: 3, Text: "the key is not known here"}}}
		}
		rows = rowsBy(o)
	}
	res, err := by.Convert(m)
	if err != nil {
		return nil, err
	}
	return &web.Preview{Message: m, Result: res, Row: rows, Tables: []string{"segments/PID[Patient].yaml", "defaults.yaml"},
		Outcome: validator().ValidateResource(ctx, res.Bundle)}, nil
}

// converting are the pages with a Converter.
func converting(f *fake, c web.Converter) web.Options {
	return web.Options{Store: f, Convert: c, Now: func() time.Time { return now }, Zone: time.UTC, MLLP: "127.0.0.1:2575"}
}
