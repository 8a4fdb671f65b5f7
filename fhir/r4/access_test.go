package r4_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// samples has a text for each primitive type.
var samples = map[string]string{
	"base64Binary": "AAEC", "boolean": "false", "canonical": "http://example.org|1", "code": "a b", "date": "2024-02",
	"dateTime": "2024-02-29T10:00:00+01:00", "decimal": "1.50", "id": "a.b", "instant": "2024-02-29T10:00:00Z",
	"integer": "0", "markdown": "*a*", "oid": "urn:oid:1.2", "positiveInt": "1", "string": "a", "time": "10:00:00",
	"unsignedInt": "0", "uri": "u", "url": "http://example.org", "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
	"xhtml": "<div/>",
}

// Every field of every type is written and read through its descriptor, for
// each type of a choice: what was written is what is read, it changes this Go
// field and no other, and it survives JSON, copying and comparing.
func TestEveryField(t *testing.T) {
	for _, typ := range every() {
		if typ.New() == nil {
			continue
		}
		for i := range typ.Fields {
			f := &typ.Fields[i]
			for _, of := range f.Types {
				v := typ.New()
				fill(t, typ, f, v, of)
				s := reflect.ValueOf(v).Elem()
				for k := range typ.Fields {
					if s.Field(k).IsZero() != (k != i) {
						t.Errorf("%s.%s: writing shows in Go field %d", typ.Name, f.Name, k)
					}
				}
				if f.Len(v) == 0 || f.TypeAt(v) == nil {
					t.Errorf("%s.%s (%s): nothing there after writing", typ.Name, f.Name, of.Name)
				}
				survives(t, typ, f, v)
				f.Clear(v)
				if f.Len(v) != 0 || !reflect.ValueOf(v).Elem().IsZero() {
					t.Errorf("%s.%s: something is left after Clear", typ.Name, f.Name)
				}
			}
		}
	}
}

// fill writes two values to a list and one to anything else.
func fill(t *testing.T, typ *r4.Type, f *r4.Field, v any, of *r4.Type) {
	times := 1
	if f.List {
		times = 2
	}
	for n := range times {
		switch {
		case of.Kind == r4.KindPrimitive:
			if err := f.SetPrimitive(v, of, samples[of.Name]); err != nil {
				t.Fatalf("%s.%s: %v", typ.Name, f.Name, err)
			}
			if got := f.Text(v, n); got != samples[of.Name] {
				t.Errorf("%s.%s: %q comes back as %q", typ.Name, f.Name, samples[of.Name], got)
			}
			if text, ok := r4.Text(f.At(v, n)); !ok || text != samples[of.Name] {
				t.Errorf("%s.%s: Text of %#v", typ.Name, f.Name, f.At(v, n))
			}
		case of.Name == "Resource":
			if err := f.SetResource(v, &r4.Basic{ID: "a"}); err != nil {
				t.Fatalf("%s.%s: %v", typ.Name, f.Name, err)
			}
		default:
			made := f.Make(v, of)
			if r4.TypeOf(made) != of || made != f.At(v, n) {
				t.Fatalf("%s.%s: Make gives %T, At gives %T", typ.Name, f.Name, made, f.At(v, n))
			}
			ext, _, _ := of.Field("extension")
			ext.Make(made, nil).(*r4.Extension).URL = "u"
		}
	}
	if got := f.Len(v); got != times {
		t.Errorf("%s.%s: Len %d after %d", typ.Name, f.Name, got, times)
	}
	if f.Choice && f.TypeAt(v) != of {
		t.Errorf("%s.%s: holds %v, want %s", typ.Name, f.Name, f.TypeAt(v), of.Name)
	}
}

func survives(t *testing.T, typ *r4.Type, f *r4.Field, v any) {
	doc, err := r4.AppendJSON(nil, v)
	if err != nil {
		t.Fatalf("%s.%s: %v", typ.Name, f.Name, err)
	}
	again := typ.New()
	if err := r4.UnmarshalInto(doc, again); err != nil {
		t.Fatalf("%s.%s: %v in %s", typ.Name, f.Name, err, doc)
	}
	if !r4.Equal(v, again) || !r4.Equal(again, r4.Clone(v)) {
		t.Errorf("%s.%s: %s comes back different", typ.Name, f.Name, doc)
	}
	if r4.Equal(v, typ.New()) {
		t.Errorf("%s.%s: %s equals an empty one", typ.Name, f.Name, doc)
	}
}

