package main

import (
	"encoding/json"
	"io"
	"os"
)

// palette colours text for a terminal. The zero palette leaves it as it is.
type palette struct{ on bool }

// paletteFor colours what goes to a terminal, unless NO_COLOR is set
// (https://no-color.org).
func paletteFor(w io.Writer) palette {
	return palette{terminal(w) && os.Getenv("NO_COLOR") == ""}
}

// The colours are those of the terminal's own sixteen, so that they suit its background.
const (
	bold   = "1"
	faint  = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	cyan   = "36"
)

func (p palette) paint(colour, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

// jsonLine writes a value as JSON on one line. Delimiters of HL7 stay as they are.
func jsonLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
