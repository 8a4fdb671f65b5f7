package app

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
	"github.com/ponshealth/pons/fhir/validate"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/web"
	"github.com/ponshealth/pons/mapping"
)

// trialName is what errors call the overlay that a person tries out.
const trialName = "(trial)"

// previews are conversions for the pages: by the tables and the script that are
// in use, stored nowhere.
type previews struct {
	*converter
	validator func() (*validate.Validator, error)
}

func newPreviews(c *converter) previews {
	return previews{c, sync.OnceValues(func() (*validate.Validator, error) {
		return validate.New(validate.Options{Definitions: profile.Base(), Terminology: terminology.New(profile.Base())})
	})}
}

// rowsOf are the rows of tables by their names.
type rowsOf struct {
	byName map[string]mapping.TableRow
	files  []string
}

func readRows(o mapping.Options) (rowsOf, error) {
	all, err := mapping.Rows(o)
	r := rowsOf{byName: make(map[string]mapping.TableRow, len(all))}
	for _, row := range all {
		r.byName[row.Name()] = row
		r.files = append(r.files, row.File)
	}
	slices.Sort(r.files)
	r.files = slices.Compact(r.files)
	return r, err
}

// Preview converts a message. A known patient may have another id here than in
// the engine, which asks its store.
func (p previews) Preview(ctx context.Context, m *hl7.Message, t web.Trial) (*web.Preview, error) {
	now := p.current.Load()
	mapper, rows := now.mapper, now.rows
	if t.YAML != "" {
		o, err := withTrial(now.options, t)
		if err != nil {
			return nil, err
		}
		if mapper, err = mapping.New(o); err != nil {
			return nil, trialError(err)
		}
		rows = func() (rowsOf, error) { return readRows(o) }
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	seen := m
	result, err := Convert(ctx, now.script, m, func(m *hl7.Message) (*mapping.Result, error) {
		seen = m
		return mapper.Convert(m)
	})
	if errors.Is(err, pipeline.ErrFiltered) {
		return nil, web.ErrNotWanted
	}
	if err != nil {
		return nil, err
	}
	list, err := rows()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "tables", err)
	}
	v, err := p.validator()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "definitions", err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return &web.Preview{
		Message: seen, Scripted: now.script != nil, Result: result, Outcome: v.ValidateResource(ctx, result.Bundle),
		Row:    func(name string) (mapping.TableRow, bool) { row, ok := list.byName[name]; return row, ok },
		Tables: list.files,
	}, ctx.Err()
}

// withTrial lays one file on the tables, as the last overlay.
func withTrial(o mapping.Options, t web.Trial) (mapping.Options, error) {
	if !fs.ValidPath(t.File) || path.Ext(t.File) != ".yaml" {
		return o, &web.TrialError{Problems: []web.TrialProblem{{Text: "The file has a name like segments/PID[Patient].yaml, messages/any.yaml or defaults.yaml."}}}
	}
	// A zip in memory is the file system of one file that the standard library has.
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	w, err := z.CreateHeader(&zip.FileHeader{Name: t.File, Method: zip.Store})
	if err == nil {
		_, err = w.Write([]byte(t.YAML))
	}
	if err := errors.Join(err, z.Close()); err != nil {
		return o, err
	}
	fsys, err := zip.NewReader(bytes.NewReader(buf.Bytes()), int64(buf.Len()))
	o.Overlays = append(slices.Clone(o.Overlays), mapping.Overlay{Name: trialName, FS: fsys})
	return o, err
}

var placeOfFault = regexp.MustCompile(`^([^:]+\.yaml):(\d+): (.*)$`)

// trialError takes apart what mapping.New says, a line for each fault.
func trialError(err error) error {
	out := &web.TrialError{}
	for text := range strings.SplitSeq(err.Error(), "\n") {
		text = strings.TrimPrefix(text, trialName+"/")
		p := web.TrialProblem{Text: text}
		if m := placeOfFault.FindStringSubmatch(text); m != nil {
			p.File, p.Text = m[1], m[3]
			p.Line, _ = strconv.Atoi(m[2])
		}
		if p.Text != "" {
			out.Problems = append(out.Problems, p)
		}
	}
	return out
}
