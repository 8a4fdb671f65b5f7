package mapping

import (
	_ "embed"
	"strings"
)

// untried lists the rows of the guide that no test executes, each with the reason. The tests
// keep it: a row that is neither executed nor here fails them.
//
//go:embed rows.tsv
var untried string

// Coverage says how many rows of the guide a class of tables has, and what becomes of them.
type Coverage struct {
	Class    string            `json:"class"`    // message, segment, datatype or vocabulary
	Rows     int               `json:"rows"`     // of the guide
	Off      int               `json:"off"`      // switched off, with a reason in the row
	Executed int               `json:"executed"` // by a test that checks the value
	Missing  map[string]string `json:"missing"`  // the others, with the reason
}

// GuideCoverage counts the rows of the embedded tables that are the guide's own: they have its
// numbers for ids. Each is executed by a test with a value that follows from the row, but for
// those that are off or missing.
func GuideCoverage() ([]Coverage, error) {
	rows, err := Rows(Options{})
	if err != nil {
		return nil, err
	}
	all := []Coverage{{Class: "message"}, {Class: "segment"}, {Class: "datatype"}, {Class: "vocabulary"}}
	missing := map[string]string{}
	for line := range strings.Lines(untried) {
		name, reason, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		_, name, _ = strings.Cut(name, "/")
		missing[name] = reason
	}
	for i := range all {
		c := &all[i]
		c.Missing = map[string]string{}
		for _, r := range rows {
			if r.Class != c.Class || strings.Trim(r.ID, "0123456789") != "" {
				continue
			}
			c.Rows++
			switch reason, is := missing[r.Name()]; {
			case r.Off:
				c.Off++
			case is:
				c.Missing[r.Name()] = reason
			default:
				c.Executed++
			}
		}
	}
	return all, nil
}
