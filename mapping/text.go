package mapping

import "strings"

// got is the text that a row gives, and what of the message it was made of.
type got struct {
	text   string
	sent   string // a time of which text does not have all
	places [4]place
	n      int
	row    *rowName // the innermost row that gave it
	app    *app     // in which it ran
}

func (g *got) use(p place) {
	if g.n < len(g.places) {
		g.places[g.n] = p
		g.n++
	}
}

// textOf computes the text of a row for one value into c.got, converted to the
// type of its target if it has one.
func (c *conv) textOf(r *row, v val, e *env) bool {
	g := &c.got
	*g = got{row: &r.rowName, app: e.app}
	switch r.kind {
	case rowLiteral:
		g.text = r.text
		return true
	case rowExpr:
		if !c.join(g, r, e) {
			return false
		}
	case rowFn:
		c.call = call{c: c, e: e, r: r, v: v, g: g}
		if !r.fn.text(&c.call) {
			return false
		}
	case rowAs:
		if !c.evaluate(r.table, v, e, r) {
			return false
		}
	case rowCode: // in a map that gives a primitive
		return c.codeText(r, v, e)
	default:
		if !v.v.Valued() {
			return false
		}
		g.text = v.v.String()
		g.use(v.leaf())
	}
	if r.leaf == nil {
		return strings.TrimSpace(g.text) != ""
	}
	out, problem := c.convert(r.info, g.text)
	if problem != "" {
		c.note(v.at, problem)
	}
	if problem == noteNoZone || problem == noteHour || problem == noteInstant {
		g.sent = strings.TrimSpace(g.text)
	}
	g.text = out
	return out != "" || g.sent != ""
}

// join makes the text of an expression. What stands only between a value and
// one that is not there, such as the last ^ of ADT^A01^, is left out.
func (c *conv) join(g *got, r *row, e *env) bool {
	text := make([]byte, 0, 64)
	end := 0 // of what counts
	for i := range r.expr {
		p := &r.expr[i]
		if !p.ref {
			text = append(text, p.text...)
			if i == len(r.expr)-1 {
				end = len(text)
			}
			continue
		}
		if v := p.from.first(e); v.v.Valued() {
			text = append(text, v.v.String()...)
			g.use(v.leaf())
			end = len(text)
		}
	}
	g.text = strings.Join(strings.Fields(string(text[:end])), " ")
	return g.n > 0
}

// evaluate runs a map that gives a primitive: the first row with a value wins.
func (c *conv) evaluate(t *table, v val, e *env, outer *row) bool {
	inner := c.enter()
	defer c.leave()
	inner.seg, inner.group, inner.dt, inner.res = e.seg, e.group, v, e.res
	inner.app = c.newApp(e.app, &outer.rowName)
	for _, r := range t.rows {
		part := v
		if !r.bare {
			part = inner.part(r.src.comp, r.src.sub)
		}
		if (part.v.Valued() || r.absent) && (r.when == nil || r.when(inner)) && c.textOf(r, part, inner) {
			return true
		}
	}
	return false
}
