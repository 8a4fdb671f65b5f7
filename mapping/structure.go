package mapping

import (
	"fmt"
	"strings"
)

// A part is one place of a message structure: a segment or a group.
type part struct {
	name     string
	segment  bool
	optional bool
	repeats  bool
	parent   *part
	index    int // among the parent's parts
	parts    []*part

	starts map[string]bool  // of a group: the segments that can start it
	places map[string][]int // of a group: its parts that are, or can start with, a segment

	rows []*messageRow // of a segment, in table order
}

// parseStructure reads a structure such as
//
//	MSH [{SFT}] {PATIENT_RESULT: [PATIENT: PID [PD1]] {ORDER_OBSERVATION: [ORC] OBR}}
func parseStructure(s string) (*part, error) {
	p := &structureParser{tokens: structureTokens(s)}
	root := &part{}
	if err := p.items(root, ""); err != nil {
		return nil, err
	}
	if len(root.parts) == 0 {
		return nil, fmt.Errorf("the structure is empty")
	}
	root.prepare()
	return root, nil
}

func structureTokens(s string) []string {
	for _, c := range []string{"[", "]", "{", "}", "(", ")", "<", ">", ":", "|"} {
		s = strings.ReplaceAll(s, c, " "+c+" ")
	}
	return strings.Fields(s)
}

type structureParser struct {
	tokens []string
	next   int
}

func (p *structureParser) token() string {
	if p.next >= len(p.tokens) {
		return ""
	}
	p.next++
	return p.tokens[p.next-1]
}

var closing = map[string]string{"[": "]", "{": "}", "(": ")", "<": ">"}

// items reads up to the closing bracket end.
func (p *structureParser) items(into *part, end string) error {
	for {
		switch token := p.token(); {
		case token == end:
			return nil
		case token == "":
			return fmt.Errorf("a bracket of the structure is not closed")
		case token == "|":
		case closing[token] != "":
			g := &part{optional: token == "[" || token == "<", repeats: token == "{"}
			if p.next+1 < len(p.tokens) && p.tokens[p.next+1] == ":" {
				g.name = p.token()
				p.next++
			}
			if err := p.items(g, closing[token]); err != nil {
				return err
			}
			into.add(g)
		case isName(token):
			into.add(&part{name: token, segment: true})
		default:
			return fmt.Errorf("%q is not expected in the structure", token)
		}
	}
}

// add appends child; brackets around one thing only say how often it comes.
func (g *part) add(child *part) {
	if child.name == "" && len(child.parts) == 1 {
		only := child.parts[0]
		only.optional = only.optional || child.optional
		only.repeats = only.repeats || child.repeats
		child = only
	}
	child.parent, child.index = g, len(g.parts)
	g.parts = append(g.parts, child)
}

// prepare computes which segments start the group and where each can go.
func (g *part) prepare() {
	g.starts, g.places = map[string]bool{}, map[string][]int{}
	before := true // nothing required has come yet
	for i, child := range g.parts {
		names := map[string]bool{child.name: true}
		if !child.segment {
			child.prepare()
			names = child.starts
		}
		for name := range names {
			g.places[name] = append(g.places[name], i)
			if before {
				g.starts[name] = true
			}
		}
		before = before && child.optional
	}
}

// find returns the part at a dotted group path, nil if there is none.
func (g *part) find(path string) *part {
	if path == "" {
		return g
	}
	first, rest, _ := strings.Cut(path, ".")
	for _, child := range g.parts {
		if !child.segment && child.name == first {
			return child.find(rest)
		}
	}
	return nil
}

// segmentNamed returns the segment of that name directly in the group; with
// after, the one that stands next after a segment or group of that name.
func (g *part) segmentNamed(name, after string) *part {
	passed := after == ""
	for _, child := range g.parts {
		if passed && child.segment && child.name == name {
			return child
		}
		passed = passed || child.name == after
	}
	return nil
}

// scope returns the nearest part, itself included, that repeats; the root if none does.
func (g *part) scope() *part {
	for g.parent != nil && !g.repeats {
		g = g.parent
	}
	return g
}

// within reports whether g is outer or lies in it.
func (g *part) within(outer *part) bool {
	for ; g != nil; g = g.parent {
		if g == outer {
			return true
		}
	}
	return false
}
