package ucum_test

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/ucum"
)

// TestExact: conversions that a standard gives exactly. NIST SP 811 (2008)
// appendix B and the SI brochure, except where UCUM publishes its own factor.
func TestExact(t *testing.T) {
	for _, c := range []struct{ value, from, to, want string }{
		// lengths, areas, volumes
		{"1", "[in_i]", "cm", "2.54"},
		{"1", "[ft_i]", "m", "0.3048"},
		{"1", "[mi_i]", "m", "1609.344"},
		{"1", "[nmi_i]", "km", "1.852"},
		{"3937", "[ft_us]", "m", "1200"},
		{"1", "ar", "m2", "100"},
		{"1", "L", "cm3", "1000"},
		{"1", "mL", "mm3", "1000"},
		{"90", "fL", "um3", "90"},
		{"1", "[gal_us]", "L", "3.785411784"},
		{"1", "[gal_br]", "L", "4.54609"},
		{"1", "[foz_us]", "mL", "29.5735295625"},
		{"1", "[ly]", "m", "9460730472580800"},
		// mass
		{"1", "[lb_av]", "kg", "0.45359237"},
		{"1", "[oz_av]", "g", "28.349523125"},
		{"1", "[oz_tr]", "g", "31.1034768"},
		{"1", "[stone_av]", "kg", "6.35029318"},
		{"1", "t", "kg", "1000"},
		// time and speed
		{"1", "d", "s", "86400"},
		{"1", "wk", "h", "168"},
		{"36", "km/h", "m/s", "10"},
		{"900", "[kn_i]", "m/s", "463"},
		{"1", "a", "d", "365.25"},
		// force, pressure, energy
		{"1", "atm", "kPa", "101.325"},
		{"1", "bar", "Pa", "100000"},
		{"1", "mm[Hg]", "Pa", "133.322"},
		{"120", "mm[Hg]", "kPa", "15.99864"},
		{"1", "cm[H2O]", "Pa", "98.0665"},
		{"1", "dyn", "N", "0.00001"},
		{"1", "kgf", "N", "9.80665"},
		{"1", "cal_th", "J", "4.184"},
		{"1", "[Cal]", "kJ", "4.184"},
		{"1", "erg", "J", "1e-7"},
		{"1", "kW.h", "MJ", "3.6"},
		// the rest of SI
		{"1", "P", "Pa.s", "0.1"},
		{"1", "St", "m2/s", "1e-4"},
		{"1", "Ci", "GBq", "37"},
		{"1", "RAD", "Gy", "0.01"},
		{"1", "REM", "mSv", "10"},
		{"1", "R", "C/kg", "2.58e-4"},
		{"1", "G", "T", "1e-4"},
		{"1", "Ohm", "V/A", "1"},
		{"1", "F.V", "C", "1"},
		{"1", "lm/m2", "lx", "1"},
		{"180", "deg", "[pi].rad", "1"},
		{"1", "deg", "''", "3600"},
		{"1", "KiBy", "bit", "8192"},
		// laboratory and ward
		{"90", "mg/dL", "g/L", "0.9"},
		{"13.5", "g/dL", "g/L", "135"},
		{"4.5", "10*9/L", "10*3/uL", "4.5"},
		{"4.5", "10*9/L", "/nL", "4.5"},
		{"60", "U", "umol/s", "1"},
		{"3", "U", "nkat", "50"},
		{"5", "meq/L", "mmol/L", "5"},
		{"290", "mosm/kg", "mmol/kg", "290"},
		{"2", "m[iU]/mL", "[IU]/L", "2"},
		{"5", "%", "g/hg", "5"},
		{"1", "mg/g", "ug/mg", "1"},
		{"1", "/min", "s-1", "1/60"},
		{"60", "{beats}/min", "Hz", "1"},
		{"12", "mg/(8.h)", "mg/h", "1.5"},
		{"3.5", "mL/min/kg", "[MET]", "1"},
		{"154", "[lb_av]", "kg", "69.85322498"},
	} {
		if got := convert(t, c.value, c.from, c.to); got.Cmp(rat(c.want)) != 0 {
			t.Errorf("%s %s is %s %s, not %s", c.value, c.from, got.FloatString(30), c.to, c.want)
		}
		if back := convert(t, c.want, c.to, c.from); back.Cmp(rat(c.value)) != 0 {
			t.Errorf("%s %s is %s %s, not %s", c.want, c.to, back.FloatString(30), c.from, c.value)
		}
	}
}

