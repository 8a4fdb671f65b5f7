package ucum_test

import (
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"os"
	"testing"

	"github.com/ponshealth/pons/fhir/ucum"
)

// essence is the published table of UCUM; it is not part of this repository.
const essenceFile = "../../../shared/fhir-test-cases/ucum/ucum-essence.xml"

type definition struct {
	Code    string `xml:"Code,attr"`
	Metric  string `xml:"isMetric,attr"`
	Special string `xml:"isSpecial,attr"`
	Value   struct {
		Value string `xml:"value,attr"`
		Unit  string `xml:"Unit,attr"`
	} `xml:"value"`
}

func essence(t *testing.T) (prefixes, bases, units []definition) {
	t.Helper()
	f, err := os.Open(essenceFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED: %s is not there: the table was not compared with what UCUM publishes", essenceFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var e struct {
		Prefixes []definition `xml:"prefix"`
		Bases    []definition `xml:"base-unit"`
		Units    []definition `xml:"unit"`
	}
	d := xml.NewDecoder(f)
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // ASCII
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	if len(e.Prefixes) != 24 || len(e.Bases) != 7 || len(e.Units) < 300 {
		t.Fatalf("%d prefixes, %d base units, %d units read", len(e.Prefixes), len(e.Bases), len(e.Units))
	}
	return e.Prefixes, e.Bases, e.Units
}

// TestDefinitions: every unit is worth what its definition says, exactly.
func TestDefinitions(t *testing.T) {
	_, _, units := essence(t)
	for _, d := range units {
		u := parse(t, d.Code)
		if special := d.Special == "yes"; u.Special() != special {
			t.Errorf("%s: special is %v", d.Code, u.Special())
		} else if special {
			continue // TestScales
		}
		if got, want := convert(t, "1", d.Code, define(d)), rat(d.Value.Value); got.Cmp(want) != 0 {
			t.Errorf("1 %s is %s %s, not %s", d.Code, got.RatString(), d.Value.Unit, d.Value.Value)
		}
	}
}

// define is the unit of a definition. An arbitrary unit is defined as itself.
func define(d definition) string {
	if u, _ := ucum.Parse(d.Code); d.Value.Unit == "1" {
		if _, base, _ := ucum.Canonical(big.NewRat(1, 1), u); base == d.Code {
			return d.Code
		}
	}
	return d.Value.Unit
}

// TestPrefixes: every prefix with every metric unit is worth the product, and
// no symbol can be read in two ways.
func TestPrefixes(t *testing.T) {
	prefixes, bases, units := essence(t)
	meaning := map[string]string{}
	for _, d := range append(bases, units...) {
		meaning[d.Code] = d.Code
	}
	for _, d := range append(bases, units...) {
		metric := d.Metric == "yes" || d.Value.Value == "" && d.Special == ""
		for _, p := range prefixes {
			code := p.Code + d.Code
			if !metric {
				if _, err := ucum.Parse(code); err == nil && meaning[code] == "" && !isMetric(code, prefixes, bases, units) {
					t.Errorf("%s: a prefix before a unit that takes none", code)
				}
				continue
			}
			if was := meaning[code]; was != "" {
				t.Errorf("%s is %s with a prefix, and %s", code, d.Code, was)
			}
			meaning[code] = d.Code
			if got := convert(t, "1", code, d.Code); got.Cmp(rat(p.Value.Value)) != 0 {
				t.Errorf("1 %s is %s %s", code, got.RatString(), d.Code)
			}
		}
	}
}

func isMetric(code string, prefixes, bases, units []definition) bool {
	for _, d := range append(bases, units...) {
		for _, p := range prefixes {
			if p.Code+d.Code == code && d.Metric != "no" {
				return true
			}
		}
	}
	return false
}

func parse(t *testing.T, code string) ucum.Unit {
	t.Helper()
	u, err := ucum.Parse(code)
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return u
}

func convert(t *testing.T, value, from, to string) *big.Rat {
	t.Helper()
	v, err := ucum.Convert(rat(value), parse(t, from), parse(t, to))
	if err != nil {
		t.Fatalf("%s %s in %s: %v", value, from, to, err)
	}
	return v
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("not a number: " + s)
	}
	return r
}
