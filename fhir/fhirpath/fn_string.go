package fhirpath

import (
	"strings"
	"unicode/utf8"
)

// Strings (N1, "String Manipulation"; trim, split, join, lastIndexOf and the
// like are of later drafts). Places and lengths count characters.
var stringFunctions = map[string]function{
	"length": onString(0, func(m *machine, s string, _ []string) (Collection, error) {
		return m.single(Integer(int32(utf8.RuneCountInString(s))))
	}),
	"upper": onString(0, func(m *machine, s string, _ []string) (Collection, error) {
		return m.string(strings.ToUpper(s))
	}),
	"lower": onString(0, func(m *machine, s string, _ []string) (Collection, error) {
		return m.string(strings.ToLower(s))
	}),
	"trim": onString(0, func(m *machine, s string, _ []string) (Collection, error) {
		return m.string(strings.TrimSpace(s))
	}),
	"startsWith": onString(1, func(_ *machine, s string, args []string) (Collection, error) {
		return boolean(strings.HasPrefix(s, args[0])), nil
	}),
	"endsWith": onString(1, func(_ *machine, s string, args []string) (Collection, error) {
		return boolean(strings.HasSuffix(s, args[0])), nil
	}),
	"contains": onString(1, func(_ *machine, s string, args []string) (Collection, error) {
		return boolean(strings.Contains(s, args[0])), nil
	}),
	"indexOf": onString(1, func(m *machine, s string, args []string) (Collection, error) {
		return m.index32(s, strings.Index(s, args[0]))
	}),
	"lastIndexOf": onString(1, func(m *machine, s string, args []string) (Collection, error) {
		return m.index32(s, strings.LastIndex(s, args[0]))
	}),
	"replace": onString(2, func(m *machine, s string, args []string) (Collection, error) {
		n := strings.Count(s, args[0])
		if err := m.text(max(len(s), len(s)+n*(len(args[1])-len(args[0])))); err != nil {
			return nil, err
		}
		return m.single(String(strings.ReplaceAll(s, args[0], args[1])))
	}),
	"toChars": onString(0, func(m *machine, s string, _ []string) (Collection, error) {
		return m.pieces(s, "", utf8.RuneCountInString(s))
	}),
	"split": onString(1, func(m *machine, s string, args []string) (Collection, error) {
		return m.pieces(s, args[0], strings.Count(s, args[0])+1)
	}),
	"join":      valued(0, 1, join),
	"substring": valued(1, 2, substring),
}

// onString makes a function on one string whose arguments are strings. Where one
// of them is nothing, so is the result.
func onString(args int, f func(m *machine, s string, args []string) (Collection, error)) function {
	return valued(args, args, func(m *machine, in Collection, given []Collection) (Collection, error) {
		s, ok, err := stringOf(in)
		if err != nil {
			return nil, err
		}
		var few [2]string
		for k, c := range given {
			text, have, err := stringOf(c)
			if err != nil {
				return nil, err
			}
			few[k] = text
			ok = ok && have
		}
		if !ok {
			return nil, nil
		}
		if err := m.step(len(s) >> 6); err != nil {
			return nil, err
		}
		return f(m, s, few[:len(given)])
	})
}

// string returns a new string.
func (m *machine) string(s string) (Collection, error) {
	if err := m.text(len(s)); err != nil {
		return nil, err
	}
	return m.single(String(s))
}

// index32 returns a place given in bytes.
func (m *machine) index32(s string, at int) (Collection, error) {
	if at > 0 {
		at = utf8.RuneCountInString(s[:at])
	}
	return m.single(Integer(int32(at)))
}

// pieces splits s into n strings or fewer.
func (m *machine) pieces(s, at string, n int) (Collection, error) {
	if err := m.step(n); err != nil {
		return nil, err
	}
	out, err := m.list(n)
	if err != nil {
		return nil, err
	}
	for piece := range strings.SplitSeq(s, at) {
		out = append(out, String(piece))
	}
	return out, nil
}

func join(m *machine, in Collection, args []Collection) (Collection, error) {
	between := ""
	if len(args) > 0 {
		var err error
		if between, _, err = stringOf(args[0]); err != nil {
			return nil, err
		}
	}
	var b strings.Builder
	first := true
	for k := range in {
		s, ok, err := stringOf(in[k : k+1])
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if !first {
			s = between + s
		}
		first = false
		if err := m.text(len(s)); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	if first {
		return nil, nil
	}
	return m.single(String(b.String()))
}

// substring(start, length): nothing when start is outside of the string.
func substring(m *machine, in Collection, args []Collection) (Collection, error) {
	s, ok, err := stringOf(in)
	if err != nil || !ok {
		return nil, err
	}
	start, ok, err := integerOf(args[0])
	if err != nil || !ok {
		return nil, err
	}
	length := len(s)
	if len(args) > 1 {
		n, ok, err := integerOf(args[1])
		if err != nil {
			return nil, err
		}
		if ok {
			length = n
		}
	}
	if err := m.step(len(s) >> 6); err != nil {
		return nil, err
	}
	from, ok := byteOffset(s, start)
	if !ok || from == len(s) {
		return nil, nil
	}
	to, ok := byteOffset(s[from:], max(length, 0))
	if !ok {
		to = len(s) - from
	}
	return m.single(String(s[from : from+to]))
}

// byteOffset returns where character n of s begins; ok is false beyond the end.
func byteOffset(s string, n int) (at int, ok bool) {
	if n < 0 {
		return 0, false
	}
	for at = range s {
		if n == 0 {
			return at, true
		}
		n--
	}
	return len(s), n == 0
}
