package hl7_test

import (
	"bytes"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// TestCorpusTools takes every message of the corpus through what is built on parsing:
// unedited it stays as it is, it does not differ from itself, it can be redacted, and
// setting every field to what it says changes no more than how that is written.
func TestCorpusTools(t *testing.T) {
	messages := 0
	for file, raw := range corpusFiles(t, "") {
		text, _, err := hl7.Decode(raw, "windows-1252")
		if err != nil {
			continue // TestCorpus tells
		}
		for _, piece := range hl7.Split(text) {
			m, err := hl7.Parse(piece)
			if err != nil {
				continue
			}
			messages++
			e := hl7.Edit(m)
			if same, err := e.Bytes(); err != nil || !bytes.Equal(same, piece) {
				t.Errorf("%s: unedited it is another, %v", file, err)
			}
			if diff := hl7.Diff(m, m); len(diff) > 0 {
				t.Errorf("%s: differs from itself at %v", file, diff)
			}
			setLeaves(e, m)
			again, err := e.Message()
			if err != nil {
				t.Errorf("%s: cannot be written: %v", file, err)
				continue
			}
			if diff := hl7.Diff(m, again); len(diff) > 0 {
				t.Errorf("%s: written again it differs at %v", file, diff)
			}
			redacted, _, err := redactor().Redact(m)
			if err != nil || shape(redacted) != shape(m) {
				t.Errorf("%s: redacted it has another structure, %v", file, err)
			}
		}
	}
	if messages < 2500 {
		t.Errorf("only %d messages", messages)
	}
}

// setLeaves writes every text of a message that has no escape sequence of its own.
func setLeaves(e *hl7.Editor, m *hl7.Message) {
	if m.Delimiters().Escape == 0 {
		return // not every text can be written
	}
	for i, s := range segmentsOf(m) {
		for p, v := range s.Leaves() {
			if p.Segment == "MSH" && p.Field <= 2 || bytes.IndexByte(v.Raw(), m.Delimiters().Escape) >= 0 || p.Field > 50 {
				continue
			}
			text := v.Text()
			if v.Null() {
				text = hl7.Null
			}
			e.Segment(i).Set(p.String()[4:], text)
		}
	}
}

func segmentsOf(m *hl7.Message) (all []hl7.Segment) {
	for s := range m.Segments() {
		all = append(all, s)
	}
	return all
}
