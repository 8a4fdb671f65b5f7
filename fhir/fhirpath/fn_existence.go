package fhirpath

// Existence (N1, "Existence").
var existenceFunctions = map[string]function{
	"empty": plain(func(_ *machine, in Collection) (Collection, error) { return boolean(len(in) == 0), nil }),
	"not": plain(func(_ *machine, in Collection) (Collection, error) {
		t, err := truthOf(in)
		return t.not().collection(), err
	}),
	"exists":     each(0, exists),
	"all":        each(1, all),
	"allTrue":    allAre(isTrue, false),
	"anyTrue":    allAre(isFalse, true),
	"allFalse":   allAre(isFalse, false),
	"anyFalse":   allAre(isTrue, true),
	"subsetOf":   valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) { return subset(m, in, args[0]) }),
	"supersetOf": valued(1, 1, func(m *machine, in Collection, args []Collection) (Collection, error) { return subset(m, args[0], in) }),
	"count":      plain(func(m *machine, in Collection) (Collection, error) { return m.single(Integer(int32(len(in)))) }),
	"distinct": plain(func(m *machine, in Collection) (Collection, error) {
		c, err := m.list(len(in))
		if err != nil {
			return nil, err
		}
		return distinct(m, append(c, in...))
	}),
	"isDistinct": plain(func(m *machine, in Collection) (Collection, error) {
		before := m.mark()
		c, err := m.list(len(in))
		if err != nil {
			return nil, err
		}
		d, err := distinct(m, append(c, in...))
		m.release(before)
		return boolean(len(d) == len(in)), err
	}),
}

func exists(m *machine, in Collection, by eval) (Collection, error) {
	if by == nil {
		return boolean(len(in) > 0), nil
	}
	for k := range in {
		if t, err := m.holds(by, in, k); err != nil || t == isTrue {
			return yes, err
		}
	}
	return no, nil
}

func all(m *machine, in Collection, by eval) (Collection, error) {
	for k := range in {
		if t, err := m.holds(by, in, k); err != nil || t != isTrue {
			return no, err
		}
	}
	return yes, nil
}

// allAre makes the functions that ask Booleans: whether all are want, or, when
// any is set, whether any is not.
func allAre(want truth, any bool) function {
	return plain(func(_ *machine, in Collection) (Collection, error) {
		all := true
		for k := range in {
			if i, ok := in[k].toSystem(); !ok || i.kind != kindBoolean {
				return nil, problem("something else where Booleans are expected")
			}
			t, err := truthOf(in[k : k+1])
			if err != nil {
				return nil, err
			}
			all = all && t == want
		}
		return boolean(all != any), nil
	})
}

func subset(m *machine, part, whole Collection) (Collection, error) {
	s := newSet(len(whole))
	for k := range whole {
		s.add(&whole[k])
	}
	for k := range part {
		if found, err := s.has(m, whole, &part[k]); err != nil || !found {
			return no, err
		}
	}
	return yes, nil
}
