package profile

import "github.com/ponshealth/pons/fhir/r4"

// make makes the snapshot of an entry that came without one. One snapshot is made
// at a time, with all those that it stands on. What a definition stands on is
// looked up where it stands itself, so that its snapshot is the same whoever asks.
func (r *Registry) make(e *entry) (*r4.StructureDefinition, error) {
	making.Lock()
	defer making.Unlock()
	return r.makeLocked(e)
}

func (r *Registry) makeLocked(e *entry) (*r4.StructureDefinition, error) {
	if d := e.ready.Load(); d != nil {
		return d, nil
	}
	d := e.resource().(*r4.StructureDefinition)
	if d.Snapshot != nil {
		e.ready.Store(d)
		return d, nil
	}
	if e.busy {
		return nil, &Error{At: d.URL, Problem: "stands on itself"}
	}
	if now := added.Load(); e.failed != nil && e.failedAt == now {
		return nil, e.failed
	}
	made, err := r.makeNow(e, d)
	if err != nil {
		e.failed, e.failedAt = err, added.Load()
		return nil, err
	}
	e.ready.Store(made)
	return made, nil
}

func (r *Registry) makeNow(e *entry, d *r4.StructureDefinition) (*r4.StructureDefinition, error) {
	e.busy = true
	defer func() { e.busy = false }()
	resolve := func(url string) (*r4.StructureDefinition, error) {
		in, other, err := r.find(kindStructure, url)
		if err != nil {
			return nil, err
		}
		return in.makeLocked(other)
	}
	var on *r4.StructureDefinition
	if d.BaseDefinition != "" && d.BaseDefinition != anything {
		var err error
		if on, err = resolve(d.BaseDefinition); err != nil {
			return nil, &Error{At: e.at, Problem: "its base cannot be had", Err: err}
		}
	}
	return Snapshot(d, on, resolve)
}

// anything is what logical models stand on that are written for R5 as well: the
// type that all types have in common, without elements.
const anything = "http://hl7.org/fhir/StructureDefinition/Base"
