package mllp

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// Pipeline sends blocks to one receiver ahead of the replies, over one
// connection, in the order of the calls. It is for receivers that answer in
// order or name in the reply what they answer, where one block after the other
// would wait too long for the network. It is safe for concurrent use.
type Pipeline struct {
	conn    net.Conn
	r       *Reader
	match   func(sent, reply []byte) bool
	timeout time.Duration

	free    chan struct{} // holds a token for each block on its way
	writing sync.Mutex
	reading sync.WaitGroup

	mu      sync.Mutex
	waiting []*Call // for replies, the oldest first
	err     error   // why the connection has ended
	ended   chan struct{}
}

// Call is a block on its way.
type Call struct {
	block []byte
	reply []byte
	err   error
	done  chan struct{}
}

// Pipeline opens a connection with the settings of c, apart from its own. At
// most window blocks are on their way on it at once; 1 is one after the other.
//
// A reply belongs to the oldest of these for which Match says so; one that
// belongs to none is dropped. Without Match it belongs to the oldest. When the
// oldest has no reply within ReplyTimeout of being written and of being the
// oldest, the connection is closed, as on any error. There is no pipeline with
// Release2, which is one block after the other, nor without replies.
func (c *Client) Pipeline(ctx context.Context, window int) (*Pipeline, error) {
	switch {
	case window < 1:
		return nil, errors.New("mllp: the window of a pipeline is below 1")
	case c.Release2, c.NoReply != nil:
		return nil, errors.New("mllp: no pipeline with release 2 or without replies")
	}
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	p := &Pipeline{
		conn: conn, r: c.reader(conn), match: c.Match, timeout: cmp.Or(c.ReplyTimeout, 30*time.Second),
		free: make(chan struct{}, window), ended: make(chan struct{}),
	}
	p.reading.Go(p.read)
	return p, nil
}

// Send writes block, as soon as the window allows, and returns without waiting
// for the reply; [Call.Reply] does. The block must not be changed before that.
// After an error the receiver may have the block, except when the error wraps
// ErrNotSent or is ErrContent.
func (p *Pipeline) Send(ctx context.Context, block []byte) (*Call, error) {
	if bytes.IndexByte(block, vt) >= 0 || bytes.IndexByte(block, fs) >= 0 {
		return nil, ErrContent
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, context.Cause(ctx))
	}
	select {
	case p.free <- struct{}{}:
	case <-p.ended: // expect says why
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrNotSent, context.Cause(ctx))
	}
	call := &Call{block: block, done: make(chan struct{})}
	p.writing.Lock()
	defer p.writing.Unlock()
	due := time.Now().Add(p.timeout)
	if err := p.expect(call, due); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	err := p.conn.SetWriteDeadline(due)
	if err == nil {
		err = Write(p.conn, block)
	}
	if err != nil {
		p.end(err)
		return nil, fmt.Errorf("mllp: no reply: %w", err)
	}
	return call, nil
}

// Reply waits for the reply to the block. When ctx ends the wait does, and the
// block stays on its way. If the connection ends first, so do all calls without
// a reply, with its error; the receiver may have their blocks.
func (c *Call) Reply(ctx context.Context) ([]byte, error) {
	select {
	case <-c.done:
		return c.reply, c.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// Close closes the connection. Calls that have no reply yet end with an error
// that wraps net.ErrClosed.
func (p *Pipeline) Close() error {
	p.end(net.ErrClosed)
	p.reading.Wait()
	return nil
}

// expect makes a call wait for its reply, before its block is written: the
// reply may be quicker than the return from writing.
func (p *Pipeline) expect(call *Call, due time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return p.err
	}
	p.waiting = append(p.waiting, call)
	if len(p.waiting) == 1 {
		return p.conn.SetReadDeadline(due)
	}
	return nil
}

// read hands out replies until the connection ends.
func (p *Pipeline) read() {
	for {
		reply, err := p.r.Next()
		switch {
		case err == ErrTruncated: // the receiver began its reply anew
			continue
		case err != nil:
			p.end(err)
			return
		}
		p.settle(reply)
	}
}

func (p *Pipeline) settle(reply []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.waiting, func(c *Call) bool { return p.match == nil || p.match(c.block, reply) })
	if i < 0 {
		return
	}
	call := p.waiting[i]
	p.waiting = slices.Delete(p.waiting, i, i+1)
	call.finish(reply, nil)
	<-p.free
	switch {
	case len(p.waiting) == 0:
		p.conn.SetReadDeadline(time.Time{})
	case i == 0:
		p.conn.SetReadDeadline(time.Now().Add(p.timeout))
	}
}

// end closes the connection and then ends all calls: who sends a block again
// must not meet the late reply to it.
func (p *Pipeline) end(err error) {
	p.mu.Lock()
	if p.err != nil {
		p.mu.Unlock()
		return
	}
	p.err = err
	left := p.waiting
	p.waiting = nil
	p.mu.Unlock()
	p.conn.Close()
	close(p.ended)
	for _, call := range left {
		call.finish(nil, fmt.Errorf("mllp: no reply: %w", err))
	}
}

func (c *Call) finish(reply []byte, err error) {
	c.reply, c.err, c.block = reply, err, nil
	close(c.done)
}
