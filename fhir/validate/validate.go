package validate

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/terminology"
)

// Definitions finds the StructureDefinition of a canonical URL, which may end in
// |version, with its snapshot. A profile.Registry is one.
type Definitions interface {
	StructureDefinition(url string) (*r4.StructureDefinition, error)
}

// Terminology says whether a code is in a value set. A terminology.Memory is
// one. An empty system means that the element has none, as a code has not; an
// empty value set asks whether the system has the code.
type Terminology interface {
	ValidateCode(valueSet, system, code, display string) (terminology.Result, error)
}

// Options of a Validator.
type Options struct {
	// Definitions are needed: those of the types, and of extensions and profiles.
	Definitions Definitions
	// Terminology checks bindings and codings; without it they are not checked.
	Terminology Terminology
	// Resolve finds a resource outside the document by a reference to it. Without
	// it such references are taken to be good.
	Resolve func(reference string) (r4.Resource, bool)
	// SearchParameter finds a search parameter by its canonical URL. Without it
	// those that others refer to are not looked at.
	SearchParameter func(url string) (*r4.SearchParameter, error)
	// UnknownExtensions is the severity of an extension that has no definition
	// here: "error", or "warning" if it is empty. A modifier extension that is not
	// known is an error always (FHIR R4 extensibility.html#modifierExtension).
	UnknownExtensions string
	// HTML is the severity of texts that look as if they had HTML tags in them:
	// "warning" if it is empty. Narratives are not meant; they are checked anyway.
	HTML string
	// Comments is the severity of comments in JSON: "error" if it is empty.
	Comments string
	// VitalSigns checks an Observation that has the code of a vital sign against
	// the profile of that vital sign (FHIR R4 observation-vitalsigns.html), also
	// when its meta does not name it.
	VitalSigns bool
	// MaxIssues limits the issues of an outcome; 0 means 1000.
	MaxIssues int
	// MaxWork limits the elements that one validation looks at, each counted as
	// often as it is looked at; 0 means 5 million.
	MaxWork int
	// Now is the time of FHIRPath's now(); the zero value means the clock's.
	Now time.Time
}

// A Validator checks resources against the definitions it was made with. It is
// safe for concurrent use and keeps what it compiles.
type Validator struct {
	o           Options
	schemas     sync.Map // canonical URL -> *cell
	types       sync.Map // *r4.Type -> *typeChecks
	constraints sync.Map // constraintKey -> *constraint
}

// New makes a Validator. The error is an [*Error] when there are no Definitions
// or they lack the base types.
func New(o Options) (*Validator, error) {
	if o.Definitions == nil {
		return nil, &Error{Problem: "no definitions given"}
	}
	if o.MaxIssues <= 0 {
		o.MaxIssues = 1000
	}
	if o.MaxWork <= 0 {
		o.MaxWork = 5_000_000
	}
	if o.UnknownExtensions == "" {
		o.UnknownExtensions = warning
	}
	if o.Comments == "" {
		o.Comments = failed
	}
	if o.HTML == "" {
		o.HTML = warning
	}
	v := &Validator{o: o}
	for _, name := range []string{"Element", "Extension", "Patient"} {
		if _, err := v.schema(typeURL(name)); err != nil {
			return nil, &Error{Definition: typeURL(name), Problem: "is needed", Err: err}
		}
	}
	return v, nil
}

func typeURL(name string) string { return "http://hl7.org/fhir/StructureDefinition/" + name }

// A cell holds a definition until it is compiled.
type cell struct {
	sd   *r4.StructureDefinition
	once sync.Once
	s    *schema
	err  error
}

// schema returns the compiled definition of a canonical URL. It is kept by the
// URL of the definition, alone and with its version: documents may name it in
// any number of ways, and what they name may not be known at all.
func (v *Validator) schema(url string) (*schema, error) {
	if have, ok := v.schemas.Load(url); ok {
		return have.(*cell).get(v)
	}
	sd, err := v.o.Definitions.StructureDefinition(url)
	if err != nil {
		return nil, err
	}
	if sd == nil {
		return nil, &Error{Definition: url, Problem: "not known"}
	}
	key := sd.URL + "|" + sd.Version
	if url == sd.URL {
		key = url
	}
	have, _ := v.schemas.LoadOrStore(key, &cell{sd: sd})
	return have.(*cell).get(v)
}

