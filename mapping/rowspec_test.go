package mapping_test

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A spec is what one row of a table does when its message comes: the places of
// the message that it needs, and an element with its text that it must then write.
type spec struct {
	cells map[string]string // "PID-5.1" -> text; "" must stay empty
	path  string            // below the resource that it ends in, without indexes
	typ   string            // of that resource
	text  string            // of the element; "->Patient" is a reference to one
}

// specs works out what rows do, from the tables alone.
type specs struct {
	tables map[string]map[string]*tableFile
	depth  int
}

var (
	index    = regexp.MustCompile(`\[[^\]]*\]`)
	wordWhen = regexp.MustCompile(`"[^"]*"|[()]|[^\s()]+`)
)

// samples are texts of a message that fit a primitive type, and what FHIR makes of them
// (R4 datatypes.html, HL7 v2.9 chapter 2A).
var samples = map[string][2]string{
	"date": {"20240102", "2024-01-02"}, "dateTime": {"20240102030405+0100", "2024-01-02T03:04:05+01:00"},
	"instant": {"20240102030405+0100", "2024-01-02T03:04:05+01:00"}, "time": {"0304", "03:04:00"},
	"decimal": {"7.5", "7.5"}, "integer": {"7", "7"}, "positiveInt": {"7", "7"}, "unsignedInt": {"7", "7"},
	"boolean": {"Y", "true"}, "string": {"abc", "abc"}, "markdown": {"abc", "abc"}, "code": {"abc", "abc"},
	"uri": {"urn:x:1", "urn:x:1"}, "url": {"http://x.example/1", "http://x.example/1"}, "id": {"abc", "abc"},
	"canonical": {"http://x.example/1", "http://x.example/1"}, "oid": {"urn:oid:1.2.3", "urn:oid:1.2.3"},
}

// samplesOf are those of single rows, where not every text of the type will do.
var samplesOf = map[string][2]string{"CWE[Duration]#3": {"min", "min"}, "ID[boolean]#3": {"true", "true"}}

// codesOf are codes that a code system has and the vocabulary of its table leaves out, so
// that the row for the system is the one to write it.
var codesOf = map[string]string{
	"http://terminology.hl7.org/CodeSystem/v2-0003": "R03", "http://terminology.hl7.org/CodeSystem/v2-0119": "NW",
	"http://terminology.hl7.org/CodeSystem/v2-0207": "Not present", "http://terminology.hl7.org/CodeSystem/v2-0301": "L",
}

// functionSpecs are what functions make of components (from the place of the row on): input
// by component, the path below the target, and the text.
var functionSpecs = map[string]struct {
	in         map[int]string
	path, text string
}{
	"codeSystem": {map[int]string{0: "http://x.example/cs"}, "", "http://x.example/cs"}, "text": {map[int]string{0: "abc"}, "", "abc"},
	"raw": {map[int]string{0: "abc"}, "", "abc"}, "lines": {map[int]string{0: "abc"}, "", "abc"},
	"yesNo": {map[int]string{0: "Y"}, "", "true"}, "one": {map[int]string{0: "7"}, "", "1"},
	"dayOfWeek": {map[int]string{0: "2"}, "", "tue"}, "nameText": {map[int]string{1: "Smith", 2: "John"}, "", "John Smith"},
	"namespace":   {map[int]string{1: "", 2: "1.2.3", 3: "ISO"}, "", "urn:oid:1.2.3"},
	"eiNamespace": {map[int]string{1: "5", 3: "1.2.3", 4: "ISO"}, "", "urn:oid:1.2.3"},
	"universalID": {map[int]string{0: "1.2.3", -1: "ISO"}, "", "urn:oid:1.2.3"},
	"minutes":     {map[int]string{1: "2", 2: "HR"}, "", "120"}, "textData": {map[int]string{0: "hello"}, "", "aGVsbG8="},
	"documentText": {map[int]string{0: "hello"}, "", "aGVsbG8="}, "documentType": {map[int]string{0: "hello"}, "", "text/plain"},
	"tqDuration": {map[int]string{0: "H2"}, ".value", "2"}, "duration": {map[int]string{1: "2", 2: "HR"}, ".value", "2"},
	"attachmentData": {map[int]string{4: "Base64", 5: "aGVsbG8="}, "", "aGVsbG8="},
	"mimeType":       {map[int]string{2: "image", 3: "png"}, "", "image/png"},
	"sampledData":    {map[int]string{1: "1", 2: "2"}, ".data", "1 2"},
	"range":          {map[int]string{0: "3-5"}, ".low.value", "3"},
	"repeatOffset":   {map[int]string{9: "2", 10: "HR"}, "", "120"},
}

// join puts a component behind a place: PID-5 and 1 give PID-5.1, PID-3.4 and 1 give PID-3.4.1.
func join(place string, n int) string {
	if n == 0 {
		return place
	}
	if strings.Count(place, ".") > 1 { // a subcomponent has no parts
		return place
	}
	return fmt.Sprintf("%s.%d", place, n)
}

