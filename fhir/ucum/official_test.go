package ucum_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/ucum"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// notUCUM are the codes that official examples of FHIR R4 give as UCUM and UCUM
// does not have.
var notUCUM = []string{"TAB", "[lb_i]", "drop", "ea", "mEq", "mcg", "ml/hr", "month", "tbl"}

// TestOfficialCodes reads every code of the system in the R4 publication: in
// ValueSets, among them all of ucum-common, and in the quantities of examples.
func TestOfficialCodes(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: the official examples (short)")
	}
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official examples are not here: ", err)
	}
	seen := map[string]bool{}
	keep := func(name string) bool {
		for _, kind := range []string{"ValueSet-ucum", "Observation", "Medication", "Vision", "Claim-", "Bundle-father", "Bundle-ussg"} {
			if strings.HasPrefix(name, kind) {
				return true
			}
		}
		return false
	}
	err = pack.Each(tgz, keep, func(name string, doc []byte) error {
		var v any
		if err := json.Unmarshal(doc, &v); err != nil {
			return err
		}
		codes(v, seen)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(seen) < 1300 {
		t.Fatalf("only %d codes found", len(seen))
	}
	var refused []string
	for _, code := range slices.Sorted(maps.Keys(seen)) {
		u, err := ucum.Parse(code)
		if err != nil {
			refused = append(refused, code)
			continue
		}
		check(t, u)
	}
	if !slices.Equal(refused, notUCUM) {
		t.Errorf("refused of %d: %q", len(seen), refused)
	}
}

// codes collects every code of UCUM in a document.
func codes(v any, seen map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		if v["system"] == ucum.System {
			if code, ok := v["code"].(string); ok {
				seen[code] = true
			}
			concepts, _ := v["concept"].([]any)
			for _, c := range concepts {
				if c, ok := c.(map[string]any); ok {
					seen[c["code"].(string)] = true
				}
			}
		}
		for _, child := range v {
			codes(child, seen)
		}
	case []any:
		for _, child := range v {
			codes(child, seen)
		}
	}
}

// check: what holds of every unit. The canonical code is a unit that is worth
// itself, a value goes there and back, and the unit over itself is a number.
func check(t *testing.T, u ucum.Unit) {
	t.Helper()
	v, code, err := ucum.Canonical(rat("0.25"), u)
	if err != nil {
		if !u.Special() {
			t.Fatalf("%q: %v", u, err)
		}
		return
	}
	base, err := ucum.Parse(code)
	if err != nil {
		if len(code) > 500 {
			return // too long for a code
		}
		t.Fatalf("%q: base units %s: %v", u, code, err)
	}
	if again, same, err := ucum.Canonical(v, base); err != nil || same != code || again.Cmp(v) != 0 {
		t.Fatalf("%q: base units %s are %s %s, %v", u, code, again, same, err)
	}
	if u.Special() {
		return // fifteen digits of 10^(1e-21) are those of 1; TestScales goes there and back
	}
	back, err := ucum.Convert(v, base, u)
	if err != nil || back.Cmp(rat("0.25")) != 0 {
		t.Fatalf("%q: 0.25 came back as %v, %v", u, back, err)
	}
	if q, err := ucum.Divide(u, u); err == nil {
		if n, one, err := ucum.Canonical(rat("7"), q); err != nil || one != "1" || n.Cmp(rat("7")) != 0 {
			t.Fatalf("%q over itself: %v %s, %v", u, n, one, err)
		}
	}
}
