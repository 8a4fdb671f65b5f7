package fhirserver

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strconv"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
)

// A problem is a failure as the client is told of it.
type problem struct {
	status int
	issues []issue
}

func (p *problem) Error() string { return p.issues[0].text }

// An issue is one of OperationOutcome.issue. Its text never quotes data.
type issue struct {
	severity   string // "" is error
	code       string // of http://hl7.org/fhir/issue-type
	text       string
	expression string // FHIRPath of the element
	location   string // "http.name": the parameter or header (operationoutcome.html)
}

// answer is what a kind of failure looks like on HTTP.
type answer struct {
	status int
	code   string // of http://hl7.org/fhir/issue-type
}

// answers is the table: one line for each of fault.Kinds. Codes from
// http.html and valueset-issue-type.html.
var answers = map[fault.Kind]answer{
	fault.Internal:    {http.StatusInternalServerError, "exception"},
	fault.Invalid:     {http.StatusBadRequest, "invalid"},
	fault.Unsupported: {http.StatusBadRequest, "not-supported"},
	fault.NotFound:    {http.StatusNotFound, "not-found"},
	fault.Gone:        {http.StatusGone, "deleted"},
	fault.Conflict:    {http.StatusConflict, "conflict"},
	fault.TooLarge:    {http.StatusRequestEntityTooLarge, "too-long"},
	fault.Denied:      {http.StatusForbidden, "forbidden"},
	fault.Busy:        {http.StatusServiceUnavailable, "transient"},
}

// problemOf translates any error. What nobody has classified, and what is ours
// to mend, says nothing of itself to the client.
func problemOf(err error) *problem {
	if p, ok := errors.AsType[*problem](err); ok {
		return p
	}
	if e, ok := errors.AsType[*search.Error](err); ok {
		return searchProblem(e)
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = fault.New(fault.TooLarge, "", "the request body is too large")
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return &problem{http.StatusServiceUnavailable, []issue{{code: "timeout", text: "the request took too long"}}}
	}
	a := answers[fault.KindOf(err)]
	i := issue{code: a.code, text: "something went wrong on the server"}
	if e, ok := errors.AsType[*fault.Error](err); ok && a.status != http.StatusInternalServerError {
		i.text, i.expression = e.Err.Error(), e.At
	}
	return &problem{a.status, []issue{i}}
}

// searchProblem is always 400 (search.html#errors).
func searchProblem(e *search.Error) *problem {
	i := issue{code: "invalid", text: e.Problem, location: atParameter(e.At)}
	switch e.Class {
	case search.Unknown:
		i.code = "not-supported"
	case search.TooCostly:
		i.code = "too-costly"
	}
	return &problem{http.StatusBadRequest, []issue{i}}
}

// bodyProblem is that of a resource that a client sent and that is not one
// (http.html#create: 400). From anywhere else an r4.Error would be ours.
func bodyProblem(err error) error {
	e, ok := errors.AsType[*r4.Error](err)
	if !ok {
		return err
	}
	i := issue{code: "structure", text: e.Problem, expression: e.At}
	if e.At == "" && e.Line > 0 {
		i.text += " (line " + strconv.Itoa(e.Line) + ")"
	}
	return &problem{http.StatusBadRequest, []issue{i}}
}

// plainName is what a search parameter looks like. Anything else that came as
// one is not repeated: it may be a value in the wrong place.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z_:.-]{0,63}$`)

func atParameter(name string) string {
	if !plainName.MatchString(name) {
		return ""
	}
	return "http." + name
}

// outcome makes the resource.
func outcome(issues []issue) *r4.OperationOutcome {
	o := &r4.OperationOutcome{}
	for _, i := range issues {
		out := r4.OperationOutcomeIssue{Severity: "error", Code: i.code, Diagnostics: i.text}
		if i.severity != "" {
			out.Severity = i.severity
		}
		if i.expression != "" {
			out.Expression = []string{i.expression}
		}
		if i.location != "" {
			out.Location = []string{i.location}
		}
		o.Issue = append(o.Issue, out)
	}
	return o
}
