package mapping_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// Each condition stands on a row from PID-3, so on a row about each of its three
// repetitions; want tells for which of them it holds.
func TestConditions(t *testing.T) {
	const message = head + "EVN||20250413\r" +
		`PID|1|77|111^^^NHS^NH~222^^^LAB&1.2.3&ISO^MR~333||Smith^John~Jones||198503151200|""|"|Z^A&B|` + "\r" +
		"NK1|1|||X\rNK1|2|||Y\r"
	cases := []struct{ when, want string }{
		// Presence. "" (null) is not valued.
		{`PID-3 valued`, "123"},
		{`PID-8 valued`, ""},
		{`PID-8 not valued`, "123"},
		{`PID-99 valued`, ""},
		{`PID-99 not valued`, "123"},
		{`PV1 valued`, ""},
		{`PV1 not valued`, "123"},
		{`NK1 valued`, "123"},
		{`NK1 count = 2`, "123"},
		{`PV1 count = 0`, "123"},
		// The row's own field is the current repetition, however it is named.
		{`PID-3.4 valued`, "12"},
		{`CX.4 valued`, "12"},
		{`CX.5 = "MR"`, "2"},
		{`PID-3.5 = "MR"`, "2"},
		{`PID-3.4.2 = "1.2.3"`, "2"},
		{`CX.4.3 in ("ISO", "UUID")`, "2"},
		// Another field: any of its repetitions; the negation is exact.
		{`PID-5.1 = "Jones"`, "123"},
		{`PID-5.1 != "Jones"`, ""},
		{`PID-5.1 = "Nobody"`, ""},
		{`PID-5.1 != "Nobody"`, "123"},
		{`PID-5.2 valued`, "123"},
		{`PID-99 != "A"`, "123"},
		{`PID-5[2].2 valued`, ""},
		{`PID-5[1].2 valued`, "123"},
		// Text of a composite is that of its first part.
		{`PID-10 = "Z"`, "123"},
		{`PID-10.2 = "A"`, "123"},
		// Lists.
		{`PID-3.1 in ("111", "333")`, "13"},
		{`PID-3.1 not in ("111", "333")`, "2"},
		{`PID-99 not in ("A")`, "123"},
		// Counts and lengths.
		{`PID-3 count = 3`, "123"},
		{`PID-3 count > 3`, ""},
		{`PID-5 count >= 2`, "123"},
		{`PID-5 count != 2`, ""},
		{`PID-7 length > 8`, "123"},
		{`PID-7 length <= 8`, ""},
		{`PID-99 count < 1`, "123"},
		// Two places.
		{`PID-3.1 = PID-2`, ""},
		{`PID-2 = PID-2`, "123"},
		{`PID-99 = PID-98`, ""},
		// Other segments.
		{`MSH-4 = "B"`, "123"},
		{`MSH-9.2 = "A01"`, "123"},
		{`EVN-2 valued`, "123"},
		{`PV1-2 valued`, ""},
		{`PV1-2 not valued`, "123"},
		// Registered namespaces: of the site, or with a universal id.
		{`CX.4 registered`, "12"},
		{`PID-2 numeric`, "123"},
		{`PID-5 numeric`, ""},
		// Logic: and binds tighter than or.
		{`PID-2 valued or PID-99 valued and PID-98 valued`, "123"},
		{`(PID-2 valued or PID-99 valued) and PID-98 valued`, ""},
		{`PID-99 valued and PID-2 valued or CX.5 = "NH"`, "1"},
		{`not (CX.5 = "NH" or CX.5 = "MR")`, "3"},
		{`not CX.5 = "NH" and PID-2 valued`, "23"},
	}
	for _, c := range cases {
		t.Run(c.when, func(t *testing.T) {
			m := small(t, patientTables(
				`{id: 1, from: PID-2, to: 'identifier[9].value'}`,
				`{id: 2, from: PID-3, when: '`+c.when+`', to: 'identifier[1].value'}`), mapping.Options{Namespaces: nhs})
			p, _ := convert[*r4.Patient](t, m, message)
			got := ""
			for _, id := range p.Identifier[1:] {
				got += strconv.Itoa(int(id.Value[0] - '0'))
			}
			if got != c.want {
				t.Errorf("holds for repetitions %q, want %q", got, c.want)
			}
		})
	}
}

