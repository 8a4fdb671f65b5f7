package mapping_test

import (
	"encoding/json"
	"errors"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

const corpusDir = "../../shared/corpus"

type corpusMessage struct{ File, Type, Trigger string }

// corpus lists the messages of the corpus, or skips the test.
func corpus(t testing.TB) []corpusMessage {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(corpusDir, "index.json"))
	if err != nil {
		t.Skipf("SKIPPED: no corpus of messages at %s: nothing was tested", corpusDir)
	}
	var index struct{ Messages []corpusMessage }
	if err := json.Unmarshal(raw, &index); err != nil {
		t.Fatal(err)
	}
	return index.Messages
}

// read decodes and parses one file of the corpus.
func read(t testing.TB, file string) (*hl7.Message, error) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(corpusDir, file))
	if err != nil {
		t.Fatal(err)
	}
	text, _, err := hl7.Decode(raw, "")
	if err != nil {
		return nil, err
	}
	return hl7.Parse(text)
}

// spine are the events that the tables cover.
var spine = []string{
	"ADT^A01", "ADT^A02", "ADT^A03", "ADT^A04", "ADT^A05", "ADT^A06", "ADT^A07", "ADT^A08", "ADT^A09", "ADT^A10", "ADT^A11", "ADT^A12", "ADT^A13", "ADT^A14",
	"ADT^A15", "ADT^A16", "ADT^A17", "ADT^A20", "ADT^A23", "ADT^A24", "ADT^A25", "ADT^A26", "ADT^A27", "ADT^A28", "ADT^A29", "ADT^A31", "ADT^A37", "ADT^A41", "ADT^A43", "ADT^A45",
	"ADT^A50", "ADT^A54", "ADT^A60",
	"ORU^R01", "ORU^R30", "OUL^R22", "OUL^R23", "OUL^R24", "ORF^R04", "MDM^T01", "MDM^T02", "MDM^T05", "MDM^T06", "MDM^T09", "MDM^T10",
	"ORM^O01", "OML^O21", "OML^O33", "OML^O35", "OML^O39", "OMD^O03", "OMG^O19", "OMI^O23", "OMP^O09", "RDE^O11", "RDE^O25", "RDS^O13", "RGV^O15", "RAS^O17",
	"SIU^S12", "SIU^S13", "SIU^S14", "SIU^S15", "SIU^S16", "SIU^S17", "SIU^S26", "VXU^V04",
	"DFT^P03", "DFT^P11", "BAR^P01", "BAR^P02", "BAR^P05", "BAR^P10", "BAR^P12", "PPR^PC1", "REF^I11", "REF^I12", "REF^I14",
	"MFN^M02", "PMU^B01", "PMU^B03", "PMU^B04", "PMU^B07", "PMU^B08",
	"ACK^", "ACK^A01", "ACK^A31", "ORR^O02", "ORL^O34", "RSP^K11", "RSP^K21", "RSP^K22", "RSP^K23", "RSP^K24", "RSP^K25",
}

// Every message of the corpus either becomes a Bundle that holds together, or is
// refused with a place and a reason.
func TestCorpus(t *testing.T) {
	m := newMapper(t)
	converted, refused := map[string]int{}, map[string]int{}
	for _, entry := range corpus(t) {
		event := entry.Type + "^" + entry.Trigger
		msg, err := read(t, entry.File)
		if err != nil {
			refused["not parsed: "+err.Error()]++
			continue
		}
		res, err := m.Convert(msg)
		if err != nil {
			var e *mapping.Error
			if !errors.As(err, &e) || e.At == "" || e.Problem == "" || e.Code == 0 {
				t.Errorf("%s: refused without place, reason or code: %v", entry.File, err)
			}
			if slices.Contains(spine, event) {
				t.Errorf("%s: %s refused: %v", entry.File, event, err)
			}
			refused[err.Error()+" "+event]++
			continue
		}
		converted[event]++
		for _, problem := range check(res) {
			t.Errorf("%s: %s", entry.File, problem)
		}
	}
	for _, k := range sortedNames(converted) {
		t.Logf("converted %5d %s", converted[k], k)
	}
	for _, k := range sortedNames(refused) {
		t.Logf("refused   %5d %s", refused[k], k)
	}
}

// converted are the messages of the corpus that become Bundles, with what they become.
func converted(t *testing.T, m *mapping.Mapper) iter.Seq2[*hl7.Message, *mapping.Result] {
	return func(yield func(*hl7.Message, *mapping.Result) bool) {
		for _, entry := range corpus(t) {
			msg, err := read(t, entry.File)
			if err != nil {
				continue
			}
			if res, err := m.Convert(msg); err == nil && !yield(msg, res) {
				return
			}
		}
	}
}

func sortedNames(m map[string]int) []string {
	var names []string
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}