// TestScales: units with a scale of their own. Equal steps are exact; of the
// others twelve digits are asked for.
func TestScales(t *testing.T) {
	for _, c := range []struct{ value, from, to, want string }{
		{"37", "Cel", "K", "310.15"},
		{"98.6", "[degF]", "Cel", "37"},
		{"-40", "Cel", "[degF]", "-40"},
		{"0", "K", "Cel", "-273.15"},
		{"212", "[degF]", "K", "373.15"},
		{"80", "[degRe]", "Cel", "100"},
		{"491.67", "[degR]", "Cel", "0"},
		{"37000", "mCel", "Cel", "37"},
		{"3.7", "10.Cel", "Cel", "37"},
		{"7", "[pH]", "nmol/L", "100"},
		{"7.4", "[pH]", "nmol/L", "39.8107170553497"}, // 10^1.6
		{"1", "mol/L", "[pH]", "0"},
		{"20", "dB", "1", "100"},
		{"30", "dB[W]", "W", "1000"},
		{"30", "dB[W]", "dB[kW]", "0"},
		{"60", "dB[uV]", "mV", "1"},
		{"1", "V", "dB[mV]", "60"},
		{"0", "B[SPL]", "uPa", "20"},
		{"94", "dB[SPL]", "Pa", "1.00237446725454"}, // 20e-6 * 10^4.7
		{"1", "B[10.nV]", "nV", "31.6227766016838"}, // 10 * sqrt(10)
		{"1", "Np", "1", "2.71828182845905"},
		{"8", "bit_s", "1", "256"},
		{"100", "%[slope]", "deg", "45"},
		{"1", "[p'diop]", "deg", "0.572938697683486"}, // atan(0.01)
		{"2", "[hp'_X]", "%", "1"},
		{"1", "[hp'_C]", "%", "1"},
		{"1", "[hp'_M]", "[ppth]", "1"},
		{"1", "[hp'_Q]", "[ppm]", "20"},
		{"3", "[m/s2/Hz^(1/2)]", "m2/s4/Hz", "9"},
	} {
		if got := convert(t, c.value, c.from, c.to); !near(got, rat(c.want)) {
			t.Errorf("%s %s is %s %s, not %s", c.value, c.from, got.FloatString(20), c.to, c.want)
		}
		if back := convert(t, c.want, c.to, c.from); !near(back, rat(c.value)) {
			t.Errorf("%s %s is %s %s, not %s", c.want, c.to, back.FloatString(20), c.from, c.value)
		}
	}
	if got := convert(t, "98.6", "[degF]", "Cel"); got.Cmp(rat("37")) != 0 {
		t.Errorf("98.6 [degF] is %s Cel", got.RatString())
	}
}

func near(a, b *big.Rat) bool {
	d := new(big.Rat).Sub(a, b)
	bound := new(big.Rat).Mul(new(big.Rat).Abs(b), rat("1e-12"))
	if b.Sign() == 0 {
		bound = rat("1e-12")
	}
	return d.Abs(d).Cmp(bound) <= 0
}

// TestPublished: from the functional tests of UCUM, in which [mu_0] and
// quotients of [ly] are rounded.
func TestPublished(t *testing.T) {
	for _, c := range []struct{ value, from, to, want string }{
		{"6.3", "s.mm-2", "s.m-2", "6300000"},
		{"6.3", "s/mm/g", "s.m-1.g-1", "6300"},
		{"6.3", "s/m.mg", "s.m-1.g", "0.0063"},
		{"6.3", "4.s/m", "s/m", "25.2"},
		{"6.3", "s/4/m", "s/m", "1.575"},
		{"6.3", "g.m.s-2.A-2", "g.m.C-2", "6.3"},
		{"1", "4.[pi].10*-7.N", "N", "0.00000125663706143591729538506"},
		{"1", "[mu_0]", "g.m.C-2", "0.00125663706143591729538506"},
		{"1", "m[Hg]", "g.s-2.m-1", "133322000"},
		{"1", "S", "g-1.m-2.C2.s", "0.001"},
		{"1", "[ly]", "cm", "946073047258080000"},
		{"1", "1/[ly]", "cm-1", "1.05700083402461546370946e-18"},
	} {
		if got := convert(t, c.value, c.from, c.to); !near(got, rat(c.want)) {
			t.Errorf("%s %s is %s %s, not %s", c.value, c.from, got.FloatString(30), c.to, c.want)
		}
	}
}

