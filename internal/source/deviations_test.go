package source_test

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/ponshealth/pons/mllp"
)

// TestDeviations walks what real senders do wrong, or do otherwise, on the way
// from the socket to the store: what is answered, and what is stored of it. The
// cases of time (idle, slow, never reading) are in package mllp, where time is
// faked, as are those of the framing alone, in every way that packets can be cut.
func TestDeviations(t *testing.T) {
	const vt, fs, cr = "\x0b", "\x1c", "\r"
	frame := func(s string) string { return vt + s + fs + cr }
	one, two, three := numbered(1), numbered(2), numbered(3)
	joined := strings.Replace(one, "Doe^John", "Doe\r^John", 1)
	for _, c := range []struct {
		name    string
		packets []string
		want    []string // answers, block by block
		stored  []string // bodies
		dead    int
		server  *mllp.Server
	}{
		{name: "LF segment ends", packets: []string{frame(strings.ReplaceAll(one, "\r", "\n"))}, want: []string{"AA 1"}, stored: []string{strings.ReplaceAll(one, "\r", "\n")}},
		{name: "CRLF segment ends", packets: []string{frame(strings.ReplaceAll(one, "\r", "\r\n"))}, want: []string{"AA 1"}, stored: []string{strings.ReplaceAll(one, "\r", "\r\n")}},
		{name: "blank segments", packets: []string{frame(strings.ReplaceAll(one, "\r", "\r\r \r"))}, want: []string{"AA 1"}, stored: []string{strings.TrimRight(strings.ReplaceAll(one, "\r", "\r\r \r"), " ")}},
		{name: "CR in a field", packets: []string{frame(joined)}, want: []string{"AA 1"}, stored: []string{joined}},
		{name: "no final CR", packets: []string{frame(strings.TrimSuffix(one, "\r"))}, want: []string{"AA 1"}, stored: []string{strings.TrimSuffix(one, "\r")}},

		{name: "FS without CR", packets: []string{vt + one + fs + vt + two + fs}, want: []string{"AA 1", "AA 2"}, stored: []string{one, two}},
		{name: "CR in the next packet", packets: []string{vt + one + fs, "wait", cr, frame(two)}, want: []string{"AA 1", "AA 2"}, stored: []string{one, two}},
		{name: "LF after CR", packets: []string{frame(one) + "\n" + frame(two)}, want: []string{"AA 1", "AA 2"}, stored: []string{one, two}},
		{name: "FS NUL", packets: []string{vt + one + fs + "\x00" + frame(two)}, want: []string{"AA 1", "AA 2"}, stored: []string{one, two}},

		{name: "no VT, allowed", packets: []string{one + fs + cr, two + fs + cr}, want: []string{"AA 1", "AA 2"}, stored: []string{one, two}, server: &mllp.Server{Bare: "MSH"}},
		{name: "no VT, not allowed", packets: []string{one + fs + cr, frame(two)}, want: []string{"AA 2"}, stored: []string{two}},

		{name: "junk between frames", packets: []string{"GET / HTTP/1.0\r\n\r\n" + frame(one) + "\x00\x00 \n12:00 keep-alive" + frame(two)}, want: []string{"AA 1", "AA 2"}, stored: []string{one, two}},
		{name: "64 KiB of junk", packets: []string{frame(one), strings.Repeat("x", 64<<10+1) + frame(two)}, want: []string{"AA 1", "closed"}, stored: []string{one}},
		{name: "VT in the middle", packets: []string{vt + one[:30] + frame(two)}, want: []string{"AA 2"}, stored: []string{two}, dead: 1},
		{name: "VT in the middle, at the next message", packets: []string{vt + one + frame(two)}, want: []string{"AA 2"}, stored: []string{two}, dead: 1},
		{name: "several MSH in one frame", packets: []string{frame(one + two + three)}, want: []string{"AA 1,AA 2,AA 3"}, stored: []string{one, two, three}},
		{name: "several frames in one packet", packets: []string{frame(one) + frame(two) + frame(three)}, want: []string{"AA 1", "AA 2", "AA 3"}, stored: []string{one, two, three}},
		{name: "1-byte chunks", packets: strings.Split(frame(one)+frame(two), ""), want: []string{"AA 1", "AA 2"}, stored: []string{one, two}},
		{name: "empty frame", packets: []string{frame("") + frame("\r") + frame(one)}, want: []string{"AA 1"}, stored: []string{one}},
		{name: "BOM before MSH", packets: []string{frame("\xef\xbb\xbf" + one)}, want: []string{"AA 1"}, stored: []string{one}},
		{name: "leading spaces", packets: []string{frame("  \r\n " + one)}, want: []string{"AA 1"}, stored: []string{one}},

		{name: "no MSH-18 and not UTF-8", packets: []string{frame(strings.Replace(one, "John", "J\xf6rg", 1))}, want: []string{"AA 1"}, stored: []string{strings.Replace(one, "John", "J\xf6rg", 1)}},
		{name: "wrong MSH-18", packets: []string{frame(withCharset("UNICODE UTF-8", "J\xf6rg"))}, want: []string{"AA 1"}, stored: []string{withCharset("UNICODE UTF-8", "J\xf6rg")}},
		{name: "unknown MSH-18", packets: []string{frame(withCharset("KLINGON", "Jörg"))}, want: []string{"AA 1"}, stored: []string{withCharset("KLINGON", "Jörg")}},

		{name: "batch", packets: []string{frame(fhs + bhs + one + two + "BTS|2\rFTS|1\r")}, want: []string{"AA 1,AA 2"}, stored: []string{one, two}},
		{name: "ACK that nobody asked for", packets: []string{frame("MSH|^~\\&|A|B|C|D|2026||ACK|9|P|2.5\rMSA|AA|1\r") + frame(one)}, want: []string{"AA 1"}, stored: []string{one}, dead: 1},
		{name: "frame that breaks off", packets: []string{vt + one[:40], "close"}, want: []string{"closed"}, dead: 1},
		{name: "frame that breaks off before FS", packets: []string{vt + one, "close"}, want: []string{"closed"}, dead: 1},
		{name: "too large", packets: []string{vt + one + strings.Repeat("x", 10_000) + fs + cr + frame(two)}, want: []string{"AR 1 207@", "closed"}, dead: 1, server: &mllp.Server{MaxBlock: 5000}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := listen(t, cmp.Or(c.server, &mllp.Server{}))
			conn := w.dial()
			answers := c.want
			for _, p := range c.packets {
				switch p {
				case "wait":
					conn.expect(answers[0]) // the answer does not wait for the CR
					answers = answers[1:]
				case "close":
					conn.Conn.(*net.TCPConn).CloseWrite()
				default:
					conn.send(p)
				}
			}
			for _, want := range answers {
				if want == "closed" {
					conn.expectClosed()
					continue
				}
				conn.expect(want)
			}
			w.st.mu.Lock()
			defer w.st.mu.Unlock()
			var stored []string
			for _, m := range w.st.accepted {
				stored = append(stored, string(m.Body))
			}
			if strings.Join(stored, "\n--\n") != strings.Join(c.stored, "\n--\n") || len(w.st.dead) != c.dead {
				t.Errorf("stored %q\nwant   %q\n%d dead, want %d", stored, c.stored, len(w.st.dead), c.dead)
			}
			for _, m := range w.st.dead {
				if m.AckCode == "AA" || bytes.Contains(m.Ack, []byte("MSA|AA")) {
					t.Errorf("a refused message was answered %q", m.Ack)
				}
			}
		})
	}
}

