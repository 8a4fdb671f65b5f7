package validate

import (
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// A constraint is an invariant, shared by all elements that have it.
type constraint struct {
	key, human   string
	expression   string
	warning      bool
	bestPractice bool
	native       func(r *run, n *node) bool    // answers in place of the expression
	where        func(r *run, n *node) []*node // where to report it, if not where it is asked

	once     sync.Once
	compiled *fhirpath.Expression
	err      error
}

type constraintKey struct {
	key, expression, severity string
}

const bestPracticeExtension = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice"

// constraint returns the constraint that d defines, nil when there is nothing
// to evaluate: no expression, always true, or checked by the base pass already.
func (v *Validator) constraint(s *schema, d *r4.ElementDefinitionConstraint) *constraint {
	if d.Expression == "" || s.derived && inherited(d) {
		return nil
	}
	key := constraintKey{key: d.Key, expression: d.Expression, severity: d.Severity}
	if have, ok := v.constraints.Load(key); ok {
		return have.(*constraint)
	}
	c := &constraint{key: d.Key, human: d.Human, expression: d.Expression, warning: d.Severity == "warning"}
	for _, x := range d.Extension {
		if x.URL == bestPracticeExtension {
			c.bestPractice = true
		}
	}
	if official, ok := natives[d.Key]; ok && official.expression == d.Expression {
		if official.holds == nil {
			return nil
		}
		c.native, c.where = official.holds, official.where
	}
	have, _ := v.constraints.LoadOrStore(key, c)
	return have.(*constraint)
}

// inherited says whether a profile has the constraint from the type it
// constrains, or from a datatype.
func inherited(d *r4.ElementDefinitionConstraint) bool {
	if n, ok := natives[d.Key]; ok && n.expression == d.Expression {
		return true
	}
	name, ok := strings.CutPrefix(d.Source, "http://hl7.org/fhir/StructureDefinition/")
	return ok && r4.TypeByName(name) != nil
}

// expr compiles the expression when it is first needed. An invariant holds where
// it is true; nothing at all is not true.
func (c *constraint) expr() (*fhirpath.Expression, error) {
	c.once.Do(func() {
		text := c.expression
		if right, ok := corrected[c.key]; ok && right.wrong == text {
			text = right.right
		}
		c.compiled, c.err = fhirpath.Compile("iif(" + text + ", true, false)")
	})
	return c.compiled, c.err
}

// invariants evaluates constraints on n.
func (r *run) invariants(n *node, list []*constraint) {
	for _, c := range list {
		if n.typ != nil && n.typ.Kind == r4.KindPrimitive && n.text == "" && n.elem == nil {
			return
		}
		holds := true
		if c.native != nil {
			holds = c.native(r, n)
		} else {
			expr, err := c.expr()
			if err == nil {
				holds, err = expr.True(r.envFor(n.scope), r.item(n))
			}
			if err != nil {
				r.unevaluated(n, c, err)
				continue
			}
		}
		if !holds {
			severity := failed
			if c.warning || c.bestPractice {
				severity = warning
			}
			at := []*node{n}
			if c.where != nil {
				at = c.where(r, n)
			}
			for _, n := range at {
				r.report(n, severity, "invariant", c.key+": "+c.human)
			}
		}
	}
}

// unevaluated reports a constraint that cannot be evaluated, once.
func (r *run) unevaluated(n *node, c *constraint, err error) {
	if r.muted || r.gaveUp[c] {
		return
	}
	if r.gaveUp == nil {
		r.gaveUp = map[*constraint]bool{}
	}
	r.gaveUp[c] = true
	r.warn(n, "processing", c.key+": the invariant cannot be evaluated: "+plainError(err))
}

// plainError is the problem of a FHIRPath error, which holds no data.
func plainError(err error) string {
	if fhirpath.IsLimit(err) {
		return "it takes too much work"
	}
	return err.Error()
}

// item is n as FHIRPath sees it.
func (r *run) item(n *node) any {
	if n.field == nil {
		return n.value
	}
	return fhirpath.Element(n.in, n.field, n.index)
}

// envFor gives the surroundings of expressions about a resource.
func (r *run) envFor(s *scope) *fhirpath.Env {
	if s.env != nil {
		return s.env
	}
	s.env = &fhirpath.Env{
		Resource:     s.resource,
		RootResource: s.root().resource,
		Now:          r.v.o.Now,
		Resolve:      func(ref string) (r4.Resource, bool) { return r.resolve(s, ref) },
		MemberOf:     r.memberOf,
		ConformsTo:   r.conformsTo(s),
		MaxSteps:     1_000_000,
	}
	return s.env
}

func (r *run) conformsTo(s *scope) func(fhirpath.Item, string) (bool, error) {
	return func(i fhirpath.Item, profile string) (bool, error) {
		n := &node{typ: i.Type(), value: i.Value(), text: i.Text(), scope: s, up: s.node}
		n.in, n.field, n.index, _ = i.Place()
		if n.typ == nil {
			return false, &Error{Definition: profile, Problem: "asked of no element"}
		}
		if n.field == nil {
			n.up = nil
		}
		answer := r.try(n, profile)
		if answer == unknownProfile {
			return false, &Error{Definition: profile, Problem: "not known"}
		}
		return answer == conforms, nil
	}
}

// pathHolds says whether a FHIRPath context of an extension has n among what it
// selects. What cannot be evaluated is taken to hold.
func (r *run) pathHolds(n *node, expression string) bool {
	e, err := fhirpath.Compile(expression)
	if err != nil {
		return true
	}
	c, err := e.Evaluate(r.envFor(n.scope), n.scope.resource)
	if err != nil {
		return true
	}
	for _, i := range c {
		if parent, f, index, ok := i.Place(); ok && parent == n.in && f == n.field && index == n.index || n.value != nil && i.Value() == n.value {
			return true
		}
	}
	return false
}
