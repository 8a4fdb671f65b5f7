// Package mllp carries blocks of bytes over a stream connection, as the HL7
// Minimal Lower Layer Protocol does: a start byte VT (0x0B), the block, an end
// byte FS (0x1C) and a carriage return. It knows bytes, limits and time, and
// nothing of HL7 messages: what a block means, and what to answer, is the
// business of a [Handler].
//
// [Server] listens, [Client] sends and waits for the answer, [Pipeline] sends
// ahead, and [Reader] and [Write] are the framing alone, for files and for other
// transports. [TLSFiles] makes TLS of files and follows them when they change.
//
// Release 1 of the protocol is the frame alone. Release 2 (HL7 V3 transport
// specification, ANSI/HL7 V3 TRMLLP R2) adds, for each block, a commit of one
// byte by its receiver: ACK (0x06) when the block is in safe storage, NAK (0x15)
// when it is not. Both sides must be set to it; see the fields Release2.
//
// Real senders deviate, and the Reader follows them where a block is still
// certain: the CR after FS may be missing, late, or something else; bytes
// between blocks are skipped up to a limit; empty blocks are ignored; a VT
// inside a block means that the sender began anew, and what came before it is
// reported as truncated. It never guesses: a block that did not end with FS is
// never given out as whole.
//
// The protocol has no escape for its own bytes. A block that holds VT or FS
// cannot be sent (so no UTF-16 or UTF-32), and [Write] refuses it.
package mllp

import (
	"bytes"
	"errors"
	"io"
	"sync"
)

// The bytes of the frame.
const (
	vt = 0x0b // before a block
	fs = 0x1c // after a block
	cr = 0x0d // after fs
)

// The commits of release 2, as blocks.
var (
	ack = []byte{0x06}
	nak = []byte{0x15}
)

// isCommit tells whether a block is a commit and not content.
func isCommit(block []byte) bool {
	return len(block) == 1 && (block[0] == ack[0] || block[0] == nak[0])
}

// What can be wrong with a block. Test with errors.Is.
var (
	// ErrTruncated: the block has a beginning and no end. The connection broke,
	// took too long, or the sender began a new block instead.
	ErrTruncated = errors.New("mllp: block is truncated")
	// ErrTooLarge: the block is longer than the limit. Its first bytes, up to
	// the limit, were read.
	ErrTooLarge = errors.New("mllp: block is too large")
	// ErrBusy: all connections together hold as many bytes as the server
	// allows, so the block was not read further. The sender may try again.
	ErrBusy = errors.New("mllp: too many bytes are being received at once")
	// ErrJunk: more bytes came outside of blocks than the limit allows. What
	// talks here does not speak MLLP.
	ErrJunk = errors.New("mllp: too many bytes outside of blocks")
	// ErrNotCommitted: the block is not in safe storage at its receiver, and may
	// be sent again. A Handler returns it, as it is, beside its reply: the
	// connection goes on, and with release 2 the sender is told NAK and not the
	// reply. [Client.Send] returns it when it was told NAK.
	ErrNotCommitted = errors.New("mllp: the receiver did not commit the block")
	// ErrContent: the block to be written holds a byte of the frame.
	ErrContent = errors.New("mllp: block holds a VT or FS byte, which the protocol cannot carry")
)

// Append appends block with its frame to dst. It returns dst unchanged and
// ErrContent if block holds VT or FS.
func Append(dst, block []byte) ([]byte, error) {
	if bytes.IndexByte(block, vt) >= 0 || bytes.IndexByte(block, fs) >= 0 {
		return dst, ErrContent
	}
	dst = append(dst, vt)
	dst = append(dst, block...)
	return append(dst, fs, cr), nil
}

// frames are buffers for Write. Large ones are left to the garbage collector.
var frames = sync.Pool{New: func() any { return new([]byte) }}

const maxPooled = 64 << 10

// Write writes block with its frame in one call of w.Write: some receivers take
// a packet for a message and fail when the frame arrives in two.
func Write(w io.Writer, block []byte) error {
	p := frames.Get().(*[]byte)
	frame, err := Append((*p)[:0], block)
	if err == nil {
		_, err = w.Write(frame)
	}
	if cap(frame) <= maxPooled {
		*p = frame
		frames.Put(p)
	}
	return err
}
