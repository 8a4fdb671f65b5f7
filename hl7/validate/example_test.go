package validate_test

import (
	"fmt"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/hl7/validate"
)

func ExampleValidator_Bytes() {
	report := validate.New(validate.Options{}).Bytes([]byte("MSH|^~\\&|PAS||PONS||20260102||ADT^A01^ADT_A01|1|P|2.5.1\r" +
		"EVN||20260102\rPID|1||4711^^^RIVERSIDE^MR||Example^Edith||1985-03-15\rPV1|1|I\r"))
	for _, f := range report.Findings {
		fmt.Println(f.Severity, f.At, f.Code)
	}
	fmt.Println(report.Type, report.Structure, report.OK())
	// Output:
	// E PID-7.1 102
	// ADT^A01 ADT_A01 false
}

func ExampleParseProfile() {
	profile, err := validate.ParseProfile([]byte(`
profile: riverside
segments:
  PID:
    fields:
      3.1: {name: MRN, pattern: '[0-9]{6}'}
adjust:
  - {rule: segment-missing, at: EVN, severity: W}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	m, _ := hl7.Parse([]byte("MSH|^~\\&|PAS||PONS||20260102||ADT^A01^ADT_A01|1|P|2.5.1\rPID|1||4711^^^RIVERSIDE^MR||Example^Edith\rPV1|1|I\r"))
	for _, f := range validate.New(validate.Options{Profile: profile}).Message(m).Findings {
		fmt.Println(f)
	}
	// Output:
	// W EVN 100 the segment is required here and missing
	// E PID-3.1 102 MRN: not in the form that is agreed on
}

func ExampleReport_AckErrors() {
	m, _ := hl7.Parse([]byte("MSH|^~\\&|PAS||PONS||20260102||ADT^A01^ADT_A01|7|P|2.5.1\rEVN||20260102\rPID|1||4711||Example\rPV1|1\r"))
	report := validate.New(validate.Options{}).Message(m)
	answer := hl7.Ack(m, hl7.AckOptions{Code: "AE", ControlID: "8", Time: time.Unix(0, 0).UTC(), Errors: report.AckErrors(validate.Error)})
	reply, _ := hl7.ParseAck(answer)
	fmt.Println(reply.Code, reply.ControlID, reply.Errors[0].At, reply.Errors[0].Code)
	// Output:
	// AE 7 PV1(1)-2 101
}
