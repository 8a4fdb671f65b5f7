package mllp_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ponshealth/pons/mllp"
)

const (
	vt   = "\x0b"
	fs   = "\x1c"
	fscr = "\x1c\r"
	adt  = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\rPID|1||7\r"
	oru  = "MSH|^~\\&|L|B|C|D|20260101||ORU^R01|2|P|2.5\rOBX|1\r"
)

// read returns what a Reader makes of a stream: each block as text, a troubled
// one with its cause before it, and the end unless it is io.EOF.
func read(src io.Reader, set func(*mllp.Reader)) (events []string) {
	r := mllp.NewReader(src)
	if set != nil {
		set(r)
	}
	for {
		block, err := r.Next()
		switch {
		case err == nil:
			events = append(events, string(block))
			continue
		case errors.Is(err, mllp.ErrTruncated):
			events = append(events, "truncated:"+string(block))
			continue
		case errors.Is(err, mllp.ErrTooLarge):
			events = append(events, "too large:"+string(block))
		case errors.Is(err, mllp.ErrJunk):
			events = append(events, "junk")
		case err != io.EOF:
			events = append(events, err.Error())
		}
		if again, err2 := r.Next(); again != nil || err2 == nil || err2 != io.EOF && err2 != err {
			events = append(events, fmt.Sprintf("after the end: %q, %v", again, err2))
		}
		return events
	}
}

func TestDeviations(t *testing.T) {
	bare := func(r *mllp.Reader) { r.Bare = "MSH" }
	small := func(r *mllp.Reader) { r.MaxBlock, r.MaxJunk = 10, 8 }
	long := strings.Repeat("x", 3*mllp.BaseBuffer)
	for _, c := range []struct {
		name   string
		stream string
		set    func(*mllp.Reader)
		want   []string
	}{
		{"as the protocol has it", vt + adt + fscr + vt + oru + fscr, nil, []string{adt, oru}},
		{"nothing at all", "", nil, nil},
		{"longer than the buffer", vt + long + fscr + vt + adt + fscr, nil, []string{long, adt}},
		{"content is not looked at", vt + "\x00\xff\r\n " + fscr, nil, []string{"\x00\xff\r\n "}},

		{"FS without CR", vt + adt + fs + vt + oru + fs, nil, []string{adt, oru}},
		{"LF after CR", vt + adt + fscr + "\n" + vt + oru + fscr + "\n", nil, []string{adt, oru}},
		{"FS NUL", vt + adt + fs + "\x00" + vt + oru + fs, nil, []string{adt, oru}},
		{"no final CR in the block", vt + "MSH|1" + fscr, nil, []string{"MSH|1"}},

		{"no VT", adt + fs + vt + oru + fscr, nil, []string{oru}},
		{"no VT, allowed", adt + fs + vt + oru + fscr, bare, []string{adt, oru}},
		{"no VT at all, allowed", adt + fscr + oru + fscr, bare, []string{adt, oru}},
		{"no VT after line ends, allowed", "\r\n \x00" + adt + fscr, bare, []string{adt}},
		{"no VT after junk is junk", "log: " + adt + fscr + vt + oru + fscr, bare, []string{oru}},
		{"no VT and another beginning", "MSA|" + fscr + vt + oru + fscr, bare, []string{oru}},
		{"no VT and no end", adt, bare, []string{"truncated:" + adt}},
		{"no VT and only the first letters", "MS", bare, nil},

		{"junk between blocks", "hello\r\n" + vt + adt + fscr + "\x00\x00 ping 12:00\r\n" + vt + oru + fscr, nil, []string{adt, oru}},
		{"junk up to the limit", "12345678" + vt + "a" + fscr + "12345678" + vt + "b" + fscr, small, []string{"a", "b"}},
		{"junk over the limit", vt + "a" + fscr + "123456789" + vt + "b" + fscr, small, []string{"a", "junk"}},
		{"junk adds up over empty blocks", "12345" + vt + fs + "1234" + vt + "b" + fs, small, []string{"junk"}},
		{"noise", strings.Repeat("\xf0\x9f\x01", 5), small, []string{"junk"}},

		{"VT in the middle", vt + "MSH|half" + vt + adt + fscr, nil, []string{"truncated:MSH|half", adt}},
		{"VT in the middle, twice", vt + "a" + vt + "b" + vt + "c" + fscr, nil, []string{"truncated:a", "truncated:b", "c"}},
		{"two VT", vt + vt + adt + fscr, nil, []string{adt}},
		{"VT after line ends", vt + "\r\n" + vt + adt + fscr, nil, []string{adt}},
		{"VT in the middle of a long block", vt + long + vt + adt + fscr, nil, []string{"truncated:" + long, adt}},

		{"stream ends in a block", vt + adt + fscr + vt + "MSH|ha", nil, []string{adt, "truncated:MSH|ha"}},
		{"stream ends after VT", vt + adt + fscr + vt, nil, []string{adt}},

		{"empty block", vt + fscr + vt + adt + fscr + vt + fscr, nil, []string{adt}},
		{"blank block", vt + "\r\n" + fscr + vt + adt + fscr, nil, []string{adt}},

		{"as large as allowed", vt + "1234567890" + fscr + vt + "b" + fscr, small, []string{"1234567890", "b"}},
		{"too large by one", vt + "12345678901" + fscr + vt + "b" + fscr, small, []string{"too large:1234567890"}},
		{"too large and no end", vt + long, small, []string{"too large:xxxxxxxxxx"}},
		{"too large and begun anew in time", vt + "12345" + vt + "b" + fscr, small, []string{"truncated:12345", "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for way, src := range map[string]io.Reader{
				"in one piece":       strings.NewReader(c.stream),
				"byte by byte":       iotest.OneByteReader(strings.NewReader(c.stream)),
				"in halves":          iotest.HalfReader(strings.NewReader(c.stream)),
				"with the end at it": iotest.DataErrReader(strings.NewReader(c.stream)),
			} {
				if got := read(src, c.set); !slices.Equal(got, c.want) {
					t.Errorf("%s:\n got %.200q\nwant %.200q", way, got, c.want)
				}
			}
		})
	}
}