// In a data type map a reference is a part of the value, at whatever depth it is
// applied, unless it names a field.
func TestConditionsInDataTypes(t *testing.T) {
	tables := patientTables(
		`{id: 1, from: PID-3, to: 'identifier[1]', as: 'CX[Identifier]'}`)
	tables["datatypes/CX[Identifier]"] = `
map: CX[Identifier]
rows:
- {id: 1, from: CX.1, to: value}
- {id: 2, from: CX.4, to: system, as: 'HD[uri]'}
- {id: 3, from: CX.5, when: 'CX.5 not valued and PID-8 = "M"', to: use, value: secondary}
`
	tables["datatypes/HD[uri]"] = `
map: HD[uri]
rows:
- {id: 1, from: HD.2, when: 'HD.3 = "ISO"', to: $value, expr: '"urn:oid:" + HD.2'}
- {id: 2, from: HD.1, to: $value, expr: '"urn:name:" + HD.1'}
`
	p, _ := convert[*r4.Patient](t, small(t, tables, mapping.Options{}), head+"PID|||1^^^N&1.2&ISO^MR~2^^^N&1.2&X~3|||||M\r")
	want := [][3]string{{"1", "urn:oid:1.2", ""}, {"2", "urn:name:N", "secondary"}, {"3", "", "secondary"}}
	for i, id := range p.Identifier {
		if got := [3]string{id.Value, id.System, id.Use}; got != want[i] {
			t.Errorf("identifier %d is %q, want %q", i, got, want[i])
		}
	}
}

// A condition that says "not valued" of the row's own field fires without a value.
func TestConditionOfAbsence(t *testing.T) {
	m := small(t, patientTables(
		`{id: 1, from: PID-3, to: 'identifier[1].value'}`,
		`{id: 2, from: PID-8, when: 'PID-8 not valued', to: gender, value: unknown}`,
		`{id: 3, from: PID-7, when: 'PID-3 valued', to: gender, value: male}`), mapping.Options{})
	if p, _ := convert[*r4.Patient](t, m, head+"PID|||1\r"); p.Gender != "unknown" {
		t.Errorf("gender %q, want unknown: PID-7 is empty, so row 3 must not fire", p.Gender)
	}
	if p, _ := convert[*r4.Patient](t, m, head+"PID|||1||||1985|M\r"); p.Gender != "male" {
		t.Errorf("gender %q, want male", p.Gender)
	}
}

func TestBadConditions(t *testing.T) {
	for _, c := range []struct{ when, problem string }{
		{`PID-3`, "is wanted"},
		{`PID-3 is valued`, `"is"`},
		{`PID-3 = A`, "not a reference"},
		{`PID-3 = "A`, "not closed"},
		{`PID-3 in "A"`, `a list like`},
		{`PID-3 in ("A" "B")`, "a comma"},
		{`(PID-3 valued`, "parenthesis"},
		{`PID-3 valued PID-4 valued`, "not expected"},
		{`PID-3 valued and`, "ends too early"},
		{`PID-3 count = x`, "not a number"},
		{`PID = "A"`, "only be valued"},
		{`pid-3 valued`, "not a reference"},
		{`PID-0 valued`, "not a reference"},
		{`PID-3.1.2.3 valued`, "too deep"},
	} {
		_, err := smallErr(patientTables(`{id: 1, from: PID-8, when: '`+c.when+`', to: gender, value: male}`), mapping.Options{})
		if err == nil || !strings.Contains(err.Error(), c.problem) || !strings.Contains(err.Error(), "segments/PID[Patient].yaml:3:") {
			t.Errorf("%s: error %v, want file, line and %q", c.when, err, c.problem)
		}
	}
}
