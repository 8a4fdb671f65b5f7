package patch

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// XML is an XML Patch (RFC 5261; application/xml-patch+xml). It never changes
// and is safe for concurrent use.
type XML struct{ operations []xmlOperation }

type xmlOperation struct {
	op       string // add, replace, remove
	shown    string // the selector for an error
	selector selector
	pos      string // of add: "", prepend, before, after
	attr     name   // of add: the attribute to add
	prefix   string // of add: the prefix to declare
	kind     addKind
	ws       string // of remove: "", before, after, both
	content  []*node
	text     string // all text in content
}

type addKind uint8

const (
	addNodes addKind = iota
	addAttribute
	addNamespace
)

// ParseXML reads an XML Patch: a root of any name, "diff" in the RFC, with at
// least one of the operations add, replace and remove in it, in any namespace,
// for the RFC gives them none. The selectors are those of RFC 5261 4.3; predicates may
// also have paths and "and", as in
//
//	f:Patient/f:name[f:use/@value='official' and f:family]/f:family/@value
//
// The prefixes f and h mean FHIR and XHTML where the patch does not declare
// them. The error is an *[Error].
func ParseXML(b []byte) (*XML, error) {
	if len(b) > maxPatch {
		return nil, whole(TooLarge, "the patch is too large")
	}
	doc, problem := readXML(b, maxPatchValues)
	if problem != "" {
		return nil, unreadable("", problem)
	}
	p := &XML{}
	for _, c := range doc.root().children {
		switch {
		case c.kind == nodeText && !c.white():
			return nil, whole(Malformed, "text between the operations")
		case c.kind != nodeElement:
			continue
		case len(p.operations) == maxOperations:
			return nil, whole(TooLarge, "too many operations")
		}
		o := xmlOperation{}
		if err := o.read(c); err != nil {
			err.Operation, err.Type, err.Path = len(p.operations), o.op, o.shown
			return nil, err
		}
		p.operations = append(p.operations, o)
	}
	if len(p.operations) == 0 {
		return nil, whole(Malformed, "there are no operations")
	}
	return p, nil
}

func (o *xmlOperation) read(n *node) *Error {
	bad := func(problem string) *Error { return &Error{Kind: Malformed, Problem: problem} }
	switch n.name.local {
	case "add", "replace", "remove":
		o.op = n.name.local
	default:
		return bad("no such operation")
	}
	given := map[string]string{}
	for _, a := range n.attrs {
		if a.name.space == "" {
			given[a.name.local] = a.value
		}
	}
	sel, ok := given["sel"]
	if !ok {
		return bad(`"sel" is missing`)
	}
	scope := scopeOf(n)
	o.shown = hideLiterals(sel)
	var problem string
	if o.selector, problem = parseSelector(sel, scope); problem != "" {
		return bad(problem)
	}
	for _, c := range n.children {
		if c.kind == nodeText {
			o.text += c.text
		}
		o.content = append(o.content, c)
	}
	switch o.op {
	case "add":
		return o.readAdd(given, scope)
	case "remove":
		switch o.ws = given["ws"]; o.ws {
		case "", "before", "after", "both":
		default:
			return bad(`"ws" must be before, after or both`)
		}
		if strings.TrimSpace(o.text) != "" || n.root() != nil {
			return bad("a removal has no content")
		}
	}
	return nil
}

func (o *xmlOperation) readAdd(given map[string]string, scope []declaration) *Error {
	bad := func(problem string) *Error { return &Error{Kind: Malformed, Problem: problem} }
	switch o.pos = given["pos"]; o.pos {
	case "", "prepend", "before", "after":
	default:
		return bad(`"pos" must be prepend, before or after`)
	}
	kind, typed := given["type"]
	if !typed {
		return nil
	}
	p := selectorParser{s: kind, scope: scope}
	s, problem := p.step()
	if problem != "" || p.pos < len(kind) || len(s.predicates) > 0 || o.pos != "" ||
		s.axis != axisAttribute && s.axis != axisNamespace {
		return bad(`"type" must be an attribute or a namespace`)
	}
	for _, c := range o.content {
		if c.kind != nodeText {
			return bad("an attribute or namespace has only text")
		}
	}
	o.kind, o.attr = addAttribute, s.name
	if s.axis == axisNamespace {
		o.kind, o.prefix = addNamespace, s.name.local
		if o.text == "" {
			return bad("a prefix without namespace")
		}
	}
	return nil
}

// Len returns how many operations the patch has.
func (p *XML) Len() int { return len(p.operations) }

// Document applies the patch to any XML document, which need not be FHIR, and
// returns the result. doc is not changed. The error is an *[Error].
func (p *XML) Document(doc []byte) ([]byte, error) {
	root, problem := readXML(doc, maxValues)
	if problem != "" {
		return nil, unreadable("the document: ", problem)
	}
	if err := p.run(root); err != nil {
		return nil, err
	}
	return root.appendXML(nil, nil), nil
}

func (p *XML) apply(r r4.Resource) (r4.Resource, error) {
	doc, err := r4.MarshalXML(r)
	if err != nil {
		return nil, &Error{Kind: Invalid, Operation: -1, Problem: "the resource cannot be written", Err: err}
	}
	root, problem := readXML(doc, maxValues)
	if problem != "" {
		return nil, unreadable("the resource: ", problem)
	}
	if err := p.run(root); err != nil {
		return nil, err
	}
	root.root().prune()
	out, err := r4.UnmarshalXML(root.appendXML(doc[:0], nil))
	if err != nil {
		return nil, notResource(err)
	}
	return out, nil
}

// run applies the operations one after another to doc, which it changes.
func (p *XML) run(doc *node) error {
	run := xmlRun{doc: doc, finder: finder{newBudget()}}
	for i := range p.operations {
		o := &p.operations[i]
		if err := run.apply(o); err != nil {
			e := *err
			e.Operation, e.Type, e.Path = i, o.op, o.shown
			return &e
		}
	}
	return nil
}

// hideLiterals is a path for an error: what stands between quotes, or after the
// @ of a date, may be data and is left out.
func hideLiterals(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case b.Len() > 200:
			return b.String() + "..."
		case c == '\'' || c == '"':
			b.WriteString(string(c) + "..." + string(c))
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' {
					i++
				}
			}
		case c == '@' && i+1 < len(s) && '0' <= s[i+1] && s[i+1] <= '9':
			b.WriteString("@...")
			for i+1 < len(s) && strings.IndexByte("0123456789-:.+TZ", s[i+1]) >= 0 {
				i++
			}
		case c < ' ' || c > '~':
			b.WriteByte('?')
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
