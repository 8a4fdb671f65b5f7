package patch

import (
	"slices"

	"github.com/ponshealth/pons/fhir/r4"
)

// JSON is a JSON Patch (RFC 6902; application/json-patch+json). It never
// changes and is safe for concurrent use.
type JSON struct{ operations []jsonOperation }

type jsonOperation struct {
	op         string
	path, from pointer
	value      *value
}

// jsonOps are the operations and what each needs beside its path.
var jsonOps = map[string]struct{ value, from bool }{
	"add": {value: true}, "remove": {}, "replace": {value: true},
	"move": {from: true}, "copy": {from: true}, "test": {value: true},
}

// ParseJSON reads a JSON Patch: an array of operations. Members that RFC 6902
// does not name are ignored, as it asks (4). The error is an *[Error].
func ParseJSON(b []byte) (*JSON, error) {
	if len(b) > maxPatch {
		return nil, whole(TooLarge, "the patch is too large")
	}
	v, problem := readJSON(b, maxPatchValues)
	switch {
	case problem != "":
		return nil, unreadable("", problem)
	case v.kind != array:
		return nil, whole(Malformed, "a JSON Patch is an array of operations")
	case len(v.list) > maxOperations:
		return nil, whole(TooLarge, "too many operations")
	}
	p := &JSON{operations: make([]jsonOperation, len(v.list))}
	for i, o := range v.list {
		if err := p.operations[i].read(o); err != nil {
			err.Operation = i
			return nil, err
		}
	}
	return p, nil
}

func (o *jsonOperation) read(v *value) *Error {
	bad := func(problem string) *Error {
		return &Error{Kind: Malformed, Type: o.op, Problem: problem}
	}
	if v.kind != object {
		return bad("an operation is an object")
	}
	op := v.member("op")
	if op == nil || op.kind != text {
		return bad(`"op" is missing`)
	}
	needs, ok := jsonOps[op.text]
	if !ok {
		return bad("no such operation")
	}
	o.op = op.text
	if o.path, ok = pointerMember(v, "path"); !ok {
		return bad(`"path" must be a JSON Pointer`)
	}
	if needs.from {
		if o.from, ok = pointerMember(v, "from"); !ok {
			return bad(`"from" must be a JSON Pointer`)
		}
	}
	if needs.value {
		if o.value = v.member("value"); o.value == nil {
			return bad(`"value" is missing`)
		}
	}
	return nil
}

func pointerMember(v *value, name string) (pointer, bool) {
	m := v.member(name)
	if m == nil || m.kind != text {
		return nil, false
	}
	return parsePointer(m.text)
}

// Len returns how many operations the patch has.
func (p *JSON) Len() int { return len(p.operations) }

// Document applies the patch to any JSON document, which need not be FHIR, and
// returns the result in compact form, members in their order and numbers as
// they were written. doc is not changed. The error is an *[Error].
func (p *JSON) Document(doc []byte) ([]byte, error) {
	v, problem := readJSON(doc, maxValues)
	if problem != "" {
		return nil, unreadable("the document: ", problem)
	}
	v, err := p.run(v)
	if err != nil {
		return nil, err
	}
	return v.append(nil), nil
}

func (p *JSON) apply(r r4.Resource) (r4.Resource, error) {
	doc, err := r4.Marshal(r)
	if err != nil {
		return nil, &Error{Kind: Invalid, Operation: -1, Problem: "the resource cannot be written", Err: err}
	}
	v, problem := readJSON(doc, maxValues)
	if problem != "" {
		return nil, unreadable("the resource: ", problem)
	}
	v, failed := p.run(v)
	if failed != nil {
		return nil, failed
	}
	if !v.prune() {
		return nil, whole(Invalid, "nothing is left of the resource")
	}
	out, err := r4.Unmarshal(v.append(doc[:0]))
	if err != nil {
		return nil, notResource(err)
	}
	return out, nil
}

