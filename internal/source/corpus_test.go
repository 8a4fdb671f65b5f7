package source_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mllp"
)

// TestCorpus hands every file of the corpus to a source: each message in it is
// either accepted byte for byte or kept with a cause, and each is answered with
// its own control id.
func TestCorpus(t *testing.T) {
	const dir = "../../../shared/corpus"
	if _, err := os.Stat(dir); err != nil {
		t.Skip("SKIPPED: no corpus of messages at ", dir)
	}
	files, accepted, refused := 0, 0, map[string]int{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(file) == ".json" || filepath.Ext(file) == ".md" {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		files++
		st := &fake{}
		s := newMLLP(st)
		s.MaxRefused = 1 << 20
		s.Original = true // every message is answered AA or AR
		reply := handle(t, s, mllp.Block{Data: data})
		pieces := hl7.Split(data)
		answers := hl7.Split([]byte(reply))
		silent := 0
		for i, c := range st.causes {
			refused[c.At+": "+c.Text]++
			if st.dead[i].Ack == nil {
				silent++
			}
		}
		accepted += len(st.accepted)
		if want := max(1, len(pieces)) - silent; len(answers) != want {
			t.Errorf("%s: %d answers, want %d", file, len(answers), want)
		}
		for _, m := range st.accepted {
			if !bytes.Contains(data, m.Body) {
				t.Errorf("%s: what was stored is not what came", file)
			}
			in, err := hl7.Parse(m.Body)
			if err != nil {
				t.Fatalf("%s: accepted and cannot be parsed: %v", file, err)
			}
			out, err := hl7.Parse(m.Ack)
			if err != nil {
				t.Fatalf("%s: answer cannot be parsed: %v\n%q", file, err, m.Ack)
			}
			if id := in.Segment(0).Field(10).Raw(); !bytes.Equal(mustFirst(t, out, "MSA").Field(2).Raw(), id) || m.AckCode != "AA" {
				t.Errorf("%s: answer does not name the message", file)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d messages accepted, refused:", files, accepted)
	for cause, n := range refused {
		t.Logf("%6d %s", n, cause)
	}
	if accepted < 2000 { // of about 2,400 good ones
		t.Errorf("only %d messages were accepted", accepted)
	}
}
