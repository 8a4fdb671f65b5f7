package validate

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ponshealth/pons/fhir/r4"
)

// Severities of issues (FHIR R4 value set issue-severity).
const (
	fatal       = "fatal"
	failed      = "error"
	warning     = "warning"
	information = "information"
)

// An issue is one finding.
type issue struct {
	severity, code string
	path           string
	text           string
	profile        string // whose rule it is, "" for FHIR itself
	line, column   int
}

// issues collects what a run finds, each once.
type issues struct {
	list   []issue
	seen   map[issue]bool
	limit  int
	errors int
	more   int  // found beyond the limit
	muted  bool // while trying whether something matches
}

func (s *issues) add(i issue) {
	if i.severity == failed || i.severity == fatal {
		s.errors++
	}
	if s.muted {
		return
	}
	key := i
	key.profile, key.line, key.column = "", 0, 0
	if s.seen[key] {
		return
	}
	bad := i.severity == failed || i.severity == fatal
	if len(s.list) >= s.limit && (!bad || len(s.list) >= 2*s.limit) {
		s.more++ // errors have room of their own behind the rest
		return
	}
	if s.seen == nil {
		s.seen = map[issue]bool{}
	}
	s.seen[key] = true
	s.list = append(s.list, i)
}

// fail reports an error at n.
func (r *run) fail(n *node, code, text string) { r.report(n, failed, code, text) }

func (r *run) warn(n *node, code, text string) { r.report(n, warning, code, text) }

func (r *run) note(n *node, code, text string) { r.report(n, information, code, text) }

func (r *run) report(n *node, severity, code, text string) {
	i := issue{severity: severity, code: code, text: text}
	if r.profile != nil && r.profile.derived {
		i.profile = r.profile.url
	}
	if !r.muted {
		i.path = n.path()
	}
	r.add(i)
}

// outcome turns the issues into the resource. Without any it says so, for an
// OperationOutcome has at least one issue.
func (r *run) outcome() *r4.OperationOutcome {
	o := &r4.OperationOutcome{}
	if r.more > 0 {
		r.list = append(r.list, issue{severity: warning, code: "too-costly", text: "there are " + strconv.Itoa(r.more) + " more issues, which are left out"})
	}
	if len(r.list) == 0 {
		r.list = []issue{{severity: information, code: "informational", text: "no issues"}}
	}
	for _, i := range r.list {
		o.Issue = append(o.Issue, i.resource(r))
	}
	return o
}

// Where the extensions that hold the place in the document are defined.
const (
	lineExtension   = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
	columnExtension = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"
)

func (i issue) resource(r *run) r4.OperationOutcomeIssue {
	out := r4.OperationOutcomeIssue{Severity: i.severity, Code: i.code, Details: &r4.CodeableConcept{Text: legible(i.text)}}
	if i.path != "" {
		out.Expression = []string{legible(i.path)}
	}
	if i.profile != "" {
		out.Diagnostics = "profile " + legible(i.profile)
	}
	line, column := i.line, i.column
	if line == 0 && r.position != nil && i.path != "" {
		line, column, _ = r.position(i.path)
	}
	if line > 0 {
		out.Extension = append(out.Extension, r4.Extension{URL: lineExtension, Value: r4.Integer(line)})
	}
	if column > 0 {
		out.Extension = append(out.Extension, r4.Extension{URL: columnExtension, Value: r4.Integer(column)})
	}
	return out
}

// legible is a text without the characters that a string of FHIR may not hold. What a
// document calls an element may be anything.
func legible(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f || c == utf8.RuneError {
			return '?'
		}
		return c
	}, text)
}

// Error says why a definition cannot be used.
type Error struct {
	Definition string // its canonical URL
	Problem    string
	Err        error // what it comes from, if anything
}

func (e *Error) Error() string {
	s := cmp.Or(e.Definition, "definition") + ": " + e.Problem
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }
