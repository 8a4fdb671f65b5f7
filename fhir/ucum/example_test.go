package ucum_test

import (
	"fmt"
	"math/big"

	"github.com/ponshealth/pons/fhir/ucum"
)

func ExampleConvert() {
	from, err := ucum.Parse("[lb_av]")
	if err != nil {
		fmt.Println(err)
		return
	}
	to, _ := ucum.Parse("kg")
	weight, err := ucum.Convert(big.NewRat(154, 1), from, to)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(weight.FloatString(3), "kg")
	// Output: 69.853 kg
}

// A unit with a scale of its own converts by its function.
func ExampleConvert_temperature() {
	fahrenheit, _ := ucum.Parse("[degF]")
	celsius, _ := ucum.Parse("Cel")
	t, _ := ucum.Convert(big.NewRat(986, 10), fahrenheit, celsius)
	fmt.Println(t.RatString())
	// Output: 37
}

// Equal quantities have one canonical form, whatever their units: it can be
// stored, indexed and compared.
func ExampleCanonical() {
	for _, code := range []string{"mg/dL", "ng/nL", "g.m-3"} {
		u, _ := ucum.Parse(code)
		v, base, _ := ucum.Canonical(big.NewRat(5, 1), u)
		fmt.Println(v.RatString(), base)
	}
	// Output:
	// 50 g.m-3
	// 5000 g.m-3
	// 5 g.m-3
}

// Mass and amount of substance do not compare: the molar mass is missing.
func ExampleComparable() {
	a, _ := ucum.Parse("mg/dL")
	b, _ := ucum.Parse("mmol/L")
	c, _ := ucum.Parse("g/L")
	fmt.Println(ucum.Comparable(a, b), ucum.Comparable(a, c))
	// Output: false true
}

func ExampleParse() {
	_, err := ucum.Parse("mg/12h")
	fmt.Println(err)
	_, err = ucum.Parse("mg/(12.h)")
	fmt.Println(err)
	// Output:
	// ucum: '.', '/' or the end expected (at 5)
	// <nil>
}
