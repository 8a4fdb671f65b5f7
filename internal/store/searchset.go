package store

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/search"
)

// fragment is a piece of SQL with its values; a "?" stands for each. Every text
// in it is a constant of this package.
type fragment struct {
	text string
	args []any
}

func (f *fragment) add(text string, args ...any) {
	f.text += text
	f.args = append(f.args, args...)
}

func (f *fragment) join(g fragment) { f.add(g.text, g.args...) }

// numbered is the text with $1, $2 for the values.
func (f *fragment) numbered() string {
	var b strings.Builder
	n := 0
	for part := range strings.SplitSeq(f.text, "?") {
		if n > 0 {
			b.WriteString("$" + strconv.Itoa(n))
		}
		b.WriteString(part)
		n++
	}
	return b.String()
}

// set is a query for the pks of all resources that can meet a criterion.
type set struct {
	fragment
	exact bool     // and of no others
	point fragment // if not empty: the same as a quick test of one resource r.pk
	one   bool     // it is one run of ix_hash, in order of pk; where says which
	where fragment
}

// setOf gives the candidates for a criterion, or false if the index cannot
// narrow them down. Exactness means the index as it is: a hash stands for the
// text.
func (s *Store) setOf(typ string, c search.Criterion) (set, bool) {
	switch {
	case c.Param == search.ParamLastUpdated:
		return s.updatedSet(typ, c)
	case c.Modifier == search.Not, c.Kind == search.Number, c.Kind == search.Quantity:
		return set{}, false
	case anyOfSystem(c):
		return set{}, false
	case c.Modifier == search.Missing && (len(c.Values) == 0 || c.Values[0].Code != "false"):
		return set{}, false
	}
	sp := s.names.id(typ + "." + c.Param)
	switch c.Kind {
	case search.Token, search.Reference, search.URI:
		return hashSet(sp, c), true
	case search.Date:
		return dateSet(sp, c), true
	default:
		return textSet(sp, c), true
	}
}

func hashSet(sp int64, c search.Criterion) set {
	where := fragment{text: ` WHERE x.sp = ?`, args: []any{sp}}
	single := false
	if c.Modifier != search.Missing {
		single = len(c.Values) == 1
		where.join(anyOf(c.Values, func(v search.Value) fragment {
			lo, hi := hashRange(c.Kind, v)
			if lo == hi {
				return fragment{`x.h = ?`, []any{lo}}
			}
			single = false
			return fragment{`x.h BETWEEN ? AND ?`, []any{lo, hi}}
		}))
	}
	s := set{exact: true, one: single, where: where}
	s.add(`SELECT x.pk FROM ix_hash x`)
	s.join(where)
	if c.Modifier != search.Missing {
		s.point.add(`EXISTS (SELECT 1 FROM ix_hash x`)
		s.point.join(where)
		s.point.add(` AND x.pk = r.pk)`)
	}
	return s
}

// hashRange is where rowsOf has filed what v looks for.
func hashRange(kind search.Kind, v search.Value) (lo, hi int64) {
	switch {
	case kind == search.Reference:
		lo = hash(v.Ref)
	case kind == search.URI:
		lo = hash(v.Code)
	case v.HasSystem:
		lo = tokenHash(v.System, v.Code)
	default:
		return codeRange(v.Code)
	}
	return lo, lo
}

// anyOfSystem tells of a token "system|", which the index, filed by codes, does
// not narrow down.
func anyOfSystem(c search.Criterion) bool {
	return c.Kind == search.Token && c.Modifier != search.Missing &&
		slices.ContainsFunc(c.Values, func(v search.Value) bool { return v.HasSystem && v.Code == "" })
}