func TestWriteErrors(t *testing.T) {
	var p r4.Patient
	field := func(name string) (*r4.Field, *r4.Type) {
		f, of, ok := r4.TypeOf(&p).Field(name)
		if !ok {
			t.Fatal(name)
		}
		return f, of
	}
	birth, date := field("birthDate")
	name, humanName := field("name")
	deceased, _ := field("deceased")
	contained, _ := field("contained")
	for what, err := range map[string]error{
		"format":                     birth.SetPrimitive(&p, date, "15/03/1985"),
		"empty":                      birth.SetPrimitive(&p, date, ""),
		"no pointer":                 birth.SetPrimitive(p, date, "1985"),
		"another type":               birth.SetPrimitive(&r4.Person{}, date, "1985"),
		"nil pointer":                birth.SetPrimitive((*r4.Patient)(nil), date, "1985"),
		"nil":                        birth.SetPrimitive(nil, date, "1985"),
		"complex":                    name.SetPrimitive(&p, humanName, "Smith"),
		"choice without type":        deceased.SetPrimitive(&p, nil, "true"),
		"choice of another type":     deceased.SetPrimitive(&p, date, "1985"),
		"text as resource":           contained.SetPrimitive(&p, nil, "x"),
		"resource in another field":  name.SetResource(&p, &r4.Patient{}),
		"resource in another parent": contained.SetResource(&r4.Bundle{}, &r4.Patient{}),
	} {
		var e *r4.Error
		if !errors.As(err, &e) {
			t.Errorf("%s: got %v, want an *r4.Error", what, err)
		}
	}
	if !r4.Equal(&p, &r4.Patient{}) {
		t.Error("a failed write left something behind")
	}
	for what, made := range map[string]any{
		"a primitive":            birth.Make(&p, date),
		"in another type":        name.Make(&r4.Organization{}, humanName),
		"a choice without type":  deceased.Make(&p, nil),
		"a choice of primitives": deceased.Make(&p, date),
		"a resource":             contained.Make(&p, nil),
	} {
		if made != nil {
			t.Errorf("Make of %s gives %v", what, made)
		}
	}
	if birth.MakeElement(&p, date, 1) != nil || name.MakeElement(&p, humanName, 0) != nil || birth.MakeElement(&p, date, -1) != nil {
		t.Error("MakeElement where there is no such primitive")
	}
	if birth.Len(nil) != 0 || birth.At(&r4.Person{}, 0) != nil || birth.Text(&p, -1) != "" || birth.Element(7, 0) != nil || birth.TypeAt(nil) != nil {
		t.Error("reading another parent gives something")
	}
}

// A choice holds one type at a time, also of extensions.
func TestChoiceReplaced(t *testing.T) {
	var o r4.Observation
	f, quantity, _ := r4.TypeOf(&o).Field("valueQuantity")
	_, str, _ := r4.TypeOf(&o).Field("valueString")
	f.Make(&o, quantity).(*r4.Quantity).Unit = "mg"
	if f.Make(&o, quantity).(*r4.Quantity).Unit != "mg" {
		t.Error("Make of the type that is there makes another")
	}
	f.MakeElement(&o, str, 0).ID = "x"
	if o.Value != nil || f.Len(&o) != 0 {
		t.Error("an extension of another type leaves the value")
	}
	if err := f.SetPrimitive(&o, str, "high"); err != nil || o.Value != r4.String("high") || f.Element(&o, 0).ID != "x" {
		t.Errorf("the value %v beside its extension: %v", o.Value, err)
	}
	f.Make(&o, quantity)
	if f.Element(&o, 0) != nil || f.TypeAt(&o) != quantity {
		t.Error("a new type keeps the extension of the old")
	}
}

