package reverse_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
	"github.com/ponshealth/pons/mapping/reverse"
)

const corpusDir = "../../../shared/corpus"

var events = []string{"ADT^A01", "ADT^A03", "ADT^A04", "ADT^A08", "ADT^A28", "ADT^A31", "ORU^R01", "ORM^O01", "SIU^S12", "VXU^V04"}

// A leaf is a value of a message: text at a field, component and subcomponent.
type leaf struct {
	seg, field, rep, comp, sub int
	text                       string
}

func (l leaf) place(name string) string {
	s := fmt.Sprintf("%s-%d", name, l.field)
	if l.comp > 0 {
		s += fmt.Sprintf(".%d", l.comp)
	}
	if l.sub > 0 {
		s += fmt.Sprintf(".%d", l.sub)
	}
	return s
}

// leaves lists the values of one segment, each with the path that
// mapping.Result.Unmapped has for it.
func leaves(i int, s hl7.Segment) map[string]leaf {
	out := map[string]leaf{}
	for f := 1; f <= s.Len(); f++ {
		v := s.Field(f)
		for r := 1; r <= v.Reps(); r++ {
			rep := v.Rep(r)
			comps := rep.Components()
			for c := 1; c <= comps; c++ {
				comp := rep.Component(c)
				subs := comp.Subs()
				for b := 1; b <= subs; b++ {
					sub := comp.Sub(b)
					if !sub.Valued() || strings.TrimSpace(sub.String()) == "" {
						continue
					}
					l := leaf{i, f, r, c, b, sub.String()}
					shown := fmt.Sprintf("%s-%d[%d]", s.Name(), f, r)
					if comps > 1 || subs > 1 {
						shown += "." + strconv.Itoa(c)
					}
					if subs > 1 {
						shown += "." + strconv.Itoa(b)
					}
					out[shown] = l
				}
			}
		}
	}
	return out
}

func withRep(path string) string {
	if strings.Contains(path, "[") {
		return path
	}
	dash := strings.IndexByte(path, '-')
	end := dash + 1
	for end < len(path) && path[end] >= '0' && path[end] <= '9' {
		end++
	}
	return path[:end] + "[1]" + path[end:]
}

// same reports whether two texts at one place say the same. Blanks around them make
// no difference, nor do seconds of 00, which FHIR asks for, the zone of a time that
// had that of its message (HL7 v2.9 2.14.9.7), or other names of table 0396 for one
// code system.
func same(got, sent leaf) bool {
	a, b := strings.TrimSpace(got.text), strings.TrimSpace(sent.text)
	if a == b {
		return true
	}
	if (sent.comp == 3 || sent.comp == 6 || sent.comp == 12 || sent.sub == 3) && systemOf(a) == systemOf(b) {
		return true
	}
	clock, zone := cutZone(seconds(a))
	want, wantZone := cutZone(seconds(b))
	return isClock(clock) && clock == want && (zone == wantZone || wantZone == "")
}

func isClock(s string) bool {
	return len(s) >= 8 && strings.Trim(s, "0123456789.") == ""
}

func cutZone(s string) (clock, zone string) {
	if i := strings.LastIndexAny(s, "+-"); i >= 8 {
		return s[:i], s[i:]
	}
	return s, ""
}

// seconds fills in seconds of 00.
func seconds(s string) string {
	clock, zone := cutZone(s)
	if len(clock) == 12 && isClock(clock) {
		return clock + "00" + zone
	}
	return s
}

var systemNames = map[string]string{}

func systemOf(name string) string {
	if number, ok := strings.CutPrefix(name, "2.16.840.1.113883.12."); ok && len(number) < 5 {
		return "HL7" + "0000"[len(number):] + number // the OID of a table of HL7
	}
	if uri := systemNames[strings.ToUpper(name)]; uri != "" {
		return uri
	}
	return name
}

