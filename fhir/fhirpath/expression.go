package fhirpath

import (
	"time"

	"github.com/ponshealth/pons/fhir/r4"
)

// An Expression is compiled once and may be evaluated often, also by many
// goroutines at once.
type Expression struct {
	text string
	tree *tree
	run  eval
}

// Env is what an evaluation may know and do beyond its input. The zero Env and
// a nil one are fine for most expressions.
type Env struct {
	// Resource is %resource, the resource that the input stands in, and
	// RootResource is %rootResource, the one that contains that (they are the same
	// unless Resource is contained). Nil: the input itself.
	Resource, RootResource any
	// Vars are further variables: "name" is %name.
	Vars map[string]Collection
	// Now is the time that now(), today() and timeOfDay() give; zero: that of the
	// evaluation.
	Now time.Time
	// Resolve finds the target of a reference for resolve(), when it is not
	// contained and not in the same Bundle.
	Resolve func(reference string) (r4.Resource, bool)
	// MemberOf says whether a code, Coding, CodeableConcept or string is in a value
	// set. An error means that it cannot tell.
	MemberOf func(coded Item, valueSet string) (bool, error)
	// Subsumes says whether a code or concept subsumes another of its code system.
	Subsumes func(a, b Item) (bool, error)
	// ConformsTo says whether an element conforms to a profile.
	ConformsTo func(v Item, profile string) (bool, error)
	// InSlice says whether an element is in a slice of a profile.
	InSlice func(v Item, profile, slice string) (bool, error)
	// ElementDefinition finds the definition of an element.
	ElementDefinition func(v Item) (*r4.ElementDefinition, bool)
	// Trace gets what trace() names.
	Trace func(name string, c Collection)
	// Lenient lets as() and the operator as take several items, which the language
	// forbids, and then mean ofType(). Search parameters of R4 rely on that, and
	// invariants, for which Expression.True does so always.
	Lenient bool
	// MaxSteps limits the work; 0: ten million steps, a few seconds at most.
	MaxSteps int
}

// Compile reads an expression. The error is an *[Error].
func Compile(expr string) (*Expression, error) {
	t, err := parse(expr)
	if err != nil {
		return nil, locate(expr, err)
	}
	run, err := compile(t)
	if err != nil {
		return nil, locate(expr, err)
	}
	return &Expression{text: expr, tree: t, run: run}, nil
}

// MustCompile is like [Compile] for expressions that are known to be right. It
// panics when they are not.
func MustCompile(expr string) *Expression {
	e, err := Compile(expr)
	if err != nil {
		panic(err)
	}
	return e
}

// Text returns the expression as it was given.
func (e *Expression) Text() string { return e.text }

// Evaluate runs the expression on a resource, a pointer to another struct of
// package r4, or an Item. The error is or wraps an *[Error].
func (e *Expression) Evaluate(env *Env, input any) (Collection, error) {
	m, err := e.start(env, input)
	if err != nil {
		return nil, err
	}
	defer m.done()
	c, err := e.run(m, m.input)
	if err != nil {
		return nil, locate(e.text, err)
	}
	return m.result(c), nil
}

func (e *Expression) start(env *Env, input any) (*machine, error) {
	if env == nil {
		env = &noEnv
	}
	item, ok := Of(input)
	if !ok && input != nil {
		if i, isItem := input.(Item); !isItem || i.kind != kindNone {
			return nil, locate(e.text, pos(0).fail("the input is nothing of FHIR"))
		}
	}
	return start(env, item), nil
}

var noEnv Env

// True says whether an invariant holds on the input. It does unless the expression
// is false there: nothing as a result means that it cannot be told, as when a
// period from 2024 ends in 2024-05, or does not apply, and a single item that is no
// Boolean counts as true (N1, "Singleton Evaluation of Collections").
func (e *Expression) True(env *Env, input any) (bool, error) {
	m, err := e.start(env, input)
	if err != nil {
		return false, err
	}
	defer m.done()
	m.lenient = true
	c, err := e.run(m, m.input)
	if err == nil {
		var is truth
		if is, err = truthOf(c); err == nil {
			return is != isFalse, nil
		}
	}
	return false, locate(e.text, pos(0).place(err))
}
