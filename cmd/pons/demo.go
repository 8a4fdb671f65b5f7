package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/app"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mllp"
)

// hospital is the script: one file a message, played in the order of the names.
// The people in it are invented; their NHS numbers are of the range for tests.
//
//go:embed demo/*.hl7
var hospital embed.FS

type demoCmd struct {
	engine
	Once bool `help:"Play the script and end, instead of waiting for Ctrl-C."`
}

// Run starts an engine, plays the hospital at its MLLP port, and prints what
// came of each message.
func (c demoCmd) Run(ctx context.Context, s streams) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	if cfg.Zone == "" {
		cfg.Zone = "Europe/London" // where the hospital stands; its messages do not say
	}
	if c.Data == "" { // a demo leaves nothing behind
		if cfg.Data, err = os.MkdirTemp("", "pons-demo-"); err != nil {
			return err
		}
		defer os.RemoveAll(cfg.Data)
	}
	if c.LogLevel == "info" { // the script tells what happens; the log would tell it twice
		c.LogLevel = "error"
	}
	log, err := c.log(s.err)
	if err != nil {
		return err
	}
	a, err := app.New(ctx, cfg, version, log)
	if errors.Is(err, syscall.EADDRINUSE) {
		cfg.MLLP.Listen, cfg.HTTP.Listen = freePort(cfg.MLLP.Listen), freePort(cfg.HTTP.Listen)
		a, err = app.New(ctx, cfg, version, log)
	}
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()

	played := play(ctx, a, s.out)
	if played == nil && !c.Once {
		fmt.Fprintln(s.out, "\nRunning. Ctrl-C stops it.")
		select {
		case <-ctx.Done():
		case err := <-ended:
			return err
		}
	}
	stop()
	if errors.Is(played, context.Canceled) {
		played = nil // Ctrl-C in the middle of the play
	}
	return errors.Join(played, <-ended)
}

// freePort is the same host with a port that the system picks.
func freePort(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return addr
	}
	return net.JoinHostPort(host, "0")
}

func play(ctx context.Context, a *app.App, out io.Writer) error {
	web := "http://" + a.HTTP.String()
	fmt.Fprintf(out, "Pons is up.\n  HL7 v2  mllp://%s\n  FHIR    %s/fhir\n  pages   %s/ui/\n\n", a.MLLP, web, web)
	client := client(a.MLLP.String())
	defer client.Close()
	files, err := fs.Glob(hospital, "demo/*.hl7")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "A small hospital sends %d messages:\n\n", len(files))
	var patient string // the first one's id
	for _, file := range files {
		raw, err := hospital.ReadFile(file)
		if err != nil {
			return err
		}
		done, err := playOne(ctx, a, client, file, raw, out)
		if err != nil {
			return fmt.Errorf("%s: %w", path.Base(file), err)
		}
		for _, r := range done.Produced {
			if r.Type == "Patient" && patient == "" {
				patient = r.ID
			}
		}
	}
	fmt.Fprintf(out, `
Where to look:
  %[1]s/ui/
      every message, what was answered, what became of it
  %[1]s/fhir/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018
      the patient who was admitted, moved house, and had blood taken
  %[1]s/fhir/Observation?patient=%[2]s&_sort=-date
      his results, the corrected one in its second version
  %[1]s/fhir/Encounter?identifier=V4002
      the stay that ended with a discharge
`, web, patient)
	return nil
}

func playOne(ctx context.Context, a *app.App, client *mllp.Client, file string, raw []byte, out io.Writer) (store.MessageDetail, error) {
	reply, err := exchange(ctx, client, bytes.TrimSpace(raw), 10*time.Second)
	if err != nil {
		return store.MessageDetail{}, err
	}
	done, err := settled(ctx, a.Store)
	if err != nil {
		return done, err
	}
	name := strings.TrimSuffix(path.Base(file), ".hl7")
	_, title, _ := strings.Cut(name, "-")
	what := done.Message.Type
	if m, err := hl7.Parse(raw); err == nil {
		what = m.Header().Type + "^" + m.Header().Event
	}
	fmt.Fprintf(out, "  %-18s %-8s answered %s", strings.ReplaceAll(title, "-", " "), what, reply.Code)
	switch {
	case done.State == message.Dead && done.Cause.At != "":
		fmt.Fprintf(out, "   kept as dead: %s: %s\n", done.Cause.At, done.Cause.Text)
	case done.State == message.Dead:
		fmt.Fprintf(out, "   kept as dead: %s\n", done.Cause.Text)
	default:
		fmt.Fprintf(out, "   %s: %s\n", done.State, summary(done.Produced))
	}
	return done, nil
}

// settled waits until the newest message is.
func settled(ctx context.Context, st *store.Store) (store.MessageDetail, error) {
	for {
		newest, err := st.Messages(ctx, store.MessageFilter{Limit: 1})
		if err != nil {
			return store.MessageDetail{}, err
		}
		if len(newest) == 1 && newest[0].State.Settled() {
			return st.Message(ctx, newest[0].ID)
		}
		select {
		case <-ctx.Done():
			return store.MessageDetail{}, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// summary counts the resources that a message wrote by type, in the order in
// which it wrote them.
func summary(refs []store.ResourceRef) string {
	if len(refs) == 0 {
		return "nothing changed"
	}
	var types []string
	made, changed := map[string]int{}, map[string]int{}
	for _, r := range refs {
		if made[r.Type]+changed[r.Type] == 0 {
			types = append(types, r.Type)
		}
		if r.Version == 1 {
			made[r.Type]++
		} else {
			changed[r.Type]++
		}
	}
	var parts []string
	for _, t := range types {
		if n := made[t]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, t))
		}
		if n := changed[t]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s changed", n, t))
		}
	}
	return strings.Join(parts, ", ")
}
