package r4_test

import (
	"fmt"
	"reflect"
	"runtime"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// What a Maker makes of every field of every type is what the methods of Field
// make, each element in memory of its own.
func TestMaker(t *testing.T) {
	var m r4.Maker
	for _, typ := range every() {
		if (typ.New() == nil) != (m.New(typ) == nil) {
			t.Errorf("%s: New", typ.Name)
		}
		if typ.New() == nil {
			continue
		}
		for i := range typ.Fields {
			f := &typ.Fields[i]
			for _, of := range f.Types {
				if of.Name == "Resource" {
					continue
				}
				v, want := m.New(typ), typ.New()
				for n := range 3 {
					if n > 0 && !f.List {
						break
					}
					if of.Kind == r4.KindPrimitive {
						if err := f.SetPrimitive(want, of, samples[of.Name]); err != nil || !m.Set(f, v, of, samples[of.Name]) {
							t.Fatalf("%s.%s: not set: %v", typ.Name, f.Name, err)
						}
						continue
					}
					mark(t, f.Make(want, of), n)
					made := m.Make(f, v, of, 2) // the third does not fit
					mark(t, made, n)
					if made != f.At(v, n) {
						t.Fatalf("%s.%s: Make gives %T, At gives %T", typ.Name, f.Name, made, f.At(v, n))
					}
				}
				if !reflect.DeepEqual(v, want) {
					t.Errorf("%s.%s (%s): made %+v, want %+v", typ.Name, f.Name, of.Name, v, want)
				}
			}
		}
	}
}

// mark writes into an element which one it is, where it has room for that.
func mark(t *testing.T, v any, n int) {
	f, typ, ok := r4.TypeOf(v).Field("id")
	if !ok {
		return
	}
	if err := f.SetPrimitive(v, typ, fmt.Sprint("e", n)); err != nil {
		t.Fatal(err)
	}
}

func TestMakerRefuses(t *testing.T) {
	var m r4.Maker
	patient := r4.TypeByName("Patient")
	birth, date, _ := patient.Field("birthDate")
	name, human, _ := patient.Field("name")
	if m.Set(birth, &r4.Person{}, date, "1985") || m.Set(name, &r4.Patient{}, human, "Smith") || m.Set(birth, (*r4.Patient)(nil), date, "1985") {
		t.Error("Set takes what is not its own")
	}
	if m.Make(name, &r4.Person{}, human, 1) != nil || m.Make(birth, &r4.Patient{}, date, 1) != nil {
		t.Error("Make takes what is not its own")
	}
	value, _, _ := r4.TypeByName("Observation").Field("value")
	if m.Make(value, &r4.Observation{}, patient, 1) != nil || m.Set(value, &r4.Observation{}, date, "1985") {
		t.Error("a choice takes a type that it has not")
	}
	o := &r4.Observation{Value: r4.String("a")}
	if q, ok := m.Make(value, o, r4.TypeByName("Quantity"), 1).(*r4.Quantity); !ok || any(o.Value) != any(q) {
		t.Error("a choice keeps what it held of another type")
	}
}

// What a Maker made lives through collections of garbage, however little of a
// piece of memory is still in use.
func TestMakerAndGarbage(t *testing.T) {
	var m r4.Maker
	name, human, _ := r4.TypeByName("Patient").Field("name")
	given, str, _ := human.Field("given")
	var kept []*r4.Patient
	for i := range 2_000 {
		p := m.New(r4.TypeByName("Patient")).(*r4.Patient)
		for range i % 5 {
			m.Set(given, m.Make(name, p, human, i%5), str, fmt.Sprint("n", i))
		}
		if i%100 < 5 {
			kept = append(kept, p)
		}
		if i%500 == 0 {
			runtime.GC()
		}
	}
	m = r4.Maker{}
	runtime.GC()
	for k, p := range kept {
		i := k/5*100 + k%5
		if len(p.Name) != i%5 {
			t.Fatalf("patient %d has %d names", i, len(p.Name))
		}
		for _, n := range p.Name {
			if len(n.Given) != 1 || n.Given[0] != fmt.Sprint("n", i) {
				t.Fatalf("patient %d: %+v", i, n)
			}
		}
	}
}
