package main

import (
	"fmt"
	"io"
	"os"

	"github.com/ponshealth/pons/hl7"
)

// source is one message of a file and where it stands, for errors.
type source struct {
	name string // "adt.hl7" or "adt.hl7, message 3"
	raw  []byte
}

// readMessages reads every message of the files; "-" is standard input. A file
// may hold several.
func readMessages(files []string, stdin io.Reader) ([]source, error) {
	var all []source
	for _, file := range files {
		b, err := readFile(file, stdin)
		if err != nil {
			return nil, badInput{err}
		}
		name := file
		if file == "-" {
			name = "standard input"
		}
		messages := hl7.Split(b)
		if len(messages) == 0 {
			return nil, badInput{fmt.Errorf("%s: holds no HL7 message: no line begins with MSH", name)}
		}
		for i, raw := range messages {
			at := name
			if len(messages) > 1 {
				at = fmt.Sprintf("%s, message %d", name, i+1)
			}
			all = append(all, source{at, raw})
		}
	}
	return all, nil
}

func readFile(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// parse decodes and parses one message. The error says the file and the place.
func (s source) parse(charset string) (*hl7.Message, error) {
	text, _, err := hl7.Decode(s.raw, charset)
	if err != nil {
		return nil, badInput{fmt.Errorf("%s: %w", s.name, err)}
	}
	m, err := hl7.Parse(text)
	if err != nil {
		return nil, badInput{fmt.Errorf("%s: %w", s.name, err)}
	}
	return m, nil
}
