package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

type redactCmd struct {
	File    string   `arg:"" help:"File of HL7 v2 messages; - is standard input."`
	Key     string   `help:"File with a secret of 16 bytes or more. The same key gives the same fakes; without one they hold for this run." placeholder:"FILE"`
	Keep    []string `help:"Places to leave as they are, such as MSH-3, PID-3.4 or ZPI-2; may be given several times." placeholder:"PLACE"`
	Mask    []string `help:"Places to mask in any case; may be given several times." placeholder:"PLACE"`
	Report  bool     `help:"Print to standard error what became of each value, without data."`
	Charset string   `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
}

// Help says what the command promises and what it does not.
func (redactCmd) Help() string {
	return `Names, identifiers and telephone numbers become others of the same shape, the same one for the same input; dates move back by as many days for all of a
patient; codes and numbers stay; all else, Z segments among it, is masked. Structure, lengths and batch lines stay. It helps to share a message and is
no proof that nobody can be recognised: look at what was kept (--report) before you send it.`
}

// Run prints the messages of the file without what says who a person is. What cannot be
// read is not printed, and makes the command fail at the end.
func (c redactCmd) Run(s streams) error {
	r, err := c.redactor(s)
	if err != nil {
		return err
	}
	in := s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return badInput{err}
		}
		defer f.Close()
		in = f
	}
	buffered := bufio.NewReaderSize(in, 64<<10)
	end := lineEnd(buffered)
	reader := hl7.NewReader(buffered)
	var bad []error
	for {
		item, err := reader.Next()
		if err == io.EOF {
			break
		}
		if _, skipped := errors.AsType[*hl7.SyntaxError](err); err != nil && !skipped {
			return badInput{err}
		}
		var line []byte
		if err == nil {
			line, err = c.item(r, item, s.err)
		}
		if err != nil {
			bad = append(bad, badInput{fmt.Errorf("%s: %w", c.File, err)})
			continue
		}
		if n := len(line); line[n-1] != '\r' && line[n-1] != '\n' {
			line = append(line, end...)
		}
		if _, err := s.out.Write(line); err != nil {
			return err
		}
	}
	return errors.Join(bad...)
}

// shortestKey is the least length of a key in bytes.
const shortestKey = 16

func (c redactCmd) redactor(s streams) (*hl7.Redactor, error) {
	var key []byte
	if c.Key != "" {
		var err error
		if key, err = os.ReadFile(c.Key); err != nil {
			return nil, badUsage{err}
		}
		if key = bytes.TrimSpace(key); len(key) < shortestKey {
			return nil, badUsage{fmt.Errorf("--key: the file has fewer than %d bytes", shortestKey)}
		}
	}
	r := hl7.NewRedactor(key)
	r.Types = fieldType
	var err error
	if r.Keep, err = paths("--keep", c.Keep); err != nil {
		return nil, err
	}
	r.Mask, err = paths("--mask", c.Mask)
	return r, err
}

// fieldType asks the grammar.
func fieldType(version, segment string, field int) string {
	if def, ok := grammar.For(version).Segment(segment); ok {
		f, _ := def.Field(field)
		return f.Type
	}
	return ""
}

// item returns what is printed for a message or a line of the batch protocol, in the
// character set that it came in.
func (c redactCmd) item(r *hl7.Redactor, item hl7.Item, report io.Writer) ([]byte, error) {
	out, done := r.RedactBatch(item)
	if item.Kind <= hl7.ItemStray {
		m, err := item.Message(c.Charset)
		if err != nil {
			return nil, err
		}
		redacted, all, err := r.Redact(m)
		if err != nil {
			return nil, err
		}
		_, charset, err := item.Decode(c.Charset)
		if err != nil {
			return nil, err
		}
		if out, err = hl7.Encode(redacted.Bytes(), charset); err != nil {
			return nil, err
		}
		done = all
	}
	if c.Report {
		for _, d := range done {
			if _, err := fmt.Fprintf(report, "%-24s %s\n", d.At, d.Action); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// lineEnd looks at how the first line ends: that is how those end whose end was lost.
func lineEnd(r *bufio.Reader) string {
	head, _ := r.Peek(r.Size())
	switch i := bytes.IndexAny(head, "\r\n"); {
	case i >= 0 && bytes.HasPrefix(head[i:], []byte("\r\n")):
		return "\r\n"
	case i >= 0 && head[i] == '\n':
		return "\n"
	}
	return "\r"
}
