package fhirserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/fhirserver"
	"github.com/ponshealth/pons/internal/store"
)

const base = "http://fhir.test/fhir"

// TestConversations runs the cases of testdata: what a client sends and what it
// must be answered, in order, against an empty store: the one in memory, and the
// real one. The clock of both ticks a second before each request but a GET.
//
//	# a remark
//	>> PUT /Patient/p1          a request
//	If-Match: W/"1"             its headers
//	                            an empty line, then the body
//	{"resourceType": ...}
//	<< 201                      the status of the answer
//	ETag: W/"1"                 a header; * stands for anything
//	- Location                  a header that is not there
//	empty                       the body is empty
//	json issue[0].code = x      a value in the body; * as above
//	json entry # 2              the length of an array; 0: it is not there
//	let ID = Location /Patient/([^/]*)/     take from a header, or from "json link[1].url"
//
// $ID stands for what was taken. Every OperationOutcome must be valid R4.
func TestConversations(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	stores := map[string]func(*testing.T, *clock) fhirserver.Store{
		"memory": func(_ *testing.T, c *clock) fhirserver.Store { m := newMemory(); m.clock = c; return m },
		"sqlite": openStore,
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for name, open := range stores {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+" "+name, func(t *testing.T) {
				c := &conversation{t: t, file: file, vars: map[string]string{}, clock: newClock()}
				c.run(string(text), open(t, c.clock))
			})
		}
	}
}

func openStore(t *testing.T, c *clock) fhirserver.Store {
	s, err := store.Open(t.Context(), t.TempDir(), store.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

type conversation struct {
	t     *testing.T
	file  string
	line  int
	clock *clock
	vars  map[string]string
	reply *httptest.ResponseRecorder
	body  any
}

func (c *conversation) errorf(format string, args ...any) {
	c.t.Helper()
	c.t.Errorf("%s:%d: %s", c.file, c.line, fmt.Sprintf(format, args...))
}

func (c *conversation) run(text string, st fhirserver.Store) {
	handler := fhirserver.New(fhirserver.Options{Store: st, Base: base, MaxBody: 4096, MaxURL: 2048, PageSize: 3, MaxPage: 5,
		Key: make([]byte, 32), Now: c.clock.now})
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		c.line = i + 1
		line := lines[i]
		for name, value := range c.vars {
			line = strings.ReplaceAll(line, "$"+name, value)
		}
		switch {
		case strings.HasPrefix(line, ">> "):
			end := i + 1
			for end < len(lines) && !strings.HasPrefix(lines[end], "<< ") {
				end++
			}
			if end == len(lines) {
				c.t.Fatalf("%s:%d: a request without an answer", c.file, c.line)
			}
			r := c.request(line[3:], lines[i+1:end])
			if r.Method != http.MethodGet {
				c.clock.tick()
			}
			c.reply = httptest.NewRecorder()
			handler.ServeHTTP(c.reply, r)
			c.body = nil
			c.checkJSON()
			i = end - 1
		case strings.HasPrefix(line, "<< "):
			if got := strconv.Itoa(c.reply.Code); got != line[3:] {
				c.errorf("status %s, want %s; body %s", got, line[3:], c.reply.Body)
			}
		case line != "" && line[0] != '#':
			c.expect(line)
		}
	}
}

func (c *conversation) request(first string, rest []string) *http.Request {
	method, target, _ := strings.Cut(first, " ")
	target = strings.TrimPrefix(target, base)
	head, body := rest, []string(nil)
	for i, line := range rest {
		if line == "" {
			head, body = rest[:i], rest[i+1:]
			break
		}
	}
	content := strings.TrimSpace(strings.Join(body, "\n"))
	for name, value := range c.vars {
		content = strings.ReplaceAll(content, "$"+name, value)
	}
	r := httptest.NewRequest(method, strings.ReplaceAll(target, " ", "%20"), strings.NewReader(content))
	if content != "" {
		r.Header.Set("Content-Type", "application/fhir+json")
	}
	for _, line := range head {
		if name, value, ok := strings.Cut(line, ": "); ok {
			r.Header.Set(name, value)
		}
	}
	return r
}

// checkJSON decodes the body, which must be a valid resource of R4.
func (c *conversation) checkJSON() {
	b := c.reply.Body.Bytes()
	if len(b) == 0 {
		return
	}
	if _, err := r4.Unmarshal(b); err != nil {
		c.errorf("the body is not FHIR: %v\n%s", err, b)
	}
	if err := json.Unmarshal(b, &c.body); err != nil {
		c.errorf("%v", err)
	}
	if want := strconv.Itoa(len(b)); c.reply.Header().Get("Content-Length") != want {
		c.errorf("Content-Length %s, want %s", c.reply.Header().Get("Content-Length"), want)
	}
}

func (c *conversation) expect(line string) {
	kind, rest, _ := strings.Cut(line, " ")
	switch {
	case kind == "empty":
		if c.reply.Body.Len() > 0 {
			c.errorf("the body is not empty: %s", c.reply.Body)
		}
	case kind == "-":
		if v := c.reply.Header().Get(rest); v != "" {
			c.errorf("there is a header %s: %s", rest, v)
		}
	case kind == "let":
		c.let(rest)
	case kind == "json":
		if path, want, ok := strings.Cut(rest, " # "); ok {
			list, _ := at(c.body, path).([]any)
			if strconv.Itoa(len(list)) != want {
				c.errorf("%s has %d elements, want %s; body %s", path, len(list), want, c.reply.Body)
			}
			return
		}
		path, want, _ := strings.Cut(rest, " = ")
		c.compare(path, fmt.Sprint(at(c.body, path)), want)
	default:
		name, want, _ := strings.Cut(line, ": ")
		c.compare(name, c.reply.Header().Get(name), want)
	}
}

func (c *conversation) compare(what, got, want string) {
	pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), `\*`, ".*") + "$"
	if !regexp.MustCompile(pattern).MatchString(got) {
		c.errorf("%s is %s, want %s", what, got, want)
	}
}

// let reads "NAME = Header regexp" or "NAME = json path regexp".
func (c *conversation) let(s string) {
	name, rest, _ := strings.Cut(s, " = ")
	from, pattern, _ := strings.Cut(rest, " ")
	value := c.reply.Header().Get(from)
	if from == "json" {
		from, pattern, _ = strings.Cut(pattern, " ")
		value = fmt.Sprint(at(c.body, from))
	}
	m := regexp.MustCompile(pattern).FindStringSubmatch(value)
	if m == nil || value == "<nil>" {
		c.t.Fatalf("%s:%d: %s is %s", c.file, c.line, from, value)
	}
	c.vars[name] = m[1]
}

var pathWord = regexp.MustCompile(`(\w+)|\[(\d+)\]`)

// at walks decoded JSON: "issue[0].code".
func at(v any, path string) any {
	for _, m := range pathWord.FindAllStringSubmatch(path, -1) {
		switch here := v.(type) {
		case map[string]any:
			v = here[m[1]]
		case []any:
			i, err := strconv.Atoi(m[2])
			if err != nil || i >= len(here) {
				return nil
			}
			v = here[i]
		default:
			return nil
		}
	}
	return v
}