// pairs finds for each segment that was sent the one that came back for it: of one
// name those first that have most in common, because the order of results need not
// be the same.
func pairs(sent, got *hl7.Message) map[int][]leaf {
	type segment struct {
		name string
		all  []leaf
		keys map[leaf]bool
	}
	read := func(m *hl7.Message) (out []segment) {
		for s := range m.Segments() {
			seg := segment{name: s.Name(), keys: map[leaf]bool{}}
			for _, l := range leaves(0, s) {
				seg.all = append(seg.all, l)
				if l.rep = 0; l.field > 1 || strings.Trim(l.text, "0123456789") != "" { // not the numbers of segments
					seg.keys[l] = true
				}
			}
			out = append(out, seg)
		}
		return out
	}
	from, to := read(sent), read(got)
	type pair struct{ i, k, common int }
	var all []pair
	for i := range from {
		for k := range to {
			if from[i].name != to[k].name {
				continue
			}
			common := 0
			for l := range from[i].keys {
				if to[k].keys[l] {
					common++
				}
			}
			all = append(all, pair{i, k, common})
		}
	}
	slices.SortStableFunc(all, func(a, b pair) int { return cmp.Compare(b.common, a.common) })
	out, taken := map[int][]leaf{}, map[int]bool{}
	for _, p := range all {
		if _, done := out[p.i]; !done && !taken[p.k] {
			out[p.i], taken[p.k] = to[p.k].all, true
		}
	}
	return out
}

type exception struct {
	Place string `yaml:"place"`
	Moved bool   `yaml:"moved"` // the value stands elsewhere in the same field
	Why   string `yaml:"why"`
	used  int
}

type tally struct{ sent, kept, excused int }

