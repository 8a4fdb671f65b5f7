package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/web"
	"github.com/ponshealth/pons/mapping"
)

// previewsOf are previews by the tables with an overlay of a site, which says
// where that overlay is.
func previewsOf(t *testing.T) (p previews, dir string) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: S1, from: PID, to: language, value: en-GB}\n")
	cfg := config.Default()
	cfg.Overlays = []string{dir}
	c, err := newConverter(t.Context(), cfg, mapping.Options{}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return newPreviews(c), dir
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func admit(t *testing.T) *hl7.Message {
	t.Helper()
	m, err := hl7.Parse([]byte("MSH|^~\\&|A|B|C|D|20250413093000||ADT^A01|1|P|2.5\rPID|1||1^^^B^MR||Smith^John||19850315|M\rPV1|1|I\r"))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// made gives the row that made an element.
func made(p *web.Preview, path string) string {
	for _, l := range p.Result.Lineage {
		if l.Path == path {
			return l.Row
		}
	}
	return ""
}

// TestPreview: the site's own overlay takes part, and a trial on top of it, which
// leaves the running tables as they are.
func TestPreview(t *testing.T) {
	ps, dir := previewsOf(t)
	trial := web.Trial{File: "segments/PID[Patient].yaml", YAML: "map: 'PID[Patient]'\nrows:\n- {id: 10, from: PID-7, to: deceasedDateTime, why: a trial}\n"}
	for _, c := range []struct {
		trial              web.Trial
		at, overlay, row   string
		without, wantTable string
	}{
		{web.Trial{}, "language", dir, "PID[Patient]#S1", "deceasedDateTime", "segments/PID[Patient].yaml"},
		{trial, "deceasedDateTime", trialName, "PID[Patient]#10", "birthDate", "vocabulary/AdministrativeSex.yaml"},
		{web.Trial{}, "birthDate", "", "PID[Patient]#10", "deceasedDateTime", "defaults.yaml"},
	} {
		p, err := ps.Preview(t.Context(), admit(t), c.trial)
		if err != nil {
			t.Fatal(err)
		}
		row, ok := p.Row(made(p, c.at))
		if !ok || row.Name() != c.row || row.Overlay != c.overlay {
			t.Errorf("%s: made by %s of %q", c.at, row.Name(), row.Overlay)
		}
		if made(p, "language") == "" || made(p, c.without) != "" {
			t.Errorf("with %+v: the language is made by %q, %s by %q", c.trial, made(p, "language"), c.without, made(p, c.without))
		}
		if p.Outcome == nil || !strings.Contains(strings.Join(p.Tables, " "), c.wantTable) {
			t.Errorf("no outcome, or %s is not among the tables", c.wantTable)
		}
	}
}

// TestTrialErrors: a fault of a trial has its file and line.
func TestTrialErrors(t *testing.T) {
	ps, _ := previewsOf(t)
	for _, c := range []struct {
		file, yaml string
		want       web.TrialProblem
	}{
		{"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: 10, too: x}\n", web.TrialProblem{File: "segments/PID[Patient].yaml", Line: 3, Text: `the key "too" is not known here`}},
		{"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: 10, from: PID-7, to: birthDat}\n", web.TrialProblem{File: "segments/PID[Patient].yaml", Line: 3, Text: "row 10: "}},
		{"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: 10\n- x\n", web.TrialProblem{File: "segments/PID[Patient].yaml", Line: 3, Text: "did not find expected"}},
		{"segments/PID[Patient].yaml", "map: 'PID[Patient]'\nrows:\n- {id: 10, why: 'x}\n", web.TrialProblem{File: "segments/PID[Patient].yaml", Line: 3, Text: "found unexpected end of stream"}},
		{"segments/PID[Patient].yaml", "map: 'PV1[Encounter]'\n", web.TrialProblem{File: "segments/PID[Patient].yaml", Line: 1, Text: "the table says it is"}},
		{"segments/PID[Patient].yaml", "# nothing\n", web.TrialProblem{File: "segments/PID[Patient].yaml", Line: 1, Text: "the file is empty"}},
		{"other.yaml", "a: b\n", web.TrialProblem{File: "other.yaml", Line: 1, Text: "not a kind of table"}},
		{"segments/PID[Patient].txt", "a: b\n", web.TrialProblem{Text: "The file has a name like"}},
		{"../../etc/passwd.yaml", "a: b\n", web.TrialProblem{Text: "The file has a name like"}},
		{"/segments/x.yaml", "a: b\n", web.TrialProblem{Text: "The file has a name like"}},
	} {
		_, err := ps.Preview(t.Context(), admit(t), web.Trial{File: c.file, YAML: c.yaml})
		e, ok := errors.AsType[*web.TrialError](err)
		if !ok {
			t.Errorf("%s %q: %v", c.file, c.yaml, err)
			continue
		}
		got := e.Problems[0]
		if got.File != c.want.File || got.Line != c.want.Line || !strings.HasPrefix(got.Text, c.want.Text) || got.Text == "" {
			t.Errorf("%s %q:\n got %+v\nwant %+v", c.file, c.yaml, got, c.want)
		}
	}
}

// A preview that is not wanted any more ends before the next of its parts.
func TestPreviewEnds(t *testing.T) {
	ps, _ := previewsOf(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ps.Preview(ctx, admit(t), web.Trial{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	var refused *mapping.Error
	m, _ := hl7.Parse([]byte("MSH|^~\\&|A|B|C|D|20250413093000||ZZZ^Z01|1|P|2.5\r"))
	if _, err := ps.Preview(t.Context(), m, web.Trial{}); !errors.As(err, &refused) {
		t.Error(err)
	}
}
