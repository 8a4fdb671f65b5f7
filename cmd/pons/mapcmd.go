package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/config"
	"github.com/ponshealth/pons/internal/mapcase"
	"github.com/ponshealth/pons/mapping"
)

// mapCmd are the tools for those who write mapping tables.
type mapCmd struct {
	Rows       mapRowsCmd       `cmd:"" help:"Print the rows of the mapping tables."`
	Deviations mapDeviationsCmd `cmd:"" help:"Print the rows that are not as the guide has them, with the reason."`
	Coverage   mapCoverageCmd   `cmd:"" help:"Print how many rows of the guide are executed by a test, and which are not."`
	Test       mapTestCmd       `cmd:"" help:"Convert the messages of a folder and check what is expected of each."`
	Schema     mapSchemaCmd     `cmd:"" help:"Print the JSON Schema of tables and overlays, by which an editor completes and checks them."`
	Diff       mapDiffCmd       `cmd:"" help:"Print what a change of tables does to messages, element by element."`
}

// site is what a site has of its own, as far as it decides what a message becomes.
type site struct {
	Config  string   `short:"c" help:"Configuration file, for its overlays, namespaces and zone." placeholder:"FILE"`
	Overlay []string `help:"Folder that changes and adds to the mapping tables." placeholder:"DIR"`
}

func (s site) config() (config.Config, error) {
	return convertCmd{Config: s.Config, Overlay: s.Overlay}.config()
}

type mapSchemaCmd struct{}

// Run prints the schema.
func (mapSchemaCmd) Run(s streams) error {
	text, err := mapping.Schema()
	if err != nil {
		return err
	}
	_, err = s.out.Write(text)
	return err
}

type mapTestCmd struct {
	site
	Dir     string `arg:"" help:"Folder of cases: NAME.hl7 with one message, NAME.expect.yaml with the facts."`
	Charset string `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
}

// Run checks every case and fails when one does not hold.
func (c mapTestCmd) Run(s streams) error {
	files, err := filepath.Glob(filepath.Join(c.Dir, "*.expect.yaml"))
	if err != nil || len(files) == 0 {
		return badUsage{fmt.Errorf("%s: no NAME.expect.yaml there", c.Dir)}
	}
	p, bad := paletteFor(s.out), 0
	for _, file := range files {
		problems, facts, err := c.check(file)
		if err != nil {
			problems = append(problems, err.Error())
		}
		word := p.paint(green, "ok  ")
		if len(problems) > 0 {
			word, bad = p.paint(red, "FAIL"), bad+1
		}
		fmt.Fprintf(s.out, "%s %s, %d facts\n", word, strings.TrimSuffix(filepath.Base(file), ".expect.yaml"), facts)
		for _, problem := range problems {
			fmt.Fprintf(s.out, "     %s\n", problem)
		}
	}
	if bad > 0 {
		return badInput{fmt.Errorf("%d of %d cases do not hold", bad, len(files))}
	}
	return nil
}

func (c mapTestCmd) check(file string) (problems []string, facts int, err error) {
	want, err := mapcase.Read(file)
	if err != nil {
		return nil, 0, err
	}
	cfg, err := c.config()
	if err != nil {
		return nil, 0, err
	}
	if want.Namespaces != nil {
		cfg.Namespaces = want.Namespaces
	}
	zone, err := want.Location()
	if err != nil {
		return nil, 0, err
	}
	m, err := mapperFor(cfg, zone)
	if err != nil {
		return nil, 0, err
	}
	messages, err := readMessages([]string{strings.TrimSuffix(file, ".expect.yaml") + ".hl7"}, nil)
	if err != nil {
		return nil, 0, err
	}
	if len(messages) != 1 {
		return nil, 0, errors.New("a case is about one message")
	}
	msg, err := messages[0].parse(c.Charset)
	if err != nil {
		return nil, 0, err
	}
	res, err := m.Convert(msg)
	if want.Refused != "" {
		e, ok := errors.AsType[*mapping.Error](err)
		if !ok || e.At != want.Refused {
			problems = append(problems, fmt.Sprintf("it should be refused at %s", want.Refused))
		}
		return problems, 1, nil
	}
	if err != nil {
		return nil, 0, err
	}
	b, err := mapcase.Open(res)
	if err != nil {
		return nil, 0, err
	}
	for _, f := range want.Facts {
		if problem := f.Check(b); problem != "" {
			problems = append(problems, f.String()+": "+problem)
		}
	}
	return problems, len(want.Facts), nil
}

type mapDiffCmd struct {
	Old     string   `arg:"" help:"Overlay before; - for the tables as they come."`
	New     string   `arg:"" help:"Overlay after; - for the tables as they come."`
	Files   []string `arg:"" name:"file" help:"Files of HL7 v2 messages, or folders of them."`
	Config  string   `short:"c" help:"Configuration file, for its namespaces and zone." placeholder:"FILE"`
	Charset string   `help:"Charset of messages that declare none and are not UTF-8." default:"windows-1252"`
}

// Run converts every message twice and prints where the results differ.
func (c mapDiffCmd) Run(s streams) error {
	before, err := c.mapper(c.Old)
	if err != nil {
		return err
	}
	after, err := c.mapper(c.New)
	if err != nil {
		return err
	}
	files, err := messageFiles(c.Files)
	if err != nil {
		return err
	}
	messages, err := readMessages(files, s.in)
	if err != nil {
		return err
	}
	p, changed := paletteFor(s.out), 0
	for _, m := range messages {
		msg, err := m.parse(c.Charset)
		if err != nil {
			fmt.Fprintln(s.err, err)
			continue
		}
		lines := mapcase.Differences(elements(before, msg), elements(after, msg))
		if len(lines) == 0 {
			continue
		}
		changed++
		fmt.Fprintln(s.out, p.paint(bold, m.name))
		for _, l := range lines {
			colour := yellow
			switch l[0] {
			case '+':
				colour = green
			case '-':
				colour = red
			}
			fmt.Fprintln(s.out, "  "+p.paint(colour, l))
		}
	}
	_, err = fmt.Fprintf(s.out, "%d of %d messages differ\n", changed, len(messages))
	return err
}

func (c mapDiffCmd) mapper(overlay string) (*mapping.Mapper, error) {
	s := site{Config: c.Config}
	if overlay != "-" {
		s.Overlay = []string{overlay}
	}
	cfg, err := s.config()
	if err != nil {
		return nil, err
	}
	return mapperFor(cfg, nil)
}

// elements are the elements of what a message becomes, or why it becomes nothing.
func elements(m *mapping.Mapper, msg *hl7.Message) map[string]string {
	res, err := m.Convert(msg)
	if err != nil {
		return map[string]string{"refused": err.Error()}
	}
	b, err := mapcase.Open(res)
	if err != nil {
		return map[string]string{"refused": err.Error()}
	}
	return b.Elements()
}

// messageFiles lists the files of folders, by name.
func messageFiles(names []string) (all []string, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if name == "-" || err == nil && !info.IsDir() {
			all = append(all, name)
			continue
		}
		if err != nil {
			return nil, badInput{err}
		}
		inside, err := filepath.Glob(filepath.Join(name, "*.hl7"))
		if err != nil {
			return nil, err
		}
		slices.Sort(inside)
		all = append(all, inside...)
	}
	return all, nil
}
