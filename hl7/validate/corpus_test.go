package validate_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/grammar"
	"github.com/ponshealth/pons/hl7/validate"
)

const corpus = "../../../shared/corpus"

// pieces gives every message of the corpus, and every piece that is none.
func pieces(t testing.TB, yield func(file string, piece []byte)) {
	t.Helper()
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("SKIPPED: the corpus is not here: ", err)
	}
	err := filepath.WalkDir(corpus, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".json") || strings.HasSuffix(path, ".md") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(string(raw[:min(4, len(raw))]), "\x00") { // UTF-16 is split once it is decoded
			yield(path, raw)
			return nil
		}
		for _, piece := range hl7.Split(raw) {
			yield(path, piece)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sound tells what is wrong with a report, whatever the message.
func sound(raw []byte, r *validate.Report) string {
	m, err := parse(raw)
	if err != nil {
		if len(r.Findings) != 1 || r.Findings[0].Rule != validate.RuleSyntax && r.Findings[0].Rule != validate.RuleCharset || r.OK() {
			return "what is no message has not one error that says so"
		}
		return ""
	}
	if r.Version == "" {
		return "a message is refused"
	}
	last := -1
	for _, f := range r.Findings {
		if f.Severity != validate.Error && f.Severity != validate.Warning && f.Severity != validate.Information {
			return "a finding has no severity"
		}
		if f.Code < 100 || f.Code > 207 || f.Text == "" || f.Rule == "" {
			return "a finding lacks its code, text or rule"
		}
		if f.At == "" {
			continue
		}
		p, err := hl7.ParsePath(f.At)
		if err != nil {
			return f.At + " is not a place"
		}
		if f.Code == 100 || f.Code == 101 || f.Code == 198 || f.Rule == validate.RuleProfile || f.Rule == validate.RuleMessageType || f.Code == 203 {
			continue // something is missing there
		}
		if m.At(p).Empty() {
			return f.At + " is empty and has a finding: " + f.String()
		}
		if p.Occurrence == 0 && p.Segment != "MSH" {
			n := 0
			for range m.All(p.Segment) {
				n++
			}
			if n != 1 {
				return f.At + " does not say which"
			}
		}
		n := max(p.Occurrence, 1)
		for s := range m.All(p.Segment) {
			if n--; n == 0 {
				if s.Index() < last {
					return "the findings are not in the order of the message"
				}
				last = s.Index()
			}
		}
	}
	return ""
}

func parse(raw []byte) (*hl7.Message, error) {
	text, _, err := hl7.Decode(raw, "windows-1252")
	if err != nil {
		return nil, err
	}
	return hl7.Parse(text)
}

// TestCorpus: every message of the corpus gets a report, and none a panic.
func TestCorpus(t *testing.T) {
	v := validate.New(validate.Options{Charset: "windows-1252"})
	all, right, refused, findings := 0, 0, 0, 0
	with := map[validate.Rule]int{}
	pieces(t, func(file string, piece []byte) {
		r := v.Bytes(piece)
		all++
		if problem := sound(piece, r); problem != "" {
			t.Errorf("%s: %s", file, problem)
		}
		findings += len(r.Findings)
		if r.Version == "" {
			refused++
		} else if r.OK() {
			right++
		}
		here := map[validate.Rule]bool{}
		for _, f := range r.Findings {
			here[f.Rule] = true
		}
		for rule := range here {
			with[rule]++
		}
	})
	t.Logf("%d messages, %d without errors, %d refused, %d findings; messages with a finding of each rule: %v", all, right, refused, findings, with)
	if all < 2600 || right < 500 {
		t.Error("that is less than there was")
	}
}

// TestNoValues: what is said of a message holds nothing of it.
func TestNoValues(t *testing.T) {
	const mark = "zq7xj"
	for _, version := range grammar.Versions() {
		v := grammar.For(version)
		for _, name := range []string{"MSH", "EVN", "PID", "PV1", "NK1", "OBR", "OBX", "AL1", "DG1", "IN1", "ORC", "RXA", "ZZZ"} {
			fields := 30
			if def, ok := v.Segment(name); ok {
				fields = len(def.Fields)
			}
			text := "MSH|^~\\&|A|F|B|G|20260102||ADT^A01|1|P|" + version
			line := name + strings.Repeat("|"+mark+"^"+mark+"&\\"+mark+"\\~"+mark, fields+2)
			if name == "MSH" {
				text = "MSH|^~\\&" + line[3:]
			} else {
				text += "\r" + line + "\r" + mark + "\rE" + mark
			}
			r := check(validate.Options{MaxFindings: 100000}, text)
			if len(r.Findings) < 5 {
				t.Errorf("%s %s: %v", version, name, r.Findings)
			}
			for _, f := range r.Findings {
				if strings.Contains(f.Text+f.At+f.Group, mark) {
					t.Errorf("%s: %s", name, f)
				}
			}
		}
	}
}

// TestEverySegment: every segment of every version can be checked, down to the
// parts of its types.
func TestEverySegment(t *testing.T) {
	for _, version := range grammar.Versions() {
		b, err := os.ReadFile("../../../shared/hl7v2-grammar/" + version + ".json")
		if err != nil {
			t.Skip("SKIPPED: the list of segments is not here: ", err)
		}
		var list struct {
			Segments map[string]struct{ Fields []struct{ Opt string } }
		}
		if err := json.Unmarshal(b, &list); err != nil || len(list.Segments) < 30 {
			t.Fatal(version, len(list.Segments), err)
		}
		for name, def := range list.Segments {
			if name == "MSH" {
				continue
			}
			header := "MSH|^~\\&|A|F|B|G|20260102||ADT^A01|1|P|" + version + "\r"
			full := header + name + strings.Repeat("|a&b&c^d&e^^^f&g~h", len(def.Fields)+1)
			if problem := sound([]byte(full), check(validate.Options{MaxFindings: 100000}, full)); problem != "" {
				t.Errorf("%s %s: %s", version, name, problem)
			}
			required := 0
			for _, f := range def.Fields {
				if f.Opt == "R" {
					required++
				}
			}
			for _, f := range check(validate.Options{Level: validate.Fields}, header+name).Findings {
				if p, _ := hl7.ParsePath(f.At); f.Rule == validate.RuleRequired && p.Segment == name {
					required--
				}
			}
			if required != 0 {
				t.Errorf("%s %s: %d required fields more than are missed", version, name, required)
			}
		}
	}
}
