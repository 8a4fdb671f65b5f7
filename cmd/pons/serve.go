package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"

	"github.com/ponshealth/pons/internal/app"
	"github.com/ponshealth/pons/internal/config"
)

// engine holds the flags of the commands that start one.
type engine struct {
	Config    string `short:"c" help:"Configuration file. None is needed." placeholder:"FILE"`
	MLLP      string `name:"mllp" help:"Address for HL7 v2 over MLLP; port 0 takes a free one. Default 127.0.0.1:2575." placeholder:"HOST:PORT"`
	HTTP      string `name:"http" help:"Address for FHIR and the pages; port 0 takes a free one. Default 127.0.0.1:8080." placeholder:"HOST:PORT"`
	Data      string `help:"Folder of the database, made when it is not there." placeholder:"DIR"`
	Zone      string `help:"IANA time zone of senders whose times carry none, such as Europe/London. Without it such a time is stored as a date." placeholder:"ZONE"`
	LogFormat string `help:"Form of the log on standard error: ${enum}." enum:"text,json" default:"text"`
	LogLevel  string `help:"Least level that is logged: ${enum}." enum:"debug,info,warn,error" default:"info"`
}

// config reads the file and lets the flags win over it.
func (e engine) config() (config.Config, error) {
	cfg := config.Default()
	if e.Config != "" {
		var err error
		if cfg, err = config.Load(e.Config); err != nil {
			return cfg, badUsage{err}
		}
	}
	for _, flag := range []struct {
		value string
		to    *string
	}{{e.MLLP, &cfg.MLLP.Listen}, {e.HTTP, &cfg.HTTP.Listen}, {e.Data, &cfg.Data}, {e.Zone, &cfg.Zone}} {
		if flag.value != "" {
			*flag.to = flag.value
		}
	}
	if err := cfg.Check(); err != nil {
		return cfg, badUsage{err}
	}
	return cfg, nil
}

func (e engine) log(w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(e.LogLevel)); err != nil {
		return nil, badUsage{fmt.Errorf("--log-level: %w", err)}
	}
	options := &slog.HandlerOptions{Level: level}
	if e.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options)), nil
	}
	return slog.New(slog.NewTextHandler(w, options)), nil
}

type serveCmd struct{ engine }

// Run serves until ctx ends.
func (c serveCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	log, err := c.log(s.err)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, version, log)
	if err != nil {
		return err
	}
	go debug.FreeOSMemory() // what reading the tables took
	return a.Run(ctx)
}
