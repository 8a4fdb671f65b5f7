package profile

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"io"
	"strconv"
	"strings"
	"sync"
)

//go:generate go run ../../internal/gen/profile -out base.bin

// base is the file of official definitions. Its layout is told in
// internal/gen/profile/box.go: the length of the index, the index, and the
// documents, each compressed by itself with the dictionary of its kind.
//
//go:embed base.bin
var base []byte

const magic = "PONSDEF1"

// A stored document of the file.
type stored struct {
	kind       string
	packed     []byte
	size       int
	dictionary *stored
}

// text unpacks the document. The file is part of the program, so that a fault
// in it is a fault of the program.
func (s *stored) text() []byte {
	var dict []byte
	if s.dictionary != nil {
		dict = s.dictionary.unpacked()
	}
	out := make([]byte, s.size)
	if _, err := io.ReadFull(flate.NewReaderDict(bytes.NewReader(s.packed), dict), out); err != nil {
		panic("profile: embedded definitions: " + err.Error())
	}
	return out
}

// dictionaries keeps the three dictionaries unpacked once used.
var dictionaries sync.Map

func (s *stored) unpacked() []byte {
	if d, ok := dictionaries.Load(s); ok {
		return d.([]byte)
	}
	d, _ := dictionaries.LoadOrStore(s, s.text())
	return d.([]byte)
}

// eachStored calls fn with every document of the file.
func eachStored(fn func(url, version string, s *stored)) {
	n := binary.BigEndian.Uint32(base[len(magic):])
	rest := base[len(magic)+4:]
	index, err := io.ReadAll(flate.NewReader(bytes.NewReader(rest[:n])))
	if err != nil {
		panic("profile: index of embedded definitions: " + err.Error())
	}
	rest = rest[n:]
	lines := string(index)
	all := make([]stored, strings.Count(lines, "\n"))
	shared := map[string]*stored{}
	for i := range all {
		var part [5]string
		var line string
		line, lines, _ = strings.Cut(lines, "\n")
		for j := range part {
			part[j], line, _ = strings.Cut(line, "\t")
		}
		length, _ := strconv.Atoi(part[3])
		size, _ := strconv.Atoi(part[4])
		s := &all[i]
		*s = stored{kind: part[0], packed: rest[:length], size: size, dictionary: shared[part[0]]}
		rest = rest[length:]
		if part[0] == "dictionary" {
			shared[part[1]] = s
			continue
		}
		fn(part[1], part[2], s)
	}
}
