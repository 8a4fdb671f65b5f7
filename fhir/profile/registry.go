package profile

import (
	"cmp"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ponshealth/pons/fhir/r4"
)

// maxVersions of one definition are kept.
const maxVersions = 100

// The kinds of definitions that a Registry keeps.
const (
	kindStructure  = "StructureDefinition"
	kindValueSet   = "ValueSet"
	kindCodeSystem = "CodeSystem"
)

// A Registry finds definitions by canonical URL. The zero value is not usable;
// see New and Base.
type Registry struct {
	below  *Registry // asked for what is not here; nil at the bottom
	frozen bool      // Base: nothing is added

	mu   sync.RWMutex
	urls map[key][]*entry // of one URL, the newest version first
}

type key struct{ kind, url string }

// making is held while snapshots are made. It is one for all, as a Registry makes
// those of the one below too.
var making sync.Mutex

// added counts the definitions added to any Registry. What could not be made may
// be possible after one more.
var added atomic.Uint64

// An entry is one definition, read when it is first asked for.
type entry struct {
	version string
	at      string // where it came from: a file, or its URL

	load sync.Once
	from *stored
	res  r4.Resource

	ready atomic.Pointer[r4.StructureDefinition] // with snapshot

	// Guarded by making:
	busy     bool   // its snapshot is being made
	failed   error  // why it could not be made
	failedAt uint64 // when there were so many definitions
}

func (e *entry) resource() r4.Resource {
	e.load.Do(func() {
		if e.res != nil {
			return
		}
		res, err := r4.Unmarshal(e.from.text())
		if err != nil {
			panic("profile: embedded definitions: " + err.Error())
		}
		e.res = res
	})
	return e.res
}

// Base is the Registry of the official definitions of FHIR R4 (4.0.1). There is
// one of it, and nothing can be added: see New.
func Base() *Registry { return official() }

var official = sync.OnceValue(readBase)

func readBase() *Registry {
	r := &Registry{frozen: true, urls: make(map[key][]*entry, 4096)}
	entries := make([]entry, 4096) // one piece of memory for all
	eachStored(func(url, version string, s *stored) {
		if len(entries) == 0 {
			entries = make([]entry, 1024)
		}
		e := &entries[0]
		entries = entries[1:]
		k := key{s.kind, url}
		e.version, e.at, e.from = version, url, s
		if u, v := cut(url); v != "" { // some tables of v2 carry the version in the URL
			k.url, e.version = u, v
		}
		r.urls[k] = append(r.urls[k], e)
	})
	return r
}

// New makes an empty Registry that adds to another: what it does not have, that
// one is asked for. A URL that both have is the new one's, unless the version
// asked for is only in the other. A nil Registry stands for nothing below.
func New(on *Registry) *Registry {
	return &Registry{below: on, urls: map[key][]*entry{}}
}

// Add adds a StructureDefinition, a ValueSet or a CodeSystem, which the Registry
// keeps and which must not be changed after. Of two with the same URL and
// version the one added last holds. Other resources are refused, as is one
// without a URL, and a resource type or datatype of another release of FHIR, which
// would stand in the place of that of R4.
func (r *Registry) Add(res r4.Resource) error {
	return r.add("", res)
}

func (r *Registry) add(file string, res r4.Resource) error {
	var url, version string
	switch res := res.(type) {
	case *r4.StructureDefinition:
		url, version = res.URL, res.Version
		if v := res.FhirVersion; v != "" && !strings.HasPrefix(v, "4.") && res.Derivation == "specialization" && res.Kind != "logical" {
			return &Error{At: cmp.Or(file, url), Problem: "defines a type of another release than R4"}
		}
	case *r4.ValueSet:
		url, version = res.URL, res.Version
	case *r4.CodeSystem:
		url, version = res.URL, res.Version
	default:
		return &Error{At: cmp.Or(file, "resource"), Problem: "is not a StructureDefinition, ValueSet or CodeSystem"}
	}
	if r.frozen {
		return &Error{At: cmp.Or(file, url), Problem: "the base definitions cannot be changed; add to a Registry made by New"}
	}
	if url == "" {
		return &Error{At: cmp.Or(file, res.ResourceType()), Problem: "has no url"}
	}
	if u, v := cut(url); v != "" {
		url, version = u, v
	}
	e := &entry{version: version, at: cmp.Or(file, url), res: res}
	k := key{res.ResourceType(), url}
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.DeleteFunc(slices.Clone(r.urls[k]), func(old *entry) bool { return old.version == version })
	if len(all) >= maxVersions {
		return &Error{At: e.at, Problem: "is one more version of " + url + " than are kept"}
	}
	all = append(all, e)
	slices.SortStableFunc(all, func(a, b *entry) int { return compareVersions(b.version, a.version) })
	r.urls[k] = all
	added.Add(1)
	return nil
}

