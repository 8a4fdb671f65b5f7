package main

import (
	"testing"

	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// What is committed is what the generator writes, byte for byte.
func TestCommitted(t *testing.T) {
	if _, err := pack.Fetch(t.Context()); err != nil {
		t.Skip("SKIPPED: the definitions of R4 are not here: ", err)
	}
	if err := run(t.Context(), "../../../fhir/r4", true); err != nil {
		t.Error(err)
	}
	if run(t.Context(), t.TempDir(), true) == nil {
		t.Error("an empty folder passes the check")
	}
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"birthDate": "BirthDate", "id": "ID", "url": "URL", "fullUrl": "FullURL", "versionId": "VersionID", "uri": "URI",
		"identifier": "Identifier", "udiCarrier": "UdiCarrier", "onAdmission": "OnAdmission",
	} {
		if got := goName(name); got != want {
			t.Errorf("%s becomes %s, want %s", name, got, want)
		}
	}
}
