package web

import (
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
)

// Limits of what one page draws. The page says what it left out.
const (
	maxSegments = 200
	maxRows     = 2000
	maxFields   = 300 // of one segment; the standard has none above 120
	maxReps     = 100 // of one field
	maxParts    = 60  // of one field or component
	maxValue    = 240 // characters of one value
	maxMeaning  = 60  // characters of what a code means
)

// tree is an HL7 message with the standard's names beside its values.
type tree struct {
	Version  string // of the standard whose names are used
	Segments []segment
	Left     []string // what was left out
	Found    bool     // the place asked for is drawn
}

type segment struct {
	Name, Title string
	Nth         int // among those of its name, from 1; 0 where it is the only one
	Index       int // in the message
	Rows        []fieldRow
	Hit         bool // the place asked for is this segment or in it
	HitHere     bool // it is the segment itself
	trace
}

// fieldRow is a repetition of a field, a component or a subcomponent.
type fieldRow struct {
	Path, Name string
	Depth      int    // 0 field, 1 component, 2 subcomponent
	Parts      bool   // its value stands in the rows below
	Value      string // "" with Parts
	Meaning    string // what a coded value stands for
	Left       int    // characters of the value left out
	Null       bool   // the sender says: delete what you have
	Absent     bool   // not in the message; drawn because it is the place asked for
	Hit        bool
	trace

	at hl7.Path
}

// trace says what became of a segment or a row; only the page of a conversion
// fills it in.
type trace struct {
	ID     string // on the page
	Href   string // the first element that came from it; "" when there is none
	Unused bool   // nothing consumed it
}

// painter draws one message.
type painter struct {
	names *grammar.Version
	most  bounds
	rows  int
	tree  tree
}

// bounds say how much of a message is drawn.
type bounds struct{ segments, rows int }

// paint draws m by the names of its own version and marks the place at. The
// zero Path marks nothing.
func paint(m *hl7.Message, at hl7.Path, most bounds) tree {
	at.Occurrence, at.Rep = max(at.Occurrence, 1), max(at.Rep, 1)
	p := &painter{names: grammar.For(m.Header().Version), most: most}
	p.tree.Version = p.names.Name()

	total, seen, left := map[string]int{}, map[string]int{}, 0
	for s := range m.Segments() {
		total[s.Name()]++
	}
	for s := range m.Segments() {
		name := s.Name()
		seen[name]++
		hit := name == at.Segment && seen[name] == at.Occurrence
		if !hit && (len(p.tree.Segments) >= most.segments || p.rows >= most.rows) {
			left++
			continue
		}
		out := segment{Name: name, Index: s.Index(), Hit: hit}
		if total[name] > 1 {
			out.Nth = seen[name]
		}
		p.segment(&out, s)
		if hit {
			p.tree.Found = true
			out.mark(at, p.fieldName(name, at.Field))
		}
		p.tree.Segments = append(p.tree.Segments, out)
	}
	if left > 0 {
		p.leave(left, "segment", "segments", "")
	}
	return p.tree
}

func (p *painter) leave(n int, one, many, of string) {
	p.tree.Left = append(p.tree.Left, number(n)+" "+plural(n, one, many)+of)
}

func (p *painter) segment(out *segment, s hl7.Segment) {
	def, known := p.names.Segment(out.Name)
	switch {
	case known:
		out.Title = def.Title
	case out.Name != "" && out.Name[0] == 'Z':
		out.Title = "the sender's own"
	default:
		out.Title = "not in version " + p.tree.Version
	}
	path := hl7.Path{Segment: out.Name, Occurrence: out.Nth}
	for n := 1; n <= s.Len(); n++ {
		if n > maxFields || p.rows >= p.most.rows && !out.Hit {
			p.leave(s.Len()-n+1, "field", "fields", " of "+path.String())
			return
		}
		f := part{path: path}
		f.path.Field = n
		f.field(p.field(out.Name, n))
		if out.Name == "OBX" && n == 5 {
			f.kind = s.Field(2).String() // OBX-2 says what OBX-5 is
		}
		if out.Name == "MSH" && n <= 2 {
			p.leaf(out, f, s.Field(n)) // the delimiters themselves have no parts
			continue
		}
		p.reps(out, f, s.Field(n))
	}
}

