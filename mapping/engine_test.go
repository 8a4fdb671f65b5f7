package mapping_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// seed is the admission that a new user sends first.
const seed = "MSH|^~\\&|SENDING_APP|SENDING_FAC|RECV_APP|RECV_FAC|20250413093000||ADT^A01|MSG001|P|2.5\r" +
	"EVN|A01|20250413093000\r" +
	"PID|1||9000000009^^^NHS^NH||Smith^John^Paul||19850315|M|||42 High Street^^Manchester^^M1 1AA^GBR|||||||||||||||\r" +
	"PV1|1|I|Ward7^Bed12^Room2||||12345^Jones^Sarah^Dr^MD|||MED||||ADM|||||||||||||||||||||||||20250413|||\r"

func TestSeed(t *testing.T) {
	res := mustConvert(t, newMapper(t), seed)
	for _, problem := range check(res) {
		t.Error(problem)
	}
	one := func(n int, what string) {
		if n != 1 {
			t.Fatalf("%d %ss, want one", n, what)
		}
	}
	patients := all[*r4.Patient](res)
	one(len(patients), "Patient")
	p := patients[0]
	if id := p.Identifier; len(id) != 1 || id[0].System != "https://fhir.nhs.uk/Id/nhs-number" || id[0].Value != "9000000009" {
		t.Errorf("identifiers %+v", id)
	}
	if n := p.Name; len(n) != 1 || n[0].Family != "Smith" || !slices.Equal(n[0].Given, []string{"John", "Paul"}) {
		t.Errorf("names %+v", n)
	}
	if p.BirthDate != "1985-03-15" || p.Gender != "male" {
		t.Errorf("born %s, %s", p.BirthDate, p.Gender)
	}
	if a := p.Address; len(a) != 1 || !slices.Equal(a[0].Line, []string{"42 High Street"}) || a[0].City != "Manchester" || a[0].PostalCode != "M1 1AA" || a[0].Country != "GBR" {
		t.Errorf("addresses %+v", a)
	}

	encounters := all[*r4.Encounter](res)
	one(len(encounters), "Encounter")
	e := encounters[0]
	if e.Class == nil || e.Class.Code != "IMP" || e.Class.System != "http://terminology.hl7.org/CodeSystem/v3-ActCode" || e.Status != "in-progress" {
		t.Errorf("class %+v, status %s", e.Class, e.Status)
	}
	if e.Subject == nil || e.Subject.Reference != "urn:uuid:"+p.ID {
		t.Errorf("subject %+v", e.Subject)
	}

	// PL.3 is the bed, PL.2 the room, PL.1 the point of care.
	places := map[string]*r4.Location{}
	for _, l := range all[*r4.Location](res) {
		places["urn:uuid:"+l.ID] = l
	}
	if len(e.Location) != 1 || e.Location[0].Location == nil {
		t.Fatalf("locations %+v", e.Location)
	}
	var chain []string
	for l := places[e.Location[0].Location.Reference]; l != nil; {
		chain = append(chain, l.PhysicalType.Coding[0].Code+":"+l.Identifier[0].Value)
		if l.PartOf == nil {
			break
		}
		l = places[l.PartOf.Reference]
	}
	if want := []string{"bd:Room2", "ro:Bed12", "wa:Ward7"}; !slices.Equal(chain, want) {
		t.Errorf("location %v, want %v", chain, want)
	}

	people := all[*r4.Practitioner](res)
	one(len(people), "Practitioner")
	if len(e.Participant) != 1 || e.Participant[0].Individual.Reference != "urn:uuid:"+people[0].ID || e.Participant[0].Type[0].Coding[0].Code != "ATND" {
		t.Errorf("participants %+v", e.Participant)
	}
	if d := people[0]; d.Name[0].Family != "Jones" || d.Name[0].Given[0] != "Sarah" || d.Identifier[0].Value != "12345" {
		t.Errorf("attender %+v", d)
	}
	if ids := identifiers(res, "Patient"); len(ids) != 1 || ids[0] != (mapping.Identifier{System: "https://fhir.nhs.uk/Id/nhs-number", Value: "9000000009"}) {
		t.Errorf("identity %v", ids)
	}
	if res.Bundle.Entry[0].Resource.ResourceType() != "MessageHeader" {
		t.Error("the first entry is not the MessageHeader")
	}
}

// identifiers gives the identity of the first entry of a type.
func identifiers(res *mapping.Result, typ string) []mapping.Identifier {
	for i, e := range res.Bundle.Entry {
		if e.Resource.ResourceType() == typ {
			return res.Entries[i].Identifiers
		}
	}
	return nil
}

// idOf gives the id of the first resource of a type.
func idOf(res *mapping.Result, typ string) string {
	for _, e := range res.Bundle.Entry {
		if e.Resource.ResourceType() == typ {
			return e.Resource.ResourceID()
		}
	}
	return ""
}

