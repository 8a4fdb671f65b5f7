package store

import (
	"context"
	"errors"
	"time"

	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// Write is one new version of a FHIR resource.
type Write struct {
	Type, ID string
	Expect   int            // 0: the id must be new; n: n must be the current version; -1: any, or new
	Deleted  bool           // the new version says that the resource is deleted; Body and Index are ignored
	Body     []byte         // JSON without meta.versionId and meta.lastUpdated
	Index    []search.Entry // what search.Extract finds in Body
	Unique   []search.Entry // tokens that no other resource of the type may hold
	Message  message.ID     // the message that it comes from, or 0; Settle sets it

	// State is kept beside the resource, for who writes it ([Store.ReadMany] gives
	// it back); nil leaves what is there. It takes the place of Was, which must be
	// there still, or it is a conflict. StateOnly makes no new version: Body, Index
	// and Unique are ignored, and Expect is the version that it is about.
	State, Was []byte
	StateOnly  bool
}

// Write does all of w in one transaction, in order, and returns the new
// versions. If one cannot be done, none is: fault.Conflict when a version moved
// on or a token of Unique is taken.
//
// Whether a write would change anything is the caller's matter.
func (s *Store) Write(ctx context.Context, w []Write) ([]Resource, error) {
	changes, err := s.prepare(ctx, w)
	if err != nil {
		return nil, err
	}
	out := make([]Resource, len(changes))
	err = s.write.other(ctx, func(t *tx) error { return s.applyAll(t, changes, out) }, nil)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if !out[i].Deleted {
			if out[i].Body, err = patchMeta(changes[i].body, out[i].Version, out[i].Updated); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// change is a write with all that can be done before the transaction.
type change struct {
	Write
	typ    int64
	body   []byte // with a meta object
	packed []byte
	index  rows
	unique []uniqueToken
	base   base
}

type uniqueToken struct {
	hashRow
	token search.Entry
}

func (s *Store) prepare(ctx context.Context, writes []Write) ([]change, error) {
	changes := make([]change, len(writes))
	for i, w := range writes {
		c := &changes[i]
		c.Write, c.packed = w, []byte{}
		var err error
		if c.typ, err = s.nameID(ctx, w.Type); err != nil {
			return nil, err
		}
		if w.StateOnly {
			continue
		}
		if !w.Deleted {
			if err = s.prepareBody(ctx, c); err != nil {
				return nil, err
			}
		}
		if w.Expect != 0 {
			if err = s.prepareBase(ctx, c); err != nil {
				return nil, err
			}
		}
	}
	return changes, nil
}

func (s *Store) prepareBody(ctx context.Context, c *change) (err error) {
	if len(c.Body) > MaxBody {
		return fault.New(fault.TooLarge, c.Type, "a resource of more than %d bytes", MaxBody)
	}
	if c.body, err = withMeta(c.Body); err != nil {
		return err
	}
	c.packed = s.pack.resource(c.body)
	name := func(name string) (int64, error) { return s.nameID(ctx, name) }
	if c.index, err = rowsOf(c.Type, c.Index, name); err != nil {
		return err
	}
	for _, e := range c.Unique {
		sp, err := name(c.Type + "." + e.Param)
		if err != nil {
			return err
		}
		c.unique = append(c.unique, uniqueToken{hashRow{sp, tokenHash(e.System, e.Code)}, e})
	}
	return nil
}

// base is a version that a change builds on.
type base struct {
	pk      int64 // 0: there is none
	version int
	index   rows // its index rows
}

// prepareBase finds the present version, outside of the transaction. apply
// looks whether it is still the present one.
func (s *Store) prepareBase(ctx context.Context, c *change) error {
	var deleted bool
	var packed []byte
	found, err := s.one(ctx, sqlCurrent, []any{c.typ, c.ID}, &c.base.pk, &c.base.version, &deleted, &packed)
	if found && err == nil && !deleted {
		c.base.index, err = s.rowsOfBody(c.Type, packed)
	}
	return err
}

// refresh is prepareBase within the transaction.
func (s *Store) refresh(t *tx, c *change) error {
	var deleted bool
	var packed []byte
	c.base = base{}
	found, err := t.one(sqlCurrent, []any{c.typ, c.ID}, &c.base.pk, &c.base.version, &deleted, &packed)
	if found && err == nil && !deleted {
		c.base.index, err = s.rowsOfBody(c.Type, packed)
	}
	return err
}

// applyAll runs in the writer. It puts the new versions into out.
func (s *Store) applyAll(t *tx, changes []change, out []Resource) error {
	var add additions
	for i := range changes {
		r, err := s.apply(t, &add, &changes[i])
		if err != nil {
			return err
		}
		out[i] = r
		if i+1 < len(changes) && len(changes[i+1].unique) == 0 {
			continue
		}
		// Who claims an identifier must see those of the writes before it.
		if err := add.flush(t); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) apply(t *tx, add *additions, c *change) (Resource, error) {
	if c.StateOnly {
		out := Resource{Type: c.Type, ID: c.ID, Version: c.Expect, Deleted: true} // so that nobody looks for a body
		n, err := t.exec(sqlSetState, c.typ, c.ID, c.Expect, c.State, blob(c.Was))
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, c.Type, "the version is not the expected one")
		}
		return out, err
	}
	out, err := s.replace(t, add, c)
	if err == errMoved && c.Expect != 0 {
		// What was prepared is out of date, perhaps by a write of the same job.
		// That is a conflict only if the version is not what the caller expects.
		if err = add.flush(t); err == nil {
			err = s.refresh(t, c)
		}
		if err == nil {
			out, err = s.replace(t, add, c)
		}
	}
	switch {
	case err == errMoved && c.Deleted && c.base.pk == 0 && c.Expect <= 0:
		err = fault.New(fault.NotFound, c.Type, "there is nothing to delete")
	case err == errMoved:
		err = fault.New(fault.Conflict, c.Type, "the version is not the expected one")
	}
	return out, err
}

var errMoved = errors.New("the present version is not what was prepared for")

// replace writes the version that follows c.base.
func (s *Store) replace(t *tx, add *additions, c *change) (Resource, error) {
	if c.Expect > 0 && c.Expect != c.base.version || c.base.pk == 0 && c.Deleted {
		return Resource{}, errMoved
	}
	if !c.Deleted {
		if err := s.checkUnique(t, c); err != nil {
			return Resource{}, err
		}
	}
	out := Resource{Type: c.Type, ID: c.ID, Version: c.base.version + 1, Deleted: c.Deleted, Updated: s.stamp()}
	pk, updated, n := c.base.pk, out.Updated.UnixMicro(), int64(0)
	var err error
	if pk == 0 {
		s.lastPK++
		pk = s.lastPK
		n, err = t.exec(sqlCreate, pk, c.typ, c.ID, updated, int64(c.Message), c.packed, blob(c.State))
	} else if n, err = keepVersion(t, c); err == nil && n == 1 {
		if c.State != nil {
			n, err = t.exec(sqlReplaceState, pk, c.base.version, updated, number(c.Deleted), int64(c.Message), c.packed, c.State)
		} else {
			n, err = t.exec(sqlReplace, pk, c.base.version, updated, number(c.Deleted), int64(c.Message), c.packed)
		}
	}
	if err == nil && n != 1 {
		return Resource{}, errMoved
	}
	if err == nil {
		err = reindex(t, add, pk, c.base.index, c.index)
	}
	if err == nil && c.Message != 0 {
		_, err = t.exec(sqlAddProduced, int64(c.Message), pk, out.Version)
	}
	return out, err
}

// keepVersion puts the present version among the earlier ones, if it is as c
// expects.
func keepVersion(t *tx, c *change) (int64, error) {
	if c.State != nil {
		return t.exec(sqlKeepVersionOf, c.base.pk, c.base.version, blob(c.Was))
	}
	return t.exec(sqlKeepVersion, c.base.pk, c.base.version)
}

// blob is a state as SQL has it: none is NULL.
func blob(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// stamp is the time of a write, in the milliseconds that FHIR shows. It never
// goes back.
func (s *Store) stamp() time.Time {
	s.lastUpdated = max(s.lastUpdated, s.now().UnixMilli()*1000)
	return time.UnixMicro(s.lastUpdated).UTC()
}

// checkUnique looks for another live resource of the type that holds a token
// of c. The index goes by hash, so the body is asked as well.
func (s *Store) checkUnique(t *tx, c *change) error {
	for _, u := range c.unique {
		err := t.each(sqlHolders, []any{u.sp, u.h}, func(scan func(...any) error) error {
			var pk int64
			var id string
			var packed []byte
			if err := scan(&pk, &id, &packed); err != nil || id == c.ID {
				return err
			}
			entries, err := s.entriesOf(packed)
			if err == nil && holds(entries, u.token.Param, u.token.System, u.token.Code) {
				return fault.New(fault.Conflict, c.Type+"."+u.token.Param, "another %s has it", c.Type)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
