package mapping_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// A stop is one place of a segment in the structure of a message.
type stop struct{ segment, group string }

// stops lists the places of a structure in order.
func stops(structure string) (all []stop) {
	for _, c := range []string{"[", "]", "{", "}", "(", ")", ":"} {
		structure = strings.ReplaceAll(structure, c, " "+c+" ")
	}
	words := strings.Fields(structure)
	var groups []string // one for each open bracket; "" has no name
	for i, w := range words {
		switch w {
		case "[", "{", "(":
			name := ""
			if i+2 < len(words) && words[i+2] == ":" {
				name = words[i+1]
			}
			groups = append(groups, name)
		case "]", "}", ")":
			groups = groups[:len(groups)-1]
		case ":":
		default:
			if i+1 < len(words) && words[i+1] == ":" {
				continue
			}
			var path []string
			for _, g := range groups {
				if g != "" {
					path = append(path, g)
				}
			}
			all = append(all, stop{w, strings.Join(path, ".")})
		}
	}
	return all
}

// seat is the place that a row of a message table speaks of.
func seat(all []stop, r tableRow) int {
	begun := r["after"] == ""
	for i, s := range all {
		if s.group != r["in"] {
			continue
		}
		if begun && s.segment == r["from"] {
			return i
		}
		begun = begun || s.segment == r["after"]
	}
	return -1
}

// filled are segments with what makes them worth something, for rows that refer to what
// they become.
var filled = map[string]string{
	"EVN": "EVN|A01|20240102030405+0100", "PID": "PID|1||P77^^^&1.2.3&ISO||DOE^ANN||19900101|F||||||||||ACC^^^&1.2.3&ISO",
	"PV1": "PV1|1|I|W^1^A||||||||||||||||V1^^^&1.2.3&ISO", "ORC": "ORC|NW|PO^^1.2.3^ISO", "OBR": "OBR|1|PO^^1.2.3^ISO||C1^Test^L",
	"OBX": "OBX|1|NM|C2^Value^L||7|||||||F", "SPM": "SPM|1|S1^S2||BLD^Blood^L", "TXA": "TXA|1|DS|TX|||||||||D1^^1.2.3^ISO",
	"SCH": "SCH|A1^^1.2.3^ISO|F1^^1.2.3^ISO||||||||||^^^20240102030405+0100", "RXA": "RXA|0|1|20240102030405+0100||08^HepB^CVX",
	"DG1": "DG1|1||J45^Asthma^I10", "AIS": "AIS|1||C^Consult^L", "RXO": "RXO|M1^Drug^L", "PRT": "PRT", "AL1": "AL1|1||PEN^Penicillin^L",
}

// wholeMessage builds a message with line at one place, and around it what others refer to;
// cells says more of these. It returns which segment of the message the line is.
func wholeMessage(all []stop, at int, line string, kind, event string, cells map[string]string) (msg string, nth int) {
	var out []string
	done := map[string]bool{}
	for i, s := range all {
		text, wanted := filled[s.segment], false
		for cell := range cells {
			wanted = wanted || strings.HasPrefix(cell, s.segment+"-")
		}
		here, said := cells[s.segment+"-0"]
		switch {
		case i == at:
			nth = len(out)
			out = append(out, line)
			continue
		case s.segment == "MSH":
			text = "MSH|^~\\&|A|B|||20240102030405+0100||" + kind + "^" + event + "|1|P|2.9"
		case s.segment == all[at].segment, done[s.segment], said && here == "", text == "" && !wanted:
			continue
		case text == "":
			text = s.segment
		}
		done[s.segment] = true
		for cell, value := range cells {
			if strings.HasPrefix(cell, s.segment+"-") && value != "" && !strings.HasSuffix(cell, "-0") && s.segment != "MSH" {
				text = withCell(text, cell, value)
			}
		}
		out = append(out, text)
	}
	return strings.Join(out, "\r") + "\r", nth
}

// withCell sets a field of a segment; parts of it are not told apart.
func withCell(segment, cell, value string) string {
	if value == "*" {
		value = "abc"
	}
	_, at, _ := strings.Cut(cell, "-")
	at, _, _ = strings.Cut(at, ".")
	var n int
	fmt.Sscan(at, &n)
	fields := strings.Split(segment, "|")
	for len(fields) <= n {
		fields = append(fields, "")
	}
	if fields[n] == "" {
		fields[n] = value
	}
	return strings.Join(fields, "|")
}

// tryMessages tries the rows of the message tables: a message in which the segment of the
// row stands where the row says must become a resource of the row's slot by the row's map,
// and what the row refers to must be referred to.
func tryMessages(t *testing.T, g *guide, ours map[string]map[string]*tableFile, trials []*trial, executed map[string]bool) {
	w := newTwins(t, g, ours)
	byMap := map[string]*trial{}
	for _, tr := range trials {
		byMap[tr.table] = tr
	}
	for name := range g.rows["messages"] {
		file := ours["messages"][name]
		if file == nil {
			continue
		}
		kind, event := firstTrigger(file)
		all := stops(file.head["structure"])
		for _, r := range file.rows {
			at := seat(all, r)
			tr := byMap[r["map"]]
			if strings.HasPrefix(r["id"], "P") || r["off"] == "true" || at < 0 || tr == nil {
				continue
			}
			problem := "no message can be made for it"
			for _, try := range messagesFor(tr, r, all, at, kind, event) {
				if problem = w.try(t, name, kind, r, try); problem == "" {
					executed[name+"#"+r["id"]] = true
					break
				}
			}
			if problem != "" {
				t.Logf("%s#%s: %s", name, r["id"], problem)
			}
		}
	}
}

