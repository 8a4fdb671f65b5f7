package mapping_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// small makes a Mapper of small tables: file name without .yaml -> text. A file
// that is not given is left out.
func small(t testing.TB, files map[string]string, o mapping.Options) *mapping.Mapper {
	t.Helper()
	m, err := smallErr(files, o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func smallErr(files map[string]string, o mapping.Options) (*mapping.Mapper, error) {
	tables := fstest.MapFS{}
	for name, text := range files {
		tables[name+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	o.Tables = tables
	return mapping.New(o)
}

// patientTables are tables for ADT^A01 with one map PID[Patient] of the given rows.
func patientTables(rows ...string) map[string]string {
	return map[string]string{
		"messages/ADT_A01": `
message: ADT_A01
triggers: [ADT^A01]
structure: MSH [EVN] PID [PD1] [{NK1}] [PV1]
rows:
- {id: 1, from: PID, slot: 'Patient[1]', map: 'PID[Patient]'}
`,
		"segments/PID[Patient]": "map: PID[Patient]\nrows:\n- " + strings.Join(rows, "\n- ") + "\n",
	}
}

const head = "MSH|^~\\&|A|B|C|D|20250413093000||ADT^A01|1|P|2.5\r"

// convert gives the first resource of type T in the result, nil if there is none.
func convert[T r4.Resource](t testing.TB, m *mapping.Mapper, text string) (T, *mapping.Result) {
	t.Helper()
	res := mustConvert(t, m, text)
	var none T
	for _, e := range res.Bundle.Entry {
		if r, ok := e.Resource.(T); ok {
			return r, res
		}
	}
	return none, res
}

func mustConvert(t testing.TB, m *mapping.Mapper, text string) *mapping.Result {
	t.Helper()
	res, err := m.Convert(parseMessage(t, text))
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// all gives the resources of type T in the order of the Bundle.
func all[T r4.Resource](res *mapping.Result) []T {
	var found []T
	for _, e := range res.Bundle.Entry {
		if r, ok := e.Resource.(T); ok {
			found = append(found, r)
		}
	}
	return found
}

func parseMessage(t testing.TB, text string) *hl7.Message {
	t.Helper()
	msg, err := hl7.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return msg
}
