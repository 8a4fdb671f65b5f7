package fhirpath

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// signature is what a function takes and gives, by letters.
//
// Operands: * any collection, o one item, s one string, i one integer, n one
// number or quantity, p one value that has a precision, c one condition, b
// Booleans.
//
// Arguments in capitals are evaluated for each item of the input: O a projection,
// C a condition.
//
// Results: B Boolean, I Integer, D Decimal, S String, Q Quantity, d Date,
// T DateTime, t Time, or one of several; + behind them for many; = the input, 1 an
// item of it, ? anything.
type signature struct{ in, args, out string }

var signatures = map[string]signature{
	"empty": {"*", "", "B"}, "not": {"o", "", "B"}, "exists": {"*", "C", "B"}, "all": {"*", "C", "B"},
	"allTrue": {"b", "", "B"}, "anyTrue": {"b", "", "B"}, "allFalse": {"b", "", "B"}, "anyFalse": {"b", "", "B"},
	"subsetOf": {"*", "*", "B"}, "supersetOf": {"*", "*", "B"}, "count": {"*", "", "I"},
	"distinct": {"*", "", "="}, "isDistinct": {"*", "", "B"},
	"where": {"*", "C", "="}, "single": {"*", "", "1"}, "first": {"*", "", "1"}, "last": {"*", "", "1"},
	"tail": {"*", "", "="}, "skip": {"*", "i", "="}, "take": {"*", "i", "="},
	"intersect": {"*", "*", "="}, "exclude": {"*", "*", "="},
	"type": {"*", "", "?"}, "children": {"*", "", "?"}, "descendants": {"*", "", "?"},
	"length": {"s", "", "I"}, "upper": {"s", "", "S"}, "lower": {"s", "", "S"}, "trim": {"s", "", "S"},
	"startsWith": {"s", "s", "B"}, "endsWith": {"s", "s", "B"}, "contains": {"s", "s", "B"},
	"indexOf": {"s", "s", "I"}, "lastIndexOf": {"s", "s", "I"}, "replace": {"s", "ss", "S"},
	"matches": {"s", "s", "B"}, "matchesFull": {"s", "s", "B"}, "replaceMatches": {"s", "ss", "S"},
	"toChars": {"s", "", "S+"}, "split": {"s", "s", "S+"}, "join": {"*", "s", "S"}, "substring": {"s", "ii", "S"},
	"encode": {"s", "s", "S"}, "decode": {"s", "s", "S"}, "escape": {"s", "s", "S"}, "unescape": {"s", "s", "S"},
	"abs": {"n", "", "="}, "ceiling": {"n", "", "I"}, "floor": {"n", "", "I"}, "truncate": {"n", "", "I"},
	"exp": {"n", "", "D"}, "ln": {"n", "", "D"}, "sqrt": {"n", "", "D"}, "log": {"n", "n", "D"},
	"power": {"n", "n", "ID"}, "round": {"n", "i", "D"},
	"toBoolean": {"o", "", "B"}, "toInteger": {"o", "", "I"}, "toDecimal": {"o", "", "D"}, "toString": {"o", "", "S"},
	"toDate": {"o", "", "d"}, "toDateTime": {"o", "", "T"}, "toTime": {"o", "", "t"}, "toQuantity": {"o", "s", "Q"},
	"convertsToBoolean": {"o", "", "B"}, "convertsToInteger": {"o", "", "B"}, "convertsToDecimal": {"o", "", "B"},
	"convertsToString": {"o", "", "B"}, "convertsToDate": {"o", "", "B"}, "convertsToDateTime": {"o", "", "B"},
	"convertsToTime": {"o", "", "B"}, "convertsToQuantity": {"o", "s", "B"},
	"trace": {"*", "sO", "="}, "now": {"*", "", "T"}, "today": {"*", "", "d"}, "timeOfDay": {"*", "", "t"},
	"sort":        {"*", "OOOOOOOO", "="},
	"lowBoundary": {"p", "i", "="}, "highBoundary": {"p", "i", "="}, "precision": {"p", "", "I"}, "comparable": {"n", "n", "B"},
	"hasValue": {"*", "", "B"}, "htmlChecks": {"*", "", "B"}, "memberOf": {"o", "s", "B"},
	"subsumes": {"o", "o", "B"}, "subsumedBy": {"o", "o", "B"}, "conformsTo": {"o", "s", "B"},
	"slice": {"*", "ss", "="}, "checkModifiers": {"*", "****************", "="},
}

var results = map[byte]kind{
	'B': kindBoolean, 'I': kindInteger, 'D': kindDecimal, 'S': kindString, 'Q': kindQuantity,
	'd': kindDate, 'T': kindDateTime, 't': kindTime,
}

