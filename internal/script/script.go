// Package script runs the JavaScript of a site (ES2023) on messages before they
// are mapped and on Bundles after: what no table can say.
//
// A script is a file with one or both of these functions:
//
//	function message(msg) { if (msg.get("PID-8") === "W") msg.set("PID-8", "F") }
//	function bundle(bundle, msg) { ... }
//
// msg has get(path), set(path, text), count(segment), add(segment) and
// remove(segment, n), with paths as in package hl7. bundle is the Bundle as a plain
// object, which the function changes; it may not add or remove entries. A function
// that returns false filters the message out: it is kept and goes no further.
//
// A script sees no file, no network, no clock of the machine's own making and no
// other message. It runs in a process of its own, which is killed when the time is
// over: the engine of JavaScript itself checks the time only between its
// steps, and one step may be a loop over a billion elements. Its memory is limited
// too. Errors name the script, the line and the kind of the error. They never
// hold what the script says of itself, since that may be a value of the message.
package script

import (
	"fmt"
	"time"
)

// Limits of one run. The zero value of each is a default.
type Limits struct {
	Time   time.Duration // of one run, on the clock; 1 s
	Memory int           // bytes that the script may hold; 64 MiB
}

func (l Limits) time() time.Duration {
	if l.Time <= 0 {
		return time.Second
	}
	return l.Time
}

func (l Limits) memory() int {
	if l.Memory <= 0 {
		return 64 << 20
	}
	return l.Memory
}

// maxSource and maxResult bound the text of a script and what it gives back.
const (
	maxSource = 1 << 20
	maxResult = 64 << 20
)

// Error says why a script failed: where in it, and how.
type Error struct {
	At      string // "site.js:12", or the file alone
	Problem string // plain words, or the name of an error of JavaScript
}

func (e *Error) Error() string { return fmt.Sprintf("script %s: %s", e.At, e.Problem) }

// request is what the engine asks of a worker, response the answer. Both go as JSON
// behind four bytes of length.
type request struct {
	File    string `json:"file"`
	Source  string `json:"source"`
	Memory  int    `json:"memory"`
	Call    string `json:"call"` // "message", "bundle" or "" to check the script
	Message []byte `json:"message,omitempty"`
	Bundle  []byte `json:"bundle,omitempty"`
}

type response struct {
	Has     []string `json:"has,omitempty"` // functions of the script, of a check
	Message []byte   `json:"message,omitempty"`
	Bundle  []byte   `json:"bundle,omitempty"`
	Drop    bool     `json:"drop,omitempty"` // the function returned false
	At      string   `json:"at,omitempty"`   // of an error
	Problem string   `json:"problem,omitempty"`
}
