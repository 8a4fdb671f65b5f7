package mapping_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// some takes a few of the parts of a resource at random.
func some(rnd *rand.Rand, typ string, parts ...string) string {
	var all []string
	for _, p := range parts {
		if rnd.IntN(2) == 0 {
			all = append(all, p)
		}
	}
	return `{"resourceType":"` + typ + `",` + strings.Join(append(all, `"language":"en"`), ",") + `}`
}

// statement makes up what message n says of a resource.
func statement(t *testing.T, rnd *rand.Rand, typ string, n int) mapping.Said {
	one := func(words ...string) string { return words[rnd.IntN(len(words))] }
	v := fmt.Sprint(n)
	s := mapping.Said{Origin: mapping.Origin{
		At: fmt.Sprintf("2026030108%02d00.000000", n), Sent: "x", Source: one("PAS|H", "EPR|H"), Control: v,
	}}
	var text string
	switch typ {
	case "Patient":
		text = some(rnd, typ, `"birthDate":"19`+one("80", "80-02")+`"`, `"gender":"`+one("male", "female", "other")+`"`,
			`"name":[{"family":"`+one("A", "B")+v+`"}]`, `"telecom":[{"value":"same"},{"value":"`+v+`"}]`, `"maritalStatus":{"text":"`+v+`"}`,
			`"extension":[{"url":"`+one("u", "w")+`","valueString":"`+v+`"}]`,
			`"identifier":[{"system":"`+one("s", "t")+`","value":"`+v+`"}]`, `"multipleBirthInteger":`+v)
		s.Fill = rnd.IntN(4) == 0
		for _, null := range []string{"gender", "telecom", "maritalStatus", "extension:u"} {
			if rnd.IntN(8) == 0 && !strings.Contains(text, `"`+strings.Split(null, ":")[0]) {
				s.Nulls = append(s.Nulls, null)
			}
		}
	case "Encounter":
		status := one("in-progress", "in-progress", "planned", "finished", "cancelled", "unknown")
		text = some(rnd, typ, `"period":{"start":"2026-03-0`+one("1", "2")+`"}`, `"location":[{"location":{"display":"`+v+`"},"status":"active"}]`,
			`"participant":[{"type":[{"coding":[{"code":"`+one("ATND", "REF")+`"}]}],"individual":{"display":"`+v+`"}}]`, `"priority":{"text":"`+v+`"}`)
		text = strings.TrimSuffix(text, "}") + `,"status":"` + status + `","class":{"code":"` + one("IMP", "AMB") + `"}}`
		if status == "in-progress" && rnd.IntN(2) == 0 {
			s.Nulls = []string{"period.end"}
		}
	case "Observation":
		text = some(rnd, typ, `"valueString":"`+v+`"`, `"note":[{"text":"`+v+`"}],"valueInteger":`+v, `"method":{"text":"`+v+`"}`)
		if strings.Contains(text, "valueString") && strings.Contains(text, "valueInteger") {
			text = strings.Replace(text, `,"valueInteger":`+v, "", 1)
		}
		if strings.Contains(text, "note") && !strings.Contains(text, "value") {
			text = strings.Replace(text, `"note"`, `"valueInteger":`+v+`,"note"`, 1)
		}
		text = strings.TrimSuffix(text, "}") + `,"status":"` + one("preliminary", "final", "corrected") + `","code":{"text":"x"}}`
	}
	s.Resource = resource(t, text)
	return s
}

// In whatever order statements come, and however often, the end is the same. The
// ledger goes through its text each time, as in a store.
func TestLedgerAnyOrder(t *testing.T) {
	for _, typ := range []string{"Patient", "Encounter", "Observation"} {
		t.Run(typ, func(t *testing.T) {
			for seed := range uint64(120) {
				rnd := rand.New(rand.NewPCG(seed, 7))
				all := []int{0, 1, 2, 3}
				var said []mapping.Said
				for n := range all {
					said = append(said, statement(t, rnd, typ, n))
				}
				end := func(order []int) string {
					var known r4.Resource
					var text []byte
					for _, n := range order {
						l, err := mapping.ParseLedger(text)
						if err != nil {
							t.Fatal(err)
						}
						s := said[n]
						s.Resource = r4.Clone(s.Resource)
						known, _, _ = l.Take(known, s)
						text = l.AppendText(nil)
					}
					return sortedJSON(t, known)
				}
				want := end(all)
				for range 12 {
					order := append([]int{}, all...)
					rnd.Shuffle(4, func(i, j int) { order[i], order[j] = order[j], order[i] })
					order = append(order, rnd.IntN(4), rnd.IntN(4))
					if got := end(order); got != want {
						for n := range said {
							t.Logf("%d: %+v %s", n, said[n].Origin, jsonOf(t, said[n].Resource))
							t.Logf("   fill %t, nulls %v", said[n].Fill, said[n].Nulls)
						}
						t.Fatalf("seed %d, order %v:\n got %s\nwant %s", seed, order, got, want)
					}
				}
			}
		})
	}
}

