package validate_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7/validate"
)

// parserCases are those of the forty cases, gathered from the tests of other
// parsers, of which a validator has something to say, by number.
var parserCases = map[int][]struct{ text, want string }{
	9:  {{with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.1||||||random", "PID|1||7^^^H^MR||D\xf6e"), "W MSH-18 103 charset; E MSH-18 103 table"}},
	12: {{with("PID|1||7^^^H^MR||Dr.\xa0House"), "W MSH-18 101 charset"}},
	14: {
		{"", "E byte 0 100 syntax"}, {"M", "E byte 0 100 syntax"}, {"MSH", "E MSH-1 102 syntax"}, {"MSH|", "E MSH-2 102 syntax"},
		{"\r", "E byte 1 100 syntax"}, {"MSH\r", "E MSH-1 102 syntax"}, {"MSH|\r", "E MSH-2 102 syntax"},
	},
	16: {{"MSH|^^^^|A", "E MSH-2 102 syntax"}, {"MSH|^~\\\\|A", "E MSH-2 102 syntax"}, {"MSH|^~\\ |A", "E MSH-2 102 syntax"}},
	17: {{"MSH|^~\\&#|A|F|B|G|20070504141816||ADT^A01^ADT_A01|1|P|2.7\rEVN||20260102\rPID|1||7^^^H^MR||D#e\rPV1|1|I", ""}},
	19: {
		{with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|2.5.2"), "W MSH-12.1 203 version"},
		{with("MSH|^~\\&|A|F|B|G|20260102||ADT^A01^ADT_A01|1|P|"), "E MSH-12 101 required"},
	},
	20: {{"MSH|^~\\&|A|F|B|G|20260102||ZZZ^ZZZ|1|P|2.5.1\rOBX|1|ST|1^x||a||||||F", "I MSH-9 201 message-type"}},
	23: {{order("2.5.1", "OBX|8|ST|Test^x||a\r\r\rString||||||F"), "W OBX 100 lines"}},
	27: {{with("PID|1||7^^^H^MR||\\Z99\\^\\UNKNOWN\\^\\X4\\^\\patientname\\"),
		"W PID-5.2 102 escape; W PID-5.3 102 escape; W PID-5.4 102 escape"}},
	31: {{with("PID|1||7^^^H^MR||BSV 4\\5 re."), "W PID-5 102 escape"}},
	32: {{with("PID|4&y^x&z||7^^^H^MR||Doe"), "W PID-1 104 length; W PID-1 102 extra-component"}},
	33: {{order("2.5.1", "OBX|1|TX|20725^x||This~Is~A~Report~~~~~||||||F"), ""}},
	35: {{"MSH|^~\\&|A|F|B|G|20260102||ORM^O01|1|P|2.4\rEVN||2026\rPID|1||7||Doe\rPV1|1|I\rORC|NW\rOBR|1|||x", "W EVN 100 segment-unexpected"}},
	36: {{"MSH|^~\\&|A|F|B|G|20260102||ADT^A45^ADT_A45|1|P|2.4\rEVN||2026\rPID|1||7||Doe\rPV1|1|I", "E MRG 100 segment-missing"}},
	37: {
		{order("2.5.1", "OBX|8|MED|1^x||20090505||||||F"), "E OBX-2 103 table"},
		{order("2.5.1", "OBX|8||1^x||20090505||||||F"), "E OBX-2 101 required"},
	},
	38: {{with("OBX|2|FT|1^y||see http://host/?a=1&b=2 now||||||F", "PV1"), "E PV1-2 101 required; W OBX-5 102 extra-component"}},
}

func TestParserCases(t *testing.T) {
	for id, all := range parserCases {
		t.Run(strconv.Itoa(id), func(t *testing.T) {
			for _, c := range all {
				r := check(validate.Options{}, c.text)
				if got := brief(r); got != c.want {
					t.Errorf("%q: %s\nwant %s", c.text, got, c.want)
				}
				for _, f := range r.Findings { // 23 and 27: no text of the message in what is said of it
					for _, secret := range []string{"UNKNOWN", "patientname", "String", "House", "random"} {
						if strings.Contains(f.Text, secret) {
							t.Errorf("%q quotes the message", f.Text)
						}
					}
				}
			}
		})
	}
}

// TestCase37Lenient: the second half of case 37 asks for a lenient reading, which
// is for a profile to grant.
func TestCase37Lenient(t *testing.T) {
	p, err := validate.ParseProfile([]byte("profile: lenient\nadjust: [{at: OBX-2, severity: W}]"))
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"MED", ""} {
		r := check(validate.Options{Profile: p}, order("2.5.1", "OBX|8|"+typ+"|1^x||20090505||||||F"))
		if !r.OK() || r.Count(validate.Warning) != 1 {
			t.Error(r.Findings)
		}
	}
}
