package mapping

import "io/fs"

// Schema is the JSON Schema (draft-07, which editors know) of all files of tables and
// overlays: it says which keys there are and of what kind, not which paths and maps exist.
// What it refuses New refuses too.
func Schema() ([]byte, error) { return fs.ReadFile(embedded, "tables/schema.json") }
