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
	"github.com/ponshealth/pons/internal/message"
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

// TestFilesArePrivate in a directory that is not, such as a mounted volume.
func TestFilesArePrivate(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		s := openAs(t, dir, store.Options{})
		if _, err := s.Accept(t.Context(), adt(1)); err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(filepath.Join(dir, "*"))
		if len(files) != 4 {
			t.Errorf("files %v, want the database, its log, its shared memory and the lock", files)
		}
		for _, f := range files {
			if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v; want 0600", f, info.Mode(), err)
			}
		}
		s.Close()
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

// TestDamagedMessage: one message that cannot be read is told to its claimer,
// who can settle it, and the others go on.
func TestDamagedMessage(t *testing.T) {
	dir := t.TempDir()
	s := openAs(t, dir, store.Options{})
	bad, err := s.Accept(t.Context(), adt(1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Accept(t.Context(), adt(2)); err != nil { // of the same lane
		t.Fatal(err)
	}
	s.Close()
	db, err := sqlite3.Open("file:" + filepath.Join(dir, "pons.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Exec(fmt.Sprintf("UPDATE message SET body = x'00112233' WHERE id = %d", bad.ID)); err != nil {
		t.Fatal(err)
	}
	db.Close()
	s = openAs(t, dir, store.Options{})
	defer s.Close()
	m, err := s.Claim(t.Context(), "fhir")
	if err == nil || m.ID != bad.ID || m.Destination != "fhir" {
		t.Fatalf("Claim: %+v, %v; want the id and an error", m, err)
	}
	if err := s.Settle(t.Context(), store.Settlement{ID: m.ID, Destination: m.Destination, To: message.Dead}); err != nil {
		t.Fatal(err)
	}
	if m, err = s.Claim(t.Context(), "fhir"); err != nil || m.ControlID != adt(2).ControlID {
		t.Errorf("Claim: %+v, %v", m, err)
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
			if strings.HasPrefix(step, "SCAN") && step != "SCAN CONSTANT ROW" || strings.Contains(step, "TEMP B-TREE") && name != "sqlProduced" && name != "sqlPending" {
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
