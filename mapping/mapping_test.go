package mapping_test

import (
	"testing"

	"github.com/ponshealth/pons/mapping"
)

// nhs is the namespace registry of the default configuration.
var nhs = map[string]string{"NHS": "https://fhir.nhs.uk/Id/nhs-number"}

func newMapper(t testing.TB) *mapping.Mapper {
	t.Helper()
	m, err := mapping.New(mapping.Options{Namespaces: nhs, IDKey: []byte("a key for tests")})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
