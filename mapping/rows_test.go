package mapping_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// hosts says where a data type map is applied in TestRows, by the type that it writes.
var hosts = map[string]string{
	"HumanName": "Patient.name", "Address": "Patient.address", "ContactPoint": "Patient.telecom", "Identifier": "Patient.identifier",
	"CodeableConcept": "Observation.code", "Coding": "Encounter.class", "Quantity": "Observation.valueQuantity", "Range": "Observation.valueRange",
	"Ratio": "Observation.valueRatio", "SampledData": "Observation.valueSampledData", "Attachment": "DiagnosticReport.presentedForm",
	"Period": "Encounter.period", "Timing": "Observation.effectiveTiming", "Meta": "Observation.meta", "Annotation": "Observation.note",
	"Duration": "Encounter.length", "Reference": "Observation.encounter", "Extension": "Observation.extension",
	"Location": "Encounter.location.location(Location)",
	"code":     "Patient.gender", "string": "Patient.name.text", "uri": "Observation.meta.source", "boolean": "Patient.active",
	"dateTime": "Observation.effectiveDateTime", "decimal": "Observation.valueQuantity.value", "positiveInt": "Appointment.priority",
	"unsignedInt": "DiagnosticReport.presentedForm.size", "MessageHeader.source": "MessageHeader.source", "MessageHeader.destination": "MessageHeader.destination",
	"Device.udiCarrier": "Device.udiCarrier", "Encounter.diagnosis": "Encounter.diagnosis",
}

// beside are rows beside that of the map itself, where what it writes is no element alone: a
// Duration with a code needs a system (qty-3), which no row of the map gives.
var beside = map[string]string{"CWE[Duration]": "- {id: P2, from: ZDT-1, to: length.system, value: 'http://unitsofmeasure.org', why: test}\n"}

// A trial is one table of the guide with the message table that applies it.
type trial struct {
	class, table string
	segment      string // that the map reads
	resource     string
	base         string // where a data type map is applied
	number       int
	tries        []attempt
	order        []string // of the segments
}

type attempt struct {
	id   string
	spec spec
}

// Every row of the guide does what it says: a message that meets its condition is
// converted, and the element that the row names holds the text that it should, on the word
// of the lineage. What the tables do not let a test work out has facts in
// testdata/cases; what neither has is listed with a reason in rows.tsv.
func TestRows(t *testing.T) {
	g, ours := readGuide(t), readTables(t)
	s := &specs{tables: ours}
	var trials []*trial
	for _, class := range []string{"segments", "datatypes"} {
		for _, name := range slices.Sorted(maps.Keys(g.rows[class])) {
			if len(g.rows[class][name]) == 0 || ours[class][name] == nil {
				continue
			}
			trials = append(trials, newTrial(s, class, name, len(trials)))
		}
	}
	m, err := mapping.New(mapping.Options{IDKey: []byte("test"), Tables: withTables(t, trialTables(t, s, trials))})
	if err != nil {
		t.Fatal(err)
	}
	executed := map[string]bool{}
	for _, tr := range trials {
		for i := range tr.tries {
			a := &tr.tries[i]
			problem := ""
			for _, msg := range tr.messages(a) {
				res, err := m.Convert(mustParse(t, msg))
				if err != nil {
					problem = err.Error()
					break
				}
				if problem = a.check(res, tr.table+"#"+a.id); problem == "" {
					executed[tr.table+"#"+a.id] = true
					break
				}
			}
			if problem != "" {
				t.Logf("%s#%s: %s: %q", tr.table, a.id, problem, tr.messages(a)[0])
			}
		}
	}
	tryMessages(t, g, ours, trials, executed)
	report(t, g, ours, executed)
}

