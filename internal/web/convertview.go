package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// Limits of what the page of a conversion draws. It says what it leaves out.
var convertBounds = bounds{segments: 1000, rows: 12_000}

const (
	maxConvertJSON = 2 << 20 // bytes
	openJSON       = 500     // lines that are open from the start
	openSegments   = 60      // likewise
	maxListed      = 300     // notes, places that nothing consumed
)

// convertView is what templates/convert.html shows.
type convertView struct {
	Text  string // the message in the form
	Trial Trial
	ID    string // of the stored message
	More  int    // messages after the first, which are not converted
	Picks []pick

	Problem *convertProblem

	Tree           *tree
	Done           bool // there is a result
	Tried, Changed bool // a trial took part; a script did
	Blocks         []*block
	BlocksLeft     int
	Unused         []placeLink
	UnusedLeft     int
	Notes          []noteView
	NotesLeft      int
	Rows           []rowView
	Verdict        verdict
	Causes         []causeOfIssues
	Tables         []string
	Open           int // segments open from the start

	elements int
	where    map[fieldAt]string // id of the row or segment that a place is drawn in
	segments map[int]*segment
	rowNo    map[string]int
	made     map[string]int // by id of a row: the element that it made first
	find     func(name string) (mapping.TableRow, bool)
}

type pick struct {
	ID, Label string
	Picked    bool
}

// convertProblem is why there is no result.
type convertProblem struct {
	At, Text string
	Trial    []trialLine
	message  *hl7.Message
}

type trialLine struct {
	Place, Text, Line string // Line is the line of the trial itself
}

// trialProblems puts beside each fault the line of the trial where it is.
func trialProblems(e *TrialError, t Trial) []trialLine {
	lines := strings.Split(t.YAML, "\n")
	var out []trialLine
	for _, p := range e.Problems {
		l := trialLine{Place: p.File, Text: p.Text}
		if p.Line > 0 {
			l.Place += ":" + strconv.Itoa(p.Line)
		}
		if p.File == t.File && p.Line > 0 && p.Line <= len(lines) {
			l.Line, _ = short(strings.TrimSpace(lines[p.Line-1]), maxValue)
		}
		out = append(out, l)
	}
	return out
}

// fieldAt is a place as a Lineage has it.
type fieldAt struct {
	segment int
	path    string
}

type placeLink struct{ Place, Name, Href string }

type noteView struct{ At, Href, Text string }

func (v *convertView) fill(p *Preview) {
	v.Done, v.Tried, v.Changed = true, v.Trial.YAML != "", p.Scripted
	v.Tables, v.find = p.Tables, p.Row
	v.where, v.rowNo, v.made = map[fieldAt]string{}, map[string]int{}, map[string]int{}
	t := paint(p.Message, hl7.Path{}, convertBounds)
	v.Tree, v.Open = &t, openSegments
	v.number(&t)
	v.unused(p)
	v.resources(p)
	v.judge(p.Outcome)
	v.link()
	for i := range v.Rows {
		v.Rows[i].Anchor = "r" + strconv.Itoa(i)
	}
}

// number gives an id to every segment and row of the tree.
func (v *convertView) number(t *tree) {
	v.segments = make(map[int]*segment, len(t.Segments))
	n := 0
	for i := range t.Segments {
		seg := &t.Segments[i]
		seg.ID = "s" + strconv.Itoa(seg.Index)
		v.segments[seg.Index] = seg
		for j := range seg.Rows {
			seg.Rows[j].ID = "f" + strconv.Itoa(n)
			n++
		}
	}
}

// row finds the deepest row in which a place of a segment is drawn; nil is the
// segment itself.
func (v *convertView) row(seg *segment, path string) *fieldRow {
	at, err := hl7.ParsePath(path)
	if err != nil || at.Field == 0 {
		return nil
	}
	at.Rep = max(at.Rep, 1)
	from, _ := slices.BinarySearchFunc(seg.Rows, at.Field, func(r fieldRow, f int) int { return cmp.Compare(r.at.Field, f) })
	best := -1
	for i := from; i < len(seg.Rows) && seg.Rows[i].at.Field == at.Field; i++ {
		if holds(seg.Rows[i].at, at) && (best < 0 || seg.Rows[i].Depth > seg.Rows[best].Depth) {
			best = i
		}
	}
	if best < 0 {
		return nil
	}
	return &seg.Rows[best]
}

// at gives the id of what a place is drawn in, "" when it is not drawn.
func (v *convertView) at(segment int, path string) string {
	key := fieldAt{segment, path}
	if id, ok := v.where[key]; ok {
		return id
	}
	id := ""
	if seg := v.segments[segment]; seg != nil {
		id = seg.ID
		if row := v.row(seg, path); row != nil {
			id = row.ID
		}
	}
	v.where[key] = id
	return id
}