// part is a place in the message with what the standard says of it.
type part struct {
	path              hl7.Path
	rep               int // counted also where the path does not show it
	depth             int
	name, kind, table string
}

func (f *part) field(def grammar.Field) { f.name, f.kind, f.table = def.Name, def.Type, def.Table }

func (p *painter) field(segment string, n int) grammar.Field {
	if def, ok := p.names.Segment(segment); ok {
		f, _ := def.Field(n)
		return f
	}
	return grammar.Field{}
}

func (p *painter) fieldName(segment string, n int) string { return p.field(segment, n).Name }

func (p *painter) reps(out *segment, f part, v hl7.Value) {
	n := v.Reps()
	for i := 1; i <= min(n, maxReps); i++ {
		f.rep = i
		if n > 1 {
			f.path.Rep = i
		}
		if rep := v.Rep(i); !rep.Empty() {
			p.draw(out, f, rep)
		}
	}
	if n > maxReps {
		f.path.Rep = 0
		p.leave(n-maxReps, "repetition", "repetitions", " of "+f.path.String())
	}
}

// draw gives a value that has parts a row of its own and one for each part; a
// value of which only the first part is there is one row.
func (p *painter) draw(out *segment, f part, v hl7.Value) {
	parts, n := p.split(f, v)
	if len(parts) == 0 {
		p.leaf(out, f, v)
		return
	}
	p.add(out, f, fieldRow{Parts: true})
	for _, c := range parts {
		p.draw(out, c.part, c.value)
	}
	if n > maxParts {
		p.leave(n-maxParts, "part", "parts", " of "+f.path.String())
	}
}

func component(t *grammar.DataType, n int) (grammar.Component, bool) {
	if t == nil {
		return grammar.Component{}, false
	}
	return t.Component(n)
}

type valued struct {
	part
	value hl7.Value
}

// split returns the parts of v that hold something, none if v is to be shown
// as one text; and how many parts there are, empty ones included.
func (p *painter) split(f part, v hl7.Value) (parts []valued, n int) {
	def, known := p.names.DataType(f.kind)
	if f.depth == 2 || v.Null() || known && len(def.Components) == 0 {
		return nil, 0
	}
	nth := v.Component
	n = v.Components()
	if f.depth == 1 {
		nth, n = v.Sub, v.Subs()
	}
	single := true
	for i := 1; i <= min(n, maxParts); i++ {
		c := nth(i)
		if c.Empty() {
			continue
		}
		single = single && i == 1 && (f.depth == 1 || c.Subs() <= 1)
		sub := part{path: f.path, rep: f.rep, depth: f.depth + 1}
		if f.depth == 0 {
			sub.path.Component = i
		} else {
			sub.path.Sub = i
		}
		if d, ok := component(def, i); ok {
			sub.name, sub.kind, sub.table = d.Name, d.Type, d.Table
		}
		parts = append(parts, valued{sub, c})
	}
	if single {
		return nil, n
	}
	return parts, n
}

func (p *painter) leaf(out *segment, f part, v hl7.Value) {
	if v.Empty() {
		return
	}
	row := fieldRow{Null: v.Null()}
	text := v.String()
	if def, known := p.names.DataType(f.kind); known && len(def.Components) == 0 {
		text = v.Text() // no parts by definition, whatever it holds
	}
	text, row.Left = short(text, maxValue)
	row.Value = visible([]byte(text))
	row.Meaning = p.meaning(f, text)
	p.add(out, f, row)
}

// structures is the table of message structures. Its texts are lists of events,
// which say nothing to a reader.
const structures = "0354"

// meaning says what a code stands for, in the table that the standard gives
// for its place.
func (p *painter) meaning(f part, code string) string {
	if f.table == "" || f.table == structures || code == "" {
		return ""
	}
	table, ok := p.names.Table(f.table)
	if !ok {
		return ""
	}
	entry, _ := table.Code(code)
	words, left := short(entry.Display, maxMeaning)
	if left > 0 {
		words += "…"
	}
	return words
}

func (p *painter) add(out *segment, f part, row fieldRow) {
	row.Path, row.Name, row.Depth, row.at = f.path.String(), f.name, f.depth, f.path
	row.at.Rep = f.rep
	out.Rows = append(out.Rows, row)
	p.rows++
}
