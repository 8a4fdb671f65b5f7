package mapping_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/mapping"
)

// A dateCase is a row of testdata/dates.md, whose head says what its cells mean.
type dateCase struct{ name, sent, zone, date, dateTime, instant, time string }

func dateCases(t *testing.T) (all []dateCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/dates.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "|---|---|---|---|---|---|---|\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 7 {
			t.Fatalf("not a row of seven cells: %s", line)
		}
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "·", " ")
		}
		all = append(all, dateCase{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6]})
	}
	return all
}

// HL7 v2.9 2A.2.21, 2A.2.22 and 2A.2.75 against FHIR R4 datatypes.html, through the tables as
// they come: the precision stays, nothing is invented, nothing is shifted, nothing is lost.
func TestDates(t *testing.T) {
	if _, err := time.LoadLocation("Europe/Berlin"); err != nil {
		t.Skip("SKIPPED: no time zone database: nothing was tested")
	}
	cases := dateCases(t)
	if len(cases) < 40 {
		t.Fatalf("%d cases, at least 40 are wanted", len(cases))
	}
	mappers, names := map[string]*mapping.Mapper{}, map[string]bool{}
	for _, c := range cases {
		if names[c.name] {
			t.Errorf("two cases are called %q", c.name)
		}
		names[c.name] = true
		t.Run(c.name, func(t *testing.T) {
			header, configured := "20250413093000", c.zone
			if rest, ok := strings.CutPrefix(c.zone, "MSH "); ok {
				offset, name, _ := strings.Cut(rest, " ")
				header, configured = "20250113093000"+offset, name
			}
			m := mappers[configured]
			if m == nil {
				var o mapping.Options
				if configured != "" {
					zone, err := time.LoadLocation(configured)
					if err != nil {
						t.Fatal(err)
					}
					o.Zone = zone
				}
				var err error
				if m, err = mapping.New(o); err != nil {
					t.Fatal(err)
				}
				mappers[configured] = m
			}
			c.check(t, mustConvert(t, m, c.message(header)))
		})
	}
}

// message puts the text in one place of each kind.
func (c dateCase) message(header string) string {
	field := func(n int, before ...string) string {
		return strings.Join(before, "|") + strings.Repeat("|", n-len(before)+1) + c.sent
	}
	return "MSH|^~\\&|LAB|H|||" + header + "||ORU^R01^ORU_R01|1|P|2.5\r" +
		field(29, "PID", "1", "", "1^^^H^MR", "", "DOE^ANN", "", c.sent) + "\r" +
		field(44, "PV1", "1", "I", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "V1^^^H^VN") + "\r" +
		field(22, "OBR", "1", "", "F1^LAB", "GLU^Glucose^L") + "|||F\r" +
		"OBX|1|DTM|A^A^L||" + c.sent + "||||||F|||" + c.sent + "\r" +
		"OBX|2|DR|B^B^L||" + c.sent + "||||||F\rOBX|3|TM|C^C^L||" + c.sent + "||||||F\r"
}

// A dated element is what became of one place.
type dated struct {
	path, got, want string
	sent            string // in the extension originalText
	text            string // in a valueString instead
}

func (c dateCase) check(t *testing.T, res *mapping.Result) {
	var all []dated
	var observations []*r4.Observation
	add := func(path, got, want string, parent any, name string, instead any) {
		text, _ := instead.(r4.String)
		all = append(all, dated{path, got, want, asSent(parent, name), string(text)})
	}
	for i := range res.Bundle.Entry {
		switch r := res.Bundle.Entry[i].Resource.(type) {
		case *r4.Patient:
			died, _ := r.Deceased.(r4.DateTime)
			add("PID-7", r.BirthDate, c.date, r, "birthDate", nil)
			add("PID-29", string(died), c.dateTime, r, "deceasedDateTime", nil)
		case *r4.Encounter:
			p := r.Period
			if p == nil {
				p = &r4.Period{}
			}
			add("PV1-44", p.Start, c.dateTime, p, "start", nil)
		case *r4.DiagnosticReport:
			add("OBR-22", r.Issued, c.instant, r, "issued", nil)
		case *r4.Observation:
			observations = append(observations, r)
		}
	}
	if len(all) != 4 || len(observations) != 3 {
		t.Fatalf("%d elements and %d observations", len(all), len(observations))
	}
	taken, _ := observations[0].Effective.(r4.DateTime)
	add("OBX-14", string(taken), c.dateTime, observations[0], "effectiveDateTime", nil)
	value, _ := observations[0].Value.(r4.DateTime)
	add("OBX-5", string(value), c.dateTime, observations[0], "valueDateTime", observations[0].Value)
	period, ok := observations[1].Value.(*r4.Period)
	if !ok {
		period = &r4.Period{}
	}
	add("OBX-5", period.Start, c.dateTime, period, "start", observations[1].Value)
	clock, _ := observations[2].Value.(r4.Time)
	add("OBX-5", string(clock), c.time, observations[2], "valueTime", observations[2].Value)
	for _, d := range all {
		if d.want != "" {
			c.compare(t, d, res)
		}
	}
}