func (v *convertView) unused(p *Preview) {
	for _, u := range p.Result.Unmapped {
		link := placeLink{Place: u.Path}
		if seg := v.segments[u.Segment]; seg != nil {
			if seg.Nth > 0 { // PID-3 of the second PID is PID(2)-3
				link.Place = seg.Name + "(" + strconv.Itoa(seg.Nth) + ")" + strings.TrimPrefix(u.Path, seg.Name)
			}
			if row := v.row(seg, u.Path); row != nil {
				row.Unused, link.Name, link.Href = true, row.Name, "#"+row.ID
			}
		}
		if len(v.Unused) < maxListed {
			v.Unused = append(v.Unused, link)
		} else {
			v.UnusedLeft++
		}
	}
	for _, n := range p.Result.Notes {
		if len(v.Notes) >= maxListed {
			v.NotesLeft++
			continue
		}
		v.Notes = append(v.Notes, noteView{At: n.At, Text: n.Text, Href: v.anywhere(p.Message, n.At)})
	}
}

// anywhere links a place that does not say in which segment of its name it is,
// when there is only one.
func (v *convertView) anywhere(m *hl7.Message, at string) string {
	path, err := hl7.ParsePath(at)
	if err != nil {
		return ""
	}
	found := -1
	for s := range m.All(path.Segment) {
		if found >= 0 {
			return ""
		}
		found = s.Index()
	}
	if id := v.at(found, at); found >= 0 && id != "" {
		return "#" + id
	}
	return ""
}

// link lets the rows of the tree lead to the first element that they made.
func (v *convertView) link() {
	for i := range v.Tree.Segments {
		seg := &v.Tree.Segments[i]
		if n, ok := v.made[seg.ID]; ok {
			seg.Href = "#x" + strconv.Itoa(n)
		}
		for j := range seg.Rows {
			if n, ok := v.made[seg.Rows[j].ID]; ok {
				seg.Rows[j].Href = "#x" + strconv.Itoa(n)
			}
		}
	}
}

// resources draws the Bundle itself and then its entries.
func (v *convertView) resources(p *Preview) {
	own := make([]map[string]*mapping.Lineage, len(p.Result.Bundle.Entry)+1)
	for i := range p.Result.Lineage {
		l := &p.Result.Lineage[i]
		if l.Entry < -1 || l.Entry+1 >= len(own) {
			continue
		}
		if own[l.Entry+1] == nil {
			own[l.Entry+1] = map[string]*mapping.Lineage{}
		}
		own[l.Entry+1][l.Path] = l
	}
	types := map[string]string{} // of the resources by urn:uuid
	anchors := map[string]string{}
	for i, e := range p.Result.Bundle.Entry {
		if e.Resource != nil {
			types[e.FullURL], anchors[e.FullURL] = e.Resource.ResourceType(), "e"+strconv.Itoa(i)
		}
	}
	bundle := *p.Result.Bundle
	bundle.Entry = nil
	size, lines := 0, 0
	for i := -1; i < len(p.Result.Bundle.Entry); i++ {
		var res r4.Resource = &bundle
		b := &block{Anchor: "bundle", entry: i}
		if i >= 0 {
			res = p.Result.Bundle.Entry[i].Resource
			b.Anchor = "e" + strconv.Itoa(i)
			if i < len(p.Result.Entries) {
				b.Nulls, b.Fill = p.Result.Entries[i].Nulls, p.Result.Entries[i].Fill
			}
		}
		if res == nil {
			continue
		}
		text, err := r4.MarshalIndent(res)
		if err != nil || size > maxConvertJSON {
			v.BlocksLeft++
			continue
		}
		size += len(text)
		b.Type, b.Name = res.ResourceType(), nameOf(res)
		d := jsonPainter{view: v, block: b, own: own[i+1], types: types, anchors: anchors}
		d.paint(text)
		b.Open = i >= 0 && lines < openJSON
		if i >= 0 {
			lines += d.lines
		}
		v.Blocks = append(v.Blocks, b)
	}
}

// nameOf tells resources of one type apart by what kind of thing they are: the
// code of an observation, never who somebody is.
func nameOf(res r4.Resource) string {
	if o, ok := res.(*r4.Observation); ok && o.Code != nil {
		for _, c := range o.Code.Coding {
			if c.Display != "" {
				return c.Display
			}
		}
		return o.Code.Text
	}
	return ""
}
