package validate_test

import (
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/validate"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// broken are documents in which each of the invariants with an answer in Go
// fails somewhere.
var broken = []string{
	`{"resourceType":"Patient","name":[{"id":"only"}],"_birthDate":{"id":"only"},"gender":"male","_gender":{"id":"both"}}`,
	`{"resourceType":"Patient","extension":[{"url":"a"},{"url":"b","valueString":"x","extension":[{"url":"c","valueBoolean":true}]},{"url":"d","_valueString":{"extension":[{"url":"e","valueCode":"f"}]}}]}`,
	`{"resourceType":"Patient","managingOrganization":{"reference":"#none"},"contained":[{"resourceType":"Organization","id":"a"},{"resourceType":"Organization","id":"b","partOf":{"reference":"#"}}]}`,
	`{"resourceType":"List","subject":{"reference":"#a"},"contained":[{"resourceType":"Patient","id":"a","contained":[{"resourceType":"Patient","id":"c"}],"meta":{"versionId":"1","security":[{"code":"R"}]}}]}`,
	`{"resourceType":"List","contained":[{"resourceType":"ValueSet","id":"v","meta":{"lastUpdated":"2024-01-01T00:00:00Z"}}],"extension":[{"url":"x","valueCanonical":"#v"}]}`,
	`{"resourceType":"List","contained":[{"resourceType":"Questionnaire","id":"q","item":[{"linkId":"1","answerValueSet":"#"}]}]}`,
	`{"resourceType":"Observation","valueQuantity":{"code":"m"},"component":[{"valueQuantity":{"code":"m","system":"http://unitsofmeasure.org"}}]}`,
	`{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"}}`,
	`{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"> </div>"}}`,
	`{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>good</p></div>"}}`,
	`{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p onclick=\"x\">a</p></div>"}}`,
}

// What is answered in Go is what the expressions say, on documents made to break
// it and on every fifteenth official example.
func TestNatives(t *testing.T) {
	asked, failed := map[string]int{}, map[string]int{}
	for _, doc := range broken {
		res, err := r4.Unmarshal([]byte(doc))
		if err != nil {
			t.Fatalf("%v: %s", err, doc)
		}
		for _, d := range validate.CompareNatives(baseValidator(), res, asked, failed) {
			t.Errorf("%s in %s", d, doc)
		}
	}
	for _, key := range []string{"ele-1", "ext-1", "ref-1", "txt-1", "txt-2", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "qty-3"} {
		if asked[key] == 0 || failed[key] == 0 || failed[key] == asked[key] {
			t.Errorf("%s: asked %d times, failed %d times", key, asked[key], failed[key])
		}
	}
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official examples are not here: ", err)
	}
	n := 0
	err = pack.Each(tgz, func(string) bool { n++; return n%15 == 0 }, func(name string, doc []byte) error {
		if len(doc) > 200_000 {
			return nil // dom-3 as an expression takes time in the square of the size
		}
		res, err := r4.Unmarshal(doc)
		if err != nil {
			return err
		}
		for _, d := range validate.CompareNatives(baseValidator(), res, asked, failed) {
			t.Errorf("%s in %s", d, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
