package fhirpath

// truth is a value of three-valued logic (N1, "Boolean logic").
type truth uint8

const (
	unknown truth = iota
	isFalse
	isTrue
)

func truthIf(b bool) truth {
	if b {
		return isTrue
	}
	return isFalse
}

// The results of most functions. They are shared and never changed.
var (
	yes = Collection{Boolean(true)}
	no  = Collection{Boolean(false)}
)

func (t truth) collection() Collection {
	switch t {
	case isTrue:
		return yes
	case isFalse:
		return no
	}
	return nil
}

func (t truth) not() truth {
	switch t {
	case isTrue:
		return isFalse
	case isFalse:
		return isTrue
	}
	return unknown
}

func boolean(b bool) Collection {
	if b {
		return yes
	}
	return no
}

const severalItems = problem("several items where one is expected")

// truthOf evaluates a collection where a Boolean is expected: any single item
// that is no Boolean counts as true (N1, "Singleton Evaluation of Collections").
func truthOf(c Collection) (truth, error) {
	switch len(c) {
	case 0:
		return unknown, nil
	case 1:
		switch i := &c[0]; {
		case i.kind == kindBoolean:
			return truthIf(i.num != 0), nil
		case i.kind == kindPrimitive && systemKindOf(i.typ) == kindBoolean:
			if i.text == "" {
				return unknown, nil
			}
			return truthIf(i.text == "true"), nil
		}
		return isTrue, nil
	}
	return unknown, severalItems
}

// logical compiles and, or, xor and implies. What the right side says is not
// asked when the left side decides.
func logical(at pos, name string, left, right eval) eval {
	join := joins[name]
	return func(m *machine, this Collection) (Collection, error) {
		a, err := truthBy(m, at, left, this)
		if err != nil {
			return nil, err
		}
		if name == "and" && a == isFalse || name == "implies" && a == isFalse || name == "or" && a == isTrue {
			return join(a, unknown).collection(), nil
		}
		b, err := truthBy(m, at, right, this)
		if err != nil {
			return nil, err
		}
		return join(a, b).collection(), nil
	}
}

// truthBy evaluates a condition and forgets the collections it made.
func truthBy(m *machine, at pos, by eval, this Collection) (truth, error) {
	before := m.mark()
	c, err := by(m, this)
	if err != nil {
		return unknown, err
	}
	t, err := truthOf(c)
	m.release(before)
	if err != nil {
		return unknown, at.place(err)
	}
	return t, nil
}

var joins = map[string]func(a, b truth) truth{
	"and": func(a, b truth) truth {
		switch {
		case a == isFalse || b == isFalse:
			return isFalse
		case a == isTrue && b == isTrue:
			return isTrue
		}
		return unknown
	},
	"or": or,
	"xor": func(a, b truth) truth {
		if a == unknown || b == unknown {
			return unknown
		}
		return truthIf(a != b)
	},
	"implies": func(a, b truth) truth { return or(a.not(), b) },
}

func or(a, b truth) truth {
	switch {
	case a == isTrue || b == isTrue:
		return isTrue
	case a == isFalse && b == isFalse:
		return isFalse
	}
	return unknown
}
