package validate_test

import (
	"errors"
	"os"
	"reflect"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/validate"
)

// FuzzBytes: whatever the bytes, there is a sound report (see sound), the same
// each time, with or without a profile, and deeper levels only add to it.
func FuzzBytes(f *testing.F) {
	for _, c := range cases {
		f.Add([]byte(c.text))
	}
	for _, all := range parserCases {
		for _, c := range all {
			f.Add([]byte(c.text))
		}
	}
	f.Add([]byte(benchAdmission))
	yaml, err := os.ReadFile("../../examples/profiles/riverside.yaml")
	if err != nil {
		f.Fatal(err)
	}
	p, err := validate.ParseProfile(yaml)
	if err != nil {
		f.Fatal(err)
	}
	plain := validate.New(validate.Options{Charset: "windows-1252"})
	shallow := validate.New(validate.Options{Charset: "windows-1252", Level: validate.Fields})
	profiled := validate.New(validate.Options{Charset: "windows-1252", Profile: p})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<14 {
			return
		}
		r := plain.Bytes(b)
		if problem := sound(b, r); problem != "" {
			t.Errorf("%q: %s", b, problem)
		}
		if !reflect.DeepEqual(r, plain.Bytes(b)) {
			t.Errorf("%q: two reports differ", b)
		}
		if len(r.Findings) > 1000 || len(shallow.Bytes(b).Findings) > len(r.Findings) {
			t.Errorf("%q: there are too many findings", b)
		}
		if problem := sound(b, profiled.Bytes(b)); problem != "" {
			t.Errorf("%q with a profile: %s", b, problem)
		}
	})
}

// FuzzProfile: what is not a profile has an error of its own type, and what is
// one can be used.
func FuzzProfile(f *testing.F) {
	for _, c := range profileCases {
		f.Add("profile: x\n" + c.yaml)
	}
	m, err := hl7.Parse([]byte(good + "ZBE|1|2|3\r"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, yaml string) {
		if len(yaml) > 1<<12 {
			return
		}
		p, err := validate.ParseProfile([]byte(yaml))
		if err != nil {
			var bad *validate.ProfileError
			if !errors.As(err, &bad) || p != nil {
				t.Error(err)
			}
			return
		}
		if r := validate.New(validate.Options{Profile: p}).Message(m); r.Profile != p.Name {
			t.Error("the report does not name the profile")
		}
	})
}
