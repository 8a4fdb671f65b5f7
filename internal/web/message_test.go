package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/web"
)

// one is a store with one message in it, and the path of its page.
func one(d web.Detail) (*fake, string) {
	f := &fake{resources: resources()}
	return f, "/ui/messages/" + f.add(now.Add(-20*time.Minute), d).String()
}

func TestMessageBesideWhatItBecame(t *testing.T) {
	f, ids := hospital()
	p := page(t, pages(f), "/ui/messages/"+ids[0].String())
	w := words(p)
	// Names are those of HL7 v2.5, chapter 3 and the data types CX, XPN and PL.
	wants(t, w,
		"ADT^A01 admission", "delivered Delivered 45 ms after it came. It wrote 4 FHIR resources.",
		"PID Patient Identification", "PID-3 Patient Identifier List", "PID-3.1 ID Number9000000009", "PID-3.4 Assigning AuthorityNHS",
		"PID-5 Patient Name", "PID-5.2 Given NameJohn", "PID-7 Date/Time of Birth19850315", "PID-8 Administrative SexM Male",
		"PV1-2 Patient ClassI Inpatient", "PV1-3.1 Point of CareWard7", "MSH-1 Field Separator|", `MSH-2 Encoding Characters^~\&`,
		"received 13 Apr 2025, 09:30:00.000 UTC", "acknowledged +2 ms 09:30:00.002", "mapped +39 ms 09:30:00.041", "delivered +4 ms 09:30:00.045",
		"3 created, 1 unchanged", "From address10.20.1.7:51514", "Control idMSG001", "Size325 bytes", "AA: accepted.", "MSA|AA|MSG001CR",
		"Patient version 1", `"birthDate": "1985-03-15"`, `"value": 1.50`, "This version can not be read any more.")
	wants(t, p,
		`href="/fhir/Patient/6f1c2a52-9c1b-8d1e-a3b4-0d9a7c55e101"`, `href="/fhir/Patient/6f1c2a52-9c1b-8d1e-a3b4-0d9a7c55e101/_history/1"`,
		`<a href="#Patient-6f1c2a52-9c1b-8d1e-a3b4-0d9a7c55e101-1">&#34;Patient/6f1c2a52`, // subject of the Encounter: on this page
		`href="/fhir/Location/0a7b6c5d-4e3f-8a1b-9c0d-1e2f3a4b5c06">`,                     // not on this page
		`href="/fhir/Location/gone/_history/1202"`,
		`rel="prev" href="/ui/messages/`+ids[1].String()+`"`, `rel="next" href="/ui/messages/`)
	for _, no := range []string{"<form", `id="cause"`, "Why it"} {
		if strings.Contains(p, no) {
			t.Errorf("a delivered message has %q", no)
		}
	}
}

// TestCauseIsMarked walks the places that a cause may name.
func TestCauseIsMarked(t *testing.T) {
	for _, c := range []struct {
		message func() web.Detail
		at      string
		want    string // the one row that is marked
		missing string
	}{
		{badDate, "PID-7", "PID-7 Date/Time of Birth19850231", ""},
		{badDate, "PID-3[2].4", "PID-3[2].4 Assigning AuthorityNHS", ""},
		{badDate, "PID-3", "PID-3[1] Patient Identifier List", ""},
		{badDate, "PID-3[2].4.1", "PID-3[2].4 Assigning AuthorityNHS", ""},
		{badDate, "PID-5.1.2", "PID-5.1 Family NameOkafor", ""},
		{badDate, "PID-5.4", "PID-5 Patient Name", ""},
		{badDate, "PID-8.1", "PID-8 Administrative SexF Female", ""},
		{badDate, "PID-18", "PID-18 Patient Account Numbernot in the message", ""},
		{badDate, "NK1-4", "NK1-4 Address\"\" delete what is held", ""},
		{badDate, "PV1", "PV1 Patient Visit", ""},
		{badDate, "EVN-1", "EVN-1 Event Type CodeA08", ""},
		{labResults, "OBX(3)-5", "OBX(3)-5 Observation Valuenot done", ""},
		{labResults, "OBX-5", "OBX(1)-5 Observation Value13.20", ""},
		{labResults, "OBX(4)-8", "OBX(4)-8 Abnormal Flagsnot in the message", ""},
		{labResults, "PID-3[1].4.2", "PID-3.4.2 Universal ID2.16.840.1.113883.3.98", ""},
		{badDate, "AL1-3", "", "The message has no such segment."},
		{labResults, "OBX(9)-5", "", "The message has no such segment."},
		{badDate, "Patient.birthDate", "", ""},
		{badDate, "", "", ""},
	} {
		d := c.message()
		d.Cause.At = c.at
		f, path := one(d)
		p := page(t, pages(f), path)
		marked := regexp.MustCompile(`(?s)<(div|summary)[^>]* id="cause".*?</(dd|summary)>`).FindAllString(p, -1)
		if c.want == "" {
			if len(marked) != 0 || strings.Contains(p, `href="#cause"`) {
				t.Errorf("%q: marked %q", c.at, marked)
			}
		} else if len(marked) != 1 || !strings.HasPrefix(words(marked[0]), c.want) || !strings.Contains(p, `href="#cause"`) {
			t.Errorf("%q: marked %q, want %q", c.at, words(strings.Join(marked, "; ")), c.want)
		}
		if c.missing != "" {
			wants(t, p, c.missing)
		}
		wants(t, words(p), c.at, d.Cause.Text)
	}
}