// Lists of primitives and their extensions move together.
func TestPrimitiveLists(t *testing.T) {
	var n r4.HumanName
	f, str, _ := r4.TypeOf(&n).Field("given")
	for _, text := range []string{"a", "b", "c"} {
		if err := f.SetPrimitive(&n, str, text); err != nil {
			t.Fatal(err)
		}
	}
	f.MakeElement(&n, str, 2).ID = "on c"
	r4.MakePrimitiveElement(&n, "given", 0).ID = "on a"
	r4.MakePrimitiveElement(&n, "family", 0).ID = "on the family"
	f.MakeElement(&n, str, 3).ID = "on nothing"
	want := `{"_family":{"id":"on the family"},"given":["a","b","c",null],"_given":[{"id":"on a"},null,{"id":"on c"},{"id":"on nothing"}]}`
	expectJSON(t, &n, want)
	if got := slices.Collect(f.Values(&n)); !slices.Equal(got, []any{"a", "b", "c"}) {
		t.Errorf("values %v", got)
	}
	f.Remove(&n, 1)
	expectJSON(t, &n, `{"_family":{"id":"on the family"},"given":["a","c",null],"_given":[{"id":"on a"},{"id":"on c"},{"id":"on nothing"}]}`)
	if r4.PrimitiveElement(&n, "given", 1).ID != "on c" || r4.PrimitiveElement(&n, "given", 3) != nil || r4.PrimitiveElement(&n, "text", 0) != nil {
		t.Error("extensions are not where they should be")
	}
	f.Remove(&n, 0)
	f.Remove(&n, 0)
	expectJSON(t, &n, `{"_family":{"id":"on the family"},"_given":[{"id":"on nothing"}]}`)
	f.Remove(&n, 5)
	f.Clear(&n)
	expectJSON(t, &n, `{"_family":{"id":"on the family"}}`)
	if r4.MakePrimitiveElement(&n, "period", 0) != nil || r4.MakePrimitiveElement(&n, "none", 0) != nil || r4.MakePrimitiveElement(n, "given", 0) != nil {
		t.Error("made an element that cannot be")
	}
}

func expectJSON(t *testing.T, v any, want string) {
	t.Helper()
	got, err := r4.AppendJSON(nil, v)
	if err != nil || string(got) != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
}

// What holds nothing is not written; a slice that was cut shorter is appended
// to cleanly.
func TestEmptyElements(t *testing.T) {
	p := &r4.Patient{ID: "a", Name: []r4.HumanName{{}, {Family: "b"}, {Period: &r4.Period{}}}, MaritalStatus: &r4.CodeableConcept{Coding: []r4.Coding{{}}},
		Deceased: r4.DateTime(""), MultipleBirth: r4.Bool(0), Contained: []r4.Resource{nil}}
	expectJSON(t, p, `{"resourceType":"Patient","id":"a","name":[{"family":"b"}]}`)
	p.Name = p.Name[:1]
	f, of, _ := r4.TypeOf(p).Field("name")
	if n := f.Make(p, of).(*r4.HumanName); n.Family != "" {
		t.Error("Make gives an element that is not empty")
	}
}

func TestEqual(t *testing.T) {
	a := &r4.Patient{Name: []r4.HumanName{{Family: "a"}}}
	for name, c := range map[string]struct {
		a, b any
		want bool
	}{
		"same":          {a, r4.Clone(a), true},
		"another value": {a, &r4.Patient{Name: []r4.HumanName{{Family: "b"}}}, false},
		"more":          {a, &r4.Patient{Name: []r4.HumanName{{Family: "a"}, {}}}, false},
		"another type":  {a, &r4.Person{Name: []r4.HumanName{{Family: "a"}}}, false},
		"empty list":    {&r4.Patient{}, &r4.Patient{Name: []r4.HumanName{}}, true},
		"nils":          {nil, nil, true},
		"nil":           {a, nil, false},
		"nil pointer":   {a, (*r4.Patient)(nil), false},
		"nil pointers":  {(*r4.Patient)(nil), (*r4.Patient)(nil), true},
		"decimal text":  {&r4.Quantity{Value: "1.0"}, &r4.Quantity{Value: "1.00"}, false},
		"choice":        {&r4.Observation{Value: r4.String("a")}, &r4.Observation{Value: r4.DateTime("a")}, false},
		"integers":      {&r4.Observation{Value: r4.Integer(1)}, &r4.Observation{Value: r4.Integer(1)}, true},
		"no r4 type":    {1, 1, false},
	} {
		if got := r4.Equal(c.a, c.b); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	b := r4.Clone(a)
	r4.MakePrimitiveElement(&b.Name[0], "family", 0).ID = "x"
	if r4.Equal(a, b) || r4.PrimitiveElement(&a.Name[0], "family", 0) != nil {
		t.Error("ids of primitives do not count, or are shared by a copy")
	}
	if r4.Clone[r4.Resource](nil) != nil || r4.Clone(5) != 5 {
		t.Error("Clone of what is no r4 type changes it")
	}
}
