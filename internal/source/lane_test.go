package source_test

import (
	"strings"
	"testing"

	"github.com/ponshealth/pons/mllp"
)

func TestLanes(t *testing.T) {
	msh := "MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5"
	long := strings.Repeat("9", 300)
	for _, c := range []struct{ name, body, want string }{
		{"identifier and authority", msh + "\rPID|1||7^^^HOSP&1.2.3&ISO^MR~8^^^NHS\r", "patient:7^HOSP"},
		{"authority by universal id", msh + "\rPID|1||7^^^&1.2.3&ISO\r", "patient:7^&1.2.3&ISO"},
		{"no authority", msh + "\rPID|1||7\r", "patient:7^"},
		{"first that has a value", msh + "\rPID|1||^^^HOSP~\"\"^^^X~ 8 ^^^NHS\r", "patient:8^NHS"},
		{"escaped", msh + "\rPID|1||7\\T\\8^^^HOSP\r", "patient:7&8^HOSP"},
		{"later segments do not matter", msh + "\rPID|1||7^^^H\rPID|2||8^^^H\r", "patient:7^H"},
		{"PID without identifier", msh + "\rPID|1||^^^HOSP||Doe\r", "sender:A^B"},
		{"no PID", msh + "\r", "sender:A^B"},
		{"another character set", msh + "||||||8859/1\rPID|1||7\xe9^^^H\xf6\r", "patient:7é^Hö"},
		{"no character set", msh + "\rPID|1||7\xe9\r", "patient:7é^"},
		{"too long for a name", msh + "\rPID|1||" + long + "\r", "hash:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := &fake{}
			handle(t, newMLLP(st), mllp.Block{Data: []byte(c.body)})
			if len(st.accepted) != 1 {
				t.Fatalf("%d accepted", len(st.accepted))
			}
			got := st.accepted[0].Lane
			if c.want == "hash:" && strings.HasPrefix(got, c.want) && len(got) == 5+64 {
				return
			}
			if got != c.want {
				t.Errorf("lane %q, want %q", got, c.want)
			}
		})
	}
}
