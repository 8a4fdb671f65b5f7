package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// rowCompiler compiles the rows of one table.
type rowCompiler struct {
	*compiler
	table *table
	paths resolver
}

// row compiles one row; nil for the url of an extension, which its other rows carry.
func (c *rowCompiler) row(raw *rawRow) (*row, error) {
	r := &row{rowName: rowName{id: c.table.name + "#" + raw.ID}, weak: raw.Weak, fallback: raw.Fallback}
	if err := c.source(r, raw); err != nil {
		return nil, err
	}
	if err := c.condition(r, raw); err != nil {
		return nil, err
	}
	if raw.Stop != "" {
		r.kind, r.stop = rowStop, raw.Stop
		return r, nil
	}
	if err := onlyOne(raw); err != nil {
		return nil, err
	}
	t, err := parseTarget(raw.To)
	if err != nil {
		return nil, err
	}
	if t.multi > 0 && c.table.seg != "" {
		return nil, fmt.Errorf("%q: leading brackets are for data type maps", raw.To)
	}
	r.multi, r.multiTo = t.multi, t.multiTo
	if t.value != (c.table.typ == nil) && !(t.this && c.table.typ == nil) {
		return nil, fmt.Errorf("a map that gives a primitive writes to $value, and only such a map does")
	}
	if isURLRow(t) && raw.hasValue {
		if r4.TypeByName("uri").Check(raw.Value) != nil {
			return nil, fmt.Errorf("value: not a uri")
		}
		c.paths.declare(flatten(t.steps), r.src, raw.Value, r)
		r.kind = rowLiteral
		return nil, nil
	}
	if !t.this && !t.value {
		if r.steps, r.leaf, err = c.paths.resolve(t, r.src); err != nil {
			return nil, err
		}
	} else if t.this {
		r.leaf = c.table.typ
	}
	r.climb = len(r.steps)
	r.once = !slices.ContainsFunc(r.steps, func(s step) bool { return s.here })
	if err := c.action(r, raw, t); err != nil {
		return nil, err
	}
	r.tree, r.late = r.isTree(), r.lateRow()
	if r.leaf != nil {
		r.info = c.prog.info(r.leaf)
	}
	return r, nil
}

// source reads from.
func (c *rowCompiler) source(r *row, raw *rawRow) error {
	if raw.From == "" {
		return fmt.Errorf("the row has no from")
	}
	src, err := parseRef(raw.From, c.table.seg != "")
	if err != nil {
		return err
	}
	r.src = src
	if c.table.seg == "" {
		if src.seg != "" { // OBX-6 in a data type map
			r.from = scoped(src, "", 0)
			return nil
		}
		r.bare = src.comp == 0
		r.from = access{src, accessPart}
		return nil
	}
	if src.seg == "" {
		return fmt.Errorf("from of a segment map is a field, such as %s-3", c.table.seg)
	}
	r.bare = src.field == 0
	if r.bare && src.seg != c.table.seg {
		return fmt.Errorf("from names another segment as a whole")
	}
	r.from = access{src, accessField}
	if src.seg != c.table.seg {
		r.from.kind = accessOther
	}
	return nil
}

func (c *rowCompiler) condition(r *row, raw *rawRow) error {
	if raw.When == "" {
		return nil
	}
	parsed, err := parseWhen(raw.When, c.table.seg != "")
	if err != nil {
		return fmt.Errorf("when: %w", err)
	}
	own := 0
	if r.src.seg == c.table.seg {
		own = r.src.field
	}
	r.when = compileCond(parsed, c.table.seg, own)
	r.guard = guardOf(parsed, c.table.seg, own)
	r.marks = marksOf(parsed, c.table.seg, own)
	r.absent = !r.bare && saysAbsent(parsed, r.src)
	return nil
}

func onlyOne(raw *rawRow) error {
	given := 0
	for _, is := range []bool{raw.As != "", raw.hasValue, raw.Expr != "", raw.Fn != "", raw.Ref != "", raw.Clear} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return fmt.Errorf("only one of as, value, expr, fn, ref and clear may be given")
	case raw.To == "":
		return fmt.Errorf("the row has no to")
	case raw.Code != "" && given == 1 && raw.As == "":
		return fmt.Errorf("code goes alone or with as")
	}
	return nil
}

// action says what the row does.
func (c *rowCompiler) action(r *row, raw *rawRow, t target) (err error) {
	if raw.Code != "" {
		if r.vocab = c.vocabs[raw.Code]; r.vocab == nil {
			return fmt.Errorf("there is no vocabulary %s", raw.Code)
		}
	}
	switch {
	case raw.Clear:
		r.kind, r.text = rowClear, elementPath(r.steps)
		return nil
	case raw.As != "":
		return c.as(r, raw, t)
	case raw.Code != "":
		r.kind = rowCode
		return c.coded(r)
	case raw.hasValue:
		r.kind, r.text = rowLiteral, raw.Value
		r.weak = r.weak || r.bare && c.table.seg != ""
		return c.literal(r)
	case raw.Expr != "":
		r.kind = rowExpr
		r.expr, err = c.expression(r, raw.Expr)
		return errors.Join(err, c.primitive(r))
	case raw.Fn != "":
		r.kind = rowFn
		return c.function(r, raw.Fn)
	case raw.Ref != "":
		r.kind = rowRef
		if r.slot, err = parseSlotRef(raw.Ref); err != nil {
			return err
		}
		if r.leaf == nil || r.leaf.Name != "Reference" {
			return fmt.Errorf("ref: the target is no Reference")
		}
		return nil
	}
	r.kind = rowCopy
	if last := t.last(); last.index > 0 && c.table.typ != nil && last.create == c.table.typ.Name {
		r.kind, r.link = rowLink, last.index
		r.steps[len(r.steps)-1].create = nil
		return nil
	}
	return c.primitive(r)
}

