package store

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"github.com/ponshealth/pons/internal/fault"
)

// A body is kept without meta.versionId and meta.lastUpdated, which are columns,
// and always with a meta object, into which a read writes the two. That costs
// one look at the beginning of the body and no parse.

// instant is the form of meta.lastUpdated (FHIR instant, milliseconds, UTC).
const instant = "2006-01-02T15:04:05.000Z"

// withMeta checks a body and returns it with a meta object, an empty one if
// there was none. It refuses what is not a JSON object, a meta that is not an
// object, and a meta that has what the store sets.
func withMeta(body []byte) ([]byte, error) {
	if !json.Valid(body) {
		return nil, fault.New(fault.Invalid, "", "a resource body is not JSON")
	}
	body = bytes.TrimSpace(body)
	if body[0] != '{' {
		return nil, fault.New(fault.Invalid, "", "a resource body is not a JSON object")
	}
	insert := 1
	for m := range members(body, 0) {
		switch string(m.key) {
		case "meta":
			if body[m.from] != '{' {
				return nil, fault.New(fault.Invalid, "meta", "not an object")
			}
			for in := range members(body, m.from) {
				if k := string(in.key); k == "versionId" || k == "lastUpdated" {
					return nil, fault.New(fault.Invalid, "meta."+k, "is the store's to set")
				}
			}
			return body, nil
		case "resourceType", "id":
			insert = m.to
		}
	}
	return insertMeta(body, insert), nil
}

func insertMeta(body []byte, at int) []byte {
	text := `,"meta":{}`
	if at == 1 { // before all members
		text = `"meta":{}`
		if rest := bytes.TrimLeft(body[1:], " \t\r\n"); rest[0] != '}' {
			text += ","
		}
	}
	out := make([]byte, 0, len(body)+len(text))
	out = append(out, body[:at]...)
	out = append(out, text...)
	return append(out, body[at:]...)
}

// patchMeta writes version and time into the meta of a body that withMeta made.
func patchMeta(body []byte, version int, updated time.Time) ([]byte, error) {
	for m := range members(body, 0) {
		if string(m.key) != "meta" {
			continue
		}
		at := m.from + 1
		out := make([]byte, 0, len(body)+72)
		out = append(out, body[:at]...)
		out = append(out, `"versionId":"`...)
		out = strconv.AppendInt(out, int64(version), 10)
		out = append(out, `","lastUpdated":"`...)
		out = updated.UTC().AppendFormat(out, instant)
		out = append(out, '"')
		if rest := bytes.TrimLeft(body[at:], " \t\r\n"); len(rest) > 0 && rest[0] != '}' {
			out = append(out, ',')
		}
		return append(out, body[at:]...), nil
	}
	return nil, fault.New(fault.Internal, "meta", "a stored resource has none")
}

// member is one name and value of a JSON object.
type member struct {
	key      []byte // between the quotes, as written
	from, to int    // the value is body[from:to]
}

// members walks the object that begins at body[at]. The JSON must be valid;
// then it is linear and does not look into values.
func members(body []byte, at int) func(yield func(member) bool) {
	return func(yield func(member) bool) {
		i := space(body, at+1)
		for i < len(body) && body[i] == '"' {
			end := quoted(body, i)
			m := member{key: body[i+1 : max(end-1, i+1)]}
			m.from = space(body, space(body, end)+1) // past the colon
			m.to = value(body, m.from)
			if m.from >= len(body) || !yield(m) {
				return
			}
			if i = space(body, m.to); i >= len(body) || body[i] != ',' {
				return
			}
			i = space(body, i+1)
		}
	}
}

func space(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// quoted returns the place after the string that begins at b[i].
func quoted(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(b)
}

// value returns the place after the value that begins at b[i].
func value(b []byte, i int) int {
	if i >= len(b) {
		return i
	}
	switch b[i] {
	case '"':
		return quoted(b, i)
	case '{', '[':
		return nested(b, i)
	}
	for i < len(b) && b[i] != ',' && b[i] != '}' && b[i] != ']' && b[i] > ' ' {
		i++ // a number or a word
	}
	return i
}

// nested returns the place after the object or array that begins at b[i].
func nested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = quoted(b, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		i++
		if depth == 0 {
			break
		}
	}
	return i
}
