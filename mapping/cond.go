package mapping

import (
	"slices"
	"strings"

	"github.com/ponshealth/pons/hl7"
)

// An env is what conditions and rows see.
type env struct {
	c     *conv
	seg   int // index of the segment that the table is about
	group *group
	cur   val   // segment tables: the current repetition of the row's field
	dt    val   // data type tables: the current value
	parts []val // its components, when they have been found
	from  int   // where they stand in memory.parts
	app   *app  // the running application
	res   *resource
	site  site // where the map is applied
	near  near // what was looked for last
}

// near is the segment of a name that is nearest to that of an env.
type near struct {
	name string
	seg  int
}

// part returns a part of the current value of a data type table.
func (e *env) part(comp, sub int) val {
	if comp < 1 || e.dt.at.comp() > 0 {
		return e.dt.part(comp, sub)
	}
	if e.parts == nil {
		e.split()
	}
	v := val{at: e.dt.at | place(comp&0xff)<<8}
	if comp <= len(e.parts) {
		v = e.parts[comp-1]
	}
	if sub > 0 {
		return v.part(sub, 0)
	}
	return v
}

// split finds the components of the current value.
func (e *env) split() {
	first := len(e.c.mem.parts)
	e.from = first
	for n, v := range e.dt.v.EachComponent() {
		e.c.mem.parts = append(e.c.mem.parts, val{v, e.dt.at | place(n&0xff)<<8})
	}
	e.parts = e.c.mem.parts[first:len(e.c.mem.parts):len(e.c.mem.parts)]
	if e.parts == nil {
		e.parts = []val{}
	}
}

type cond func(*env) bool

// An access reads a reference: parts of the current value, or a field of a
// segment with all its repetitions.
type access struct {
	ref  ref
	kind accessKind
}

type accessKind uint8

const (
	accessNone  accessKind = iota
	accessPart             // of the current value of a data type table
	accessOwn              // of the current repetition of the row's own field
	accessField            // of a field of the table's own segment
	accessOther            // of a field of another segment
	accessSegment
)

// scoped says how a reference is to be read in a table about segment seg ("" of
// a data type table) in a row from field own (0 none).
func scoped(r ref, seg string, own int) access {
	switch {
	case r.seg == "" && seg == "":
		return access{r, accessPart}
	case r.seg == "":
		return access{r, accessOwn}
	case r.field == 0:
		return access{r, accessSegment}
	case r.seg == seg && r.field == own:
		return access{r, accessOwn}
	case r.seg == seg:
		return access{r, accessField}
	}
	return access{r, accessOther}
}

// segment finds the segment of the reference, -1 if there is none.
func (a *access) segment(e *env) int {
	if a.ref.seg == e.c.segs[e.seg].name {
		return e.seg
	}
	if e.group == nil {
		return -1
	}
	if e.near.name != a.ref.seg {
		e.near = near{a.ref.seg, e.group.nearest(e.c.segs, a.ref.seg, e.seg)}
	}
	return e.near.seg
}

// field returns the whole field, for references that are one, and how many
// repetitions it has; -1 when there is no such segment.
func (a *access) field(e *env) (val, int) {
	i := e.seg
	if a.kind != accessField {
		if i = a.segment(e); i < 0 {
			return val{}, -1
		}
	}
	s := &e.c.segs[i]
	return val{s.field(a.ref.field), placeOf(i, a.ref.field, 0, 0, 0)}, s.reps(a.ref.field)
}

// any reports whether a value of the reference fulfils is: of a field any of
// its repetitions, else the current value.
func (a *access) any(e *env, is func(val) bool) bool {
	switch a.kind {
	case accessPart:
		return is(e.part(a.ref.comp, a.ref.sub))
	case accessOwn:
		return is(e.cur.part(a.ref.comp, a.ref.sub))
	case accessSegment:
		return false
	}
	f, reps := a.field(e)
	if reps == 1 && a.ref.rep <= 1 {
		return is(f.only().part(a.ref.comp, a.ref.sub))
	}
	for n := 1; n <= reps; n++ {
		if (a.ref.rep == 0 || n == a.ref.rep) && is(f.rep(n).part(a.ref.comp, a.ref.sub)) {
			return true
		}
	}
	return false
}

