package r4_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
)

// Documents that are made to be expensive, read strictly and leniently. Work is
// counted, not timed: the bytes that a reader looks at and its steps. So is memory:
// all that is allocated, with what is thrown away. Both have a bound for each byte
// of the document, and twice the size may not take much more than twice of them.
// The documents have up to a megabyte, so that what nobody counts would not end
// either if it were not linear.
func TestLenientAdversary(t *testing.T) {
	const xmlns = ` xmlns="http://hl7.org/fhir"`
	patient := func(inside string) string { return "<Patient" + xmlns + ">" + inside + "</Patient>" }
	narrative := func(inside string) string {
		return patient(`<text><status value="empty"/><div xmlns="http://www.w3.org/1999/xhtml">` + inside + `</div></text>`)
	}
	const many = 1 << 17
	for _, c := range []struct {
		name    string
		doc     func(n int) string
		problem string // of strict reading, "" if none
		// bytes allocated for each byte of the document
		strict, lenient float64
	}{
		// XML
		{"entity bomb", func(n int) string {
			return `<!DOCTYPE a [` + strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">`, n/16) + `]>` + patient(`<id value="&b;"/>`)
		}, "document type", 3, 8},
		{"entities", func(n int) string { return patient(`<id value="` + strings.Repeat("&b;", n) + `"/>`) }, "entity", 3, 12},
		{"references", func(n int) string { return patient(`<language value="` + strings.Repeat("&#65;", n) + `"/>`) }, "", 4, 8},
		{"attribute flood", func(n int) string { return `<Patient` + xmlns + strings.Repeat(` a="b"`, n) + `/>` }, "twice", 3, 8},
		{"different attributes", func(n int) string { return `<Patient` + xmlns + numbered(n/4, ` a%="b"`) + `/>` }, "too many attributes", 3, 8},
		{"namespaces", func(n int) string { return `<Patient` + xmlns + numbered(n/4, ` xmlns:a%="b"`) + `/>` }, "too many namespaces", 3, 8},
		{"attributes in many tags", func(n int) string {
			return patient(strings.Repeat(`<name `+numbered(60, ` a%=""`)+`/>`, n/200))
		}, "unknown attribute", 3, 60},
		{"deep", func(n int) string { return "<Basic" + xmlns + ">" + strings.Repeat(`<extension url="a">`, n/8) }, "too deep", 3, 12},
		{"deep unknown", func(n int) string { return patient(strings.Repeat(`<a>`, n)) }, "unknown element", 3, 12},
		{"deep narrative", func(n int) string { return narrative(strings.Repeat(`<b>`, n)) }, "too deep", 3, 12},
		{"deep contained", func(n int) string { return "<Basic" + xmlns + ">" + strings.Repeat(`<contained><Basic>`, n/8) }, "too deep", 3, 12},
		{"end tags", func(n int) string { return patient(strings.Repeat(`</a>`, n)) }, "end tag", 3, 8},
		{"end tags in a narrative", func(n int) string { return narrative(strings.Repeat(`<b></a>`, n/2)) }, "end tag", 3, 8},
		{"long names", func(n int) string {
			long := strings.Repeat("a", n)
			return patient("<" + long + ">" + strings.Repeat("<a>", 400) + "</" + long + ">")
		}, "too long", 3, 8},
		{"long value", func(n int) string { return patient(`<language value="` + strings.Repeat("a", 4*n) + `"/>`) }, "", 3, 6},
		{"long comment", func(n int) string { return patient(`<!--` + strings.Repeat(" -", 2*n) + `-->`) }, "-- in", 3, 6},
		{"comments", func(n int) string { return patient(strings.Repeat(`<!---->`, n/2)) }, "", 3, 6},
		{"instructions", func(n int) string { return patient(strings.Repeat(`<?a?>`, n/2)) }, "", 3, 6},
		{"comments that do not end", func(n int) string { return `<!--` + strings.Repeat(` - `, n/2) }, "does not end", 3, 8},
		{"values that do not end", func(n int) string { return patient(strings.Repeat(`<a b="`, n/2)) }, "< in", 4, 10},
		{"tags that do not end", func(n int) string { return patient(strings.Repeat(`<`, n)) }, "not the name", 3, 8},
		{"text", func(n int) string { return patient(strings.Repeat(`a<b/>`, n/2)) }, "text", 3, 30},
		{"narrative", func(n int) string { return narrative(strings.Repeat(`<p>a&amp;</p>`, n/4)) }, "", 3, 8},
		{"prefixed narrative", func(n int) string {
			return `<Patient xmlns="http://hl7.org/fhir" xmlns:h="http://www.w3.org/1999/xhtml"><text><h:div>` + strings.Repeat(`<h:p a="b">&#13;</h:p>`, n/8) + `</h:div></text></Patient>`
		}, "", 30, 40},
		{"small elements", func(n int) string { return patient(strings.Repeat(`<name id="a"/>`, n/8)) }, "", 60, 120},
		{"empty elements", func(n int) string { return patient(strings.Repeat(`<name/>`, n/4)) }, "empty element", 4, 120},
		{"primitives in tags", func(n int) string {
			return patient(`<name>` + strings.Repeat(`<given value="a"> </given>`, n/16) + `</name>`)
		}, "", 20, 60},
		{"control characters", func(n int) string { return patient(strings.Repeat("\x01", n)) }, "character", 3, 10},
		// JSON
		{"JSON: deep objects", func(n int) string {
			return `{"resourceType":"Basic","extension":` + strings.Repeat(`[{"extension":`, n/8)
		}, "too deep", 3, 12},
		{"JSON: deep arrays", func(n int) string { return `{"resourceType":"Basic","extension":` + strings.Repeat(`[`, n) }, "must be an object", 3, 12},
		{"JSON: deep and unknown", func(n int) string { return `{"resourceType":"Basic","a":` + strings.Repeat(`{"a":`, n/4) }, "unknown element", 3, 12},
		{"JSON: commas", func(n int) string { return `{"resourceType":"Basic"` + strings.Repeat(`,`, n) + `}` }, "not JSON", 3, 12},
		{"JSON: brackets", func(n int) string { return `{"resourceType":"Basic","a":[` + strings.Repeat(`}`, n) }, "unknown element", 3, 12},
		{"JSON: garbage", func(n int) string { return `{"resourceType":"Basic",` + strings.Repeat(`#,@`, n/2) + `}` }, "not JSON", 3, 12},
		{"JSON: numbers", func(n int) string { return `{"resourceType":"Basic","a":[1` + strings.Repeat(`,1`, n) + `]}` }, "unknown element", 3, 130},
		{"JSON: nothing but numbers", func(n int) string {
			return `{"resourceType":"Claim","item":[{"careTeamSequence":[1` + strings.Repeat(`,1`, n) + `]}]}`
		}, "", 40, 200},
		{"JSON: unknown elements", func(n int) string { return `{"resourceType":"Basic"` + strings.Repeat(`,"a":1`, n/2) + `}` }, "unknown element", 3, 60},
		{"JSON: the same name", func(n int) string { return `{"resourceType":"Basic"` + strings.Repeat(`,"id":"a"`, n/4) + `}` }, "twice", 3, 60},
		{"JSON: comments", func(n int) string { return strings.Repeat("/**/", n/2) + `{"resourceType":"Basic"}` }, "must be an object", 3, 12},
		{"JSON: comments that do not end", func(n int) string { return `{"resourceType":"Basic",` + strings.Repeat("/*", n) }, "not JSON", 3, 12},
		{"JSON: quotes", func(n int) string { return `{"resourceType":"Basic",` + strings.Repeat(`"`, n) }, "not JSON", 3, 120},
		{"JSON: single quotes", func(n int) string { return `{"resourceType":"Basic","id":'` + strings.Repeat("\x01", n) }, "must be a string", 3, 8},
		{"JSON: lines in a string", func(n int) string { return `{"resourceType":"Basic","id":"` + strings.Repeat("\n", n) }, "control character", 3, 20},
		{"JSON: bad escapes", func(n int) string { return `{"resourceType":"Basic","id":"` + strings.Repeat(`\x`, n) + `"}` }, "bad escape", 3, 12},
		{"JSON: nulls", func(n int) string {
			return `{"resourceType":"Patient","name":[{"given":[` + strings.Repeat(`null,`, n/4) + `null]}]}`
		}, "neither value", 24, 120},
		{"JSON: extensions alone", func(n int) string {
			return `{"resourceType":"Patient","name":[{"_given":[` + strings.Repeat(`{"id":"a"},`, n/8) + `null]}]}`
		}, "", 40, 120},
		{"JSON: large empty elements", func(n int) string {
			return `{"resourceType":"StructureDefinition","snapshot":{"element":[` + strings.Repeat(`{"id":"a"},`, n/8) + `{"id":"a"}]}}`
		}, "too many elements", 140, 180},
		{"JSON: late types", func(n int) string {
			return strings.Repeat(`{"contained":[`, 120) + `{"resourceType":"Basic"}` + strings.Repeat(`],"a":"`+strings.Repeat("x", n/60)+`","resourceType":"Basic"}`, 120)
		}, "unknown element", 8, 12},
		{"bad UTF-8", func(n int) string { return `{"resourceType":"Basic","id":"` + strings.Repeat("\xffa", n) + `"}` }, "not UTF-8", 3, 24},
	} {
		t.Run(c.name, func(t *testing.T) {
			small, large := c.doc(many/2), c.doc(many)
			size := float64(len(large))
			_, _, halfStrict := cost(small, readStrictly)
			r, err, strict := cost(large, readStrictly)
			if c.problem == "" && err != nil || c.problem != "" && (err == nil || !strings.Contains(err.Error(), c.problem)) {
				t.Errorf("error %.200v, want %q", err, c.problem)
			}
			if per := strict / size; per > c.strict {
				t.Errorf("strict: %.1f bytes allocated for each, want at most %.0f", per, c.strict)
			}
			_, _, halfLenient := cost(small, readLeniently)
			l, _, lenient := cost(large, readLeniently)
			if per := lenient / size; per > c.lenient {
				t.Errorf("lenient: %.1f bytes allocated for each, want at most %.0f", per, c.lenient)
			}
			if strict > 2.6*halfStrict+1<<20 || lenient > 2.6*halfLenient+1<<20 {
				t.Errorf("twice the size takes %.1f times the memory, leniently %.1f times", strict/halfStrict, lenient/halfLenient)
			}
			for half, whole := range map[int]int{
				r4.ParseAnew([]byte(small)).Work(): r4.ParseAnew([]byte(large)).Work(),
				r4.WorkXML([]byte(small)):          r4.WorkXML([]byte(large)),
			} {
				if per := float64(whole) / size; per > 90 || whole > 2*half+half/10+1000 {
					t.Errorf("%.1f steps for each byte; twice the size takes %.2f times the steps", per, float64(whole)/float64(half))
				}
			}
			if c.problem == "" && !r4.Equal(r, l) {
				t.Error("another resource")
			}
		})
	}
}

func readStrictly(doc []byte) (r4.Resource, error) {
	if doc[0] == '<' {
		return r4.UnmarshalXML(doc)
	}
	return r4.Unmarshal(doc)
}

func readLeniently(doc []byte) (r4.Resource, error) { return r4.ParseAnew(doc).Resource, nil }

// cost returns the bytes that reading allocates.
func cost(doc string, read func([]byte) (r4.Resource, error)) (r4.Resource, error, float64) {
	b := []byte(doc)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := read(b)
	runtime.ReadMemStats(&after)
	return r, err, float64(after.TotalAlloc - before.TotalAlloc)
}

// numbered repeats a text with a number in the place of the %.
func numbered(n int, text string) string {
	var b strings.Builder
	before, after, _ := strings.Cut(text, "%")
	for i := range n {
		b.WriteString(before)
		for ; i > 0; i /= 26 {
			b.WriteByte('a' + byte(i%26))
		}
		b.WriteString(after)
	}
	return b.String()
}