// firstTrigger is the message code and the event of the first trigger of a table.
func firstTrigger(file *tableFile) (kind, event string) {
	trigger := strings.TrimSpace(strings.Split(strings.Trim(file.head["triggers"], "[]"), " ")[0])
	kind, event, _ = strings.Cut(trigger, "^")
	return kind, event
}

// A wholeTry is a message for a row, and which of its segments is that of the row.
type wholeTry struct {
	msg string
	nth int
}

func messagesFor(tr *trial, r tableRow, all []stop, at int, kind, event string) (out []wholeTry) {
	s := &specs{}
	base := map[string]string{}
	if !s.when(r["when"], "", "", "messages", base) {
		return nil
	}
	for i := range tr.tries {
		cells := map[string]string{}
		fits := true
		for _, from := range []map[string]string{base, tr.tries[i].spec.cells} {
			for cell, text := range from {
				have, ok := cells[cell]
				if ok && have != text && have != "*" && text != "*" || strings.HasPrefix(cell, "MSH-9.") {
					fits = false
				}
				if !ok || have == "*" {
					cells[cell] = text
				}
			}
		}
		if !fits {
			continue
		}
		line := ""
		for l := range strings.SplitSeq(writeMessage(cells, kind, event, []string{r["from"]}), "\r") {
			if strings.HasPrefix(l, r["from"]) {
				line = l
			}
		}
		if line == "" {
			line = filled[r["from"]]
		}
		if line != "" {
			msg, nth := wholeMessage(all, at, line, kind, event, cells)
			out = append(out, wholeTry{msg, nth})
		}
	}
	return out
}

// rowOfMessage looks for what the row of a message table should have made of segment nth.
func rowOfMessage(res *mapping.Result, r tableRow, nth int) string {
	slot, _, _ := strings.Cut(r["slot"], ".")
	typ, _, _ := strings.Cut(slot, "[")
	if i := strings.LastIndexByte(r["slot"], '('); i > 0 { // made inside of another: Provenance[1].entity.what(Device)
		typ = strings.Trim(r["slot"][i:], "()")
	}
	own := strings.HasPrefix(r["map"], r["from"]) // else the map reads another segment than the row
	for _, l := range res.Lineage {
		if strings.HasPrefix(l.Row, r["map"]+"#") && (l.Segment == nth || !own) && belongs(res, l.Entry, typ) {
			return refersTo(res, r["refs"])
		}
	}
	return "nothing of a " + typ + " was written by " + r["map"]
}

// belongs reports whether an entry is of a type, or made for one of that type, which refers
// to it: the general practitioner of a Patient.
func belongs(res *mapping.Result, entry int, typ string) bool {
	if entry < 0 {
		return typ == "Bundle"
	}
	if res.Bundle.Entry[entry].Resource.ResourceType() == typ {
		return true
	}
	url := `"` + res.Bundle.Entry[entry].FullURL + `"`
	for i := range res.Bundle.Entry {
		if r := res.Bundle.Entry[i].Resource; r.ResourceType() == typ {
			if b, err := r4.Marshal(r); err == nil && strings.Contains(string(b), url) {
				return true
			}
		}
	}
	return false
}

// refersTo checks the references and literals of a row: "Encounter[1].subject = Patient[1]; ...".
func refersTo(res *mapping.Result, refs string) string {
	for ref := range strings.SplitSeq(refs, ";") {
		left, right, ok := strings.Cut(strings.TrimSpace(ref), " = ")
		if !ok || strings.Contains(right, "-") { // a field: no row of the guide has one
			continue
		}
		typ, path, _ := strings.Cut(index.ReplaceAllString(left, ""), ".")
		var got []string // types referred to, or texts
		for i := range res.Bundle.Entry {
			r := res.Bundle.Entry[i].Resource
			if r.ResourceType() != typ {
				continue
			}
			b, err := r4.Marshal(r)
			if err != nil {
				return err.Error()
			}
			var doc any
			if err := json.Unmarshal(b, &doc); err != nil {
				return err.Error()
			}
			for _, v := range everyAt(doc, strings.Split(path, ".")) {
				if m, ok := v.(map[string]any); ok {
					url, _ := m["reference"].(string)
					v = typeOf(res, url)
				}
				got = append(got, fmt.Sprint(v))
			}
		}
		for _, want := range wanted(res, right) {
			if !slices.Contains(got, want) {
				return left + " is not " + want
			}
		}
	}
	return ""
}

// wanted is what the right side of a reference asks for: a type, a text, or with * the types
// of all that the message made, but for the Provenances.
func wanted(res *mapping.Result, right string) (all []string) {
	if text, is := strings.CutPrefix(right, `"`); is {
		return []string{strings.TrimSuffix(text, `"`)}
	}
	if right != "*" {
		typ, _, _ := strings.Cut(index.ReplaceAllString(right, ""), ".")
		return []string{typ}
	}
	for i := range res.Bundle.Entry {
		if typ := res.Bundle.Entry[i].Resource.ResourceType(); typ != "Provenance" {
			all = append(all, typ)
		}
	}
	return all
}

// everyAt gives all values at a path, through lists.
func everyAt(v any, path []string) []any {
	if list, ok := v.([]any); ok {
		var all []any
		for _, e := range list {
			all = append(all, everyAt(e, path)...)
		}
		return all
	}
	if len(path) == 0 {
		return []any{v}
	}
	m, _ := v.(map[string]any)
	if m[path[0]] == nil {
		return nil
	}
	return everyAt(m[path[0]], path[1:])
}
