package patch

import (
	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// listCost is what an item of a list of elements costs of the budget when others
// come before it.
const listCost = 8

// pathRun is a resource while the operations change it.
type pathRun struct {
	root r4.Resource
	*budget
	steps int
}

func (r *pathRun) apply(o *pathOperation) *Error {
	found, err := o.expr.Evaluate(&fhirpath.Env{Resource: r.root, MaxSteps: r.steps}, r.root)
	switch {
	case err != nil:
		return pathProblem("the path cannot be followed", err)
	case len(found) == 0 && o.op == "delete":
		return nil // what is not there need not go (fhirpatch.html)
	case len(found) == 0:
		return failed("the path finds nothing")
	case len(found) > 1:
		return failed("the path finds more than one element")
	}
	switch o.op {
	case "add":
		return r.add(found[0], o)
	case "insert", "move":
		return r.inList(found[0], o)
	}
	parent, f, i, ok := found[0].Place()
	if !ok {
		return failed("the path is that of no element within the resource")
	}
	if err := r.move(listCost * f.Len(parent)); err != nil {
		return err
	}
	if o.op == "delete" {
		f.Remove(parent, i)
		return nil
	}
	return replaceAt(parent, f, i, o.value)
}

// holder returns the struct that has the elements of an item: its own, or for a
// primitive that of its id and extensions.
func holder(i fhirpath.Item) (any, *r4.Type) {
	t := i.Type()
	if t == nil {
		return nil, nil
	}
	v := i.Value()
	if t.Kind == r4.KindPrimitive {
		parent, f, n, ok := i.Place()
		if !ok {
			return nil, nil
		}
		e := f.MakeElement(parent, t, n)
		if e == nil {
			return nil, nil
		}
		v = e
	}
	return v, r4.TypeOf(v)
}

func (r *pathRun) add(to fhirpath.Item, o *pathOperation) *Error {
	v, t := holder(to)
	if t == nil {
		return failed("the path is that of no element within the resource")
	}
	f, typ, ok := t.Field(o.name)
	if !ok {
		return failed("there is no element of that name")
	}
	if !f.List && present(v, f) {
		return failed("the element is there already, and it is no list")
	}
	return put(v, f, typ, o.value)
}

// present reports whether the field has a value, or an id or extensions.
func present(v any, f *r4.Field) bool { return f.Len(v) > 0 || !f.List && f.Element(v, 0) != nil }

// inList inserts into or moves in the list named in the operation.
func (r *pathRun) inList(in fhirpath.Item, o *pathOperation) *Error {
	v, t := holder(in)
	if t == nil {
		return failed("the path is that of no element within the resource")
	}
	f, typ, ok := t.Field(o.name)
	if !ok || !f.List {
		return failed("there is no list of that name")
	}
	n := f.Len(v)
	if err := r.move(listCost * (n + 1)); err != nil {
		return err
	}
	if o.op == "move" {
		if o.source >= n || o.destination >= n {
			return failed("the list has no such place")
		}
		return rotate(v, f, o.source, o.destination)
	}
	if o.index > n {
		return failed("the list has no such place")
	}
	if err := put(v, f, typ, o.value); err != nil {
		return err
	}
	return rotate(v, f, n, o.index)
}

// replaceAt puts a value in the place of value i.
func replaceAt(parent any, f *r4.Field, i int, value *r4.ParametersParameter) *Error {
	if !f.List {
		f.Clear(parent)
		return put(parent, f, nil, value)
	}
	n := f.Len(parent)
	if err := put(parent, f, nil, value); err != nil {
		return err
	}
	if err := rotate(parent, f, n, i); err != nil {
		return err
	}
	f.Remove(parent, i+1)
	return nil
}
