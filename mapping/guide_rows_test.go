package mapping_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// jsonRow is a row of the guide as its JSON has it.
type jsonRow struct {
	Table, Source, Target, TargetRaw, DatatypeMap, VocabMap, SegmentMap string
	N                                                                   int
	Cond                                                                *struct {
		AST *jsonCond `json:"ast"`
	}
	Assign                                                *struct{ Kind, Value, Text string }
	References                                            []struct{ LHS, RHS string }
	Code, System, TargetCode, TargetSystem, TargetDisplay string
}

type jsonCond struct {
	Op, Ref, Cmp string
	Value        *string
	ValueRef     string
	Values       []string
	N            int
	Args         []*jsonCond
}

func readGuide(t *testing.T) *guide {
	t.Helper()
	g := &guide{rows: map[string]map[string][]guideRow{}, names: map[string]string{}}
	for class, file := range map[string]string{"messages": "messages", "segments": "segments", "datatypes": "datatypes", "vocabulary": "codesystems"} {
		b, err := os.ReadFile(filepath.Join(guideDir, file+".json"))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("SKIPPED: the guide's tables are not at %s, so ours are compared with nothing", guideDir)
		}
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			Tables []struct{ Table string }
			Rows   []jsonRow
		}
		if err := json.Unmarshal(b, &doc); err != nil {
			t.Fatal(err)
		}
		g.rows[class] = map[string][]guideRow{}
		for _, table := range doc.Tables {
			if class == "datatypes" {
				g.names[strings.ToLower(table.Table)] = table.Table
			}
		}
		for i := range doc.Rows {
			r := &doc.Rows[i]
			var row guideRow
			switch class {
			case "messages":
				row = r.message()
			case "vocabulary":
				row = guideRow{tableRow: tableRow{"code": oneSpace(r.Code), "system": oneSpace(r.System), "to": oneSpace(r.TargetCode), "in": oneSpace(r.TargetSystem)}}
				if r.TargetDisplay != "" {
					row.tableRow["display"] = oneSpace(r.TargetDisplay)
				}
			default:
				if r.TargetRaw == "" {
					continue // nothing but a proposed extension
				}
				row = r.field(class)
			}
			row.tableRow["id"] = strconv.Itoa(r.N)
			g.rows[class][r.Table] = append(g.rows[class][r.Table], row)
		}
	}
	for _, tables := range g.rows { // names of maps are misspelt in case only
		for _, rows := range tables {
			for _, r := range rows {
				if as := g.names[strings.ToLower(r.tableRow["as"])]; as != "" {
					r.tableRow["as"] = as
				}
			}
		}
	}
	return g
}

var (
	inline   = regexp.MustCompile(`="[^"]*"?$`)                       // status="finished"
	follow   = regexp.MustCompile(`^[A-Z0-9_]+:follow:(\w+)\.(\w+)$`) // ADT_A01:follow:PID.ROL
	dash     = regexp.MustCompile(`^([A-Z]+)-`)
	exprPart = regexp.MustCompile(`"[^"]*"|[^+"]+`)
)

func (r *jsonRow) field(class string) guideRow {
	row := guideRow{tableRow: tableRow{"from": r.Source, "to": inline.ReplaceAllString(oneSpace(r.TargetRaw), "")}}
	if class == "datatypes" {
		row.tableRow["from"] = dash.ReplaceAllString(r.Source, "$1.")
	}
	put := func(key, value string) {
		if value != "" {
			row.tableRow[key] = value
		}
	}
	put("as", r.DatatypeMap)
	put("code", r.VocabMap)
	put("code*", r.VocabMap)
	row.condition(r)
	if r.Assign != nil {
		switch r.Assign.Kind {
		case "literal":
			put("value", r.Assign.Value)
		case "expression":
			var parts []string
			for _, p := range exprPart.FindAllString(r.Assign.Text, -1) {
				if !strings.HasPrefix(p, `"`) {
					p = strings.TrimSpace(p)
				}
				if p != "" {
					parts = append(parts, p)
				}
			}
			put("expr", strings.Join(parts, " + "))
		default: // an instruction in prose
			row.undecided = true
		}
	}
	return row
}

func (r *jsonRow) message() guideRow {
	row := guideRow{tableRow: tableRow{"slot": oneSpace(r.Target), "map": r.SegmentMap}}
	if m := follow.FindStringSubmatch(r.Source); m != nil {
		row.tableRow["after"], row.tableRow["from"] = m[1], m[2]
	} else {
		parts := strings.Split(r.Source, ".")
		row.tableRow["from"] = parts[len(parts)-1]
		if len(parts) > 2 {
			row.tableRow["in"] = strings.Join(parts[1:len(parts)-1], ".")
		}
	}
	row.condition(r)
	var refs []string
	for _, ref := range r.References {
		left, right := side(ref.LHS), side(ref.RHS)
		if strings.HasSuffix(left, "].entity.what") && right == "Device" {
			continue // the slot says it: entity.what(Device)
		}
		refs = append(refs, left+" = "+right)
	}
	if refs != nil {
		row.tableRow["refs"] = strings.Join(refs, "; ")
	}
	return row
}

// side cuts what every reference says: X.subject.reference = Y.id.
func side(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(oneSpace(s), ".reference"), ".id")
}

func (row *guideRow) condition(r *jsonRow) {
	if r.Cond == nil {
		return
	}
	if r.Cond.AST == nil {
		row.undecided = true // a narrative alone
		return
	}
	row.tableRow["when"] = r.Cond.AST.String()
}

func (c *jsonCond) String() string {
	quoted := func(list []string) string { return `("` + strings.Join(list, `", "`) + `")` }
	compare := map[string]string{"le": "<=", "lt": "<", "ge": ">=", "gt": ">", "eq": "=", "ne": "!="}
	switch c.Op {
	case "and", "or":
		var parts []string
		for _, a := range c.Args {
			s := a.String()
			if c.Op == "and" && a.Op == "or" {
				s = "(" + s + ")"
			}
			parts = append(parts, s)
		}
		return strings.Join(parts, " "+c.Op+" ")
	case "valued":
		return c.Ref + " valued"
	case "not-valued":
		return c.Ref + " not valued"
	case "in":
		return c.Ref + " in " + quoted(c.Values)
	case "not-in":
		return c.Ref + " not in " + quoted(c.Values)
	case "eq", "ne":
		if c.Value == nil {
			return c.Ref + " " + compare[c.Op] + " " + c.ValueRef
		}
		return c.Ref + " " + compare[c.Op] + ` "` + *c.Value + `"`
	case "count", "length":
		return c.Ref + " " + c.Op + " " + compare[c.Cmp] + " " + strconv.Itoa(c.N)
	}
	return "?" + c.Op
}

// oneSpace makes blanks regular, also those that do not break.
func oneSpace(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u201c", `"`, "\u201d", `"`, "\u2019", "'").Replace(s)), " ")
}
