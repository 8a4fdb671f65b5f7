package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// verdict is what validation says of a resource, or of all.
type verdict struct {
	Known                   bool // it was validated
	Errors, Warnings, Notes int
}

// Words says it shortly.
func (v verdict) Words() string {
	if !v.Known {
		return "not validated"
	}
	words := "valid"
	if v.Errors > 0 {
		words = number(v.Errors) + " " + plural(v.Errors, "error", "errors")
	}
	if v.Warnings > 0 {
		words += ", " + number(v.Warnings) + " " + plural(v.Warnings, "warning", "warnings")
	}
	return words
}

// Class is good, busy (warnings) or bad.
func (v verdict) Class() string {
	switch {
	case !v.Known:
		return "filtered"
	case v.Errors > 0:
		return "bad"
	default:
		return "good"
	}
}

func (v *verdict) count(severity string) {
	switch severity {
	case "fatal", "error":
		v.Errors++
	case "warning":
		v.Warnings++
	default:
		v.Notes++
	}
}

// causeOfIssues is one thing that is wrong, wherever it is.
type causeOfIssues struct {
	Severity, Class, Text, Profile string
	Places                         []placeLink
	Left                           int
}

const maxPlaces = 20 // of one cause

var severities = []string{"fatal", "error", "warning", "information"}

// judge counts the issues of each resource and puts those together that say the
// same, the worst first.
func (v *convertView) judge(o *r4.OperationOutcome) {
	if o == nil {
		return
	}
	v.Verdict.Known = true
	blocks := map[int]*block{}
	for _, b := range v.Blocks {
		blocks[b.entry] = b
		b.Verdict.Known = true
	}
	at := map[[2]string]int{}
	for i := range o.Issue {
		issue := &o.Issue[i]
		if len(o.Issue) == 1 && issue.Severity == "information" && len(issue.Expression) == 0 {
			continue // it says that there is nothing to say
		}
		v.Verdict.count(issue.Severity)
		text := issue.Diagnostics
		if issue.Details != nil && issue.Details.Text != "" {
			text = issue.Details.Text
		}
		key := [2]string{issue.Severity, text}
		n, ok := at[key]
		if !ok {
			n = len(v.Causes)
			at[key] = n
			class := map[string]string{"fatal": "bad", "error": "bad", "warning": "busy"}[issue.Severity]
			v.Causes = append(v.Causes, causeOfIssues{Severity: issue.Severity, Class: cmp.Or(class, "filtered"), Text: text})
		}
		c := &v.Causes[n]
		for _, place := range issue.Expression {
			entry, path := entryOf(place)
			b := blocks[entry]
			if b != nil {
				b.Verdict.count(issue.Severity)
			}
			if len(c.Places) >= maxPlaces {
				c.Left++
				continue
			}
			c.Places = append(c.Places, linkIssue(b, place, path))
		}
	}
	slices.SortStableFunc(v.Causes, func(a, b causeOfIssues) int {
		return cmp.Compare(slices.Index(severities, a.Severity), slices.Index(severities, b.Severity))
	})
}

// entryOf splits Bundle.entry[3].resource.name[0] into 3 and name[0]; what is of
// the Bundle itself is of -1.
func entryOf(place string) (entry int, path string) {
	rest, ok := strings.CutPrefix(place, "Bundle.entry[")
	if !ok {
		return -1, strings.TrimPrefix(strings.TrimPrefix(place, "Bundle"), ".")
	}
	digits, rest, ok := strings.Cut(rest, "]")
	n, err := strconv.Atoi(digits)
	inner, inside := strings.CutPrefix(rest, ".resource")
	if !ok || err != nil || !inside {
		return -1, strings.TrimPrefix(place, "Bundle.")
	}
	return n, strings.TrimPrefix(inner, ".")
}

// linkIssue leads to the element, else to the nearest one around it.
func linkIssue(b *block, place, path string) placeLink {
	if b == nil {
		return placeLink{Place: place}
	}
	link := placeLink{Place: b.Type, Href: "#" + b.Anchor}
	if path == "" {
		return link
	}
	link.Place += "." + path
	for path != "" {
		if id := b.element(path); id != "" {
			link.Href = "#" + id
			break
		}
		path = path[:max(0, strings.LastIndexByte(path, '.'))]
	}
	return link
}
