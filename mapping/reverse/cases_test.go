package reverse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping/reverse"
)

var at = time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)

func newReverter(t testing.TB) *reverse.Reverter {
	t.Helper()
	r, err := reverse.New(reverse.Options{Namespaces: map[string]string{"NHS": "https://fhir.nhs.uk/Id/nhs-number"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readBundle(t testing.TB, file string) *r4.Bundle {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, err := r4.Unmarshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	return res.(*r4.Bundle)
}

func lines(m *hl7.Message) []string {
	return strings.Split(strings.TrimRight(string(m.Bytes()), "\r"), "\r")
}

// Each case is a Bundle and the segments that it has to become.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	r := newReverter(t)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile("testdata/cases/" + name + ".expect.yaml")
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Event    string   `yaml:"event"`
				Version  string   `yaml:"version"`
				Segments []string `yaml:"segments"`
				Left     []string `yaml:"left"`
			}
			if err := yaml.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			res, err := r.Bundle(readBundle(t, file), reverse.Target{Event: want.Event, Version: want.Version, ControlID: "C1", Time: at})
			if err != nil {
				t.Fatal(err)
			}
			got := lines(res.Message)[1:]
			for i := range max(len(got), len(want.Segments)) {
				var g, w string
				if i < len(got) {
					g = got[i]
				}
				if i < len(want.Segments) {
					w = want.Segments[i]
				}
				if g != w {
					t.Errorf("segment %d\n got %s\nwant %s", i+1, g, w)
				}
			}
			var left []string
			for _, p := range res.Left {
				left = append(left, fmt.Sprintf("%d %s", p.Resource, p.Path))
			}
			for _, w := range want.Left {
				if !slices.Contains(left, w) {
					t.Errorf("%s is not among what is left: %q", w, left)
				}
			}
		})
	}
}

// MSH is what the target says, in every version.
func TestHeader(t *testing.T) {
	r := newReverter(t)
	b := readBundle(t, "testdata/cases/adt_a08.json")
	res, err := r.Bundle(b, reverse.Target{
		Event: "ADT^A31", Version: "2.4", ControlID: "77", Time: at, ProcessingID: "T", Charset: "UNICODE UTF-8",
		SendingApp: hl7.HD{Namespace: "PONS"}, SendingFacility: hl7.HD{Namespace: "A&B"},
		ReceivingApp: hl7.HD{Namespace: "OLD"}, ReceivingFacility: hl7.HD{Namespace: "C"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `MSH|^~\&|PONS|A\T\B|OLD|C|20260203040506+0000||ADT^A31^ADT_A05|77|T|2.4||||||UNICODE UTF-8`
	if got := lines(res.Message)[0]; got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// The same resources give the same bytes, and are not changed.
func TestPure(t *testing.T) {
	r := newReverter(t)
	b := readBundle(t, "testdata/cases/oru_r01.json")
	before := r4.Clone(b)
	to := reverse.Target{Event: "ORU^R01", ControlID: "1", Time: at}
	first, err := r.Bundle(b, to)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan string)
	for range 4 {
		go func() {
			var out string
			for range 50 {
				res, err := r.Bundle(b, to)
				if err != nil {
					out = err.Error()
					break
				}
				out = string(res.Message.Bytes())
			}
			done <- out
		}()
	}
	for range 4 {
		if got := <-done; got != string(first.Message.Bytes()) {
			t.Errorf("another message: %s", got)
		}
	}
	if !r4.Equal(before, b) {
		t.Error("the resources were changed")
	}
}

// What cannot be made is refused with a place.
func TestRefused(t *testing.T) {
	r := newReverter(t)
	p1, p2 := &r4.Patient{ID: "1"}, &r4.Patient{ID: "2"}
	good := reverse.Target{Event: "ADT^A08", ControlID: "1", Time: at}
	with := func(change func(*reverse.Target)) reverse.Target { t := good; change(&t); return t }
	for name, c := range map[string]struct {
		in []r4.Resource
		to reverse.Target
		at string
	}{
		"unknown event":  {[]r4.Resource{p1}, with(func(t *reverse.Target) { t.Event = "ADT^A99" }), "Target.Event"},
		"no patient":     {nil, good, "Patient"},
		"two patients":   {[]r4.Resource{p1, p2}, good, "Patient"},
		"not that one":   {[]r4.Resource{p1}, with(func(t *reverse.Target) { t.Patient = "7" }), "Patient"},
		"no control id":  {[]r4.Resource{p1}, with(func(t *reverse.Target) { t.ControlID = "" }), "MSH-10"},
		"no time":        {[]r4.Resource{p1}, with(func(t *reverse.Target) { t.Time = time.Time{} }), "MSH-7"},
		"no report":      {[]r4.Resource{p1}, with(func(t *reverse.Target) { t.Event = "ORU^R01" }), "DiagnosticReport[subject=$Patient]"},
		"no appointment": {[]r4.Resource{p1}, with(func(t *reverse.Target) { t.Event = "SIU^S12" }), "Appointment[participant.actor=$Patient]"},
	} {
		_, err := r.Resources(c.in, c.to)
		if e, ok := err.(*reverse.Error); !ok || e.At != c.at || e.Problem == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if res, err := r.Resources([]r4.Resource{p1, p2}, with(func(t *reverse.Target) { t.Patient = "2" })); err != nil {
		t.Error(err)
	} else if len(res.Left) == 0 || res.Left[0].Path != "Patient" || res.Left[0].Resource != 0 {
		t.Errorf("the other patient is not among what is left: %v", res.Left)
	}
}
