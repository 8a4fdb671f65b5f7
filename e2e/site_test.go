package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const site = `zone: Europe/London
overlays: [%DIR%/overlay]
script: {file: %DIR%/site.js, time: 2s}
`

// A site's tables and script are used, read anew when they change, and what is wrong with
// new ones leaves the old ones in place. A script that runs away makes its message dead and
// harms no other.
func TestSite(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "%DIR%", dir)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("pons.yaml", site)
	write("overlay/messages/any.yaml", "message: '*'\nrows:\n- {id: S1, from: ZPI, slot: 'Patient[1]', map: 'ZPI[Patient]'}\n")
	write("overlay/segments/ZPI[Patient].yaml", "map: 'ZPI[Patient]'\nrows:\n- {id: S1, from: ZPI-1, to: 'name[9].text'}\n")
	write("site.js", `function message(msg) {
		if (msg.get("PID-5.1") === "LOOP") new Array(1e9).join("x");
		if (msg.get("PID-5.1") === "PING") return false;
		msg.set("PID-3.1", msg.get("PID-3.1").replace(/^0+/, ""));
	}
	function bundle(b) { for (const e of b.entry) if (e.resource.resourceType === "Patient") e.resource.active = true }`)

	e := start(t, filepath.Join(dir, "data"), "-c", filepath.Join(dir, "pons.yaml"))
	admit := func(id, number, family, pet string) string {
		return "MSH|^~\\&|A|B|C|D|20240102030405||ADT^A01|" + id + "|P|2.5\rEVN|A01|20240102030405\rPID|1||" + number + "^^^NHS^NH||" + family + "^ANN\rZPI|" + pet + "\rPV1|1|I\r"
	}
	send := func(id, number, family, pet string) {
		t.Helper()
		s, err := dial(e.mllp)
		if err != nil {
			t.Fatal(err)
		}
		defer s.conn.Close()
		if got, err := s.send(admit(id, number, family, pet)); err != nil || !strings.Contains(got, "|AA|") {
			t.Fatalf("answer %q, %v", got, err)
		}
	}
	patient := func(number string) map[string]any {
		b := e.patients("https://fhir.nhs.uk/Id/nhs-number", number)
		if len(b.Entry) != 1 {
			return nil
		}
		return b.Entry[0].Resource
	}
	send("1", "009000000009", "SMITH", "Rex")
	e.eventually("the patient by the number without zeros", func() bool { return patient("9000000009") != nil })
	if p := patient("9000000009"); p["active"] != true || !strings.Contains(fmt.Sprint(p["name"]), "Rex") {
		t.Errorf("patient %v", p)
	}
	send("2", "2", "PING", "x")
	e.eventually("a filtered message", func() bool { return e.messages()["filtered"] == 1 })
	send("3", "3", "LOOP", "x")
	send("4", "4", "JONES", "x")
	e.eventually("the next patient", func() bool { return patient("4") != nil })
	e.eventually("a dead message", func() bool { return e.messages()["dead"] == 1 })

	write("overlay/segments/ZPI[Patient].yaml", "map: 'ZPI[Patient]'\nrows:\n- {id: S1, from: ZPI-1, to: 'nickname'}\n")
	e.cmd.Process.Signal(syscall.SIGHUP)
	e.eventually("word of the fault", func() bool { return strings.Contains(e.log.String(), "ZPI[Patient].yaml:3") })
	send("5", "5", "BROWN", "Tom")
	e.eventually("a patient by the tables before", func() bool { return patient("5") != nil && strings.Contains(fmt.Sprint(patient("5")["name"]), "Tom") })

	write("overlay/segments/ZPI[Patient].yaml", "map: 'ZPI[Patient]'\nrows:\n- {id: S1, from: ZPI-1, to: 'contact[9].name.text'}\n")
	e.eventually("new tables, without a signal", func() bool { return strings.Contains(e.log.String(), "tables read anew") })
	send("6", "6", "GREEN", "Tim")
	e.eventually("a patient by the new tables", func() bool {
		return patient("6") != nil && strings.Contains(fmt.Sprint(patient("6")["contact"]), "Tim")
	})
	e.stop()
	if strings.Contains(e.log.String(), "LOOP") || strings.Contains(e.log.String(), "SMITH") {
		t.Error("the log tells of a patient")
	}
}
