package structure_test

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
	"github.com/ponshealth/pons/hl7/structure"
)

// expression writes a structure as a regular expression over the names of
// segments, each followed by a blank. Z segments may stand behind every segment. It is
// a second way to tell whether a message follows its structure.
func expression(nodes []grammar.Node, choice bool) string {
	var b strings.Builder
	for i, n := range nodes {
		if choice && i > 0 {
			b.WriteByte('|')
		}
		switch {
		case n.Group:
			b.WriteString("(?:" + expression(n.Children, n.Choice) + ")")
		case n.Name == "*":
			b.WriteString("(?:[A-Z][A-Z0-9]{2} (?:Z[A-Z0-9]{2} )*)")
		default:
			b.WriteString("(?:" + n.Name + " (?:Z[A-Z0-9]{2} )*)")
		}
		switch {
		case n.Min == 0 && n.Max == 1:
			b.WriteByte('?')
		case n.Min == 0:
			b.WriteByte('*')
		case n.Max != 1:
			b.WriteByte('+')
		}
	}
	return b.String()
}

var expressions sync.Map

func follows(t testing.TB, version, name string, m *hl7.Message) bool {
	key := version + " " + name
	e, ok := expressions.Load(key)
	if !ok {
		s, found := grammar.For(version).Structure(name)
		if !found {
			t.Fatal(key, "is no structure")
		}
		e, _ = expressions.LoadOrStore(key, regexp.MustCompile("^(?:"+expression(s.Nodes, false)+")$"))
	}
	var b strings.Builder
	for s := range m.Segments() {
		b.WriteString(s.Name() + " ")
	}
	return e.(*regexp.Regexp).MatchString(b.String())
}

// sound tells what is wrong with a tree, whatever the message.
func sound(t testing.TB, m *hl7.Message, tree *structure.Tree) string {
	next := 0
	for s := range tree.Root().Segments() {
		if s.Index() != next {
			return "the segments are not in order, or not once each"
		}
		next++
	}
	if next != m.Len() {
		return "segments are missing"
	}
	problems := map[int]bool{}
	for _, p := range tree.Problems() {
		if p.Segment < 0 || p.Segment > m.Len() || p.Kind == structure.Missing && p.Segment == 0 {
			return "a problem is outside the message"
		}
		if _, ok := p.Group.Segment(); ok {
			return "a problem is not in a group"
		}
		if p.Kind != structure.Missing {
			problems[p.Segment] = true
		}
	}
	name, version := tree.Structure()
	if name == "" {
		return ""
	}
	for i := range m.Len() {
		n, _ := tree.Of(i)
		if s, _ := n.Segment(); s != m.Segment(i) {
			return "a node is of another segment"
		}
		z := m.Segment(i).Name()[0] == 'Z'
		if tree.More() == 0 && !z && !n.Placed() && !problems[i] {
			return "a segment that is not placed is not reported"
		}
		if m.Len() < 200 {
			p := n.Path()
			found, ok := tree.Root().Find(p)
			again, err := structure.ParsePath(p.String())
			if !ok || found != n || err != nil || again.String() != p.String() {
				return "the address of a segment does not lead to it: " + p.String()
			}
		}
	}
	if exact := len(tree.Problems()) == 0; exact != follows(t, version, name, m) {
		return "problems " + problemsOf(tree) + " although the regular expression says the opposite"
	}
	return ""
}

func problemsOf(t *structure.Tree) string { return "[" + problems(t) + "]" }

// write makes segments that follow a structure.
func write(r *rand.Rand, nodes []grammar.Node, out []string) []string {
	for _, n := range nodes {
		times := n.Min
		if r.IntN(3) == 0 && n.Min == 0 {
			times = 1
		}
		for times > 0 && times < 4 && n.Max != 1 && r.IntN(3) == 0 {
			times++
		}
		for range times {
			switch {
			case n.Choice:
				i := r.IntN(len(n.Children))
				out = write(r, n.Children[i:i+1], out)
			case n.Group:
				out = write(r, n.Children, out)
			case n.Name == "*":
				out = append(out, "ZAN")
			default:
				out = append(out, n.Name)
			}
		}
	}
	return out
}

// spoil changes one thing.
func spoil(r *rand.Rand, segments []string) []string {
	i := 1 + r.IntN(len(segments)) // MSH stays first
	if i == len(segments) {
		return append(segments, segments[r.IntN(len(segments)-1)+1:][0])
	}
	switch r.IntN(4) {
	case 0:
		return append(segments[:i:i], segments[i+1:]...)
	case 1:
		return append(segments[:i+1:i+1], segments[i:]...)
	case 2:
		j := 1 + r.IntN(len(segments)-1)
		segments[i], segments[j] = segments[j], segments[i]
		return segments
	default:
		return append(append(segments[:i:i], []string{"ZZZ", "XXX", "NTE"}[r.IntN(3)]), segments[i:]...)
	}
}