// sortedJSON writes a resource with the lists sorted whose order says nothing.
func sortedJSON(t *testing.T, r r4.Resource) string {
	t.Helper()
	text := jsonOf(t, r)
	for _, name := range []string{"extension", "identifier", "participant"} {
		head, rest, ok := strings.Cut(text, `"`+name+`":[`)
		if !ok {
			continue
		}
		depth, i := 1, 0
		for ; depth > 0; i++ {
			switch rest[i] {
			case '[':
				depth++
			case ']':
				depth--
			}
		}
		parts := strings.Split(rest[:i-1], "},{")
		for k := range parts {
			parts[k] = strings.Trim(parts[k], "{}")
		}
		b := bytes.Join(sorted(parts), []byte(";"))
		text = head + `"` + name + `":[` + string(b) + rest[i-1:]
	}
	return text
}

func sorted(parts []string) [][]byte {
	var all [][]byte
	for _, p := range parts {
		i := 0
		for i < len(all) && string(all[i]) < p {
			i++
		}
		all = append(all[:i], append([][]byte{[]byte(p)}, all[i:]...)...)
	}
	return all
}

func TestLedgerText(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	l := &mapping.Ledger{}
	var known r4.Resource
	for n := range 6 {
		known, _, _ = l.Take(known, statement(t, rnd, "Patient", n))
	}
	l.SetNote("set NK1@PAS|H", "RelatedPerson/1 RelatedPerson/2", mapping.Origin{At: "1", Source: "tab\tand\nline"})
	text := l.AppendText(nil)
	again, err := mapping.ParseLedger(text)
	if err != nil || string(again.AppendText(nil)) != string(text) {
		t.Errorf("%v: %q reads as %q", err, text, again.AppendText(nil))
	}
	if note, of := again.Note("set NK1@PAS|H"); note != "RelatedPerson/1 RelatedPerson/2" || of.At != "1" {
		t.Errorf("the note is %q of %v", note, of)
	}
	if l, err := mapping.ParseLedger(nil); err != nil || len(l.AppendText(nil)) > 3 {
		t.Error("of nothing comes an empty ledger")
	}
	for _, bad := range []string{"2\n", "1\nx\n", "1\nr\tx\t1\n", "1\ns\t1\n", "1\nc\tp\t0\t3\t\t\tzz!\n"} {
		if _, err := mapping.ParseLedger([]byte(bad)); err == nil {
			t.Errorf("%q is read", bad)
		}
	}
}

func FuzzLedger(f *testing.F) {
	f.Add([]byte("1\ns\t20260301\t1\tPAS\t7\t\t\t0\nr\t0\t3\nc\tPatient.name@PAS\t0\t3\t-\t\t1a 2b\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		l, err := mapping.ParseLedger(text)
		if err != nil {
			return
		}
		known, _, _ := l.Take(resource(t, `{"resourceType":"Patient","birthDate":"1980","name":[{"family":"A"}]}`),
			mapping.Said{Resource: resource(t, `{"resourceType":"Patient","gender":"male","name":[{"family":"B"}]}`), Nulls: []string{"birthDate"}, Origin: mapping.Origin{At: "2", Source: "PAS", Control: "1"}})
		if _, err := r4.Marshal(known); err != nil {
			t.Error(err)
		}
		if _, err := mapping.ParseLedger(l.AppendText(nil)); err != nil {
			t.Errorf("%q cannot be read again", l.AppendText(nil))
		}
	})
}