func TestComparable(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"m", "[ft_i]", true},
		{"mg/dL", "mmol/L", false}, // a mass is not an amount; the molar mass is missing
		{"mmol/L", "10*3/uL", true},
		{"Pa", "N/m2", true},
		{"J", "N.m", true},
		{"Hz", "Bq", true},
		{"Cel", "K", true},
		{"Cel", "m", false},
		{"[iU]", "[IU]", true},
		{"[iU]", "1", false},
		{"[iU]", "[arb'U]", false},
		{"[iU]/mL", "[iU]/g", false},
		{"[iU]/[iU]", "1", true},
		{"{RBC}", "{WBC}", true},
		{"mL{a}", "mL{b}", true},
		{"m", "m2", false},
		{"rad", "1", false},
		{"sr", "rad2", true},
	} {
		a, b := parse(t, c.a), parse(t, c.b)
		if ucum.Comparable(a, b) != c.want || ucum.Comparable(b, a) != c.want {
			t.Errorf("%s and %s: not %v", c.a, c.b, c.want)
		}
		if _, err := ucum.Convert(rat("1"), a, b); (err == nil) != c.want || !c.want && !errors.Is(err, ucum.ErrDimension) {
			t.Errorf("%s in %s: %v", c.a, c.b, err)
		}
	}
}

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ value, code, want, base string }{
		{"1", "N", "1000", "g.m.s-2"},
		{"120", "mm[Hg]", "15998640", "g.m-1.s-2"},
		{"5", "%", "0.05", "1"},
		{"2", "k[iU]/L", "2000000", "[iU].m-3"},
		{"1", "cd.sr", "1", "cd.rad2"},
		{"1", "V", "1000", "C-1.g.m2.s-2"},
		{"36.6", "Cel", "309.75", "K"},
		{"3", "", "3", "1"},
	} {
		var u ucum.Unit // the zero value is the unity
		if c.code != "" {
			u = parse(t, c.code)
		}
		v, base, err := ucum.Canonical(rat(c.value), u)
		if err != nil || base != c.base || v.Cmp(rat(c.want)) != 0 {
			t.Errorf("%s %s is %s %s (%v), not %s %s", c.value, c.code, v.RatString(), base, err, c.want, c.base)
		}
	}
}

func TestParse(t *testing.T) {
	for _, code := range []string{
		"10*3/ul", "10*-3/ul", "10*+3/ul", "10^9/L", "m3.kg-1.s-2", "4.[pi].10*-7.N/A2", "rad2{a}",
		"{a}.rad2{b}", "1{c}", "{e}", "dB[10.nV]", "dyn.s/(cm5.m2)", "mL/{hb}.m2", "/{tot}", "umol/2.h",
		"g/(8.kg.h)", "((((m))))", "/m", "[Amb'a'1'U]/mL", "%", "m0", "{}",
		"g/kg/(8.h){shift}", "{3 times}/d",
		"m2.5", // five square metres
	} {
		if u, err := ucum.Parse(code); err != nil || u.String() != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, c := range []struct {
		code string
		at   int
	}{
		{"", 0}, {"m/", 2}, {"10+3/ul", 2}, {"rad2{\u932e}", 5}, {"{a}rad2{b}", 3}, {"{|}1", 3}, {"iU", 0},
		{"molv", 0}, {"g/12h", 4}, {"mmol/kg[H20]", 5}, {"ug(8.h)", 2}, {"[BETH'U]", 0}, {"m//s", 2},
		{"m.", 2}, {".m", 0}, {"(m", 0}, {"m)", 1}, {"()", 1}, {"m-", 2}, {" m", 0}, {"m ", 1},
		{"{a", 0}, {"{a{b}}", 0}, {"m{a}{b}", 4}, {"[in_i", 0}, {"0.m", 0}, {"m/0", 2}, {"-m", 0}, {"kmin", 0},
		{"Cel/m", 4}, {"m.Cel", 2}, {"Cel2", 0}, {"1/Cel", 2}, {"m10000", 1}, {"Ym9999", 0}, {"mg/(/h)", 4},
		{"[in i]", 0}, {"m .s", 1}, {"(m){a}{b}", 6}, {"kk", 0}, {"kkg", 0}, {"M", 0}, {"KG", 0}, {"mmHg", 0},
	} {
		u, err := ucum.Parse(c.code)
		var e *ucum.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: taken as %v, %v", c.code, u, err)
		} else if e.At != c.at {
			t.Errorf("%s: %v, not at %d", c.code, err, c.at)
		}
	}
}