func fromSegments(t testing.TB, version, name string, segments []string) *hl7.Message {
	typ, event, _ := strings.Cut(name, "_")
	text := "MSH|^~\\&|A|F|B|G|20250101||" + typ + "^" + event + "^" + name + "|1|P|" + version + "\r" + strings.Join(segments[1:], "\r")
	m, err := hl7.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// structures are the names of all structures that events of a version have.
func structures(t testing.TB, version string) []string {
	v := grammar.For(version)
	seen := map[string]bool{}
	var names []string
	for _, e := range events {
		typ, event, _ := strings.Cut(e, "^")
		if name, ok := v.StructureOf(typ, event); ok && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		t.Fatal("no structures in", version)
	}
	return names
}

var events = []string{
	"ACK", "ADT^A01", "ADT^A03", "ADT^A17", "ADT^A24", "ADT^A39", "ADT^A45", "BAR^P01", "CCR^I16", "CCU^I20", "CRM^C01", "DFT^P03", "DFT^P11",
	"MDM^T02", "MFN^M01", "MFN^M05", "MFN^M08", "OMG^O19", "OML^O21", "OML^O33", "OML^O35", "OMP^O09", "ORL^O22", "ORM^O01", "ORR^O02", "ORU^R01", "OUL^R21",
	"OUL^R22", "PEX^P07", "PGL^PC6", "PPG^PCG", "PPR^PC1", "QBP^Q11", "QBP^Q13", "QRY^A19", "RAS^O17", "RCI^I05", "RDE^O11", "RDS^O13", "REF^I12", "RGV^O15",
	"RRE^O12", "RSP^K11", "RSP^K21", "SIU^S12", "SRM^S01", "SRR^S01", "VXU^V04", "VXQ^V01", "VXR^V03",
}

// TestRandom: messages made from a structure have no problems; when one thing is
// changed in them, there are problems just when the regular expression says so,
// and they are few.
func TestRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	made, spoilt, more := 0, 0, 0
	for _, version := range grammar.Versions() {
		for _, name := range structures(t, version) {
			s, _ := grammar.For(version).Structure(name)
			for range 4 {
				segments := write(r, s.Nodes, nil)
				m := fromSegments(t, version, name, segments)
				tree := structure.Match(m)
				if problem := sound(t, m, tree); problem != "" || len(tree.Problems()) > 0 {
					t.Errorf("%s %s %v: %s %s", version, name, segments, problem, problemsOf(tree))
				}
				made++
				if len(segments) < 2 {
					continue
				}
				segments = spoil(r, segments)
				m = fromSegments(t, version, name, segments)
				tree = structure.Match(m)
				if problem := sound(t, m, tree); problem != "" {
					t.Errorf("%s %s %v: %s", version, name, segments, problem)
				}
				switch n := len(tree.Problems()); {
				case n > 3:
					t.Logf("%s %s %v: %s", version, name, segments, problemsOf(tree))
					more++
				case n > 0:
					spoilt++
				}
			}
		}
	}
	t.Logf("%d messages made; of those with one change %d have one to three problems and %d have more", made, spoilt, more)
	if made < 1000 || spoilt < 300 || more*20 > spoilt {
		t.Error("that is not what was expected")
	}
}

const corpus = "../../../shared/corpus"

// TestCorpus matches every message of the corpus.
func TestCorpus(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("SKIPPED: the corpus is not here: ", err)
	}
	read, known, exact := 0, 0, 0
	kinds := map[structure.Kind]int{}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".md") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text, _, err := hl7.Decode(raw, "windows-1252")
		if err != nil {
			return nil
		}
		for _, piece := range hl7.Split(text) {
			m, err := hl7.Parse(piece)
			if err != nil {
				continue
			}
			read++
			tree := structure.Match(m)
			if problem := sound(t, m, tree); problem != "" {
				t.Errorf("%s: %s", path, problem)
			}
			if name, _ := tree.Structure(); name == "" {
				continue
			}
			known++
			if len(tree.Problems()) == 0 {
				exact++
			}
			here := map[structure.Kind]bool{}
			for _, p := range tree.Problems() {
				here[p.Kind] = true
			}
			for k := range here {
				kinds[k]++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d messages, %d with a known structure, %d follow it exactly; messages with a problem of each kind: %v", read, known, exact, kinds)
	if read < 2500 || known < 2450 || exact < 2000 {
		t.Error("that is less than there was")
	}
}
