package store_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

// BenchmarkFsync is the baseline of this disk: append 8 KiB and fsync.
func BenchmarkFsync(b *testing.B) {
	f, err := os.Create(filepath.Join(b.TempDir(), "raw"))
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 8192)
	var took latencies
	for b.Loop() {
		start := time.Now()
		f.Write(page)
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
		took.add(start)
	}
	took.report(b, "fsyncs")
}

// BenchmarkAccept is one durable accept, from one sender and from 32, with
// nothing else to do and with deliveries in the background.
func BenchmarkAccept(b *testing.B) {
	for _, senders := range []int{1, 32} {
		for _, busy := range []bool{false, true} {
			b.Run(fmt.Sprintf("senders=%d/delivering=%v", senders, busy), func(b *testing.B) {
				s := openAs(b, b.TempDir(), store.Options{})
				defer s.Close()
				var delivered atomic.Int64
				if busy {
					defer deliver(b, s, 48, &delivered)()
				}
				var took latencies
				var next atomic.Int64
				var wait sync.WaitGroup
				b.ResetTimer()
				start := time.Now()
				for range senders {
					wait.Go(func() {
						for {
							i := next.Add(1)
							if i > int64(b.N) {
								return
							}
							begun := time.Now()
							if _, err := s.Accept(b.Context(), adt(int(i))); err != nil {
								b.Error(err)
								return
							}
							took.add(begun)
						}
					})
				}
				wait.Wait()
				took.report(b, "acks")
				if busy {
					b.ReportMetric(float64(delivered.Load())/time.Since(start).Seconds(), "deliveries/s")
				}
			})
		}
	}
}

