package fhirpath

import "strings"

// String writes the expression anew: without comments, with one space around
// operators and with parentheses only where they are needed. Compiled again it
// is the same expression.
func (e *Expression) String() string {
	var b strings.Builder
	e.tree.print(&b)
	return b.String()
}

func (t *tree) print(b *strings.Builder) {
	switch t.op {
	case opNothing:
		b.WriteString("{}")
	case opBoolean, opNumber, opThis, opCounter, opTotal:
		b.WriteString(t.name)
	case opString:
		quote(b, t.name, '\'')
	case opMoment:
		b.WriteString("@" + t.name)
	case opQuantity:
		t.kids[0].print(b)
		b.WriteByte(' ')
		if t.bare {
			b.WriteString(t.name)
		} else {
			quote(b, t.name, '\'')
		}
	case opVariable:
		b.WriteByte('%')
		printName(b, t.name)
	case opMember, opCall, opIndex:
		t.printStep(b)
	case opSign:
		b.WriteString(t.name)
		t.kids[0].printIn(b, strengthOfSign)
	case opIs, opAs:
		t.kids[0].printIn(b, t.strength())
		b.WriteString(map[op]string{opIs: " is ", opAs: " as "}[t.op])
		first, rest, qualified := strings.Cut(t.name, ".")
		printName(b, first)
		if qualified {
			b.WriteByte('.')
			printName(b, rest)
		}
	case opInfix:
		t.kids[0].printIn(b, t.strength())
		b.WriteString(" " + t.name + " ")
		t.kids[1].printIn(b, t.strength()+1)
	}
}

// printStep writes what follows a dot, or a bracket, with what is before it.
func (t *tree) printStep(b *strings.Builder) {
	if of := t.kids[0]; of != nil {
		of.printIn(b, strengthOfSign+1)
		if t.op != opIndex {
			b.WriteByte('.')
		}
	}
	if t.op == opIndex {
		b.WriteByte('[')
		t.kids[1].print(b)
		b.WriteByte(']')
		return
	}
	printName(b, t.name)
	if t.op == opMember {
		return
	}
	b.WriteByte('(')
	for k, arg := range t.kids[1:] {
		if k > 0 {
			b.WriteString(", ")
		}
		arg.print(b)
	}
	b.WriteByte(')')
}

// printIn writes t as an operand of what binds with a strength.
func (t *tree) printIn(b *strings.Builder, strength int) {
	if t.strength() >= strength {
		t.print(b)
		return
	}
	b.WriteByte('(')
	t.print(b)
	b.WriteByte(')')
}

// strength is how close the operator of t binds.
func (t *tree) strength() int {
	switch t.op {
	case opInfix:
		return strength[t.name]
	case opIs, opAs:
		return strength["is"]
	case opSign:
		return strengthOfSign
	}
	return strengthOfSign + 1
}

// printName writes a name, with back ticks where it needs them.
func printName(b *strings.Builder, name string) {
	if name != "" && isLetter(name[0]) && span(name, isNamePart) == len(name) && !keywords[name] {
		b.WriteString(name)
		return
	}
	quote(b, name, '`')
}
