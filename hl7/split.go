package hl7

import "bytes"

// framing holds the bytes that may stand between messages.
const framing = " \t\r\n\x0b\x1c"

// Split cuts a block or a file into its messages. A message starts at a line
// that begins with MSH and ends before the next, or before a line of the batch
// protocol (FHS, BHS, BTS, FTS; HL7 v2.9 2.10.3), which is dropped. Bytes that
// frame blocks in MLLP (VT, FS), byte order marks, and blanks before MSH do not
// belong to any message.
//
// Nothing else is dropped: lines before the first MSH or after a batch trailer
// come back as a piece of their own, which [Parse] then refuses. A block
// without any message is one such piece; one that is blank has no pieces.
//
// The pieces are parts of b. Blocks in UTF-16 or UTF-32 go through [Decode]
// first; all other sets may be split before or after.
func Split(b []byte) [][]byte {
	var pieces [][]byte
	from := -1 // start of the piece at hand
	flush := func(end int) {
		if from < 0 {
			return
		}
		if piece := trimEnd(b[from:end]); len(bytes.TrimLeft(piece, framing)) > 0 {
			pieces = append(pieces, piece)
		}
		from = -1
	}
	for at := 0; at < len(b); {
		start := skipFraming(b, at)
		end := lineEnd(b, start)
		line := b[start:end]
		switch {
		case isHeader(line):
			flush(at)
			from = start
		case isBatch(line):
			flush(at)
		case from < 0 && !isBlank(line):
			from = start
		}
		at = end + 1
	}
	flush(len(b))
	return pieces
}

// trimEnd takes framing off the end of a piece, but not its line ends.
func trimEnd(piece []byte) []byte {
	for {
		size := len(piece)
		content := len(bytes.TrimRight(piece, framing))
		if i := bytes.IndexByte(piece[content:], 0x1c); i >= 0 {
			piece = piece[:content+i]
		}
		piece = bytes.TrimRight(piece, " \t\x0b")
		piece = bytes.TrimSuffix(piece, []byte(byteOrderMark))
		if len(piece) == size {
			return piece
		}
	}
}

// skipFraming returns where the line at a place begins once framing, a byte
// order mark and blanks before a header are left out. A line that is neither a
// message header nor of the batch protocol keeps its blanks.
func skipFraming(b []byte, at int) int {
	i := at
	for i < len(b) {
		switch c := b[i]; {
		case c == 0x0b || c == ' ' || c == '\t':
			i++
		case bytes.HasPrefix(b[i:], []byte(byteOrderMark)):
			i += 3
		case c == '\r' || c == '\n' || c == 0x1c:
			return i // nothing else is on the line
		default:
			if rest := b[i:min(i+4, len(b))]; isHeader(rest) || isBatch(rest) {
				return i
			}
			return at
		}
	}
	return i
}

// lineEnd returns where the line at a place ends: at CR, LF or FS.
func lineEnd(b []byte, at int) int {
	if i := bytes.IndexAny(b[at:], "\r\n\x1c"); i >= 0 {
		return at + i
	}
	return len(b)
}

// isBatch reports whether a line is a header or trailer of the batch protocol. What
// would be taken off the end of a piece may stand behind its name alone.
func isBatch(line []byte) bool {
	if len(line) < 3 {
		return false
	}
	switch string(line[:3]) {
	case "FHS", "BHS", "BTS", "FTS":
		return len(line) == 3 || mayDelimit(line[3]) || len(trimEnd(line)) == 3
	}
	return false
}
