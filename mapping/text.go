package mapping

import "strings"

// got is the text that a row gives, and what of the message it was made of.
type got struct {
	text   string
	places [4]place
	n      int
	row    *row // the innermost row that gave it
	app    *app // in which it ran
}

func (g *got) use(p place) {
	if g.n < len(g.places) {
		g.places[g.n] = p
		g.n++
	}
}

// textOf computes the text of a row for one value, converted to the type of its
// target if it has one.
func (c *conv) textOf(r *row, v val, e *env) (got, bool) {
	g := got{row: r, app: e.app}
	switch r.kind {
	case rowLiteral:
		g.text = r.text
		return g, true
	case rowExpr:
		if !c.join(&g, r, e) {
			return g, false
		}
	case rowFn:
		f := &call{c: c, e: e, r: r, v: v, g: &g}
		if !r.fn.text(f) {
			return g, false
		}
	case rowAs:
		inner, ok := c.evaluate(r.table, v, e, r)
		if !ok {
			return g, false
		}
		g = inner
	default:
		if !v.v.Valued() {
			return g, false
		}
		g.text = v.v.String()
		g.use(v.leaf())
	}
	if r.leaf == nil {
		return g, strings.TrimSpace(g.text) != ""
	}
	out, problem := c.convert(r.leaf, g.text)
	if problem != "" {
		c.note(v.at, problem)
	}
	g.text = out
	return g, out != ""
}

// join makes the text of an expression.
func (c *conv) join(g *got, r *row, e *env) bool {
	var b strings.Builder
	for _, p := range r.expr {
		if !p.ref {
			b.WriteString(p.text)
			continue
		}
		if v := p.from.first(e); v.v.Valued() {
			b.WriteString(v.v.String())
			g.use(v.leaf())
		}
	}
	g.text = strings.Join(strings.Fields(b.String()), " ")
	return g.n > 0
}

// evaluate runs a map that gives a primitive: the first row with a value wins.
func (c *conv) evaluate(t *table, v val, e *env, outer *row) (got, bool) {
	inner := &env{c: c, seg: e.seg, group: e.group, dt: v, res: e.res}
	inner.app = &app{up: e.app, row: outer}
	for _, r := range t.rows {
		part := v
		if !r.bare {
			part = v.part(r.src.comp, r.src.sub)
		}
		if !part.v.Valued() && !r.absent || r.when != nil && !r.when(inner) {
			continue
		}
		if r.kind == rowCode {
			if g, ok := c.codeText(r, part, inner); ok {
				return g, true
			}
			continue
		}
		if g, ok := c.textOf(r, part, inner); ok {
			return g, true
		}
	}
	return got{}, false
}
