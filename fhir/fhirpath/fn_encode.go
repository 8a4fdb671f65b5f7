package fhirpath

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"strings"
	"unicode/utf8"
)

// Encodings (FHIRPath 2.1 and later, "encode", "decode", "escape", "unescape").
// What is not of the encoding, or does not give text, is nothing.
var encodeFunctions = map[string]function{
	"encode": coding(map[string]func(string) (string, bool){
		"hex":       func(s string) (string, bool) { return hex.EncodeToString([]byte(s)), true },
		"base64":    func(s string) (string, bool) { return base64.StdEncoding.EncodeToString([]byte(s)), true },
		"urlbase64": func(s string) (string, bool) { return base64.URLEncoding.EncodeToString([]byte(s)), true },
	}),
	"decode": coding(map[string]func(string) (string, bool){
		"hex":       func(s string) (string, bool) { return decoded(hex.DecodeString(s)) },
		"base64":    func(s string) (string, bool) { return decoded(base64.StdEncoding.DecodeString(s)) },
		"urlbase64": func(s string) (string, bool) { return decoded(base64.URLEncoding.DecodeString(s)) },
	}),
	"escape": coding(map[string]func(string) (string, bool){
		"html": func(s string) (string, bool) { return htmlEscapes.Replace(s), true },
		"json": escapeJSON,
	}),
	"unescape": coding(map[string]func(string) (string, bool){
		"html": func(s string) (string, bool) { return html.UnescapeString(s), true },
		"json": unescapeJSON,
	}),
}

func coding(by map[string]func(string) (string, bool)) function {
	return onString(1, func(m *machine, s string, args []string) (Collection, error) {
		f, ok := by[args[0]]
		if !ok {
			return nil, problem("a format that this function does not know")
		}
		if err := m.text(len(s)); err != nil {
			return nil, err
		}
		out, ok := f(s)
		if !ok {
			return nil, nil
		}
		return m.string(out)
	})
}

func decoded(b []byte, err error) (string, bool) { return string(b), err == nil && utf8.Valid(b) }

var htmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")

func escapeJSON(s string) (string, bool) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) != nil {
		return "", false
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1], true
}

// unescapeJSON takes the inside of a JSON string; a quotation mark may also stand
// without its escape.
func unescapeJSON(s string) (string, bool) {
	var b strings.Builder
	b.WriteByte('"')
	escaped := false
	for _, r := range s {
		if r == '"' && !escaped {
			b.WriteByte('\\')
		}
		escaped = r == '\\' && !escaped
		b.WriteRune(r)
	}
	b.WriteByte('"')
	var out string
	err := json.Unmarshal([]byte(b.String()), &out)
	return out, err == nil
}
