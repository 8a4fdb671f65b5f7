package script

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"github.com/ponshealth/pons/hl7"
)

// A Runner runs one script in processes of its own, as many at once as are asked
// for. It is safe for concurrent use. Close ends the processes.
type Runner struct {
	command []string
	file    string
	source  string
	limits  Limits
	has     map[string]bool

	mu     sync.Mutex
	idle   []*process
	closed bool
}

// A process is a worker and its pipes. It runs one request at a time.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// New reads and checks a script. command starts a process that runs [Worker] on its
// standard input and output. The error is an *[Error] if it is the script's.
func New(ctx context.Context, command []string, file, source string, l Limits) (*Runner, error) {
	if len(source) > maxSource {
		return nil, &Error{file, "it is larger than a script may be"}
	}
	r := &Runner{command: command, file: file, source: source, limits: l, has: map[string]bool{}}
	out, err := r.ask(ctx, request{})
	if err != nil {
		r.Close()
		return nil, err
	}
	for _, name := range out.Has {
		r.has[name] = true
	}
	if len(r.has) == 0 {
		r.Close()
		return nil, &Error{file, "it has neither a function message nor a function bundle"}
	}
	return r, nil
}

// Message gives the message to the script's function message. keep is false when the
// message is to be filtered out. Without such a function it comes back as it is.
func (r *Runner) Message(ctx context.Context, m *hl7.Message) (changed *hl7.Message, keep bool, err error) {
	if !r.has["message"] {
		return m, true, nil
	}
	out, err := r.ask(ctx, request{Call: "message", Message: m.Bytes()})
	if err != nil || out.Drop {
		return nil, false, err
	}
	if out.Message == nil {
		return m, true, nil
	}
	changed, err = hl7.Parse(out.Message)
	if err != nil {
		return nil, false, &Error{r.file, "it made something that is no message"}
	}
	return changed, true, nil
}

// Bundle gives the Bundle, as JSON, to the script's function bundle, with the
// message that it was made of.
func (r *Runner) Bundle(ctx context.Context, bundle []byte, m *hl7.Message) (changed []byte, keep bool, err error) {
	if !r.has["bundle"] {
		return bundle, true, nil
	}
	out, err := r.ask(ctx, request{Call: "bundle", Bundle: bundle, Message: m.Bytes()})
	if err != nil || out.Drop {
		return nil, false, err
	}
	return out.Bundle, true, nil
}

// ask sends one request to a worker and kills that when its time is over.
func (r *Runner) ask(ctx context.Context, q request) (response, error) {
	q.File, q.Source, q.Memory = r.file, r.source, r.limits.memory()
	p, err := r.take()
	if err != nil {
		return response{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.limits.time())
	defer cancel()
	stop := context.AfterFunc(ctx, func() { p.cmd.Process.Kill() })
	var out response
	if err = send(p.in, q); err == nil {
		err = receive(p.out, &out)
	}
	alive := stop() && err == nil
	if !alive {
		p.end()
		if ctx.Err() != nil {
			return response{}, &Error{r.file, "it took longer than it may"}
		}
		return response{}, &Error{r.file, "its process ended"}
	}
	r.give(p)
	if out.Problem != "" {
		return response{}, &Error{out.At, out.Problem}
	}
	return out, nil
}

// take gives an idle worker, or starts one.
func (r *Runner) take() (*process, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errors.New("the script is closed")
	}
	if n := len(r.idle); n > 0 {
		p := r.idle[n-1]
		r.idle = r.idle[:n-1]
		return p, nil
	}
	cmd := exec.Command(r.command[0], r.command[1:]...)
	cmd.Env = []string{"GOMEMLIMIT=" + strconv.Itoa(2*r.limits.memory())}
	cmd.Stderr = io.Discard // it may quote the message
	cmd.Dir = os.TempDir()
	cmd.WaitDelay = time.Second
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &process{cmd, in, bufio.NewReaderSize(out, 64<<10)}, nil
}

func (r *Runner) give(p *process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		p.end()
		return
	}
	r.idle = append(r.idle, p)
}

// end stops a worker and waits for it.
func (p *process) end() {
	p.in.Close()
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// Close ends the workers that are idle; those at work end with it.
func (r *Runner) Close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, p := range r.idle {
		p.end()
	}
	r.idle = nil
}

func itoa(n int) string { return strconv.Itoa(n) }
