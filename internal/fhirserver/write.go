package fhirserver

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
)

// attempts is how often a change without If-Match is tried again when another
// one came between.
const attempts = 5

// create stores a new resource under an id of ours (http.html#create).
func (x *exchange) create() error {
	r, err := x.sent()
	if err != nil {
		return err
	}
	if criteria := x.r.Header.Get("If-None-Exist"); criteria != "" {
		return x.createConditionally(r, criteria)
	}
	return x.createNew(r, nil)
}

func (x *exchange) createNew(r r4.Resource, unique []search.Entry) error {
	w, err := prepare(r, newID())
	if err != nil {
		return err
	}
	w.Unique = unique
	return x.write(w, http.StatusCreated)
}

// update stores the next version of a resource, or the first one under the id
// that the client chose (http.html#update, #upsert).
func (x *exchange) update() error {
	r, err := x.sent()
	if err != nil {
		return err
	}
	if r.ResourceID() != x.id {
		return fault.New(fault.Invalid, x.typ+".id", "must be there and be the id in the URL")
	}
	return x.put(r, nil)
}

// put writes r as version after the current one, and tries again if another
// change came between, unless the client bound it to a version with If-Match.
func (x *exchange) put(r r4.Resource, unique []search.Entry) error {
	w, err := prepare(r, x.id)
	if err != nil {
		return err
	}
	w.Unique = unique
	for try := 1; ; try++ {
		now, exists, err := x.precondition()
		if err != nil {
			return err
		}
		w.Expect = now.Version
		status := http.StatusOK
		if !exists {
			status = http.StatusCreated // also when it is brought back to life
		}
		err = x.write(w, status)
		if err == nil || fault.KindOf(err) != fault.Conflict || try == attempts {
			return err
		}
	}
}

// delete writes a version that says the resource is deleted (http.html#delete).
// What is not there, or deleted already, stays as it is.
func (x *exchange) delete() error {
	for try := 1; ; try++ {
		now, exists, err := x.precondition()
		if err != nil {
			return err
		}
		if !exists {
			if now.Version > 0 {
				x.versionHeaders(now)
			}
			return x.noContent()
		}
		done, err := x.server.Store.Write(x.ctx, []store.Write{{Type: x.typ, ID: x.id, Expect: now.Version, Deleted: true}})
		if err == nil {
			x.versionHeaders(done[0])
			return x.noContent()
		}
		if fault.KindOf(err) != fault.Conflict || try == attempts {
			return err
		}
	}
}

// precondition reads the current version, if there is one, and holds it against
// If-Match and If-None-Match (http.html#concurrency).
func (x *exchange) precondition() (now store.Resource, exists bool, err error) {
	want, err := x.ifMatch()
	if err != nil {
		return now, false, err
	}
	now, err = x.server.Store.Read(x.ctx, x.typ, x.id)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return now, false, err
	}
	if err != nil {
		now = store.Resource{}
	}
	exists = now.Version > 0 && !now.Deleted
	switch {
	case want > 0 && want != now.Version || want < 0 && !exists:
		return now, exists, preconditionFailed("http.If-Match", "the resource is not in this version")
	case exists && x.noneMatch(now.Version):
		return now, exists, preconditionFailed("http.If-None-Match", "the resource is there already")
	}
	return now, exists, nil
}

func preconditionFailed(location, text string) error {
	return &problem{http.StatusPreconditionFailed, []issue{{code: "conflict", text: text, location: location}}}
}

// write stores one version and answers with it as the client prefers
// (http.html#ops).
func (x *exchange) write(w store.Write, status int) error {
	done, err := x.server.Store.Write(x.ctx, []store.Write{w})
	if err != nil {
		return err
	}
	return x.written(done[0], status)
}

func (x *exchange) written(r store.Resource, status int) error {
	x.versionHeaders(r)
	x.w.Header().Set("Location", x.url(r, true))
	switch x.prefer("return") {
	case "minimal":
		x.send(status, nil)
	case "OperationOutcome":
		return x.resource(status, outcome([]issue{{severity: "information", code: "informational", text: "done"}}))
	default:
		x.json(status, r.Body)
	}
	return nil
}

// sent reads the resource in the body and checks that it is of the type in the URL.
func (x *exchange) sent() (r4.Resource, error) {
	b, err := x.body(x.server.MaxBody, fhirJSON, "application/json", "application/json+fhir", "text/json")
	if err != nil {
		return nil, err
	}
	r, err := r4.Unmarshal(b)
	if err != nil {
		return nil, bodyProblem(err)
	}
	if r.ResourceType() != x.typ {
		return nil, fault.New(fault.Invalid, "resourceType", "is not the type in the URL")
	}
	return r, nil
}

// prepare makes the write of a new resource: with the id, without what is the
// server's to say (versionId and lastUpdated), and with its index.
func prepare(r r4.Resource, id string) (store.Write, error) {
	r.SetResourceID(id)
	if meta := r.ResourceMeta(); meta != nil {
		for _, name := range []string{"versionId", "lastUpdated"} {
			if f, _, ok := r4.TypeByName("Meta").Field(name); ok {
				f.Clear(meta)
			}
		}
		if r4.Equal(meta, &r4.Meta{}) {
			r.SetResourceMeta(nil)
		}
	}
	body, err := r4.Marshal(r)
	if err != nil {
		return store.Write{}, err
	}
	return store.Write{Type: r.ResourceType(), ID: id, Body: body, Index: search.Extract(r)}, nil
}

// newID makes a random id (UUID version 4).
func newID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
