package validate

import (
	"bytes"
	"errors"
	"strings"

	"github.com/ponshealth/pons/hl7"
)

// Bytes validates the bytes of one message as they came: character set, syntax,
// and then all that [Validator.Message] does. Bytes that are no message give a
// report with that one error. A block with several messages goes through
// [hl7.Split] first.
func (v *Validator) Bytes(raw []byte) *Report {
	text, charset, err := hl7.Decode(raw, v.o.Charset)
	if err != nil {
		return v.refused(err)
	}
	m, err := hl7.Parse(text)
	if err != nil {
		return v.refused(err)
	}
	report := v.Message(m)
	if problem, code := charsetProblem(raw, m.Segment(0).Field(18), charset); problem != "" {
		c := &check{o: v.o, m: m, report: Report{Type: report.Type}}
		c.addAt(RuleCharset, rules[RuleCharset].severity, code, hl7.Path{Segment: "MSH", Field: 18}, 0, "", problem)
		report.Findings = append(c.report.Findings, report.Findings...)
	}
	return report
}

// refused is the report of what is no message.
func (v *Validator) refused(err error) *Report {
	r := &Report{}
	if v.o.Profile != nil {
		r.Profile = v.o.Profile.Name
	}
	f := Finding{Severity: Error, Rule: RuleSyntax, Code: rules[RuleSyntax].code, Text: err.Error()}
	if syntax, ok := errors.AsType[*hl7.SyntaxError](err); ok {
		f.At, f.Text = syntax.At, syntax.Problem
		if f.At == "MSH-1" || f.At == "MSH-2" {
			f.Code = rules[RuleType].code
		}
	}
	if charset, ok := errors.AsType[*hl7.CharsetError](err); ok {
		f.At, f.Text, f.Rule, f.Code = charset.At, charset.Problem, RuleCharset, rules[RuleCharset].code
	}
	r.Findings = []Finding{f}
	return r
}

// charsetProblem tells whether MSH-18 says how a message is written. A message
// in ASCII is right with any of them.
func charsetProblem(raw []byte, field hl7.Value, used string) (problem string, code int) {
	if bytes.IndexFunc(raw, func(r rune) bool { return r >= 0x80 }) < 0 {
		return "", 0
	}
	if field.Empty() {
		return "there are characters beyond ASCII and no character set is named", rules[RuleRequired].code
	}
	declared := field.Rep(1).String() // empty stands for ASCII, of sets that are switched between
	if _, err := hl7.Encode(nil, declared); err != nil {
		return "not a character set that is known", rules[RuleTable].code
	}
	// what a message in ASCII is taken for is what the declared name stands for
	if _, name, err := hl7.Decode([]byte(`MSH|^~\&`+strings.Repeat("|", 16)+declared), ""); err == nil && name != used {
		return "the message is not in the character set that it names", rules[RuleType].code
	}
	return "", 0
}

// parse reports what the parser put up with, and escape sequences that there are not.
func (c *check) parse() {
	for _, w := range c.m.Warnings() {
		at, _ := hl7.ParsePath(w.At)
		if s := c.segmentAt(at); s >= 0 {
			if c.path(place{segment: s}).Occurrence == 0 {
				at.Occurrence = 0
			}
			c.addAt(RuleLines, rules[RuleLines].severity, rules[RuleLines].code, at, s, "", w.Problem)
		}
	}
	escape := c.m.Delimiters().Escape
	if escape == 0 {
		return
	}
	for s := range c.m.Segments() {
		if s.Index() > 0 && bytes.IndexByte(s.Raw(), escape) < 0 {
			continue
		}
		for p, v := range s.Leaves() {
			if s.Index() == 0 && p.Field <= 2 || bytes.IndexByte(v.Raw(), escape) < 0 {
				continue
			}
			if problem := escapeProblem(v.Raw(), escape); problem != "" {
				c.add(RuleEscape, c.trim(s, place{s.Index(), p.Field, p.Rep, p.Component, p.Sub}), problem)
			}
		}
	}
}

// trim leaves out component numbers where there is only one.
func (c *check) trim(s hl7.Segment, p place) place {
	v := s.Field(p.field).Rep(p.rep)
	if v.Component(p.component).Subs() <= 1 {
		p.sub = 0
		if v.Components() <= 1 {
			p.component = 0
		}
	}
	return p
}

// segmentAt returns the number of the segment that a path names, or -1.
func (c *check) segmentAt(at hl7.Path) int {
	n := max(at.Occurrence, 1)
	for s := range c.m.All(at.Segment) {
		if n--; n == 0 {
			return s.Index()
		}
	}
	return -1
}