// call checks a function and gives the shape of its result.
func (c *checker) call(t *tree, this shape) (shape, error) {
	in := this
	if t.kids[0] != nil {
		var err error
		if in, err = c.infer(t.kids[0], this); err != nil {
			return shape{}, err
		}
	}
	args := t.kids[1:]
	sig, ok := signatures[t.name]
	if !ok {
		return c.special(t, args, this, in)
	}
	if err := c.need(t.at, in, sig.in); err != nil {
		return shape{}, err
	}
	for k, arg := range args {
		if k == len(sig.args) {
			return shape{}, t.at.fail("a wrong number of arguments")
		}
		if err := c.argument(t, arg, sig.args[k], this, in); err != nil {
			return shape{}, err
		}
	}
	switch t.name {
	case "first", "last", "tail", "skip", "take":
		if err := c.ordered(t.at, in); err != nil {
			return shape{}, err
		}
	case "sort":
		in.unordered = false
	case "children", "descendants":
		return shape{any: true, many: true, unordered: true}, nil
	case "type":
		return ofKind(kindTypeInfo).repeated(in.many), nil
	case "lowBoundary", "highBoundary":
		return ofKind(in.kinds()...).or(ofKind(kindDecimal)).orAny(in), nil
	}
	switch sig.out {
	case "=":
		return in, nil
	case "1":
		return in.single(), nil
	}
	var out shape
	for _, letter := range []byte(strings.TrimSuffix(sig.out, "+")) {
		out = out.or(ofKind(results[letter]))
	}
	return out.repeated(strings.HasSuffix(sig.out, "+")), nil
}

// orAny is s, or anything if so is o.
func (s shape) orAny(o shape) shape {
	s.any = o.any
	return s
}

func (c *checker) argument(t, arg *tree, what byte, this, in shape) error {
	switch what {
	case 'O', 'C':
		if isDown(arg) && t.name == "sort" {
			arg = arg.kids[0]
		}
		s, err := c.infer(arg, in.single())
		if err == nil && what == 'C' {
			err = c.need(arg.at, s, "o")
		}
		return err
	}
	s, err := c.infer(arg, this)
	if err != nil {
		return err
	}
	return c.need(arg.at, s, string(what))
}

// special gives the shapes of functions that depend on their arguments.
func (c *checker) special(t *tree, args []*tree, this, in shape) (shape, error) {
	switch t.name {
	case "select":
		s, err := c.infer(args[0], in.single())
		s.unordered = s.unordered || in.unordered
		return s.repeated(in.many), err
	case "repeat":
		s, err := c.infer(args[0], in.single())
		if err != nil {
			return shape{}, err
		}
		next, err := c.infer(args[0], s.single())
		if err != nil {
			next = anything
		}
		return s.or(next).repeated(true), nil
	case "aggregate":
		for k, arg := range args {
			of := in.single()
			if k == 1 {
				of = this
			}
			if _, err := c.infer(arg, of); err != nil {
				return shape{}, err
			}
		}
		return anything, nil
	case "union", "combine":
		other, err := c.infer(args[0], this)
		u := in.or(other)
		u.many = u.many || !in.nothing() && !other.nothing()
		return u, err
	case "is":
		return ofKind(kindBoolean), c.need(t.at, in, "o")
	case "as", "ofType":
		name, _ := specifier(args[0])
		return narrowed(in, name), nil
	case "iif":
		return c.iif(t, args, in)
	case "extension":
		s, err := c.infer(args[0], this)
		if err == nil {
			err = c.need(args[0].at, s, "s")
		}
		return shape{fhir: []*r4.Type{r4.TypeByName("Extension")}, many: in.many, unordered: in.unordered}, err
	case "resolve":
		return shape{any: true, many: in.many, unordered: in.unordered}, nil
	case "getValue":
		return ofKind(in.kinds()...).orAny(in), c.need(t.at, in, "o")
	case "elementDefinition":
		return shape{fhir: []*r4.Type{r4.TypeByName("ElementDefinition")}, many: in.many}, nil
	}
	return shape{any: true, many: true}, nil
}

// iif checks the branches that may be taken.
func (c *checker) iif(t *tree, args []*tree, in shape) (shape, error) {
	if err := c.need(t.at, in, "o"); err != nil {
		return shape{}, err
	}
	s, err := c.infer(args[0], in)
	if err == nil {
		err = c.need(args[0].at, s, "c")
	}
	if err != nil {
		return shape{}, err
	}
	var out shape
	for k, arg := range args[1:] {
		never := "false"
		if k == 1 {
			never = "true"
		}
		if args[0].op == opBoolean && args[0].name == never {
			continue
		}
		s, err := c.infer(arg, in)
		if err != nil {
			return shape{}, err
		}
		out = out.or(s)
	}
	return out, nil
}
