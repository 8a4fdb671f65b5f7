package fhirpath

// union is |: the items of both sides, each once (N1, "Union").
func union(m *machine, a, b Collection) (Collection, error) {
	all, err := m.list(len(a) + len(b))
	if err != nil {
		return nil, err
	}
	return distinct(m, append(append(all, a...), b...))
}

// distinct keeps of equal items the first. It may use the memory of c.
func distinct(m *machine, c Collection) (Collection, error) {
	if len(c) < 2 {
		return c, nil
	}
	s := newSet(len(c))
	out := c[:0]
	for k := range c {
		i := c[k]
		seen, err := s.has(m, out, &i)
		if err != nil {
			return nil, err
		}
		if !seen {
			out = append(out, i)
			s.add(&i)
		}
	}
	return out, nil
}

// contains says whether an item of c equals i.
func contains(m *machine, c Collection, i *Item) (bool, error) {
	for k := range c {
		t, err := equalItems(m, &c[k], i)
		if err != nil {
			return false, err
		}
		if t == isTrue {
			return true, nil
		}
	}
	return false, nil
}

// set finds strings of a large collection again without comparing each to each.
type set struct {
	strings map[string]bool
	others  bool // items that are no strings are in the collection
}

const smallSet = 16

func newSet(size int) *set {
	if size <= smallSet {
		return &set{others: true}
	}
	return &set{strings: make(map[string]bool, size)}
}

func (s *set) add(i *Item) {
	if s.strings == nil {
		return
	}
	if text, ok := i.str(); ok {
		s.strings[text] = true
	} else {
		s.others = true
	}
}

// has says whether c, whose items all were added, has one equal to i.
func (s *set) has(m *machine, c Collection, i *Item) (bool, error) {
	if s.strings != nil {
		if text, ok := i.str(); ok {
			return s.strings[text], m.step(1 + len(text)>>6)
		}
		if !s.others {
			return false, m.step(1)
		}
	}
	return contains(m, c, i)
}

// isIn is in: whether the item on the left equals one of those on the right.
func isIn(m *machine, a, b Collection) (Collection, error) {
	if len(a) > 1 {
		return nil, severalItems
	}
	if len(a) == 0 {
		return nil, nil
	}
	found, err := contains(m, b, &a[0])
	return boolean(found), err
}

// stringOf returns the one string of c; ok is false when there is nothing.
func stringOf(c Collection) (s string, ok bool, err error) {
	switch {
	case len(c) == 0:
		return "", false, nil
	case len(c) > 1:
		return "", false, severalItems
	}
	if s, ok = c[0].str(); ok {
		return s, true, nil
	}
	if c[0].kind == kindPrimitive && c[0].text == "" {
		return "", false, nil
	}
	return "", false, problem("something else where a string is expected")
}

// integerOf returns the one Integer of c; ok is false when there is nothing.
func integerOf(c Collection) (n int, ok bool, err error) {
	switch {
	case len(c) == 0:
		return 0, false, nil
	case len(c) > 1:
		return 0, false, severalItems
	}
	i, ok := c[0].toSystem()
	if !ok && c[0].kind == kindPrimitive {
		return 0, false, nil
	}
	if i.kind != kindInteger {
		return 0, false, problem("something else where an integer is expected")
	}
	return int(i.num), true, nil
}
