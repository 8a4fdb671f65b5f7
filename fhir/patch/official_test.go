package patch_test

import (
	"testing"

	"github.com/ponshealth/pons/fhir/patch"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// TestOfficialExamples: patches that change nothing leave every part of official
// examples as it is, on the way through JSON, through XML and through the model.
// Each twentieth example is taken.
func TestOfficialExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: the official examples (short)")
	}
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official examples are not here: ", err)
	}
	asJSON, err := patch.ParseJSON([]byte(`[{"op":"add","path":"/language","value":"zz"},{"op":"remove","path":"/language"}]`))
	if err != nil {
		t.Fatal(err)
	}
	asXML, err := patch.ParseXML(diff(`<add sel="*" pos="prepend"><f:language value="zz"/></add><remove sel="*/f:language[1]"/>`))
	if err != nil {
		t.Fatal(err)
	}
	asPath, err := patch.ParseFHIRPath(ops(t, `[{"type":"add","path":"$this","name":"language","valueCode":"zz"},{"type":"delete","path":"language"}]`))
	if err != nil {
		t.Fatal(err)
	}
	n, taken := 0, 0
	err = pack.Each(tgz, func(string) bool { n++; return n%20 == 0 }, func(name string, doc []byte) error {
		r, err := r4.Unmarshal(doc)
		if err != nil || language(r) != "" {
			return err
		}
		taken++
		for format, p := range map[string]patch.Patch{"JSON": asJSON, "XML": asXML, "FHIRPath": asPath} {
			if out, err := patch.Apply(r, p, patch.Options{}); err != nil || !r4.Equal(out, r) {
				t.Errorf("%s, %s: changed (%v)", name, format, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if taken < 200 {
		t.Errorf("only %d examples", taken)
	}
}

func language(r r4.Resource) string {
	f, _, _ := r4.TypeOf(r).Field("language")
	return f.Text(r, 0)
}
