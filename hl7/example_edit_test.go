package hl7_test

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/ponshealth/pons/hl7"
)

// show prints segments a line each.
func show(b []byte) { fmt.Print(strings.ReplaceAll(string(b), "\r", "\n")) }

func ExampleEdit() {
	e := hl7.Edit(example())
	e.Set("PID-5.2", "Anne & Marie").Set("PID-3[3].1", "300003").Set("PID-7", hl7.Null)
	e.Insert(2, "PV1|1|I").Set("3.1", "WARD 7")
	e.Remove(e.Len() - 1)
	b, err := e.Bytes()
	if err != nil {
		fmt.Println(err) // a place and a rule, never data
		return
	}
	show(b)
	// Output:
	// MSH|^~\&|LAB|HOSPITAL|EHR|HOSPITAL|20260101120000||ORU^R01^ORU_R01|4711|P|2.5.1
	// PID|1||100001^^^HOSPITAL^MR~200002^^^INSURER^NI~300003||EXAMPLE^Anne \T\ Marie^MARIA||""|F|""
	// PV1|1|I|WARD 7
	// OBR|1|||718-7^Hemoglobin^LN
	// OBX|1|NM|718-7^Hemoglobin^LN||13.5|g/dL|12-16|N|||F
}

func ExampleEditor_Copy() {
	from := example()
	pid, _ := from.First("PID")
	other, err := hl7.Parse([]byte("MSH$*!@?$LAB\rPID$1$"))
	if err != nil {
		panic(err)
	}
	b, err := hl7.Edit(other).Copy("PID-3", pid.Field(3)).Bytes()
	if err != nil {
		panic(err)
	}
	show(b)
	// Output:
	// MSH$*!@?$LAB
	// PID$1$$100001***HOSPITAL*MR!200002***INSURER*NI
}

func ExampleNew() {
	e := hl7.New(hl7.Head{
		Version: "2.5.1", Type: "ADT", Event: "A01", Structure: "ADT_A01", ControlID: "4712",
		SendingApp: hl7.HD{Namespace: "ADT"}, ReceivingApp: hl7.HD{Namespace: "EHR"},
		Time: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC),
	})
	e.Append("EVN").Set("2", "20260101120000")
	pid := e.Append("PID").Set("1", "1").Set("7", "19800101").Set("8", "F")
	pid.Put("3[1]", &hl7.CX{ID: "100001", Authority: hl7.HD{Namespace: "HOSPITAL"}, Type: "MR"})
	pid.Put("3[2]", &hl7.CX{ID: "200002", Authority: hl7.HD{Namespace: "INSURER"}, Type: "NI"})
	pid.Put("5", &hl7.XPN{Family: hl7.FN{Surname: "EXAMPLE"}, Given: "ANNA", Use: "L"})
	e.Append("PV1").Set("2", "I")
	b, err := e.Bytes()
	if err != nil {
		panic(err)
	}
	show(b)
	// Output:
	// MSH|^~\&|ADT||EHR||20260101120000+0000||ADT^A01^ADT_A01|4712|P|2.5.1
	// EVN||20260101120000
	// PID|1||100001^^^HOSPITAL^MR~200002^^^INSURER^NI||EXAMPLE^ANNA^^^^^L||19800101|F
	// PV1||I
}

func ExampleValue_CX() {
	pid, _ := example().First("PID")
	for _, rep := range pid.Field(3).EachRep() {
		id := rep.CX()
		fmt.Println(id.Type, id.ID, "by", id.Authority.Namespace)
	}
	// Output:
	// MR 100001 by HOSPITAL
	// NI 200002 by INSURER
}

func ExampleValue_Time() {
	birth, err := example().At(hl7.Path{Segment: "PID", Field: 7}).Time()
	if err != nil {
		panic(err)
	}
	_, zoned := birth.Zone()
	fmt.Println(birth.Start(nil).Format(time.DateOnly), birth.Precision() == hl7.PrecisionDay, zoned)
	// Output: 1980-01-01 true false
}

func ExampleMessage_Each() {
	for place, v := range example().Each(hl7.Path{Segment: "PID", Field: 3, Component: 5}) {
		fmt.Println(place, v)
	}
	// Output:
	// PID(1)-3[1].5 MR
	// PID(1)-3[2].5 NI
}

func ExampleFormatText() {
	const raw = `FINDINGS\.br\\.in2\no \T\ few\.br\small\.in\\.br\END`
	fmt.Println(hl7.FormatText([]byte(raw), hl7.Standard))
	// Output:
	// FINDINGS
	//   no & few
	//   small
	// END
}

