package hl7

import (
	"bufio"
	"bytes"
	"io"
	"iter"
	"strconv"
	"strings"
)

// Reader reads a stream of messages, such as a file of any size, one at a time: the
// pieces that [Split] would make of it, and the lines of the batch protocol (HL7
// v2.9 2.10.3) between them. It holds one message in memory.
//
// Files in UTF-16 and UTF-32, which [Split] cannot cut, are recognised by their first
// bytes and come out in UTF-8. A Reader is not safe for concurrent use.
type Reader struct {
	// Charset is the set for messages that declare none and are not UTF-8, for
	// [Reader.Messages]. See [Decode].
	Charset string
	// MaxMessage is the greatest message in bytes that is taken in; 0 is 64 MiB.
	MaxMessage int
	// Comments says that lines which begin with # are comments where they stand
	// between messages, alone or with blank lines, and before the first. Within a
	// message such a line is what a line break inside a field left behind, as for
	// [Parse].
	Comments bool

	r       *bufio.Reader
	started bool
	wide    bool
	offset  int64 // of the next line
	line    []byte
	piece   Item
	open    bool // there is a piece
	tooLong bool // and it is too long to be taken in
	comment int  // where in the piece comments at its end begin, -1 for none
	held    *Item
	number  int
	check   batchCheck
	delim   Delimiters // of the last batch or file header
	err     error      // the end
}

// ItemKind says what a [Reader] found.
type ItemKind uint8

// What stands in a stream. A stray item is lines that belong to no message.
const (
	ItemMessage ItemKind = iota + 1
	ItemStray
	ItemFileHeader   // FHS
	ItemBatchHeader  // BHS
	ItemBatchTrailer // BTS
	ItemFileTrailer  // FTS
)

// Item is one thing in a stream.
type Item struct {
	Kind   ItemKind // what it is
	Raw    []byte   // its bytes, which nothing else uses
	Offset int64    // where it starts, in bytes; of UTF-16 and UTF-32 in bytes of UTF-8
	Number int      // of a message: which in the stream, from 1 on

	delim   Delimiters
	decoded bool // it is in UTF-8 whatever MSH-18 says
}

// NewReader returns a reader of r.
func NewReader(r io.Reader) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), comment: -1}
}

// Next returns the next item, and io.EOF at the end. A *[SyntaxError] concerns one item
// that was too long or not in its character set, and was skipped: the reader goes on
// behind it. Every other error comes from the stream and is final.
func (r *Reader) Next() (Item, error) {
	if !r.started {
		r.started = true
		r.recognise()
	}
	if r.held != nil {
		item := *r.held
		r.held = nil
		return item, nil
	}
	for r.err == nil {
		at := r.offset
		end, err := r.readLine()
		r.err = err
		if err != nil && err != io.EOF {
			return Item{}, err
		}
		start := skipFraming(r.line, 0)
		line := r.line[start:]
		switch {
		case isHeader(line):
			item, ok, err := r.flush()
			r.number++
			r.check.messages++
			r.begin(ItemMessage, at+int64(start), line, end)
			if ok || err != nil {
				return item, err
			}
		case isBatch(line):
			item, ok, err := r.flush()
			batch := r.batch(at+int64(start), line)
			if ok || err != nil {
				r.held = &batch
				return item, err
			}
			return batch, nil
		case r.open:
			r.extend(end)
		case r.Comments && bytes.HasPrefix(line, []byte{'#'}):
		case !isBlank(line):
			r.begin(ItemStray, at+int64(start), line, end)
		}
	}
	if r.err == io.EOF {
		if item, ok, err := r.flush(); ok || err != nil {
			return item, err
		}
		r.check.end()
	}
	return Item{}, r.err
}

// Messages iterates over the messages of the stream, decoded and parsed. What is no
// message comes as an error, with a place such as "message 3", and the iteration goes
// on; an error of the stream is the last. Lines of the batch protocol are left out; ask
// [Reader.Warnings] at the end whether they fit.
func (r *Reader) Messages() iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		for {
			item, err := r.Next()
			switch {
			case err == io.EOF:
				return
			case err != nil:
				_, skipped := err.(*SyntaxError)
				if !yield(nil, err) || !skipped {
					return
				}
			case item.Kind <= ItemStray:
				if m, err := item.Message(r.Charset); !yield(m, err) {
					return
				}
			}
		}
	}
}

// Warnings lists what does not fit in the batch protocol so far, see [CheckBatch]; all
// of it once Next has returned io.EOF. It keeps the first thousand.
func (r *Reader) Warnings() []Warning { return r.check.found }

// Decode decodes an item as [Decode] does, and says in which character set it was. What
// came from a stream in UTF-16 or UTF-32 is in UTF-8 by now, whatever MSH-18 says.
func (i Item) Decode(fallback string) (text []byte, charset string, err error) {
	if i.decoded {
		return i.Raw, utf8cs.name, nil
	}
	text, charset, err = Decode(i.Raw, fallback)
	if c, ok := err.(*CharsetError); ok {
		err = &CharsetError{i.place(c.At), c.Charset, c.Problem}
	}
	return text, charset, err
}

// Message decodes and parses an item, see [Decode] and [Parse]. The error, of their types,
// says which item of the stream it is.
func (i Item) Message(fallback string) (*Message, error) {
	text, _, err := i.Decode(fallback)
	if err != nil {
		return nil, err
	}
	m, err := Parse(text)
	if s, ok := err.(*SyntaxError); ok {
		return nil, &SyntaxError{i.place(s.At), s.Problem}
	}
	return m, err
}

// place says which item of the stream it is, and where in it.
func (i Item) place(at string) string {
	place := "message " + strconv.Itoa(i.Number)
	if i.Kind == ItemStray {
		place = "byte " + strconv.FormatInt(i.Offset, 10)
		if strings.HasPrefix(at, "byte ") { // the first that is not blank, which is this
			return place
		}
	}
	if at != "" {
		place += ", " + at
	}
	return place
}

// Segment returns a line of the batch protocol as a segment, to read its fields:
// BHS-11 is the batch's control ID, BTS-1 its number of messages. Of other items it is
// empty.
func (i Item) Segment() Segment {
	if i.Kind <= ItemStray {
		return Segment{}
	}
	m := &Message{raw: i.Raw, delim: i.delim, seps: i.delim.separators(), spans: []span{{start: 0, end: int32(len(i.Raw))}}}
	return m.Segment(0)
}
