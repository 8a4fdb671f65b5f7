package store

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

var metaTime = time.Date(2025, 4, 13, 9, 30, 0, 1_000_000, time.UTC)

func TestMeta(t *testing.T) {
	const stamp = `"versionId":"7","lastUpdated":"2025-04-13T09:30:00.001Z"`
	for _, test := range []struct{ body, want string }{
		{`{"resourceType":"Patient","id":"a","active":true}`, `{"resourceType":"Patient","id":"a","meta":{` + stamp + `},"active":true}`},
		{`{"resourceType":"Patient","active":true}`, `{"resourceType":"Patient","meta":{` + stamp + `},"active":true}`},
		{`{"active":true,"id":"a"}`, `{"active":true,"id":"a","meta":{` + stamp + `}}`},
		{`{"active":true}`, `{"meta":{` + stamp + `},"active":true}`},
		{`{}`, `{"meta":{` + stamp + `}}`},
		{` { } `, `{"meta":{` + stamp + `} }`},
		{`{"id":"a","meta":{},"x":1}`, `{"id":"a","meta":{` + stamp + `},"x":1}`},
		{`{"x":[{"meta":{"versionId":"1"}}],"meta" : { "profile":["p"]}}`, `{"x":[{"meta":{"versionId":"1"}}],"meta" : {` + stamp + `, "profile":["p"]}}`},
		{`{"x":"\"meta\":{","y":"}]\\","meta":{"tag":[]}}`, `{"x":"\"meta\":{","y":"}]\\","meta":{` + stamp + `,"tag":[]}}`},
		{`{"meta":{"extension":[{"versionId":1}]}}`, `{"meta":{` + stamp + `,"extension":[{"versionId":1}]}}`},
		{"{\"n\":-1.5e3\n,\"t\":true ,\"z\":null}", "{\"meta\":{" + stamp + "},\"n\":-1.5e3\n,\"t\":true ,\"z\":null}"},
	} {
		kept, err := withMeta([]byte(test.body))
		if err != nil {
			t.Errorf("%s: %v", test.body, err)
			continue
		}
		got, err := patchMeta(kept, 7, metaTime)
		if err != nil || string(got) != test.want {
			t.Errorf("%s\n gave %s, %v\n want %s", test.body, got, err, test.want)
		}
	}
}

// FuzzMeta holds the patch against encoding/json: the same resource, with the
// two elements.
func FuzzMeta(f *testing.F) {
	for _, seed := range []string{`{}`, `{"meta":{}}`, `{"id":"a","meta":{"profile":["x"]},"y":[1,{"meta":2}]}`, `{"a":"\\\"","b":-1e5,"meta":{"x":null}}`,
		`{"a":{"b":[[],{}]},"resourceType":"P"}`, `[]`, `{"meta":{"versionId":"1"}}`, `{"meta":3}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		kept, err := withMeta(body)
		var object map[string]any
		if json.Unmarshal(body, &object) != nil || object == nil {
			if err == nil {
				t.Fatalf("took %q", body)
			}
			return
		}
		if err != nil {
			return
		}
		patched, err := patchMeta(kept, 7, metaTime)
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		if duplicated(body) {
			return // encoding/json takes the last of two, the patch goes into the first
		}
		meta, _ := object["meta"].(map[string]any)
		if meta == nil {
			meta = map[string]any{}
		}
		meta["versionId"], meta["lastUpdated"] = "7", "2025-04-13T09:30:00.001Z"
		object["meta"] = meta
		want, _ := json.Marshal(object)
		var again any
		if err := json.Unmarshal(patched, &again); err != nil {
			t.Fatalf("%q became %q: %v", body, patched, err)
		}
		if got, _ := json.Marshal(again); !bytes.Equal(got, want) {
			t.Fatalf("%q became %s, want %s", body, got, want)
		}
	})
}

// duplicated tells of a member that is there twice, or that is written with
// escapes and so might be one that the patch looks for.
func duplicated(body []byte) bool {
	seen := map[string]bool{}
	for m := range members(bytes.TrimSpace(body), 0) {
		if seen[string(m.key)] || bytes.ContainsRune(m.key, '\\') {
			return true
		}
		seen[string(m.key)] = true
		if string(m.key) == "meta" {
			inner := map[string]bool{}
			for in := range members(bytes.TrimSpace(body), m.from) {
				if inner[string(in.key)] || bytes.ContainsRune(in.key, '\\') {
					return true
				}
				inner[string(in.key)] = true
			}
		}
	}
	return false
}
