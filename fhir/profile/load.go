package profile

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// Limits of folders and packages. The largest published packages unpack to some
// 300 MB in 10,000 files.
const (
	maxFile  = 64 << 20
	maxTotal = 1 << 30
	maxFiles = 100_000

	tooLarge = "is larger than 64 MiB"
)

// AddDir adds the definitions in the files .json and .xml of a folder and of
// those in it. A Bundle stands for the definitions in it; other resources, JSON
// that is no resource (package.json) and files whose name begins with a dot are
// passed over. Files are at most 64 MiB, all together at most 1 GiB.
//
// The error has an *Error for each file that could not be read or added, joined,
// with the first problem in it. Everything else has been added nevertheless, and
// so has a definition with a mistake that leaves the rest of it readable, such as
// an element that R4 does not know.
func (r *Registry) AddDir(fsys fs.FS) error {
	l := loader{to: r}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			l.report(name, "", err)
		case name != "." && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case d.IsDir() || !wanted(name):
		default:
			f, err := fsys.Open(name)
			if err != nil {
				l.report(name, "", err)
				return nil
			}
			defer f.Close()
			return l.read(name, f)
		}
		return nil
	})
	if err != nil {
		l.problems = append(l.problems, err)
	}
	return errors.Join(l.problems...)
}

// AddPackage adds the definitions of a FHIR package: a .tgz whose folder package
// holds one resource a file (HL7 FHIR NPM package specification). What lies
// deeper, such as examples, is passed over, and what the index says is not needed.
// The names in the archive are used in errors only; nothing is written. The limits
// are those of AddDir, with at most 100,000 files. Packages that this one depends
// on are not fetched: add them before or after.
//
// Errors are as those of AddDir. When the archive itself is broken, what stood
// before that place has been added.
func (r *Registry) AddPackage(tgz io.Reader) error {
	l := loader{to: r}
	if err := l.archive(tgz); err != nil {
		l.problems = append(l.problems, err)
	}
	return errors.Join(l.problems...)
}

func (l *loader) archive(tgz io.Reader) error {
	broken := func(err error) error { return &Error{At: "package", Problem: "cannot be unpacked", Err: err} }
	z, err := gzip.NewReader(tgz)
	if err != nil {
		return broken(err)
	}
	// What is passed over costs time as well, so that it counts for the limit.
	all := &io.LimitedReader{R: z, N: 2 * maxTotal}
	t := tar.NewReader(all)
	for range maxFiles {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			if l.found == 0 && len(l.problems) == 0 {
				return &Error{At: "package", Problem: "has no definitions in its folder package"}
			}
			return nil
		case err != nil && all.N <= 0:
			return &Error{At: "package", Problem: "is larger than what is read of one"}
		case err != nil:
			return broken(err)
		}
		name := strings.TrimPrefix(path.Clean(h.Name), "./")
		folder, file := path.Split(name)
		if h.Typeflag != tar.TypeReg || folder != "package/" || strings.HasPrefix(file, ".") || !wanted(file) {
			continue
		}
		if h.Size > maxFile {
			l.report(name, tooLarge, nil)
			continue
		}
		if err := l.read(name, t); err != nil {
			return err
		}
	}
	return &Error{At: "package", Problem: fmt.Sprintf("has more than %d files", maxFiles)}
}

func wanted(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".json" || ext == ".xml"
}

// A loader adds files to a Registry.
type loader struct {
	to       *Registry
	total    int
	found    int
	problems []error
}

func (l *loader) report(file, problem string, err error) {
	if len(l.problems) < maxProblems {
		l.problems = append(l.problems, &Error{At: file, Problem: problem, Err: err})
	}
}

