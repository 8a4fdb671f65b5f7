package hl7_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

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
