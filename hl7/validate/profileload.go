package validate

import (
	"regexp"
	"slices"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
	"go.yaml.in/yaml/v3"
)

// ParseProfile reads a profile. It is YAML, and strict: a key that there is
// not or that stands twice, a segment or field that the standard does not have, a value
// of the wrong kind are a *[ProfileError] with the line.
//
//	profile: riverside-pas       # name, required
//	title: Riverside admissions
//	version: "2.5"               # read messages by this version, whatever MSH-12 says
//	messages: [ADT^A01, ORU]     # what may come; without it, all
//	z-segments: listed           # or any (the default): which Z segments may come
//	segments:
//	  PV1: {required: true, max: 1, for: [ADT], fields: …}
//	  ZBE:                       # of a Z segment, fields lists all it has
//	    fields:
//	      1: {name: Movement, type: EI, required: true}
//	      2: {type: DTM}
//	  PID:
//	    fields:
//	      3.1: {pattern: '[0-9]{10}', text: ten digits}
//	      8: {required: true, values: [M, F, U]}
//	      30: [{absent: true, for: [ADT^A28]}, {required: true, when: {at: PID-29, valued: true}}]
//	tables:
//	  '0069': {codes: [MED, SUR], severity: E}  # the codes of this sender, or add: to add to the standard's
//	adjust:                      # rules of the standard; the first that fits counts
//	  - {rule: segment-missing, at: EVN, severity: off}
//	  - {rule: length, severity: I}
//
// A rule of a field knows: name, type, required (there and not null), absent, min-length and
// max-length (characters, of each repetition), min-repetitions and max-repetitions, values,
// pattern (RE2, of the whole value), for (message types), when, severity (E, W,
// I; E if not said) and text. Its key is a field with or without component and
// subcomponent, such as 3, 3.4.1 or 3[1].4. A rule that names a component is checked in each
// repetition. when has at, and values or valued; a place in the same segment
// means the same occurrence, another the first.
func ParseProfile(b []byte) (*Profile, error) {
	doc, err := readYAML(b)
	if err != nil {
		return nil, err
	}
	p := &Profile{tables: map[string]tableRule{}}
	version := ""
	err = mapping(doc, keys{
		"profile":    text(&p.Name),
		"title":      text(&p.Title),
		"version":    text(&version),
		"messages":   kinds(&p.messages),
		"z-segments": oneOf(map[string]func(){"any": func() {}, "listed": func() { p.listed = true }}),
		"segments": func(n *yaml.Node) error {
			return eachPair(n, func(key, value *yaml.Node) error { return p.segment(key, value) })
		},
		"tables": func(n *yaml.Node) error {
			return eachPair(n, func(key, value *yaml.Node) error { return p.table(key, value) })
		},
		"adjust": func(n *yaml.Node) error { return eachItem(n, p.adjustment) },
	})
	if err != nil {
		return nil, err
	}
	if p.Name == "" {
		return nil, &ProfileError{doc.Line, "the key profile, its name, is missing"}
	}
	if version != "" && !slices.Contains(grammar.Versions(), version) {
		return nil, &ProfileError{lineOf(doc, "version"), "version: there is no such version of HL7"}
	}
	p.Version = version
	return p, nil
}

func (p *Profile) segment(key, value *yaml.Node) error {
	name := key.Value
	if path, err := hl7.ParsePath(name); err != nil || path != (hl7.Path{Segment: name}) {
		return at(key, "the name of a segment is wanted, like PID or ZBE")
	}
	s := segmentRule{name: name, max: -1, local: name[0] == 'Z'}
	if !s.local && firstWith(name) == "" {
		return at(key, "no version of HL7 has this segment; those of a site begin with Z")
	}
	err := mapping(value, keys{
		"title":    text(new(string)),
		"required": flag(&s.required),
		"max":      natural(&s.max),
		"for":      kinds(&s.kinds),
		"fields": func(n *yaml.Node) error {
			return eachPair(n, func(key, value *yaml.Node) error {
				if value.Kind == yaml.SequenceNode {
					return eachItem(value, func(one *yaml.Node) error { return s.field(key, one) })
				}
				return s.field(key, value)
			})
		},
	})
	p.segments = append(p.segments, s)
	return err
}

