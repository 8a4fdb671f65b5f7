package r4

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Lenient reading of JSON has two steps. The first, here and in
// lenient_json_lex.go, makes a tree of whatever stands there and knows nothing
// of FHIR. The second, lenient_json_build.go, makes the resource of the tree.

// jsonKind is what a value of JSON looks like.
type jsonKind uint8

const (
	jsonObject jsonKind = iota
	jsonArray
	jsonString
	jsonNumber
	jsonNoNumber // looks like a number and is none
	jsonTrue
	jsonFalse
	jsonNull
)

// jsonNode is a value. Nodes are known by their index in the tree; none is -1.
type jsonNode struct {
	kind       jsonKind
	mended     bool  // something was wrong with the text of it, and told
	up         int32 // the object or array that holds it
	first      int32 // of an object or array: what it holds
	next       int32 // in the same object or array
	place      int32 // of the element that it is, -1 if it is none
	start, end int32 // in the source
	keyAt      int32 // where its name begins, in an object
	key        string
	text       string // of a string, a number, a word
}

// jsonReader makes the tree.
type jsonReader struct {
	report func(kind ProblemKind, pos int, node int32, text string)
	s      string
	pos    int
	nodes  []jsonNode
	most   int // so many nodes are allowed
	arrays int // open around pos
	depth  int // objects and arrays open around pos
	node   int32
	work   int  // bytes looked at and steps taken, so that tests can count them
	cut    bool // reading stopped before the end
}

const maxJSONDepth = 4 * maxDepth // objects and arrays

// read makes the tree of the whole text.
func (r *jsonReader) read() {
	// What is JSON has no more: a value takes a byte, and so does what parts it from
	// the next.
	r.most = maxJSONDepth + len(r.s)/2
	r.node = -1
	// As many as a document has that is right, but for those that are much text.
	likely := 1 + strings.Count(r.s, ",") + strings.Count(r.s, "{") + strings.Count(r.s, "[")
	r.nodes = make([]jsonNode, 0, min(likely, 64+len(r.s)/8, r.most))
	if strings.HasPrefix(r.s, "\ufeff") {
		r.problem(ProblemEncoding, "a byte order mark, which JSON does not have")
		r.pos = len("\ufeff")
	}
	if r.next() == 0 {
		r.problem(ProblemSyntax, "the document ends too early")
		r.cut = true
		return
	}
	r.value(-1, -1, "")
	if !r.cut && r.next() != 0 {
		r.problem(ProblemSyntax, "more after the end of the resource")
	}
}

// problem tells of something at the place that was reached.
func (r *jsonReader) problem(kind ProblemKind, text string) {
	r.report(kind, r.pos, r.node, text)
}

// stop ends reading: what is open is closed as it is.
func (r *jsonReader) stop(kind ProblemKind, text string) {
	if !r.cut {
		r.problem(kind, text)
	}
	r.cut, r.pos = true, len(r.s)
}

// add appends a node at the end of what up holds; last is the one before it.
func (r *jsonReader) add(n jsonNode, last int32) int32 {
	if len(r.nodes) >= r.most {
		r.stop(ProblemLimit, "too many elements for the size of the document")
		return -1
	}
	if len(r.nodes) == cap(r.nodes) { // append would grow by little and often
		r.nodes = slices.Grow(r.nodes, min(64+len(r.nodes), r.most-len(r.nodes)))
	}
	r.work++
	at := int32(len(r.nodes))
	n.first, n.next, n.place = -1, -1, -1
	r.nodes = append(r.nodes, n)
	switch {
	case last >= 0:
		r.nodes[last].next = at
	case n.up >= 0:
		r.nodes[n.up].first = at
	}
	return at
}

// value reads the value that comes next. last is the one before it in the same
// object or array. It returns -1 when there is none.
func (r *jsonReader) value(up, last int32, key string) int32 {
	c := r.next()
	n := jsonNode{up: up, start: int32(r.pos), key: key}
	switch {
	case c == 0:
		r.stop(ProblemSyntax, "the document ends too early")
		return -1
	case c == '{' || c == '[':
		if c == '[' {
			n.kind = jsonArray
		}
		return r.container(n, last)
	case c == '"' || c == '\'':
		n.kind = jsonString
		at := r.add(n, last)
		if at < 0 {
			return -1
		}
		text, mended := r.str(at)
		m := &r.nodes[at]
		m.text, m.mended, m.end = text, mended, int32(r.pos)
		return at
	}
	word := r.word()
	if word == "" {
		return -1
	}
	n.kind, n.text, n.end = jsonString, word, int32(r.pos)
	switch {
	case word == "true":
		n.kind = jsonTrue
	case word == "false":
		n.kind = jsonFalse
	case word == "null":
		n.kind = jsonNull
	case numberLen(word) == len(word):
		n.kind = jsonNumber
	case isDigit(c) || c == '-' || c == '+' || c == '.':
		n.kind = jsonNoNumber
	default:
		n.mended = true
	}
	at := r.add(n, last)
	if n.mended && at >= 0 {
		r.report(ProblemSyntax, int(n.start), at, "no quotes around a string")
	}
	return at
}

