package fhirserver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/fhirserver"
)

// send asks a handler and returns the answer.
func send(h http.Handler, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// issueOf reads the first issue of an OperationOutcome, which must be valid.
func issueOf(t *testing.T, w *httptest.ResponseRecorder) r4.OperationOutcomeIssue {
	t.Helper()
	r, err := r4.Unmarshal(w.Body.Bytes())
	if err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	o, ok := r.(*r4.OperationOutcome)
	if !ok || len(o.Issue) == 0 {
		t.Fatalf("not an OperationOutcome: %s", w.Body)
	}
	return o.Issue[0]
}

// Every kind of failure has its status and its code of the value set issue-type.
func TestEveryKindOfFault(t *testing.T) {
	want := map[fault.Kind]struct {
		status int
		code   string
	}{
		fault.Internal:    {500, "exception"},
		fault.Invalid:     {400, "invalid"},
		fault.Unsupported: {400, "not-supported"},
		fault.NotFound:    {404, "not-found"},
		fault.Gone:        {410, "deleted"},
		fault.Conflict:    {409, "conflict"},
		fault.TooLarge:    {400, "too-costly"}, // of a search; a body is 413
		fault.Denied:      {403, "forbidden"},
		fault.Busy:        {503, "transient"},
	}
	m := newMemory()
	h := fhirserver.New(fhirserver.Options{Store: m})
	for _, kind := range fault.Kinds() {
		m.broken = fault.New(kind, "_sort", "the store's words")
		w := send(h, "GET", "/Patient?_sort=name", "")
		issue := issueOf(t, w)
		if w.Code != want[kind].status || issue.Code != want[kind].code {
			t.Errorf("%v: %d %s, want %d %s", kind, w.Code, issue.Code, want[kind].status, want[kind].code)
		}
		if hidden := !strings.Contains(w.Body.String(), "the store's words"); hidden != (kind == fault.Internal) {
			t.Errorf("%v: the client reads %q", kind, issue.Diagnostics)
		}
		if kind != fault.Internal && !slices.Equal(issue.Location, []string{"http._sort"}) {
			t.Errorf("%v: at %v", kind, issue.Location)
		}
		if retry := w.Header().Get("Retry-After") != ""; retry != (kind == fault.Busy) {
			t.Errorf("%v: Retry-After is %v", kind, retry)
		}
	}
	m.broken = errors.New("nobody has classified this")
	if w := send(h, "GET", "/Patient/1", ""); w.Code != 500 || strings.Contains(w.Body.String(), "classified") {
		t.Errorf("an unclassified error: %d %s", w.Code, w.Body)
	}
}

func TestLimits(t *testing.T) {
	h := fhirserver.New(fhirserver.Options{Store: newMemory(), MaxBody: 1000, MaxURL: 200})
	big := `{"resourceType": "Patient", "language": "` + strings.Repeat("x", 1000) + `"}`
	for _, c := range []struct {
		name, method, target, body string
		status                     int
		code                       string
	}{
		{"a body", "POST", "/Patient", big, 413, "too-long"},
		{"a body to update", "PUT", "/Patient/1", big, 413, "too-long"},
		{"a URL", "GET", "/Patient?name=" + strings.Repeat("x", 200), "", 414, "too-long"},
		{"nesting", "POST", "/Patient", `{"resourceType": "Patient", "extension": ` + strings.Repeat("[", 400), 400, "structure"},
		{"parameters", "GET", "/Patient?" + strings.Repeat("name=x&", 21), "", 400, "too-costly"},
	} {
		w := send(h, c.method, c.target, c.body)
		if issue := issueOf(t, w); w.Code != c.status || issue.Code != c.code {
			t.Errorf("too much of %s: %d %s, want %d %s", c.name, w.Code, issue.Code, c.status, c.code)
		}
	}
	form := "name=" + strings.Repeat("x", 9000)
	w := send(h, "POST", "/Patient/_search", form, "Content-Type", "application/x-www-form-urlencoded")
	if w.Code != 413 {
		t.Errorf("a form of 9 kB: %d", w.Code)
	}
}

// A change that is not bound to a version is tried again when another came
// between; one that is bound is not done.
func TestConcurrentChanges(t *testing.T) {
	m := newMemory()
	h := fhirserver.New(fhirserver.Options{Store: m})
	patient := `{"resourceType": "Patient", "id": "1"}`
	for _, method := range []string{"PUT", "PUT", "DELETE"} {
		body := patient
		if method == "DELETE" {
			body = ""
		}
		m.conflicts = 2
		if w := send(h, method, "/Patient/1", body); w.Code > 204 {
			t.Errorf("%s after two conflicts: %d %s", method, w.Code, w.Body)
		}
	}
	m.conflicts = 1000
	w := send(h, "PUT", "/Patient/1", patient)
	if issue := issueOf(t, w); w.Code != 409 || issue.Code != "conflict" {
		t.Errorf("PUT with conflicts without end: %d %s", w.Code, issue.Code)
	}
	m.conflicts = 0
	tag := send(h, "PUT", "/Patient/1", patient).Header().Get("ETag")
	m.conflicts = 1
	if w := send(h, "PUT", "/Patient/1", patient, "If-Match", tag); w.Code != 412 {
		t.Errorf("PUT with If-Match after a conflict: %d, want 412", w.Code)
	}
}

// A patch is applied again to what another change left; one that is bound to a
// version is not done.
func TestConcurrentPatch(t *testing.T) {
	m := newMemory()
	h := fhirserver.New(fhirserver.Options{Store: m})
	send(h, "PUT", "/Patient/1", `{"resourceType": "Patient", "id": "1"}`)
	const ops, media = `[{"op":"add","path":"/active","value":true}]`, "application/json-patch+json"
	m.conflicts = 1
	w := send(h, "PATCH", "/Patient/1", ops, "Content-Type", media)
	if w.Code != 200 || w.Header().Get("ETag") != `W/"3"` {
		t.Errorf("PATCH after a conflict: %d %s, want 200 and version 3", w.Code, w.Header().Get("ETag"))
	}
	m.conflicts = 1
	if w := send(h, "PATCH", "/Patient/1", ops, "Content-Type", media, "If-Match", `W/"3"`); w.Code != 412 {
		t.Errorf("PATCH with If-Match after a conflict: %d, want 412", w.Code)
	}
}

// Of two clients that create the same at the same time, the second is given
// what the first one made (http.html#ccreate).
func TestConcurrentConditionalCreate(t *testing.T) {
	m := newMemory()
	h := fhirserver.New(fhirserver.Options{Store: m})
	m.conflicts = 1
	w := send(h, "POST", "/Patient", `{"resourceType": "Patient", "identifier": [{"system": "http://acme.org/mrn", "value": "1"}]}`,
		"If-None-Exist", "identifier=http://acme.org/mrn|1")
	if w.Code != 200 || len(m.resources) != 1 {
		t.Errorf("%d, and %d patients; want 200 and one", w.Code, len(m.resources))
	}
}

func TestHead(t *testing.T) {
	m := newMemory()
	server := httptest.NewServer(http.StripPrefix("/fhir", fhirserver.New(fhirserver.Options{Store: m})))
	defer server.Close()
	send(fhirserver.New(fhirserver.Options{Store: m}), "PUT", "/Patient/1", `{"resourceType": "Patient", "id": "1"}`)
	for _, path := range []string{"/Patient/1", "/Patient?_id=1", "/metadata", "/Patient/1/_history", "/Patient/2"} {
		get, err := http.Get(server.URL + "/fhir" + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(get.Body)
		get.Body.Close()
		head, err := http.Head(server.URL + "/fhir" + path)
		if err != nil {
			t.Fatal(err)
		}
		none, _ := io.ReadAll(head.Body)
		head.Body.Close()
		if head.StatusCode != get.StatusCode || head.Header.Get("ETag") != get.Header.Get("ETag") || len(none) > 0 ||
			head.Header.Get("Content-Length") != strconv.Itoa(len(body)) {
			t.Errorf("HEAD %s: %d, %d bytes said, GET: %d, %d bytes", path, head.StatusCode, head.ContentLength, get.StatusCode, len(body))
		}
	}
	// Without Options.Base the links go where the request came in.
	w, err := http.Get(server.URL + "/fhir/Patient?_id=1")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Body.Close()
	body, _ := io.ReadAll(w.Body)
	if !bytes.Contains(body, []byte(`"fullUrl":"`+server.URL+`/fhir/Patient/1"`)) {
		t.Errorf("links are not below %s/fhir: %s", server.URL, body)
	}
}

func TestCapabilities(t *testing.T) {
	h := fhirserver.New(fhirserver.Options{Store: newMemory(), Version: "1.2.3"})
	w := send(h, "GET", "/metadata", "")
	r, err := r4.Unmarshal(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	c := r.(*r4.CapabilityStatement)
	if c.FhirVersion != "4.0.1" || c.Software.Version != "1.2.3" || c.Kind != "instance" || c.Status != "active" || c.Date == "" {
		t.Errorf("head is %+v", c)
	}
	want := []string{"search-type", "create", "update", "read", "patch", "delete", "history-instance", "vread"}
	if n := len(c.Rest[0].Resource); n != len(r4.ResourceTypes())-1 {
		t.Errorf("%d resource types", n)
	}
	for _, res := range c.Rest[0].Resource {
		var codes []string
		for _, i := range res.Interaction {
			codes = append(codes, i.Code)
		}
		if !slices.Equal(codes, want) {
			t.Errorf("%s: %v", res.Type, codes)
		}
		for _, p := range res.SearchParam {
			// What is promised is done: a parameter is accepted, if not its value.
			_, err := search.Parse(res.Type, map[string][]string{p.Name: {"1"}})
			if e, ok := errors.AsType[*search.Error](err); ok && e.Class == search.Unknown {
				t.Errorf("%s.%s is promised and not supported", res.Type, p.Name)
			}
		}
	}
}

func TestPageLinksExpire(t *testing.T) {
	m := newMemory()
	key := []byte("a key that outlives the process")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	options := fhirserver.Options{Store: m, PageSize: 1, Key: key, Base: base, Now: func() time.Time { return now }}
	h := fhirserver.New(options)
	for _, id := range []string{"1", "2"} {
		send(h, "PUT", "/Patient/"+id, `{"resourceType": "Patient", "id": "`+id+`"}`)
	}
	var bundle struct{ Link []struct{ URL string } }
	if err := json.Unmarshal(send(h, "GET", "/Patient", "").Body.Bytes(), &bundle); err != nil || len(bundle.Link) != 2 {
		t.Fatal("no next link", err)
	}
	next := strings.TrimPrefix(bundle.Link[1].URL, base)
	if w := send(fhirserver.New(options), "GET", next, ""); w.Code != 200 {
		t.Errorf("after a restart with the same key: %d", w.Code)
	}
	if w := send(fhirserver.New(fhirserver.Options{Store: m}), "GET", next, ""); w.Code != 400 {
		t.Errorf("with another key: %d", w.Code)
	}
	now = now.Add(25 * time.Hour)
	if w := send(h, "GET", next, ""); w.Code != 410 {
		t.Errorf("after a day: %d, want 410", w.Code)
	}
}

// What clients send is repeated neither in logs nor in errors.
func TestNoValueLeaks(t *testing.T) {
	const canary = "Zz9CANARY"
	var log bytes.Buffer
	m := newMemory()
	h := fhirserver.New(fhirserver.Options{Store: m, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	requests := [][]string{
		{"GET", "/Patient/" + canary, ""},
		{"GET", "/" + canary, ""},
		{"GET", "/" + canary + "/1", ""},
		{"PATCH", "/" + canary + "/" + canary, ""},
		{"GET", "/Patient/1/_history/" + canary, ""},
		{"GET", "/Patient?birthdate=" + canary, ""},
		{"GET", "/Patient?identifier=" + canary + "|" + canary + "|" + canary, ""},
		{"GET", "/Patient?_sort=" + canary, ""},
		{"GET", "/Patient?_cursor=" + canary, ""},
		{"GET", "/Patient?_format=" + canary, ""},
		{"GET", "/Patient?organization=" + canary + "/1", ""},
		{"GET", "/Patient/1/_history?_since=" + canary, ""},
		{"GET", "/Patient?%zz" + canary, ""},
		{"POST", "/Patient", `{"resourceType": "` + canary + `"}`},
		{"POST", "/Patient", `{"resourceType": "Patient", "birthDate": "` + canary + `"}`},
		{"POST", "/Patient", `{"resourceType": "Patient", "gender": ["` + canary + `"]}`},
		{"POST", "/Patient", `{"resourceType": "Patient", ` + canary},
		{"PUT", "/Patient/1", `{"resourceType": "Patient", "id": "` + canary + `"}`},
		{"POST", "/Patient", `{"resourceType": "Patient"}`, "If-None-Exist", "birthdate=" + canary},
		{"PUT", "/Patient/1", `{"resourceType": "Patient", "id": "1"}`, "If-Match", canary},
		{"POST", "/Patient", `{"resourceType": "Patient"}`, "Content-Type", canary},
		{"GET", "/Patient", "", "Accept", "text/" + canary},
	}
	for _, r := range requests {
		w := send(h, r[0], r[1], r[2], r[3:]...)
		if w.Code < 400 {
			t.Errorf("%v is answered with %d", r, w.Code)
		}
		if strings.Contains(w.Body.String(), canary) {
			t.Errorf("%v is repeated: %s", r, w.Body)
		}
	}
	m.broken = errors.New("disk on fire")
	send(h, "GET", "/Patient/1?name="+canary, "")
	if strings.Contains(log.String(), canary) {
		t.Errorf("the log repeats what was sent:\n%s", log.String())
	}
	if !strings.Contains(log.String(), "disk on fire") || strings.Count(log.String(), "\n") != len(requests)+1 {
		t.Errorf("the log is not one line for each request, or does not say what failed:\n%s", log.String())
	}
}

// Numbers keep their digits, also where the answer is indented.
func TestPretty(t *testing.T) {
	m := newMemory()
	h := fhirserver.New(fhirserver.Options{Store: m})
	send(h, "PUT", "/Observation/1", `{"resourceType": "Observation", "id": "1", "status": "final", "code": {"text": "x"}, "valueQuantity": {"value": 1.50}}`)
	plain := send(h, "GET", "/Observation/1", "").Body.String()
	pretty := send(h, "GET", "/Observation/1?_pretty=true", "").Body.String()
	if !strings.Contains(plain, `"value":1.50`) || strings.Contains(plain, "\n") {
		t.Errorf("plain: %s", plain)
	}
	if !strings.Contains(pretty, "\n    \"value\": 1.50\n") {
		t.Errorf("pretty: %s", pretty)
	}
}

type panicking struct{ *memory }

func TestPanic(t *testing.T) {
	var log bytes.Buffer
	h := fhirserver.New(fhirserver.Options{Store: panicking{}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	w := send(h, "GET", "/Patient/1", "")
	if issue := issueOf(t, w); w.Code != 500 || issue.Code != "exception" || strings.Contains(w.Body.String(), "goroutine") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "fake_test.go") {
		t.Errorf("the log does not say where: %s", log.String())
	}
}
