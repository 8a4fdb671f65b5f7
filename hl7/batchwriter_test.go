package hl7_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

func TestBatchWriter(t *testing.T) {
	var out bytes.Buffer
	w := hl7.NewBatchWriter(&out)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.BeginFile(hl7.BatchHead{SendingApp: hl7.HD{Namespace: "A|B"}, Name: "F1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}))
	must(w.BeginBatch(hl7.BatchHead{ControlID: "C1", Comment: "first", Reference: "R"}))
	must(w.WriteMessage([]byte("MSH|^~\\&|A\rPID|1\r")))
	must(w.WriteMessage([]byte("MSH|^~\\&|A\rPID|2")))
	must(w.BeginBatch(hl7.BatchHead{ControlID: "C2"}))
	must(w.Close())
	must(w.Close())
	const want = "FHS|^~\\&|A\\F\\B||||20260102030405+0000||F1\rBHS|^~\\&||||||||first|C1|R\rMSH|^~\\&|A\rPID|1\rMSH|^~\\&|A\rPID|2\rBTS|2\r" +
		"BHS|^~\\&|||||||||C2\rBTS|0\rFTS|2\r"
	if out.String() != want {
		t.Errorf("%q, want\n%q", out.String(), want)
	}
	if found := hl7.CheckBatch(out.Bytes()); len(found) != 0 || len(hl7.Split(out.Bytes())) != 2 {
		t.Error(found)
	}
	for _, bad := range []string{"", "PID|1", "MSH|^~\\&|A\rMSH|^~\\&|B"} {
		must(w.BeginBatch(hl7.BatchHead{}))
		if w.WriteMessage([]byte(bad)) == nil {
			t.Errorf("%q is written", bad)
		}
	}
	must(w.Close())
	if w.WriteMessage([]byte("MSH|^~\\&|A")) == nil {
		t.Error("a message is written outside of a batch")
	}
}

func TestBatchWriterFails(t *testing.T) {
	full := errors.New("full")
	w := hl7.NewBatchWriter(writer(func([]byte) (int, error) { return 0, full }))
	if w.BeginBatch(hl7.BatchHead{}) != full || w.WriteMessage([]byte("MSH|^~\\&|A")) != full || w.Close() != full {
		t.Error("the error is lost")
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