// first returns the current value, or of a field its first valued repetition.
func (a *access) first(e *env) val {
	var found val
	a.any(e, func(v val) bool {
		found = v
		return v.v.Valued()
	})
	return found
}

func valued(v val) bool { return v.v.Valued() }

// compileCond makes a closure of a condition.
func compileCond(c condition, seg string, own int) cond {
	a := scoped(c.ref, seg, own)
	switch c.op {
	case opAnd, opOr:
		args := make([]cond, len(c.args))
		for i := range c.args {
			args[i] = compileCond(c.args[i], seg, own)
		}
		return func(e *env) bool {
			for _, arg := range args {
				if arg(e) != (c.op == opAnd) {
					return c.op == opOr
				}
			}
			return c.op == opAnd
		}
	case opNot:
		arg := compileCond(c.args[0], seg, own)
		return func(e *env) bool { return !arg(e) }
	case opValued:
		if a.kind == accessSegment {
			return func(e *env) bool { return a.segment(e) >= 0 }
		}
		return func(e *env) bool { return a.any(e, valued) }
	case opEqual, opIn:
		is := func(v val) bool { return oneOf(v.v, c.text) }
		return func(e *env) bool { return a.any(e, is) }
	case opEqualRef:
		b := scoped(c.same, seg, own)
		return func(e *env) bool {
			x, y := a.first(e), b.first(e)
			return x.v.Valued() && x.v.String() == y.v.String()
		}
	case opCount:
		return func(e *env) bool { return compare(a.count(e), c.cmp, c.n) }
	case opLength:
		return func(e *env) bool {
			return compare(len([]rune(a.first(e).v.String())), c.cmp, c.n)
		}
	case opRegistered:
		whole := c.ref.typ == "EI" && c.ref.comp == 0
		return func(e *env) bool {
			v := a.first(e)
			n := namespaceOf(v, 1)
			if whole {
				n = namespaceOf(v, 2)
			}
			_, known := n.uri(e.c.m.opt.Namespaces, "")
			return known
		}
	case opCompared:
		return func(e *env) bool {
			_, _, ok := comparedText(a.first(e).v.String())
			return ok
		}
	default: // opNumeric
		return func(e *env) bool {
			_, ok := decimalText(a.first(e).v.String())
			return ok
		}
	}
}

// oneOf reports whether a value is one of some texts. Most are plain words, which
// are compared as they stand.
func oneOf(v hl7.Value, texts []string) bool {
	raw := v.Raw()
	if !plainWord(raw) {
		return v.Valued() && slices.Contains(texts, v.String())
	}
	for _, t := range texts {
		if string(raw) == t {
			return true
		}
	}
	return false
}

// count returns the number of valued repetitions, or of segments.
func (a *access) count(e *env) int {
	if a.kind == accessSegment {
		if e.group == nil {
			return 0
		}
		return e.group.count(e.c.segs, a.ref.seg)
	}
	if a.kind == accessOwn { // the whole field, not the current repetition
		i := e.seg
		whole := e.c.segs[i].field(e.cur.at.field())
		return repsValued(val{whole, 0}, a.ref)
	}
	if a.kind == accessPart {
		if e.dt.part(a.ref.comp, a.ref.sub).v.Valued() {
			return 1
		}
		return 0
	}
	whole, _ := a.field(e)
	return repsValued(whole, a.ref)
}

func repsValued(f val, r ref) int {
	n := 0
	for i := 1; i <= f.v.Reps(); i++ {
		if f.rep(i).part(r.comp, r.sub).v.Valued() {
			n++
		}
	}
	return n
}

func compare(a int, cmp string, b int) bool {
	switch cmp {
	case "=":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	}
	return a >= b
}

// splitExpr cuts an expression at its plus signs: "+" + XTN.5.
func splitExpr(s string) []string {
	var parts []string
	quoted := false
	start := 0
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '+' && !quoted:
			parts = append(parts, strings.TrimSpace(s[start:i]))
			start = i + 1
		}
	}
	return append(parts, strings.TrimSpace(s[start:]))
}