// read adds one file. The error is one that ends the reading of all.
func (l *loader) read(name string, from io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(from, maxFile+1))
	switch {
	case err != nil:
		l.report(name, "", err)
		return nil
	case len(b) > maxFile:
		l.report(name, tooLarge, nil)
		return nil
	}
	if l.total += len(b); l.total > maxTotal {
		return &Error{At: name, Problem: fmt.Sprintf("the files together are larger than %d MiB", maxTotal>>20)}
	}
	res, err := definition(b)
	if err != nil {
		l.report(name, "", err)
	}
	if res != nil {
		told := len(l.problems)
		l.add(name, res)
		if err != nil {
			l.problems = l.problems[:told] // the first problem of a file is enough
		}
	}
	return nil
}

func (l *loader) add(name string, res r4.Resource) {
	if b, ok := res.(*r4.Bundle); ok {
		for i := range b.Entry {
			if in := b.Entry[i].Resource; in != nil && isDefinition(in.ResourceType()) {
				l.add(fmt.Sprintf("%s: Bundle.entry[%d]", name, i), in)
			}
		}
		return
	}
	if err := l.to.add(name, res); err != nil {
		if len(l.problems) < maxProblems {
			l.problems = append(l.problems, err)
		}
		return
	}
	l.found++
}

func isDefinition(resourceType string) bool {
	return resourceType == kindStructure || resourceType == kindValueSet || resourceType == kindCodeSystem
}

// definition reads a file, unless it is something else than definitions. There
// may be a definition beside an error: what was read in spite of it.
func definition(b []byte) (r4.Resource, error) {
	b = bytes.TrimPrefix(b, []byte("\ufeff"))
	kind, err := resourceType(b)
	if err != nil {
		return nil, err
	}
	if !isDefinition(kind) && kind != "Bundle" {
		return nil, nil
	}
	d, err := r4.ParseLenient(b)
	if err != nil {
		return nil, err
	}
	if len(d.Problems) > 0 {
		err = d.Problems[0]
	}
	return d.Resource, err
}

// resourceType tells what a file holds, "" when it is no resource.
func resourceType(b []byte) (string, error) {
	if t := bytes.TrimLeft(b, " \t\r\n"); len(t) > 0 && t[0] == '<' {
		x := xml.NewDecoder(bytes.NewReader(b))
		for {
			token, err := x.Token()
			if err != nil {
				return "", errors.New("is not XML")
			}
			if start, ok := token.(xml.StartElement); ok {
				if start.Name.Space != "http://hl7.org/fhir" {
					return "", nil
				}
				return start.Name.Local, nil
			}
		}
	}
	if kind, ok := member(b, "resourceType"); ok {
		return kind, nil // whether the rest is JSON the parser will say
	}
	if !json.Valid(b) {
		return "", errors.New("is not JSON")
	}
	return "", nil
}

// member finds a member of a JSON object whose value is a string without escapes.
// It reads no further than that: in most files it is the first one.
func member(b []byte, name string) (value string, ok bool) {
	depth, key := 0, true // whether the next string at depth 1 is a name
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
			if depth == 1 && b[i] == '[' {
				return "", false
			}
		case '}', ']':
			depth--
		case ',':
			key = key || depth == 1
		case '"':
			end := endOfString(b, i)
			if end < 0 {
				return "", false
			}
			if depth == 1 && key {
				key = false
				if string(b[i+1:end]) == name {
					return stringAfter(b[end+1:])
				}
			}
			i = end
		}
	}
	return "", false
}

// endOfString gives the place of the quote that ends the string beginning at i.
func endOfString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return -1
}

// stringAfter reads a colon and a string.
func stringAfter(b []byte) (string, bool) {
	b = bytes.TrimLeft(b, " \t\r\n")
	if len(b) == 0 || b[0] != ':' {
		return "", false
	}
	b = bytes.TrimLeft(b[1:], " \t\r\n")
	if len(b) == 0 || b[0] != '"' {
		return "", false
	}
	end := endOfString(b, 0)
	if end < 0 {
		return "", false
	}
	return string(b[1:end]), true
}
