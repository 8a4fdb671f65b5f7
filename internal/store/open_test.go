package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/internal/store/powertest"
)

func TestOpenMakesAPrivateDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "data")
	openAs(t, dir, store.Options{}).Close()
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("%v, %v; want 0700", info.Mode(), err)
	}
}

func TestOpenOnce(t *testing.T) {
	dir := t.TempDir()
	s := openAs(t, dir, store.Options{})
	_, err := store.Open(t.Context(), dir, store.Options{})
	if fault.KindOf(err) != fault.Busy || !strings.Contains(fmt.Sprint(err), fmt.Sprintf("in use by process %d", os.Getpid())) {
		t.Errorf("second Open: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	openAs(t, dir, store.Options{}).Close()
}

func TestOpenWhatIsNoDatabase(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pons.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := store.Open(t.Context(), dir, store.Options{}); err == nil {
		s.Close()
		t.Error("opened")
	}
	os.Remove(filepath.Join(dir, "pons.db"))
	openAs(t, dir, store.Options{}).Close() // the lock was given back
}

// TestOpenWhatANewerProgramMade must not work on tables that it does not know.
func TestOpenWhatANewerProgramMade(t *testing.T) {
	dir := t.TempDir()
	openAs(t, dir, store.Options{}).Close()
	db, err := sqlite3.Open("file:" + filepath.Join(dir, "pons.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if s, err := store.Open(t.Context(), dir, store.Options{}); err == nil {
		s.Close()
		t.Error("opened")
	}
}

// deaf is a file system on which a setting of durability does not take.
type deaf struct {
	vfs.VFS
	pragma, answer string
}

type deafFile struct {
	vfs.File
	fs deaf
}

func (d deaf) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := d.VFS.Open(name, flags)
	if err != nil {
		return nil, flags, err
	}
	return deafFile{f, d}, flags, nil
}

func (f deafFile) SharedMemory() vfs.SharedMemory {
	return f.File.(vfs.FileSharedMemory).SharedMemory()
}

func (f deafFile) Pragma(name, value string) (string, error) {
	if name == f.fs.pragma {
		return f.fs.answer, nil
	}
	return "", sqlite3.NOTFOUND
}

func TestOpenVerifiesDurability(t *testing.T) {
	for pragma, answers := range map[string][2]string{
		"synchronous":  {"2", "1"},
		"journal_mode": {"wal", "delete"},
	} {
		for i, answer := range answers {
			inner := powertest.New(t.TempDir(), 1).Power()
			name := t.Name() + pragma + answer
			vfs.Register(name, deaf{VFS: vfs.Find(inner), pragma: pragma, answer: answer})
			s, err := store.Open(t.Context(), t.TempDir(), store.Options{VFS: name})
			if err == nil {
				s.Close()
			}
			if refused := err != nil && strings.Contains(err.Error(), "durable"); refused != (i == 1) {
				t.Errorf("%s reads back as %s: %v", pragma, answer, err)
			}
		}
	}
}

// TestPlans: no statement goes over all rows of a table that grows.
func TestPlans(t *testing.T) {
	s := openAs(t, t.TempDir(), store.Options{})
	defer s.Close()
	source, err := os.ReadFile("sqltext.go")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range constants(string(source)) {
		looksUp := regexp.MustCompile(`^(SELECT|UPDATE|DELETE).*WHERE`).MatchString(strings.ReplaceAll(text, "\n", " "))
		if looksUp && store.Statements[name] == "" && name != "sqlHeads" && name != "sqlMessages" {
			t.Errorf("%s is not in store.Statements of the test", name)
		}
	}
	parameter := regexp.MustCompile(`\$\d+`)
	for name, query := range store.Statements {
		used := map[string]bool{}
		var args []any
		for _, p := range parameter.FindAllString(query, -1) {
			if !used[p] {
				args = append(args, 1)
			}
			used[p] = true
		}
		plan, err := s.Plan(t.Context(), query, args)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, step := range plan {
			if strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" || strings.Contains(step, "TEMP B-TREE") && name != "sqlProduced" {
				t.Errorf("%s: %s", name, step)
			}
		}
	}
}

// constants finds the simple constants of sqltext.go.
func constants(source string) map[string]string {
	found := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)\\b(sql[A-Za-z]+)\\s+= `([^`]*)`").FindAllStringSubmatch(source, -1) {
		found[m[1]] = m[2]
	}
	return found
}
