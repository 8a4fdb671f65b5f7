package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
	"github.com/ponshealth/pons/mllp"
)

// pons runs a command line and returns what it printed and its exit code.
func pons(t *testing.T, stdin string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	err := run(t.Context(), args, streams{strings.NewReader(stdin), &out, &errs})
	if err != nil {
		errs.WriteString(err.Error())
	}
	return out.String(), errs.String(), exitCode(err)
}

const admit = "../../examples/admit.hl7"

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "m.hl7")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

type bundle struct {
	ResourceType, Type string
	Entry              []struct {
		FullURL  string
		Resource struct {
			ResourceType, BirthDate string
		}
	}
}

func (b bundle) patient(t *testing.T) string {
	t.Helper()
	for _, e := range b.Entry {
		if e.Resource.ResourceType == "Patient" {
			return e.Resource.BirthDate
		}
	}
	t.Fatal("the bundle has no patient")
	return ""
}

func TestConvert(t *testing.T) {
	out, errs, code := pons(t, "", "convert", admit)
	var b bundle
	if err := json.Unmarshal([]byte(out), &b); err != nil || code != 0 {
		t.Fatalf("exit %d, %v, %s", code, err, errs)
	}
	if b.ResourceType != "Bundle" || b.Type != "transaction" || b.patient(t) != "1985-03-15" {
		t.Errorf("%s of type %s with a patient born %s", b.ResourceType, b.Type, b.patient(t))
	}
}

func TestConvertSeveralFromStandardInput(t *testing.T) {
	raw, err := os.ReadFile(admit)
	if err != nil {
		t.Fatal(err)
	}
	second := strings.ReplaceAll(string(raw), "19850315", "19900101")
	out, errs, code := pons(t, string(raw)+second, "convert", "--compact", "-")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var dates []string
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var b bundle
		if err := dec.Decode(&b); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		dates = append(dates, b.patient(t))
	}
	if strings.Join(dates, " ") != "1985-03-15 1990-01-01" {
		t.Errorf("patients born %v", dates)
	}
	if again, _, _ := pons(t, string(raw)+second, "convert", "--compact", "-"); again != out {
		t.Error("the same message gives another bundle")
	}
}

func TestConvertGoesOnAfterABadMessage(t *testing.T) {
	bad := file(t, "MSH|^~\\&|A|B|C|D|20260101||QRY^A19|1|P|2.5\r")
	out, errs, code := pons(t, "", "convert", bad, admit)
	if code != 1 || !strings.Contains(errs, "MSH-9") || !strings.Contains(errs, bad) {
		t.Errorf("exit %d: %s; want 1 with the file and the place", code, errs)
	}
	if !strings.Contains(out, "1985-03-15") {
		t.Error("the good message was not converted")
	}
}

func TestConvertLineageAndUnmapped(t *testing.T) {
	out, errs, code := pons(t, "", "convert", "--lineage", admit)
	if code != 0 || !strings.Contains(out, "PID[Patient]#10") || strings.Contains(out, "1985") {
		t.Errorf("exit %d %s; want the row of PID-7 and no value", code, errs)
	}
	out, errs, code = pons(t, "", "convert", "--unmapped", admit)
	if code != 0 || !strings.Contains(out, `"PV1-39"`) || strings.Contains(out, `"PID-7"`) {
		t.Errorf("exit %d %s: %s; want PV1-39, for which the guide has no row, and not PID-7", code, errs, out)
	}
}

func TestInspect(t *testing.T) {
	out, errs, code := pons(t, "", "inspect", admit)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"PID              Patient Identification",
		"PID-5.1      Family Name",
		"PID-7          Date/Time of Birth                      19850315",
		"PV1-3.1      Point of Care                           Ward7",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no line %q in\n%s", want, out)
		}
	}
}

func TestInspectShowsNoControlCharacters(t *testing.T) {
	out, _, code := pons(t, "MSH|^~\\&|A\x1b[31m|B\rZZZ|\x07x", "inspect", "-")
	if code != 0 || strings.ContainsAny(out, "\x1b\x07") || !strings.Contains(out, "ZZZ-1") {
		t.Errorf("exit %d: %q", code, out)
	}
}

// receiver answers every message with code.
func receiver(t *testing.T, code string) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	server := &mllp.Server{Handler: mllp.HandlerFunc(func(_ context.Context, b mllp.Block) ([]byte, error) {
		m, err := hl7.Parse(b.Data)
		return hl7.Ack(m, hl7.AckOptions{Code: code, ControlID: "1", Time: time.Now()}), err
	})}
	go func() { done <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func TestSend(t *testing.T) {
	for answer, want := range map[string]int{"AA": 0, "CA": 0, "AE": 1, "AR": 1} {
		out, errs, code := pons(t, "", "send", admit, "--to", receiver(t, answer))
		if code != want || !strings.Contains(out, answer+" MSG001") {
			t.Errorf("%s: exit %d, want %d: %s %s", answer, code, want, out, errs)
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if _, _, code := pons(t, "", "send", admit, "--to", l.Addr().String()); code != 3 {
		t.Errorf("nobody listens: exit %d, want 3", code)
	}
}

func TestUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
	}{
		{nil, 0}, {[]string{"--help"}, 0}, {[]string{"convert", "--help"}, 0}, {[]string{"version"}, 0},
		{[]string{"dance"}, 2}, {[]string{"convert"}, 2}, {[]string{"send", admit}, 2},
		{[]string{"serve", "--mllp", "nowhere"}, 2}, {[]string{"serve", "-c", "/does/not/exist"}, 2},
		{[]string{"convert", "/does/not/exist"}, 1}, {[]string{"convert", file(t, "hello")}, 1},
		{[]string{"inspect", file(t, "")}, 1},
	} {
		if _, errs, code := pons(t, "", c.args...); code != c.code {
			t.Errorf("pons %v: exit %d, want %d: %s", c.args, code, c.code, errs)
		}
	}
}

func TestDemo(t *testing.T) {
	out, errs, code := pons(t, "", "demo", "--once", "--mllp", "127.0.0.1:0", "--http", "127.0.0.1:0")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"admit              ADT^A01  answered AA   delivered:",
		"transfer           ADT^A02  answered AA   delivered: 1 Encounter changed",
		"discharge          ADT^A03  answered AA   delivered: 1 Encounter changed",
		"malformed          ADT^A08  answered AR   kept as dead: MSH-10",
		"merge              ADT^A40  answered AA   delivered: 1 Patient, 1 Patient changed",
		"/fhir/Patient?identifier=",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