// BenchmarkSettle is a delivery with all that an admission writes: 10
// resources, new every fourth time and else changed, and their index.
func BenchmarkSettle(b *testing.B) {
	s := openAs(b, b.TempDir(), store.Options{})
	defer s.Close()
	var wait sync.WaitGroup
	for w := range 32 {
		wait.Go(func() {
			for i := w; i < b.N; i += 32 {
				if _, err := s.Accept(b.Context(), adt(i)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
	var delivered atomic.Int64
	b.ResetTimer()
	stop := deliver(b, s, 48, &delivered)
	for delivered.Load() < int64(b.N) && !b.Failed() {
		time.Sleep(time.Millisecond)
	}
	b.StopTimer()
	stop()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

// BenchmarkThrough is a message from accept to settled, from 8 senders that do
// not run far ahead of the deliveries.
func BenchmarkThrough(b *testing.B) {
	s := openAs(b, b.TempDir(), store.Options{})
	defer s.Close()
	var delivered, sent atomic.Int64
	stop := deliver(b, s, 48, &delivered)
	var took latencies
	var wait sync.WaitGroup
	b.ResetTimer()
	for range 8 {
		wait.Go(func() {
			for i := sent.Add(1); i <= int64(b.N) && !b.Failed(); i = sent.Add(1) {
				for i-delivered.Load() > 200 && !b.Failed() {
					time.Sleep(time.Millisecond)
				}
				begun := time.Now()
				if _, err := s.Accept(b.Context(), adt(int(i))); err != nil {
					b.Error(err)
				}
				took.add(begun)
			}
		})
	}
	wait.Wait()
	for delivered.Load() < int64(b.N) && !b.Failed() {
		time.Sleep(time.Millisecond)
	}
	took.report(b, "deliveries")
	stop()
}

// BenchmarkReopen opens a store with 100,000 messages pending in 25,000 lanes
// and claims one. It reports what that takes of the heap.
func BenchmarkReopen(b *testing.B) {
	dir := b.TempDir()
	s := openAs(b, dir, store.Options{})
	var wait sync.WaitGroup
	for w := range 64 {
		wait.Go(func() {
			for i := w; i < 100_000; i += 64 {
				if _, err := s.Accept(b.Context(), adt(i)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wait.Wait()
	s.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		s := openAs(b, dir, store.Options{})
		if _, err := s.Claim(b.Context(), "fhir"); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		runtime.GC()
		runtime.ReadMemStats(&after)
		s.Close()
		b.StartTimer()
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "heap-MB")
}

// deliver settles what there is until stop is called, as the pipeline does it:
// many wait for a commit, few compute.
func deliver(b *testing.B, s *store.Store, workers int, delivered *atomic.Int64) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	core := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1))
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for {
				m, err := s.Claim(ctx, "fhir")
				if err != nil {
					return
				}
				w := store.Settlement{ID: m.ID, Destination: "fhir", To: message.Delivered,
					Steps: []message.Step{{Name: "mapped", At: time.Now(), Note: "10 resources"}}}
				core <- struct{}{}
				w.Writes = admission(b, m)
				<-core
				if err := s.Settle(context.WithoutCancel(ctx), w); err != nil {
					b.Error(err)
					return
				}
				delivered.Add(1)
			}
		})
	}
	return func() { cancel(); wait.Wait() }
}

func adt(i int) message.Message {
	id := fmt.Sprintf("MSG%08d", i)
	patient := i / 4
	body := fmt.Sprintf("MSH|^~\\&|ADT1|GOOD HEALTH HOSPITAL|PONS|PONS|20250413093000||ADT^A01^ADT_A01|%s|P|2.5.1\r"+
		"EVN|A01|20250413093000||||20250413093000\r"+
		"PID|1||%09d^^^HOSP^MR~%010d^^^NHS^NH||Smith%d^John^Paul^^Mr||19850315|M||2106-3|42 High Street^^Manchester^^M1 1AA^GBR^H||+441615550101^PRN^PH|||M|CHR|%d^^^HOSP^AN|\r"+
		"NK1|1|Smith^Mary^Anne|SPO^Spouse^HL70063|42 High Street^^Manchester^^M1 1AA^GBR|+441615550102\r"+
		"PV1|1|I|Ward7^Room2^Bed12^GHH||||12345^Jones^Sarah^^^Dr^MD|67890^Brown^Peter^^^Dr|||MED||||ADM|A0|12345^Jones^Sarah^^^Dr|INP|V%d^^^HOSP^VN|||||||||||||||||||||||||20250413093000\r"+
		"AL1|1|DA|PEN^Penicillin^L|SV|Rash|20100101\r"+
		"DG1|1||I10^Essential hypertension^I10|Hypertension|20250413|A\r", id, patient, patient, patient, patient, i)
	return message.Message{Channel: "adt", Lane: fmt.Sprint("P", patient), ControlID: id, SendingApp: "ADT1", SendingFac: "GOOD HEALTH HOSPITAL",
		Type: "ADT^A01", Version: "2.5.1", Peer: "127.0.0.1:50000", Body: []byte(body), AckCode: "AA", Destination: "fhir",
		Ack: []byte("MSH|^~\\&|PONS|PONS|ADT1|GOOD HEALTH HOSPITAL|20250413093001||ACK^A01^ACK|" + id + "A|P|2.5.1\rMSA|AA|" + id + "\r")}
}

// admission is about what mapping makes of adt: resources of a patient, made
// by its first message and changed by the next three.
func admission(t testing.TB, m message.Message) []store.Write {
	var i int
	fmt.Sscanf(m.ControlID, "MSG%d", &i)
	patient, turn := i/4, i%4
	var writes []store.Write
	for _, text := range admissionJSON(patient, turn, i) {
		r, err := r4.Unmarshal([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		expect := -1
		if r.ResourceType() == "MessageHeader" || r.ResourceType() == "Provenance" {
			expect = 0
		}
		writes = append(writes, store.Write{Type: r.ResourceType(), ID: r.ResourceID(), Expect: expect, Body: []byte(text), Index: search.Extract(r)})
	}
	return writes
}

func admissionJSON(patient, turn, i int) []string {
	id := func(kind string) string {
		return fmt.Sprintf("%s%08x-89ab-8def-8123-456789abcdef", kind[:3], patient*2654435761)
	}
	p, e := id("pat"), id("enc")
	return []string{
		fmt.Sprintf(`{"resourceType":"Patient","id":"%s","identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:oid:2.16.840.1.113883.19.4.6","value":"%09d"},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"NH"}]},"system":"https://fhir.nhs.uk/Id/nhs-number","value":"%010d"}],"name":[{"family":"Smith%d","given":["John","Paul"],"prefix":["Mr"]}],"telecom":[{"system":"phone","value":"+44161555%04d","use":"home"}],"gender":"male","birthDate":"1985-03-15","address":[{"line":["%d High Street"],"city":"Manchester","postalCode":"M1 1AA","country":"GBR"}],"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]}}`, p, patient, patient, patient, patient%10000, turn+1),
		fmt.Sprintf(`{"resourceType":"Encounter","id":"%s","identifier":[{"system":"urn:oid:2.16.840.1.113883.19.4.7","value":"V%d"}],"status":"in-progress","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},"subject":{"reference":"Patient/%s"},"participant":[{"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"ATND"}]}],"individual":{"reference":"Practitioner/%s"}}],"period":{"start":"2025-04-13T09:30:0%dZ"},"location":[{"location":{"reference":"Location/%s"},"status":"active"}]}`, e, patient, p, id("pra"), turn, id("loc")),
		fmt.Sprintf(`{"resourceType":"RelatedPerson","id":"%s","patient":{"reference":"Patient/%s"},"relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0063","code":"SPO"}]}],"name":[{"family":"Smith","given":["Mary","Anne"]}],"telecom":[{"system":"phone","value":"%d"}]}`, id("rel"), p, turn),
		fmt.Sprintf(`{"resourceType":"Practitioner","id":"%s","identifier":[{"value":"12345"}],"name":[{"family":"Jones","given":["Sarah"],"prefix":["Dr"],"suffix":["MD%d"]}]}`, id("pra"), turn),
		fmt.Sprintf(`{"resourceType":"Location","id":"%s","identifier":[{"value":"Bed12"}],"mode":"instance","name":"Bed12 %d","physicalType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/location-physical-type","code":"bd"}]}}`, id("loc"), turn),
		fmt.Sprintf(`{"resourceType":"AllergyIntolerance","id":"%s","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"category":["medication"],"code":{"coding":[{"system":"urn:id:L","code":"PEN","display":"Penicillin"}]},"patient":{"reference":"Patient/%s"},"onsetDateTime":"2010-01-0%d","reaction":[{"manifestation":[{"text":"Rash"}],"severity":"severe"}]}`, id("all"), p, turn+1),
		fmt.Sprintf(`{"resourceType":"Condition","id":"%s","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"encounter-diagnosis"}]}],"code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10","code":"I10","display":"Essential hypertension"}]},"subject":{"reference":"Patient/%s"},"encounter":{"reference":"Encounter/%s"},"recordedDate":"2025-04-1%d"}`, id("con"), p, e, turn),
		fmt.Sprintf(`{"resourceType":"Organization","id":"%s","identifier":[{"value":"GHH"}],"name":"Good Health Hospital %d"}`, id("org"), turn),
		fmt.Sprintf(`{"resourceType":"MessageHeader","id":"%s-%d","eventCoding":{"system":"http://terminology.hl7.org/CodeSystem/v2-0003","code":"A01"},"source":{"name":"ADT1","endpoint":"urn:x"},"destination":[{"name":"PONS","endpoint":"urn:y"}]}`, id("msg"), i),
		fmt.Sprintf(`{"resourceType":"Provenance","id":"%s-%d","target":[{"reference":"Patient/%s"},{"reference":"Encounter/%s"}],"recorded":"2025-04-13T09:30:00Z","activity":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0003","code":"A01"}]},"agent":[{"who":{"display":"ADT1"}}]}`, id("pro"), i, p, e),
	}
}

// latencies collects how long things took.
type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

func (l *latencies) add(since time.Time) {
	took := time.Since(since)
	l.mu.Lock()
	l.all = append(l.all, took)
	l.mu.Unlock()
}

func (l *latencies) report(b *testing.B, what string) {
	b.StopTimer()
	slices.Sort(l.all)
	n := len(l.all)
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), what+"/s")
	b.ReportMetric(float64(l.all[n/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(l.all[n*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(l.all[n-1].Microseconds()), "max-us")
}
