package terminology_test

import (
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/profile"
	"github.com/ponshealth/pons/fhir/terminology"
)

// TestSharedSets asks for every code that the value sets of US Core and UK Core
// list, and expands those that can be.
func TestSharedSets(t *testing.T) {
	for _, family := range []string{"us-core", "uk-core"} {
		dir := "../../../shared/profiles/" + family
		if _, err := os.Stat(dir); err != nil {
			t.Skipf("SKIPPED: %s is not there", dir)
		}
		r := profile.New(profile.Base())
		if err := r.AddDir(os.DirFS(dir)); err != nil {
			t.Logf("%s: %v", family, err)
		}
		m := terminology.New(r)
		expanded, codes, refused := 0, 0, 0
		for url := range r.ValueSets() {
			if _, err := profile.Base().ValueSet(url); err == nil {
				continue
			}
			v, err := r.ValueSet(url)
			if err != nil {
				t.Error(err)
				continue
			}
			if v.Compose == nil {
				continue
			}
			for _, in := range v.Compose.Include {
				for _, c := range in.Concept {
					if r, _ := m.ValidateCode(url, in.System, c.Code, c.Display); r.Answer != terminology.In || r.WrongDisplay || r.Warning != "" {
						t.Errorf("%s %s %s: %+v", url, in.System, c.Code, r)
					}
					codes++
				}
			}
			if _, err := m.Expand(url, 0); err != nil {
				refused++
				continue
			}
			expanded++
		}
		t.Logf("%s: %d codes listed; %d value sets can be expanded, %d not", family, codes, expanded, refused)
		if codes == 0 || expanded == 0 {
			t.Errorf("%s: nothing was asked", family)
		}
	}
}

// TestUKCore asks for codes of systems that UK Core brings itself.
func TestUKCore(t *testing.T) {
	dir := "../../../shared/profiles/uk-core"
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: %s is not there", dir)
	}
	r := profile.New(profile.Base())
	if err := r.AddDir(os.DirFS(dir)); err != nil {
		t.Logf("%v", err)
	}
	m := terminology.New(r)
	const (
		status = "https://fhir.hl7.org.uk/ValueSet/UKCore-DeathNotificationStatus"
		system = "https://fhir.hl7.org.uk/CodeSystem/UKCore-DeathNotificationStatus"
	)
	for code, want := range map[string]terminology.Answer{"1": in, "2": in, "U": in, "u": out, "3": out} {
		if r, _ := m.ValidateCode(status, system, code, ""); r.Answer != want {
			t.Errorf("%s: %+v", code, r)
		}
	}
}
