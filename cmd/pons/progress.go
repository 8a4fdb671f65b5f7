package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// progress is a line on a terminal that is drawn over and over. What is off
// draws nothing.
type progress struct {
	w  io.Writer
	on bool

	mu    sync.Mutex
	shown bool
}

func newProgress(w io.Writer, on bool) *progress { return &progress{w: w, on: on} }

const barWidth = 24

// draw shows how many of all are done, how fast it goes, and a note.
func (p *progress) draw(done, all int, took time.Duration, note string) {
	if !p.on {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	full := barWidth * done / max(all, 1)
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %d/%d  %.0f/s  %s",
		strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), done, all, float64(done)/max(took.Seconds(), 1e-6), note)
	p.shown = true
}

// clear makes room for a line of something else.
func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shown {
		io.WriteString(p.w, "\r\x1b[K")
		p.shown = false
	}
}
