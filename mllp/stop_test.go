package mllp_test

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ponshealth/pons/mllp"
)

// TestStopDoesNotWaitForSilence: a sender that stops in the middle of a block has half of
// the time that there is, not what the block would have otherwise.
func TestStopDoesNotWaitForSilence(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo}, func(t *testing.T, l *pipes, stop func()) {
		p := l.dial(t)
		p.send(vt + "half")
		go p.Read(make([]byte, 100))
		synctest.Wait()
		start := time.Now()
		stop()
		wantElapsed(t, start, 5*time.Second)
	})
}

// TestStopAfterAnEmptyBlock: a block that was begun when the server was told to stop and
// turns out to be empty is the last of its connection.
func TestStopAfterAnEmptyBlock(t *testing.T) {
	timed(t, &mllp.Server{Handler: echo}, func(t *testing.T, l *pipes, stop func()) {
		p := l.dial(t)
		p.send(vt)
		synctest.Wait()
		go func() {
			time.Sleep(time.Second)
			p.Write([]byte(fs))
			p.Read(make([]byte, 1))
		}()
		start := time.Now()
		stop()
		wantElapsed(t, start, time.Second)
	})
}

// TestStopDoesNotWaitForASenderThatDoesNotRead: its reply is given up when StopTimeout is
// over, however long WriteTimeout is.
func TestStopDoesNotWaitForASenderThatDoesNotRead(t *testing.T) {
	h := mllp.HandlerFunc(func(context.Context, mllp.Block) ([]byte, error) { return bytes.Repeat([]byte{'x'}, 1<<20), nil })
	timed(t, &mllp.Server{Handler: h, WriteTimeout: time.Hour}, func(t *testing.T, l *pipes, stop func()) {
		l.dial(t).send(vt + "1" + fs)
		synctest.Wait()
		start := time.Now()
		stop()
		wantElapsed(t, start, 10*time.Second)
	})
}
