package mapping

import (
	"fmt"
	"strconv"
	"strings"
)

// A target is a target path as a table writes it, before it is resolved.
type target struct {
	multi, multiTo int  // leading [n] or [n-m]: which of several values
	this, value    bool // $this, $value
	steps          []targetStep
}

type targetStep struct {
	name   string
	slot   int    // [2]; 0 none
	slotTo int    // [1-6]
	all    bool   // [all]
	here   bool   // [*], [each], [2*]: the repetition goes here
	create string // (Res...): the resource behind a Reference
	index  int    // (Res[2]): its number among the values of the map
	into   []targetStep
}

// parseTarget reads a target path: FORMAT section 4 of the guide's tables.
func parseTarget(s string) (target, error) {
	p := &targetParser{s: s}
	var t target
	if strings.HasPrefix(s, "[") {
		ix, err := p.brackets()
		if err != nil {
			return t, err
		}
		if ix.all || ix.here || ix.slot == 0 {
			return t, fmt.Errorf("%q: a number is wanted in the leading brackets", s)
		}
		if t.multi, t.multiTo = ix.slot, max(ix.slot, ix.slotTo); t.multiTo > maxMulti {
			return t, fmt.Errorf("%q: at most %d values", s, maxMulti)
		}
		if !p.take('.') {
			return t, fmt.Errorf("%q: a dot is wanted after the leading brackets", s)
		}
	}
	switch p.rest() {
	case "$this":
		t.this = true
		return t, nil
	case "$value":
		t.value = true
		return t, nil
	}
	var err error
	if t.steps, err = p.path(); err != nil {
		return t, err
	}
	if p.rest() != "" {
		return t, fmt.Errorf("%q: %q is not expected", s, p.rest())
	}
	return t, nil
}

type targetParser struct {
	s string
	i int
}

func (p *targetParser) rest() string { return p.s[p.i:] }

func (p *targetParser) take(c byte) bool {
	if p.i < len(p.s) && p.s[p.i] == c {
		p.i++
		return true
	}
	return false
}

func (p *targetParser) path() ([]targetStep, error) {
	var steps []targetStep
	for {
		st, err := p.step()
		if err != nil {
			return nil, err
		}
		steps = append(steps, st)
		if !p.take('.') {
			return steps, nil
		}
	}
}

func (p *targetParser) step() (targetStep, error) {
	st := targetStep{name: p.word()}
	if st.name == "" {
		return st, fmt.Errorf("%q: an element name is wanted at position %d", p.s, p.i+1)
	}
	if p.i < len(p.s) && p.s[p.i] == '[' {
		ix, err := p.brackets()
		if err != nil {
			return st, err
		}
		st.slot, st.slotTo, st.all, st.here = ix.slot, ix.slotTo, ix.all, ix.here
	}
	if !p.take('(') {
		return st, nil
	}
	st.create = p.word()
	if st.create == "" {
		return st, fmt.Errorf("%q: a resource name is wanted at position %d", p.s, p.i+1)
	}
	if p.i < len(p.s) && p.s[p.i] == '[' {
		ix, err := p.brackets()
		if err != nil {
			return st, err
		}
		st.index = ix.slot
	}
	if p.take('.') {
		var err error
		if st.into, err = p.path(); err != nil {
			return st, err
		}
	}
	if !p.take(')') {
		return st, fmt.Errorf("%q: a parenthesis is not closed", p.s)
	}
	return st, nil
}

func (p *targetParser) word() string {
	start := p.i
	for p.i < len(p.s) {
		c := p.s[p.i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || p.i > start && c >= '0' && c <= '9') {
			break
		}
		p.i++
	}
	return p.s[start:p.i]
}

// brackets reads [2], [2*], [*], [each], [all] or [1-6].
func (p *targetParser) brackets() (ix targetStep, err error) {
	text, _, ok := strings.Cut(p.s[p.i+1:], "]")
	if !ok {
		return ix, fmt.Errorf("%q: a bracket is not closed", p.s)
	}
	p.i += len(text) + 2
	switch text {
	case "*", "each":
		ix.here = true
		return ix, nil
	case "all":
		ix.all = true
		return ix, nil
	}
	number, here := strings.CutSuffix(text, "*")
	from, to, span := strings.Cut(number, "-")
	ix.here = here
	ix.slot, err = slotNumber(from)
	if err == nil && span {
		ix.slotTo, err = slotNumber(to)
		if err == nil && (ix.slotTo < ix.slot || here) {
			err = strconv.ErrRange
		}
	}
	if err != nil {
		return ix, fmt.Errorf("%q: [%s] is not an index", p.s, text)
	}
	return ix, nil
}

func slotNumber(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err == nil && (n < 1 || n > 99) {
		err = strconv.ErrRange
	}
	return n, err
}
