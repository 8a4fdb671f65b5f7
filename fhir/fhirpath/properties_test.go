package fhirpath_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// compute evaluates an expression over the variables a and b.
func compute(t *testing.T, expr string, a, b fhirpath.Item) string {
	t.Helper()
	env := &fhirpath.Env{Vars: map[string]fhirpath.Collection{"a": {a}, "b": {b}}}
	c, err := fhirpath.MustCompile(expr).Evaluate(env, nil)
	if err != nil {
		t.Fatal(expr, err)
	}
	if len(c) == 0 {
		return ""
	}
	return c[0].Text()
}

func rat(t *testing.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatal("not a number:", text)
	}
	return r
}

// Decimals compute as fractions do: exactly.
func TestDecimalsExact(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	random := func() string {
		text := fmt.Sprintf("%d.%0*d", rnd.Int64N(1e15)-5e14, 1+rnd.IntN(18), rnd.Int64N(1e9))
		if rnd.IntN(3) == 0 {
			text = fmt.Sprintf("%d.%d", rnd.IntN(3), rnd.IntN(30))
		}
		return text
	}
	for range 100 {
		x, y := random(), random()
		a, errA := fhirpath.Decimal(x)
		b, errB := fhirpath.Decimal(y)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		p, q := rat(t, x), rat(t, y)
		for expr, want := range map[string]*big.Rat{
			"%a + %b": new(big.Rat).Add(p, q), "%a - %b": new(big.Rat).Sub(p, q), "%a * %b": new(big.Rat).Mul(p, q),
			"(%a + %b) - %b": p, "-(-%a)": p, "%a.toString().toDecimal()": p,
		} {
			if got := compute(t, expr, a, b); rat(t, got).Cmp(want) != 0 {
				t.Errorf("%s with %s and %s: %s", expr, x, y, got)
			}
		}
		order := p.Cmp(q)
		for expr, want := range map[string]bool{"%a < %b": order < 0, "%a <= %b": order <= 0, "%a > %b": order > 0, "%a >= %b": order >= 0, "%a = %b": order == 0} {
			if got := compute(t, expr, a, b); got != fmt.Sprint(want) {
				t.Errorf("%s with %s and %s: %s", expr, x, y, got)
			}
		}
		if q.Sign() == 0 {
			continue
		}
		// a = (a div b) * b + a mod b, unless a div b has more than 32 bits
		want := "true"
		ratio := new(big.Rat).Quo(p, q)
		if n := new(big.Int).Quo(ratio.Num(), ratio.Denom()); !n.IsInt64() || int64(int32(n.Int64())) != n.Int64() {
			want = ""
		}
		if got := compute(t, "%a = (%a div %b) * %b + %a mod %b", a, b); got != want {
			t.Errorf("div and mod of %s by %s: got %q, want %q", x, y, got, want)
		}
	}
}

// Date arithmetic and comparison agree with package time.
func TestMomentsLikeTime(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	random := func() time.Time {
		zone := time.FixedZone("", (rnd.IntN(27)-13)*3600+rnd.IntN(2)*1800)
		return time.Date(1+rnd.IntN(9998), time.Month(1+rnd.IntN(12)), 1+rnd.IntN(28), rnd.IntN(24), rnd.IntN(60), rnd.IntN(60), rnd.IntN(1000)*1e6, zone)
	}
	const layout = "2006-01-02T15:04:05.000Z07:00"
	item := func(at time.Time) fhirpath.Item {
		i, ok := fhirpath.Of(r4.DateTime(at.Format(layout)))
		if !ok {
			t.Fatal(at)
		}
		return i
	}
	for range 150 {
		x, y := random(), random()
		if rnd.IntN(4) == 0 {
			y = x.In(y.Location())
		}
		if got, want := compute(t, "%a < %b", item(x), item(y)), fmt.Sprint(x.Before(y)); got != want {
			t.Errorf("%v < %v: %s", x, y, got)
		}
		if got, want := compute(t, "%a = %b", item(x), item(y)), fmt.Sprint(x.Equal(y)); got != want {
			t.Errorf("%v = %v: %s", x, y, got)
		}
		n := rnd.IntN(200_000) - 100_000
		for unit, sum := range map[string]time.Time{
			"days": x.AddDate(0, 0, n), "hours": x.Add(time.Duration(n) * time.Hour), "seconds": x.Add(time.Duration(n) * time.Second),
			"milliseconds": x.Add(time.Duration(n) * time.Millisecond), "weeks": x.AddDate(0, 0, 7*n),
		} {
			want := sum.Format(layout)
			if sum.Year() < 1 || sum.Year() > 9999 {
				want = ""
			}
			expr := fmt.Sprintf("%%a + %d %s", n, unit)
			if n < 0 {
				expr = fmt.Sprintf("%%a - %d %s", -n, unit)
			}
			if got := compute(t, expr, item(x), item(y)); got != want {
				t.Errorf("%v: %s: got %s, want %s", x, expr, got, want)
			}
		}
	}
}