func TestTextInFieldsIsReadOnce(t *testing.T) {
	f, path := one(labResults())
	wants(t, words(page(t, pages(f), path)),
		"OBX(4)-5 Observation ValueSlight haemolysis. R&D informed.␊Repeat advised.", // \T\ and \.br\ of HL7 v2.9 2.7
		`R\T\D informed.\.br\Repeat`) // and as it came

	d := admission()
	d.Message.Body = file("latin1.hl7")
	f, path = one(d)
	wants(t, words(page(t, pages(f), path)), "PID-5.1 Family NameMüller", "PID|1||77^^^SUED^MR||Müller^JürgenCR")
	w := get(t, pages(f), path+"/raw")
	if got := w.Header().Get("Content-Type"); got != "text/plain; charset=windows-1252" && got != "text/plain; charset=iso-8859-1" || !bytes.Equal(w.Body.Bytes(), d.Message.Body) {
		t.Errorf("raw: %s, %d bytes of %d", got, w.Body.Len(), len(d.Message.Body))
	}
	if got := w.Header().Get("Content-Disposition"); got != `inline; filename="`+strings.TrimPrefix(path, "/ui/messages/")+`.hl7"` {
		t.Error(got)
	}
}

// What is no HL7 is shown as its bytes.
func TestNotHL7(t *testing.T) {
	for _, c := range []struct{ body, raw, problem string }{
		{"GET / HTTP/1.1\r\nHost: x\n\n", "GET / HTTP/1.1CRLF Host: xLF LF", "It cannot be read as HL7 v2:"},
		{"\x00\x01\xff\x7fMSH", `␀␁\xff␡MSH`, "It cannot be read as HL7 v2:"},
		{"", "", "It cannot be read as HL7 v2:"},
		{"MSH", "MSH", "It cannot be read as HL7 v2:"},
		{"MSH|^~\\&|\u202eEVIL\u2066|\rZZ1|x\u200b", `MSH|^~\&|\u202eEVIL\u2066|CR ZZ1|x\u200b`, ""},
	} {
		d := badDate()
		d.Message.Body = []byte(c.body)
		f, path := one(d)
		p := page(t, pages(f), path)
		_, raw, _ := strings.Cut(p, `aria-label="The message as it came">`)
		raw, _, _ = strings.Cut(raw, "</pre>")
		if got := words(raw); got != c.raw {
			t.Errorf("%q: raw %q, want %q", c.body, got, c.raw)
		}
		if strings.Contains(p, "It cannot be read as HL7 v2:") != (c.problem != "") {
			t.Errorf("%q: says wrongly whether it is HL7", c.body)
		}
	}
}

// The JSON on the page is the resource laid out, every byte of it in order.
func TestResourceIsWhole(t *testing.T) {
	odd := []byte(`{"resourceType":"Basic","a-b":-1.50e+07,"t":"\"<b>\\ é 1 true","n":null,"l":[[],{},"reference"],"reference":"Patient/x y","x":{"reference":"Group/1"}}`)
	for name, body := range map[string][]byte{"patient": file("patient.json"), "encounter": file("encounter.json"), "odd": odd, "not JSON": []byte(`{"a": tru<script>`)} {
		d := admission()
		d.Produced = []web.Ref{{Type: "Basic", ID: "1", Version: 1}}
		f, path := one(d)
		f.resources[d.Produced[0]] = body
		p := page(t, pages(f), path)
		_, shown, _ := strings.Cut(p, `<pre class="json"><code>`)
		shown, _, _ = strings.Cut(shown, "</code>")
		want := string(body)
		var out bytes.Buffer
		if json.Indent(&out, body, "", "  ") == nil {
			want = out.String()
		}
		if got := html.UnescapeString(tags.ReplaceAllString(shown, "")); got != want {
			t.Errorf("%s: shows\n%s\nwant\n%s", name, got, want)
		}
		if name == "odd" && strings.Count(shown, "<a ") != 1 {
			t.Errorf("want one link, to Group/1: %s", shown)
		}
	}
}

