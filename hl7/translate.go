package hl7

import "bytes"

// translate writes a value with other delimiters and for a place of another
// level: the parts of the value become the parts of the place. It reports false
// when they cannot be written there.
func translate(v Value, to Delimiters, place level) (string, bool) {
	if v.m == nil {
		return "", true
	}
	from, raw := v.m.delim, v.Raw()
	if v.level() == levelLiteral {
		return Escape(string(raw), to), to.Escape != 0
	}
	shift := int(partLevel(place)) - int(partLevel(v.level()))
	if from == to && shift == 0 && (v.level() == levelField) == (place == levelField) && !bytes.ContainsAny(raw, "\r\n") {
		return string(raw), true
	}
	seps := to.separators()
	var out []byte
	for len(raw) > 0 {
		n := 1
		switch c := raw[0]; {
		case c == from.Escape && c != 0:
			var ok bool
			if n = escapeLen(raw, from); n == 1 {
				out, ok = appendText(out, c, to)
			} else {
				out, ok = appendSequence(out, raw[1:n-1], from, to)
			}
			if !ok {
				return "", false
			}
		case v.level() < levelRepetition && c == v.m.seps[levelRepetition]:
			if place != levelField || to.Repetition == 0 {
				return "", false
			}
			out = append(out, to.Repetition)
		case v.level() < levelSubcomponent && (c == v.m.seps[levelComponent] || c == v.m.seps[levelSubcomponent]):
			lv := int(levelComponent) + shift
			if c == v.m.seps[levelSubcomponent] {
				lv++
			}
			if lv > int(levelSubcomponent) || seps[lv] == to.Field {
				return "", false
			}
			out = append(out, seps[lv])
		default:
			var ok bool
			if out, ok = appendText(out, c, to); !ok {
				return "", false
			}
		}
		raw = raw[n:]
	}
	return string(out), true
}

// partLevel returns the level of the parts of a value of a level.
func partLevel(lv level) level { return max(lv, levelRepetition) + 1 }

// appendText writes one byte of text.
func appendText(out []byte, c byte, to Delimiters) ([]byte, bool) {
	letter := escapeLetter(c, to)
	if letter == "" {
		return append(out, c), true
	}
	return append(append(append(out, to.Escape), letter...), to.Escape), to.Escape != 0
}

// appendSequence writes what stands between two escape characters of the old
// delimiters. Sequences that name a delimiter stand for another byte now.
func appendSequence(out, body []byte, from, to Delimiters) ([]byte, bool) {
	if len(body) == 1 && body[0] != 'H' && body[0] != 'N' {
		if text, known := escapeText(body, from); known {
			return appendText(out, text[0], to)
		}
	}
	for _, c := range body {
		if escapeLetter(c, to) != "" {
			return out, false
		}
	}
	return append(append(append(out, to.Escape), body...), to.Escape), to.Escape != 0
}
