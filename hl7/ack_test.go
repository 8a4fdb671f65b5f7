package hl7_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

var answered = time.Date(2026, 3, 4, 5, 6, 7, 89_000_000, time.FixedZone("", 2*3600))

// TestAck gives the whole answer for each shape that the versions know.
func TestAck(t *testing.T) {
	missing := []hl7.AckError{
		{At: "PID-3[2].4.1", Code: 101, Text: "who issued the number?"},
		{At: "OBX(3)-5", Code: 102, Severity: "W"},
	}
	const header = "MSH|^~\\&|SND^1.2^ISO|F\\T\\F|RCV|RF|20260101||ADT^A01^ADT_A01|a\\F\\1|P^A|"
	const back = "MSH|^~\\&|RCV|RF|SND^1.2^ISO|F\\T\\F|20260304050607+0200||"
	for _, c := range []struct {
		name, in string
		o        hl7.AckOptions
		want     string
	}{
		{"accept", header + "2.5.1^USA", hl7.AckOptions{Code: "AA", ControlID: "77"},
			back + "ACK^A01^ACK|77|P^A|2.5.1^USA\rMSA|AA|a\\F\\1\r"},
		{"commit accept", header + "2.7||||AL|NE", hl7.AckOptions{Code: "CA", ControlID: "77"},
			back + "ACK^A01^ACK|77|P^A|2.7\rMSA|CA|a\\F\\1\r"},
		{"character set", header + "2.5.1||||||8859/1", hl7.AckOptions{Code: "AA", ControlID: "77", Charset: "UNICODE UTF-8"},
			back + "ACK^A01^ACK|77|P^A|2.5.1||||||UNICODE UTF-8\rMSA|AA|a\\F\\1\r"},
		{"errors of 2.5", header + "2.5", hl7.AckOptions{Code: "AE", ControlID: "77", Errors: missing},
			back + "ACK^A01^ACK|77|P^A|2.5\rMSA|AE|a\\F\\1\r" +
				"ERR||PID^1^3^2^4^1|101^Required field missing^HL70357|E||||who issued the number?\r" +
				"ERR||OBX^3^5|102^Data type error^HL70357|W\r"},
		{"errors of 2.9", header + "2.9", hl7.AckOptions{Code: "AR", ControlID: "77", Errors: []hl7.AckError{
			{At: "MSH-12", Code: 203, Severity: "F", Text: "a|b^c"}, {At: "MSH-9.1", Code: 200}, {Text: "no place"}, {At: "PID", Code: 100}}},
			back + "ACK^A01^ACK|77|P^A|2.9\rMSA|AR|a\\F\\1\r" +
				"ERR||MSH^1^12|203^Unsupported version id^HL70357|F||||a\\F\\b\\S\\c\r" +
				"ERR||MSH^1^9^1^1|200^Unsupported message type^HL70357|E\r" +
				"ERR|||207^Application internal error^HL70357|E||||no place\r" +
				"ERR||PID^1|100^Segment sequence error^HL70357|E\r"},
		{"errors of 2.4", header + "2.4", hl7.AckOptions{Code: "AE", ControlID: "77", Errors: missing},
			back + "ACK^A01^ACK|77|P^A|2.4\rMSA|AE|a\\F\\1|who issued the number?\r" +
				"ERR|PID^1^3^101&Required field missing&HL70357~OBX^3^5^102&Data type error&HL70357\r"},
		{"2.3.1", header + "2.3.1", hl7.AckOptions{Code: "AA", ControlID: "77"},
			back + "ACK^A01^ACK|77|P^A|2.3.1\rMSA|AA|a\\F\\1\r"},
		{"2.3", header + "2.3", hl7.AckOptions{Code: "AA", ControlID: "77"},
			back + "ACK^A01|77|P^A|2.3\rMSA|AA|a\\F\\1\r"},
		{"2.1", header + "2.1", hl7.AckOptions{Code: "AA", ControlID: "77"},
			"MSH|^~\\&|RCV|RF|SND^1.2^ISO|F\\T\\F|20260304050607||ACK^A01|77|P^A|2.1\rMSA|AA|a\\F\\1\r"},
		{"no code is no acceptance", header + "2.5", hl7.AckOptions{ControlID: "77"},
			back + "ACK^A01^ACK|77|P^A|2.5\rMSA|AE|a\\F\\1\r"},
		{"no control id of its own", header + "2.5", hl7.AckOptions{Code: "AA"},
			back + "ACK^A01^ACK|20260304030607089000|P^A|2.5\rMSA|AA|a\\F\\1\r"},
		{"nothing to repeat", "MSH|^~\\&|A", hl7.AckOptions{Code: "AR", ControlID: "77", Errors: []hl7.AckError{{At: "MSH-10", Code: 101}}},
			"MSH|^~\\&|||A||20260304050607+0200||ACK|77\rMSA|AR\rERR||MSH^1^10|101^Required field missing^HL70357|E\r"},
		{"own delimiters", "MSH*:+?!*A*B*C*D***ADT:A04*1*P*2.5*", hl7.AckOptions{Code: "AE", ControlID: "7*7", Errors: []hl7.AckError{{At: "PID-3", Code: 101, Text: "1+1"}}},
			"MSH*:+?!*C*D*A*B*20260304050607?R?0200**ACK:A04:ACK*7?F?7*P*2.5\rMSA*AE*1\r" +
				"ERR**PID:1:3*101:Required field missing:HL70357*E****1?R?1\r"},
		{"few delimiters", "MSH|^|A||||||ADT^A01|1|P|2.4", hl7.AckOptions{Code: "AE", ControlID: "77", Errors: missing},
			"MSH|^|||A||20260304050607+0200||ACK^A01^ACK|77|P|2.4\rMSA|AE|1|who issued the number?\rERR|PID^1^3^101\r"},
		{"truncation", "MSH|^~\\&#|A||||||ADT^A01|1|P|2.7", hl7.AckOptions{Code: "AA", ControlID: "#7"},
			"MSH|^~\\&#|||A||20260304050607+0200||ACK^A01^ACK|\\P\\7|P|2.7\rMSA|AA|1\r"},
		{"a header that a line break has torn", "MSH|^~\\&|A\n\x0b\x1c||||||ADT^A01|1\\F\\\rx|P|2.4", hl7.AckOptions{Code: "AA", ControlID: "7"},
			"MSH|^~\\&|||A\\X0A\\\\X0B\\\\X1C\\||20260304050607+0200||ACK^A01^ACK|7|P|2.4\rMSA|AA|1\\F\\\\X0D\\x\r"},
	} {
		c.o.Time = answered
		if got := string(hl7.Ack(parse(t, c.in), c.o)); got != c.want {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
}

// TestAckOfNothing: what is not HL7 is rejected, MSA-2 stays empty.
func TestAckOfNothing(t *testing.T) {
	got := string(hl7.Ack(nil, hl7.AckOptions{Time: answered, ControlID: "1", Errors: []hl7.AckError{{At: "MSH", Code: 100}}}))
	want := "MSH|^~\\&|||||20260304050607+0200||ACK|1|P|2.5.1\rMSA|AR\rERR||MSH^1|100^Segment sequence error^HL70357|E\r"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestAckIsRead: what Ack writes, ParseAck reads, in every version.
func TestAckIsRead(t *testing.T) {
	errors := []hl7.AckError{{At: "PID-3", Code: 101, Text: "first"}, {At: "OBX(3)-5", Code: 103, Text: "second"}}
	for _, version := range []string{"", "2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.8.2", "2.9", "x"} {
		m := parse(t, "MSH|^~\\&|A||||||ADT^A01|a\\T\\1|P|"+version)
		for _, code := range []string{"AA", "AE", "AR", "CA", "CE", "CR"} {
			r, err := hl7.ParseAck(hl7.Ack(m, hl7.AckOptions{Code: code, Time: answered, Errors: errors}))
			if err != nil || r.Code != code || r.ControlID != "a\\T\\1" || r.Text != "first" || len(r.Errors) != 2 ||
				r.Errors[0].At != "PID(1)-3" || r.Errors[1].At != "OBX(3)-5" || r.Errors[1].Code != 103 ||
				r.Accepted() != (code == "AA" || code == "CA") {
				t.Errorf("%q %s: %+v, %v", version, code, r, err)
			}
		}
	}
}

func TestParseAck(t *testing.T) {
	const msh = "MSH|^~\\&|A|B|C|D|20260101||ACK|9|P|2.5\r"
	for text, want := range map[string]hl7.AckReply{
		msh + "MSA|AA|1":                    {Code: "AA", ControlID: "1"},
		msh + "MSA|AE|1|bad \\T\\ ugly":     {Code: "AE", ControlID: "1", Text: "bad & ugly"},
		msh + "MSA|AE\rERR|PID^1^5^102":     {Code: "AE", Errors: []hl7.AckError{{At: "PID(1)-5", Code: 102}}},
		msh + "MSA|AR|1\rERR|||207|F|||why": {Code: "AR", ControlID: "1", Text: "why", Errors: []hl7.AckError{{Code: 207, Severity: "F", Text: "why"}}},
		msh + "MSA|CE|1\rERR||PID^1^3^1^4^2~PID^1^5|101^Missing^HL70357|E": {Code: "CE", ControlID: "1", Text: "Missing",
			Errors: []hl7.AckError{{At: "PID(1)-3[1].4.2", Code: 101, Severity: "E", Text: "Missing"}}},
		msh + "SFT|x\rMSA|AA|1\rQAK|1|OK": {Code: "AA", ControlID: "1"},
	} {
		got, err := hl7.ParseAck([]byte(text))
		if err != nil || got.Code != want.Code || got.ControlID != want.ControlID || got.Text != want.Text || !slices.Equal(got.Errors, want.Errors) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "AA", "MSA|AA|1", msh, msh + "MSA", msh + "MSA|", msh + "MSA|OK|1", msh + "MSA|aa|1", msh + "MSA|AAA|1"} {
		if r, err := hl7.ParseAck([]byte(text)); err == nil || r.Accepted() {
			t.Errorf("%q is taken for %+v", text, r)
		}
	}
}

// TestAckKeepsSecrets: no answer carries more of the message than its header.
func TestAckKeepsSecrets(t *testing.T) {
	m := parse(t, "MSH|^~\\&|A||||||ADT^A01|1|P|2.5||||||SECRET\rPID|SECRET|SECRET~SECRET\rSECRET")
	got := string(hl7.Ack(m, hl7.AckOptions{Code: "AE", Time: answered, Errors: []hl7.AckError{{At: "PID-2[2]", Code: 102}}}))
	if strings.Contains(got, "SECRET") {
		t.Error(got)
	}
}
