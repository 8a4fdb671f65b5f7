// Package pack fetches the pinned package of official FHIR R4 definitions and
// examples (npm hl7.fhir.r4.examples 4.0.1, public domain by CC0), keeps it in
// the user's cache folder, and reads it. The generators and the tests that walk
// all official examples share it.
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

const (
	name    = "hl7.fhir.r4.examples"
	version = "4.0.1"
	file    = name + "-" + version + ".tgz"

	// sum pins the package: SHA-512 of the .tgz.
	sum = "0d705d21939e41a48a220094ef0e87382eecc3fe81cf29668a92e4056e1ffffa" +
		"53f8173de31fbc2c89b04ddbda35384f2683b3a41cefc40ccdaa37aedd7ff32f"
)

// Fetch returns the path of the package in the user's cache folder. It is
// fetched with `npm pack` when it is not there. A file whose hash is not the
// pinned one is refused.
func Fetch(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "pons")
	kept := filepath.Join(dir, file)
	if _, err := os.Stat(kept); err == nil {
		return kept, verify(kept)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(dir, "fetch-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	cmd := exec.CommandContext(ctx, "npm", "pack", "--silent", name+"@"+version)
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm pack %s@%s: %w: %s", name, version, err, strings.TrimSpace(string(out)))
	}
	fetched := filepath.Join(tmp, file)
	if err := verify(fetched); err != nil {
		return "", err
	}
	return kept, os.Rename(fetched, kept)
}

func verify(p string) error {
	f, err := os.Open(p)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return fmt.Errorf("%s: SHA-512 is not the pinned one", p)
	}
	return nil
}

// Each calls fn with every JSON document of the package at p that keep accepts
// by its base name, in the order of the archive.
func Each(p string, keep func(name string) bool, fn func(name string, doc []byte) error) error {
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
		if path.Ext(base) != ".json" || base == "package.json" || base[0] == '.' || !keep(base) {
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