func TestWhatIsPassedOverIsCounted(t *testing.T) {
	r := mllp.NewReader(strings.NewReader("12345" + vt + fscr + vt + "a" + fscr + "\n" + "67" + vt + "\r" + fscr))
	for {
		if _, err := r.Next(); err != nil {
			break
		}
	}
	if junk, empty := r.Ignored(); junk != 7 || empty != 2 {
		t.Errorf("junk %d, empty %d; want 7 bytes and 2 blocks", junk, empty)
	}
}

func TestBrokenStream(t *testing.T) {
	boom := errors.New("cable pulled")
	r := mllp.NewReader(io.MultiReader(strings.NewReader(vt+"a"+fscr+vt+"half"), iotest.ErrReader(boom)))
	if b, err := r.Next(); string(b) != "a" || err != nil {
		t.Fatalf("first block %q, %v", b, err)
	}
	b, err := r.Next()
	if string(b) != "half" || !errors.Is(err, mllp.ErrTruncated) || !errors.Is(err, boom) {
		t.Errorf("got %q, %v; want the half, truncated by the broken stream", b, err)
	}
	if b, err := r.Next(); b != nil || err != boom {
		t.Errorf("got %q, %v; want the stream's error as it is", b, err)
	}
}

func TestBlockIsTheCallersToKeep(t *testing.T) {
	var stream, want bytes.Buffer
	for i := range 300 {
		block := fmt.Sprintf("%d:%s", i, strings.Repeat(string(rune('a'+i%26)), i*i%20000))
		fmt.Fprintf(&stream, "%s%s%s", vt, block, fscr)
		want.WriteString(block)
	}
	r := mllp.NewReader(&stream)
	var kept [][]byte
	for {
		b, err := r.Next()
		if err != nil {
			break
		}
		_ = append(b, "must not reach the buffer"...)
		kept = append(kept, b)
	}
	if got := bytes.Join(kept, nil); !bytes.Equal(got, want.Bytes()) {
		t.Error("a block changed after it was given out")
	}
}

// endless is a stream that does not end and counts what was asked of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, bytes.Repeat([]byte{'x'}, len(p))), nil
}

func TestNoMoreThanTheLimitIsBuffered(t *testing.T) {
	for _, limit := range []int{1, 100, mllp.BaseBuffer - 1, mllp.BaseBuffer, 1 << 20} {
		src := &endless{}
		r := mllp.NewReader(io.MultiReader(strings.NewReader(vt), src))
		r.MaxBlock = limit
		head, err := r.Next()
		if err != mllp.ErrTooLarge || len(head) != limit {
			t.Errorf("limit %d: %d bytes, %v; want the limit and ErrTooLarge", limit, len(head), err)
		}
		if most := max(mllp.BaseBuffer, limit) + mllp.BaseBuffer + 1; src.read > 2*most || r.Held() > most {
			t.Errorf("limit %d: asked for %d bytes, holds %d", limit, src.read, r.Held())
		}
	}
}

func TestLargeBufferIsGivenBack(t *testing.T) {
	for _, sizes := range [][]int{{1 << 20, 10}, {60 << 10, 5 << 10}, {20 << 10, 5 << 10, 5 << 10}} {
		pr, pw := io.Pipe()
		defer pr.Close()
		go func() {
			for _, n := range sizes {
				mllp.Write(pw, bytes.Repeat([]byte{'x'}, n))
			}
			pw.Close()
		}()
		r := mllp.NewReader(pr)
		for _, n := range sizes {
			if b, err := r.Next(); err != nil || len(b) != n {
				t.Fatalf("%v: %d bytes, %v", sizes, len(b), err)
			}
		}
		if _, err := r.Next(); err != io.EOF {
			t.Fatal(err)
		}
		if r.Held() != mllp.BaseBuffer {
			t.Errorf("%v: idle reader holds %d bytes, want %d", sizes, r.Held(), mllp.BaseBuffer)
		}
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestStreamWithoutProgress(t *testing.T) {
	if _, err := mllp.NewReader(stuck{}).Next(); err != io.ErrNoProgress {
		t.Errorf("got %v, want io.ErrNoProgress", err)
	}
}

// calls counts the calls of Write and keeps their bytes.
type calls struct {
	n int
	bytes.Buffer
}

func (c *calls) Write(p []byte) (int, error) {
	c.n++
	return c.Buffer.Write(p)
}

func TestWriteIsOneCall(t *testing.T) {
	for _, block := range []string{"", adt, strings.Repeat("x", 1<<20)} {
		var w calls
		if err := mllp.Write(&w, []byte(block)); err != nil || w.n != 1 || w.String() != vt+block+fscr {
			t.Errorf("%d bytes: %v, %d calls, wrote %d bytes", len(block), err, w.n, w.Len())
		}
	}
}

func TestWriteRefusesFrameBytes(t *testing.T) {
	for _, block := range []string{"a\x0bb", "a\x1cb", "\x1c"} {
		var w calls
		if err := mllp.Write(&w, []byte(block)); err != mllp.ErrContent || w.n != 0 {
			t.Errorf("%q: %v, %d calls; want ErrContent and none", block, err, w.n)
		}
		dst := []byte("before")
		if got, err := mllp.Append(dst, []byte(block)); err != mllp.ErrContent || string(got) != "before" {
			t.Errorf("%q: Append gave %q, %v", block, got, err)
		}
	}
}
