package r4_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// Strings of all lengths, plain and not at every place, are what encoding/json
// reads back, and what is read back here where FHIR allows them.
func TestTexts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	const all = "abcdefghij ÄÖ北\U0001F600\u2028\"\\\n\r\t/<>&'"
	pieces := append(strings.Split(all, ""), "\x00", "\x01", "\x1f", "\x7f", "\b", "\f")
	texts := []string{strings.Repeat("\x01", 2000), strings.Repeat("\n\t\t\t", 700), strings.Repeat("x", 511) + "\"" + strings.Repeat("ä", 600)}
	for i := range 3000 {
		var s strings.Builder
		most := len(pieces)
		if i%3 == 0 {
			most = 8 // mostly plain
		}
		for range random.IntN(1 + i/4) {
			if random.IntN(16) == 0 {
				s.WriteString(pieces[random.IntN(len(pieces))])
			} else {
				s.WriteString(pieces[random.IntN(most)])
			}
		}
		texts = append(texts, s.String())
	}
	var dst []byte
	for _, text := range texts {
		n := &r4.HumanName{Text: text, Given: []string{text}}
		out, err := r4.AppendJSON(dst[:0:random.IntN(1+cap(dst))], n)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		dst = out
		var v struct {
			Text  string
			Given []string
		}
		if err := json.Unmarshal(out, &v); err != nil || v.Text != text || text != "" && v.Given[0] != text {
			t.Fatalf("%q is written as %s (%v)", text, out, err)
		}
		if text == "" || strings.ContainsAny(text, "\x00\x01\x1f\b\f") {
			continue
		}
		var again r4.HumanName
		if err := r4.UnmarshalInto(out, &again); err != nil || !r4.Equal(n, &again) {
			t.Fatalf("%s comes back different (%v)", out, err)
		}
	}
	for _, text := range []string{"\xff", "plain text and then \xff", "\xff and then plain text", "\"\xff\"", strings.Repeat("\n", 600) + "\xc3", "北\xe5"} {
		if out, err := r4.AppendJSON(nil, &r4.HumanName{Text: text}); err == nil || err.Error() != "HumanName.text: not UTF-8" {
			t.Errorf("%q is written as %s (%v)", text, out, err)
		}
	}
}
