package main

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A doc is one definition: its line in the index and its JSON.
type doc struct {
	kind         string // StructureDefinition, ValueSet, CodeSystem, or dictionary
	url, version string
	json         string
}

// The file begins with these bytes. Then follow the length of the index (four
// bytes, big endian), the index, and the documents one after another, each
// compressed by itself so that one is read without the others. Documents of a
// kind share much text; the dictionary of the kind gives it to the compressor
// beforehand. The index has a line for each document:
//
//	kind TAB url TAB version TAB compressed length TAB length
const magic = "PONSDEF1"

func writeBox(docs []doc) ([]byte, error) {
	var index strings.Builder
	var body bytes.Buffer
	dictionaries := map[string][]byte{}
	for _, d := range docs {
		from := body.Len()
		if err := deflate(&body, d.json, dictionaries[d.kind]); err != nil {
			return nil, err
		}
		fmt.Fprintf(&index, "%s\t%s\t%s\t%d\t%d\n", d.kind, d.url, d.version, body.Len()-from, len(d.json))
		if d.kind == dictionary {
			dictionaries[d.url] = []byte(d.json)
		}
	}
	var head bytes.Buffer
	if err := deflate(&head, index.String(), nil); err != nil {
		return nil, err
	}
	out := binary.BigEndian.AppendUint32([]byte(magic), uint32(head.Len()))
	out = append(out, head.Bytes()...)
	return append(out, body.Bytes()...), nil
}

func deflate(to io.Writer, text string, dict []byte) error {
	z, err := flate.NewWriterDict(to, flate.BestCompression, dict)
	if err != nil {
		return err
	}
	if _, err := io.WriteString(z, text); err != nil {
		return err
	}
	return z.Close()
}

func readBox(file []byte) ([]doc, error) {
	rest, ok := bytes.CutPrefix(file, []byte(magic))
	if !ok || len(rest) < 4 {
		return nil, errors.New("not a file of definitions")
	}
	n := int(binary.BigEndian.Uint32(rest))
	index, err := io.ReadAll(flate.NewReader(bytes.NewReader(rest[4 : 4+n])))
	if err != nil {
		return nil, err
	}
	body := rest[4+n:]
	var docs []doc
	dictionaries := map[string][]byte{}
	for line := range strings.Lines(string(index)) {
		part := strings.Split(line, "\t")
		var size int
		if _, err := fmt.Sscan(part[3], &size); err != nil {
			return nil, err
		}
		text, err := io.ReadAll(flate.NewReaderDict(bytes.NewReader(body[:size]), dictionaries[part[0]]))
		if err != nil {
			return nil, err
		}
		body = body[size:]
		docs = append(docs, doc{part[0], part[1], part[2], string(text)})
		if part[0] == dictionary {
			dictionaries[part[1]] = text
		}
	}
	return docs, nil
}
