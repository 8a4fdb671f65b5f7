package main

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// lines collects the text to embed: one record per line, members separated by
// tabs, the first member a letter that tells the kind. A set of versions is a
// hexadecimal number.
//
//	S name set title           segment
//	F set seq name type opt max length table    field of the segment above
//	D name set title           data type
//	C set seq name type opt length table        component of the data type above
//	M name set tree            message structure
//	E event set structure      what MSH-9.1^MSH-9.2 means
//	T id kind title            table
//	K code first last deprecated display        code of the table above
//
// max is empty for one and * for no limit; length and table may be empty. A tree
// is as in "MSH SFT* PATIENT_RESULT(PID? ORDER<ORC OBR>)+": a group has its
// members in parentheses, a choice of one in angle brackets; ? is 0 or 1, * is 0
// or more, + is 1 or more.
type lines struct {
	text bytes.Buffer
	err  error
}

func (l *lines) add(members ...string) {
	for _, m := range members {
		if strings.ContainsAny(m, "\t\n") && l.err == nil {
			l.err = fmt.Errorf("a tab or line feed in %q", m)
		}
	}
	l.text.WriteString(strings.Join(members, "\t"))
	l.text.WriteByte('\n')
}

// sets counts for each distinct record the versions that have it.
type sets map[string]uint

func (s sets) add(version int, members ...string) {
	s[strings.Join(members, "\t")] |= 1 << version
}

// write puts the records out in order of their keys, of the oldest version
// first where those are the same.
func (s sets) write(l *lines, kind string, key func(string) int, form func(set, record string) []string) {
	order := slices.SortedFunc(maps.Keys(s), func(a, b string) int {
		return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(s[a]&-s[a], s[b]&-s[b]), cmp.Compare(a, b))
	})
	for _, record := range order {
		l.add(append([]string{kind}, form(strconv.FormatUint(uint64(s[record]), 16), record)...)...)
	}
}

func definitions(all []grammar) *lines {
	l := &lines{}
	l.add(append([]string{"V"}, versions...)...)
	for _, name := range names(all, func(g grammar) map[string]segment { return g.Segments }) {
		titles, fields := sets{}, sets{}
		for v, g := range all {
			if s, ok := g.Segments[name]; ok {
				titles.add(v, s.Name)
				for i, f := range s.Fields {
					l.check(f.Seq == i+1 && f.Rep == (f.MaxRep != 1), name, versions[v])
					fields.add(v, itoa(f.Seq), f.Name, f.Type, f.Opt, maxRep(f.MaxRep), length(f.Length), f.Table)
				}
			}
		}
		titles.write(l, "S", same, named(name))
		fields.write(l, "F", sequence, plain)
	}
	for _, name := range names(all, func(g grammar) map[string]dataType { return g.DataTypes }) {
		titles, components := sets{}, sets{}
		for v, g := range all {
			if d, ok := g.DataTypes[name]; ok {
				titles.add(v, d.Name)
				for i, c := range d.Components {
					l.check(c.Seq == i+1, name, versions[v])
					components.add(v, itoa(c.Seq), c.Name, c.Type, c.Opt, length(c.Length), c.Table)
				}
			}
		}
		titles.write(l, "D", same, named(name))
		components.write(l, "C", sequence, plain)
	}
	for _, name := range names(all, func(g grammar) map[string][]node { return g.Structures }) {
		trees := sets{}
		for v, g := range all {
			if t, ok := g.Structures[name]; ok {
				trees.add(v, l.tree(t))
			}
		}
		trees.write(l, "M", same, named(name))
	}
	for _, event := range names(all, func(g grammar) map[string]string { return g.Events }) {
		to := sets{}
		for v, g := range all {
			if s, ok := g.Events[event]; ok {
				_, known := g.Structures[s]
				l.check(known, event, versions[v])
				to.add(v, s)
			}
		}
		to.write(l, "E", same, named(event))
	}
	return l
}

func (l *lines) check(ok bool, name, version string) {
	if !ok && l.err == nil {
		l.err = fmt.Errorf("%s of version %s is not as the format expects", name, version)
	}
}

// tree writes a message structure.
func (l *lines) tree(nodes []node) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		part := n.Seg
		switch {
		case n.Choice:
			part = n.Group + "<" + l.tree(n.Children) + ">"
		case n.Group != "":
			part = n.Group + "(" + l.tree(n.Children) + ")"
		}
		times, ok := map[[2]int]string{{1, 1}: "", {0, 1}: "?", {0, -1}: "*", {1, -1}: "+"}[[2]int{n.Min, n.Max}]
		l.check(ok && (n.Seg == "") != (n.Group == ""), part, "some")
		parts[i] = part + times
	}
	return strings.Join(parts, " ")
}

func codes(f tableFile) *lines {
	l := &lines{}
	for _, id := range slices.Sorted(maps.Keys(f.Tables)) {
		t := f.Tables[id]
		l.add("T", id, t.Type, t.Name)
		for _, c := range t.Codes {
			display := strings.Join(strings.Fields(c.Display), " ") // some have line breaks
			l.add("K", c.Code, c.First, c.Last, c.Deprecated, display)
		}
	}
	return l
}

// names returns the names that any version has, in order.
func names[T any](all []grammar, of func(grammar) map[string]T) []string {
	set := map[string]bool{}
	for _, g := range all {
		for name := range of(g) {
			set[name] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func same(string) int { return 0 }

func sequence(record string) int {
	first, _, _ := strings.Cut(record, "\t")
	n, _ := strconv.Atoi(first)
	return n
}

func plain(set, record string) []string { return append([]string{set}, strings.Split(record, "\t")...) }

func named(name string) func(set, record string) []string {
	return func(set, record string) []string { return []string{name, set, record} }
}

func itoa(n int) string { return strconv.Itoa(n) }

func maxRep(n int) string {
	switch n {
	case 1:
		return ""
	case -1:
		return "*"
	}
	return itoa(n)
}

func length(n *int) string {
	if n == nil {
		return ""
	}
	return itoa(*n)
}
