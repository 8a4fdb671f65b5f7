package reverse

import (
	"fmt"
	"slices"
	"strings"
)

// A cond is one condition of a row or of a path. All of a list have to hold.
type cond struct {
	op     condOp
	path   *path
	values []string // any of them
	slot   string   // the resource that a reference has to lead to
	vocab  *inverse
	not    bool // of condEvent and condSince
}

type condOp uint8

const (
	condExists  condOp = iota
	condAbsent         // !path
	condEqual          // path=a|b
	condUnequal        // path!=a|b
	condIn             // path~Vocabulary: a code of v2 in that table
	condSlot           // path=$Slot
	condEvent          // $event=ADT^A03
	condSince          // $version>=2.7
)

// parseWhen reads conditions joined by " and ".
func parseWhen(text string, sc *scope) ([]cond, error) {
	if text == "" {
		return nil, nil
	}
	var out []cond
	for part := range strings.SplitSeq(text, " and ") {
		c, err := parseCond(strings.TrimSpace(part), sc)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func parseCond(text string, sc *scope) (cond, error) {
	plain, not := strings.CutPrefix(text, "!")
	if v, ok := strings.CutPrefix(plain, "$event="); ok {
		return cond{op: condEvent, not: not, values: strings.Split(v, "|")}, nil
	}
	if v, ok := strings.CutPrefix(plain, "$version>="); ok {
		return cond{op: condSince, not: not, values: []string{v}}, nil
	}
	c := cond{}
	left, right, op := cutTop(text)
	switch op {
	case "":
		if rest, ok := strings.CutPrefix(left, "!"); ok {
			c.op, left = condAbsent, rest
		}
	case "~":
		c.op = condIn
		if c.vocab = sc.prog.vocabularies[right]; c.vocab == nil {
			return c, fmt.Errorf("there is no vocabulary %s", right)
		}
	case "!=":
		c.op = condUnequal
	default:
		c.op = condEqual
		if slot, ok := strings.CutPrefix(right, "$"); ok {
			c.op, c.slot = condSlot, slot
			if _, ok := sc.slot(slot); !ok {
				return c, fmt.Errorf("%s: $%s is no slot here", text, slot)
			}
		}
	}
	c.values = strings.Split(right, "|")
	var err error
	c.path, err = parsePath(strings.TrimSpace(left), sc)
	return c, err
}

// cutTop cuts at the operator that is in no bracket.
func cutTop(s string) (left, right, op string) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '[', '(':
			depth++
		case ']', ')':
			depth--
		case '=', '~':
			if depth == 0 {
				if s[i] == '=' && i > 0 && s[i-1] == '!' {
					return s[:i-1], s[i+1:], "!="
				}
				return s[:i], s[i+1:], s[i : i+1]
			}
		}
	}
	return s, "", ""
}

// holds reports whether conditions hold at an element, and what it took to see it.
func (e *env) holds(conds []cond, n node) (via []key, ok bool) {
	for i := range conds {
		more, ok := e.hold(&conds[i], n)
		if !ok {
			return nil, false
		}
		via = append(via, more...)
	}
	return via, true
}

func (e *env) hold(c *cond, n node) (via []key, ok bool) {
	switch c.op {
	case condEvent:
		return nil, slices.Contains(c.values, e.to.Event) != c.not
	case condSince:
		return nil, e.since(c.values[0]) != c.not
	}
	found, equal := false, false
	e.walk(c.path, n, func(m node) bool {
		found = true
		switch c.op {
		case condSlot:
			slot, bound := e.frame.slot(c.slot)
			equal = bound && e.resolve(m) == slot.root && slot.root != nil
		case condEqual, condUnequal:
			equal = slices.Contains(c.values, m.text())
		case condIn:
			equal = c.vocab.has(m.text())
		default:
			return false
		}
		if equal {
			via = append(via, m.via...)
			if c.op == condSlot {
				via = append(via, key{m.mark, referenceField(), 0})
			} else {
				via = append(via, m.key())
			}
		}
		return !equal
	})
	switch c.op {
	case condExists:
		return nil, found
	case condAbsent:
		return nil, !found
	case condUnequal:
		return nil, !equal
	}
	return via, equal
}

// since reports whether the version of the message is one or newer.
func (e *env) since(version string) bool { return compareVersions(e.to.Version, version) >= 0 }

func compareVersions(a, b string) int {
	return slices.Compare(strings.Split(a, "."), strings.Split(b, "."))
}