func withCharset(name, text string) string {
	return "MSH|^~\\&|A|B|C|D|2026||ADT^A01|1|P|2.5||||||" + name + "\rPID|1||7||Doe^" + text + "\r"
}

func TestDeviationOneConnectionPerMessage(t *testing.T) {
	w := listen(t, &mllp.Server{})
	for n := range 100 {
		c := w.dial()
		c.send("\x0b" + numbered(n) + "\x1c\r")
		c.expect("AA " + itoa(n))
		c.Close()
	}
}

func itoa(n int) string { return strings.TrimSpace(strings.Split(numbered(n), "|")[9]) }

// TestDeviationIgnoresAnswers: a sender that sends on and closes without having
// read anything has all its messages stored.
func TestDeviationIgnoresAnswers(t *testing.T) {
	w := listen(t, &mllp.Server{})
	c := w.dial()
	var all bytes.Buffer
	for n := range 200 {
		all.WriteString("\x0b" + numbered(n) + "\x1c\r")
	}
	c.send(all.String())
	c.Conn.(*net.TCPConn).CloseWrite()
	io.Copy(io.Discard, c) // until the source has worked off what came
	w.st.mu.Lock()
	defer w.st.mu.Unlock()
	if len(w.st.accepted) != 200 {
		t.Errorf("%d stored", len(w.st.accepted))
	}
}

// TestDeviationPipelines: answers come in order to a sender that does not wait.
func TestDeviationPipelines(t *testing.T) {
	w := listen(t, &mllp.Server{})
	client := &mllp.Client{Addr: w.addr}
	p, err := client.Pipeline(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	var calls []*mllp.Call
	for n := range 500 {
		call, err := p.Send(t.Context(), []byte(numbered(n)))
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, call)
	}
	for n, call := range calls {
		reply, err := call.Reply(t.Context())
		if err != nil || strings.Join(codes(t, string(reply)), ",") != "AA "+itoa(n) {
			t.Fatalf("%d: %q, %v", n, reply, err)
		}
	}
	w.st.mu.Lock()
	defer w.st.mu.Unlock()
	for n, m := range w.st.accepted {
		if m.ControlID != itoa(n) {
			t.Fatalf("message %d is stored in place %d", n, n)
		}
	}
}

// TestDeviationLargeDocument: a PDF of 20 MB in one OBX-5.
func TestDeviationLargeDocument(t *testing.T) {
	w := listen(t, &mllp.Server{})
	pdf := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("%PDF-1.7 "), 15<<20/9))
	body := strings.Replace(admission, "ADT^A01^ADT_A01", "MDM^T02^MDM_T02", 1) + "OBX|1|ED|PDF^Report||^AP^PDF^Base64^" + pdf + "\r"
	c := w.dial()
	go io.WriteString(c, "\x0b"+body+"\x1c\r")
	c.expect("AA 1")
	w.st.mu.Lock()
	defer w.st.mu.Unlock()
	if len(body) < 20_000_000 || string(w.st.accepted[0].Body) != body {
		t.Error("the document was not stored as it came")
	}
}
