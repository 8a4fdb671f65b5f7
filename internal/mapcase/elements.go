package mapcase

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Elements gives every primitive of the Bundle by its path: "Patient[0].name[0].family".
// Resources are counted by type, and references between them say which is meant, so that
// another id alone is no difference.
func (b *Resources) Elements() map[string]string {
	names, count := map[string]string{}, map[string]int{}
	for _, r := range b.list {
		if typ, _ := r.body["resourceType"].(string); r.ref != "" {
			names[r.ref] = fmt.Sprintf("%s[%d]", typ, count[typ])
			count[typ]++
		}
	}
	out := map[string]string{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, c := range v {
				walk(at+"."+k, c)
			}
		case []any:
			for i, c := range v {
				walk(at+"["+strconv.Itoa(i)+"]", c)
			}
		case string:
			if name, ok := names[v]; ok {
				v = name
			}
			out[at] = v
		case json.Number:
			out[at] = v.String()
		case bool:
			out[at] = strconv.FormatBool(v)
		}
	}
	for url, r := range b.byRef {
		for k, v := range r {
			if k != "id" && k != "resourceType" {
				walk(names[url]+"."+k, v)
			}
		}
		out[names[url]] = ""
	}
	return out
}

// Differences lists what two sets of elements do not share, by path: "+ path: text",
// "- path: text", "~ path: before -> after".
func Differences(before, after map[string]string) (lines []string) {
	paths := map[string]bool{}
	for p := range before {
		paths[p] = true
	}
	for p := range after {
		paths[p] = true
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		a, was := before[p]
		b, is := after[p]
		switch {
		case was && is && a != b:
			lines = append(lines, fmt.Sprintf("~ %s: %s -> %s", p, a, b))
		case was && !is:
			lines = append(lines, "- "+p+text(a))
		case is && !was:
			lines = append(lines, "+ "+p+text(b))
		}
	}
	return lines
}

func text(s string) string {
	if s == "" {
		return ""
	}
	return ": " + s
}
