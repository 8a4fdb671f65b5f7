package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// total counts the resources of a type.
func (e *engine) total(typ string) int {
	e.t.Helper()
	var b bundle
	if status := e.get("/fhir/"+typ+"?_summary=count", &b); status != http.StatusOK {
		e.t.Fatalf("count of %s: %d", typ, status)
	}
	return b.Total
}

// waiting is the number of messages that are not settled.
func (e *engine) waiting() int {
	e.t.Helper()
	n := e.messages()
	return n["received"] + n["claimed"] + n["retrying"]
}

// messages counts the messages by state.
func (e *engine) messages() map[string]int {
	e.t.Helper()
	var health struct{ Messages map[string]int }
	if status := e.get("/healthz", &health); status != http.StatusOK || len(health.Messages) == 0 {
		e.t.Fatalf("/healthz: %d, %v", status, health.Messages)
	}
	return health.Messages
}

// seed is a plain admission; what must become of it is what HL7 v2.5 chapter 3 says of
// its fields, mapped by the guide rows of PID[Patient] and PV1[Encounter].
const seed = `MSH|^~\&|SENDING_APP|SENDING_FAC|RECV_APP|RECV_FAC|20250413093000||ADT^A01|MSG001|P|2.5
EVN|A01|20250413093000
PID|1||9000000009^^^NHS^NH||Smith^John^Paul||19850315|M|||42 High Street^^Manchester^^M1 1AA^GBR|||||||||||||||
PV1|1|I|Ward7^Bed12^Room2||||12345^Jones^Sarah^Dr^MD|||MED||||ADM|||||||||||||||||||||||||20250413|||`

func TestSeedMessage(t *testing.T) {
	e := start(t, t.TempDir())
	s, err := dial(e.mllp)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.send(strings.ReplaceAll(seed, "\n", "\r"))
	if err != nil {
		t.Fatal(err)
	}
	if code, err := ackCode(answer, "MSG001"); err != nil || code != "AA" {
		t.Fatalf("answer %q (%v), want AA for MSG001", code, err)
	}
	e.eventually("delivered", func() bool { return len(e.patients(nhs, "9000000009").Entry) == 1 })
	patient := e.patients(nhs, "9000000009").Entry[0].Resource
	for path, want := range map[string]string{
		"name.0.family": "Smith", "name.0.given.0": "John", "name.0.given.1": "Paul",
		"birthDate": "1985-03-15", "gender": "male",
		"address.0.line.0": "42 High Street", "address.0.city": "Manchester",
		"address.0.postalCode": "M1 1AA", "address.0.country": "GBR",
	} {
		if got := at(patient, path); got != want {
			t.Errorf("Patient.%s = %v, want %s", path, got, want)
		}
	}
	var encounters bundle
	e.get("/fhir/Encounter?patient=Patient/"+patient["id"].(string), &encounters)
	if len(encounters.Entry) != 1 {
		t.Fatalf("%d encounters of the patient, want 1", len(encounters.Entry))
	}
	encounter := encounters.Entry[0].Resource
	if got := at(encounter, "class.code"); got != "IMP" {
		t.Errorf("Encounter.class = %v, want IMP", got)
	}
	e.checkAttender(encounter)
	e.checkLocations(encounter)
	e.stop()
}

// checkAttender wants Jones as a participant of type ATND (PV1[Encounter]#14).
func (e *engine) checkAttender(encounter map[string]any) {
	participants, _ := encounter["participant"].([]any)
	for _, p := range participants {
		if at(p, "type.0.coding.0.code") != "ATND" {
			continue
		}
		var practitioner map[string]any
		ref, _ := at(p, "individual.reference").(string)
		if status := e.get("/fhir/"+ref, &practitioner); status != http.StatusOK {
			e.t.Fatalf("attender %s: %d", ref, status)
		}
		if got := at(practitioner, "name.0.family"); got != "Jones" {
			e.t.Errorf("attender is called %v, want Jones", got)
		}
		return
	}
	e.t.Error("the encounter has no attender")
}

// checkLocations wants the chain that PL[Location] makes of the components
// point of care, room and bed: bed part of room part of ward.
func (e *engine) checkLocations(encounter map[string]any) {
	ref, _ := at(encounter, "location.0.location.reference").(string)
	for _, want := range []string{"Room2", "Bed12", "Ward7"} { // PL.3 bed, PL.2 room, PL.1 point of care, as sent
		var location map[string]any
		if status := e.get("/fhir/"+ref, &location); status != http.StatusOK {
			e.t.Fatalf("location %s for %s: %d", ref, want, status)
		}
		if at(location, "identifier.0.value") != want && at(location, "name") != want {
			e.t.Errorf("location is %v, want %s", location, want)
		}
		ref, _ = at(location, "partOf.reference").(string)
	}
}

// at follows a dotted path through JSON; a number is an index.
func at(v any, path string) any {
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}
