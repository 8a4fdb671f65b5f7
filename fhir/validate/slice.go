package validate

import (
	"strconv"
	"strings"
	"sync"

	"github.com/ponshealth/pons/fhir/r4"
)

// sliced puts the values of an element into its slices and checks each there
// (FHIR R4 profiling.html#slicing).
func (r *run) sliced(n *node, c *element, values []*node) {
	counts := make([]int, len(c.slices))
	var inner [][]*node // by slice, where it is sliced again
	last, outside := 0, false
	for _, value := range values {
		at := r.sliceOf(value, c)
		if at < 0 {
			outside = true
			r.unsliced(value, c)
			continue
		}
		s := c.slices[at]
		counts[at]++
		if how := c.slicing; how.ordered && at < last {
			r.fail(value, "structure", "slice "+s.label()+" is out of order")
		} else if how.openAtEnd && outside {
			r.fail(value, "structure", "slice "+s.label()+" stands behind what is in no slice, which has to be at the end")
		}
		last = max(last, at)
		if s.max == 0 {
			r.fail(value, "structure", "slice "+s.label()+" is not allowed")
			continue
		}
		r.element(value, s)
		if len(s.slices) > 0 {
			if inner == nil {
				inner = make([][]*node, len(c.slices))
			}
			inner[at] = append(inner[at], value)
		}
	}
	for i, values := range inner {
		if len(values) > 0 {
			r.sliced(n, c.slices[i], values)
		}
	}
	for i, s := range c.slices {
		if counts[i] < s.min {
			r.sliceTooFew(n, s, counts[i])
		}
		if s.max > 0 && counts[i] > s.max {
			r.fail(n, "structure", "slice "+s.label()+": at most "+strconv.Itoa(s.max)+" allowed, found "+strconv.Itoa(counts[i]))
		}
	}
}

// unsliced deals with a value that is in no slice.
func (r *run) unsliced(value *node, c *element) {
	if c.slicing.closed {
		r.fail(value, "structure", "in none of the slices of "+c.label()+", which are all that is allowed")
	}
}

// sliceOf returns the index of the slice that value is in, -1 if in none.
func (r *run) sliceOf(value *node, c *element) int {
	if c.slicing == nil {
		return -1
	}
	for i, s := range c.slices {
		if r.inSlice(value, c, s) {
			return i
		}
	}
	return -1
}

func (r *run) inSlice(value *node, c, s *element) bool {
	if !r.step(value) {
		return false
	}
	tests := r.v.testsOf(c, s)
	if len(c.slicing.by) == 0 { // told by what they allow
		return r.quiet(func() { r.element(value, s) })
	}
	told := false
	for i := range tests {
		switch r.passes(value, &tests[i]) {
		case no:
			return false
		case yes:
			told = true
		}
	}
	return told
}

type verdict uint8

const (
	noMatter verdict = iota // the slice says nothing by which it could be told
	yes
	no
)

// sliceTests are made when a slice is first met, for they may need other
// definitions.
type sliceTests struct {
	once sync.Once
	list []sliceTest
}

// A sliceTest is what one discriminator asks of a value to be in a slice.
type sliceTest struct {
	how  *discriminator
	defs []*element // where the discriminator's path leads in the slice's definition
	url  string     // of an extension, when the profile of the slice names it
}

func (v *Validator) testsOf(c, s *element) []sliceTest {
	s.tests.once.Do(func() {
		for i := range c.slicing.by {
			how := &c.slicing.by[i]
			t := sliceTest{how: how}
			if how.path == "url" && (c.name == "extension" || c.name == "modifierExtension") {
				t.url = s.extensionURL()
			}
			if t.url == "" {
				t.defs = v.definitionsAt(s, how.steps, 0)
			}
			s.tests.list = append(s.tests.list, t)
		}
	})
	return s.tests.list
}

// extensionURL is the URL of the extension in a slice of extensions.
func (e *element) extensionURL() string {
	if c := e.child("url"); c != nil && c.fixed != nil {
		text, _ := r4.Text(c.fixed)
		return text
	}
	for _, t := range e.types {
		for _, p := range t.profiles {
			p, _, _ = strings.Cut(p, "|")
			return p
		}
	}
	return ""
}

// passes says whether a value has what a discriminator asks for.
func (r *run) passes(value *node, t *sliceTest) verdict {
	if t.url != "" {
		x, ok := value.value.(*r4.Extension)
		return verdictOf(ok && x.URL == t.url)
	}
	found := r.nodesAt(value, t.how.steps)
	answer := noMatter
	for _, d := range t.defs {
		switch r.meets(found, t.how, d) {
		case no:
			return no
		case yes:
			answer = yes
		}
	}
	return answer
}

func verdictOf(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

// meets asks one definition at the end of a discriminator's path.
func (r *run) meets(found []*node, how *discriminator, d *element) verdict {
	switch how.kind {
	case "exists":
		switch {
		case d.max == 0:
			return verdictOf(len(found) == 0)
		case d.min > 0:
			return verdictOf(len(found) > 0)
		}
		return noMatter
	case "type":
		return r.meetsType(found, d)
	case "profile":
		return r.meetsProfile(found, d)
	}
	if d.max == 0 {
		return verdictOf(len(found) == 0)
	}
	if !r.v.tells(d, 0) {
		return noMatter
	}
	for _, n := range found {
		if r.told(n, d, 0) {
			return yes
		}
	}
	return no
}

func (r *run) meetsType(found []*node, d *element) verdict {
	if len(d.types) == 0 {
		return noMatter
	}
	for _, n := range found {
		for i := range d.types {
			t := d.types[i].typ
			if t != nil && n.typ != nil && (t == n.typ || isKindOf(n.typ, t)) {
				return yes
			}
		}
	}
	return no
}

func (r *run) meetsProfile(found []*node, d *element) verdict {
	var urls []string
	for i := range d.types {
		urls = append(urls, d.types[i].profiles...)
	}
	if d.path == d.of.root.path && len(urls) == 0 {
		urls = []string{d.of.url}
	}
	if len(urls) == 0 {
		return noMatter
	}
	for _, n := range found {
		for _, url := range urls {
			if n.value != nil && r.try(n, url) == conforms {
				return yes
			}
		}
	}
	return no
}
