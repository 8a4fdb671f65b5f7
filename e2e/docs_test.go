package e2e

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are all Markdown files of the project, relative to its root.
func documents(t *testing.T) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir("..", func(file string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(file, ".md") {
			all = append(all, file)
		}
		return err
	})
	if err != nil || len(all) < 5 {
		t.Fatalf("%d documents found: %v", len(all), err)
	}
	return all
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	notWord = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestLinks checks that every link inside the project leads to a file, and
// every anchor to a heading.
func TestLinks(t *testing.T) {
	for _, file := range documents(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, file), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, ":") {
				continue // another site
			}
			to := file
			if target != "" {
				to = filepath.Join(filepath.Dir(file), target)
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s: link to %s: no such file", file, m[1])
				continue
			}
			if anchor != "" && !hasHeading(read(t, to), anchor) {
				t.Errorf("%s: link to %s: no such heading", file, m[1])
			}
		}
	}
}

func hasHeading(text, anchor string) bool {
	for _, h := range heading.FindAllStringSubmatch(text, -1) {
		slug := notWord.ReplaceAllString(strings.ToLower(h[1]), "")
		if strings.ReplaceAll(slug, " ", "-") == anchor {
			return true
		}
	}
	return false
}

// TestExamples runs every block that is fenced as console: a line that begins
// with "$ " is a command, the lines after it are what it prints. A line of
// three dots stands for any number of lines, "…" for any text within one.
// Commands run from the root of the project against an engine of their own,
// which has the addresses that are the default. What they say on standard error
// is not compared.
func TestExamples(t *testing.T) {
	for _, file := range documents(t) {
		commands := examples(read(t, file))
		if len(commands) == 0 {
			continue
		}
		t.Run(strings.TrimPrefix(file, "../"), func(t *testing.T) {
			e := start(t, t.TempDir())
			bin, err := binary()
			if err != nil {
				t.Fatal(err)
			}
			addresses := strings.NewReplacer("127.0.0.1:2575", e.mllp, "http://127.0.0.1:8080", e.http)
			for _, c := range commands {
				cmd := exec.Command("bash", "-c", addresses.Replace(c.line))
				cmd.Dir = ".."
				cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(bin)+":"+os.Getenv("PATH"))
				out, err := cmd.Output()
				if _, exited := err.(*exec.ExitError); err != nil && !exited {
					t.Fatal(err)
				}
				if got := addressesBack(e).Replace(string(out)); !matches(c.want, got) {
					t.Errorf("$ %s\nprints\n%s\nthe page says\n%s", c.line, got, c.want)
				}
			}
		})
	}
}

func addressesBack(e *engine) *strings.Replacer {
	return strings.NewReplacer(e.mllp, "127.0.0.1:2575", e.http, "http://127.0.0.1:8080")
}

type example struct{ line, want string }

func examples(text string) (all []example) {
	inside := false
	for line := range strings.SplitSeq(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```console"
		case !inside:
		case strings.HasPrefix(line, "$ "):
			all = append(all, example{line: line[2:]})
		case len(all) > 0:
			all[len(all)-1].want += line + "\n"
		}
	}
	return all
}

// matches compares line by line, without regard to blanks at the ends of lines.
func matches(want, got string) bool {
	pattern := `(?s)\A`
	for line := range strings.Lines(want) {
		line = strings.TrimRight(line, " \n")
		if line == "..." {
			pattern += `(?:.*\n)?`
			continue
		}
		pattern += strings.ReplaceAll(regexp.QuoteMeta(line), "…", `[^\n]*`) + ` *\n`
	}
	return regexp.MustCompile(pattern + `\z`).MatchString(got)
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		want, got string
		ok        bool
	}{
		{"a\nb\n", "a\nb\n", true},
		{"a\nb\n", "a\nc\n", false},
		{"a\n", "a\nb\n", false},
		{"a\n...\nz\n", "a\nb\nc\nz\n", true},
		{"a\n...\n", "b\n", false},
		{"id … end\n", "id 42 end\n", true},
		{"id … end\n", "id\n4 end\n", false},
		{"", "noise\n", false},
	} {
		if got := matches(c.want, c.got); got != c.ok {
			t.Errorf("matches(%q, %q) = %v", c.want, c.got, got)
		}
	}
}
