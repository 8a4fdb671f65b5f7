package mapping

import (
	"fmt"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// A vocabulary maps codes of v2 to codes of FHIR.
type vocabulary struct {
	name     string
	table    string // canonical URI of the v2 table; "" if it has none
	policy   policy
	fallback string // of policyDefault
	codes    map[string][]mapped
}

type policy uint8

const (
	policyKeep policy = iota
	policyDrop
	policyDefault
	policyError
)

// mapped is one target of a code.
type mapped struct {
	from    string // canonical URI of the v2 code system
	code    string
	system  string
	display string
	row     *rowName
}

func (c *compiler) vocabulary(raw *rawVocabulary) *vocabulary {
	v := &vocabulary{name: raw.Vocabulary, codes: make(map[string][]mapped, len(raw.Rows))}
	if raw.Table != "" {
		v.table, _ = c.prog.systems.uri(raw.Table)
	}
	word, rest, _ := strings.Cut(raw.Unmapped, " ")
	switch {
	case raw.Unmapped == "" || raw.Unmapped == "keep":
	case raw.Unmapped == "drop":
		v.policy = policyDrop
	case raw.Unmapped == "error":
		v.policy = policyError
	case word == "default" && rest != "":
		v.policy, v.fallback = policyDefault, rest
	default:
		c.fail(raw.where, fmt.Errorf("unmapped: keep, drop, default X or error is wanted"))
	}
	seen := map[string]bool{}
	for i := range raw.Rows {
		r := &raw.Rows[i]
		switch {
		case r.Off:
			continue
		case seen[r.ID]:
			c.fail(r.where, fmt.Errorf("the id %s stands here twice", r.ID))
		case r.Code == "" || r.To == "":
			c.fail(r.where, fmt.Errorf("row %s: code and to are wanted", r.ID))
		}
		seen[r.ID] = true
		for typ, text := range map[string]string{"code": r.To, "uri": r.In, "string": r.Display} {
			if text != "" && r4.TypeByName(typ).Check(text) != nil {
				c.fail(r.where, fmt.Errorf("row %s: %q is not a %s", r.ID, text, typ))
			}
		}
		from := v.table
		if r.System != "" {
			from, _ = c.prog.systems.uri(r.System)
		}
		v.codes[r.Code] = append(v.codes[r.Code], mapped{
			from: from, code: r.To, system: r.In, display: r.Display,
			row: &rowName{id: v.name + "#" + r.ID, code: true},
		})
	}
	return v
}

// lookup returns the targets of a code. system is the canonical URI of what the
// message says, "" if it says nothing; with any, another system is no obstacle.
func (v *vocabulary) lookup(code, system string, any bool) []mapped {
	all := v.codes[code]
	if len(all) == 0 {
		if upper := strings.ToUpper(code); upper != code {
			all = v.codes[upper]
		}
	}
	if len(all) == 0 || system == "" {
		return all
	}
	fits := func(m mapped) bool { return m.from == system || m.from == "" }
	if len(all) == 1 { // as nearly all
		if any || fits(all[0]) {
			return all
		}
		return nil
	}
	var good []mapped
	for _, m := range all {
		if fits(m) {
			good = append(good, m)
		}
	}
	if len(good) == 0 && any {
		return all
	}
	return good
}
