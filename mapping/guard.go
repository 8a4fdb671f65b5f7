package mapping

// marksOf lists the references that = and in look at, outside of not.
func marksOf(c condition, seg string, own int) []access {
	var all []access
	switch c.op {
	case opAnd, opOr:
		for _, arg := range c.args {
			all = append(all, marksOf(arg, seg, own)...)
		}
	case opEqual, opIn:
		all = append(all, scoped(c.ref, seg, own))
	}
	return all
}

// saysAbsent reports whether the condition says "not valued" of r.
func saysAbsent(c condition, r ref) bool {
	for _, arg := range c.args {
		if c.op == opNot && arg.op == opValued && arg.ref.same(r) || saysAbsent(arg, r) {
			return true
		}
	}
	return false
}

// guardOf finds the guard of a condition.
func guardOf(c condition, seg string, own int) guard {
	switch c.op {
	case opAnd:
		for _, arg := range c.args {
			if g := guardOf(arg, seg, own); g.field > 0 {
				return g
			}
		}
	case opEqual, opIn:
		if a := scoped(c.ref, seg, own); a.kind == accessField && a.ref.rep == 0 && a.ref.comp == 0 {
			return guard{a.ref.field, c.text}
		}
	}
	return guard{}
}

// fails reports whether the segment of e surely has none of the texts. It looks at
// plain words alone; of all else the condition itself judges.
func (g *guard) fails(e *env) bool {
	fields := e.c.segs[e.seg].fields
	if g.field >= len(fields) || fields[g.field].reps == 0 {
		return true
	}
	if fields[g.field].reps > 1 {
		return false
	}
	raw := fields[g.field].v.Raw()
	if !plainWord(raw) {
		return false
	}
	for _, t := range g.texts {
		if string(raw) == t {
			return false
		}
	}
	return true
}

// plainWord reports whether raw is letters and digits alone, so that it stands for
// itself in every message.
func plainWord(raw []byte) bool {
	for _, c := range raw {
		if !(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z') {
			return false
		}
	}
	return len(raw) > 0
}

// runsOf cuts the rows of a segment map into pieces about one field each.
func runsOf(rows []*row) []runOfRows {
	var runs []runOfRows
	for i, r := range rows {
		field := 0
		if r.from.kind == accessField && !r.bare && !r.absent {
			field = r.src.field
		}
		if n := len(runs); n > 0 && runs[n-1].field == field {
			first := i - len(runs[n-1].rows)
			runs[n-1].rows = rows[first : i+1]
			continue
		}
		runs = append(runs, runOfRows{field, rows[i : i+1]})
	}
	return runs
}
