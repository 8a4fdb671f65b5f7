package search

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parser reads queries. The zero value is ready and strict.
type Parser struct {
	// Base is the URL of the server, such as "https://example.org/fhir". With it,
	// a relative reference also finds the absolute one and the other way round
	// (search.html#reference).
	Base string
	// Lenient passes over parameters that are unknown or not supported and names
	// them in Query.Ignored. A modifier that is not supported stays an error, as
	// search.html#modifiers demands.
	Lenient   bool
	Now       time.Time // what "ap" measures dates from; zero is the time of the call
	MaxParams int       // parameters in a query; 0 means 20
	MaxValues int       // values in a query, over all parameters; 0 means 100
	MaxLength int       // bytes of one value; 0 means 1000
}

// Parse reads the parameters of a search on a resource type strictly. The error
// is an *Error.
func Parse(resourceType string, q url.Values) (*Query, error) {
	return Parser{}.Parse(resourceType, q)
}

// Parse reads the parameters of a search on a resource type. A parameter
// without a value is passed over (search.html#errors). The error is an *Error.
func (p Parser) Parse(resourceType string, params url.Values) (*Query, error) {
	t := typeOf(resourceType)
	if t == nil {
		return nil, &Error{Class: Unknown, Problem: "no such resource type"}
	}
	r := reading{Parser: p, typ: t, query: &Query{Type: resourceType}, values: orElse(p.MaxValues, 100)}
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	names := make([]string, 0, len(params))
	count := 0
	for name, values := range params {
		names = append(names, name)
		count += len(values)
	}
	if count > orElse(p.MaxParams, 20) {
		return nil, &Error{Class: TooCostly, Problem: "too many parameters"}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, text := range params[name] {
			if err := r.parameter(name, text); err != nil {
				if err.Class != Unknown || !p.Lenient || err.modifier {
					return nil, err
				}
				r.ignore(name)
			}
		}
	}
	return r.query, nil
}

func orElse(n, otherwise int) int {
	if n > 0 {
		return n
	}
	return otherwise
}

const maxSort = 5 // keys of _sort

// reading is the state of one Parse.
type reading struct {
	Parser
	typ    *resourceParams
	query  *Query
	values int // how many more are allowed
}

func (r *reading) ignore(name string) {
	if !slices.Contains(r.query.Ignored, name) {
		r.query.Ignored = append(r.query.Ignored, name)
	}
}

func (r *reading) parameter(name, text string) *Error {
	if text == "" {
		return nil
	}
	if len(text) > orElse(r.MaxLength, 1000)*orElse(r.MaxValues, 100) {
		return &Error{At: name, Class: TooCostly, Problem: "too long"}
	}
	if handled, err := r.result(name, text); handled {
		return err
	}
	base, modifier, _ := strings.Cut(name, ":")
	if base == ParamID && modifier == "" {
		return r.ids(text)
	}
	if strings.Contains(name, ".") {
		return unknown(name, "chained parameters are not supported")
	}
	param, ok := r.typ.find(base)
	if !ok {
		return unknown(name, fmt.Sprintf("not a search parameter that is supported for %s", r.query.Type))
	}
	return r.criterion(name, param, modifier, text)
}

// result reads the parameters that speak of the result, not of what to find, and
// passes over those that the layer above answers.
func (r *reading) result(name, text string) (handled bool, err *Error) {
	switch name {
	case "_sort":
		return true, r.sort(text)
	case "_count":
		return true, r.count(text)
	case "_summary":
		return true, r.summary(text)
	case "_total":
		return true, r.total(text)
	case "_cursor":
		r.query.Cursor = text
		return true, nil
	case "_format", "_pretty", "_elements":
		return true, nil
	}
	return false, nil
}

// ids reads _id, which is exact and minds the case (search.html#id). Repeated,
// it asks for ids that are in every list.
func (r *reading) ids(text string) *Error {
	ids := []string{}
	for _, part := range split(text, ',') {
		if id := unescape(part); id != "" && (r.query.IDs == nil || slices.Contains(r.query.IDs, id)) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	if r.values -= len(ids); r.values < 0 {
		return &Error{At: ParamID, Class: TooCostly, Problem: "too many values in the query"}
	}
	if len(ids) > 0 || strings.Trim(text, ",") != "" {
		r.query.IDs = ids
	}
	return nil
}

func (r *reading) sort(text string) *Error {
	keys := r.query.Sort
	for key := range strings.SplitSeq(text, ",") {
		name, descending := strings.CutPrefix(strings.TrimSpace(key), "-")
		if name == "" {
			continue
		}
		param, ok := r.typ.find(name)
		if !ok {
			return unknown("_sort", fmt.Sprintf("one of the keys is not a search parameter that is supported for %s", r.query.Type))
		}
		keys = append(keys, Sort{Param: param.Name, Kind: param.Kind, Descending: descending})
	}
	if len(keys) > maxSort {
		return &Error{At: "_sort", Class: TooCostly, Problem: "too many keys"}
	}
	r.query.Sort = keys
	return nil
}

func (r *reading) count(text string) *Error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return &Error{At: "_count", Problem: "not a whole number"}
	}
	r.query.Count = n
	if n == 0 { // the same as _summary=count (search.html#count)
		r.query.CountOnly, r.query.Total = true, true
	}
	return nil
}

func (r *reading) summary(text string) *Error {
	switch text {
	case "true", "text", "data", "false": // for the layer above
		return nil
	case "count":
		r.query.CountOnly, r.query.Total = true, true
		return nil
	}
	return &Error{At: "_summary", Problem: "not one of true, text, data, count, false"}
}

func (r *reading) total(text string) *Error {
	switch text {
	case "accurate":
		r.query.Total = true
	case "none", "estimate":
	default:
		return &Error{At: "_total", Problem: "not one of none, estimate, accurate"}
	}
	return nil
}

func unknown(at, problem string) *Error { return &Error{At: at, Class: Unknown, Problem: problem} }

// split cuts a value at a separator that no backslash stands before
// (search.html#escaping). The parts are still escaped.
func split(text string, sep byte) []string {
	var parts []string
	start := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case sep:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}

var escapes = strings.NewReplacer(`\,`, `,`, `\|`, `|`, `\$`, `$`, `\\`, `\`)

func unescape(text string) string {
	if strings.IndexByte(text, '\\') < 0 {
		return text
	}
	return escapes.Replace(text)
}
