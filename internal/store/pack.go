package store

import (
	_ "embed"
	"fmt"
	"runtime"

	"github.com/klauspost/compress/zstd"
)

// The dictionary is what FHIR JSON looks like here. Stored bodies need exactly
// these bytes to be read, so the file never changes; a better one gets the next
// number and a line in unpacker.
//
//go:embed dictionary-1.txt
var dictionary1 []byte

const maxUnpacked = 1 << 30

// packer compresses. Its methods may be called concurrently.
type packer struct {
	plain, fhir *zstd.Encoder
	all         *zstd.Decoder
}

func newPacker() (*packer, error) {
	level := []zstd.EOption{
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithLowerEncoderMem(true), zstd.WithEncoderConcurrency(runtime.GOMAXPROCS(0)),
		zstd.WithWindowSize(1 << 18),
	}
	plain, err := zstd.NewWriter(nil, level...)
	if err != nil {
		return nil, err
	}
	fhir, err := zstd.NewWriter(nil, append(level, zstd.WithEncoderDictRaw(1, dictionary1))...)
	if err != nil {
		return nil, err
	}
	all, err := zstd.NewReader(nil, zstd.WithDecoderDictRaw(1, dictionary1),
		zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(maxUnpacked))
	return &packer{plain: plain, fhir: fhir, all: all}, err
}

// message packs the bytes of a message, which have no common form.
func (p *packer) message(b []byte) []byte { return p.plain.EncodeAll(b, make([]byte, 0, len(b)/2+64)) }

// resource packs the JSON of a resource.
func (p *packer) resource(b []byte) []byte { return p.fhir.EncodeAll(b, make([]byte, 0, len(b)/3+64)) }

// unpack is the inverse of both.
func (p *packer) unpack(b []byte) ([]byte, error) {
	out, err := p.all.DecodeAll(b, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack a body: %w", err)
	}
	return out, nil
}
