package patch

import (
	"errors"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// FHIRPath is a FHIRPath Patch (FHIR R4 fhirpatch.html). It never changes and is
// safe for concurrent use.
type FHIRPath struct{ operations []pathOperation }

type pathOperation struct {
	op    string // add, insert, delete, replace, move
	shown string // the path for an error
	expr  *fhirpath.Expression
	name  string // of the element to add; of the list to insert into or move in, which expr leads to
	value *r4.ParametersParameter
	// of insert: index; of move: source and destination
	index, source, destination int
}

// pathOps are the operations and the parts that each needs beside type and path.
var pathOps = map[string][]string{
	"add":     {"name", "value"},
	"insert":  {"index", "value"},
	"delete":  nil,
	"replace": {"value"},
	"move":    {"source", "destination"},
}

// ParseFHIRPath reads a FHIRPath Patch: a Parameters resource in which every
// parameter is named "operation" and has its type (add, insert, delete, replace
// or move), its path and what the type needs as parts. A value whose type
// Parameters does not take, such as a backbone element, is given by parts: one
// for each element, named like it; a resource by "resource". A replacement is of
// the whole element, id and extensions too. p must not be changed afterwards. The error is an *[Error].
func ParseFHIRPath(p *r4.Parameters) (*FHIRPath, error) {
	if len(p.Parameter) > maxOperations {
		return nil, whole(TooLarge, "too many operations")
	}
	out := &FHIRPath{operations: make([]pathOperation, len(p.Parameter))}
	for i := range p.Parameter {
		o := &out.operations[i]
		if err := o.read(&p.Parameter[i]); err != nil {
			err.Kind, err.Operation, err.Type, err.Path = Malformed, i, o.op, o.shown
			return nil, err
		}
	}
	return out, nil
}

func (o *pathOperation) read(p *r4.ParametersParameter) *Error {
	if p.Name != "operation" {
		return failed(`a parameter is not named "operation"`)
	}
	parts := map[string]*r4.ParametersParameter{}
	for i := range p.Part {
		part := &p.Part[i]
		if parts[part.Name] != nil {
			return failed("a part twice")
		}
		parts[part.Name] = part
	}
	op, ok := textOf(parts["type"])
	needs, known := pathOps[op]
	if !ok || !known {
		return failed("no such operation")
	}
	o.op = op
	path, ok := textOf(parts["path"])
	if !ok {
		return failed(`part "path" must be a string`)
	}
	o.shown = hideLiterals(path)
	delete(parts, "type")
	delete(parts, "path")
	for _, name := range needs {
		if err := o.take(name, parts[name]); err != nil {
			return err
		}
		delete(parts, name)
	}
	if len(parts) > 0 {
		return failed("a part that the operation does not have")
	}
	return o.compile(path)
}

// take reads one part beside type and path.
func (o *pathOperation) take(name string, part *r4.ParametersParameter) *Error {
	if part == nil {
		return failed("part " + strconv.Quote(name) + " is missing")
	}
	var ok bool
	switch name {
	case "name":
		o.name, ok = textOf(part)
	case "value":
		o.value, ok = part, true
	case "index":
		o.index, ok = numberOf(part)
	case "source":
		o.source, ok = numberOf(part)
	case "destination":
		o.destination, ok = numberOf(part)
	}
	if !ok {
		return failed("part " + strconv.Quote(name) + " has a value of the wrong type")
	}
	return nil
}

// textOf returns the value of a part that must be a string or a code.
func textOf(p *r4.ParametersParameter) (string, bool) {
	if p == nil {
		return "", false
	}
	switch v := p.Value.(type) {
	case r4.String:
		return string(v), v != ""
	case r4.Code:
		return string(v), v != ""
	}
	return "", false
}

// numberOf returns the value of a part that must be a number from 0.
func numberOf(p *r4.ParametersParameter) (int, bool) {
	if t := r4.TypeOf(p.Value); t == nil || family(t.Name) != "integer" {
		return 0, false
	}
	s, _ := r4.Text(p.Value)
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0
}

// compile compiles the path. Of an insertion or a move it is the list's, which
// may be empty: so it is the list's parent that is looked for, and the list in it
// goes by its name.
func (o *pathOperation) compile(path string) *Error {
	if o.op == "insert" || o.op == "move" {
		var ok bool
		if path, o.name, ok = splitList(path); !ok {
			return failed("the path must end in the name of a list")
		}
	}
	expr, err := fhirpath.Compile(path)
	if err != nil {
		return pathProblem("the path is no FHIRPath", err)
	}
	o.expr = expr
	return nil
}

// pathProblem adds what the language says of a path, without the literals.
func pathProblem(problem string, err error) *Error {
	e := failed(problem)
	if f, ok := errors.AsType[*fhirpath.Error](err); ok {
		e.Problem += ": " + f.At() + ": " + hideLiterals(f.Problem)
	}
	if fhirpath.IsLimit(err) {
		e.Kind = TooLarge
	}
	return e
}

// splitList takes the name of the list off its path: "Patient.name[0].given" is
// "given" in "Patient.name[0]", and "name" is one in the resource.
func splitList(path string) (parent, name string, ok bool) {
	path = strings.TrimSpace(path)
	i := len(path)
	if strings.HasSuffix(path, "`") {
		i = strings.LastIndexByte(path[:i-1], '`')
		if i < 0 {
			return "", "", false
		}
		name = path[i+1 : len(path)-1]
	} else {
		for i > 0 && (isLetter(path[i-1]) || '0' <= path[i-1] && path[i-1] <= '9' || path[i-1] == '_') {
			i--
		}
		name = path[i:]
	}
	parent = strings.TrimSpace(path[:i])
	switch {
	case name == "":
		return "", "", false
	case parent == "":
		return "$this", name, true
	case !strings.HasSuffix(parent, "."):
		return "", "", false
	}
	return strings.TrimSuffix(parent, "."), name, true
}

// Len returns how many operations the patch has.
func (p *FHIRPath) Len() int { return len(p.operations) }

// maxSteps are the steps of FHIRPath that all paths of a patch may take together.
const maxSteps = 20_000_000

func (p *FHIRPath) apply(r r4.Resource) (r4.Resource, error) {
	run := pathRun{root: r4.Clone(r), budget: newBudget(), steps: maxSteps / max(2, len(p.operations))}
	for i := range p.operations {
		o := &p.operations[i]
		if err := run.apply(o); err != nil {
			e := *err
			e.Operation, e.Type, e.Path = i, o.op, o.shown
			return nil, &e
		}
	}
	doc, err := r4.Marshal(run.root)
	if err != nil {
		return nil, &Error{Kind: Invalid, Operation: -1, Problem: "the result cannot be written", Err: err}
	}
	// Read again: to check it, and to drop the elements that hold nothing any more.
	out, err := r4.Unmarshal(doc)
	if err != nil {
		return nil, notResource(err)
	}
	return out, nil
}