// The conditions of search.html#prefix on a stored range [lo, hi), for the
// parameter's range [?1, ?2), which is bound in this order.
var dateConditions = map[string]struct {
	text string
	args func(lo, hi int64) []any
}{
	"":   {`x.lo >= ? AND x.lo < ? AND x.hi <= ?`, func(lo, hi int64) []any { return []any{lo, hi, hi} }},
	"eq": {`x.lo >= ? AND x.lo < ? AND x.hi <= ?`, func(lo, hi int64) []any { return []any{lo, hi, hi} }},
	"ne": {`NOT (x.lo >= ? AND x.hi <= ?)`, func(lo, hi int64) []any { return []any{lo, hi} }},
	"gt": {`x.hi > ?`, func(lo, hi int64) []any { return []any{hi} }},
	"lt": {`x.lo < ?`, func(lo, hi int64) []any { return []any{lo} }},
	"ge": {`(x.hi > ? OR (x.lo >= ? AND x.hi <= ?))`, func(lo, hi int64) []any { return []any{hi, lo, hi} }},
	"le": {`(x.lo < ? OR (x.lo >= ? AND x.hi <= ?))`, func(lo, hi int64) []any { return []any{lo, lo, hi} }},
	"sa": {`x.lo >= ?`, func(lo, hi int64) []any { return []any{hi} }},
	"eb": {`x.hi <= ?`, func(lo, hi int64) []any { return []any{lo} }},
	"ap": {`x.lo < ? AND x.hi > ?`, func(lo, hi int64) []any { return []any{hi, lo} }},
}

func dateSet(sp int64, c search.Criterion) set {
	s := set{exact: true}
	s.add(`SELECT x.pk FROM ix_date x WHERE x.sp = ?`, sp)
	if c.Modifier == search.Missing {
		return s
	}
	s.join(anyOf(c.Values, func(v search.Value) fragment {
		cond := dateConditions[v.Prefix]
		return fragment{cond.text, cond.args(v.Lo, v.Hi)}
	}))
	return s
}

// anyOf joins the conditions of values with OR.
func anyOf(values []search.Value, condition func(search.Value) fragment) fragment {
	f := fragment{text: ` AND (`}
	for i, v := range values {
		if i > 0 {
			f.add(` OR `)
		}
		f.join(condition(v))
	}
	f.add(`)`)
	return f
}

const lastRune = "\U0010FFFF" // sorts behind every text that goes on

func textSet(sp int64, c search.Criterion) set {
	s := set{exact: c.Modifier == search.None}
	s.add(`SELECT x.pk FROM ix_string x WHERE x.sp = ?`, sp)
	if c.Modifier == search.Missing {
		s.exact = true
		return s
	}
	s.join(anyOf(c.Values, func(v search.Value) fragment {
		switch c.Modifier {
		case search.Contains: // what was cut off may contain it
			return fragment{`x.norm LIKE ? ESCAPE '\' OR OCTET_LENGTH(x.norm) > ?`, []any{likeAnywhere(v.Text), maxNorm - 4}}
		case search.Exact:
			v.Text = search.Fold(v.Text)
		}
		s.exact = s.exact && len(v.Text) <= maxNorm
		begin := shorten(v.Text)
		return fragment{`x.norm >= ? AND x.norm < ?`, []any{begin, begin + lastRune}}
	}))
	return s
}

func likeAnywhere(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"
}

// updatedSet answers _lastUpdated, whose range is one microsecond.
func (s *Store) updatedSet(typ string, c search.Criterion) (set, bool) {
	if c.Modifier == search.Missing {
		return set{}, false
	}
	out := set{exact: true}
	where := anyOf(c.Values, func(v search.Value) fragment {
		switch v.Prefix {
		case "ne":
			return fragment{`NOT (r.updated >= ? AND r.updated < ?)`, []any{v.Lo, v.Hi}}
		case "gt", "sa":
			return fragment{`r.updated >= ?`, []any{v.Hi}}
		case "lt", "eb":
			return fragment{`r.updated < ?`, []any{v.Lo}}
		case "ge":
			return fragment{`r.updated >= ?`, []any{v.Lo}}
		case "le":
			return fragment{`r.updated < ?`, []any{v.Hi}}
		default:
			return fragment{`r.updated >= ? AND r.updated < ?`, []any{v.Lo, v.Hi}}
		}
	})
	out.add(`SELECT r.pk FROM resource r WHERE r.type = ? AND r.deleted = 0`, s.names.id(typ))
	out.join(where)
	out.point.add(strings.TrimPrefix(where.text, ` AND `), where.args...)
	return out, true
}

// idSet answers _id.
func (s *Store) idSet(typ string, ids []string) set {
	out := set{exact: true}
	out.add(`SELECT r.pk FROM resource r WHERE r.type = ? AND r.deleted = 0 AND r.id IN (`, s.names.id(typ))
	for i, id := range ids {
		if i > 0 {
			out.add(`, `)
		}
		out.add(`?`, id)
	}
	out.add(`)`)
	return out
}