func marshal(t testing.TB, r r4.Resource) []byte {
	b, err := r4.Marshal(r)
	if err != nil {
		t.Error(err)
	}
	return b
}

// dump writes all of a result.
func dump(t testing.TB, res *mapping.Result) []byte {
	return fmt.Appendf(marshal(t, res.Bundle), "%v %v %v %v", res.Entries, res.Lineage, res.Unmapped, res.Notes)
}

// The same message gives the same bytes: 1,000 times, from 8 goroutines, and
// from another Mapper.
func TestDeterminism(t *testing.T) {
	m := newMapper(t)
	for name, text := range map[string]string{"admission": admission, "results": results()[:2000]} {
		t.Run(name, func(t *testing.T) {
			first := mustConvert(t, newMapper(t), text)
			wantBundle, wantAll := marshal(t, first.Bundle), dump(t, first)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					for i := range 125 {
						res, err := m.Convert(parseMessage(t, text))
						if err != nil || !bytes.Equal(marshal(t, res.Bundle), wantBundle) || i%25 == 0 && !bytes.Equal(dump(t, res), wantAll) {
							t.Error("another result", err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestRefusals(t *testing.T) {
	m := newMapper(t)
	for _, c := range []struct {
		msh  string
		code int
	}{
		{"MSH|^~\\&|A|B|C|D|2025||ZZZ^Z01|1|P|2.5", mapping.UnsupportedType},
		{"MSH|^~\\&|A|B|C|D|2025|||1|P|2.5", mapping.UnsupportedType},
		{"MSH|^~\\&|A|B|C|D|2025||ADT^A99|1|P|2.5", mapping.UnsupportedEvent},
		{"MSH|^~\\&|A|B|C|D|2025||ADT^Z99^ADT_A01|1|P|2.5", mapping.UnsupportedEvent},
	} {
		_, err := m.Convert(parseMessage(t, c.msh+"\rPID|||1\r"))
		var e *mapping.Error
		if !errors.As(err, &e) || e.At != "MSH-9" || e.Code != c.code || e.Problem == "" {
			t.Errorf("%s: %v, want code %d at MSH-9", c.msh, err, c.code)
		}
	}
}

// An event may stand in EVN-1 alone (before 2.3), a structure in MSH-9.3 alone,
// and a type may have one event only.
func TestChoice(t *testing.T) {
	m := newMapper(t)
	for _, c := range []struct{ text, event string }{
		{"MSH|^~\\&|A|B|C|D|2025||ADT|1|P|2.2\rEVN|A04|2025\rPID|||1^^^X\rPV1||O\r", "Encounter"},
		{"MSH|^~\\&|A|B|C|D|2025||ADT^^ADT_A01|1|P|2.5\rPID|||1^^^X\rPV1||O\r", "Encounter"},
		{"MSH|^~\\&|A|B|C|D|2025||ORU|1|P|2.1\rPID|||1^^^X\rOBR|||7|8\rOBX||NM|9||5\r", "DiagnosticReport"},
		{"MSH|^~\\&|A|B|C|D|2025|| ADT ^ A01 |1|P|2.5\rPID|||1^^^X\rPV1||O\r", "Encounter"},
	} {
		if res := mustConvert(t, m, c.text); idOf(res, c.event) == "" {
			t.Errorf("%q gives no %s", c.text, c.event)
		}
	}
}

// What the tables write says whence; what nothing consumed is listed; and none
// of it, nor any note or error, holds a value of the message.
func TestLineage(t *testing.T) {
	res := mustConvert(t, newMapper(t), seed)
	has := func(typ, path, field string, row string) {
		t.Helper()
		if !slices.ContainsFunc(res.Lineage, func(l mapping.Lineage) bool {
			return l.Entry >= 0 && res.Bundle.Entry[l.Entry].Resource.ResourceType() == typ &&
				l.Path == path && l.Field == field && l.Row == row
		}) {
			t.Errorf("no line %s.%s from %s by %s", typ, path, field, row)
		}
	}
	has("Patient", "birthDate", "PID-7", "PID[Patient]#10")
	has("Patient", "name[0].given[1]", "PID-5.3", "PID[Patient]#7/XPN[HumanName]#5")
	has("Patient", "identifier[0].value", "PID-3.1", "PID[Patient]#5/CX[Identifier]#3")
	has("Patient", "gender", "PID-8.1", "PID[Patient]#13/AdministrativeSex#4")
	has("Encounter", "subject", "PV1", "ADT_A01#34")
	has("Encounter", "class.code", "PV1-2.1", "PV1[Encounter]#4/PatientClass[EncounterClass]#4")

	// Every element of the Bundle has a line.
	lines := map[string]bool{}
	for _, l := range res.Lineage {
		if l.Entry >= 0 {
			lines[fmt.Sprint(l.Entry, " ", l.Path)] = true
		}
	}
	for i, e := range res.Bundle.Entry {
		for _, path := range leaves(e.Resource, "") {
			if path != "id" && !lines[fmt.Sprint(i, " ", path)] {
				t.Errorf("%s.%s has no line", e.Resource.ResourceType(), path)
			}
		}
	}
	if want := []mapping.Place{{Segment: 3, Path: "PV1-39"}}; !slices.Equal(res.Unmapped, want) {
		t.Errorf("unmapped %v, want %v", res.Unmapped, want)
	}
}

// leaves lists the paths of the primitives and references below v.
func leaves(v any, prefix string) []string {
	var found []string
	typ := r4.TypeOf(v)
	for i := range typ.Fields {
		f := &typ.Fields[i]
		for k := range f.Len(v) {
			name := prefix + f.Name
			if f.Choice {
				held := f.TypeAt(v).Name
				name += strings.ToUpper(held[:1]) + held[1:]
			}
			if f.List {
				name += fmt.Sprintf("[%d]", k)
			}
			switch child := f.At(v, k); {
			case f.Text(v, k) != "":
				if typ.Name == "Reference" && f.Name == "reference" {
					name = strings.TrimSuffix(prefix, ".")
				}
				found = append(found, name)
			case r4.TypeOf(child) != nil && r4.TypeOf(child).Kind != r4.KindPrimitive:
				found = append(found, leaves(child, name+".")...)
			}
		}
	}
	return found
}

// Marked values go in at every place; none comes out in what is not the Bundle.
func TestNoValues(t *testing.T) {
	mark := func(text string) string {
		var b strings.Builder
		for i, segment := range strings.Split(strings.TrimRight(text, "\r"), "\r") {
			if i == 0 {
				b.WriteString(segment + "\r")
				continue
			}
			fields := strings.Split(segment, "|")
			for len(fields) < 46 {
				fields = append(fields, "")
			}
			for n := 1; n < len(fields); n++ {
				if fields[n] == "" {
					fields[n] = "CANARY^CANARY&CANARY^CANARY~CANARY^^CANARY"
				}
			}
			b.WriteString(strings.Join(fields, "|") + "\r")
		}
		return b.String()
	}
	m := newMapper(t)
	for _, text := range []string{mark(admission), mark(results()[:3000])} {
		res := mustConvert(t, m, text)
		for _, problem := range check(res) {
			t.Error(problem)
		}
		if out := fmt.Sprint(res.Lineage, res.Unmapped, res.Notes); strings.Contains(out, "CANARY") {
			i := strings.Index(out, "CANARY")
			t.Errorf("a value came out: ...%s", out[max(0, i-80):i+10])
		}
		if len(res.Unmapped) == 0 || len(res.Notes) == 0 {
			t.Error("nothing unmapped and nothing noted: the test shows nothing")
		}
	}
}

// Who is who: ids come of business identifiers, in and across messages.
func TestIdentity(t *testing.T) {
	m := newMapper(t)
	message := func(control, pid3, pv119 string) *mapping.Result {
		return mustConvert(t, m, "MSH|^~\\&|A|B|C|D|2025||ADT^A01|"+control+"|P|2.5\rEVN|A01|2025\rPID|||"+pid3+"||X^Y\rPV1||I|||||5^Jones^S^^^^MD^^GMC|6^Smith^^^^^^^GMC|||||||||5^Jones^S^^^^MD^^GMC||"+pv119+"\r")
	}
	first, again, replay := message("1", "7^^^NHS", "v1^^^H"), message("2", "7^^^NHS", "v1^^^H"), message("1", "7^^^NHS", "v1^^^H")
	other, elsewhere := message("3", "8^^^NHS", "v2^^^H"), message("4", "7^^^RXX", "v1^^^Q")
	for _, typ := range []string{"Patient", "Encounter", "Practitioner"} {
		if idOf(first, typ) != idOf(again, typ) {
			t.Errorf("%s: the same in two messages has two ids", typ)
		}
	}
	for _, typ := range []string{"Patient", "Encounter"} {
		if idOf(first, typ) == idOf(other, typ) || idOf(first, typ) == idOf(elsewhere, typ) {
			t.Errorf("%s: two have one id", typ)
		}
	}
	if idOf(first, "MessageHeader") == idOf(again, "MessageHeader") || idOf(first, "MessageHeader") != idOf(replay, "MessageHeader") {
		t.Error("a MessageHeader is that of its message")
	}
	people := all[*r4.Practitioner](first)
	if n := len(people); n != 2 {
		t.Fatalf("%d practitioners, want 2: the attender is also the admitter", n)
	}
	if p := people[0]; len(p.Identifier) != 1 || len(p.Name) != 1 || len(p.Qualification) != 1 {
		t.Errorf("one that comes twice has %d identifiers, %d names, %d qualifications, want one of each", len(p.Identifier), len(p.Name), len(p.Qualification))
	}
	keyed, err := mapping.New(mapping.Options{Namespaces: nhs, IDKey: []byte("another key")})
	if err != nil {
		t.Fatal(err)
	}
	if res := mustConvert(t, keyed, seed); idOf(res, "Patient") == idOf(mustConvert(t, m, seed), "Patient") {
		t.Error("another key gives the same id")
	}
	id := idOf(first, "Patient")
	if len(id) != 36 || id[14] != '8' || !strings.ContainsRune("89ab", rune(id[19])) {
		t.Errorf("%s is not a UUID of version 8", id)
	}
	// Without an assigning authority a number counts at its sender only.
	a := mustConvert(t, m, "MSH|^~\\&|A|B|C|D|2025||ADT^A01|1|P|2.5\rPID|||7\rPV1||I\r")
	b := mustConvert(t, m, "MSH|^~\\&|A|B|C|D|2025||ADT^A01|2|P|2.5\rPID|||7\rPV1||I\r")
	c := mustConvert(t, m, "MSH|^~\\&|A|Z|C|D|2025||ADT^A01|2|P|2.5\rPID|||7\rPV1||I\r")
	if idOf(a, "Patient") != idOf(b, "Patient") || idOf(a, "Patient") == idOf(c, "Patient") {
		t.Error("a number without authority is that of its sender")
	}
	if ids := identifiers(a, "Patient"); len(ids) != 0 {
		t.Errorf("an identifier without system cannot be searched for: %v", ids)
	}
}

// Results come again, preliminary, final, corrected: the same Observations.
func TestIdentityOfResults(t *testing.T) {
	m := newMapper(t)
	message := func(control, filler, status, value string) *mapping.Result {
		return mustConvert(t, m, "MSH|^~\\&|A|B|C|D|2025||ORU^R01|"+control+"|P|2.5\rPID|||7^^^NHS\r"+
			"OBR|1||"+filler+"^LAB|CBC^Count^L|||2025|||||||||||||||||||"+status+"\r"+
			"OBX|1|NM|WBC^White^L||"+value+"|10*9/L|||||"+status+"\rOBX|2|NM|WBC^White^L||9|||||||"+status+"\rOBX|3|NM|RBC^Red^L|1|4|||||||"+status+"\r")
	}
	p, f, other := message("1", "f1", "P", "5"), message("2", "f1", "F", "6"), message("3", "f2", "F", "6")
	for _, res := range []*mapping.Result{p, f, other} {
		for _, problem := range check(res) {
			t.Error(problem)
		}
		if n := len(all[*r4.Observation](res)); n != 3 {
			t.Fatalf("%d observations, want 3", n)
		}
	}
	if idOf(p, "DiagnosticReport") != idOf(f, "DiagnosticReport") || idOf(p, "DiagnosticReport") == idOf(other, "DiagnosticReport") {
		t.Error("a report is that of its filler number")
	}
	seen := map[string]bool{}
	for i, o := range all[*r4.Observation](p) {
		if o.ID != all[*r4.Observation](f)[i].ID {
			t.Errorf("observation %d has another id when it is final", i)
		}
		if o.ID == all[*r4.Observation](other)[i].ID {
			t.Errorf("observation %d of another report has the same id", i)
		}
		if seen[o.ID] {
			t.Errorf("two observations have one id")
		}
		seen[o.ID] = true
	}
}

// "" deletes; what is not there says nothing.
func TestNulls(t *testing.T) {
	res := mustConvert(t, newMapper(t), "MSH|^~\\&|A|B|C|D|2025||ADT^A08|1|P|2.5\rPID|||7^^^NHS||X^Y||\"\"|F|||\"\"|||||\"\"||||||||||||||\"\"\rPV1||I\r")
	var nulls []string
	for i, e := range res.Bundle.Entry {
		if e.Resource.ResourceType() == "Patient" {
			nulls = res.Entries[i].Nulls
		}
	}
	for _, want := range []string{"birthDate", "address", "maritalStatus"} {
		if !slices.Contains(nulls, want) {
			t.Errorf("%s is not among the deleted %v", want, nulls)
		}
	}
	for _, no := range []string{"name", "gender", "identifier", "telecom"} {
		if slices.Contains(nulls, no) {
			t.Errorf("%s is among the deleted", no)
		}
	}
	b, err := r4.Marshal(res.Bundle)
	if err != nil || strings.Contains(string(b), `\"\"`) {
		t.Error("a deletion came out as a value")
	}
}
