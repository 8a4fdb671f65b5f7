package fhirpath

// Filtering, projection and aggregation (N1, "Filtering and projection",
// "Aggregates").
var filterFunctions = map[string]function{
	"where":     each(1, where),
	"select":    each(1, project),
	"repeat":    each(1, repeat),
	"aggregate": {least: 1, most: 2, build: buildAggregate},
}

func where(m *machine, in Collection, by eval) (Collection, error) {
	out, err := m.list(len(in))
	if err != nil {
		return nil, err
	}
	for k := range in {
		t, err := m.holds(by, in, k)
		if err != nil {
			return nil, err
		}
		if t == isTrue {
			out = append(out, in[k])
		}
	}
	return out, nil
}

func project(m *machine, in Collection, by eval) (Collection, error) {
	if len(in) == 1 {
		m.index = 0
		return by(m, in)
	}
	var out Collection
	for k := range in {
		m.index = k
		c, err := by(m, in[k:k+1])
		if err != nil {
			return nil, err
		}
		if out, err = m.join(out, c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// join appends c to out.
func (m *machine) join(out, c Collection) (Collection, error) {
	if err := m.step(1 + len(c)); err != nil {
		return nil, err
	}
	if cap(out)-len(out) < len(c) {
		more, err := m.list(2 * (len(out) + len(c)))
		if err != nil {
			return nil, err
		}
		out = append(more, out...)
	}
	return append(out, c...), nil
}

// repeat projects the input, then what came out of that, until nothing new does.
func repeat(m *machine, in Collection, by eval) (Collection, error) {
	var out Collection
	s := newSet(smallSet + 1)
	for len(in) > 0 {
		from := len(out)
		for k := range in {
			m.index = k
			c, err := by(m, in[k:k+1])
			if err != nil {
				return nil, err
			}
			for j := range c {
				seen, err := s.has(m, out, &c[j])
				if err != nil {
					return nil, err
				}
				if seen {
					continue
				}
				s.add(&c[j])
				if out, err = m.add(out, c[j]); err != nil {
					return nil, err
				}
			}
		}
		in = out[from:len(out):len(out)]
	}
	return out, nil
}

func buildAggregate(_ *tree, args []eval) (apply, error) {
	return func(m *machine, this, in Collection) (Collection, error) {
		outer, index := m.total, m.index
		defer func() { m.total, m.index = outer, index }()
		var total Collection
		var err error
		if len(args) > 1 {
			if total, err = args[1](m, this); err != nil {
				return nil, err
			}
		}
		for k := range in {
			m.total, m.index = total, k
			if total, err = args[0](m, in[k:k+1]); err != nil {
				return nil, err
			}
			if err = m.step(1); err != nil {
				return nil, err
			}
		}
		return total, nil
	}, nil
}
