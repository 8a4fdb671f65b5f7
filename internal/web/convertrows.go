package web

import (
	"path"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/mapping"
)

// rowView is a row of the tables that made something.
type rowView struct {
	mapping.TableRow
	Anchor  string
	Name    string
	Known   bool // else it is the engine's own
	FileRow bool // Text can be taken into an overlay
	Made    int  // elements
}

// rowsOf numbers the rows that a Lineage names, outermost first.
func (v *convertView) rowsOf(names string) string {
	var out []byte
	for name := range strings.SplitSeq(names, "/") {
		n, ok := v.rowNo[name]
		if !ok {
			n = len(v.Rows)
			v.rowNo[name] = n
			row := rowView{Name: name}
			row.TableRow, row.Known = v.find(name)
			row.FileRow = row.Known && row.Text != "" && v.Tables != nil
			v.Rows = append(v.Rows, row)
		}
		v.Rows[n].Made++
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = strconv.AppendInt(out, int64(n), 10)
	}
	return string(out)
}

// AsOverlay is the row as an overlay would have it, to be changed there.
func (r rowView) AsOverlay() string {
	head := "map: '" + r.Table + "'\n"
	switch r.Class {
	case "message":
		head = "message: '" + r.Table + "'\n"
		if path.Base(r.File) == "any.yaml" {
			head = "message: '*'\n" // the row is one of every message
		}
	case "vocabulary":
		head = "vocabulary: '" + r.Table + "'\n"
	case "default", "rule", "identity", "system":
		head = ""
	}
	list := map[string]string{"default": "defaults", "rule": "rules", "identity": "identity", "system": "systems"}[r.Class]
	if list == "" {
		list = "rows"
	}
	return head + list + ":\n" + r.Text + "\n"
}
