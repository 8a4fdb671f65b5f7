// Command pons runs the engine and its tools. One file holds one command.
//
// Exit codes: 0 good, 1 the input is bad, 2 wrong usage, 3 the system is in
// trouble. Data goes to standard output, talk to standard error.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/ponshealth/pons/internal/script"
)

// version is set by the linker: go build -ldflags "-X main.version=1.2.3".
var version = "dev"

// commands is the command line, as kong reads it.
type commands struct {
	Serve    serveCmd    `cmd:"" help:"Run the engine."`
	Demo     demoCmd     `cmd:"" help:"Run the engine and play a small hospital at it."`
	Convert  convertCmd  `cmd:"" help:"Print the FHIR transaction Bundle of HL7 v2 messages."`
	Revert   revertCmd   `cmd:"" help:"Print the HL7 v2 message of FHIR Bundles."`
	Inspect  inspectCmd  `cmd:"" help:"Print an HL7 v2 message as a tree with the standard's field names."`
	Validate validateCmd `cmd:"" help:"Check HL7 v2 messages against the standard and the profile of a sender."`
	Diff     diffCmd     `cmd:"" help:"Print where HL7 v2 messages differ."`
	Map      mapCmd      `cmd:"" help:"Tools for mapping tables."`
	FHIR     fhirCmd     `cmd:"" name:"fhir" help:"Validate, query and convert FHIR R4 files."`
	Redact   redactCmd   `cmd:"" help:"Print HL7 v2 messages without what says who a person is."`
	Send     sendCmd     `cmd:"" help:"Send HL7 v2 messages over MLLP and print each answer."`
	Bench    benchCmd    `cmd:"" help:"Measure this machine: fsync, durable answers, delivery end to end."`
	Version  versionCmd  `cmd:"" help:"Print the version."`

	ScriptWorker scriptWorkerCmd `cmd:"" hidden:""`
}

// streams are the ways in and out, replaced in tests.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// badInput marks an error of what the user gave, exit code 1.
type badInput struct{ error }

// badUsage marks an error of how the command was called, exit code 2.
type badUsage struct{ error }

func (e badInput) Unwrap() error { return e.error }
func (e badUsage) Unwrap() error { return e.error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	paceCollector()
	err := run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "pons:", err)
	}
	os.Exit(exitCode(err))
}

// paceCollector has garbage collected less often than Go does by itself, unless
// GOGC and GOMEMLIMIT say how. What lives is small (tables and definitions, about
// 15 MB) and to look through it takes a third of the time of a conversion when
// as much new memory is enough to begin.
func paceCollector() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(1 << 30) // from here on as often as it must
	}
}

// exitCode is the command line's table of errors.
func exitCode(err error) int {
	_, input := errors.AsType[badInput](err)
	_, usage := errors.AsType[badUsage](err)
	switch {
	case err == nil:
		return 0
	case input:
		return 1
	case usage:
		return 2
	default:
		return 3
	}
}

// helped ends the parsing of a command line that only asked for help.
type helped struct{}

func run(ctx context.Context, args []string, s streams) (err error) {
	defer func() {
		if r := recover(); r == (helped{}) {
			err = nil
		} else if r != nil {
			panic(r)
		}
	}()
	var c commands
	parser, err := kong.New(&c,
		kong.Name("pons"),
		kong.Description("A healthcare integration engine: HL7 v2 over MLLP in, FHIR R4 out."),
		kong.Writers(s.out, s.err),
		kong.Exit(func(int) { panic(helped{}) }),
		kong.UsageOnError(),
	)
	if err != nil {
		return err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if err != nil {
		return badUsage{err}
	}
	k.BindTo(ctx, (*context.Context)(nil))
	return k.Run(s)
}

// scriptWorkerCmd is the process in which the script of a site runs.
type scriptWorkerCmd struct{}

// Run works until standard input ends.
func (scriptWorkerCmd) Run(s streams) error { return script.Worker(s.in, s.out) }

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "pons", version)
	return err
}
