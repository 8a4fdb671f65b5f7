package source_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/mllp"
)

// nowhere is a store that costs nothing.
type nowhere struct{}

func (nowhere) Accept(context.Context, message.Message) (source.Receipt, error) {
	return source.Receipt{}, nil
}

func (nowhere) AcceptDead(context.Context, message.Message, message.Cause) (source.Receipt, error) {
	return source.Receipt{}, nil
}

// BenchmarkHandle is what a source does with a message of 1 KB beside storing it.
func BenchmarkHandle(b *testing.B) {
	s := &source.MLLP{Store: nowhere{}, Now: time.Now}
	data := append([]byte(admission), bytes.Repeat([]byte("OBX|1|ST|1234^NAME^L||text of a result|||||F\r"), 20)...)
	block := mllp.Block{Data: data, Peer: somebody}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if reply, err := s.Handle(b.Context(), block); err != nil || len(reply) == 0 {
			b.Fatal(err)
		}
	}
}
