package mapping_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mapping"
)

// admission is an ADT^A01 of about 1 KB.
const admission = "MSH|^~\\&|PAS|RXX|PONS|RXX|20250413093000+0100||ADT^A01^ADT_A01|MSG001|P|2.5.1|||AL|NE\r" +
	"EVN|A01|20250413093000+0100|||C123^Clerk^Carla^^^Ms|20250413092500+0100\r" +
	"PID|1||9000000009^^^NHS^NH~4711^^^RXX^MR||Smith^John^Paul^^Mr^^L||19850315|M|||42 High Street^Flat 2^Manchester^Lancashire^M1 1AA^GBR^H~1 Low Road^^Leeds^^LS1 1AA^GBR^BI||^PRN^PH^^44^161^4960000~^NET^Internet^john.smith@example.org|^WPN^PH^^44^161^4960001|en^English^ISO639|M^Married^HL70002|CHR^Christian^HL70006|ACC77^^^RXX^AN|||||||||||N\r" +
	"PD1|||Central Surgery^L^P81001^^^ODS|G123^Good^Gloria^^^Dr^^^GMC\r" +
	"NK1|1|Smith^Jane^^^Mrs|SPO^Spouse^HL70063|42 High Street^^Manchester^^M1 1AA^GBR|^PRN^PH^^44^161^4960000\r" +
	"PV1|1|I|Ward7^Room2^Bed12^RXX||||12345^Jones^Sarah^^^Dr^^^GMC|67890^Refer^Rita^^^Dr^^^GMC||MED||||7|||12345^Jones^Sarah^^^Dr^^^GMC|IP|V0001^^^RXX^VN|||||||||||||||||||||||||20250413092500+0100\r" +
	"PV2|||R07.9^Chest pain^I10\r" +
	"AL1|1|DA^Drug allergy^HL70127|372687004^Amoxicillin^SCT|SV^Severe^HL70128|Rash|20100501\r" +
	"DG1|1||I21.9^Acute myocardial infarction^I10||20250413|A\r"

// results is an ORU^R01 of about 40 KB.
func results() string {
	var b strings.Builder
	b.WriteString("MSH|^~\\&|LAB|RXX|PONS|RXX|20250413120000+0100||ORU^R01^ORU_R01|LAB001|P|2.5.1\r" +
		"PID|1||9000000009^^^NHS^NH||Smith^John^Paul||19850315|M\r" +
		"PV1|1|I|Ward7^Room2^Bed12^RXX||||12345^Jones^Sarah^^^Dr^^^GMC\r")
	for i := 1; b.Len() < 40_000; i++ {
		if i%20 == 1 {
			fmt.Fprintf(&b, "ORC|RE|P%d^PAS|F%d^LAB\rOBR|%d|P%d^PAS|F%d^LAB|24323-8^Comprehensive metabolic panel^LN|||20250413100000+0100|||||||||12345^Jones^Sarah^^^Dr||||||20250413115900+0100|||F\r", i, i, i, i, i)
		}
		fmt.Fprintf(&b, "OBX|%d|NM|2345-7^Glucose^LN||%d.%d|mmol/L^millimole per litre^UCUM|3.9-5.8|H|||F|||20250413101500+0100\r", i, i%30, i%10)
	}
	return b.String()
}

func benchmark(b *testing.B, text string) {
	benchmarkOf(b, text, (*mapping.Mapper).Convert)
}

// deliver is what the pipeline does: nobody stores where an element came from.
func deliver(b *testing.B, text string) {
	benchmarkOf(b, text, func(m *mapping.Mapper, msg *hl7.Message) (*mapping.Result, error) { return m.ConvertKnown(msg, nil) })
}

func benchmarkOf(b *testing.B, text string, with func(*mapping.Mapper, *hl7.Message) (*mapping.Result, error)) {
	m, err := mapping.New(mapping.Options{Namespaces: nhs, IDKey: []byte("a key for benchmarks")})
	if err != nil {
		b.Fatal(err)
	}
	raw := []byte(text)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		msg, err := hl7.Parse(raw)
		if err != nil {
			b.Fatal(err)
		}
		res, err := with(m, msg)
		if err != nil {
			b.Fatal(err)
		}
		if out, err = r4.AppendJSON(out[:0], res.Bundle); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

func BenchmarkAdmission(b *testing.B) { benchmark(b, admission) }

func BenchmarkResults(b *testing.B) { benchmark(b, results()) }

func BenchmarkDeliverAdmission(b *testing.B) { deliver(b, admission) }

func BenchmarkDeliverResults(b *testing.B) { deliver(b, results()) }

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := mapping.New(mapping.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
