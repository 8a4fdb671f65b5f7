package hl7_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/ponshealth/pons/hl7"
)

const exampleResult = "MSH|^~\\&|LAB|HOSPITAL|EHR|HOSPITAL|20260101120000||ORU^R01^ORU_R01|4711|P|2.5.1\r" +
	"PID|1||100001^^^HOSPITAL^MR~200002^^^INSURER^NI||EXAMPLE^ANNA^MARIA||19800101|F|\"\"\r" +
	"OBR|1|||718-7^Hemoglobin^LN\r" +
	"OBX|1|NM|718-7^Hemoglobin^LN||13.5|g/dL|12-16|N|||F\r" +
	"OBX|2|TX|8251-1^Comment^LN||Tom \\T\\ Jerry\\.br\\second line||||||F\r"

func example() *hl7.Message {
	m, err := hl7.Parse([]byte(exampleResult))
	if err != nil {
		panic(err)
	}
	return m
}

func ExampleParse() {
	m, err := hl7.Parse([]byte(exampleResult))
	if err != nil {
		fmt.Println(err) // a place and a rule, never data
		return
	}
	h := m.Header()
	fmt.Println(h.Type, h.Event, h.ControlID, h.Version)
	for s := range m.Segments() {
		fmt.Print(s.Name(), " ")
	}
	// Output:
	// ORU R01 4711 2.5.1
	// MSH PID OBR OBX OBX
}

func ExampleParse_refused() {
	_, err := hl7.Parse([]byte("MSH|^^^^|LAB"))
	fmt.Println(err)
	// Output: hl7: MSH-2: an encoding character is used twice
}

func ExampleMessage_Get() {
	m := example()
	fmt.Println(m.Get("PID-5.1"))
	fmt.Println(m.Get("PID-3[2].4"))
	fmt.Println(m.Get("OBX(2)-5"))
	// Output:
	// EXAMPLE
	// INSURER
	// Tom & Jerry
	// second line
}

func ExampleMessage_All() {
	for obx := range example().All("OBX") {
		fmt.Printf("%s: %q\n", obx.Field(3).Component(2), obx.Field(5).Text())
	}
	// Output:
	// Hemoglobin: "13.5"
	// Comment: "Tom & Jerry\nsecond line"
}

func ExampleMessage_At() {
	m := example()
	path, err := hl7.ParsePath("PID-3[1]")
	if err != nil {
		panic(err)
	}
	for n := 1; !m.At(path).Empty(); n++ {
		fmt.Println(path, m.At(path).String())
		path.Rep = n + 1
	}
	// Output:
	// PID-3[1] 100001
	// PID-3[2] 200002
}

func ExampleValue() {
	pid, _ := example().First("PID")
	for n, id := range pid.Field(3).EachRep() {
		fmt.Println(n, id.Component(1), "of", id.Component(4).Sub(1))
	}
	fmt.Println("alias to be deleted:", pid.Field(9).Null())
	fmt.Println("race said:", pid.Field(10).Valued())
	// Output:
	// 1 100001 of HOSPITAL
	// 2 200002 of INSURER
	// alias to be deleted: true
	// race said: false
}

func ExampleSegment_Leaves() {
	pid, _ := example().First("PID")
	for place, v := range pid.Leaves() {
		if place.Field == 5 {
			fmt.Println(place, v)
		}
	}
	// Output:
	// PID-5[1].1.1 EXAMPLE
	// PID-5[1].2.1 ANNA
	// PID-5[1].3.1 MARIA
}

func ExampleAck() {
	answer := hl7.Ack(example(), hl7.AckOptions{
		Code:      "AE",
		ControlID: "9001",
		Time:      time.Date(2026, 1, 1, 12, 0, 1, 0, time.UTC),
		Errors:    []hl7.AckError{{At: "PID-7", Code: 102, Text: "not a date"}},
	})
	fmt.Println(strings.ReplaceAll(string(answer), "\r", "\n"))
	// Output:
	// MSH|^~\&|EHR|HOSPITAL|LAB|HOSPITAL|20260101120001+0000||ACK^R01^ACK|9001|P|2.5.1
	// MSA|AE|4711
	// ERR||PID^1^7|102^Data type error^HL70357|E||||not a date
}

func ExampleParseAck() {
	r, err := hl7.ParseAck([]byte("MSH|^~\\&|EHR|||||ACK|9001|P|2.5\rMSA|AR|4711\rERR||MSH^1^12|203^Unsupported version id^HL70357|E"))
	fmt.Println(r.Accepted(), r.Code, r.ControlID, r.Errors[0].At, r.Errors[0].Code, err)
	// Output: false AR 4711 MSH(1)-12 203 <nil>
}

func ExampleDecode() {
	raw := []byte("MSH|^~\\&|A||||||ACK|1|P|2.5||||||8859/1\rNTE|1||caf\xe9")
	text, charset, err := hl7.Decode(raw, "windows-1252")
	if err != nil {
		panic(err)
	}
	m, err := hl7.Parse(text)
	if err != nil {
		panic(err)
	}
	fmt.Println(m.Get("NTE-3"), charset)
	// Output: café 8859/1
}

func ExampleSplit() {
	file := "BHS|^~\\&|A\nMSH|^~\\&|A||||||ADT^A01|1\nPID|1\nMSH|^~\\&|A||||||ADT^A01|2\nPID|1\nBTS|2\n"
	for _, piece := range hl7.Split([]byte(file)) {
		m, err := hl7.Parse(piece)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(m.Get("MSH-10"), m.Len())
	}
	// Output:
	// 1 2
	// 2 2
}

func ExampleEscape() {
	text := hl7.Escape("Tom & Jerry | 5^2\n", hl7.Standard)
	fmt.Println(text)
	fmt.Printf("%q\n", hl7.Unescape([]byte(text), hl7.Standard))
	// Output:
	// Tom \T\ Jerry \F\ 5\S\2\X0A\
	// "Tom & Jerry | 5^2\n"
}
