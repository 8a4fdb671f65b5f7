package fhirserver

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fault"
)

// A route is one interaction: how it is asked for and what does it. The path is
// of the words "{type}", "{id}" and "{version}" and of literal ones. The
// CapabilityStatement is made from the codes here.
type route struct {
	method string
	path   string
	code   string // in the CapabilityStatement (type-restful-interaction), or "" if it is no interaction of a type
	handle func(*exchange) error
}

var routes = []route{
	{"GET", "metadata", "", (*exchange).metadata},
	{"GET", "{type}", "search-type", (*exchange).search},
	{"POST", "{type}/_search", "search-type", (*exchange).searchForm},
	{"POST", "{type}", "create", (*exchange).create},
	{"PUT", "{type}", "update", (*exchange).updateConditionally},
	{"GET", "{type}/{id}", "read", (*exchange).read},
	{"PUT", "{type}/{id}", "update", (*exchange).update},
	{"PATCH", "{type}", "patch", (*exchange).patchConditionally},
	{"PATCH", "{type}/{id}", "patch", (*exchange).patch},
	{"DELETE", "{type}/{id}", "delete", (*exchange).delete},
	{"GET", "{type}/{id}/_history", "history-instance", (*exchange).history},
	{"GET", "{type}/{id}/_history/{version}", "vread", (*exchange).readVersion},
}

// noEndpoint are the resource types that cannot be stored: Parameters has no
// RESTful end-point (parameters.html).
var noEndpoint = []string{"Parameters"}

// storable lists the types that the server keeps, sorted.
var storable = sync.OnceValue(func() []string {
	types := slices.DeleteFunc(slices.Clone(r4.ResourceTypes()), func(t string) bool { return slices.Contains(noEndpoint, t) })
	slices.Sort(types)
	return types
})

// route finds the handler for the request and sets what its path says. HEAD is
// GET, whose body net/http leaves out (http.html#head).
func (x *exchange) route() (func(*exchange) error, error) {
	words := strings.Split(strings.Trim(x.r.URL.Path, "/"), "/")
	method := x.r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	var allowed []string
	for i := range routes {
		t := &routes[i]
		found, ok := match(t.path, words)
		switch {
		case !ok:
		case t.method == method:
			x.name = t.method + " " + t.path
			x.typ, x.id, x.version = found["{type}"], found["{id}"], found["{version}"]
			return t.handle, x.checkPath()
		case t.method == http.MethodGet:
			allowed = append(allowed, http.MethodGet, http.MethodHead)
		default:
			allowed = append(allowed, t.method)
		}
	}
	if len(allowed) == 0 {
		return nil, fault.New(fault.NotFound, "", "there is no such end-point")
	}
	x.w.Header().Set("Allow", strings.Join(append(allowed, http.MethodOptions), ", "))
	if method == http.MethodOptions {
		x.name = method
		return (*exchange).noContent, nil
	}
	return nil, &problem{status: http.StatusMethodNotAllowed, issues: []issue{{code: "not-supported", text: "the method is not supported here"}}}
}

// match compares a path of the table with the words of a request and returns
// what stands for its "{...}". Names that begin with "_" or "$" are never types
// or ids.
func match(path string, words []string) (found map[string]string, ok bool) {
	pattern := strings.Split(path, "/")
	if len(pattern) != len(words) {
		return nil, false
	}
	for i, p := range pattern {
		word := words[i]
		named := word == "" || word[0] == '_' || word[0] == '$' || p == "{type}" && word == "metadata"
		if p[0] == '{' && named || p[0] != '{' && p != word {
			return nil, false
		}
	}
	found = map[string]string{}
	for i, p := range pattern {
		if p[0] == '{' {
			found[p] = words[i]
		}
	}
	return found, true
}

// checkPath refuses a type that is not kept here (404, http.html#read) and an
// id that cannot be one. The type is forgotten then: it may be anything, and
// goes into no log.
func (x *exchange) checkPath() error {
	if x.typ == "" {
		return nil
	}
	if _, ok := slices.BinarySearch(storable(), x.typ); !ok {
		x.typ = ""
		return &problem{status: http.StatusNotFound, issues: []issue{{code: "not-supported", text: "no resource type of R4 that is kept here has this name"}}}
	}
	if x.id != "" && !validID(x.id) {
		if x.r.Method == http.MethodPut {
			return fault.New(fault.Invalid, "", "the id in the URL is not a FHIR id: 1 to 64 of A-Z a-z 0-9 - .")
		}
		return errNotFound()
	}
	return nil
}

// validID checks the format of datatypes.html#id.
func validID(id string) bool {
	if len(id) < 1 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		switch c := id[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.':
		default:
			return false
		}
	}
	return true
}

// versionNumber reads a version id as this server makes them: a positive number.
func versionNumber(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n > 0 && strconv.Itoa(n) == s
}

func errNotFound() error { return fault.New(fault.NotFound, "", "there is no such resource") }
