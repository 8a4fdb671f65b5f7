package validate

import (
	"slices"
	"strconv"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

// Options say how to validate. The zero Options check everything against the
// standard.
type Options struct {
	Level       Level    // how deep; 0 is Tables
	Profile     *Profile // the rules of a sender; nil is none. They are checked at every level
	MaxFindings int      // per message; 0 is 1000
	Charset     string   // of messages that declare none and are not UTF-8; "" refuses those. See hl7.Decode
}

// Validator validates messages. It is safe for concurrent use.
type Validator struct{ o Options }

// New returns a validator.
func New(o Options) *Validator {
	if o.Level == 0 {
		o.Level = Tables
	}
	if o.MaxFindings <= 0 {
		o.MaxFindings = 1000
	}
	return &Validator{o}
}

// Message validates a message that is parsed already. See [hl7.Decode] for what
// it takes for texts to be right.
func (v *Validator) Message(m *hl7.Message) *Report {
	c := &check{o: v.o, m: m, delimiters: m.Delimiters()}
	h := m.Header()
	version := h.Version
	if p := v.o.Profile; p != nil {
		c.report.Profile = p.Name
		if p.Version != "" {
			version = p.Version
		}
	}
	c.grammar = grammar.For(version)
	c.plan = planOf(c.grammar)
	c.report.Version = c.grammar.Name()
	c.report.Type = header(h)
	c.parse()
	if v.o.Level >= Structure {
		c.structure(h)
	}
	if v.o.Level >= Fields {
		for s := range m.Segments() {
			c.segment(s)
		}
	}
	if v.o.Profile != nil {
		c.profile(v.o.Profile, h)
	}
	return c.done()
}

// header writes the message type for people.
func header(h hl7.Header) string {
	if h.Event == "" {
		return h.Type
	}
	return h.Type + "^" + h.Event
}

// check is the validation of one message.
type check struct {
	o           Options
	m           *hl7.Message
	delimiters  hl7.Delimiters
	grammar     *grammar.Version
	plan        *plan
	report      Report
	order       [][2]int // segment and field of each finding
	occurrences []int    // of each segment among those of its name, from 1 on; made for the first finding
	times       map[string]int
}

// place is where a value is. Numbers that are 0 are not said.
type place struct {
	segment                    int // number in the message; -1 is none
	field, rep, component, sub int
}

// add reports a finding under a rule, with the severity of the rule unless the
// profile says otherwise.
func (c *check) add(rule Rule, p place, text string) {
	r := rules[rule]
	c.addAs(rule, r.severity, r.code, p, text)
}

func (c *check) addAs(rule Rule, severity Severity, code int, p place, text string) {
	at := hl7.Path{}
	if p.segment >= 0 && p.segment < c.m.Len() {
		at = c.path(p)
	}
	c.addAt(rule, severity, code, at, p.segment, "", text)
}

func (c *check) addAt(rule Rule, severity Severity, code int, at hl7.Path, segment int, group, text string) {
	if c.o.Profile != nil {
		severity = c.o.Profile.severity(rule, severity, at, c.report.Type)
	}
	if severity == Off {
		return
	}
	if len(c.report.Findings) == c.o.MaxFindings {
		c.report.More++
		c.report.worse = c.report.worse || severity == Error
		return
	}
	where := ""
	if at.Segment != "" {
		where = at.String()
	}
	c.report.Findings = append(c.report.Findings, Finding{where, group, code, severity, rule, text})
	c.order = append(c.order, [2]int{segment, at.Field})
}

// path writes a place, without the numbers that go without saying.
func (c *check) path(p place) hl7.Path {
	if c.occurrences == nil {
		c.occurrences, c.times = make([]int, c.m.Len()), map[string]int{}
		for i := range c.occurrences {
			name := c.m.Segment(i).Name()
			c.times[name]++
			c.occurrences[i] = c.times[name]
		}
	}
	s := c.m.Segment(p.segment)
	at := hl7.Path{Segment: s.Name(), Field: p.field, Rep: p.rep, Component: p.component, Sub: p.sub}
	if c.times[at.Segment] > 1 {
		at.Occurrence = c.occurrences[p.segment]
	}
	if p.rep == 1 && s.Field(p.field).Reps() <= 1 {
		at.Rep = 0
	}
	return at
}

// done puts the findings into the order of the message.
func (c *check) done() *Report {
	index := make([]int, len(c.order))
	for i := range index {
		index[i] = i
	}
	slices.SortStableFunc(index, func(a, b int) int { return slices.Compare(c.order[a][:], c.order[b][:]) })
	sorted := make([]Finding, len(index))
	for i, j := range index {
		sorted[i] = c.report.Findings[j]
	}
	c.report.Findings = sorted
	return &c.report
}

// plural writes a number and what it counts.
func plural(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}
