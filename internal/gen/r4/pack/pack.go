// Package pack fetches the pinned packages of official FHIR R4 definitions and
// examples (npm hl7.fhir.r4.examples 4.0.1, and hl7.fhir.r4.corexml 4.0.1 with
// the definitions in XML; public domain by CC0), keeps them in the user's cache
// folder, and reads them. The generators and the tests that walk all official
// examples share it.
package pack

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// pinned is a package and the SHA-512 of its .tgz.
type pinned struct{ name, version, sum string }

var (
	examples = pinned{"hl7.fhir.r4.examples", "4.0.1", "0d705d21939e41a48a220094ef0e87382eecc3fe81cf29668a92e4056e1ffffa" +
		"53f8173de31fbc2c89b04ddbda35384f2683b3a41cefc40ccdaa37aedd7ff32f"}
	coreXML = pinned{"hl7.fhir.r4.corexml", "4.0.1", "eedf10fd9a2f8fd02d077f77503a7a79b742a26d7e315ed4fb9c6d63eff3ee3c" +
		"7ca253c235c23b33ae25063275a8fb5656ce86824f5f1bc5d239c4c5f925cc87"}
)

// Fetch returns the path of the package of examples, which are JSON, in the
// user's cache folder. It is fetched with `npm pack` when it is not there. A file
// whose hash is not the pinned one is refused.
func Fetch(ctx context.Context) (string, error) { return examples.fetch(ctx) }

// FetchXML is like [Fetch] for the package of definitions in XML.
func FetchXML(ctx context.Context) (string, error) { return coreXML.fetch(ctx) }

func (p pinned) fetch(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "pons")
	file := p.name + "-" + p.version + ".tgz"
	kept := filepath.Join(dir, file)
	if _, err := os.Stat(kept); err == nil {
		return kept, p.verify(kept)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", p.name+"@"+p.version)
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s@%s: %w: %s", p.name, p.version, err, strings.TrimSpace(string(out)))
	}
	fetched := filepath.Join(tmp, file)
	if err := p.verify(fetched); err != nil {
		return "", err
	}
	return kept, os.Rename(fetched, kept)
}

func (p pinned) verify(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != p.sum {
		return fmt.Errorf("%s: SHA-512 is not the pinned one", file)
	}
	return nil
}

// Each calls fn with every JSON document of the package at p that keep accepts
// by its base name, in the order of the archive.
func Each(p string, keep func(name string) bool, fn func(name string, doc []byte) error) error {
	return each(p, ".json", keep, fn)
}

// EachXML is like [Each] for XML documents.
func EachXML(p string, keep func(name string) bool, fn func(name string, doc []byte) error) error {
	return each(p, ".xml", keep, fn)
}

func each(p, ext string, keep func(name string) bool, fn func(name string, doc []byte) error) error {
	f, err := os.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		base := path.Base(h.Name)
		if path.Ext(base) != ext || base == "package.json" || base[0] == '.' || !keep(base) {
			continue
		}
		doc, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		if err := fn(base, doc); err != nil {
			return err
		}
	}
}
