package pipeline_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/internal/mapcase"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/pipeline"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/mapping"
)

// A sequence is messages in order and what must be stored after them. They go
// through the real mapping into a real store. The order is changed wherever the
// rule lets it, and what was delivered is delivered again: the end is the same.
type sequence struct {
	About      string
	Namespaces map[string]string
	Messages   []string
	// Order is "any", or "given" when the order of arrival is all there is to know
	// what comes after what. Before names pairs whose order is kept in "any".
	Order  string
	Before [][2]int
	Dead   []int // messages that must be refused, by number; of "given" only
	Facts  []mapcase.Fact
}

func TestSequences(t *testing.T) {
	files, err := filepath.Glob("testdata/sequences/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no sequences", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			seq := readSequence(t, file)
			m, err := mapping.New(mapping.Options{Namespaces: seq.Namespaces, IDKey: []byte("sequences")})
			if err != nil {
				t.Fatal(err)
			}
			given := numbers(len(seq.Messages))
			end := play(t, m, seq, given, inTurn)
			for _, f := range seq.Facts {
				if problem := f.Check(&end.resources); problem != "" {
					t.Errorf("%s: %s", f, problem)
				}
			}
			if t.Failed() {
				t.Logf("%s", strings.Join(end.canonical(0), "\n"))
				return
			}
			for _, order := range seq.orders() {
				if got := play(t, m, seq, order, otherwise); !slices.Equal(got.canonical(5), end.canonical(5)) {
					t.Errorf("in the order %v the end is another one:\n%s", order, difference(end.canonical(0), got.canonical(0)))
					return
				}
			}
		})
	}
}

// Messages that are worked at the same time, as those of several senders are, end
// as those that come one after the other.
func TestSequencesAtOnce(t *testing.T) {
	files, _ := filepath.Glob("testdata/sequences/*.yaml")
	for _, file := range files {
		seq := readSequence(t, file)
		if seq.Order != "any" || len(seq.Before) > 0 {
			continue
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			m, err := mapping.New(mapping.Options{Namespaces: seq.Namespaces, IDKey: []byte("sequences")})
			if err != nil {
				t.Fatal(err)
			}
			order := numbers(len(seq.Messages))
			end := play(t, m, seq, order, inTurn)
			if got := play(t, m, seq, slices.Concat(order, order), atOnce); !slices.Equal(got.canonical(5), end.canonical(5)) {
				t.Errorf("at once the end is another one:\n%s", difference(end.canonical(0), got.canonical(0)))
			}
		})
	}
}

func readSequence(t *testing.T, file string) *sequence {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var seq sequence
	d := yaml.NewDecoder(strings.NewReader(string(b)))
	d.KnownFields(true)
	if err := d.Decode(&seq); err != nil {
		t.Fatal(err)
	}
	if len(seq.Facts) == 0 || seq.Order != "any" && seq.Order != "given" {
		t.Fatal("facts and an order are wanted")
	}
	return &seq
}

func numbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i + 1
	}
	return all
}

