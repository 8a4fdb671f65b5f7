package mapping_test

import (
	"slices"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// Who assigned an identifier, as a URI: the site's registry, then a universal
// id (FHIR R4 datatypes.html#Identifier: urn:oid:, urn:uuid:), then one of ours.
func TestNamespaces(t *testing.T) {
	tables := patientTables(`{id: 1, from: PID-3, to: 'identifier[1]', as: 'CX[Identifier]'}`)
	tables["datatypes/CX[Identifier]"] = "map: CX[Identifier]\nrows:\n- {id: 1, from: CX.1, to: value}\n- {id: 2, from: CX.4, to: system, fn: namespace}\n"
	m := small(t, tables, mapping.Options{Namespaces: map[string]string{
		"NHS": "https://fhir.nhs.uk/Id/nhs-number", "2.16.840.1.113883.3.1": "https://example.org/mrn",
	}})
	for _, c := range []struct {
		hd, system string
		noted      bool
	}{
		{"NHS", "https://fhir.nhs.uk/Id/nhs-number", false},
		{"NHS&1.2.3&ISO", "https://fhir.nhs.uk/Id/nhs-number", false},
		{"X&2.16.840.1.113883.3.1&ISO", "https://example.org/mrn", false},
		{"X&1.2.3&ISO", "urn:oid:1.2.3", false},
		{"&1.2.3&ISO", "urn:oid:1.2.3", false},
		{"X&1.2.3", "urn:oid:1.2.3", false},
		{"X&1.02.3&ISO", "urn:pons:ns:B:X", true},
		{"X&not an oid&ISO", "urn:pons:ns:B:X", true},
		{"X&{6BA7B810-9DAD-11D1-80B4-00C04FD430C8}&GUID", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", false},
		{"X&6ba7b810-9dad-11d1-80b4-00c04fd430c8&UUID", "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8", false},
		{"X&https://x.example/ids&URI", "https://x.example/ids", false},
		{"X&hospital.example&DNS", "urn:pons:ns:B:X", true},
		{"&hospital.example&DNS", "urn:pons:ns:B:hospital.example", true},
		{"St. Mary's Ward/7", "urn:pons:ns:B:St.%20Mary%27s%20Ward%2F7", true},
		{"nhs", "urn:pons:ns:B:nhs", true},
		{"", "", false},
	} {
		p, res := convert[*r4.Patient](t, m, head+"PID|||1^^^"+c.hd+"\r")
		if got := p.Identifier[0].System; got != c.system {
			t.Errorf("%s gives %q, want %q", c.hd, got, c.system)
		}
		if noted := slices.ContainsFunc(res.Notes, func(n mapping.Note) bool { return n.At == "PID-3.4" }); noted != c.noted {
			t.Errorf("%s: noted %t, want %t", c.hd, noted, c.noted)
		}
	}
}

// Code systems by their names in table 0396, by table number, OID and URI
// (FHIR R4 terminologies-systems.html).
func TestCodeSystems(t *testing.T) {
	tables := patientTables(
		`{id: 1, from: PID-8, to: maritalStatus.coding.code}`,
		`{id: 2, from: PID-8.3, to: maritalStatus.coding.system, fn: codeSystem}`)
	tables["systems"] = "systems:\n- {name: LN, uri: 'http://loinc.org', oid: 2.16.840.1.113883.6.1}\n- {name: SCT, uri: 'http://snomed.info/sct'}\n"
	m := small(t, tables, mapping.Options{})
	for name, want := range map[string]string{
		"LN": "http://loinc.org", "ln": "http://loinc.org", "SCT": "http://snomed.info/sct",
		"2.16.840.1.113883.6.1": "http://loinc.org", "urn:oid:2.16.840.1.113883.6.1": "http://loinc.org",
		"HL70001": "http://terminology.hl7.org/CodeSystem/v2-0001", "HL7 0078": "http://terminology.hl7.org/CodeSystem/v2-0078",
		"hl70078": "http://terminology.hl7.org/CodeSystem/v2-0078", "HL7-0078": "http://terminology.hl7.org/CodeSystem/v2-0078",
		"0078": "http://terminology.hl7.org/CodeSystem/v2-0078", "HL778": "http://terminology.hl7.org/CodeSystem/v2-0078",
		"2.16.840.1.113883.12.78": "http://terminology.hl7.org/CodeSystem/v2-0078",
		"1.2.3.4":                 "urn:oid:1.2.3.4",
		"http://example.org/cs":   "http://example.org/cs",
		"L":                       "urn:pons:cs:B:L", "99LAB": "urn:pons:cs:B:99LAB",
		"WHATEVER": "urn:pons:cs:B:WHATEVER", "a b": "urn:pons:cs:B:a%20b", "": "",
	} {
		code := map[string]string{"http://loinc.org": "8867-4", "http://snomed.info/sct": "44054006", "http://terminology.hl7.org/CodeSystem/v2-0078": "A"}[want]
		if code == "" { // a code that the system has, if its codes are known
			code = "M"
		}
		p, _ := convert[*r4.Patient](t, m, head+"PID||||||||"+code+"^^"+name+"\r")
		if got := p.MaritalStatus.Coding[0].System; got != want {
			t.Errorf("%s gives %q, want %q", name, got, want)
		}
	}
}

// Functions that give a text, on PID-7 and its parts, into an extension.
func TestTextFunctions(t *testing.T) {
	zone := time.FixedZone("", 3600)
	for _, c := range []struct{ row, value, typ, want string }{
		{"fn: text", "A^B&C^^D", "String", "A B C D"},
		{"fn: raw", "A^B&C", "String", "A^B&C"},
		{"fn: raw", `a\T\b`, "String", "a&b"},
		{"fn: lines", `one~two~~four~`, "String", "one\ntwo\n\nfour"},
		{"fn: yesNo", "Y", "Boolean", "true"}, {"fn: yesNo", "n", "Boolean", "false"}, {"fn: yesNo", "1", "Boolean", "true"}, {"fn: yesNo", "maybe", "Boolean", ""},
		{"fn: nameText", "Smith&van^John^Paul^Jr^Dr^MD", "String", "Dr John Paul Smith Jr MD"},
		{"fn: nameText", "Smith^John^^^^^^^^^F", "String", "Smith John"},
		{"fn: minutes", "2^h", "Decimal", "120"}, {"fn: minutes", "30^min", "Decimal", "30"}, {"fn: minutes", "1.5^d", "Decimal", "2160"},
		{"fn: minutes", "30^s&seconds&ISO", "Decimal", "0.5"}, {"fn: minutes", "5^furlong", "Decimal", ""}, {"fn: minutes", "x^h", "Decimal", ""},
		{"fn: dayOfWeek", "1", "Code", "mon"}, {"fn: dayOfWeek", "7", "Code", "sun"}, {"fn: dayOfWeek", "8", "Code", ""}, {"fn: dayOfWeek", "x", "Code", ""},
		{"fn: plusMinutes", "90", "DateTime", "2025-04-13T10:30:00+01:00"},
		{"fn: plusMinutes", "x", "DateTime", ""},
	} {
		tables := patientTables(`{id: 0, from: PID-3, to: identifier.value}`,
			`{id: 1, from: PID-7, to: 'extension[1].url', value: 'urn:x'}`,
			`{id: 2, from: PID-7, to: 'extension[1].value`+c.typ+`', `+c.row+`}`)
		m := small(t, tables, mapping.Options{Zone: zone})
		p, _ := convert[*r4.Patient](t, m, head+"PID|||1||20250413090000||"+c.value+"\r")
		got := ""
		if len(p.Extension) > 0 {
			f, _, _ := r4.TypeOf(&p.Extension[0]).Field("value" + c.typ)
			got = f.Text(&p.Extension[0], 0)
		}
		if got != c.want {
			t.Errorf("%s of %q is %q, want %q", c.row, c.value, got, c.want)
		}
	}
}

// ED (HL7 v2.9 2A.2.24): source, type of data, subtype, encoding, data.
func TestAttachments(t *testing.T) {
	tables := patientTables(`{id: 0, from: PID-3, to: identifier.value}`, `{id: 1, from: PID-7, to: photo, as: 'ED[Attachment]'}`)
	tables["datatypes/ED[Attachment]"] = "map: ED[Attachment]\nrows:\n- {id: 1, from: ED, to: contentType, fn: mimeType}\n- {id: 2, from: ED, to: data, fn: attachmentData}\n"
	m := small(t, tables, mapping.Options{})
	for _, c := range []struct{ ed, mime, data string }{
		{"^application^pdf^Base64^JVBE Ri0x", "application/pdf", "JVBERi0x"},
		{"^AP^PDF^Base64^JVBERi0x", "application/pdf", "JVBERi0x"},
		{"^TEXT^^A^hello", "text/plain", "aGVsbG8="},
		{"^text^html^A^<b>&</b>", "text/html", "PGI+JjwvYj4="},
		{"^IM^JPEG^Hex^FFD8 ff", "image/jpeg", "/9j/"},
		{"^application/dicom^^Base64^AAAA", "application/dicom", "AAAA"},
		{"^video^mp4^Base64^AAAA", "video/mp4", "AAAA"},
		{"^AP^PDF^Base64^not base64!", "application/pdf", ""},
		{"^AP^PDF^Hex^FF0", "application/pdf", ""},
		{"^^^A^hello", "application/octet-stream", "aGVsbG8="},
	} {
		p, _ := convert[*r4.Patient](t, m, head+"PID|||1||||"+c.ed+"\r")
		if len(p.Photo) != 1 || p.Photo[0].ContentType != c.mime || string(p.Photo[0].Data) != c.data {
			t.Errorf("%s gives %+v, want %s and %s", c.ed, p.Photo, c.mime, c.data)
		}
	}
}

// obxTables make an Observation of an OBX with one row.
func obxTables(rows string) map[string]string {
	return map[string]string{
		"messages/ORU_R01":          "message: ORU_R01\ntriggers: [ORU^R01]\nstructure: MSH [PID] [OBR] [{OBX}]\nrows:\n- {id: 1, from: OBX, slot: Observation, map: 'OBX[Observation]'}\n",
		"segments/OBX[Observation]": "map: OBX[Observation]\nrows:\n- {id: 0, from: OBX-3, to: code.text}\n" + rows,
		"defaults":                  "defaults:\n- {id: 1, on: Observation, to: status, value: unknown}\n",
		"systems":                   "systems:\n- {name: UCUM, uri: 'http://unitsofmeasure.org'}\n",
	}
}

func observe(t *testing.T, m *mapping.Mapper, obx string) (*r4.Observation, *mapping.Result) {
	t.Helper()
	return convert[*r4.Observation](t, m, "MSH|^~\\&|A|B|C|D|2025||ORU^R01|1|P|2.5\r"+obx+"\r")
}

// NA (HL7 v2.9 2A.2.45) as SampledData: E is a value that is missing.
func TestSampledData(t *testing.T) {
	m := small(t, obxTables("- {id: 1, from: OBX-5, to: valueSampledData, fn: sampledData}\n"), mapping.Options{})
	for value, want := range map[string]string{
		"1^2^3~4^5^6": "1 2 3 4 5 6 / 3", "1^^3~4": "1 E 3 4 E E / 3", "1.50": "1.50 / 1", "1^x": "",
	} {
		o, _ := observe(t, m, "OBX|1|NA|X||"+value)
		got := ""
		if s, ok := o.Value.(*r4.SampledData); ok {
			f, _, _ := r4.TypeOf(s).Field("dimensions")
			got = s.Data + " / " + f.Text(s, 0)
		}
		if got != want {
			t.Errorf("%s gives %q, want %q", value, got, want)
		}
	}
}

// Reference ranges of a plain form get their numbers, with the unit of OBX-6.
func TestReferenceRanges(t *testing.T) {
	m := small(t, obxTables("- {id: 1, from: OBX-7, to: referenceRange.text}\n- {id: 2, from: OBX-7, to: referenceRange, fn: range}\n"), mapping.Options{})
	for text, want := range map[string][2]string{
		"3.5-5.0": {"3.5", "5.0"}, "3.5 - 5.0": {"3.5", "5.0"}, "<10": {"", "10"}, "<=10": {"", "10"}, ">4": {"4", ""}, ">=4.0": {"4.0", ""},
		"-5-5": {"-5", "5"}, "-5--1": {"-5", "-1"}, "0-40 years": {"", ""}, "negative": {"", ""}, "10": {"", ""}, "<": {"", ""}, "3-4-5": {"", ""},
	} {
		o, _ := observe(t, m, "OBX|1|NM|X||4|mmol/L^millimole^UCUM|"+text)
		if len(o.ReferenceRange) != 1 || o.ReferenceRange[0].Text != text {
			t.Errorf("%s: the text is lost: %+v", text, o.ReferenceRange)
			continue
		}
		bound := func(q *r4.Quantity) string {
			if q == nil {
				return ""
			}
			if q.Code != "mmol/L" || q.System != "http://unitsofmeasure.org" || q.Unit != "millimole" {
				t.Errorf("%s: the unit is %+v", text, q)
			}
			return string(q.Value)
		}
		r := o.ReferenceRange[0]
		if got := [2]string{bound(r.Low), bound(r.High)}; got != want {
			t.Errorf("%s gives %q, want %q", text, got, want)
		}
	}
}

// TQ.3 (HL7 v2.9 2A.2.76): a duration, or something else that is none.
func TestDurations(t *testing.T) {
	m := small(t, patientTables(
		`{id: 1, from: PID-7, to: 'extension[1].url', value: 'urn:x'}`,
		`{id: 2, from: PID-7, to: 'extension[1].valueDuration', fn: tqDuration}`,
		`{id: 3, from: PID-3, to: identifier.value}`), mapping.Options{})
	for text, want := range map[string]string{
		"M30": "30 min", "H2": "2 h", "D10": "10 d", "W1": "1 wk", "L3": "3 mo", "S45": "45 s", "X3": "", "D": "", "DX": "", "10": "", "INDEF": "",
	} {
		p, _ := convert[*r4.Patient](t, m, head+"PID|||1||||"+text+"\r")
		got := ""
		if len(p.Extension) > 0 {
			if d, ok := p.Extension[0].Value.(*r4.Duration); ok && d.System == "http://unitsofmeasure.org" {
				got = string(d.Value) + " " + d.Code
			}
		}
		if got != want {
			t.Errorf("%s gives %q, want %q", text, got, want)
		}
	}
}