// get compiles the definition when it is first needed.
func (c *cell) get(v *Validator) (*schema, error) {
	c.once.Do(func() { c.s, c.err = v.compile(c.sd) })
	return c.s, c.err
}

// ValidateResource checks a resource, and all that is in it, against the
// definition of its type, the profiles that its meta names, and those given.
// It never returns nil: an outcome without errors or warnings says so in an
// issue of severity information.
func (v *Validator) ValidateResource(ctx context.Context, res r4.Resource, profiles ...string) *r4.OperationOutcome {
	r := v.run(ctx)
	r.document(res, profiles)
	return r.outcome()
}

func (v *Validator) run(ctx context.Context) *run {
	r := &run{v: v, ctx: ctx}
	r.limit = v.o.MaxIssues
	return r
}

// Valid says whether an outcome has no errors.
func Valid(o *r4.OperationOutcome) bool {
	for _, i := range o.Issue {
		if i.Severity == failed || i.Severity == fatal {
			return false
		}
	}
	return true
}

// A run is one validation.
type run struct {
	issues
	v        *Validator
	ctx      context.Context
	work     int
	stopped  bool
	base     bool    // checking against the definitions of the types, not a profile
	profile  *schema // whose elements are checked
	block    []node
	parsed   bool                                          // the resource was read from a document, so its formats have been checked
	tried    map[trial]bool                                // what conforms to a profile, found without reporting
	done     map[trial]bool                                // what has been checked against a profile with reporting
	position func(path string) (line, column int, ok bool) // in the document
	scopes   map[r4.Resource]*scope
	gaveUp   map[*constraint]bool // constraints that could not be evaluated
}

// trial is a struct of the resource and a schema it is checked against.
type trial struct {
	value any
	s     *schema
}

// maxDepth is how deep elements may nest.
const maxDepth = 200

// step counts work. It returns false when the run has to end.
func (r *run) step(n *node) bool {
	if r.stopped {
		return false
	}
	r.work++
	if n.depth > maxDepth {
		r.fail(n, "too-costly", "nested too deep; what is inside is not checked")
		return false
	}
	if r.work > r.v.o.MaxWork || r.work%4096 == 0 && r.ctx.Err() != nil {
		why := "the limit of work is reached; the rest is not checked"
		if err := r.ctx.Err(); errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			why = "stopped before the end; the rest is not checked"
		}
		r.stopped = true
		r.muted = false
		r.fail(n, "too-costly", why)
		return false
	}
	return true
}

// document checks the resource of a document.
func (r *run) document(res r4.Resource, profiles []string) {
	t := r4.TypeOf(res)
	if t == nil || t.Kind != r4.KindResource || isNil(res) {
		r.add(issue{severity: fatal, code: "structure", text: "no resource of R4"})
		return
	}
	n := &node{typ: t, value: res}
	n.scope = r.newScope(n, res, nil)
	r.resource(n, profiles)
}

// isNil says whether a resource is a pointer to nothing.
func isNil(res r4.Resource) bool {
	v := reflect.ValueOf(res)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// resource checks a resource against its type and its profiles.
func (r *run) resource(n *node, profiles []string) {
	s, err := r.v.schema(typeURL(n.typ.Name))
	if err != nil {
		r.fail(n, "not-found", "the definition of "+n.typ.Name+" is not known")
		return
	}
	was, wasBase := r.profile, r.base
	defer func() { r.profile, r.base = was, wasBase }()
	r.profile, r.base = s, true
	r.element(n, s.root)
	r.wholeResource(n)
	if m := n.scope.resource.ResourceMeta(); m != nil {
		for i, url := range m.Profile {
			if url != "" {
				r.metaProfile(n, i, url)
			}
		}
	}
	for _, url := range profiles {
		if r.conform(n, url) == unknownProfile {
			_, err := r.v.schema(url)
			r.fail(n, "not-found", "the profile "+url+" is not known, or cannot be used: "+plainText(err.Error()))
		}
	}
}