func ExampleReader() {
	const file = "# two admissions\nBHS|^~\\&|A\nMSH|^~\\&|A||||||ADT^A01|1\nPID|1\n\n# the second\nMSH|^~\\&|A||||||ADT^A01|2\nPID|1\nBTS|3\n"
	r := hl7.NewReader(strings.NewReader(file))
	r.Comments = true
	for m, err := range r.Messages() {
		if err != nil {
			fmt.Println(err) // says which message; the next one is read all the same
			continue
		}
		fmt.Println(m.Get("MSH-10"), m.Len())
	}
	for _, w := range r.Warnings() {
		fmt.Println(w.At, w.Problem)
	}
	// Output:
	// 1 2
	// 2 2
	// BTS(1)-1 it is not the number of messages in the batch
}

func ExampleBatchWriter() {
	var file bytes.Buffer
	w := hl7.NewBatchWriter(&file)
	w.BeginBatch(hl7.BatchHead{ControlID: "B1"})
	w.WriteMessage([]byte("MSH|^~\\&|A||||||ADT^A01|1"))
	w.WriteMessage([]byte("MSH|^~\\&|A||||||ADT^A01|2"))
	if err := w.Close(); err != nil { // it keeps the first error
		panic(err)
	}
	show(file.Bytes())
	// Output:
	// BHS|^~\&|||||||||B1
	// MSH|^~\&|A||||||ADT^A01|1
	// MSH|^~\&|A||||||ADT^A01|2
	// BTS|2
}

func ExampleAssembler() {
	var a hl7.Assembler
	for _, text := range []string{
		"MSH|^~\\&|LAB||||||ORU^R01|1|P|2.5\rOBX|1|TX|||a long te\rADD\rDSC|next|F",
		"MSH|^~\\&|LAB||||||ORU^R01|2|P|2.5||next\rADD|xt\rOBX|2",
	} {
		m, err := hl7.Parse([]byte(text))
		if err != nil {
			panic(err)
		}
		whole, err := a.Add(m, time.Now())
		if err != nil {
			panic(err)
		}
		if whole == nil {
			fmt.Println("more has to come")
			continue
		}
		show(whole.Bytes())
	}
	// Output:
	// more has to come
	// MSH|^~\&|LAB||||||ORU^R01|1|P|2.5
	// OBX|1|TX|||a long text
	// OBX|2
}

func ExampleDiff() {
	old := example()
	changed, err := hl7.Edit(old).Set("PID-5.2", "ANNE").InsertRep("PID-3[1]").Set("PID-3[1]", "9").Set("MSH-10", "4712").Message()
	if err != nil {
		panic(err)
	}
	for _, d := range hl7.Diff(old, changed, hl7.Path{Segment: "MSH", Field: 10}) {
		fmt.Println(d) // no data; d.Old and d.New have it
	}
	// Output:
	// PID(1)-3[1] added
	// PID(1)-5.2 changed
}

func ExampleRedactor_Redact() {
	r := hl7.NewRedactor([]byte("keep this key with the data"))
	r.Keep = []hl7.Path{{Segment: "MSH"}}
	m, done, err := r.Redact(example())
	if err != nil {
		panic(err)
	}
	comment := m.At(hl7.Path{Segment: "OBX", Occurrence: 2, Field: 5})
	fmt.Println(m.Get("MSH-3"), m.Get("OBX-5"), m.Get("OBX-3.2"))
	fmt.Println(comment)
	fmt.Println(m.Get("PID-3") != "100001", len(m.Get("PID-3")), m.Get("PID-3.5"))
	fmt.Println(done[0].At, done[0].Action)
	// Output:
	// LAB 13.5 Hemoglobin
	// Xxx & Xxxxx
	// xxxxxx xxxx
	// true 6 MR
	// MSH(1)-3[1].1.1 kept
}

func ExampleHeader_WantsAccept() {
	m, err := hl7.Parse([]byte("MSH|^~\\&|A||||||ADT^A01|1|P|2.5|||AL|ER"))
	if err != nil {
		panic(err)
	}
	h := m.Header()
	if h.WantsAccept(true) {
		fmt.Println("at once:", hl7.AckAccepted.Code(true))
	}
	if !h.WantsApplication(true) {
		fmt.Println("later: nothing, all went well")
	}
	// Output:
	// at once: CA
	// later: nothing, all went well
}
