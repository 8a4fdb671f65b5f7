package mllp_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// repeat is an endless stream of the same frames.
type repeat struct {
	frames []byte
	at     int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.frames[r.at:])
	r.at = (r.at + n) % len(r.frames)
	return n, nil
}

// BenchmarkReader is the framing of a stream that costs nothing to read, beside
// the mere search for the end byte in memory.
func BenchmarkReader(b *testing.B) {
	for _, size := range []int{1 << 10, 40 << 10, 4 << 20} {
		frame, _ := mllp.Append(nil, bytes.Repeat([]byte("PID|1||4711^^^HOSP^MR||Doe"), size/26+1)[:size])
		frames := bytes.Repeat(frame, 1+(256<<10)/len(frame))
		b.Run(fmt.Sprintf("block=%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(frame)))
			b.ReportAllocs()
			r := mllp.NewReader(&repeat{frames: frames})
			for b.Loop() {
				if _, err := r.Next(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("split=%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(frame)))
			b.ReportAllocs()
			for b.Loop() {
				if n := len(bytes.Split(frame, []byte{0x1c})); n != 2 {
					b.Fatal(n)
				}
			}
		})
	}
}

// BenchmarkBar has the figure that framing is held to, 1 GB/s, with how many times faster
// it is than bytes.Split at the end byte, which finds the blocks of the same bytes in
// memory and copies none. The two take turns.
func BenchmarkBar(b *testing.B) {
	for name, size := range map[string]int{"framing/ADT 1KB": 1 << 10, "framing/ORU 40KB": 40 << 10} {
		frame, _ := mllp.Append(nil, bytes.Repeat([]byte("PID|1||4711^^^HOSP^MR||Doe"), size/26+1)[:size])
		frames := bytes.Repeat(frame, (256<<10)/len(frame))
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(frames)))
			b.ReportAllocs()
			read := func() {
				r, n := mllp.NewReader(bytes.NewReader(frames)), 0
				for ; ; n++ {
					if _, err := r.Next(); err == io.EOF {
						break
					}
				}
				if n != len(frames)/len(frame) {
					b.Fatal(n)
				}
			}
			split := func() {
				if n := len(bytes.Split(frames, []byte{0x1c})); n != len(frames)/len(frame)+1 {
					b.Fatal(n)
				}
			}
			for b.Loop() {
				read()
			}
			b.StopTimer()
			var times [2]time.Duration
			var calls [2]int
			for range 100 {
				for i, f := range []func(){read, split} {
					start := time.Now()
					for time.Since(start) < time.Millisecond {
						f()
						calls[i]++
					}
					times[i] += time.Since(start)
				}
			}
			ours, theirs := float64(times[0])/float64(calls[0]), float64(times[1])/float64(calls[1])
			b.ReportMetric(theirs/ours, "x-split")
		})
	}
}

// BenchmarkRoundTrip is one block and its reply on one connection.
func BenchmarkRoundTrip(b *testing.B) {
	for _, size := range []int{1 << 10, 40 << 10} {
		b.Run(fmt.Sprintf("block=%d", size), func(b *testing.B) {
			c := &mllp.Client{Addr: serve(b, &mllp.Server{Handler: handler(func(mllp.Block) []byte { return []byte("MSH|MSA|AA|1") })})}
			defer c.Close()
			block := bytes.Repeat([]byte{'x'}, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Send(b.Context(), block); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPipeline is the same with 32 blocks on their way.
func BenchmarkPipeline(b *testing.B) {
	const size, window = 1 << 10, 32
	c := &mllp.Client{Addr: serve(b, &mllp.Server{Handler: handler(func(mllp.Block) []byte { return []byte("MSH|MSA|AA|1") })})}
	p, err := c.Pipeline(b.Context(), window)
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	block := bytes.Repeat([]byte{'x'}, size)
	b.SetBytes(size)
	b.ReportAllocs()
	var last *mllp.Call
	for b.Loop() {
		if last, err = p.Send(b.Context(), block); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := last.Reply(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkIdle reports what one idle connection costs the server's process
// beside the kernel: it has sent one block and had its reply.
func BenchmarkIdle(b *testing.B) {
	const n = 4000
	s := &mllp.Server{MaxConns: n, MaxConnsPerIP: n, Handler: handler(func(bl mllp.Block) []byte { return bl.Data })}
	addr := serve(b, s)
	frame := []byte(vt + adt + fscr)
	reply := make([]byte, len(frame))
	for b.Loop() {
		before := inUse()
		conns := make([]net.Conn, 0, n)
		for range n {
			c, err := net.Dial("tcp", addr)
			if err != nil {
				b.Fatal(err)
			}
			conns = append(conns, c)
			if _, err := c.Write(frame); err != nil {
				b.Fatal(err)
			}
			if _, err := io.ReadFull(c, reply); err != nil {
				b.Fatal(err)
			}
		}
		// The sender's half, a net.Conn without goroutine, is in here too.
		b.ReportMetric(float64(inUse()-before)/n, "B/conn")
		for _, c := range conns {
			c.Close()
		}
		await(b, "the connections to end", func() bool { return s.Stats().Open == 0 })
	}
}

func inUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
