package hl7

// Difference is one place where two messages differ. It names the places; what
// stands there is got from Old and New, so that a list of differences can be shown where
// patient data cannot.
type Difference struct {
	Kind DiffKind // what happened there
	// From is the place in the first message and To in the second. The one where
	// nothing stands is the zero Path. They are different places when segments or
	// repetitions have moved.
	From, To Path

	from, to Value
}

// DiffKind says how a place differs.
type DiffKind uint8

// The kinds of differences.
const (
	DiffChanged DiffKind = iota + 1 // something stands in both messages, and it is not the same
	DiffAdded                       // something stands in the second only
	DiffRemoved                     // something stands in the first only
)

// String returns "changed", "added" or "removed".
func (k DiffKind) String() string {
	return [...]string{"none", "changed", "added", "removed"}[min(k, DiffRemoved)]
}

// At returns the place to name: in the second message, or in the first when nothing
// stands in the second.
func (d Difference) At() Path {
	if d.Kind == DiffRemoved {
		return d.From
	}
	return d.To
}

// Old returns what stands in the first message, New in the second.
func (d Difference) Old() Value { return d.from }

// New returns what stands in the second message.
func (d Difference) New() Value { return d.to }

// String returns the place and the kind, without data.
func (d Difference) String() string { return d.At().String() + " " + d.Kind.String() }

// Diff compares two messages and returns where they differ, in the order of the
// segments; nothing when they say the same. It compares texts: segment ends, trailing
// delimiters, other delimiters and other ways to escape a text are no
// differences, but for MSH-1 and MSH-2 themselves. Null and absent are not the same.
//
// Segments are matched by name and by how much they share, repetitions of a field by
// being the same, so one more result or identifier is one difference and not many.
// Of what is not in the other message at all the whole is one difference.
//
// Differences at or below a place in ignore are left out: MSH-7 and MSH-10 differ
// between any two messages. A path without an occurrence or repetition stands for all.
func Diff(a, b *Message, ignore ...Path) []Difference {
	d := differ{ignore: ignore}
	as, bs := keysOf(a), keysOf(b)
	for _, pair := range align(as, bs) {
		x, y := pair[0], pair[1]
		switch {
		case x < 0:
			d.add(DiffAdded, Path{}, bs[y].path, Value{}, b.At(bs[y].path))
		case y < 0:
			d.add(DiffRemoved, as[x].path, Path{}, a.At(as[x].path), Value{})
		case as[x].all != bs[y].all:
			d.segments(a.Segment(x), b.Segment(y), as[x].path, bs[y].path)
		}
	}
	return d.found
}

type differ struct {
	ignore []Path
	found  []Difference
}

func (d *differ) add(kind DiffKind, from, to Path, x, y Value) {
	for _, p := range d.ignore {
		if p.covers(from, x) || p.covers(to, y) {
			return
		}
	}
	d.found = append(d.found, Difference{kind, from, to, x, y})
}

// covers reports whether a place is p or a part of it. Where the place does not say a
// number because there is only one, it is 1.
func (p Path) covers(q Path, v Value) bool {
	if q.Field > 0 {
		q.Rep, q.Component, q.Sub = orOne(q.Rep, v.Reps()), orOne(q.Component, v.Components()), orOne(q.Sub, v.Subs())
	}
	same := func(p, q int) bool { return p == 0 || p == q }
	return p.Segment == q.Segment && same(p.Occurrence, q.Occurrence) && same(p.Field, q.Field) &&
		same(p.Rep, q.Rep) && same(p.Component, q.Component) && same(p.Sub, q.Sub)
}

func orOne(n, count int) int {
	if n == 0 && count <= 1 {
		return 1
	}
	return n
}

func (d *differ) segments(a, b Segment, from, to Path) {
	if torn(a) != torn(b) {
		d.add(DiffChanged, from, to, a.m.At(from), b.m.At(to))
	}
	for n := 1; n <= max(a.Len(), b.Len()); n++ {
		from.Field, to.Field = n, n
		d.fields(a.Field(n), b.Field(n), from, to)
	}
}

// torn returns what a line break put between the name of a segment and its first
// separator.
func torn(s Segment) string {
	raw := s.Raw()
	if i := nth(raw, s.m.delim.Field, 1); i >= 0 {
		raw = raw[:i]
	}
	return string(raw[3:])
}

func (d *differ) fields(x, y Value, from, to Path) {
	if x.Reps() <= 1 && y.Reps() <= 1 || x.Empty() || y.Empty() {
		d.values(x, y, from, to, levelComponent)
		return
	}
	for _, pair := range alignReps(x, y) {
		from.Rep, to.Rep = pair[0], pair[1]
		var a, b Value
		if from.Rep > 0 {
			a = x.Rep(from.Rep)
		}
		if to.Rep > 0 {
			b = y.Rep(to.Rep)
		}
		d.values(a, b, from, to, levelComponent)
	}
}

// values compares two values, of which the parts are of a level.
func (d *differ) values(x, y Value, from, to Path, lv level) {
	switch {
	case x.Empty() && y.Empty():
		return
	case x.Empty():
		d.add(DiffAdded, Path{}, to, Value{}, y)
		return
	case y.Empty():
		d.add(DiffRemoved, from, Path{}, x, Value{})
		return
	case x.Null() && y.Null():
		return
	}
	if lv > levelSubcomponent || x.Null() || y.Null() || x.level() == levelLiteral {
		if x.Null() != y.Null() || x.Text() != y.Text() {
			d.add(DiffChanged, from, to, x, y)
		}
		return
	}
	parts := max(x.count(lv), y.count(lv))
	if parts == 1 {
		d.values(x.part(1, lv), y.part(1, lv), from, to, lv+1)
		return
	}
	for n := 1; n <= parts; n++ {
		if lv == levelComponent {
			from.Component, to.Component = n, n
		} else {
			from.Component, to.Component = max(from.Component, 1), max(to.Component, 1)
			from.Sub, to.Sub = n, n
		}
		d.values(x.part(n, lv), y.part(n, lv), from, to, lv+1)
	}
}
