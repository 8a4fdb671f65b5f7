package hl7

import (
	"io"
	"strconv"
	"time"
)

// BatchHead says what an FHS or BHS holds (HL7 v2.9 2.14.2 and 2.14.6; the fields have the
// same numbers in both). All are texts, escaped when they are written; empty ones are
// left out.
type BatchHead struct {
	SendingApp, SendingFacility     HD        // 3 and 4; before 2.5 only the namespace
	ReceivingApp, ReceivingFacility HD        // 5 and 6
	Time                            time.Time // 7
	Name                            string    // 9, name, ID or type
	Comment                         string    // 10
	ControlID                       string    // 11
	Reference                       string    // 12, the control ID of the file or batch that this one answers
}

// BatchWriter writes messages as a batch, or a file of batches, with the counts that
// their trailers need (HL7 v2.9 2.10.3). What is begun is ended by what begins
// next, or by Close. Its headers use the [Standard] delimiters.
type BatchWriter struct {
	w               io.Writer
	err             error
	inFile, inBatch bool
	batches         int // of this file
	messages        int // of this batch
}

// NewBatchWriter returns a writer to w. Each call of its methods is one call of w.Write at
// most, so w may want a buffer.
func NewBatchWriter(w io.Writer) *BatchWriter { return &BatchWriter{w: w} }

// BeginFile ends the file at hand, if there is one, and writes an FHS.
func (b *BatchWriter) BeginFile(h BatchHead) error {
	b.endFile()
	b.write(h.segment("FHS"))
	b.inFile, b.batches = true, 0
	return b.err
}

// BeginBatch ends the batch at hand, if there is one, and writes a BHS.
func (b *BatchWriter) BeginBatch(h BatchHead) error {
	b.endBatch()
	b.write(h.segment("BHS"))
	b.inBatch, b.messages = true, 0
	b.batches++
	return b.err
}

// WriteMessage writes one message, and CR behind it if it has no segment end there. It refuses
// what [Parse] refuses, and a message that is in no batch.
func (b *BatchWriter) WriteMessage(message []byte) error {
	if b.err != nil {
		return b.err
	}
	if !b.inBatch {
		return &SyntaxError{"BHS", "no batch was begun"}
	}
	if _, err := Parse(message); err != nil {
		return err
	}
	if end := message[len(message)-1]; end != '\r' && end != '\n' {
		message = append(message[:len(message):len(message)], '\r')
	}
	b.messages++
	b.write(message, nil)
	return b.err
}

// Close ends the batch and the file. It does not close what it writes to.
func (b *BatchWriter) Close() error {
	b.endFile()
	return b.err
}

func (b *BatchWriter) endBatch() {
	if b.inBatch {
		b.write([]byte("BTS|"+strconv.Itoa(b.messages)+"\r"), nil)
	}
	b.inBatch = false
}

func (b *BatchWriter) endFile() {
	b.endBatch()
	if b.inFile {
		b.write([]byte("FTS|"+strconv.Itoa(b.batches)+"\r"), nil)
	}
	b.inFile = false
}

func (b *BatchWriter) write(text []byte, err error) {
	if b.err == nil {
		b.err = err
	}
	if b.err == nil {
		_, b.err = b.w.Write(text)
	}
}

// segment writes the header line.
func (h BatchHead) segment(name string) ([]byte, error) {
	l := &line{text: []byte(name + Standard.header()), after: []byte{'\r'}}
	e := &Editor{d: Standard, lines: []*line{l}}
	s := EditSegment{e, l}
	s.Put("3", &h.SendingApp).Put("4", &h.SendingFacility).Put("5", &h.ReceivingApp).Put("6", &h.ReceivingFacility)
	if !h.Time.IsZero() {
		s.Set("7", FormatTime(h.Time, PrecisionSecond, true))
	}
	s.Set("9", h.Name).Set("10", h.Comment).Set("11", h.ControlID).Set("12", h.Reference)
	return e.Bytes()
}