// place turns a reference of a row into a place of the message; in a data type map the
// value stands at host.
func place(ref, host string) string {
	ref = index.ReplaceAllString(ref, "")
	if host == "" || strings.Contains(ref, "-") {
		return ref
	}
	_, parts, _ := strings.Cut(ref, ".")
	at := host
	for _, p := range strings.FieldsFunc(parts, func(r rune) bool { return r == '.' }) {
		if strings.Count(at, ".") > 1 {
			break
		}
		at += "." + p
	}
	return at
}

// of works out a row of a table. host is the place of the value of a data type map, typ
// the resource that it writes to, base the path in it. ok is false where the tables do
// not say it in a way that this can tell.
func (s *specs) of(class, table string, r tableRow, host, typ, base string) (spec, bool) {
	out := spec{cells: map[string]string{}}
	if r["off"] == "true" || r["stop"] != "" || r["to"] == "" && r["clear"] == "" {
		return out, false
	}
	from := r["from"]
	own := place(from, host)
	if class == "segments" && !strings.Contains(from, "-") {
		own = "" // the segment itself
		out.cells[from+"-1"] = ""
		delete(out.cells, from+"-1")
		out.cells[from+"-0"] = "here"
	}
	if !s.when(r["when"], own, host, class, out.cells) {
		return out, false
	}
	to := strings.TrimPrefix(index.ReplaceAllString(r["to"], ""), ".")
	if to == "$this" || to == "$value" {
		to = ""
	}
	path := base
	for to != "" {
		i := strings.IndexByte(to, '(')
		if i < 0 {
			path += "." + to
			break
		}
		path, typ, to = "", strings.TrimSuffix(to[i+1:], ")"), ""
		if j := strings.IndexAny(typ, ".("); j >= 0 {
			typ, to = typ[:j], typ[j+1:]
		}
	}
	out.typ, out.path = typ, path
	set := func(at, text string) {
		if at == own && overlaps(out.cells, at) {
			return // a part of it is said already
		}
		if have, ok := out.cells[at]; !ok || have == "*" || have == "" && ok {
			out.cells[at] = text
		}
	}
	switch {
	case r["clear"] == "true":
		return out, false
	case r["ref"] != "":
		slot, _, _ := strings.Cut(r["ref"], "[")
		out.path, out.text = path+".reference", "->"+slot
		if own != "" {
			set(own, "abc")
		}
		return out, true
	case r["fn"] != "":
		f, ok := functionSpecs[r["fn"]]
		if !ok || own == "" {
			return out, false
		}
		for _, n := range slices.Sorted(maps.Keys(f.in)) {
			text := f.in[n]
			if n == -1 { // the component after it
				i := strings.LastIndexByte(own, '.')
				var c int
				fmt.Sscan(own[i+1:], &c)
				set(fmt.Sprintf("%s.%d", own[:i], c+1), text)
				continue
			}
			set(join(own, n), text)
		}
		out.path, out.text = path+f.path, f.text
		return out, true
	case r["expr"] != "":
		var text string
		for i, part := range strings.Split(r["expr"], " + ") {
			if strings.HasPrefix(part, `"`) {
				text += strings.Trim(part, `"`)
				continue
			}
			at := place(part, host)
			word := fmt.Sprintf("w%d", i)
			set(at, word)
			text += out.cells[at]
		}
		out.text = strings.Join(strings.Fields(text), " ")
		return out, true
	case r["value"] != "":
		if own != "" && !strings.Contains(r["when"], own+" not valued") && !strings.Contains(r["when"], from+" not valued") {
			if _, ok := out.cells[own]; !ok {
				set(own, cmp.Or(codesOf[r["value"]], "abc"))
			}
		}
		out.text = r["value"]
		return out, true
	case r["as"] != "":
		return s.through(out, own, r, set)
	case r["code"] != "":
		return s.coded(out, own, r["code"], typeAt(typ, path), set)
	}
	t := typeAt(typ, path)
	if t == nil {
		return out, false
	}
	sample, ok := samplesOf[table+"#"+r["id"]]
	if !ok {
		sample, ok = samples[t.Name]
	}
	if !ok || own == "" {
		return out, false
	}
	switch have := out.cells[own]; have {
	case "", "*":
	case samples["dateTime"][0], samples["date"][0]: // as long as the condition wants it
		sample = [2]string{have, map[bool]string{true: samples["date"][1], false: samples["dateTime"][1]}[len(have) == 8 || t.Name == "date"]}
	default:
		sample = [2]string{have, have}
	}
	set(own, sample[0])
	out.text = sample[1]
	return out, true
}

// typeAt is the type of an element of a resource; nil where there is none.
func typeAt(resource, path string) *r4.Type {
	t := r4.TypeByName(resource)
	for _, name := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
		if t == nil {
			return nil
		}
		if name == "extension" && t.Kind == r4.KindPrimitive {
			t = r4.TypeByName("Extension")
			continue
		}
		_, typ, ok := t.Field(name)
		if !ok {
			return nil
		}
		t = typ
	}
	return t
}