// last is the last step of the path, also inside parentheses.
func (t target) last() targetStep {
	var st targetStep
	for steps := t.steps; len(steps) > 0; steps = st.into {
		st = steps[len(steps)-1]
	}
	return st
}

// primitive checks that the target can take a text.
func (c *rowCompiler) primitive(r *row) error {
	if r.leaf == nil || r.leaf.Kind == r4.KindPrimitive {
		return nil
	}
	return fmt.Errorf("the target is a %s: give as, code or fn", r.leaf.Name)
}

func (c *rowCompiler) literal(r *row) error {
	if err := c.primitive(r); err != nil || r.leaf == nil {
		return err
	}
	if err := r.leaf.Check(r.text); err != nil {
		return fmt.Errorf("value: not a %s", r.leaf.Name)
	}
	return nil
}

// coded checks that the target can take a code.
func (c *rowCompiler) coded(r *row) error {
	if r.leaf == nil || r.leaf.Kind == r4.KindPrimitive || r.leaf.Name == "CodeableConcept" || r.leaf.Name == "Coding" {
		return nil
	}
	return fmt.Errorf("code: the target is a %s", r.leaf.Name)
}

func (c *rowCompiler) expression(r *row, s string) ([]exprPart, error) {
	var parts []exprPart
	refs := 0
	for _, word := range splitExpr(s) {
		if len(word) >= 2 && word[0] == '"' && word[len(word)-1] == '"' {
			parts = append(parts, exprPart{text: word[1 : len(word)-1]})
			continue
		}
		p, err := parseRef(word, false)
		if err != nil {
			return nil, fmt.Errorf("expr: %w", err)
		}
		own := 0
		if r.src.seg == c.table.seg {
			own = r.src.field
		}
		parts = append(parts, exprPart{from: scoped(p, c.table.seg, own), ref: true})
		refs++
	}
	if refs == 0 {
		return nil, fmt.Errorf("expr: there is no reference in it; use value")
	}
	return parts, nil
}

func (c *rowCompiler) function(r *row, name string) error {
	r.fn = functions[name]
	if r.fn == nil {
		return fmt.Errorf("there is no function %s", name)
	}
	r.whole = r.fn.whole
	if r.fn.text != nil {
		return c.primitive(r)
	}
	if r.fn.target != "" && (r.leaf == nil || !fits(r4.TypeByName(r.fn.target), r.leaf)) {
		return fmt.Errorf("fn: %s writes a %s", name, r.fn.target)
	}
	return nil
}

// as decides where the map of a row is applied.
func (c *rowCompiler) as(r *row, raw *rawRow, t target) error {
	r.kind = rowAs
	m, err := c.lookupMap(raw.As)
	if err != nil {
		return err
	}
	r.triple = hasTriplets(raw.As)
	target, err := c.mapTarget(m)
	if err != nil {
		return err
	}
	if target == nil { // the map gives a primitive
		r.mode, r.table = asText, c.compiler.table(m, nil)
		return c.primitive(r)
	}
	if r.vocab != nil {
		if err := c.coded(r); err != nil {
			return err
		}
		if r.leaf != nil && r.leaf.Kind == r4.KindPrimitive {
			return fmt.Errorf("the target is a %s: the map %s does not fit", r.leaf.Name, m.Map)
		}
	}
	if t.this && target.Kind == r4.KindResource && target != c.table.typ {
		r.mode, r.table = asFree, c.compiler.table(m, target)
		return nil
	}
	if n := len(r.steps); n > 0 && r.steps[n-1].create == nil && r.leaf.Name == "Reference" && target.Kind == r4.KindResource {
		r.steps[n-1].create = target
		r.leaf = target
	}
	for k := len(r.steps); k >= 0; k-- {
		typ := c.table.typ
		if k > 0 {
			typ = r.steps[k-1].typ
			if r.steps[k-1].create != nil {
				typ = r.steps[k-1].create
			}
		}
		if typ != nil && fits(target, typ) {
			r.climb, r.table = k, c.compiler.table(m, typ)
			if k > 0 && k == len(r.steps) && r.steps[k-1].create != nil {
				r.mode = asResource
			}
			return nil
		}
	}
	return fmt.Errorf("the map %s is for a %s, which is neither at the target nor around it", m.Map, target.Name)
}

// hasTriplets reports whether the values of a data type map have codes with
// text and system, as CWE has, and not just one code.
func hasTriplets(name string) bool {
	switch typ, _, _ := strings.Cut(name, "["); typ {
	case "CWE", "CE", "CNE", "CF":
		return true
	}
	return false
}