// A long message gives a short page that says what it left out.
func TestLongMessagesStayQuick(t *testing.T) {
	msh := "MSH|^~\\&|LAB|N|P|H|20250413||ORU^R01|1|P|2.5.1\r"
	for name, c := range map[string]struct {
		body string
		left []string
	}{
		"segments":    {msh + strings.Repeat("OBX|1|NM|718-7^Hb^LN||13.2|g/dL\r", 30_000), []string{"more bytes", "segments", "of the message"}},
		"fields":      {msh + "PID" + strings.Repeat("|x", 100_000) + "\r", []string{"fields of PID"}},
		"empty":       {msh + "PID" + strings.Repeat("|", 1<<20) + "\r", []string{"more bytes"}},
		"repetitions": {msh + "PID|||" + strings.Repeat("1~", 50_000) + "\r", []string{"repetitions of PID-3"}},
		"components":  {msh + "PID|||" + strings.Repeat("1^", 50_000) + "\r", []string{"parts of PID-3"}},
		"parts":       {msh + "PID|||||" + strings.Repeat("1&", 50_000) + "\r", []string{"parts of PID-5.1"}},
		"all":         {msh + strings.Repeat("ZZ1"+strings.Repeat("|"+strings.Repeat("1&1^1~", 20), 20)+"\r", 200), []string{"segments"}},
		"value":       {msh + "OBX|1|ED|||" + strings.Repeat("QUJD", 50_000) + "\r", []string{"more characters"}},
		"one line":    {msh + "OBX|1|TX|||" + strings.Repeat("é", 20<<20) + "\r", []string{"of the message"}},
	} {
		d := admission()
		d.Message.Body = []byte(c.body)
		f, path := one(d)
		p := page(t, pages(f), path)
		if len(p) > 2<<20 {
			t.Errorf("%s: the page has %d bytes", name, len(p))
		}
		for _, l := range append(c.left, path+"/raw") {
			if !strings.Contains(p, l) {
				t.Errorf("%s: the page does not say %q", name, l)
			}
		}
		if w := get(t, pages(f), path+"/raw"); w.Body.String() != c.body {
			t.Errorf("%s: the raw message is not whole", name)
		}
	}
}

// The place of the cause is drawn even where the rest is left out.
func TestCauseOfLongMessage(t *testing.T) {
	d := labResults()
	long := func(n int) []byte {
		return []byte("MSH|^~\\&|LAB|N|P|H|20250413||ORU^R01|1|P|2.5.1\r" + strings.Repeat("OBX|1|NM|||1\r", n))
	}
	d.Message.Body, d.Cause.At = long(9000), "OBX(7000)-5"
	f, path := one(d)
	p := page(t, pages(f), path)
	wants(t, p, `id="cause"><dt><code>OBX(7000)-5</code>`)
	wants(t, words(p), "8,800 segments") // of 9,001: all but the first 200 and this one

	d.Message.Body, d.Cause.At = long(90_000), "OBX(89000)-5"
	f, path = one(d)
	wants(t, page(t, pages(f), path), "That place is not in the part of the message that is shown here.")
}

func TestManyResourcesAndSteps(t *testing.T) {
	d := admission()
	f := &fake{resources: map[web.Ref][]byte{}}
	d.Produced, d.Steps = nil, nil
	for i := range 300 {
		ref := web.Ref{Type: "Observation", ID: fmt.Sprint("o", i), Version: 1}
		d.Produced = append(d.Produced, ref)
		f.resources[ref] = []byte(`{"resourceType":"Observation","valueString":"` + strings.Repeat("x", 4000) + `"}`)
		d.Steps = append(d.Steps, message.Step{Name: "retrying", At: now.Add(time.Duration(i) * time.Minute)})
	}
	path := "/ui/messages/" + f.add(now, d).String()
	p := page(t, pages(f), path)
	wants(t, words(p), "It wrote 300 FHIR resources.", "200 earlier steps are not shown.", "Not shown here, to keep the page quick:")
	wants(t, p, `href="/fhir/Observation/o299/_history/1"`)
	if n := strings.Count(p, `<pre class="json">`); n != 40 || len(p) > 1<<20 {
		t.Errorf("%d resources in %d bytes", n, len(p))
	}
}

func TestVersionThatDeletes(t *testing.T) {
	d := admission()
	d.Produced = []web.Ref{{Type: "Encounter", ID: "e", Version: 3}}
	f, path := one(d)
	f.resources[d.Produced[0]] = nil
	wants(t, words(page(t, pages(f), path)), "Encounter version 3", "This version says that the resource is deleted.")
}

func TestStatesOfAMessage(t *testing.T) {
	for st, want := range map[message.State]string{
		message.Received:  "It is stored safely and waits for its turn.",
		message.Claimed:   "It is being worked on.",
		message.Retrying:  "It failed once and will be tried again in 1 min. Nothing is lost.",
		message.Delivered: "It changed nothing.",
		message.Filtered:  "A rule of its channel says that it is not wanted.",
		message.Dead:      "It needs a person. Its bytes are kept.",
	} {
		d := badDate()
		d.State, d.RetryAt = st, now.Add(90*time.Second)
		f, path := one(d)
		p := page(t, pages(f), path)
		wants(t, words(p), want)
		if got := strings.Contains(p, `<form`); got != (st == message.Dead || st == message.Filtered) {
			t.Errorf("%s: replay offered: %v", st, got)
		}
		if w := get(t, pages(f), path+"/replay"); w.Code != http.StatusMethodNotAllowed && w.Code != http.StatusNotFound {
			t.Errorf("GET replay: %d", w.Code)
		}
	}
}
