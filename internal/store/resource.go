package store

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/ponshealth/pons/internal/fault"
)

// Resource is one version of a FHIR resource.
type Resource struct {
	Type, ID string
	Version  int
	Updated  time.Time
	Deleted  bool   // Body is nil then
	Body     []byte // JSON with meta.versionId and meta.lastUpdated
	State    []byte // what its last Write with a state gave; only ReadMany reads it
}

// Read returns the current version of a resource, which may be the one that
// says it is deleted. It fails with fault.NotFound if the id was never used.
func (s *Store) Read(ctx context.Context, typ, id string) (Resource, error) {
	return s.readOne(ctx, typ, id, sqlRead, s.names.id(typ), id)
}

// Key names a resource.
type Key struct{ Type, ID string }

const readMany = 16 // keys that one statement reads

// ReadMany returns the current versions of those resources that are known,
// including those that say they are deleted. It is Read for many at the cost of
// few.
func (s *Store) ReadMany(ctx context.Context, keys []Key) (map[Key]Resource, error) {
	found := make(map[Key]Resource, len(keys))
	types := map[int64]string{}
	for chunk := range slices.Chunk(keys, readMany) {
		args := make([]any, 0, 2*readMany)
		for _, k := range chunk {
			typ := s.names.id(k.Type)
			types[typ] = k.Type
			args = append(args, typ, k.ID)
		}
		for len(args) < cap(args) {
			args = append(args, 0, "") // no resource has them
		}
		err := s.each(ctx, sqlReadMany, args, func(scan func(...any) error) error {
			var typ int64
			var r Resource
			err := s.scanResource(&r, func(dest ...any) error { return scan(append([]any{&typ, &r.ID, &r.State}, dest...)...) })
			r.Type = types[typ]
			found[Key{r.Type, r.ID}] = r
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// ReadVersion returns one version of a resource, or fails with fault.NotFound.
func (s *Store) ReadVersion(ctx context.Context, typ, id string, version int) (Resource, error) {
	r, err := s.Read(ctx, typ, id)
	if err != nil || r.Version == version {
		return r, err
	}
	return s.readOne(ctx, typ, id, sqlReadVersion, s.names.id(typ), id, version)
}

func (s *Store) readOne(ctx context.Context, typ, id, query string, args ...any) (Resource, error) {
	r := Resource{Type: typ, ID: id}
	found := false
	err := s.each(ctx, query, args, func(scan func(...any) error) error {
		found = true
		return s.scanResource(&r, scan)
	})
	if err == nil && !found {
		err = fault.New(fault.NotFound, typ, "not known")
	}
	return r, err
}

// scanResource reads version, time, deleted and body, and after them into more.
func (s *Store) scanResource(r *Resource, scan func(...any) error, more ...any) error {
	var updated int64
	var packed []byte
	if err := scan(append([]any{&r.Version, &updated, &r.Deleted, &packed}, more...)...); err != nil {
		return err
	}
	r.Updated = time.UnixMicro(updated).UTC()
	if r.Deleted {
		return nil
	}
	body, err := s.pack.unpack(packed)
	if err == nil {
		r.Body, err = patchMeta(body, r.Version, r.Updated)
	}
	return err
}

// History returns up to count versions of a resource that came before version
// before, newest first; before 0 begins with the current one. An id that was
// never used has none. It returns fewer when their bodies are many megabytes.
func (s *Store) History(ctx context.Context, typ, id string, count, before int) ([]Resource, error) {
	if before <= 0 {
		before = math.MaxInt32
	}
	var out []Resource
	bytes := 0
	err := s.each(ctx, sqlHistory, []any{s.names.id(typ), id, before, count}, func(scan func(...any) error) error {
		if bytes >= maxPage {
			return nil
		}
		r := Resource{Type: typ, ID: id}
		err := s.scanResource(&r, scan)
		bytes += len(r.Body)
		out = append(out, r)
		return err
	})
	return out, err
}