// container reads an object or an array.
func (r *jsonReader) container(n jsonNode, last int32) int32 {
	at := r.add(n, last)
	if at < 0 {
		return -1
	}
	if r.depth++; r.depth > maxJSONDepth {
		r.stop(ProblemLimit, "nested too deep")
	}
	outer := r.node
	r.node = at
	r.pos++
	if n.kind == jsonArray {
		r.arrays++
		r.items(at)
		r.arrays--
	} else {
		r.members(at)
	}
	r.depth--
	r.node = outer
	r.nodes[at].end = int32(r.pos)
	return at
}

// items reads the content of an array and the bracket after it.
func (r *jsonReader) items(at int32) {
	last, comma, told := int32(-1), false, true
	for {
		switch c := r.next(); c {
		case 0:
			r.stop(ProblemSyntax, "the document ends too early")
			return
		case ']':
			if comma && last >= 0 {
				r.problem(ProblemSyntax, "a comma before the end of an array")
			}
			r.pos++
			return
		case '}':
			if r.depth-r.arrays > 0 {
				r.problem(ProblemSyntax, "the end of an array is missing")
				return
			}
			r.skip("an end of no object")
		case ',':
			r.skip("a comma too many")
			comma = true
			continue
		default:
			if !comma && !told {
				r.problem(ProblemSyntax, "a comma is missing")
			}
			if n := r.value(at, last, ""); n >= 0 {
				last = n
				comma, told = r.comma(), false
				continue
			}
		}
		comma, told = r.comma(), true
	}
}

// members reads the content of an object and the bracket after it.
func (r *jsonReader) members(at int32) {
	last, comma, told := int32(-1), false, true
	for {
		switch c := r.next(); c {
		case 0:
			r.stop(ProblemSyntax, "the document ends too early")
			return
		case '}':
			if comma && last >= 0 {
				r.problem(ProblemSyntax, "a comma before the end of an object")
			}
			r.pos++
			return
		case ']':
			if r.arrays > 0 {
				r.problem(ProblemSyntax, "the end of an object is missing")
				return
			}
			r.skip("an end of no array")
		case ',':
			r.skip("a comma too many")
			comma = true
			continue
		default:
			if !comma && !told {
				r.problem(ProblemSyntax, "a comma is missing")
			}
			if n := r.member(at, last); n >= 0 {
				last = n
				comma, told = r.comma(), false
				continue
			}
		}
		comma, told = r.comma(), true
	}
}

// member reads a name and its value.
func (r *jsonReader) member(at, last int32) int32 {
	var key string
	start := int32(r.pos)
	if c := r.next(); c == '"' || c == '\'' {
		key, _ = r.str(at)
	} else {
		if key = r.word(); key == "" {
			return -1
		}
		r.report(ProblemSyntax, int(start), at, "no quotes around a name")
	}
	switch r.next() {
	case ':':
		r.pos++
	case ',', '}', ']', 0:
		r.report(ProblemSyntax, int(start), at, "a name without a value")
		return -1
	case '=':
		r.skip("= instead of a colon")
	default:
		r.problem(ProblemSyntax, "a colon is missing")
	}
	if c := r.next(); c == ',' || c == '}' || c == ']' {
		r.problem(ProblemSyntax, "a name without a value")
		return -1
	}
	n := r.value(at, last, key)
	if n >= 0 {
		r.nodes[n].keyAt = start
	}
	return n
}

// comma skips a comma if one comes next.
func (r *jsonReader) comma() bool {
	if r.next() != ',' {
		return false
	}
	r.pos++
	return true
}

// skip steps over a character that should not be there.
func (r *jsonReader) skip(problem string) {
	r.problem(ProblemSyntax, problem)
	_, n := utf8.DecodeRuneInString(r.s[r.pos:])
	r.pos += n
}
