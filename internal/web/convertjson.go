package web

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/mapping"
)

// block is one resource of the result.
type block struct {
	Anchor, Type, Name string
	Pieces             []piece
	Open, Fill         bool
	Nulls              []string // elements that the sender deleted
	Verdict            verdict

	entry int      // -1 is the Bundle itself
	paths []string // of its elements
	ids   []string
}

// piece is a part of pretty JSON: text, or an element of which is known where it
// came from.
type piece struct {
	Text string // before the element; or all there is

	ID    string // of an element
	Key   string // with its quotation marks; "" in a list
	Value string
	Class string
	Href  string // the row of the tree, or of the tables
	Field string // id in the tree
	Rows  string // numbers of the rows of the tables, outermost first
	Path  string // "Patient.name[0].family"

	To, ToType string // where a reference leads on this page
}

// jsonPainter cuts the JSON of one resource into pieces.
type jsonPainter struct {
	view           *convertView
	block          *block
	own            map[string]*mapping.Lineage // by path
	types, anchors map[string]string
	lines          int

	stack []level
	plain strings.Builder
}

// level is an object or a list that the painter is in.
type level struct {
	list bool
	key  string // of an object: the one at hand
	n    int    // of a list
}

func (d *jsonPainter) paint(text []byte) {
	d.lines = bytes.Count(text, []byte("\n")) + 1
	key := ""
	for len(text) > 0 {
		n, class := nextToken(text)
		token := string(text[:n])
		text = text[n:]
		switch class {
		case "key":
			key = token
			d.stack[len(d.stack)-1].key = strings.Trim(token, `"`)
		case "":
			if key != "" && token == ": " {
				continue // the value follows
			}
			if key != "" {
				d.plain.WriteString(key)
				key = ""
			}
			d.plain.WriteString(token)
			d.walk(token)
		default:
			d.value(key, token, class)
			key = ""
		}
	}
	if d.plain.Len() > 0 {
		d.block.Pieces = append(d.block.Pieces, piece{Text: d.plain.String()})
	}
}

// walk follows the brackets.
func (d *jsonPainter) walk(punctuation string) {
	for _, c := range punctuation {
		switch c {
		case '{', '[':
			d.stack = append(d.stack, level{list: c == '['})
		case '}', ']':
			d.stack = d.stack[:max(0, len(d.stack)-1)]
		case ',':
			if n := len(d.stack); n > 0 && d.stack[n-1].list {
				d.stack[n-1].n++
			}
		}
	}
}

// path is that of the value at hand as a Lineage writes it: what stands beside a
// primitive ("_birthDate") is below it.
func (d *jsonPainter) path() string {
	var out []byte
	for _, l := range d.stack {
		switch {
		case l.list:
			out = append(strconv.AppendInt(append(out, '['), int64(l.n), 10), ']')
		case l.key != "":
			if len(out) > 0 {
				out = append(out, '.')
			}
			out = append(out, strings.TrimPrefix(l.key, "_")...)
		}
	}
	return string(out)
}

func (d *jsonPainter) value(key, token, class string) {
	path := d.path()
	l := d.own[path]
	if at, ok := strings.CutSuffix(path, ".reference"); ok && l == nil {
		l = d.own[at] // a Reference that the tables made is one element
	}
	if l == nil {
		if key != "" {
			d.plain.WriteString(key + ": ")
		}
		d.plain.WriteString(token)
		return
	}
	v := d.view
	p := piece{
		Text: d.plain.String(), ID: "x" + strconv.Itoa(v.elements), Key: key, Value: token, Class: class,
		Path: d.block.Type + "." + path, Rows: v.rowsOf(l.Row),
	}
	d.plain.Reset()
	if l.Segment >= 0 {
		p.Field = v.at(l.Segment, l.Field)
	}
	if p.Field != "" {
		p.Href = "#" + p.Field
		if _, ok := v.made[p.Field]; !ok {
			v.made[p.Field] = v.elements
		}
	} else {
		last := p.Rows[strings.LastIndexByte(p.Rows, ' ')+1:]
		p.Href = "#r" + last
	}
	if url := strings.Trim(token, `"`); strings.HasPrefix(url, "urn:uuid:") && d.anchors[url] != "" {
		p.To, p.ToType = "#"+d.anchors[url], d.types[url]
	}
	v.elements++
	d.block.Pieces = append(d.block.Pieces, p)
	d.block.paths, d.block.ids = append(d.block.paths, path), append(d.block.ids, p.ID)
}

// element finds what is drawn of a place of the resource: itself, or the first
// thing in it.
func (b *block) element(path string) string {
	for i, p := range b.paths {
		if rest, ok := strings.CutPrefix(p, path); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return b.ids[i]
		}
	}
	return ""
}
