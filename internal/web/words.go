package web

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ponshealth/pons/internal/message"
)

// stateHints say what each state means to a person.
var stateHints = map[message.State]string{
	message.Received:  "waits for its turn",
	message.Claimed:   "being worked on",
	message.Retrying:  "failed, will be tried again",
	message.Delivered: "at its destination",
	message.Filtered:  "not wanted by a rule",
	message.Dead:      "needs a person",
}

// waiting are the states in which a message is still to arrive somewhere.
var waiting = []message.State{message.Received, message.Claimed, message.Retrying}

// eventWords name the trigger events that are met most, shortly; the names in
// the standard are sentences.
var eventWords = map[string]string{
	"ADT^A01": "admission", "ADT^A02": "transfer", "ADT^A03": "discharge",
	"ADT^A04": "registration", "ADT^A05": "pre-admission", "ADT^A06": "outpatient to inpatient",
	"ADT^A07": "inpatient to outpatient", "ADT^A08": "update", "ADT^A09": "patient departing",
	"ADT^A10": "patient arriving", "ADT^A11": "admission cancelled", "ADT^A12": "transfer cancelled",
	"ADT^A13": "discharge cancelled", "ADT^A28": "person added", "ADT^A31": "person updated",
	"ADT^A34": "merge", "ADT^A40": "merge", "ADT^A60": "allergies", "ORU^R01": "results",
	"ORU^R30": "point-of-care result", "ORM^O01": "order", "OMG^O19": "clinical order",
	"OML^O21": "laboratory order", "OMP^O09": "pharmacy order", "RDE^O11": "pharmacy order",
	"RDS^O13": "dispense", "RAS^O17": "administration", "VXU^V04": "vaccination",
	"SIU^S12": "appointment booked", "SIU^S13": "appointment rescheduled", "SIU^S14": "appointment changed",
	"SIU^S15": "appointment cancelled", "SIU^S26": "no show", "MDM^T02": "document", "MDM^T11": "document cancelled",
	"DFT^P03": "charges", "BAR^P01": "account", "MFN^M02": "staff master file",
}

// answerWords say what a code of table 0008 means to the sender.
var answerWords = map[string]string{
	"AA": "accepted", "AE": "refused: error in the message", "AR": "rejected",
	"CA": "safely stored", "CE": "not stored: error", "CR": "not stored: rejected",
}

// number writes 12345 as 12,345.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// messages writes "1 message" or "12 messages".
func messages(n int) string { return number(n) + " " + plural(n, "message", "messages") }

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// size writes a number of bytes for a person.
func size(n int) string {
	switch {
	case n < 10_000:
		return number(n) + " " + plural(n, "byte", "bytes")
	case n < 1_000_000:
		return fmt.Sprintf("%.1f KB", float64(n)/1e3)
	default:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
}

// span writes a duration in the one unit that matters.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 ms"
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	default:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	}
}

// ago writes how long something is past. A clock that was set back, or under a
// second, is "just now".
func ago(d time.Duration) string {
	if d < time.Second {
		return "just now"
	}
	return span(d) + " ago"
}

// moment is a time as a page shows it.
type moment struct {
	Stamp string // for <time datetime>
	Ago   string
	Clock string // 15:04:05, with the date when it is not today
	Full  string // with milliseconds and zone
}

func (s *server) moment(t time.Time) moment {
	now := s.Now().In(s.Zone)
	t = t.In(s.Zone)
	clock := t.Format("15:04:05")
	if t.YearDay() != now.YearDay() || t.Year() != now.Year() {
		clock = t.Format("2 Jan 2006 15:04")
	}
	return moment{
		Stamp: t.Format("2006-01-02T15:04:05.000Z07:00"),
		Ago:   ago(now.Sub(t)),
		Clock: clock,
		Full:  t.Format("2 Jan 2006, 15:04:05.000 MST"),
	}
}

// health is the state of the engine in one sentence.
type health struct {
	Class    string // good, busy or bad; the words carry the meaning
	Sentence string
	Href     string // the list that the sentence speaks of, when it is of trouble
	Detail   string
	Oldest   *moment // the message that waits longest
}

func (s *server) health(counts map[message.State]int, oldest time.Time) health {
	total, waits := 0, 0
	for _, n := range counts {
		total += n
	}
	for _, st := range waiting {
		waits += counts[st]
	}
	dead, retrying := counts[message.Dead], counts[message.Retrying]

	h := health{Class: "good"}
	switch {
	case total == 0:
		h.Sentence = "No message has come yet."
	case dead > 0:
		h.Class, h.Href = "bad", "/ui/?state=dead"
		h.Sentence = messages(dead) + plural(dead, " needs", " need") + " a person."
	case retrying > 0:
		h.Class, h.Href = "busy", "/ui/?state=retrying"
		h.Sentence = messages(retrying) + plural(retrying, " waits", " wait") + " for another try."
	case waits > 0:
		h.Class = "busy"
		h.Sentence = messages(waits) + plural(waits, " is", " are") + " on the way."
	case counts[message.Filtered] > 0:
		h.Sentence = "Nothing waits."
	default:
		h.Sentence = allDelivered(total) + " Nothing waits."
	}
	switch {
	case total == 0:
	case waits == 0 && dead > 0:
		h.Detail = "Nothing else waits."
	case waits == 0 && counts[message.Filtered] > 0:
		h.Detail = fmt.Sprintf("%s delivered, %s filtered.", number(counts[message.Delivered]), number(counts[message.Filtered]))
	case waits > 0:
		if dead > 0 || retrying > 0 && waits > retrying { // else the sentence has the number
			h.Detail = messages(waits) + plural(waits, " waits.", " wait.")
		}
		if !oldest.IsZero() {
			m := s.moment(oldest)
			h.Oldest = &m
		}
	}
	return h
}

func allDelivered(n int) string {
	if n == 1 {
		return "The only message is delivered."
	}
	return "All " + messages(n) + " delivered."
}
