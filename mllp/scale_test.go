package mllp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// dialVariable makes this test binary, started by itself, hold connections to a
// server in another process, whose memory is then its own.
const dialVariable = "MLLP_TEST_DIAL"

func TestMain(m *testing.M) {
	if addr, n, ok := strings.Cut(os.Getenv(dialVariable), " "); ok {
		if err := holdConnections(addr, n); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// holdConnections opens n connections, has one block answered on each, says so,
// and holds them until its standard input ends.
func holdConnections(addr, n string) error {
	count, err := strconv.Atoi(n)
	if err != nil {
		return err
	}
	frame := []byte(vt + adt + fscr)
	reply := make([]byte, len(frame))
	var conns []net.Conn
	for range count {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		conns = append(conns, c)
		if _, err := c.Write(frame); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, reply); err != nil {
			return err
		}
	}
	fmt.Println("ready")
	io.Copy(io.Discard, os.Stdin)
	for _, c := range conns {
		c.Close()
	}
	return nil
}

// BenchmarkTenThousandIdle reports the resident memory of a process that holds
// 10,000 connections, each of which has had a block answered and is idle, as the
// operating system counts it (Linux).
func BenchmarkTenThousandIdle(b *testing.B) {
	const n = 10_000
	s := &mllp.Server{MaxConns: n, MaxConnsPerIP: n, Handler: handler(func(bl mllp.Block) []byte { return bl.Data })}
	addr := serve(b, s)
	for b.Loop() {
		debug.FreeOSMemory()
		before := resident(b)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), dialVariable+"="+addr+" "+strconv.Itoa(n))
		in, err := child.StdinPipe()
		if err != nil {
			b.Fatal(err)
		}
		out, err := child.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		if err := child.Start(); err != nil {
			b.Fatal(err)
		}
		if said, _ := bufio.NewReader(out).ReadString('\n'); said != "ready\n" {
			b.Fatalf("the other process says %q; more file descriptors may help: ulimit -n 12000", said)
		}
		if open := s.Stats().Open; open != n {
			b.Fatalf("%d connections are open", open)
		}
		peak := resident(b)
		debug.FreeOSMemory()
		b.ReportMetric(float64(peak)/1e6, "MB-peak")
		b.ReportMetric(float64(resident(b))/1e6, "MB-resident")
		b.ReportMetric(float64(resident(b)-before)/n, "B/conn")
		in.Close()
		if err := child.Wait(); err != nil {
			b.Fatal(err)
		}
		await(b, "the connections to end", func() bool { return s.Stats().Open == 0 })
	}
}

// resident is how many bytes of memory this process has.
func resident(b *testing.B) int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skip("SKIPPED: no /proc/self/status here: ", err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kb, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return kb << 10
}

// BenchmarkTricklers reports how long a good sender waits for its replies, alone
// and beside 1,000 connections that each send a byte of a block ten times a
// second. Both are measured in turns, so that a busy machine spoils both alike.
func BenchmarkTricklers(b *testing.B) {
	const slow, rounds, each = 1000, 5, 20_000
	s := &mllp.Server{MaxConns: slow + 1, MaxConnsPerIP: slow + 1, StopTimeout: time.Second,
		BlockTimeout: time.Hour, Handler: mllp.HandlerFunc(func(_ context.Context, bl mllp.Block) ([]byte, error) {
			return bl.Data, bl.Problem
		})}
	good := &mllp.Client{Addr: serve(b, s)}
	defer good.Close()
	var alone, beside []time.Duration
	for b.Loop() {
		for range rounds {
			alone = append(alone, waits(b, good, each)...)
			stop := trickle(b, good.Addr, slow)
			await(b, "the slow connections", func() bool { return s.Stats().Open == slow+1 })
			beside = append(beside, waits(b, good, each)...)
			stop()
			await(b, "their end", func() bool { return s.Stats().Open == 1 })
		}
	}
	for name, times := range map[string][]time.Duration{"alone": alone, "beside": beside} {
		slices.Sort(times)
		b.ReportMetric(float64(times[len(times)/2].Microseconds()), name+"-p50-µs")
		b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), name+"-p99-µs")
	}
	b.ReportMetric(float64(beside[len(beside)*99/100])/float64(alone[len(alone)*99/100]), "p99-ratio")
}

// waits sends n blocks and returns how long each waited for its reply.
func waits(b *testing.B, c *mllp.Client, n int) []time.Duration {
	times := make([]time.Duration, n)
	for i := range times {
		begin := time.Now()
		if _, err := c.Send(b.Context(), []byte(adt)); err != nil {
			b.Fatal(err)
		}
		times[i] = time.Since(begin)
	}
	return times
}

// trickle opens n connections that begin a block and go on with a byte every
// tenth of a second, spread evenly over it.
func trickle(b *testing.B, addr string, n int) (stop func()) {
	conns := make([]net.Conn, n)
	for i := range conns {
		c, err := net.Dial("tcp", addr)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.WriteString(c, vt); err != nil {
			b.Fatal(err)
		}
		conns[i] = c
	}
	ended := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for at := 0; ; at += n / 100 {
			for i := range n / 100 {
				io.WriteString(conns[(at+i)%n], "x")
			}
			select {
			case <-tick.C:
			case <-ended:
				return
			}
		}
	})
	return func() {
		close(ended)
		wg.Wait()
		for _, c := range conns {
			c.Close()
		}
	}
}
