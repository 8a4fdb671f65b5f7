package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ponshealth/pons/internal/app"
	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/message"
)

type benchCmd struct {
	Engine  benchEngineCmd  `cmd:"" default:"withargs" help:"Measure the engine: fsync, durable answers, delivery end to end. This is what bench alone does."`
	Convert benchConvertCmd `cmd:"" help:"Measure how fast messages become Bundles on one core."`
}

type benchEngineCmd struct {
	Data     string        `help:"Folder on the disk to measure; what is written there is removed." default:"." placeholder:"DIR"`
	Duration time.Duration `help:"How long each part sends." default:"10s"`
	Senders  int           `help:"Connections of the second part." default:"32"`
	Profile  string        `help:"Write a CPU profile of the run here, for go tool pprof." placeholder:"FILE"`
}

// Run measures the disk alone, then the engine with one and with many senders,
// each waiting for its durable answer, and how long the delivery of all takes.
// Senders and engine share the machine, and delivery goes on meanwhile.
func (c benchEngineCmd) Run(ctx context.Context, s streams) (err error) {
	if c.Profile != "" {
		f, err := os.Create(c.Profile)
		if err != nil {
			return badUsage{err}
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	dir, err := os.MkdirTemp(c.Data, "pons-bench-")
	if err != nil {
		return badUsage{err}
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(s.out, "%d cores, %s/%s, %s\n\n", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version())
	raw, err := fsyncRate(filepath.Join(dir, "fsync"), min(c.Duration, 3*time.Second))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "%-36s %8.0f /s   baseline\n", "append 4 KiB and fsync", raw)
	for _, senders := range []int{1, c.Senders} {
		if err := c.measure(ctx, filepath.Join(dir, fmt.Sprint(senders)), senders, raw, s.out); err != nil {
			return err
		}
	}
	return nil
}

// fsyncRate is how often per second this disk makes 4 KiB durable.
func fsyncRate(file string, d time.Duration) (float64, error) {
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	block := make([]byte, 4096)
	begin, n := time.Now(), 0
	for ; time.Since(begin) < d; n++ {
		if _, err := f.Write(block); err != nil {
			return 0, err
		}
		if err := f.Sync(); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(begin).Seconds(), nil
}

func (c benchEngineCmd) measure(ctx context.Context, dir string, senders int, raw float64, out io.Writer) error {
	cfg := config.Default()
	cfg.Data, cfg.MLLP.Listen, cfg.HTTP.Listen = dir, "127.0.0.1:0", "127.0.0.1:0"
	a, err := app.New(ctx, cfg, version, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()

	begin := time.Now()
	times, err := sendLoad(ctx, a.MLLP.String(), senders, c.Duration)
	if err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	sent := time.Since(begin)
	at, err := delivered(ctx, a, 0)
	if err != nil {
		return err
	}
	during := float64(at) / sent.Seconds()
	if _, err := delivered(ctx, a, len(times)); err != nil {
		return err
	}
	all := time.Since(begin)
	rate := float64(len(times)) / sent.Seconds()
	name := fmt.Sprintf("durable answers, %d connections", senders)
	if senders == 1 {
		name = "durable answers, 1 connection"
	}
	fmt.Fprintf(out, "%-36s %8.0f /s   %.2fx baseline   p50 %s   p99 %s\n", name, rate, rate/raw, percentile(times, 50), percentile(times, 99))
	fmt.Fprintf(out, "%-36s %8.0f /s   while senders sent\n", "  delivered and searchable", during)
	fmt.Fprintf(out, "%-36s %8.0f /s   %d messages in %s\n", "  delivered and searchable", float64(len(times))/all.Seconds(), len(times), all.Round(time.Millisecond))
	stop()
	return <-ended
}

// delivered waits until n messages are and returns how many are now.
func delivered(ctx context.Context, a *app.App, n int) (int, error) {
	for {
		counts, err := a.Store.Counts(ctx)
		if err != nil {
			return 0, err
		}
		if dead := counts[message.Dead]; dead > 0 {
			return 0, fmt.Errorf("%d messages of the load were not delivered", dead)
		}
		if counts[message.Delivered] >= n {
			return counts[message.Delivered], nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// sendLoad lets senders send for d, each its next message after the answer to
// the one before, and returns how long each answer took.
func sendLoad(ctx context.Context, addr string, senders int, d time.Duration) ([]time.Duration, error) {
	var next atomic.Int64
	all := make([][]time.Duration, senders)
	failed := make([]error, senders)
	until := time.Now().Add(d)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() { all[i], failed[i] = sendUntil(ctx, addr, until, &next) })
	}
	wg.Wait()
	return slices.Concat(all...), errors.Join(failed...)
}

func sendUntil(ctx context.Context, addr string, until time.Time, next *atomic.Int64) ([]time.Duration, error) {
	client := client(addr)
	defer client.Close()
	var times []time.Duration
	for ctx.Err() == nil && time.Now().Before(until) {
		m := admission(next.Add(1))
		begin := time.Now()
		reply, err := exchange(ctx, client, m, 30*time.Second)
		if err != nil {
			return nil, err
		}
		if !accepted(reply.Code) {
			return nil, fmt.Errorf("a message of the load was answered %s", reply.Code)
		}
		times = append(times, time.Since(begin))
	}
	return times, ctx.Err()
}

func percentile(times []time.Duration, p int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[(len(times)-1)*p/100].Round(10 * time.Microsecond)
}

// admission is the n-th message of the load: an ADT^A01 of about 1 KB. Every
// tenth is of a patient who was here nine admissions ago.
func admission(n int64) []byte {
	patient, ward := n, n%40
	if n%10 == 0 {
		patient = n - 9
	}
	const at = "20260302081500"
	return []byte(strings.Join([]string{
		fmt.Sprintf(`MSH|^~\&|PAS|RIVERSIDE|PONS|RIVERSIDE|%s||ADT^A01^ADT_A01|B%d|P|2.5`, at, n),
		`EVN|A01|` + at + `|||54321^Clerk^Ward|` + at,
		fmt.Sprintf(`PID|1||%010d^^^NHS^NH~R%d^^^RIVERSIDE^MR||Load^Patient^%d^^Ms||19720%d14|F|||%d Harbour Street^^Leeds^^LS1 4AB^GBR^H||^PRN^PH^^44^113^%07d|^WPN^PH^^44^113^%07d||M|||||||||||||N`, patient, patient, patient, patient%9+1, patient%300, patient%10000000, patient%9999991),
		fmt.Sprintf(`NK1|1|Load^Relative^%d|SPO^Spouse^HL70063|%d Harbour Street^^Leeds^^LS1 4AB^GBR|^PRN^PH^^44^113^%07d`, patient, patient%300, patient%9999973),
		fmt.Sprintf(`PV1|1|I|WARD%d^ROOM%d^BED%d^RIVERSIDE||||%d^Attender^Anna^^^Dr|%d^Referrer^Rob^^^Dr||MED||||1|||%d^Attender^Anna^^^Dr||V%d^^^RIVERSIDE^VN|||||||||||||||||||||||||%s`, ward, n%4, n%8, 1000+ward, 2000+ward, 1000+ward, n, at),
		`AL1|1|DA|7980^Penicillin G^RXNORM|SV|Hives|20190611`,
		`DG1|1||J18.9^Pneumonia, unspecified organism^I10||20260302|A`,
		``,
	}, "\r"))
}
