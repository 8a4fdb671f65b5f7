package ucum_test

import (
	"errors"
	"testing"

	"github.com/ponshealth/pons/fhir/ucum"
)

// FuzzParse: any text gives a unit that fulfils check, or an error with a place
// within the text.
func FuzzParse(f *testing.F) {
	for _, code := range []string{
		"m", "mm[Hg]", "kg.m/s2", "/min", "10*3/uL", "dB[10.nV]", "4.[pi].10*-7.N/A2", "mg/(8.h){shift}",
		"{a}.rad2{b}", "[pH]", "10.Cel", "((m))", "m9999.m", "Ym400", "12h", "{", "[", "(", "", "Gy-3.[iU]0",
	} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		u, err := ucum.Parse(code)
		if err != nil {
			var e *ucum.Error
			if !errors.As(err, &e) || e.At < 0 || e.At > len(code) || e.Problem == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		if u.String() != code {
			t.Fatalf("String is %q", u)
		}
		check(t, u)
	})
}