func (s *segmentRule) field(key, value *yaml.Node) error {
	path, err := hl7.ParsePath(s.name + "-" + key.Value)
	if err != nil {
		return at(key, "a field is wanted, like 3, 3.4.1 or 3[1].4")
	}
	if def, ok := grammar.For("2.9.1").Segment(s.name); ok && path.Field > len(def.Fields) {
		return at(key, "no version of HL7 has this field")
	}
	f := fieldRule{at: path, severity: Error}
	pattern := ""
	err = mapping(value, keys{
		"name":            text(&f.name),
		"type":            text(&f.typ),
		"required":        flag(&f.required),
		"absent":          flag(&f.absent),
		"min-length":      natural(&f.min),
		"max-length":      natural(&f.max),
		"min-repetitions": natural(&f.minRep),
		"max-repetitions": natural(&f.maxRep),
		"values":          set(&f.values),
		"pattern":         text(&pattern),
		"for":             kinds(&f.kinds),
		"when":            func(n *yaml.Node) error { return f.condition(n) },
		"severity":        severity(&f.severity, false),
		"text":            text(&f.text),
	})
	if err != nil {
		return err
	}
	if f.absent && f.required {
		return at(value, "a field cannot be both required and absent")
	}
	if f.max > 0 && f.min > f.max || f.maxRep > 0 && f.minRep > f.maxRep {
		return at(value, "the least is more than the greatest")
	}
	if (f.minRep > 0 || f.maxRep > 0) && (path.Rep > 0 || path.Component > 0) {
		return at(value, "repetitions are counted of a whole field")
	}
	if pattern != "" {
		if f.pattern, err = regexp.Compile("^(?:" + pattern + ")$"); err != nil {
			return at(value, "pattern: not a regular expression (RE2)")
		}
	}
	if _, ok := grammar.For("2.9.1").DataType(f.typ); f.typ != "" && !ok && !oldType(f.typ) {
		return at(value, "type: HL7 has no such data type")
	}
	s.known = max(s.known, path.Field)
	s.fields = append(s.fields, f)
	return nil
}

// oldType reports whether some version has a data type.
func oldType(name string) bool {
	return slices.ContainsFunc(grammar.Versions(), func(v string) bool {
		_, ok := grammar.For(v).DataType(name)
		return ok
	})
}

func (f *fieldRule) condition(n *yaml.Node) error {
	f.when = &condition{valued: true}
	said := false
	err := mapping(n, keys{
		"at":     placeKey(&f.when.at),
		"values": set(&f.when.values),
		"valued": func(n *yaml.Node) error {
			said = true
			return flag(&f.when.valued)(n)
		},
	})
	switch {
	case err != nil:
		return err
	case f.when.at.Field == 0:
		return at(n, "when: the key at is missing, a field like PV1-2")
	case said && f.when.values != nil:
		return at(n, "when: values and valued are two conditions; one is wanted")
	case !said && f.when.values == nil:
		return at(n, "when: values or valued is missing")
	}
	return nil
}

func (p *Profile) table(key, value *yaml.Node) error {
	if len(key.Value) != 4 || !digits(key.Value) {
		return at(key, "the number of a table is wanted, four digits in quotation marks")
	}
	t := tableRule{severity: Error}
	var more map[string]bool
	if err := mapping(value, keys{"codes": set(&t.codes), "add": set(&more), "severity": severity(&t.severity, true)}); err != nil {
		return err
	}
	if (t.codes == nil) == (more == nil) {
		return at(value, "either codes or add is wanted")
	}
	if more != nil {
		t.codes, t.add = more, true
	}
	p.tables[key.Value] = t
	return nil
}

func (p *Profile) adjustment(n *yaml.Node) error {
	a := adjustment{severity: "?"}
	rule := ""
	if err := mapping(n, keys{"rule": text(&rule), "at": placeKey(&a.at), "for": kinds(&a.kinds), "severity": severity(&a.severity, true)}); err != nil {
		return err
	}
	a.rule = Rule(rule)
	if _, ok := rules[a.rule]; rule != "" && (!ok || a.rule == RuleProfile || a.rule == RuleSyntax) {
		return at(n, "rule: there is no such rule of the standard")
	}
	if rule == "" && a.at.Segment == "" {
		return at(n, "a rule or a place is wanted")
	}
	if a.severity == "?" {
		return at(n, "the key severity is missing")
	}
	p.adjust = append(p.adjust, a)
	return nil
}