// run applies the operations one after another to v, which it may change.
func (p *JSON) run(v *value) (*value, error) {
	run := jsonRun{root: v, budget: newBudget()}
	for i := range p.operations {
		o := &p.operations[i]
		if err := run.apply(o); err != nil {
			e := *err
			e.Operation, e.Type, e.Path = i, o.op, o.path.display()
			return nil, &e
		}
	}
	return run.root, nil
}

// jsonRun is a document while the operations change it.
type jsonRun struct {
	root *value
	*budget
}

func (r *jsonRun) apply(o *jsonOperation) *Error {
	switch o.op {
	case "add":
		return r.add(o.path, o.value.clone())
	case "remove":
		return r.remove(o.path)
	case "replace":
		return r.replace(o.path, o.value.clone())
	case "move":
		return r.moveTo(o.from, o.path)
	case "copy":
		from := r.root.get(o.from)
		if from == nil {
			return failed("there is nothing to copy")
		}
		size, _ := from.measure()
		if err := r.grow(size); err != nil {
			return err
		}
		return r.add(o.path, from.clone())
	}
	at := r.root.get(o.path)
	switch {
	case at == nil:
		return failed(noPlace)
	case !at.equal(o.value):
		return failed("the test does not hold")
	}
	return nil
}

// moveTo is a removal and an addition (RFC 6902 4.4).
func (r *jsonRun) moveTo(from, to pointer) *Error {
	v := r.root.get(from)
	switch {
	case v == nil:
		return failed("there is nothing to move")
	case to.within(from):
		return failed("a value cannot move into itself")
	case to.equal(from):
		return nil
	}
	size, _ := v.measure()
	if err := r.move(size / valueSize); err != nil {
		return err
	}
	if err := r.remove(from); err != nil {
		return err
	}
	return r.add(to, v)
}

// parent finds what holds the last token of p.
func (r *jsonRun) parent(p pointer) (v *value, last string) {
	return r.root.get(p[:len(p)-1]), p[len(p)-1]
}

// deep reports whether v at p would be nested too deep.
func deep(p pointer, v *value) bool {
	_, depth := v.measure()
	return len(p)+depth > maxDepth
}

func (r *jsonRun) add(p pointer, v *value) *Error {
	if deep(p, v) {
		return errDepth
	}
	if len(p) == 0 {
		r.root = v
		return nil
	}
	parent, last := r.parent(p)
	switch {
	case parent == nil:
		return failed("there is no such object or array to add to")
	case parent.kind == object:
		parent.set(last, v)
		return nil
	case parent.kind == array:
		i, ok := index(last, len(parent.list))
		if !ok || i > len(parent.list) {
			return failed("the array has no such place")
		}
		if err := r.move(len(parent.list) - i); err != nil {
			return err
		}
		parent.list = slices.Insert(parent.list, i, v)
		return nil
	}
	return failed("it is neither an object nor an array to add to")
}

func (r *jsonRun) remove(p pointer) *Error {
	if len(p) == 0 {
		return failed("the whole document cannot be removed")
	}
	parent, last := r.parent(p)
	if parent == nil || parent.child(last) == nil {
		return failed(noPlace)
	}
	if parent.kind == object {
		parent.remove(parent.find(last))
		return nil
	}
	i, _ := index(last, len(parent.list))
	if err := r.move(len(parent.list) - i); err != nil {
		return err
	}
	parent.list = slices.Delete(parent.list, i, i+1)
	return nil
}

func (r *jsonRun) replace(p pointer, v *value) *Error {
	if deep(p, v) {
		return errDepth
	}
	if len(p) == 0 {
		r.root = v
		return nil
	}
	parent, last := r.parent(p)
	if parent == nil || parent.child(last) == nil {
		return failed(noPlace)
	}
	if parent.kind == object {
		parent.set(last, v)
		return nil
	}
	i, _ := index(last, len(parent.list))
	parent.list[i] = v
	return nil
}
