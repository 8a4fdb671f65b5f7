package hl7_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

// admission1K is an admission of about 1 KB, report40K a report of about 40 KB.
var (
	admission1K = []byte("MSH|^~\\&|ADT1|GOOD HEALTH HOSPITAL|RECEIVER|FAC|20260101120000||ADT^A01^ADT_A01|MSG00001|P|2.5.1\r" +
		"EVN|A01|20260101120000||||20260101115500\r" +
		"PID|1||PATID1234^5^M11^ADT1^MR^HOSP~123456789^^^USSSA^SS||EVERYWOMAN^EVE^E^^^^L||19610615|F||2106-3|2222 HOME STREET^^GREENSBORO^NC^27401-1020^USA^H||(555)555-2004^PRN^PH|(555)555-2004^WPN^PH||S||PATID12345001^2^M10^ADT1^AN^A|444333333|987654^NC\r" +
		"NK1|1|NUCLEAR^NELDA^W|SPO^SPOUSE|2222 HOME STREET^^GREENSBORO^NC^27401-1020|(555)555-2005|||||||||||||||||||||||||||\r" +
		"PV1|1|I|2000^2012^01^HOSP||||004777^ATTEND^AARON^A^^DR|004778^REFER^RALPH^R^^DR||SUR||||ADM|A0||004777^ATTEND^AARON^A|IP|V1001^^^HOSP^VN|||||||||||||||||||||||||20260101113000\r" +
		"AL1|1|DA|^PENICILLIN|SV|RASH~HIVES|20200101\r" +
		"DG1|1|I10|I21.9^Acute myocardial infarction, unspecified^I10|INFARCTION|20260101|A\r" +
		"IN1|1|PLAN1^STANDARD|5555^^^INS|BLUE \\T\\ GREEN INSURANCE|1 MAIN ST^^GREENSBORO^NC|||||||||||EVERYWOMAN^EVE|SELF|19610615\r")
	report40K = []byte("MSH|^~\\&|LAB|HOSP|EHR|HOSP|20260101||ORU^R01^ORU_R01|R1|P|2.5.1\rPID|1||4711^^^HOSP^MR||TEST^ANNA\rOBR|1||F1|24323-8^CMP^LN\r" +
		strings.Repeat("OBX|1|NM|2345-7^Glucose [Mass/volume] in Serum or Plasma^LN||95|mg/dL^milligram per deciliter^UCUM|70-99|N|||F|||20260101083000\r", 310))
)

// places are twenty fields that an admission is usually asked for.
var places = []string{
	"MSH-3", "MSH-7", "MSH-9.2", "MSH-10", "MSH-12", "EVN-2", "PID-3.1", "PID-3.4", "PID-3[2].1", "PID-5.1",
	"PID-5.2", "PID-7", "PID-8", "PID-11.3", "PID-11.5", "PV1-2", "PV1-3.1", "PV1-7.2", "PV1-19.1", "DG1-3.1",
}

func BenchmarkParse(b *testing.B) {
	for name, text := range map[string][]byte{"adt1K": admission1K, "oru40K": report40K} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := hl7.Parse(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkTwentyFields locates and reads twenty fields of a parsed message.
func BenchmarkTwentyFields(b *testing.B) {
	m, err := hl7.Parse(admission1K)
	if err != nil {
		b.Fatal(err)
	}
	paths := make([]hl7.Path, len(places))
	for i, s := range places {
		if paths[i], err = hl7.ParsePath(s); err != nil || m.At(paths[i]).String() == "" {
			b.Fatal(s, " is not there: ", err)
		}
	}
	b.Run("At", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, p := range paths {
				_ = m.At(p).String()
			}
		}
	})
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, p := range places {
				_ = m.Get(p)
			}
		}
	})
}

// BenchmarkWalk parses and visits every subcomponent, level by level and leaf by leaf.
func BenchmarkWalk(b *testing.B) {
	for how, walk := range map[string]func(*hl7.Message) int{"levels": walkLevels, "leaves": walkLeaves} {
		for name, text := range map[string][]byte{"adt1K": admission1K, "oru40K": report40K} {
			b.Run(how+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					m, err := hl7.Parse(text)
					if err != nil {
						b.Fatal(err)
					}
					if walk(m) == 0 {
						b.Fatal("nothing there")
					}
				}
			})
		}
	}
}

func walkLevels(m *hl7.Message) (size int) {
	for s := range m.Segments() {
		for _, f := range s.EachField() {
			for _, r := range f.EachRep() {
				for _, c := range r.EachComponent() {
					for _, v := range c.EachSub() {
						size += len(v.Raw())
					}
				}
			}
		}
	}
	return size
}

func walkLeaves(m *hl7.Message) (size int) {
	for s := range m.Segments() {
		for _, v := range s.Leaves() {
			size += len(v.Raw())
		}
	}
	return size
}

// BenchmarkBaseline cuts the same messages with bytes.Split, level by level: what
// a parser without escapes, numbers or delimiters of its own would do.
func BenchmarkBaseline(b *testing.B) {
	for name, text := range map[string][]byte{"adt1K": admission1K, "oru40K": report40K} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if splitAll(text) == 0 {
					b.Fatal("nothing there")
				}
			}
		})
	}
}

func splitAll(text []byte) (size int) {
	for _, s := range bytes.Split(text, []byte("\r")) {
		for _, f := range bytes.Split(s, []byte("|")) {
			for _, r := range bytes.Split(f, []byte("~")) {
				for _, c := range bytes.Split(r, []byte("^")) {
					for _, v := range bytes.Split(c, []byte("&")) {
						size += len(v)
					}
				}
			}
		}
	}
	return size
}

func BenchmarkUnescape(b *testing.B) {
	for _, text := range []string{"BLUE GREEN INSURANCE", "BLUE \\T\\ GREEN\\.br\\INSURANCE"} {
		b.Run(fmt.Sprint(strings.Contains(text, "\\")), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = hl7.Unescape([]byte(text), hl7.Standard)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	latin := bytes.Replace(admission1K, []byte("EVERYWOMAN"), []byte("\xc9VERYWOMAN"), 1)
	for name, text := range map[string][]byte{"ascii": admission1K, "windows-1252": latin} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := hl7.Decode(text, "windows-1252"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAck(b *testing.B) {
	m, err := hl7.Parse(admission1K)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_ = hl7.Ack(m, hl7.AckOptions{Code: "AA", Time: answered, ControlID: "1"})
	}
}
