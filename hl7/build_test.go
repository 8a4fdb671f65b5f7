package hl7_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ponshealth/pons/hl7"
)

// TestNew: the header of a message in each version, by the attribute tables of MSH.
func TestNew(t *testing.T) {
	head := hl7.Head{Type: "ADT", Event: "A01", Structure: "ADT_A01", ControlID: "1",
		SendingApp: hl7.HD{Namespace: "A&B"}, ReceivingFacility: hl7.HD{Namespace: "F"},
		Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600))}
	for version, want := range map[string]string{
		"2.1":   "MSH|^~\\&|A\\T\\B|||F|20260102030405||ADT^A01|1|P|2.1",
		"2.2":   "MSH|^~\\&|A\\T\\B|||F|20260102030405+0100||ADT^A01|1|P|2.2",
		"2.3":   "MSH|^~\\&|A\\T\\B|||F|20260102030405+0100||ADT^A01|1|P|2.3",
		"2.3.1": "MSH|^~\\&|A\\T\\B|||F|20260102030405+0100||ADT^A01^ADT_A01|1|P|2.3.1",
		"2.9.1": "MSH|^~\\&|A\\T\\B|||F|20260102030405+0100||ADT^A01^ADT_A01|1|P|2.9.1",
	} {
		head.Version = version
		got, err := hl7.New(head).Bytes()
		if err != nil || string(got) != want+"\r" {
			t.Errorf("%s: %q, %v", version, got, err)
		}
	}
	head.Version, head.Charset, head.AcceptAck, head.ProcessingID = "2.5", "8859/1", "AL", "T"
	head.SendingApp = hl7.HD{Namespace: "A", Universal: "1.2", Type: "ISO"}
	head.Delimiters = hl7.Delimiters{Field: '$', Component: '*', Repetition: '!', Escape: '@', Subcomponent: '?'}
	e := hl7.New(head)
	e.Append("PID").Put("3", &hl7.CX{ID: "4711", Authority: hl7.HD{Namespace: "H", Universal: "1.2"}, Type: "MR"}).
		Put("5", &hl7.XPN{Family: hl7.FN{Surname: "D$e"}, Given: "J"})
	e.Append("OBX").Set("1", "1").Set("5", "a\nb")
	const want = "MSH$*!@?$A*1.2*ISO$$$F$20260102030405@X2B@0100$$ADT*A01*ADT_A01$1$T$2.5$$$AL$$$8859/1\r" +
		"PID$$$4711***H?1.2*MR$$D@F@e*J\rOBX$1$$$$a@X0A@b\r"
	got, err := e.Bytes()
	if w := strings.ReplaceAll(want, "@X2B@", "+"); err != nil || string(got) != w {
		t.Errorf("got %q, %v, want %q", got, err, w)
	}
}

func TestNewRefused(t *testing.T) {
	good := hl7.Head{Version: "2.5", Type: "ACK", ControlID: "1", Time: time.Unix(0, 0)}
	if err := hl7.New(good).Err(); err != nil {
		t.Fatal(err)
	}
	for at, change := range map[string]func(h *hl7.Head){
		"MSH-12":  func(h *hl7.Head) { h.Version = "" },
		"MSH-9.1": func(h *hl7.Head) { h.Type = "" },
		"MSH-10":  func(h *hl7.Head) { h.ControlID = strings.Repeat("x", 21) },
		"MSH-7":   func(h *hl7.Head) { h.Time = time.Time{} },
		"MSH-15":  func(h *hl7.Head) { h.Version, h.ApplicationAck = "2.1", "AL" },
		"MSH-3":   func(h *hl7.Head) { h.Version, h.ReceivingApp.Universal = "2.2", "1.2" },
		"MSH-18":  func(h *hl7.Head) { h.Version, h.Charset = "2.2", "ASCII" },
		"MSH-2":   func(h *hl7.Head) { h.Delimiters = hl7.Standard; h.Delimiters.Truncation = '#' },
	} {
		h := good
		change(&h)
		var problem *hl7.EditError
		if _, err := hl7.New(h).Bytes(); !errors.As(err, &problem) || problem.At != at {
			t.Errorf("want an error at %s, got %v", at, err)
		}
	}
	for _, d := range []hl7.Delimiters{{Field: '|'}, {Field: 'A', Component: '^'}, {Field: '|', Component: '^', Escape: '\\'}, {Field: '|', Component: '|'}} {
		h := good
		h.Delimiters = d
		if hl7.New(h).Err() == nil {
			t.Errorf("%+v are taken for delimiters", d)
		}
	}
	for version, longest := range map[string]int{"2.5.1": 20, "2.6": 199} {
		h := good
		h.Version, h.ControlID = version, strings.Repeat("x", longest)
		if err := hl7.New(h).Err(); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		h.ControlID += "x"
		if hl7.New(h).Err() == nil {
			t.Errorf("%s takes a control ID of %d characters", version, longest+1)
		}
	}
}