func TestLimits(t *testing.T) {
	for _, code := range []string{
		strings.Repeat("m.", 256) + "m",
		strings.Repeat("(", 33) + "m" + strings.Repeat(")", 33),
		strings.Repeat("(", 400),
		"m9999.m",
		"10*9999",
		"Ym400.Ym400.Ym400",
		"m99999999999999999999",
	} {
		if _, err := ucum.Parse(code); err == nil {
			t.Errorf("%.40s: no error", code)
		}
	}
	if _, err := ucum.Parse(strings.Repeat("m.", 255) + "m"); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ value, from, to string }{
		{"0", "1", "dB"}, {"-1", "mol/L", "[pH]"}, {"1e9", "B", "1"}, {"1e400", "[pH]", "mol/L"},
		{"1e400", "1", "B"}, {"2", "rad", "%[slope]"}, {"-1", "m2/s4/Hz", "[m/s2/Hz^(1/2)]"},
	} {
		if _, err := ucum.Convert(rat(c.value), parse(t, c.from), parse(t, c.to)); !errors.Is(err, ucum.ErrDomain) {
			t.Errorf("%s %s in %s: %v", c.value, c.from, c.to, err)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		x, a, y, b string
		want       int
	}{
		{"1", "[in_i]", "2.54", "cm", 0},
		{"98.5", "[degF]", "37", "Cel", -1},
		{"7.45", "[pH]", "40", "nmol/L", -1}, // a scale that runs down
		{"1", "kg", "2.2", "[lb_av]", 1},
	} {
		if got, err := ucum.Compare(rat(c.x), parse(t, c.a), rat(c.y), parse(t, c.b)); err != nil || got != c.want {
			t.Errorf("%s %s with %s %s: %d, %v", c.x, c.a, c.y, c.b, got, err)
		}
	}
	if _, err := ucum.Compare(rat("1"), parse(t, "m"), rat("1"), parse(t, "s")); !errors.Is(err, ucum.ErrDimension) {
		t.Error(err)
	}
}

func TestArithmetic(t *testing.T) {
	for _, c := range []struct{ a, b, product, quotient string }{
		{"g", "m", "m.g", "g/m"},
		{"/min", "/h", "min-1.h-1", "h/min"},
		{"mg/dL", "dL", "mg", "mg.dL-2"},
	} {
		a, b := parse(t, c.a), parse(t, c.b)
		p, err := ucum.Multiply(a, b)
		if err != nil || convert(t, "3", p.String(), c.product).Cmp(rat("3")) != 0 {
			t.Errorf("%s by %s: %v, %v", c.a, c.b, p, err)
		}
		q, err := ucum.Divide(a, b)
		if err != nil || convert(t, "3", q.String(), c.quotient).Cmp(rat("3")) != 0 {
			t.Errorf("%s over %s: %v, %v", c.a, c.b, q, err)
		}
	}
	if _, err := ucum.Multiply(parse(t, "Cel"), parse(t, "m")); err == nil {
		t.Error("Cel by m: no error")
	}
}
