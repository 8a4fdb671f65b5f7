package search

import (
	"strings"
	"time"
)

// Matches tells whether a resource with these entries meets the criterion. It
// is the definition of what a search finds; an index may only be faster.
// Entries of other parameters are passed over.
func (c Criterion) Matches(entries []Entry) bool {
	found := false
	for i := range entries {
		e := &entries[i]
		if e.Param != c.Param {
			continue
		}
		if c.Modifier == Missing || c.matchesEntry(e) {
			found = true
			break
		}
	}
	switch c.Modifier {
	case Not:
		return !found
	case Missing:
		return found == (len(c.Values) > 0 && c.Values[0].Code == "false")
	default:
		return found
	}
}

func (c *Criterion) matchesEntry(e *Entry) bool {
	for i := range c.Values {
		if c.Values[i].matches(e, c.Modifier) {
			return true
		}
	}
	return false
}

func (v *Value) matches(e *Entry, m Modifier) bool {
	switch e.Kind {
	case Token:
		return (!v.HasSystem || v.System == e.System) &&
			(v.Code == "" && v.System != "" || FoldCode(v.Code) == FoldCode(e.Code))
	case Reference:
		return v.Ref == e.Ref
	case URI:
		return v.Code == e.Code
	case String:
		switch m {
		case Exact:
			return v.Text == e.Raw
		case Contains:
			return strings.Contains(e.Text, v.Text)
		default:
			return strings.HasPrefix(e.Text, v.Text)
		}
	case Date:
		return rangeMatches(v.Prefix, v.Lo, v.Hi, e.Lo, e.Hi)
	case Number:
		return numberMatches(v, e)
	case Quantity:
		return v.matchesUnit(e) && numberMatches(v, e)
	}
	return false
}

// matchesUnit follows search.html#quantity: "5.4|system|code" asks for the
// coded unit, "5.4||unit" for either the code or the unit for people.
func (v *Value) matchesUnit(e *Entry) bool {
	switch {
	case !v.HasSystem:
		return true
	case v.System != "":
		return v.System == e.System && (v.Code == "" || v.Code == e.Code)
	default:
		return v.Code == e.Code || FoldCode(v.Code) == e.Text
	}
}

// rangeMatches is the table of prefixes (search.html#prefix) on half-open
// ranges: p of the parameter, r of the resource.
func rangeMatches(prefix string, pLo, pHi, rLo, rHi int64) bool {
	switch prefix {
	case "", "eq":
		return pLo <= rLo && rHi <= pHi
	case "ne":
		return !(pLo <= rLo && rHi <= pHi)
	case "gt":
		return rHi > pHi
	case "lt":
		return rLo < pLo
	case "ge":
		return rHi > pHi || pLo <= rLo && rHi <= pHi
	case "le":
		return rLo < pLo || pLo <= rLo && rHi <= pHi
	case "sa":
		return rLo >= pHi
	case "eb":
		return rHi <= pLo
	case "ap":
		return rLo < pHi && pLo < rHi
	}
	return false
}

// numberMatches is the same table for numbers. The resource's value is a point
// (or the closed range of a Range). The parameter of eq, ne and ap is a
// half-open range; that of the other prefixes is exactly the number as written
// (search.html#number), so there Min and Max are the same.
func numberMatches(v *Value, e *Entry) bool {
	switch v.Prefix {
	case "", "eq":
		return v.Min <= e.Min && e.Max < v.Max
	case "ne":
		return !(v.Min <= e.Min && e.Max < v.Max)
	case "gt":
		return e.Max > v.Min
	case "lt":
		return e.Min < v.Min
	case "ge":
		return e.Max >= v.Min
	case "le":
		return e.Min <= v.Min
	case "sa":
		return e.Min > v.Min
	case "eb":
		return e.Max < v.Min
	case "ap":
		return e.Min < v.Max && v.Min <= e.Max
	}
	return false
}

// LastUpdated is the entry of a resource for the parameter _lastUpdated, for a
// store that keeps the time outside of the body.
func LastUpdated(t time.Time) Entry {
	lo := t.UnixMicro()
	return Entry{Param: ParamLastUpdated, Kind: Date, Lo: lo, Hi: lo + 1}
}
