package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
)

// readGiven reads the form in memory: no part of it goes to a file. The error
// is a fault: TooLarge, Invalid with a text for the reader, or another kind.
func (s *server) readGiven(w http.ResponseWriter, r *http.Request) (given, error) {
	fields, err := readForm(http.MaxBytesReader(w, r.Body, 3*maxConvert+3*maxTrial+8<<10), r)
	if err != nil {
		return given{}, err
	}
	g := given{trial: Trial{File: strings.TrimSpace(string(fields["overlay_file"])), YAML: string(fields["overlay"])}}
	text := fields["message"]
	if file := fields["file"]; len(file) > 0 {
		if text, _, err = hl7.Decode(file, s.Charset); err != nil {
			return g, fault.New(fault.Invalid, "", "The file cannot be read as HL7 v2: %s.", readingProblem(err))
		}
	}
	if len(text) > maxConvert || len(g.trial.YAML) > maxTrial {
		return g, fault.New(fault.TooLarge, "", "too large")
	}
	if g.text, g.more = firstMessageOf(text); len(g.text) == 0 {
		return g, fault.New(fault.Invalid, "", "There is no message yet: paste one that begins with MSH, or choose a file.")
	}
	if !utf8.Valid(g.text) {
		return g, fault.New(fault.Invalid, "", "The text is not UTF-8. Choose it as a file instead: its charset is then found out.")
	}
	if strings.TrimSpace(g.trial.YAML) == "" {
		g.trial.YAML = "" // a name without rows is no trial
	} else if g.trial.File == "" {
		return g, fault.New(fault.Invalid, "", "Name the file of the overlay, such as segments/PID[Patient].yaml.")
	}
	return g, nil
}

// firstMessageOf takes the first message out of what was pasted, which may have
// the frame of MLLP around it, and says how many follow.
func firstMessageOf(b []byte) (first []byte, more int) {
	b = bytes.Trim(b, " \t\r\n\x0b\x1c\ufeff")
	all := hl7.Split(b)
	if len(all) < 2 {
		return b, 0
	}
	return all[0], len(all) - 1
}

// formParts are the parts of the form, with the most bytes of each.
var formParts = map[string]int64{"message": maxConvert, "file": maxConvert, "overlay": maxTrial, "overlay_file": 256}

func readForm(body io.Reader, r *http.Request) (map[string][]byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	fields := map[string][]byte{}
	switch {
	case err != nil:
		return nil, fault.New(fault.Unsupported, "", "no form")
	case kind == "application/x-www-form-urlencoded":
		r.Body = io.NopCloser(body)
		if err := r.ParseForm(); err != nil {
			return nil, formFault(err)
		}
		for name := range formParts {
			fields[name] = []byte(r.PostForm.Get(name))
		}
		return fields, nil
	case kind != "multipart/form-data":
		return nil, fault.New(fault.Unsupported, "", "no form")
	}
	r.Header.Set("Content-Type", mime.FormatMediaType(kind, params))
	r.Body = io.NopCloser(body)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, formFault(err)
	}
	for {
		p, err := parts.NextPart()
		if err == io.EOF {
			return fields, nil
		}
		if err != nil {
			return nil, formFault(err)
		}
		most, known := formParts[p.FormName()]
		if !known {
			continue
		}
		b, err := io.ReadAll(io.LimitReader(p, most+1))
		switch {
		case err != nil:
			return nil, formFault(err)
		case int64(len(b)) > most:
			return nil, fault.New(fault.TooLarge, "", "too large")
		}
		fields[p.FormName()] = b
	}
}

func formFault(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.New(fault.TooLarge, "", "too large")
	}
	return fault.New(fault.Unsupported, "", "the form is broken")
}

// convertForm is the page before there is a result: what was given, and the
// stored messages that can be picked.
func (s *server) convertForm(ctx context.Context, g given) *convertView {
	v := &convertView{Text: string(g.text), Trial: g.trial, ID: g.id, More: g.more}
	found, err := s.Store.Messages(ctx, Filter{Limit: maxPicked})
	if err != nil {
		return v // the page can do without
	}
	for _, m := range found {
		label := visible([]byte(m.Message.Type))
		if label == "" {
			label = "unknown type"
		}
		if from := sender(m.Message); from != "" {
			label += " from " + from
		}
		id := m.Message.ID.String()
		v.Picks = append(v.Picks, pick{ID: id, Label: label + ", " + s.moment(m.Message.Received).Clock + ", " + m.State.String(), Picked: id == g.id})
	}
	return v
}

// convertShow shows the form with a problem in place of a result.
func (s *server) convertShow(w http.ResponseWriter, r *http.Request, g given, status int, p *convertProblem) {
	v := s.convertForm(r.Context(), g)
	v.Problem = p
	if p != nil && p.message != nil {
		at, _ := hl7.ParsePath(p.At)
		t := paint(p.message, at, convertBounds)
		v.number(&t)
		v.Tree = &t
	}
	s.showConvert(w, r, status, v)
}

func (s *server) showConvert(w http.ResponseWriter, r *http.Request, status int, v *convertView) {
	s.show(w, r, status, "convert", frame{Title: "Convert", Script: s.assets.href("convert.js"), Body: v})
}
