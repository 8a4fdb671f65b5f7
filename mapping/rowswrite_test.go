package mapping_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// overlaps reports whether a cell lies in another one, or the other way round.
func overlaps(cells map[string]string, at string) bool {
	for other := range cells {
		if strings.HasPrefix(other, at+".") || strings.HasPrefix(at, other+".") {
			return true
		}
	}
	return false
}

// writeMessage writes what the cells say, with a patient.
func writeMessage(cells map[string]string, kind, event string, order []string) string {
	type field map[[2]int]string
	grid := map[string]map[int]field{"MSH": {}}
	put := func(at, text string) {
		seg, rest, _ := strings.Cut(at, "-")
		rest, again, _ := strings.Cut(rest, "[")
		parts := strings.Split(rest, ".")
		n, _ := strconv.Atoi(parts[0])
		c, sub := 1, 1
		if len(parts) > 1 {
			c, _ = strconv.Atoi(parts[1])
		}
		if len(parts) > 2 {
			sub, _ = strconv.Atoi(parts[2])
		}
		if again != "" {
			c, text = 1, "abc~"+text
		}
		if grid[seg] == nil {
			grid[seg] = map[int]field{}
		}
		if grid[seg][n] == nil {
			grid[seg][n] = field{}
		}
		grid[seg][n][[2]int{c, sub}] = text
	}
	for at, text := range map[string]string{"MSH-7": "20240102030405+0100", "MSH-9.1": kind, "MSH-9.2": event, "MSH-10": "1", "MSH-11": "P", "MSH-12": "2.9", "PID-3.1": "P77", "PID-3.4.2": "1.2.3", "PID-3.4.3": "ISO", "PID-5.1": "DOE"} {
		if _, said := cells[at]; !said {
			put(at, text)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(cells)) { // a part after the whole
		text := cells[at]
		if text == "*" {
			text = "abc"
		}
		if text != "" {
			put(at, text)
		}
	}
	var out strings.Builder
	for _, seg := range append([]string{"MSH"}, order...) {
		fields, ok := grid[seg]
		if !ok {
			continue
		}
		out.WriteString(seg)
		first, last := 1, 1
		if seg == "MSH" {
			out.WriteString(`|^~\&`)
			first = 3
		}
		for n := range fields {
			last = max(last, n)
		}
		for n := first; n <= last; n++ {
			out.WriteByte('|')
			out.WriteString(writeField(fields[n]))
		}
		out.WriteByte('\r')
	}
	return out.String()
}

func writeField(f map[[2]int]string) string {
	var comps []string
	for at, text := range f {
		for len(comps) < at[0] {
			comps = append(comps, "")
		}
		subs := strings.Split(comps[at[0]-1], "&")
		for len(subs) < at[1] {
			subs = append(subs, "")
		}
		subs[at[1]-1] = text
		comps[at[0]-1] = strings.Join(subs, "&")
	}
	return strings.Join(comps, "^")
}
