package hl7

import (
	"bufio"
	"bytes"
	"strings"
)

// recognise finds out whether the stream is in UTF-16 or UTF-32.
func (r *Reader) recognise() {
	b, _ := r.r.Peek(4)
	if c, ok := wideCharset(b); ok {
		r.wide = true
		r.r = bufio.NewReaderSize(c.enc.NewDecoder().Reader(r.r), 64<<10)
	}
}

// readLine reads a line into r.line, without its end. Of one that is longer than a
// message may be it keeps the beginning; the piece it stands in is too long.
func (r *Reader) readLine() (end byte, err error) {
	r.line = r.line[:0]
	for {
		b, err := r.r.Peek(1)
		if len(b) == 0 {
			return 0, err
		}
		b, _ = r.r.Peek(r.r.Buffered())
		n := bytes.IndexAny(b, "\r\n\x1c")
		part := b
		if n >= 0 {
			part = b[:n]
		}
		if room := r.limit() + 1 - len(r.line); len(part) > room {
			part = part[:max(room, 0)]
		}
		r.line = append(r.line, part...)
		if n >= 0 {
			end = b[n]
			_, err = r.r.Discard(n + 1)
			r.offset += int64(n) + 1
			return end, err
		}
		r.offset += int64(len(b))
		if _, err = r.r.Discard(len(b)); err != nil {
			return 0, err
		}
	}
}

func (r *Reader) limit() int {
	if r.MaxMessage > 0 {
		return r.MaxMessage
	}
	return 64 << 20
}

// begin starts a piece with a line.
func (r *Reader) begin(kind ItemKind, at int64, line []byte, end byte) {
	r.piece = Item{Kind: kind, Offset: at, decoded: r.wide}
	if kind == ItemMessage {
		r.piece.Number = r.number
	}
	r.open, r.tooLong, r.comment = true, false, -1
	r.add(line, end)
}

// extend adds the line at hand to the piece.
func (r *Reader) extend(end byte) {
	switch comment := r.Comments && bytes.HasPrefix(r.line, []byte{'#'}); {
	case comment && r.comment < 0:
		r.comment = len(r.piece.Raw)
	case !comment && !isBlank(r.line):
		r.comment = -1
	}
	r.add(r.line, end)
}

func (r *Reader) add(line []byte, end byte) {
	// the end of the last line does not count: it may be framing
	if r.tooLong = r.tooLong || len(r.piece.Raw)+len(line) > r.limit(); r.tooLong {
		r.piece.Raw = nil
		return
	}
	r.piece.Raw = append(r.piece.Raw, line...)
	if end != 0 {
		r.piece.Raw = append(r.piece.Raw, end)
	}
}

// flush ends the piece and returns it if something is in it.
func (r *Reader) flush() (Item, bool, error) {
	if !r.open {
		return Item{}, false, nil
	}
	item := r.piece
	r.piece, r.open = Item{}, false
	switch at := item.place(""); {
	case r.tooLong:
		return Item{}, false, &SyntaxError{at, "the message is longer than is allowed"}
	case r.wide && bytes.Contains(item.Raw, []byte("\ufffd")):
		return Item{}, false, &SyntaxError{at, "the bytes are not in the character set that the start of the stream shows"}
	}
	if r.comment >= 0 {
		item.Raw = item.Raw[:r.comment]
	}
	item.Raw = trimEnd(item.Raw)
	return item, len(bytes.TrimLeft(item.Raw, framing)) > 0, nil
}

// batch takes a line of the batch protocol.
func (r *Reader) batch(at int64, line []byte) Item {
	item := Item{Raw: bytes.Clone(line), Offset: at}
	if len(r.check.found) < 1000 {
		r.check.line(line)
	}
	switch string(line[:3]) {
	case "FHS":
		item.Kind = ItemFileHeader
	case "BHS":
		item.Kind = ItemBatchHeader
	case "BTS":
		item.Kind = ItemBatchTrailer
	case "FTS":
		item.Kind = ItemFileTrailer
	}
	if d, err := readDelimiters(line); err == nil && strings.HasSuffix(string(line[:3]), "HS") {
		r.delim = d
	}
	if item.delim = r.delim; r.delim.Field == 0 {
		item.delim = Standard
	}
	if len(line) > 3 && mayDelimit(line[3]) {
		item.delim.Field = line[3]
	}
	return item
}
