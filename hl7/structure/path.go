package structure

import (
	"strconv"
	"strings"

	"github.com/ponshealth/pons/hl7"
)

// Path is an address in a tree, see the package comment.
type Path struct {
	Steps []Step // groups from the outside in, and a segment at the end
	// Field, Rep, Component and Sub are as in [hl7.Path].
	Field, Rep, Component, Sub int
}

// Step names a group or a segment.
type Step struct {
	Name   string // "ORDER_OBSERVATION", "OBX"
	Number int    // from 0 on; -1 when not said
}

// PathError says that a text is not an address.
type PathError struct {
	At      string // the step, "" for the whole
	Problem string // plain words
}

// Error returns the step and the problem.
func (e *PathError) Error() string {
	if e.At == "" {
		return "structure: " + e.Problem
	}
	return "structure: " + e.At + ": " + e.Problem
}

// maxSteps is deeper than any structure.
const maxSteps = 32

// ParsePath reads an address such as
// "/PATIENT_RESULT(0)/ORDER_OBSERVATION(1)/OBX(2)-5.1". The error is a *[PathError].
func ParsePath(s string) (Path, error) {
	var p Path
	rest, ok := strings.CutPrefix(s, "/")
	if !ok {
		return p, &PathError{"", "an address starts with a slash"}
	}
	for more := true; more; {
		var text, numbers string
		text, rest, more = strings.Cut(rest, "/")
		if len(p.Steps) == maxSteps {
			return Path{}, &PathError{"", "there are more steps than a structure has levels"}
		}
		if !more {
			text, numbers, ok = strings.Cut(text, "-")
		}
		step, good := parseStep(text)
		if !good {
			return Path{}, &PathError{"step " + strconv.Itoa(len(p.Steps)+1), "not a name like OBX, OBX(2) or OBSERVATION(0)"}
		}
		p.Steps = append(p.Steps, step)
		if !more && ok {
			v, err := hl7.ParsePath(step.Name + "-" + numbers)
			if err != nil {
				return Path{}, &PathError{"step " + strconv.Itoa(len(p.Steps)), "after the dash, not a field like 5, 3[2] or 3[2].4.1 of a segment"}
			}
			p.Field, p.Rep, p.Component, p.Sub = v.Field, v.Rep, v.Component, v.Sub
		}
	}
	return p, nil
}

// parseStep reads "OBX" or "OBX(2)".
func parseStep(s string) (Step, bool) {
	name, number, given := strings.Cut(s, "(")
	step := Step{Name: name, Number: -1}
	for i := range len(name) {
		if c := name[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' {
			return step, false
		}
	}
	if given {
		digits, ok := strings.CutSuffix(number, ")")
		n, err := strconv.ParseUint(digits, 10, 31)
		if !ok || err != nil || digits[0] == '+' {
			return step, false
		}
		step.Number = int(n)
	}
	return step, name != ""
}

// String writes the address as ParsePath reads it.
func (p Path) String() string {
	var b strings.Builder
	for _, s := range p.Steps {
		b.WriteByte('/')
		b.WriteString(s.Name)
		if s.Number >= 0 {
			b.WriteString("(" + strconv.Itoa(s.Number) + ")")
		}
	}
	if p.Field > 0 {
		b.WriteString(hl7.Path{Field: p.Field, Rep: p.Rep, Component: p.Component, Sub: p.Sub}.String())
	}
	return b.String()
}
