package mllp

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
)

// Limits of a Reader where none are set.
const (
	DefaultMaxBlock = 32 << 20
	DefaultMaxJunk  = 64 << 10
)

const maxTail = 3 // bytes after FS that are not counted as junk: CR, LF, NUL

// Reader cuts a stream into blocks. The way the stream is cut into packets
// does not change the blocks. It is not safe for concurrent use.
//
// Its limits may be changed before the first call of Next.
type Reader struct {
	// MaxBlock is the longest block in bytes; 0 means 32 MiB.
	MaxBlock int
	// MaxJunk is how many bytes may come between two blocks; 0 means 64 KiB.
	MaxJunk int
	// Bare lets a block begin without its VT if it begins with this text, such
	// as "MSH", where a VT was due. Such a block ends with FS as any other.
	// "" means that a block without VT is junk.
	Bare string

	buffer
	inside  bool  // a block has begun at buf[lo]
	noStart bool  // it, or the last one, began without VT
	noFS    int   // bytes of the block that are known to hold no FS
	noVT    int   // bytes of the block that are known to hold no VT
	edge    bool  // nothing but white space came since the last block
	tail    int   // how many of the bytes that may follow FS are still free
	junk    int   // bytes outside of blocks since the last block
	empty   int64 // empty blocks so far
	outer   int64 // junk so far
	err     error // final
}

// NewReader returns a Reader of the blocks in src.
func NewReader(src io.Reader) *Reader {
	r := &Reader{edge: true}
	r.src = src
	return r
}

// Next returns the next block without its frame. The bytes are the caller's to
// keep and are never touched again.
//
// It returns io.EOF at the end of the stream, and any other error of the stream
// as it is, if they fall between two blocks. In these cases it returns bytes and
// an error:
//   - ErrTruncated: what came of a block that did not end. If the stream broke,
//     the error wraps the stream's too (io.ErrUnexpectedEOF for its end). If not,
//     the sender began a new block, and reading can go on.
//   - ErrTooLarge: the first MaxBlock bytes. Reading cannot go on.
//
// ErrJunk comes without bytes and ends the reading.
func (r *Reader) Next() ([]byte, error) {
	r.repay()
	for r.err == nil {
		if !r.inside {
			if r.err = r.skip(); r.err != nil {
				break
			}
		}
		if r.inside {
			block, found, err := r.cut()
			if found {
				return block, err
			}
			if !r.inside {
				continue // an empty block
			}
		}
		if err := r.fill(r.maxBlock() + 1); err != nil {
			return r.broken(err)
		}
	}
	return nil, r.err
}

// Ignored tells how many bytes outside of blocks and how many empty blocks have
// been passed over so far.
func (r *Reader) Ignored() (junk, empty int64) { return r.outer, r.empty }

func (r *Reader) maxBlock() int { return cmp.Or(r.MaxBlock, DefaultMaxBlock) }

// skip passes over what lies between blocks and enters the next one, or uses up
// all that is buffered.
func (r *Reader) skip() error {
	r.skipTail()
	if r.Bare != "" && r.edge {
		if waits, err := r.bare(); waits || err != nil || r.inside {
			return err
		}
	}
	i := bytes.IndexByte(r.buf[r.lo:r.hi], vt)
	n := i
	if i < 0 {
		n = r.hi - r.lo
	}
	if err := r.discard(n); err != nil {
		return err
	}
	if i >= 0 {
		r.lo++
		r.enter(false)
	}
	return nil
}

// skipTail passes over what may follow FS, as far as it has come.
func (r *Reader) skipTail() {
	for r.tail > 0 && r.lo < r.hi {
		if !isTail(r.buf[r.lo]) {
			r.tail = 0
			return
		}
		r.tail--
		r.lo++
	}
}

// bare enters a block that begins without VT. It waits if too little has come
// to tell.
func (r *Reader) bare() (waits bool, err error) {
	n := 0
	for r.lo+n < r.hi && isBlank(r.buf[r.lo+n]) {
		n++
	}
	if err := r.discard(n); err != nil {
		return false, err
	}
	got := r.buf[r.lo:min(r.hi, r.lo+len(r.Bare))]
	switch {
	case string(got) != r.Bare[:len(got)]:
		r.edge = false
	case len(got) < len(r.Bare):
		return true, nil
	default:
		r.enter(true)
	}
	return false, nil
}

// discard drops n bytes as junk.
func (r *Reader) discard(n int) error {
	r.lo += n
	r.junk += n
	r.outer += int64(n)
	if r.junk > cmp.Or(r.MaxJunk, DefaultMaxJunk) {
		return ErrJunk
	}
	return nil
}

func (r *Reader) enter(noStart bool) {
	r.inside, r.noStart, r.noFS, r.noVT = true, noStart, 0, 0
}

// cut takes the block that is begun, if there is enough of it to say how it
// ends. No byte is looked at twice.
func (r *Reader) cut() (block []byte, found bool, err error) {
	for {
		got := r.buf[r.lo:min(r.hi, r.lo+r.maxBlock()+1)]
		end := indexFrom(got, fs, r.noFS)
		r.noFS = end
		again := indexFrom(got[:end], vt, r.noVT)
		r.noVT = again
		switch {
		case again < end: // a VT inside: the sender began anew
			part := r.take(again)
			r.noFS, r.noVT = end-again-1, 0
			if part != nil {
				return part, true, ErrTruncated
			}
		case end < len(got):
			block := r.take(end)
			r.inside, r.edge, r.tail = false, true, maxTail
			r.skipTail()
			if block == nil {
				r.empty++
				return nil, false, nil
			}
			r.junk = 0
			return block, true, nil
		case len(got) > r.maxBlock():
			r.err = ErrTooLarge
			return r.take(r.maxBlock()), true, ErrTooLarge
		default:
			return nil, false, nil
		}
	}
}

// broken says what became of the reading when the stream failed with err.
func (r *Reader) broken(err error) ([]byte, error) {
	if !r.inside {
		return nil, err
	}
	part := r.take(r.hi - r.lo)
	r.inside = false
	switch {
	case errors.Is(err, ErrBusy):
		r.err = err
		return part, err
	case part == nil:
		return nil, err
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	return part, fmt.Errorf("%w: %w", ErrTruncated, err)
}

// indexFrom returns the index of c in b, of which the first from bytes need not
// be looked at, or len(b).
func indexFrom(b []byte, c byte, from int) int {
	from = min(from, len(b))
	if i := bytes.IndexByte(b[from:], c); i >= 0 {
		return from + i
	}
	return len(b)
}

// isTail: what senders put after FS. CR is the protocol's.
func isTail(c byte) bool { return c == cr || c == '\n' || c == 0 }

func isBlank(c byte) bool { return isTail(c) || c == ' ' || c == '\t' }

func allBlank(b []byte) bool {
	for _, c := range b {
		if !isBlank(c) {
			return false
		}
	}
	return true
}