// What v2 said, and both directions map, comes back.
func TestRoundTrip(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(corpusDir, "index.json"))
	if err != nil {
		t.Skipf("SKIPPED: no corpus of messages at %s: nothing was tested", corpusDir)
	}
	var index struct {
		Messages []struct{ File, Type, Trigger string }
	}
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	forward, err := mapping.New(mapping.Options{Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	back, err := reverse.New(reverse.Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, systems, err := mapping.Vocabularies()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range systems {
		systemNames[strings.ToUpper(s.Name)] = s.URI
		if s.OID != "" {
			systemNames[s.OID] = s.URI
		}
	}
	excused, least := exceptions(t)
	both := targets(t)
	bySegment, messages := map[string]*tally{}, map[string]int{}
	lost, oneWay, first := map[string]int{}, map[string]int{}, map[string]string{}
	for _, entry := range index.Messages {
		event := entry.Type + "^" + entry.Trigger
		if !slices.Contains(events, event) {
			continue
		}
		body, err := os.ReadFile(filepath.Join(corpusDir, entry.File))
		if err != nil {
			t.Fatal(err)
		}
		text, _, err := hl7.Decode(body, "")
		if err != nil {
			continue
		}
		sent, err := hl7.Parse(text)
		if err != nil {
			continue
		}
		res, err := forward.Convert(sent)
		if err != nil {
			continue
		}
		h := sent.Header()
		got, err := back.Bundle(res.Bundle, reverse.Target{Event: event, Version: known(h.Version), ControlID: "1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)})
		if err != nil {
			messages[event+" refused: "+err.Error()]++
			continue
		}
		messages[event]++
		unmapped := map[string]bool{}
		for _, p := range res.Unmapped {
			unmapped[strconv.Itoa(p.Segment)+" "+withRep(p.Path)] = true
		}
		returnedOf := pairs(sent, got.Message)
		for s := range sent.Segments() {
			all := leaves(s.Index(), s)
			returned := returnedOf[s.Index()]
			for shown, l := range all {
				if s.Name() == "MSH" || s.Name() == "EVN" || unmapped[strconv.Itoa(s.Index())+" "+shown] {
					continue
				}
				field := fmt.Sprintf("%s-%d", s.Name(), l.field)
				if !both[field] {
					oneWay[field]++
					continue
				}
				c := bySegment[s.Name()]
				if c == nil {
					c = &tally{}
					bySegment[s.Name()] = c
				}
				c.sent++
				if slices.ContainsFunc(returned, func(g leaf) bool {
					return g.field == l.field && g.comp == l.comp && g.sub == l.sub && same(g, l)
				}) {
					c.kept++
					continue
				}
				place := l.place(s.Name())
				if x := excused.of(place, func() bool { return moved(returned, l) }); x != nil {
					x.used++
					c.excused++
					continue
				}
				lost[place]++
				if os.Getenv("REVERSE_PLACE") == place {
					t.Logf("%s sent %q got %v", entry.File, l.text, pick(returned, l.field))
				}
				if first[place] == "" {
					first[place] = fmt.Sprintf("%s %s", entry.File, event)
					if os.Getenv("REVERSE_DEBUG") != "" {
						first[place] = fmt.Sprintf("%s ", entry.File) + fmt.Sprintf(" sent %q got %v", l.text, pick(returned, l.field))
					}
				}
			}
		}
	}
	report(t, bySegment, messages, oneWay)
	for name, share := range least {
		if c := bySegment[name]; c == nil || 100*float64(c.kept) < share*float64(c.sent) {
			t.Errorf("%s: less than %.1f %% kept", name, share)
		}
	}
	for _, place := range byCount(lost) {
		t.Errorf("%s: %d times not kept, first in %s", place, lost[place], first[place])
	}
	for _, x := range excused {
		t.Logf("excused %6d %s", x.used, x.Place)
		if x.used == 0 {
			t.Errorf("exceptions.yaml: %s never happens", x.Place)
		}
	}
}

func pick(all []leaf, field int) []string {
	var out []string
	for _, l := range all {
		if l.field == field {
			out = append(out, fmt.Sprintf("[%d].%d.%d %s", l.rep, l.comp, l.sub, l.text))
		}
	}
	slices.Sort(out)
	return out
}

func known(version string) string {
	version, _, _ = strings.Cut(version, "^")
	switch version {
	case "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2":
		return version
	}
	return "2.5.1"
}

// moved reports whether a value stands somewhere in its field.
func moved(returned []leaf, l leaf) bool {
	return slices.ContainsFunc(returned, func(g leaf) bool {
		return g.field == l.field && (strings.Contains(g.text, strings.TrimSpace(l.text)) || strings.Contains(seconds(g.text), seconds(l.text)))
	})
}

type exceptionList []*exception

// of finds the first exception for a place such as "PID-3.4.2".
func (all exceptionList) of(place string, moved func() bool) *exception {
	for _, x := range all {
		if ok, err := path.Match(x.Place, place); err == nil && ok && (!x.Moved || moved()) {
			return x
		}
	}
	return nil
}

func exceptions(t *testing.T) (exceptionList, map[string]float64) {
	raw, err := os.ReadFile("testdata/exceptions.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Least      map[string]float64 `yaml:"least"`
		Exceptions exceptionList      `yaml:"exceptions"`
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	for _, x := range doc.Exceptions {
		if x.Why == "" {
			t.Errorf("exceptions.yaml: %s has no reason", x.Place)
		}
	}
	return doc.Exceptions, doc.Least
}

// targets lists the fields that some row of the tables writes.
func targets(t *testing.T) map[string]bool {
	out := map[string]bool{}
	files, err := filepath.Glob("tables/segments/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no tables", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Rows []struct{ To, From string } `yaml:"rows"`
		}
		if err := yaml.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		for _, r := range doc.Rows {
			if field, _, _ := strings.Cut(r.To, "."); r.From != "" {
				out[field] = true
			}
		}
	}
	return out
}

func byCount(m map[string]int) []string {
	return slices.SortedFunc(maps.Keys(m), func(a, b string) int {
		return cmp.Or(cmp.Compare(m[b], m[a]), strings.Compare(a, b))
	})
}

func report(t *testing.T, bySegment map[string]*tally, messages, oneWay map[string]int) {
	for _, m := range slices.Sorted(maps.Keys(messages)) {
		t.Logf("%5d %s", messages[m], m)
	}
	var all tally
	for _, name := range slices.Sorted(maps.Keys(bySegment)) {
		c := bySegment[name]
		all.sent, all.kept, all.excused = all.sent+c.sent, all.kept+c.kept, all.excused+c.excused
		t.Logf("%-4s sent %6d kept %6d (%.2f %%) excused %5d", name, c.sent, c.kept, 100*float64(c.kept)/float64(c.sent), c.excused)
	}
	t.Logf("all  sent %6d kept %6d (%.2f %%) excused %5d", all.sent, all.kept, 100*float64(all.kept)/float64(max(1, all.sent)), all.excused)
	for i, place := range byCount(oneWay) {
		if i < 40 {
			t.Logf("one way only: %s %d", place, oneWay[place])
		}
	}
}
