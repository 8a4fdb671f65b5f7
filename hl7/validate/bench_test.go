package validate_test

import (
	"os"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/validate"
)

// benchAdmission is an admission of 720 bytes without findings; benchReport a
// report of about 40 KB.
var (
	benchAdmission = strings.ReplaceAll(`MSH|^~\&|PAS|RIVERSIDE|PONS|RIVERSIDE|20260302081500||ADT^A01^ADT_A01|B1|P|2.5
EVN||20260302081500|||54321^Clerk^Ward|20260302081500
PID|1||0000000001^^^NHS^NH~R1^^^RIVERSIDE^MR||Load^Patient^One^^Ms^^L||19720214|F|||1 Harbour Street^^Leeds^^LS1 4AB^GBR^H||^PRN^PH^^44^113^0000001|^WPN^PH^^44^113^0000001||M||||||||||||||N
NK1|1|Load^Relative^One|SPO^Spouse^HL70063|1 Harbour Street^^Leeds^^LS1 4AB^GBR|^PRN^PH^^44^113^0000001
PV1|1|I|WARD1^ROOM1^BED1^RIVERSIDE||||1001^Attender^Anna^^^Dr|2001^Referrer^Rob^^^Dr||MED||||1|||1001^Attender^Anna^^^Dr||V1^^^RIVERSIDE^VN|||||||||||||||||||||||||20260302081500
AL1|1|DA|7980^Penicillin G^RXNORM|SV|Hives|20190611
DG1|1||J18.9^Pneumonia, unspecified organism^I10||20260302|A
`, "\n", "\r")
	benchReport = "MSH|^~\\&|LAB|RIVERSIDE|PONS|RIVERSIDE|20260302081500||ORU^R01^ORU_R01|B2|P|2.5\r" +
		"PID|1||0000000001^^^NHS^NH||Load^Patient||19720214|F\rORC|RE\rOBR|1|P1|F1|58410-2^CBC panel^LN|||20260302081500\r" +
		strings.Repeat("OBX|1|NM|718-7^Haemoglobin [Mass/volume] in Blood^LN||7.4|g/dL^gram per deciliter^UCUM|13.5-17.5|L|||F|||20260302074500||1001^Attender^Anna\r", 300)
)

func BenchmarkMessage(b *testing.B) {
	yaml, err := os.ReadFile("../../examples/profiles/riverside.yaml")
	if err != nil {
		b.Fatal(err)
	}
	profile, err := validate.ParseProfile(yaml)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name, text string
		o          validate.Options
	}{
		{"admission", benchAdmission, validate.Options{}},
		{"admission, to the structure", benchAdmission, validate.Options{Level: validate.Structure}},
		{"admission, with a profile", benchAdmission, validate.Options{Profile: profile}},
		{"report 40 KB", benchReport, validate.Options{}},
	} {
		b.Run(c.name, func(b *testing.B) {
			v := validate.New(c.o)
			m, err := hl7.Parse([]byte(c.text))
			if err != nil {
				b.Fatal(err)
			}
			v.Message(m)
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				v.Message(m)
			}
		})
	}
}
