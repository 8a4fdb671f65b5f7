package ucum_test

import (
	"math/big"
	"testing"

	"github.com/ponshealth/pons/fhir/ucum"
)

// BenchmarkConvert compares reading two codes and converting with the same
// multiplication written by hand, exact (Rat) and with units already parsed.
func BenchmarkConvert(b *testing.B) {
	value := big.NewRat(120, 1)
	factor, _ := new(big.Rat).SetString("0.133322")
	b.Run("baseline-big.Rat", func(b *testing.B) {
		for b.Loop() {
			new(big.Rat).Mul(value, factor)
		}
	})
	from, _ := ucum.Parse("mm[Hg]")
	to, _ := ucum.Parse("kPa")
	b.Run("parsed", func(b *testing.B) {
		for b.Loop() {
			if _, err := ucum.Convert(value, from, to); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("codes", func(b *testing.B) {
		for b.Loop() {
			from, _ := ucum.Parse("mm[Hg]")
			to, _ := ucum.Parse("kPa")
			if _, err := ucum.Convert(value, from, to); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, code := range []string{"g", "mg/dL", "10*9/L", "mL/min/{1.73_m2}"} {
		b.Run(code, func(b *testing.B) {
			for b.Loop() {
				if _, err := ucum.Parse(code); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