// find gives the entry of a canonical URL, and the Registry it stands in.
func (r *Registry) find(kind, canonical string) (*Registry, *entry, error) {
	url, version := cut(canonical)
	if kind == kindStructure && !strings.ContainsAny(url, ":/") {
		url = "http://hl7.org/fhir/StructureDefinition/" + url
	}
	var others []string
	for at := r; at != nil; at = at.below {
		at.mu.RLock()
		all := at.urls[key{kind, url}]
		at.mu.RUnlock()
		if version == "" && len(all) > 0 {
			return at, all[0], nil
		}
		for _, same := range []func(string, string) bool{sameVersion, nearVersion} {
			if i := slices.IndexFunc(all, func(e *entry) bool { return same(version, e.version) }); i >= 0 {
				return at, all[i], nil
			}
		}
		for _, e := range all {
			others = append(others, cmp.Or(e.version, "without version"))
		}
	}
	problem := "no " + kind + " of this URL"
	if len(others) > 0 {
		problem = "no " + kind + " of this version; there is " + strings.Join(others, ", ")
	}
	return nil, nil, &Error{At: canonical, Problem: problem, Err: ErrUnknown}
}

func sameVersion(want, have string) bool { return want == have }

// nearVersion lets "4.0" stand for "4.0.1", and "4.0.0" too: the third number
// counts technical corrections, and instances name the release they know.
func nearVersion(want, have string) bool {
	w, h := strings.Split(want, "."), strings.Split(have, ".")
	if len(w) > 3 || len(h) < 2 || len(w) < 2 && len(w) == len(h) {
		return false
	}
	n := min(len(w), len(h), 2)
	return slices.Equal(w[:n], h[:n])
}

// ValueSet gives the ValueSet of a canonical URL, which may end in |version.
// Without one it is the newest version here. The error is an *Error that wraps
// ErrUnknown.
func (r *Registry) ValueSet(url string) (*r4.ValueSet, error) {
	_, e, err := r.find(kindValueSet, url)
	if err != nil {
		return nil, err
	}
	return e.resource().(*r4.ValueSet), nil
}

// CodeSystem gives the CodeSystem of a canonical URL as ValueSet does.
func (r *Registry) CodeSystem(url string) (*r4.CodeSystem, error) {
	_, e, err := r.find(kindCodeSystem, url)
	if err != nil {
		return nil, err
	}
	return e.resource().(*r4.CodeSystem), nil
}

// StructureDefinition gives the StructureDefinition of a canonical URL, which may
// end in |version, always with a snapshot. The name of a type of FHIR stands for
// its URL: "Patient" is http://hl7.org/fhir/StructureDefinition/Patient. The error
// is an *Error, or several joined: it wraps ErrUnknown when the URL, or that of
// what it stands on, is not known, or tells why no snapshot can be made.
func (r *Registry) StructureDefinition(url string) (*r4.StructureDefinition, error) {
	in, e, err := r.find(kindStructure, url)
	if err != nil {
		return nil, err
	}
	if d := e.ready.Load(); d != nil {
		return d, nil
	}
	if d := e.resource().(*r4.StructureDefinition); d.Snapshot != nil {
		e.ready.Store(d)
		return d, nil
	}
	return in.make(e)
}

// StructureDefinitions lists the canonical URLs of all StructureDefinitions, here
// and below, sorted, each once.
func (r *Registry) StructureDefinitions() iter.Seq[string] { return r.list(kindStructure) }

// ValueSets lists the canonical URLs of all ValueSets as StructureDefinitions does.
func (r *Registry) ValueSets() iter.Seq[string] { return r.list(kindValueSet) }

// CodeSystems lists the canonical URLs of all CodeSystems as StructureDefinitions does.
func (r *Registry) CodeSystems() iter.Seq[string] { return r.list(kindCodeSystem) }

func (r *Registry) list(kind string) iter.Seq[string] {
	all := map[string]bool{}
	for at := r; at != nil; at = at.below {
		at.mu.RLock()
		for k := range at.urls {
			if k.kind == kind {
				all[k.url] = true
			}
		}
		at.mu.RUnlock()
	}
	return slices.Values(slices.Sorted(maps.Keys(all)))
}

// compareVersions orders versions by their numbers, part by part; what is no
// number is compared as text, and a version is later than none.
func compareVersions(a, b string) int {
	x, y := strings.FieldsFunc(a, separator), strings.FieldsFunc(b, separator)
	for i := range min(len(x), len(y)) {
		m, errM := strconv.ParseUint(x[i], 10, 64)
		n, errN := strconv.ParseUint(y[i], 10, 64)
		c := cmp.Compare(x[i], y[i])
		if errM == nil && errN == nil {
			c = cmp.Compare(m, n)
		}
		if c != 0 {
			return c
		}
	}
	return cmp.Compare(len(x), len(y))
}

func separator(r rune) bool { return r == '.' || r == '-' || r == '+' || r == '_' }
