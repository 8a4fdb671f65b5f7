package hl7_test

import (
	"fmt"
	"testing"

	"github.com/ponshealth/pons/hl7"
)

func TestEach(t *testing.T) {
	m := parse(t, "MSH|^~\\&|A\rPID|1||a^1~b~^2\rOBX|1|||x|v1~v2\rOBX|2\rOBX|3|||x|\"\"")
	for path, want := range map[string]string{
		"PID-3":     "PID(1)-3[1]=a PID(1)-3[2]=b PID(1)-3[3]= ",
		"PID-3[2]":  "PID(1)-3[2]=b ",
		"PID-3.2":   "PID(1)-3[1].2=1 PID(1)-3[3].2=2 ",
		"OBX-5":     "OBX(1)-5[1]=v1 OBX(1)-5[2]=v2 OBX(3)-5[1]= ",
		"OBX(3)-1":  "OBX(3)-1[1]=3 ",
		"OBX(9)-1":  "",
		"NTE":       "",
		"OBX(2)":    "OBX(2)=OBX|2 ",
		"MSH-2":     "MSH(1)-2[1]=^~\\& ",
		"PID-3.2.2": "",
	} {
		p, err := hl7.ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for at, v := range m.Each(p) {
			got += fmt.Sprintf("%s=%s ", at, v)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
		for range m.Each(p) {
			break
		}
	}
}
