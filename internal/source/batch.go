package source

import (
	"bytes"
	"context"
	"strconv"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// isBatch tells whether there may be lines of the batch protocol in a block.
func isBatch(data []byte) bool {
	for _, name := range []string{"BHS", "BTS", "FHS", "FTS"} {
		if bytes.Contains(data, []byte(name)) {
			return true
		}
	}
	return false
}

// refuseBatch refuses all messages of a batch that is not whole, before any of
// them is stored, and keeps the block as one.
func (s *MLLP) refuseBatch(ctx context.Context, r *reception, data []byte, pieces [][]byte, found hl7.Warning) []byte {
	p := problem{kind: fault.Invalid, at: found.At, code: 199, text: "the batch is not whole: " + found.Problem}
	head, _ := hl7.Parse(pieces[0])
	msg := s.envelope(r.arrival, head, data)
	msg.AckCode = "AR"
	msg.Ack = batchOf(data, s.answers.Next(r.at), r.arrival, s.refusals(r, pieces, "AR", p))
	s.keep(ctx, r, msg, p)
	return msg.Ack
}

// refusals answer every message of a block alike.
func (s *MLLP) refusals(r *reception, pieces [][]byte, code string, p problem) (answers [][]byte) {
	for _, piece := range pieces {
		m, err := hl7.Parse(piece)
		if err != nil || headerTooLong(m.Header()) {
			m = nil
		}
		if answer := s.refusal(r, m, code, p); len(answer) > 0 {
			answers = append(answers, answer)
		}
	}
	return answers
}

// batchOf makes one block of the answers to a block: where that was a batch, a
// batch that refers to it (HL7 v2.9 2.10.3; BHS-12 repeats its BHS-11), which
// holds the answers to all of its batches if it had several.
func batchOf(data []byte, id message.ID, a arrival, answers [][]byte) []byte {
	block := bytes.Join(answers, nil)
	header, ok := batchHeader(data)
	if !ok || len(block) == 0 {
		return block
	}
	sep := header[3:4]
	field := bytes.Split(header, sep) // field[0] is BHS, and field[n] is BHS-(n+1)
	get := func(n int) []byte {
		if n-1 < len(field) {
			return field[n-1]
		}
		return nil
	}
	var sent []byte
	if bytes.Equal(sep, []byte("|")) && bytes.Equal(get(2), []byte(`^~\&`)) { // a time holds + or -
		sent = a.at.AppendFormat(nil, "20060102150405-0700")
	}
	bhs := bytes.Join([][]byte{[]byte("BHS"), get(2), get(5), get(6), get(3), get(4), sent, nil, nil, nil, []byte(id.String()), get(11)}, sep)
	bhs = append(bytes.TrimRight(bhs, string(sep)), '\r')
	block = append(bhs, block...)
	block = append(block, "BTS"...)
	block = append(block, sep...)
	block = strconv.AppendInt(block, int64(len(answers)), 10)
	return append(block, '\r')
}

// batchHeader is the first BHS of a block, or else its FHS, which has the same
// fields as far as they matter here.
func batchHeader(data []byte) (header []byte, ok bool) {
	for line := range bytes.FieldsFuncSeq(data, func(r rune) bool { return r == '\r' || r == '\n' }) {
		line = bytes.TrimLeft(line, " \t\xef\xbb\xbf")
		switch {
		case len(line) < 5 || line[3] <= ' ' || line[3] >= 0x7f || isAlphanumeric(line[3]):
		case bytes.HasPrefix(line, []byte("BHS")):
			return line, true
		case bytes.HasPrefix(line, []byte("FHS")) && !ok:
			header, ok = line, true
		case bytes.HasPrefix(line, []byte("MSH")): // a header stands before its messages
			return header, ok
		}
	}
	return header, ok
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