func newTrial(s *specs, class, name string, n int) *trial {
	tr := &trial{class: class, table: name, number: n}
	file := s.tables[class][name]
	tr.resource = resultType(name, targetOf(file))
	tr.segment, _, _ = strings.Cut(name, "[")
	host, written, base := "", tr.resource, ""
	if class == "datatypes" {
		tr.segment = "ZDT"
		written = tr.resource
		if at, ok := hosts[tr.resource]; ok {
			tr.resource, tr.base, _ = strings.Cut(at, ".")
			tr.base = "." + tr.base
			if i := strings.IndexByte(at, '('); i < 0 {
				written, base = tr.resource, tr.base
			}
		}
		host = "ZDT-1"
	} else if i := strings.IndexByte(tr.resource, '.'); i > 0 {
		written, base = tr.resource[:i], tr.resource[i:]
		tr.resource = written
	}
	for _, r := range file.rows {
		if strings.HasPrefix(r["id"], "P") {
			continue
		}
		if sp, ok := s.of(class, name, r, host, written, base); ok && sp.text != "" {
			tr.tries = append(tr.tries, attempt{r["id"], sp})
		}
	}
	return tr
}

var segmentName = regexp.MustCompile(`\b([A-Z][A-Z0-9]{2})-\d+`)

// trialTables writes a message table for each trial, which applies its map alone.
func trialTables(t *testing.T, s *specs, trials []*trial) map[string]string {
	files := map[string]string{}
	for _, tr := range trials {
		file := s.tables[tr.class][tr.table]
		raw, err := os.ReadFile("tables/" + tr.class + "/" + tr.table + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		segments, mapName := map[string]bool{"PID": true, tr.segment: true}, tr.table
		for _, r := range file.rows {
			for _, m := range segmentName.FindAllStringSubmatch(r["from"]+" "+r["when"]+" "+r["expr"], -1) {
				segments[m[1]] = true
			}
		}
		for _, a := range tr.tries {
			for at := range a.spec.cells {
				segments[at[:3]] = true
			}
		}
		delete(segments, "MSH")
		if tr.class == "segments" {
			files["segments/"+tr.table+".yaml"] = string(raw)
		} else {
			mapName = fmt.Sprintf("ZDT[%s-T%d]", tr.resource, tr.number)
			to := strings.TrimPrefix(tr.base, ".")
			if to == "" {
				to = "$this"
			}
			files["segments/"+mapName+".yaml"] = fmt.Sprintf("map: '%s'\nrows:\n- {id: P1, from: ZDT-1, to: '%s', as: '%s', why: test}\n%s", mapName, to, tr.table, beside[tr.table])
		}
		events := map[string]bool{"T01": true}
		order := slices.Sorted(maps.Keys(segments))
		tr.order = order
		for i := range tr.tries {
			events[tr.tries[i].event()] = true
		}
		var triggers []string
		for _, e := range slices.Sorted(maps.Keys(events)) {
			triggers = append(triggers, fmt.Sprintf("X%02d^%s", tr.number, e))
		}
		body := fmt.Sprintf("message: TST_%d\ntriggers: ['%s']\nstructure: |\n  MSH [{%s}]\nrows:\n", tr.number, strings.Join(triggers, "', '"), strings.Join(order, "}] [{"))
		slot := tr.resource + "[1]"
		if tr.resource == "Bundle" {
			slot = "Bundle"
		}
		if tr.resource != "Patient" {
			body += "- {id: P1, from: PID, slot: 'Patient[1]', map: 'PID[Patient]', why: test}\n"
			text, err := os.ReadFile("tables/segments/PID[Patient].yaml")
			if err != nil {
				t.Fatal(err)
			}
			files["segments/PID[Patient].yaml"] = string(text)
		}
		if tr.resource == "MessageHeader" && tr.table != "MSH[MessageHeader]" && tr.table != "MSG[MessageHeader]" { // which says of MSH-9 what MSH[MessageHeader] says otherwise
			body += "- {id: P3, from: MSH, slot: 'MessageHeader[1]', map: 'MSH[MessageHeader]', why: test}\n"
			text, err := os.ReadFile("tables/segments/MSH[MessageHeader].yaml")
			if err != nil {
				t.Fatal(err)
			}
			files["segments/MSH[MessageHeader].yaml"] = string(text)
		}
		body += fmt.Sprintf("- {id: P2, from: %s, slot: '%s', map: '%s', why: test}\n", tr.segment, slot, mapName)
		files[fmt.Sprintf("messages/TST_%d.yaml", tr.number)] = body
	}
	return files
}

func (a *attempt) event() string {
	if e := a.spec.cells["MSH-9.2"]; e != "" && e != "*" {
		return e
	}
	return "T01"
}

// messages are those that should make the row write: with what it needs alone, and
// beside what each other row of its table needs, since constants alone make no resource.
func (tr *trial) messages(a *attempt) []string {
	kind := fmt.Sprintf("X%02d", tr.number)
	out := []string{writeMessage(a.spec.cells, kind, a.event(), tr.order)}
	for i := range tr.tries {
		cells := maps.Clone(a.spec.cells)
		fits := &tr.tries[i] != a
		for at, text := range tr.tries[i].spec.cells {
			have, ok := cells[at]
			if ok && have != text || strings.HasPrefix(at, "MSH-9.") || overlaps(cells, at) && !ok {
				fits = false
				break
			}
			cells[at] = text
		}
		if fits {
			out = append(out, writeMessage(cells, kind, a.event(), tr.order))
		}
	}
	return out
}

// check looks for the element among those that the lineage says the row wrote.
func (a *attempt) check(res *mapping.Result, row string) string {
	problem := "the row wrote nothing"
	for _, l := range res.Lineage {
		if !slices.Contains(strings.Split(l.Row, "/"), row) {
			continue
		}
		var whole r4.Resource = res.Bundle
		if l.Entry >= 0 {
			whole = res.Bundle.Entry[l.Entry].Resource
		}
		path := "." + index.ReplaceAllString(l.Path, "")
		if whole.ResourceType() != a.spec.typ || path != a.spec.path && strings.TrimSuffix(path, ".reference") != strings.TrimSuffix(a.spec.path, ".reference") {
			problem = fmt.Sprintf("it wrote %s%s and should write %s%s", whole.ResourceType(), path, a.spec.typ, a.spec.path)
			continue
		}
		b, err := r4.Marshal(whole)
		if err != nil {
			return err.Error()
		}
		var doc any
		if err := json.Unmarshal(b, &doc); err != nil {
			return err.Error()
		}
		text, ok := textAt(doc, l.Path)
		if typ, is := strings.CutPrefix(a.spec.text, "->"); is && ok && typeOf(res, text) == typ {
			return ""
		}
		if !ok || text != a.spec.text {
			problem = fmt.Sprintf("%s is %q and should be %q", l.Path, text, a.spec.text)
			continue
		}
		return ""
	}
	return problem
}

// typeOf is the type of the resource of a result that a reference is to.
func typeOf(res *mapping.Result, url string) string {
	for i := range res.Bundle.Entry {
		if e := &res.Bundle.Entry[i]; e.FullURL == url {
			return e.Resource.ResourceType()
		}
	}
	return ""
}

// textAt gives the text at a path of a document in JSON.
func textAt(doc any, path string) (string, bool) {
	for i, step := range strings.Split(path, ".") {
		name, at, listed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
		m, ok := doc.(map[string]any)
		if !ok {
			return "", false
		}
		next := m[name]
		rest := strings.Split(path, ".")[i+1:]
		if len(rest) > 0 && (strings.HasPrefix(rest[0], "extension") || rest[0] == "id") {
			if _, aside := m["_"+name]; aside {
				next = m["_"+name]
			}
		}
		if list, ok := next.([]any); ok {
			n := 0
			if listed {
				n, _ = strconv.Atoi(at)
			}
			if n >= len(list) {
				return "", false
			}
			next = list[n]
		}
		doc = next
	}
	switch v := doc.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case map[string]any:
		if s, ok := v["reference"].(string); ok {
			return s, true
		}
	}
	return "", false
}

func caseNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/cases/*.expect.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".expect.yaml")
	}
	return files
}

func mustParse(t testing.TB, text string) *hl7.Message {
	t.Helper()
	m, err := hl7.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return m
}
