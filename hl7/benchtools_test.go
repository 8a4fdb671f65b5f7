package hl7_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

// BenchmarkRatio says how many times faster than cutting with bytes.Split, level by
// level, the work is; both are measured in the same run, so that the figure means
// something on a machine with other things to do.
func BenchmarkRatio(b *testing.B) {
	walk := func(text []byte) int {
		m, err := hl7.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		return walkLeaves(m)
	}
	for _, c := range []struct {
		name string
		text []byte
		do   func([]byte) int
	}{
		{"parse and walk/adt1K", admission1K, walk},
		{"parse and walk/oru40K", report40K, walk},
		{"parse and 20 fields/adt1K", admission1K, twentyFields(b)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			start, n := time.Now(), 0
			for b.Loop() {
				c.do(c.text)
				n++
			}
			ours := time.Since(start)
			b.StopTimer()
			start = time.Now()
			for range n {
				splitAll(c.text)
			}
			b.ReportMetric(float64(time.Since(start))/float64(ours), "x-bytes.Split")
		})
	}
}

// twentyFields parses an admission and reads what is usually asked of it.
func twentyFields(b *testing.B) func([]byte) int {
	var paths []hl7.Path
	for _, s := range places {
		p, err := hl7.ParsePath(s)
		if err != nil {
			b.Fatal(err)
		}
		paths = append(paths, p)
	}
	return func(text []byte) (size int) {
		m, err := hl7.Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		for _, p := range paths {
			size += len(m.At(p).String())
		}
		return size
	}
}

func BenchmarkEdit(b *testing.B) {
	m, err := hl7.Parse(admission1K)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := hl7.Edit(m).Set("PID-5.1", "NOBODY").Set("MSH-10", "2").Set("PV1-3.2", "7").Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	head := hl7.Head{Version: "2.5.1", Type: "ADT", Event: "A01", ControlID: "1", Time: answered}
	b.ReportAllocs()
	for b.Loop() {
		e := hl7.New(head)
		e.Append("PID").Set("1", "1").Put("3", &hl7.CX{ID: "4711", Type: "MR"}).Put("5", &hl7.XPN{Given: "ANNA"})
		if _, err := e.Bytes(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkViews(b *testing.B) {
	m, err := hl7.Parse(admission1K)
	if err != nil {
		b.Fatal(err)
	}
	pid, _ := m.First("PID")
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = pid.Field(3).CX(), pid.Field(5).XPN(), pid.Field(11).XAD()
	}
}

// BenchmarkReader reads a stream of admissions; parsing them is not part of it.
func BenchmarkReader(b *testing.B) {
	file := bytes.Repeat(admission1K, 1000)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		r, n := hl7.NewReader(bytes.NewReader(file)), 0
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			}
			n++
		}
		if n != 1000 {
			b.Fatal(n)
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	for name, text := range map[string][]byte{"adt1K": admission1K, "oru40K": report40K} {
		b.Run(name, func(b *testing.B) {
			m, err := hl7.Parse(text)
			if err != nil {
				b.Fatal(err)
			}
			other, err := hl7.Edit(m).Remove(m.Len()/2).Set("PID-5.1", "NOBODY").Message()
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if len(hl7.Diff(m, other)) < 2 {
					b.Fatal("no differences")
				}
			}
		})
	}
}

func BenchmarkRedact(b *testing.B) {
	m, err := hl7.Parse(admission1K)
	if err != nil {
		b.Fatal(err)
	}
	r := redactor()
	b.SetBytes(int64(len(admission1K)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := r.Redact(m); err != nil {
			b.Fatal(err)
		}
	}
}
