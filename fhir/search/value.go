package search

import (
	"slices"
	"strings"
)

// criterion reads one search parameter with its modifier and values.
func (r *reading) criterion(name string, param *Parameter, modifier, text string) *Error {
	c := Criterion{Param: param.Name, Kind: param.Kind}
	read, err := r.modified(name, param, modifier, &c)
	if err != nil {
		return err
	}
	for _, part := range split(text, ',') {
		if part == "" {
			continue
		}
		if len(part) > orElse(r.MaxLength, 1000) {
			return &Error{At: name, Class: TooCostly, Problem: "a value is too long"}
		}
		if r.values--; r.values < 0 {
			return &Error{At: name, Class: TooCostly, Problem: "too many values in the query"}
		}
		values, problem := read(part)
		if problem != "" {
			return &Error{At: name, Problem: problem}
		}
		c.Values = append(c.Values, values...)
	}
	if len(c.Values) > 0 {
		r.query.Criteria = append(r.query.Criteria, c)
	}
	return nil
}

// A reader makes the values of one part of a text, or says what is wrong with it.
type reader func(text string) (values []Value, problem string)

// modified takes the modifier into the criterion and says how to read its values.
func (r *reading) modified(name string, param *Parameter, modifier string, c *Criterion) (reader, *Error) {
	k := param.Kind
	switch {
	case modifier == "":
		return r.reader(param), nil
	case param.Name == ParamID || param.Name == ParamLastUpdated:
		// the store has them in columns of its own
	case modifier == "missing":
		c.Modifier = Missing
		return readMissing, nil
	case modifier == "exact" && k == String:
		c.Modifier = Exact
		return readExact, nil
	case modifier == "contains" && k == String:
		c.Modifier = Contains
		return readText, nil
	case modifier == "not" && k == Token:
		c.Modifier = Not
		return readToken, nil
	case modifier == "identifier" && k == Reference:
		c.Param, c.Kind = param.Name+identifierSuffix, Token
		return readToken, nil
	case k == Reference && slices.Contains(targets(param), modifier):
		return func(text string) ([]Value, string) { return r.reference(text, []string{modifier}) }, nil
	}
	return nil, &Error{At: name, Class: Unknown, Problem: "the modifier is not supported for this parameter", modifier: true}
}

func (r *reading) reader(param *Parameter) reader {
	switch param.Kind {
	case Token:
		return readToken
	case Reference:
		return func(text string) ([]Value, string) { return r.reference(text, targets(param)) }
	case URI:
		return func(text string) ([]Value, string) { return []Value{{Code: unescape(text)}}, "" }
	case String:
		return readText
	case Date:
		return r.date
	case Number:
		return readNumber
	default:
		return readQuantity
	}
}

func readMissing(text string) ([]Value, string) {
	if text != "true" && text != "false" {
		return nil, "not true or false"
	}
	return []Value{{Code: text}}, ""
}

func readExact(text string) ([]Value, string) { return []Value{{Text: unescape(text)}}, "" }

func readText(text string) ([]Value, string) {
	folded := Fold(unescape(text))
	if folded == "" {
		return nil, "has no letter or digit to search for"
	}
	return []Value{{Text: folded}}, ""
}

func readToken(text string) ([]Value, string) {
	parts := split(text, '|')
	switch len(parts) {
	case 1:
		return []Value{{Code: unescape(text)}}, ""
	case 2:
		v := Value{HasSystem: true, System: unescape(parts[0]), Code: unescape(parts[1])}
		if v.System == "" && v.Code == "" {
			return nil, "has neither system nor code"
		}
		return []Value{v}, ""
	}
	return nil, "has more than one bar; the form is system|code"
}

var prefixes = []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}

func cutPrefix(text string) (prefix, rest string) {
	if len(text) > 2 && slices.Contains(prefixes, text[:2]) {
		return text[:2], text[2:]
	}
	return "eq", text
}

func (r *reading) date(text string) ([]Value, string) {
	prefix, rest := cutPrefix(text)
	lo, hi, ok := parseDate(rest)
	if !ok {
		return nil, "not a date; the form is yyyy-mm-ddThh:mm:ss+hh:mm, shortened from the right"
	}
	if prefix == "ap" {
		lo, hi = around(lo, hi, r.Now.UnixMicro())
	}
	return []Value{{Prefix: prefix, Lo: lo, Hi: hi}}, ""
}

func readNumber(text string) ([]Value, string) {
	v := Value{}
	prefix, rest := cutPrefix(text)
	value, lo, hi, ok := parseNumber(rest)
	if !ok {
		return nil, "not a number"
	}
	switch v.Prefix = prefix; prefix {
	case "eq", "ne":
		v.Min, v.Max = lo, hi
	case "ap":
		tenth := max(value, -value) / 10
		v.Min, v.Max = min(lo, value-tenth), max(hi, value+tenth)
	default:
		v.Min, v.Max = value, value
	}
	return []Value{v}, ""
}

func readQuantity(text string) ([]Value, string) {
	parts := split(text, '|')
	if len(parts) != 1 && len(parts) != 3 {
		return nil, "the form is number or number|system|code"
	}
	values, problem := readNumber(parts[0])
	if problem == "" && len(parts) == 3 {
		v := &values[0]
		v.System, v.Code = unescape(parts[1]), unescape(parts[2])
		v.HasSystem = v.System != "" || v.Code != ""
	}
	return values, problem
}

// targets lists the types that a reference parameter may point to.
func targets(param *Parameter) []string {
	if len(param.Targets) == 1 && param.Targets[0] == AnyType {
		return allTypes()
	}
	return param.Targets
}

// reference gives every form in which a resource may hold what the text says:
// an id alone stands for one of each type, and what is on this server may be
// referred to relatively and absolutely.
func (r *reading) reference(text string, types []string) ([]Value, string) {
	ref := unescape(text)
	base := strings.TrimSuffix(r.Base, "/")
	if rest, ours := strings.CutPrefix(ref, base+"/"); ours && base != "" {
		ref = rest
	}
	ref, _, _ = strings.Cut(ref, "/_history/")
	var refs []string
	switch typ, id, found := strings.Cut(ref, "/"); {
	case strings.Contains(ref, ":"): // an absolute URL, a URN, or a canonical URL
		return []Value{{Ref: ref}}, ""
	case !found:
		for _, t := range types {
			refs = append(refs, t+"/"+ref)
		}
	case id == "" || typeOf(typ) == nil || strings.Contains(id, "/"):
		return nil, "not a reference; the form is Type/id, id or a URL"
	case len(types) > 0 && !slices.Contains(types, typ):
		return nil, "this parameter does not refer to resources of that type"
	default:
		refs = []string{ref}
	}
	var values []Value
	for _, ref := range refs {
		values = append(values, Value{Ref: ref})
		if base != "" {
			values = append(values, Value{Ref: base + "/" + ref})
		}
	}
	if len(values) == 0 {
		return nil, "this parameter takes URLs only"
	}
	return values, ""
}
