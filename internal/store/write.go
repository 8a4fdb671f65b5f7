package store

import (
	"context"
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
	err = s.write.other(ctx, func(t *tx) error {
		for i := range changes {
			var err error
			if out[i], err = s.apply(t, &changes[i]); err != nil {
				return err
			}
		}
		return nil
	}, nil)
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
	base   int  // the version that was is about; 0 if none
	was    rows // the index rows of that version
}

type uniqueToken struct {
	hashRow
	criterion search.Criterion
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
		crit := exactly(e.Param, e.System, e.Code)
		c.unique = append(c.unique, uniqueToken{hashRow{sp, hash(lookupKey(search.Token, crit.Values[0]))}, crit})
	}
	return nil
}

// exactly is the criterion that finds one token with its system, or with none.
func exactly(param, system, code string) search.Criterion {
	return search.Criterion{Param: param, Kind: search.Token,
		Values: []search.Value{{HasSystem: true, System: system, Code: code}}}
}

// prepareBase finds the index rows that the present version has, outside of
// the transaction. apply looks whether it is still the present one.
func (s *Store) prepareBase(ctx context.Context, c *change) error {
	var version, deleted int
	var packed []byte
	found, err := s.one(ctx, sqlCurrentBody, []any{c.typ, c.ID}, &version, &deleted, &packed)
	if err != nil || !found {
		return err
	}
	c.base = version
	if deleted == 0 {
		c.was, err = s.rowsOfBody(c.Type, packed)
	}
	return err
}

// apply runs in the writer.
func (s *Store) apply(t *tx, c *change) (Resource, error) {
	var pk int64
	var version, deleted int
	found, err := t.one(sqlCurrent, []any{c.typ, c.ID}, &pk, &version, &deleted)
	if err != nil {
		return Resource{}, err
	}
	switch {
	case found && c.Expect >= 0 && c.Expect != version, !found && c.Expect > 0:
		return Resource{}, fault.New(fault.Conflict, c.Type, "the version is not the expected one")
	case !found && c.Deleted:
		return Resource{}, fault.New(fault.NotFound, c.Type, "there is nothing to delete")
	}
	if !c.Deleted {
		if err := s.checkUnique(t, c, pk); err != nil {
			return Resource{}, err
		}
	}
	was := c.was
	if found && c.base != version {
		if was, err = s.rowsNow(t, c); err != nil {
			return Resource{}, err
		}
	}
	out := Resource{Type: c.Type, ID: c.ID, Version: version + 1, Deleted: c.Deleted, Updated: s.stamp()}
	if found {
		_, err = t.exec(sqlKeepVersion, pk)
		if err == nil {
			_, err = t.exec(sqlReplace, pk, out.Version, out.Updated.UnixMicro(), number(c.Deleted), int64(c.Message), c.packed)
		}
	} else {
		s.lastPK++
		pk = s.lastPK
		_, err = t.exec(sqlCreate, pk, c.typ, c.ID, out.Version, out.Updated.UnixMicro(), number(c.Deleted), int64(c.Message), c.packed)
	}
	if err == nil {
		err = reindex(t, pk, was, c.index)
	}
	if err == nil && c.Message != 0 {
		_, err = t.exec(sqlAddProduced, int64(c.Message), pk, out.Version)
	}
	return out, err
}

// stamp is the time of a write, in the milliseconds that FHIR shows. It never
// goes back.
func (s *Store) stamp() time.Time {
	s.lastUpdated = max(s.lastUpdated, s.now().UnixMilli()*1000)
	return time.UnixMicro(s.lastUpdated).UTC()
}

// rowsNow is prepareBase for a version that came in between.
func (s *Store) rowsNow(t *tx, c *change) (rows, error) {
	var version, deleted int
	var packed []byte
	_, err := t.one(sqlCurrentBody, []any{c.typ, c.ID}, &version, &deleted, &packed)
	if err != nil || deleted != 0 {
		return rows{}, err
	}
	return s.rowsOfBody(c.Type, packed)
}

// checkUnique looks for another live resource of the type that holds a token
// of c. The index goes by hash, so the body is asked as well.
func (s *Store) checkUnique(t *tx, c *change, own int64) error {
	for _, u := range c.unique {
		err := t.each(sqlHolders, []any{u.sp, u.h}, func(scan func(...any) error) error {
			var pk int64
			var id string
			var packed []byte
			if err := scan(&pk, &id, &packed); err != nil || pk == own {
				return err
			}
			entries, err := s.entriesOf(packed)
			if err == nil && u.criterion.Matches(entries) {
				return fault.New(fault.Conflict, c.Type+"."+u.criterion.Param, "another %s has it", c.Type)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
