package r4_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

// twinSuite compares each definition in XML with the JSON document of the same
// name in the package of examples.
type twinSuite struct {
	mu       sync.Mutex
	xml      map[string][]byte
	reasons  map[string]string // by name, why it differs; "" if it does not
	problems map[string]string
}

// The two packages come from two builds of the standard, a few days apart.
// These are the only differences that are allowed for that.
const (
	noNarrative = "narrative" // the XML package has none
	buildDate   = "date"      // the moment of the build
	buildStamp  = "stamp"     // likewise, in meta.lastUpdated
)

// The moments of the two builds, which the documents have in several zones.
var (
	xmlBuild  = time.Date(2019, 10, 30, 2, 56, 25, 343e6, time.UTC)
	jsonBuild = time.Date(2019, 10, 31, 22, 29, 23, 356e6, time.UTC)
)

func (s *twinSuite) readXML(t *testing.T, tgz string) {
	s.xml, s.reasons, s.problems = map[string][]byte{}, map[string]string{}, map[string]string{}
	err := pack.EachXML(tgz, func(string) bool { return true }, func(name string, doc []byte) error {
		s.xml[strings.TrimSuffix(name, ".xml")] = doc
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// compare compares the JSON document of that name with its twin, if it has one.
func (s *twinSuite) compare(name string, doc []byte) {
	x, ok := s.xml[name]
	if !ok {
		return
	}
	reasons, problem := differences(x, doc)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reasons[name] = strings.Join(reasons, " ")
	if problem != "" {
		s.problems[name] = problem
	}
}

// differences returns the reasons for which the two differ, and what no reason
// explains.
func differences(x, j []byte) (reasons []string, problem string) {
	r, err := r4.UnmarshalXML(x)
	if err != nil {
		return nil, err.Error()
	}
	out, err := r4.Marshal(r)
	if err != nil {
		return nil, err.Error()
	}
	if sameJSON(j, out) {
		return nil, ""
	}
	fromXML, errX := members(out)
	fromJSON, errJ := members(j)
	if errX != nil || errJ != nil {
		return nil, fmt.Sprint(errX, errJ)
	}
	if fromXML["text"] == nil && fromJSON["text"] != nil {
		delete(fromJSON, "text")
		reasons = append(reasons, noNarrative)
	}
	if builds(fromXML["date"], fromJSON["date"]) {
		fromXML["date"] = fromJSON["date"]
		reasons = append(reasons, buildDate)
	}
	var metaX, metaJ map[string]json.RawMessage
	if json.Unmarshal(fromXML["meta"], &metaX) == nil && json.Unmarshal(fromJSON["meta"], &metaJ) == nil && builds(metaX["lastUpdated"], metaJ["lastUpdated"]) {
		fromXML["meta"] = bytes.Replace(fromXML["meta"], metaX["lastUpdated"], metaJ["lastUpdated"], 1)
		reasons = append(reasons, buildStamp)
	}
	a, errA := json.Marshal(fromXML)
	b, errB := json.Marshal(fromJSON)
	if errA != nil || errB != nil || !sameJSON(a, b) {
		return reasons, "differs beyond narrative and time of the build"
	}
	return reasons, ""
}

func members(doc []byte) (m map[string]json.RawMessage, err error) {
	err = json.Unmarshal(doc, &m)
	return m, err
}

// builds says whether the two are the times of the two builds.
func builds(x, j json.RawMessage) bool { return isBuild(x, xmlBuild) && isBuild(j, jsonBuild) }

func isBuild(value json.RawMessage, build time.Time) bool {
	at, err := time.Parse(`"`+time.RFC3339+`"`, string(value))
	return err == nil && (at.Equal(build) || at.Equal(build.Truncate(time.Second)))
}

// suite sums up, and holds the reasons by name against testdata/corexml.tsv.
func (s *twinSuite) suite(t *testing.T) *suite {
	out := &suite{title: "Official definitions in XML (hl7.fhir.r4.corexml 4.0.1): equal to their JSON twins"}
	var lines, alone []string
	count := map[string]int{}
	for name, x := range s.xml {
		reasons, ok := s.reasons[name]
		if !ok {
			if problem := roundTripXML(x); problem != "" {
				t.Errorf("%s: %s", name, problem)
			}
			alone = append(alone, name)
			continue
		}
		out.run(name, s.problems[name])
		if reasons == "" {
			continue
		}
		lines = append(lines, name+"\t"+reasons)
		for _, reason := range strings.Fields(reasons) {
			count[reason]++
		}
	}
	slices.Sort(lines)
	slices.Sort(alone)
	out.note = fmt.Sprintf("Twins: the two packages come from two builds of the standard, so that %d of the %d pairs say the same in all but these, by name in "+
		"[corexml.tsv](corexml.tsv): %d have no narrative in the XML package, %d another `date` and %d another `meta.lastUpdated`, each the moment of "+
		"its build. The other %d are equal in everything. These have no twin and are read, written and read again: %s.",
		len(lines), out.cases, count[noNarrative], count[buildDate], count[buildStamp], out.cases-len(lines), strings.Join(alone, ", "))
	if len(s.xml) > 0 {
		golden(t, "testdata/corexml.tsv", strings.Join(lines, "\n")+"\n")
	}
	return out
}