// check lists what is wrong with a result: entries, references, required
// elements, codes of required bindings, JSON that does not read back.
func check(res *mapping.Result) []string {
	c := &checker{ids: map[string]bool{}}
	if res.Bundle.Type != "transaction" || len(res.Bundle.Entry) == 0 || len(res.Entries) != len(res.Bundle.Entry) {
		c.fail("Bundle", "not a transaction with entries")
	}
	for _, e := range res.Bundle.Entry {
		name := e.Resource.ResourceType()
		if c.ids[e.FullURL] {
			c.fail(name, "two entries have the same fullUrl")
		}
		c.ids[e.FullURL] = true
		if e.FullURL != "urn:uuid:"+e.Resource.ResourceID() || e.Request.Method != "PUT" || e.Request.URL != name+"/"+e.Resource.ResourceID() {
			c.fail(name, "fullUrl, id and request do not agree")
		}
	}
	for _, e := range res.Bundle.Entry {
		c.element(e.Resource.ResourceType(), e.Resource)
	}
	text, err := r4.Marshal(res.Bundle)
	if err != nil {
		c.fail("Bundle", err.Error())
	} else if back, err := r4.Unmarshal(text); err != nil {
		c.fail("Bundle", "does not read back: "+err.Error())
	} else if !r4.Equal(back, res.Bundle) {
		c.fail("Bundle", "reads back as something else")
	}
	return c.problems
}

type checker struct {
	ids      map[string]bool
	problems []string
}

func (c *checker) fail(at, problem string) {
	c.problems = append(c.problems, at+": "+problem)
}

// element checks v, a pointer to a struct, and all below it.
func (c *checker) element(at string, v any) {
	typ := r4.TypeOf(v)
	for i := range typ.Fields {
		f := &typ.Fields[i]
		n := f.Len(v)
		name := at + "." + f.Name
		if f.Min > 0 && n == 0 && f.Element(v, 0) == nil {
			c.fail(name, "required, and not there")
		}
		if f.Max == 1 && n > 1 {
			c.fail(name, "at most one")
		}
		for k := range n {
			c.value(name, f, v, k)
		}
	}
	if link, ok := v.(*r4.Reference); ok && strings.HasPrefix(link.Reference, "urn:uuid:") && !c.ids[link.Reference] {
		c.fail(at, "dangling reference")
	}
	if x, ok := v.(*r4.Extension); ok && (x.URL == "" || (x.Value == nil) == (len(x.Extension) == 0)) {
		c.fail(at, "an extension has an url, and either a value or extensions")
	}
}

func (c *checker) value(at string, f *r4.Field, parent any, k int) {
	if text := f.Text(parent, k); text != "" {
		if allowed, ok := requiredCodes[at]; ok && !slices.Contains(strings.Fields(allowed), text) {
			c.fail(at, "a code that the required value set does not have")
		}
		return
	}
	v := f.At(parent, k)
	if typ := r4.TypeOf(v); typ != nil && typ.Kind != r4.KindPrimitive {
		c.element(at, v)
	}
}

// requiredCodes are the value sets of required bindings that the spine's tables
// write to (FHIR R4, the pages of the resources).
var requiredCodes = map[string]string{
	"Patient.gender":                                "male female other unknown",
	"Patient.contact.gender":                        "male female other unknown",
	"RelatedPerson.gender":                          "male female other unknown",
	"Practitioner.gender":                           "male female other unknown",
	"Patient.name.use":                              "usual official temp nickname anonymous old maiden",
	"Patient.address.use":                           "home work temp old billing",
	"Patient.address.type":                          "postal physical both",
	"Patient.telecom.use":                           "home work temp old mobile",
	"Patient.telecom.system":                        "phone fax email pager url sms other",
	"Patient.contact.telecom.system":                "phone fax email pager url sms other",
	"Practitioner.telecom.system":                   "phone fax email pager url sms other",
	"Organization.telecom.system":                   "phone fax email pager url sms other",
	"RelatedPerson.telecom.system":                  "phone fax email pager url sms other",
	"Patient.identifier.use":                        "usual official temp secondary old",
	"Encounter.status":                              "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown",
	"Encounter.location.status":                     "planned active reserved completed",
	"Observation.status":                            "registered preliminary final amended corrected cancelled entered-in-error unknown",
	"DiagnosticReport.status":                       "registered partial preliminary final amended corrected appended cancelled entered-in-error unknown",
	"ServiceRequest.status":                         "draft active on-hold revoked completed entered-in-error unknown",
	"ServiceRequest.intent":                         "proposal plan directive order original-order reflex-order filler-order instance-order option",
	"ServiceRequest.priority":                       "routine urgent asap stat",
	"Specimen.status":                               "available unavailable unsatisfactory entered-in-error",
	"AllergyIntolerance.category":                   "food medication environment biologic",
	"AllergyIntolerance.type":                       "allergy intolerance",
	"AllergyIntolerance.criticality":                "low high unable-to-assess",
	"AllergyIntolerance.reaction.severity":          "mild moderate severe",
	"AllergyIntolerance.clinicalStatus.coding.code": "active inactive resolved",
	"Coverage.status":                               "active cancelled draft entered-in-error",
	"Account.status":                                "active inactive entered-in-error on-hold unknown",
	"CareTeam.status":                               "proposed active suspended inactive entered-in-error",
	"Procedure.status":                              "preparation in-progress not-done on-hold stopped completed entered-in-error unknown",
	"EpisodeOfCare.status":                          "planned waitlist active onhold finished cancelled entered-in-error",
	"Location.status":                               "active suspended inactive",
	"Location.mode":                                 "instance kind",
	"Device.deviceName.type":                        "udi-label-name user-friendly-name patient-reported-name manufacturer-name model-name other",
	"Provenance.entity.role":                        "derivation revision quotation source removal",
	"Observation.value.comparator":                  "< <= >= >",
	"DocumentReference.status":                      "current superseded entered-in-error",
	"Bundle.type":                                   "transaction",
}