// orders are the orders to try: with each beginning of the given one delivered
// twice, and others as far as the sequence lets them be, a few if there are many.
func (s *sequence) orders() [][]int {
	given := numbers(len(s.Messages))
	var all [][]int
	for k := range given {
		all = append(all, slices.Concat(given[:k+1], given[:k+1], given[k+1:]))
	}
	if s.Order != "any" {
		return all[:len(all)-1+min(1, len(s.Before))] // the whole again would be late now
	}
	var others [][]int
	permute(given, func(order []int) {
		for _, b := range s.Before {
			if slices.Index(order, b[0]) > slices.Index(order, b[1]) {
				return
			}
		}
		others = append(others, slices.Clone(order))
	})
	few := 8
	if os.Getenv("PONS_ALL_ORDERS") != "" {
		few = 1000
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	rnd.Shuffle(len(others)-1, func(i, j int) { others[i], others[j] = others[j], others[i] })
	if len(others) > few {
		others = append(others[:few-1], others[len(others)-1]) // the last one is that of all turned round
	}
	return append(all, others...)
}

func permute(list []int, fn func([]int)) {
	var rec func(k int)
	rec = func(k int) {
		if k == len(list) {
			fn(list)
			return
		}
		for i := k; i < len(list); i++ {
			list[k], list[i] = list[i], list[k]
			rec(k + 1)
			list[k], list[i] = list[i], list[k]
		}
	}
	list = slices.Clone(list)
	rec(0)
}

// recording is a store that remembers what was written into it.
type recording struct {
	*store.Store
	mu      sync.Mutex
	written map[store.Key]bool
	dead    []message.ID
	left    int
	done    context.CancelFunc
	t       *testing.T
}

func (r *recording) Settle(ctx context.Context, s store.Settlement) error {
	err := r.Store.Settle(ctx, s)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, w := range s.Writes {
		r.written[store.Key{Type: w.Type, ID: w.ID}] = true
	}
	if s.To == message.Dead {
		r.dead = append(r.dead, s.ID)
		r.t.Logf("refused: %+v", s.Cause)
	}
	if !s.To.Settled() {
		return nil // it is tried again
	}
	if r.left--; r.left == 0 {
		r.done()
	}
	return nil
}

// how messages are delivered.
type how int

const (
	inTurn    how = iota // in the given order
	otherwise            // in another one
	atOnce               // all at the same time
)

// play delivers the messages in an order and returns what is stored then.
func play(t *testing.T, m *mapping.Mapper, seq *sequence, order []int, how how) *state {
	t.Helper()
	dir, err := os.MkdirTemp(quickDir(), "sequence")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s, err := store.Open(t.Context(), dir, store.Options{Now: func() time.Time { return noon }, Readers: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, done := context.WithTimeout(t.Context(), 30*time.Second)
	defer done()
	r := &recording{Store: s, written: map[store.Key]bool{}, left: len(order), done: done, t: t}
	number := map[message.ID]int{}
	for i, n := range order {
		text := strings.ReplaceAll(strings.TrimSpace(seq.Messages[n-1]), "\n", "\r")
		h, err := hl7.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		head := h.Header()
		lane := "one"
		if how == atOnce {
			lane = strconv.Itoa(i)
		}
		got, err := s.Accept(ctx, message.Message{
			Channel: strconv.Itoa(i), // the same message on another channel is no resend
			Lane:    lane, Received: noon, ControlID: head.ControlID, Type: head.Type + "^" + head.Event,
			Body: []byte(text), Destination: "fhir", Ack: []byte("A"), AckCode: "AA",
		})
		if err != nil {
			t.Fatal(err)
		}
		number[got.ID] = n
	}
	p := &pipeline.Pipeline{
		Destination: "fhir", Queue: r, Resources: s, Converter: m, Workers: 8,
		Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return noon },
	}
	if err := p.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if r.left > 0 {
		t.Fatalf("%d messages were not settled", r.left)
	}
	var dead []int
	for _, id := range r.dead {
		dead = append(dead, number[id])
	}
	if how == inTurn && !slices.Equal(dead, seq.Dead) || len(dead) > 0 && len(seq.Dead) == 0 {
		t.Errorf("in the order %v messages %v were refused, not %v", order, dead, seq.Dead)
	}
	var keys []store.Key
	for k := range r.written {
		keys = append(keys, k)
	}
	found, err := s.ReadMany(context.Background(), keys)
	if err != nil {
		t.Fatal(err)
	}
	end := &state{byRef: map[string]map[string]any{}}
	for k, f := range found {
		if err := end.resources.Add(k.Type+"/"+k.ID, f.Body); err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		d := json.NewDecoder(strings.NewReader(string(f.Body)))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatal(err)
		}
		delete(v, "meta")
		end.byRef[k.Type+"/"+k.ID] = v
	}
	return end
}

// quickDir is a directory in memory, where there is one: power cuts are tested
// elsewhere.
func quickDir() string {
	if _, err := os.Stat("/dev/shm"); err == nil {
		return "/dev/shm"
	}
	return ""
}

// state is all resources of a store, as plain JSON.
type state struct {
	byRef     map[string]map[string]any
	resources mapcase.Resources
}

// unordered are the lists whose order says nothing.
var unordered = map[string]bool{"extension": true, "identifier": true, "participant": true, "result": true, "link": true, "target": true, "subject": true}

// canonical writes the resources without their ids: what refers to one has what
// it says in the place of its id, as far as a number of steps. The lines are
// sorted.
func (s *state) canonical(steps int) []string {
	label := map[string]string{}
	for ref := range s.byRef {
		label[ref] = ref[:strings.IndexByte(ref, '/')]
	}
	for range steps {
		next := map[string]string{}
		for ref, r := range s.byRef {
			b, _ := json.Marshal(relabel(r, "", label))
			next[ref] = fmt.Sprintf("%s-%x", r["resourceType"], fnv(b))
		}
		label = next
	}
	var lines []string
	for _, r := range s.byRef {
		b, _ := json.Marshal(relabel(r, "", label))
		lines = append(lines, string(b))
	}
	sort.Strings(lines)
	return lines
}

func fnv(b []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return h
}

func relabel(v any, name string, label map[string]string) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if k == "id" && v["resourceType"] != nil {
				continue
			}
			out[k] = relabel(e, k, label)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = relabel(e, name, label)
		}
		if unordered[name] {
			slices.SortFunc(out, func(a, b any) int {
				x, _ := json.Marshal(a)
				y, _ := json.Marshal(b)
				return strings.Compare(string(x), string(y))
			})
		}
		return out
	case string:
		if l, ok := label[v]; ok && name == "reference" {
			return l
		}
	}
	return v
}

func difference(want, got []string) string {
	var b strings.Builder
	for _, l := range want {
		if !slices.Contains(got, l) {
			fmt.Fprintf(&b, "- %s\n", l)
		}
	}
	for _, l := range got {
		if !slices.Contains(want, l) {
			fmt.Fprintf(&b, "+ %s\n", l)
		}
	}
	return b.String()
}
