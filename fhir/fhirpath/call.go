package fhirpath

// function is a function of the language.
type function struct {
	least, most int // arguments
	build       func(t *tree, args []eval) (apply, error)
	keys        bool // a minus before an argument is no sign but turns an order around
}

// apply runs a function on in. this is $this where the function stands, which
// arguments refer to that are not evaluated for each item.
type apply func(m *machine, this, in Collection) (Collection, error)

// tables hold all functions.
var tables = []map[string]function{
	existenceFunctions, filterFunctions, subsetFunctions, combineFunctions, typeFunctions, treeFunctions,
	stringFunctions, regexpFunctions, encodeFunctions, mathFunctions,
	convertFunctions, utilityFunctions, boundaryFunctions, fhirFunctions,
}

func functionByName(name string) (function, bool) {
	for _, some := range tables {
		if f, ok := some[name]; ok {
			return f, true
		}
	}
	return function{}, false
}

// compileCall compiles a function with what it applies to.
func compileCall(t *tree) (eval, error) {
	f, ok := functionByName(t.name)
	if !ok {
		return nil, t.at.fail("a function that does not exist")
	}
	if n := len(t.kids) - 1; n < f.least || n > f.most {
		return nil, t.at.fail("a wrong number of arguments")
	}
	var left eval
	var err error
	if t.kids[0] != nil {
		if left, err = compile(t.kids[0]); err != nil {
			return nil, err
		}
	}
	args := make([]eval, len(t.kids)-1)
	for k := range args {
		arg := t.kids[k+1]
		if f.keys && isDown(arg) {
			arg = arg.kids[0]
		}
		if args[k], err = compile(arg); err != nil {
			return nil, err
		}
	}
	run, err := f.build(t, args)
	if err != nil {
		return nil, t.at.place(err)
	}
	at := t.at
	return func(m *machine, this Collection) (Collection, error) {
		in := this
		if left != nil {
			var err error
			if in, err = left(m, this); err != nil {
				return nil, err
			}
		}
		if err := m.step(1); err != nil {
			return nil, at.place(err)
		}
		c, err := run(m, this, in)
		if err != nil {
			return nil, at.place(err)
		}
		return c, nil
	}, nil
}

// isDown says whether a criterion of sort has a minus before it.
func isDown(t *tree) bool { return t.op == opSign && t.name == "-" }

// plain makes a function without arguments.
func plain(f func(m *machine, in Collection) (Collection, error)) function {
	return function{build: func(*tree, []eval) (apply, error) {
		return func(m *machine, _, in Collection) (Collection, error) { return f(m, in) }, nil
	}}
}

// valued makes a function whose arguments are evaluated once, before it runs.
func valued(least, most int, f func(m *machine, in Collection, args []Collection) (Collection, error)) function {
	return function{least: least, most: most, build: func(_ *tree, args []eval) (apply, error) {
		return func(m *machine, this, in Collection) (Collection, error) {
			var few [3]Collection
			values := few[:0]
			for _, arg := range args {
				v, err := arg(m, this)
				if err != nil {
					return nil, err
				}
				values = append(values, v)
			}
			return f(m, in, values)
		}, nil
	}}
}

// each makes a function with one argument that is evaluated for each item of the
// input, which then is $this, and its number $index.
func each(least int, f func(m *machine, in Collection, by eval) (Collection, error)) function {
	return function{least: least, most: 1, build: func(_ *tree, args []eval) (apply, error) {
		var by eval
		if len(args) > 0 {
			by = args[0]
		}
		return func(m *machine, _, in Collection) (Collection, error) {
			index := m.index
			c, err := f(m, in, by)
			m.index = index
			return c, err
		}, nil
	}}
}

// holds says what a condition says of item k of in.
func (m *machine) holds(by eval, in Collection, k int) (truth, error) {
	m.index = k
	before := m.mark()
	c, err := by(m, in[k:k+1])
	if err != nil {
		return unknown, err
	}
	t, err := truthOf(c)
	m.release(before)
	if err != nil {
		return unknown, err
	}
	return t, m.step(1)
}
