package fhirpath

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// CompileFor is like [Compile] and checks the expression against the model: that
// the elements exist that it names, that functions and operators get types they
// take, and single items where they take no more (N1, "Type safety and strict
// evaluation"). on is the type of the input; nil checks nothing.
//
// It refuses expressions that may work on some data, such as name.family + 'x'
// on a Patient, who may have several names. What the language leaves open is an
// error, too: valueQuantity for value, and first() on what has no order. Only the
// extensions of one URL are taken for one, which they mostly are.
func CompileFor(expr string, on *r4.Type) (*Expression, error) {
	e, err := Compile(expr)
	if err != nil || on == nil {
		return e, err
	}
	c := checker{input: ofTypes(on)}
	if _, err := c.infer(e.tree, c.input); err != nil {
		return nil, locate(expr, err)
	}
	return e, nil
}

// checker finds the shape of each part of an expression.
type checker struct {
	input shape
	steps int // taken
}

// maxChecks bounds the work of a check: the argument of repeat is looked at more
// than once.
const maxChecks = 20000

// infer returns the shape of t where this is the shape of $this.
func (c *checker) infer(t *tree, this shape) (shape, error) {
	if c.steps++; c.steps > maxChecks {
		return shape{}, t.at.fail("an expression too complex to be checked")
	}
	switch t.op {
	case opNothing:
		return shape{}, nil
	case opBoolean, opString, opNumber, opMoment, opQuantity:
		i, err := literal(t)
		return ofKind(i.kind), err
	case opThis:
		return this, nil
	case opCounter:
		return ofKind(kindInteger), nil
	case opTotal:
		return anything, nil
	case opVariable:
		return c.variable(t), nil
	case opMember:
		return c.member(t, this)
	case opCall:
		return c.call(t, this)
	}
	left, err := c.infer(t.kids[0], this)
	if err != nil {
		return shape{}, err
	}
	switch t.op {
	case opSign:
		return left, c.need(t.at, left, "n")
	case opIs:
		return ofKind(kindBoolean), c.need(t.at, left, "o")
	case opAs:
		return narrowed(left, t.name), nil
	}
	right, err := c.infer(t.kids[1], this)
	if err != nil {
		return shape{}, err
	}
	if t.op == opIndex {
		if err := c.need(t.at, right, "i"); err != nil {
			return shape{}, err
		}
		return left.single(), c.ordered(t.at, left)
	}
	return c.infix(t, left, right)
}

func (c *checker) variable(t *tree) shape {
	switch {
	case strings.HasPrefix(t.name, "vs-"), strings.HasPrefix(t.name, "ext-"), constants[t.name] != "":
		return ofKind(kindString)
	case t.name == "context":
		return c.input
	case t.name == "resource" && c.input.fhir[0].Kind == r4.KindResource:
		return c.input
	}
	return anything
}

// member resolves a name: where a path begins first as a type, which then must be
// that of the context, then as an element.
func (c *checker) member(t *tree, this shape) (shape, error) {
	if t.kids[0] == nil {
		if typ := r4.TypeByName(t.name); typ != nil && typ.Kind != r4.KindPrimitive && typ.Kind != r4.KindBackbone {
			return c.typeName(t, typ, this)
		}
	} else {
		var err error
		if this, err = c.infer(t.kids[0], this); err != nil {
			return shape{}, err
		}
	}
	s, ok, err := this.child(t.name)
	if err != nil {
		return shape{}, t.at.place(err)
	}
	if !ok {
		return shape{}, t.at.fail("no element " + t.name + " in " + this.names())
	}
	return s, nil
}

func (c *checker) typeName(t *tree, typ *r4.Type, this shape) (shape, error) {
	if this.any || this.nothing() {
		return shape{fhir: []*r4.Type{typ}, many: this.many}, nil
	}
	for _, have := range this.fhir {
		if isA(have, typ.Name) {
			return this, nil
		}
		if isA(typ, have.Name) {
			return shape{fhir: []*r4.Type{typ}, many: this.many}, nil
		}
	}
	return shape{}, t.at.fail("the type " + t.name + " where the context is " + this.names())
}

// names lists the types of a shape for an error.
func (s shape) names() string {
	text := ""
	add := func(name string) {
		if text != "" {
			text += " or "
		}
		text += name
	}
	for k, t := range s.fhir {
		if k == 4 {
			add("others")
			return text
		}
		add(t.Name)
	}
	for _, k := range s.system {
		add("System." + kindNames[k])
	}
	if s.any {
		return "anything"
	}
	return text
}

// narrowed is the shape of what as and ofType give.
func narrowed(s shape, name string) shape {
	test, err := typeOf(name)
	if err != nil {
		return s
	}
	out := shape{many: s.many, unordered: s.unordered}
	if test.fhir != "" {
		out.fhir = []*r4.Type{r4.TypeByName(test.fhir)}
	} else {
		out.system = []kind{test.system}
	}
	return out
}

func (c *checker) ordered(at pos, s shape) error {
	if s.unordered {
		return at.fail("the order of children and descendants is not defined")
	}
	return nil
}

// need checks what a function or an operator demands of an operand: see the
// letters at signature.
func (c *checker) need(at pos, s shape, what string) error {
	if what == "*" {
		return nil
	}
	if s.many && what != "b" {
		return at.fail("there may be several items where one is expected")
	}
	wants := map[string][]kind{
		"s": {kindString}, "i": {kindInteger}, "b": {kindBoolean}, "c": {kindBoolean},
		"n": {kindInteger, kindDecimal, kindQuantity},
		"p": {kindInteger, kindDecimal, kindQuantity, kindDate, kindDateTime, kindTime},
	}[what]
	if wants != nil && !s.may(wants...) {
		return at.fail(s.names() + " where " + kindNames[wants[0]] + " is expected")
	}
	return nil
}
