package validate_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/validate"
)

func profile(t testing.TB, yaml string) *validate.Profile {
	t.Helper()
	p, err := validate.ParseProfile([]byte("profile: test\n" + yaml))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var profileCases = []struct{ name, yaml, text, want string }{
	{"a message that may come", "messages: [ADT^A01]", good, ""},
	{"any event of a type", "messages: [ORU, ADT]", good, ""},
	{"an event that may not", "messages: [ADT^A02]", good, "E MSH-9 201 profile"},
	{"a type that may not", "messages: [ORU]", good, "E MSH-9 200 profile"},
	{"a Z segment that is not listed", "z-segments: listed\nsegments: {ZBE: {}}", with("ZBE|1", "ZPX|1"), "E ZPX 100 profile"},
	{"any Z segment", "z-segments: any\nsegments: {ZBE: {}}", with("ZBE|1", "ZPX|1"), ""},
	{"a segment that must be there", "segments: {ZBE: {required: true}}", good, "E ZBE 100 profile"},
	{"in other messages only", "segments: {ZBE: {required: true, for: [ADT^A02]}}", good, ""},
	{"too many", "segments: {ZBE: {max: 1}}", with("ZBE|1") + "ZBE|2\rZBE|3\r", "E ZBE(2) 198 profile"},
	{"none may be there", "segments: {PV1: {max: 0}}", good, "E PV1 198 profile"},
	{"a field of a Z segment that is not listed", "segments: {ZBE: {fields: {1: {}, 2: {}}}}", with("ZBE|1|2|3"), "W ZBE-3 199 profile"},

	{"required", "segments: {PID: {fields: {8: {required: true}}}}", good, "E PID-8 101 profile"},
	{"required and null", "segments: {PID: {fields: {8: {required: true}}}}", with("PID|1||7^^^H^MR||Doe|||\"\""), "E PID-8 101 profile"},
	{"required in each repetition", "segments: {PID: {fields: {3.5: {required: true}}}}", with("PID|1||7^^^H^MR~8^^^H~~||Doe"), "E PID-3[2].5 101 profile"},
	{"required in one repetition", "segments: {PID: {fields: {'3[2].1': {required: true}}}}", good, "E PID-3[2].1 101 profile"},
	{"required in what is not there", "segments: {NK1: {fields: {2: {required: true}}}}", good, ""},
	{"absent", "segments: {PID: {fields: {5: {absent: true}}}}", good, "E PID-5 199 profile"},
	{"absent and not there", "segments: {PID: {fields: {8: {absent: true}}}}", good, ""},
	{"too short", "segments: {PID: {fields: {3.1: {min-length: 2}}}}", good, "E PID-3.1 102 profile"},
	{"too long", "segments: {PID: {fields: {5.1: {max-length: 2}}}}", good, "E PID-5.1 104 profile"},
	{"characters, not bytes", "segments: {PID: {fields: {5.1: {max-length: 3}}}}", with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.1||||||UNICODE UTF-8", "PID|1||7^^^H^MR||Döé"), ""},
	{"too few", "segments: {PID: {fields: {3: {min-repetitions: 2}}}}", good, "E PID-3 198 profile"},
	{"too often", "segments: {PID: {fields: {3: {max-repetitions: 1}}}}", with("PID|1||7^^^H^MR~8^^^H^MR||Doe"), "E PID-3 198 profile"},
	{"values", "segments: {PV1: {fields: {2: {values: [O, E]}}}}", good, "E PV1-2 103 profile"},
	{"one of the values", "segments: {PV1: {fields: {2: {values: [O, I]}}}}", good, ""},
	{"a value that YAML takes for something else", "segments: {PID: {fields: {30: {values: [Y, N]}}}}", with("PID|1||7^^^H^MR||Doe|||||||||||||||||||||||||N"), ""},
	{"pattern", "segments: {PID: {fields: {3.1: {pattern: '[0-9]'}}}}", good, ""},
	{"pattern of a part only", "segments: {PID: {fields: {3.1: {pattern: '[0-9]'}}}}", with("PID|1||77^^^H^MR||Doe"), "E PID-3.1 102 profile"},
	{"type", "segments: {ZBE: {fields: {2: {type: DTM}}}}", with("ZBE||soon"), "E ZBE-2 102 type"},
	{"a composite type", "segments: {ZBE: {fields: {1: {type: EI}}}}", with("ZBE|1^H^1.2^QQQ^x"), "E ZBE-1.4 103 table; W ZBE-1.5 102 extra-component"},
	{"a type of a component", "segments: {ZBE: {fields: {1.2: {type: NM}}}}", with("ZBE|x^y"), "E ZBE-1.2 102 type"},
	{"a severity", "segments: {PID: {fields: {8: {required: true, severity: W}}}}", good, "W PID-8 101 profile"},
	{"for a message", "segments: {PID: {fields: {8: {required: true, for: [ADT^A02]}}}}", good, ""},
	{"several rules", "segments: {PID: {fields: {8: [{required: true, for: [ADT^A02]}, {required: true, severity: I}]}}}", good, "I PID-8 101 profile"},
	{"when it has a value", "segments: {PID: {fields: {8: {required: true, when: {at: PV1-2, values: [I]}}}}}", good, "E PID-8 101 profile"},
	{"when it has another", "segments: {PID: {fields: {8: {required: true, when: {at: PV1-2, values: [O]}}}}}", good, ""},
	{"when it is valued", "segments: {PID: {fields: {8: {required: true, when: {at: PID-5.2, valued: true}}}}}", good, "E PID-8 101 profile"},
	{"when it is not", "segments: {PID: {fields: {8: {required: true, when: {at: PID-9, valued: false}}}}}", good, "E PID-8 101 profile"},
	{"when in the same segment", "segments: {ZBE: {fields: {1: {}, 2: {required: true, when: {at: ZBE-1, values: [a]}}}}}", with("ZBE|b") + "ZBE|a\r", "E ZBE(2)-2 101 profile"},

	{"codes of the sender", "tables: {'0004': {codes: [A]}}", good, "E PV1-2 103 profile"},
	{"codes of the sender, mild", "tables: {'0004': {codes: [A], severity: W}}", good, "W PV1-2 103 profile"},
	{"in place of the standard's", "tables: {'0200': {codes: [QQ]}}", with("PID|1||7^^^H^MR||Doe^^^^^^QQ"), "W PID-5.7 104 length"},
	{"in addition", "tables: {'0201': {add: [QQQ]}}", with("PID|1||7^^^H^MR||Doe||||||||^QQQ~^PRN"), ""},
	{"in addition, another", "tables: {'0201': {add: [QQQ]}}", with("PID|1||7^^^H^MR||Doe||||||||^QQX"), "E PID-13.2 103 table"},
	{"a table that HL7 leaves to the site", "tables: {'0302': {codes: [A1]}}", with("PV1|1|I|A2"), "E PV1-3.1 103 profile"},

	{"a rule off", "adjust: [{rule: segment-missing, at: EVN, severity: off}]", strings.Replace(good, "EVN||20260102\r", "", 1), ""},
	{"a rule milder", "adjust: [{rule: required, at: PV1, severity: I}]", with("PID|1||7", "PV1|1"), "E PID-5 101 required; I PV1-2 101 required"},
	{"a rule harder", "adjust: [{rule: segment-unexpected, severity: E}]", with("OBR|1|||X"), "E OBR 100 segment-unexpected"},
	{"all rules at a place", "adjust: [{at: PID-5, severity: W}]", with("PID|1||7"), "W PID-5 101 required"},
	{"a component of another", "adjust: [{at: PID-5.1, severity: off}]", with("PID|1||7^^^H^MR||Doe^Jane^^^^^Q"), "E PID-5.7 103 table"},
	{"the first that fits", "adjust: [{at: PID-5, severity: W}, {at: PID, severity: off}]", with("PID|1"), "W PID-5 101 required"},
	{"of another message", "adjust: [{at: PID-5, severity: W, for: [ORU]}]", with("PID|1||7"), "E PID-5 101 required"},
	{"not a rule of the profile", "segments: {PID: {fields: {8: {required: true}}}}\nadjust: [{at: PID-8, severity: off}]", good, "E PID-8 101 profile"},
	{"the version", "version: '2.5.1'", strings.Replace(good, "2.5.1", "2.1", 1), ""},
	{"an adjusted charset", "adjust: [{rule: charset, severity: E}]", with("PID|1||7^^^H^MR||D\xf6e"), "E MSH-18 101 charset"},
}

func TestProfiles(t *testing.T) {
	for _, c := range profileCases {
		t.Run(c.name, func(t *testing.T) {
			r := check(validate.Options{Profile: profile(t, c.yaml)}, c.text)
			if got := brief(r); got != c.want {
				t.Errorf("%s\nwant %s\n%v", got, c.want, r.Findings)
			}
		})
	}
}

func TestProfileTexts(t *testing.T) {
	p := profile(t, "segments: {PID: {fields: {8: {name: Sex, required: true, text: the portal needs it}}}}")
	r := check(validate.Options{Profile: p}, good)
	if len(r.Findings) != 1 || r.Findings[0].String() != "E PID-8 101 Sex: required and missing: the portal needs it" || r.Profile != "test" {
		t.Errorf("%v of %q", r.Findings, r.Profile)
	}
}

// TestBadProfiles: each is refused, with its line.
func TestBadProfiles(t *testing.T) {
	for _, c := range []struct {
		yaml string
		line int
		want string
	}{
		{"", 0, "nothing"}, {"# no more than this", 0, "nothing"}, {"profile: x\n---\nprofile: y", 2, "second"}, {"profile: &a x\ntitle: *a", 2, "text"}, {"profile: [", 0, "YAML"}, {"- a", 1, "mapping"}, {"title: x", 1, "profile"}, {"profile: x\nprofile: y", 2, "twice"},
		{"profile: x\nsegmnets: {}", 2, `"segmnets" is not known`}, {"profile:\n  a: b", 2, "text"}, {"profile: ~", 1, "text"},
		{"profile: x\nversion: '2.55'", 2, "version"}, {"profile: x\nversion: [2]", 2, "text"}, {"profile: x\nmessages: ADT", 2, "list"},
		{"profile: x\nmessages: [ADT, ADT_A01]", 2, "message type"}, {"profile: x\nz-segments: some", 2, "any, listed"},
		{"profile: x\nsegments:\n  PIDX: {}", 3, "name of a segment"}, {"profile: x\nsegments:\n  XYZ: {}", 3, "no version"}, {"profile: x\nsegments: [PID]", 2, "mapping"},
		{"profile: x\nsegments:\n  PID:\n    require: true", 4, "require"}, {"profile: x\nsegments:\n  PID: {required: yes}", 3, "true or false"},
		{"profile: x\nsegments:\n  PID: {max: -1}", 3, "number"}, {"profile: x\nsegments:\n  PID:\n    fields:\n      x: {}", 5, "field"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      0: {}", 5, "field"}, {"profile: x\nsegments:\n  PID:\n    fields:\n      99: {}", 5, "no version"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {}\n      3: {}", 6, "twice"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {typo: 1}", 5, "typo"}, {"profile: x\nsegments:\n  PID:\n    fields:\n      3: {pattern: '('}", 5, "RE2"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {type: XYZ}", 5, "data type"}, {"profile: x\nsegments:\n  PID:\n    fields:\n      3: {severity: F}", 5, "one of E, I, W"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {severity: off}", 5, "one of E, I, W"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {required: true, absent: true}", 5, "both"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {min-length: 3, max-length: 2}", 5, "least"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3.1: {max-repetitions: 2}", 5, "whole field"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {when: {values: [a]}}", 5, "at is missing"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {when: {at: PV1-2}}", 5, "values or valued"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {when: {at: PV1-2, values: [a], valued: true}}", 5, "two conditions"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: {when: {at: PV1(2)-2, valued: true}}", 5, "place"},
		{"profile: x\nsegments:\n  PID:\n    fields:\n      3: [{}, 7]", 5, "mapping"},
		{"profile: x\ntables:\n  '4': {codes: [A]}", 3, "four digits"}, {"profile: x\ntables:\n  '0004': {}", 3, "either"},
		{"profile: x\ntables:\n  '0004': {codes: [A], add: [B]}", 3, "either"}, {"profile: x\ntables:\n  '0004': {codes: A}", 3, "list"},
		{"profile: x\nadjust:\n- {severity: W}", 3, "rule or a place"}, {"profile: x\nadjust:\n- {rule: lenght, severity: W}", 3, "no such rule"},
		{"profile: x\nadjust:\n- {rule: profile, severity: W}", 3, "no such rule"}, {"profile: x\nadjust:\n- {rule: length}", 3, "severity is missing"},
		{"profile: x\nadjust:\n- {rule: length, severity: none}", 3, "one of E, I, W, off"},
	} {
		_, err := validate.ParseProfile([]byte(c.yaml))
		var bad *validate.ProfileError
		if !errors.As(err, &bad) || bad.Line != c.line || !strings.Contains(err.Error(), c.want) || c.line > 0 && !strings.Contains(err.Error(), "line "+strconv.Itoa(c.line)) {
			t.Errorf("%q: %v, want line %d and %q", c.yaml, err, c.line, c.want)
		}
	}
}

// TestExample: the worked example is right, finds nothing in its good message
// and in the bad one what it is there to find.
func TestExample(t *testing.T) {
	const dir = "../../examples/profiles/"
	yaml, err := os.ReadFile(dir + "riverside.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := validate.ParseProfile(yaml)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(dir + "riverside.hl7")
	if err != nil {
		t.Fatal(err)
	}
	messages := hl7.Split(b)
	if len(messages) != 2 {
		t.Fatalf("there are %d messages", len(messages))
	}
	if got := brief(check(validate.Options{Profile: p}, string(messages[0]))); got != "" {
		t.Error("the first message:", got)
	}
	want := "W EVN 100 segment-missing; E PID-3.4.1 101 profile; E PID-7 102 profile; W PV1-7 198 profile; E PV1-10 103 profile; " +
		"E PV1-19.1 102 profile; E ZBE-2 102 type; E ZBE-4 103 profile; W ZBE-9 199 profile; E ZPX 100 profile"
	if got := brief(check(validate.Options{Profile: p}, string(messages[1]))); got != want {
		t.Errorf("the second message: %s\nwant %s", got, want)
	}
}

// TestSchema: the JSON schema has the keys that the loader knows, and no others.
func TestSchema(t *testing.T) {
	b, err := os.ReadFile("../../examples/profiles/profile.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]struct{ Enum []string }
	}
	var schema struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(b, &schema); err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		object
		around string // a profile in which KEY is at the place
	}{
		"profile":    {schema.object, "KEY: x"},
		"segment":    {schema.Defs["segment"], "profile: x\nsegments: {PID: {KEY: x}}"},
		"field":      {schema.Defs["field"], "profile: x\nsegments: {PID: {fields: {1: {KEY: x}}}}"},
		"condition":  {schema.Defs["condition"], "profile: x\nsegments: {PID: {fields: {1: {when: {KEY: x}}}}}"},
		"table":      {schema.Defs["table"], "profile: x\ntables: {'0001': {KEY: x}}"},
		"adjustment": {schema.Defs["adjustment"], "profile: x\nadjust: [{KEY: x}]"},
	} {
		// the loader names all keys it knows when it meets one that it does not
		_, err := validate.ParseProfile([]byte(strings.Replace(c.around, "KEY", "nonsense", 1)))
		if err == nil {
			t.Fatal(what, "takes a key that there is not")
		}
		_, list, _ := strings.Cut(err.Error(), "there are ")
		known := strings.Split(list, ", ")
		var named []string
		for key := range c.Properties {
			named = append(named, key)
		}
		slices.Sort(named)
		if !slices.Equal(named, known) {
			t.Errorf("%s: the schema has %v, the loader %v", what, named, known)
		}
	}
	rules := schema.Defs["adjustment"].Properties["rule"].Enum
	if len(rules) < 20 {
		t.Error("the schema lists", rules)
	}
	for _, rule := range rules {
		profile(t, "adjust: [{rule: "+rule+", severity: off}]")
	}
}
