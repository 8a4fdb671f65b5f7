package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/script"
	"github.com/ponshealth/pons/mapping"
)

// A converter maps messages by the tables and the script that the configuration names.
// Both are read anew when they change; what is wrong with the new ones leaves the old
// ones in place.
type converter struct {
	cfg     config.Config
	options mapping.Options
	log     *slog.Logger
	current atomic.Pointer[conversion]
}

// A conversion is the tables and the script as they were read together.
type conversion struct {
	mapper *mapping.Mapper
	script *script.Runner // nil without one

	options mapping.Options        // of mapper
	rows    func() (rowsOf, error) // of its tables, read when they are first asked for
}

func newConverter(ctx context.Context, cfg config.Config, o mapping.Options, log *slog.Logger) (*converter, error) {
	c := &converter{cfg: cfg, options: o, log: log}
	now, err := c.read(ctx)
	if err != nil {
		return nil, err
	}
	c.current.Store(now)
	return c, nil
}

// read reads the overlays and the script.
func (c *converter) read(ctx context.Context) (*conversion, error) {
	o := c.options
	for _, dir := range c.cfg.Overlays {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return nil, fmt.Errorf("overlays: %s is not a folder", dir)
		}
		o.Overlays = append(o.Overlays, mapping.Overlay{Name: dir, FS: os.DirFS(dir)})
	}
	mapper, err := mapping.New(o)
	if err != nil {
		return nil, fmt.Errorf("tables: %w", err)
	}
	now := &conversion{mapper: mapper, options: o, rows: sync.OnceValues(func() (rowsOf, error) { return readRows(o) })}
	if s := c.cfg.Script; s.File != "" {
		if now.script, err = OpenScript(ctx, s); err != nil {
			return nil, err
		}
	}
	return now, nil
}

// OpenScript reads the script of a site and starts what runs it: this program, by the
// command script-worker.
func OpenScript(ctx context.Context, s config.Script) (*script.Runner, error) {
	text, err := os.ReadFile(s.File)
	if err != nil {
		return nil, fmt.Errorf("script: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return script.New(ctx, []string{self, "script-worker"}, filepath.Base(s.File), string(text), script.Limits{Time: s.Time, Memory: s.Memory})
}

// ConvertKnown runs the script's function message, the tables, and the script's
// function bundle.
func (c *converter) ConvertKnown(m *hl7.Message, known mapping.Known) (*mapping.Result, error) {
	now := c.current.Load()
	return Convert(context.Background(), now.script, m, func(m *hl7.Message) (*mapping.Result, error) {
		return now.mapper.ConvertKnown(m, known)
	})
}

// Convert puts a script, which may be nil, around a conversion. The error is
// pipeline.ErrFiltered when the script does not want the message.
func Convert(ctx context.Context, s *script.Runner, m *hl7.Message, convert func(*hl7.Message) (*mapping.Result, error)) (*mapping.Result, error) {
	if s == nil {
		return convert(m)
	}
	m, keep, err := s.Message(ctx, m)
	if err != nil {
		return nil, scriptFault(err)
	}
	if !keep {
		return nil, pipeline.ErrFiltered
	}
	result, err := convert(m)
	if err != nil {
		return nil, err
	}
	before, err := r4.Marshal(result.Bundle)
	if err != nil {
		return nil, err
	}
	after, keep, err := s.Bundle(ctx, before, m)
	switch {
	case err != nil:
		return nil, scriptFault(err)
	case !keep:
		return nil, pipeline.ErrFiltered
	}
	if result.Bundle, err = sameEntries(result.Bundle, after); err != nil {
		return nil, fault.Wrap(fault.Invalid, "script", err)
	}
	return result, nil
}

func scriptFault(err error) error {
	if e, ok := errors.AsType[*script.Error](err); ok {
		return fault.New(fault.Invalid, "script "+e.At, "%s", e.Problem)
	}
	return fault.Wrap(fault.Internal, "script", err)
}

// sameEntries reads the Bundle that a script gave back. Its entries have to be those
// that it was given: what they are identified by was worked out before.
func sameEntries(before *r4.Bundle, text []byte) (*r4.Bundle, error) {
	res, err := r4.Unmarshal(text)
	if err != nil {
		return nil, err
	}
	after, ok := res.(*r4.Bundle)
	if !ok || len(after.Entry) != len(before.Entry) {
		return nil, errors.New("a script may change the entries of the Bundle, not add or remove any")
	}
	for i := range after.Entry {
		a, b := after.Entry[i].Resource, before.Entry[i].Resource
		if a == nil || a.ResourceType() != b.ResourceType() || a.ResourceID() != b.ResourceID() {
			return nil, fmt.Errorf("entry %d: a script may not change type or id of a resource", i)
		}
	}
	return after, nil
}

// Close ends the processes of the script.
func (c *converter) Close() error {
	if s := c.current.Load().script; s != nil {
		s.Close()
	}
	return nil
}

// Watch reads tables and script anew when a file of theirs changes, and on SIGHUP.
func (c *converter) Watch(ctx context.Context) error {
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	seen := c.stamp()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-again:
		case <-tick.C:
			if c.stamp() == seen {
				continue
			}
		}
		seen = c.stamp()
		c.reload(ctx)
	}
}

func (c *converter) reload(ctx context.Context) {
	now, err := c.read(ctx)
	if err != nil {
		c.log.Error("the new tables or script are not used: the ones before stay", "err", err)
		return
	}
	old := c.current.Swap(now)
	if old.script != nil {
		old.script.Close()
	}
	c.log.Info("tables read anew", "overlays", len(c.cfg.Overlays), "script", c.cfg.Script.File)
}

// stamp says when the files of overlays and script were changed, and how long they are.
func (c *converter) stamp() string {
	var out []byte
	add := func(path string, info fs.FileInfo) {
		out = fmt.Appendf(out, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
	}
	for _, dir := range c.cfg.Overlays {
		filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil // it shows when the tables are read
			}
			if info, err := d.Info(); err == nil {
				add(path, info)
			}
			return nil
		})
	}
	if info, err := os.Stat(c.cfg.Script.File); err == nil {
		add(c.cfg.Script.File, info)
	}
	return string(out)
}