func (c dateCase) compare(t *testing.T, d dated, res *mapping.Result) {
	t.Helper()
	sent := strings.TrimSpace(c.sent)
	noted := slices.ContainsFunc(res.Notes, func(n mapping.Note) bool { return strings.HasPrefix(n.At, d.path) })
	unmapped := slices.ContainsFunc(res.Unmapped, func(p mapping.Place) bool { return strings.HasPrefix(p.Path, d.path) })
	want := d.want
	switch want {
	case "-":
		want = ""
		if !noted || !unmapped && d.sent != sent && strings.TrimSpace(d.text) != sent {
			t.Errorf("%s is refused: it must be noted (%t), and be unmapped (%t) or kept (%q, %q)", d.path, noted, unmapped, d.sent, d.text)
		}
	case "day":
		want = c.date
		if !noted || d.sent != sent {
			t.Errorf("%s loses its time: it must be noted (%t), and be there as it was sent (%q)", d.path, noted, d.sent)
		}
	default:
		if d.sent != "" || d.text != "" {
			t.Errorf("%s is there twice: %q, %q", d.path, d.sent, d.text)
		}
	}
	if d.got != want {
		t.Errorf("%s became %q, want %q", d.path, d.got, want)
	}
	// Whatever the table says: the digits are those that were sent, and 00 seconds.
	local, _, _ := strings.Cut(d.got, "+")
	if at := strings.Index(local, "T"); at > 0 {
		day, clock, _ := strings.Cut(local, "T")
		clock, _, _ = strings.Cut(clock, "-")
		local = day + clock
	}
	digits := strings.NewReplacer("-", "", ":", "").Replace(local)
	if !strings.HasPrefix(sent, digits) && !strings.HasPrefix(sent, strings.TrimSuffix(digits, "00")) {
		t.Errorf("%s became %q: other digits than %q", d.path, d.got, sent)
	}
}

// HL7 v2.9 2A.2.46 (NM) against FHIR's decimal: exactness stays.
func TestNumbers(t *testing.T) {
	tables := patientTables(
		`{id: 1, from: PID-3, to: 'identifier[1].value'}`,
		`{id: 2, from: PID-7, to: 'extension[1].url', value: 'urn:x'}`,
		`{id: 3, from: PID-7, to: 'extension[1].valueDecimal'}`,
		`{id: 4, from: PID-25, to: multipleBirthInteger}`)
	m := small(t, tables, mapping.Options{})
	for text, want := range map[string][2]string{
		"1": {"1", "1"}, "1.50": {"1.50", ""}, "+1": {"1", "1"}, "-1.0": {"-1.0", ""}, "007": {"7", "7"}, ".5": {"0.5", ""},
		"5.": {"5", "5"}, "0": {"0", "0"}, "-0": {"-0", "0"}, "0.00": {"0.00", ""}, " 3 ": {"3", "3"}, "-.5": {"-0.5", ""},
		"1,000": {"", ""}, "<5": {"", ""}, "1e3": {"", ""}, "1 2": {"", ""}, "--1": {"", ""}, ".": {"", ""}, "2147483648": {"2147483648", ""},
	} {
		p, _ := convert[*r4.Patient](t, m, head+"PID|||1||||"+text+"||||||||||||||||||"+text+"\r")
		var decimal r4.Decimal
		if len(p.Extension) > 0 {
			decimal, _ = p.Extension[0].Value.(r4.Decimal)
		}
		integer := ""
		if f, _, _ := r4.TypeOf(p).Field("multipleBirthInteger"); f.Len(p) > 0 {
			integer = f.Text(p, 0)
		}
		if got := [2]string{string(decimal), integer}; got != want {
			t.Errorf("%s became %q, want %q", text, got, want)
		}
	}
}
