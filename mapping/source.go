package mapping

import (
	"fmt"
	"strconv"
	"strings"
)

// ref is a place in v2 as a table writes it: PID, PID-3, PID-3.1, PID-3.4.1 or,
// inside a data type, CX, CX.1, CX.4.1.
type ref struct {
	seg   string // segment name; "" for a part of the current value
	typ   string // of a part: the data type that the table names, which only few ask for
	field int
	rep   int // NK1-2[1]: only that repetition; 0 all
	comp  int
	sub   int
}

func (r ref) String() string {
	var b strings.Builder
	b.WriteString(r.seg)
	sep := "-"
	for _, n := range []int{r.field, r.comp, r.sub} { // a repetition is not named
		if n == 0 {
			break
		}
		fmt.Fprintf(&b, "%s%d", sep, n)
		sep = "."
	}
	return b.String()
}

// parseRef reads a reference. A dash makes it a segment's field; without one it
// is a part of the current value, unless it is a bare name and bare says that
// a bare name is a segment.
func parseRef(s string, bare bool) (ref, error) {
	name, rest, dash := strings.Cut(s, "-")
	if !dash {
		name, rest, _ = strings.Cut(s, ".")
	}
	if !isName(name) {
		return ref{}, fmt.Errorf("%q is not a reference like PID-3.1 or CX.4", s)
	}
	var n [3]int
	rep := 0
	if head, tail, ok := strings.Cut(rest, "["); ok && dash {
		number, more, closed := strings.Cut(tail, "]")
		v, err := strconv.Atoi(number)
		if err != nil || v < 1 || v > 999 || !closed {
			return ref{}, fmt.Errorf("%q is not a reference like PID-3[1].1", s)
		}
		rep, rest = v, head+more
	}
	if rest != "" {
		parts := strings.Split(rest, ".")
		if len(parts) > 3 || !dash && len(parts) > 2 {
			return ref{}, fmt.Errorf("%q goes too deep", s)
		}
		for i, p := range parts {
			v, err := strconv.Atoi(p)
			if err != nil || v < 1 || v > 999 {
				return ref{}, fmt.Errorf("%q is not a reference like PID-3.1 or CX.4", s)
			}
			n[i] = v
		}
	} else if dash || strings.HasSuffix(s, ".") {
		return ref{}, fmt.Errorf("%q is not a reference like PID-3.1 or CX.4", s)
	}
	switch {
	case dash:
		return ref{seg: name, field: n[0], rep: rep, comp: n[1], sub: n[2]}, nil
	case rest == "" && bare:
		return ref{seg: name}, nil
	}
	return ref{typ: name, comp: n[0], sub: n[1]}, nil
}

// same reports whether r and q are one place, whatever they call the data type.
func (r ref) same(q ref) bool {
	r.typ = q.typ
	return r == q
}

// isName reports whether s looks like the name of a segment or a data type.
func isName(s string) bool {
	if len(s) < 2 || len(s) > 3 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if !(c >= 'A' && c <= 'Z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return true
}
