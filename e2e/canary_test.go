package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// canary stands for every value of a patient. It goes in wherever one could,
// and must come out nowhere but in the resources themselves.
const canary = "ZQXCANARY"

// TestNoPatientDataInLogsOrErrors feeds marked values through every way in and
// looks for them in the log, in answers to bad messages, in OperationOutcomes,
// and on the page that lists messages.
func TestNoPatientDataInLogsOrErrors(t *testing.T) {
	e := start(t, t.TempDir(), "--log-level", "debug")
	good := strings.NewReplacer("Kilroy", canary, "1 Long Lane", canary).Replace(admission("C1"))
	for name, m := range map[string]string{
		"good":              good,
		"bad birth date":    strings.Replace(good, "19700101", canary, 1),
		"no control id":     strings.Replace(good, "|C1|P", "||P", 1),
		"unsupported type":  strings.Replace(strings.Replace(good, "ADT^A01^ADT_A01", "BPS^O29", 1), "|C1|P", "|C2|P", 1),
		"query":             strings.Replace(strings.Replace(good, "ADT^A01^ADT_A01", "QRY^A19", 1), "|C1|P", "|C7|P", 1),
		"unknown version":   strings.Replace(good, "|C1|P|2.5", "|C3|P|9.9", 1),
		"bad processing id": strings.Replace(good, "|C1|P", "|C4|Q", 1),
		"not HL7":           canary + canary,
		"broken segment":    strings.Replace(strings.Replace(good, "|C1|P", "|C5|P", 1), "\rPV1|", "\r"+canary+"\rPV1|", 1),
		"bad result":        `MSH|^~\&|LAB|H|P|H|20260302||ORU^R01|C6|P|2.5` + "\rPID|1||" + canary + "^^^NHS^NH||" + canary + "\rOBR|1|||" + canary + "\rOBX|1|NM|" + canary + "||" + canary + "||||||" + canary + "\r",
	} {
		s, err := dial(e.mllp)
		if err != nil {
			t.Fatal(err)
		}
		if answer, err := s.send(m); err == nil && strings.Contains(answer, canary) {
			t.Errorf("%s: the answer quotes the message: %q", name, answer)
		}
		s.conn.Close()
	}
	// A frame that breaks off, and one that the sender begins anew.
	if s, err := dial(e.mllp); err == nil {
		s.conn.Write([]byte("\x0b" + good[:200]))
		s.conn.Close()
	}
	e.eventually("all settled", func() bool { return e.waiting() == 0 && e.messages()["dead"] > 0 })

	for name, r := range map[string]struct{ method, path, body string }{
		"wrong type":      {"POST", "/fhir/Patient", `{"resourceType":"Person","birthDate":"` + canary + `"}`},
		"unknown element": {"POST", "/fhir/Patient", `{"resourceType":"Patient","nonsense":"` + canary + `"}`},
		"bad date":        {"POST", "/fhir/Patient", `{"resourceType":"Patient","birthDate":"` + canary + `"}`},
		"not JSON":        {"POST", "/fhir/Patient", canary},
		"search value":    {"GET", "/fhir/Patient?birthdate=" + canary, ""},
		"search token":    {"GET", "/fhir/Patient?nonsense=" + canary, ""},
		"read":            {"GET", "/fhir/Patient/" + canary + "~", ""},
	} {
		req, err := http.NewRequest(r.method, e.http+r.path, strings.NewReader(r.body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/fhir+json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode < 400 {
			t.Errorf("%s: %d, want an error", name, resp.StatusCode)
		}
		if strings.Contains(string(body), canary) {
			t.Errorf("%s: the answer quotes the request: %s", name, body)
		}
	}

	resp, err := http.Get(e.http + "/ui/")
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(resp.Body)
	resp.Body.Close()
	if strings.Contains(string(page), canary) {
		t.Error("the list of messages shows patient data")
	}
	if log := e.log.String(); strings.Contains(log, canary) {
		for line := range strings.Lines(log) {
			if strings.Contains(line, canary) {
				t.Errorf("logged: %s", line)
			}
		}
	} else if !strings.Contains(log, "dead") {
		t.Error("the log does not tell of dead messages; this test would see nothing")
	}
}
