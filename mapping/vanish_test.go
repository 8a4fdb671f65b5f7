package mapping_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// mostDecided is the share of values, in thousandths, that may have decided something
// without a text of their own in the Bundle: the code system that chose a row, a unit of time.
const mostDecided = 2.5

// Nothing vanishes: each valued part of a message is named among the unmapped, or the lineage
// names it, or what it says stands in the Bundle on the word of another field (ORC-2 and
// OBR-2, a person named twice), or it counts segments or is for the engine. The few others
// have decided something; how many there may be is bounded.
func TestNothingVanishes(t *testing.T) {
	m := newMapper(t)
	total, none := 0, 0
	where := map[string]int{}
	for msg, res := range converted(t, m) {
		told := tellers(res)
		var said string
		for at := range valued(msg) {
			total++
			p, value := partAt(t, msg, at)
			if told.name(p) || forEngine(p, value) {
				continue
			}
			if said == "" {
				said = wordsOf(t, res.Bundle)
			}
			if digits := digitsOf(value); !strings.Contains(said, plain(value)) && (digits == "" || !strings.Contains(said, " "+digits)) {
				none++
				where[fmt.Sprintf("%s-%d.%d", p.name, p.field, p.comp)]++
			}
		}
	}
	for _, place := range slices.SortedFunc(maps.Keys(where), func(a, b string) int { return where[b] - where[a] })[:min(12, len(where))] {
		t.Logf("%5d %s", where[place], place)
	}
	share := 1000 * float64(none) / float64(max(total, 1))
	t.Logf("%d of %d values (%.2f in a thousand) are neither named nor found in the Bundle", none, total, share)
	if total == 0 || share > mostDecided {
		t.Errorf("at most %.1f in a thousand may be", mostDecided)
	}
}

// forEngine says of what counts segments, and what says how to read and answer the message,
// its event and the type of a result (HL7 v2.9 2.14.9, 3.4.1.1, 7.4.2.2).
func forEngine(p part, value string) bool {
	switch {
	case p.name == "MSH":
		return slices.Contains([]int{1, 2, 9, 10, 12, 15, 16, 18}, p.field)
	case p.name == "OBX" && p.field == 2 || p.name == "EVN" && p.field == 1:
		return true
	}
	_, err := strconv.Atoi(value)
	return p.field == 1 && p.comp == 1 && err == nil
}

// A part is one of a message.
type part struct {
	segment               int
	name                  string
	field, rep, comp, sub int
}

func partAt(t *testing.T, msg *hl7.Message, at string) (p part, value string) {
	t.Helper()
	segment, rest, _ := strings.Cut(at, " ")
	name, rest, _ := strings.Cut(rest, "-")
	p.name = name
	p.segment, _ = strconv.Atoi(segment)
	if n, err := fmt.Sscan(rest, &p.field, &p.rep, &p.comp, &p.sub); n != 4 {
		t.Fatal(at, err)
	}
	return p, p.in(msg).String()
}

// told are the places that a result names, by segment.
type told map[int][]part

func tellers(res *mapping.Result) told {
	all := told{}
	add := func(segment int, path string) {
		if p, ok := placed(segment, path); ok {
			all[segment] = append(all[segment], p)
		}
	}
	for _, l := range res.Lineage {
		add(l.Segment, l.Field)
	}
	for _, u := range res.Unmapped {
		add(u.Segment, u.Path)
	}
	return all
}

// placed reads a place as a result writes it; a component or subcomponent that is not named
// is 0.
func placed(segment int, path string) (p part, ok bool) {
	x := placePath.FindStringSubmatch(path)
	if x == nil {
		return p, false
	}
	n := [4]int{}
	for i := range n {
		n[i], _ = strconv.Atoi(x[i+2])
	}
	return part{segment, x[1], n[0], max(n[1], 1), n[2], n[3]}, true
}

// in is what stands at p.
func (p part) in(msg *hl7.Message) hl7.Value {
	return msg.Segment(p.segment).Field(p.field).Rep(p.rep).Component(max(p.comp, 1)).Sub(max(p.sub, 1))
}

var placePath = regexp.MustCompile(`^([A-Z0-9]{3})-(\d+)(?:\[(\d+)\])?(?:\.(\d+))?(?:\.(\d+))?$`)

func (a told) name(p part) bool {
	return slices.ContainsFunc(a[p.segment], func(q part) bool {
		return q.field == p.field && q.rep == p.rep && (q.comp == 0 || q.comp == p.comp) && (q.sub == 0 || q.sub == p.sub)
	})
}

// wordsOf is all that a Bundle says: its texts, what its attachments hold, and behind that
// the digits of each, for times and telephone numbers are written in other ways.
func wordsOf(t *testing.T, b *r4.Bundle) string {
	t.Helper()
	doc, err := r4.AppendJSON(nil, b)
	if err != nil {
		t.Fatal(err)
	}
	var all any
	if err := json.Unmarshal(doc, &all); err != nil {
		t.Fatal(err)
	}
	var words, numbers strings.Builder
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, kid := range v {
				if text, ok := kid.(string); ok && name == "data" {
					if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
						kid = string(raw)
					}
				}
				walk(kid)
			}
		case []any:
			for _, kid := range v {
				walk(kid)
			}
		case nil:
		default:
			text := fmt.Sprint(v)
			words.WriteString("\n" + plain(text))
			numbers.WriteString(" " + digitsOf(text))
		}
	}
	walk(all)
	return words.String() + "\n" + numbers.String()
}

func plain(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// digitsOf are the digits of a text, if they are enough to know it by them.
func digitsOf(s string) string {
	digits := strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
	if len(digits) < 7 {
		return ""
	}
	return digits
}
