package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/ponshealth/pons/mapping"
)

type mapRowsCmd struct {
	site
	Table []string `arg:"" optional:"" name:"table" help:"Tables to list, such as PID[Patient]; without any, all."`
	JSON  bool     `name:"json" help:"Print one JSON object per row, on a line of its own."`
}

// Run prints the rows of tables, as the site has them.
func (c mapRowsCmd) Run(s streams) error {
	rows, err := c.rows()
	if err != nil {
		return err
	}
	for _, name := range c.Table {
		if !slices.ContainsFunc(rows, func(r mapping.TableRow) bool { return r.Table == name }) {
			return badUsage{fmt.Errorf("there is no table %s (pons map rows lists the rows of all)", name)}
		}
	}
	return printRows(s, rows, c.JSON, func(r *mapping.TableRow) bool {
		return len(c.Table) == 0 || slices.Contains(c.Table, r.Table)
	})
}

type mapDeviationsCmd struct {
	site
	JSON bool `name:"json" help:"Print one JSON object per row, on a line of its own."`
}

// Run prints the rows of the guide that are not as the guide has them, with the reason.
func (c mapDeviationsCmd) Run(s streams) error {
	rows, err := c.rows()
	if err != nil {
		return err
	}
	return printRows(s, rows, c.JSON, func(r *mapping.TableRow) bool {
		return r.Why != "" && strings.Trim(r.ID, "0123456789") == ""
	})
}

func (s site) rows() ([]mapping.TableRow, error) {
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	var o mapping.Options
	for _, dir := range cfg.Overlays {
		o.Overlays = append(o.Overlays, mapping.Overlay{Name: dir, FS: os.DirFS(dir)})
	}
	rows, err := mapping.Rows(o)
	if err != nil {
		return nil, badUsage{err}
	}
	return rows, nil
}

func printRows(s streams, rows []mapping.TableRow, asJSON bool, wanted func(*mapping.TableRow) bool) error {
	p, n := paletteFor(s.out), 0
	for i := range rows {
		r := &rows[i]
		if !wanted(r) {
			continue
		}
		n++
		if asJSON {
			if err := jsonLine(s.out, r); err != nil {
				return err
			}
			continue
		}
		line := p.paint(bold, r.Name()) + "  " + r.From
		if r.When != "" {
			line += " when " + r.When
		}
		if r.To != "" {
			line += " -> " + r.To
		}
		if r.Does != "" {
			line += "  (" + r.Does + ")"
		}
		if r.Off {
			line += "  " + p.paint(yellow, "off")
		}
		if r.Why != "" {
			line += "  " + p.paint(faint, "# "+r.Why)
		}
		if _, err := fmt.Fprintln(s.out, line); err != nil {
			return err
		}
	}
	fmt.Fprintf(s.err, "%d rows\n", n)
	return nil
}

type mapCoverageCmd struct {
	JSON bool `name:"json" help:"Print one JSON array."`
}

// Run prints how many rows of the guide are executed by a test, and which are not.
func (c mapCoverageCmd) Run(s streams) error {
	all, err := mapping.GuideCoverage()
	if err != nil {
		return err
	}
	if c.JSON {
		return jsonLine(s.out, all)
	}
	for _, k := range all {
		fmt.Fprintf(s.out, "%-10s %5d rows  %4d off with a reason  %5d executed with their value  %5.1f %%\n",
			k.Class, k.Rows, k.Off, k.Executed, 100*float64(k.Executed)/float64(k.Rows-k.Off))
	}
	for _, k := range all {
		for _, name := range slices.Sorted(maps.Keys(k.Missing)) {
			fmt.Fprintf(s.out, "  %s: %s\n", name, k.Missing[name])
		}
	}
	return nil
}
