package script

import (
	"errors"
	"io"
	"regexp"
	"strings"

	"modernc.org/quickjs"

	"github.com/ponshealth/pons/hl7"
)

// Worker answers requests until in ends. It is what the process runs that New
// starts; its caller is the hidden command of the program.
func Worker(in io.Reader, out io.Writer) error {
	for {
		var q request
		if err := receive(in, &q); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if err := send(out, answer(q)); err != nil {
			return err
		}
	}
}

// answer runs one request in a machine of its own.
func answer(q request) response {
	vm, err := quickjs.NewVM()
	if err != nil {
		return response{At: q.File, Problem: "JavaScript could not be started"}
	}
	defer vm.Close()
	vm.SetMemoryLimit(uintptr(q.Memory))
	vm.SetMaxStackSize(256 << 10)
	run := run{vm: vm, q: q}
	out, err := run.do()
	if err != nil {
		return run.failed(err)
	}
	return out
}

type run struct {
	vm   *quickjs.VM
	q    request
	edit *hl7.Editor // of the message
	msg  *hl7.Message
}

func (r *run) do() (out response, err error) {
	if _, err := r.vm.Eval(r.q.Source, quickjs.EvalGlobal); err != nil {
		return out, err
	}
	if r.q.Call == "" {
		for _, name := range []string{"message", "bundle"} {
			if is, err := r.vm.Eval("typeof "+name, quickjs.EvalGlobal); err == nil && is == "function" {
				out.Has = append(out.Has, name)
			}
		}
		return out, nil
	}
	if r.msg, err = hl7.Parse(r.q.Message); err != nil {
		return out, err
	}
	if err := r.host(); err != nil {
		return out, err
	}
	if _, err := r.vm.Eval(msgObject, quickjs.EvalGlobal); err != nil {
		return out, err
	}
	if r.q.Call == "message" {
		verdict, err := r.vm.Eval("message(pons_msg) === false", quickjs.EvalGlobal)
		if err != nil {
			return out, err
		}
		out.Drop = verdict == true
		if r.edit != nil {
			out.Message, err = r.edit.Bytes()
		}
		return out, err
	}
	result, err := r.vm.Call("pons_bundle", string(r.q.Bundle))
	if err != nil {
		return out, err
	}
	text, ok := result.(string)
	switch {
	case !ok:
		out.Drop = true
	case len(text) > maxResult:
		return out, errors.New("the Bundle has grown too large")
	default:
		out.Bundle = []byte(text)
	}
	return out, nil
}

// msgObject makes the object that a script sees of the functions that host gives,
// and takes those away.
const msgObject = `
const pons_msg = (() => {
	const get = pons_get, set = pons_set, count = pons_count, add = pons_add, remove = pons_remove;
	return Object.freeze({
		get: p => get(String(p)),
		set: (p, text) => { const e = set(String(p), String(text)); if (e) throw new RangeError(e) },
		count: s => count(String(s)),
		add: s => { const e = add(String(s)); if (e) throw new RangeError(e) },
		remove: (s, n) => { const e = remove(String(s), n === undefined ? 1 : Number(n)); if (e) throw new RangeError(e) },
	});
})();
for (const name of ["get", "set", "count", "add", "remove"]) delete globalThis["pons_" + name];
function pons_bundle(text) {
	const b = JSON.parse(text), got = bundle(b, pons_msg);
	return got === false ? false : JSON.stringify(got === undefined ? b : got);
}
`

// host gives the functions on the message.
func (r *run) host() error {
	current := func() *hl7.Message {
		if r.edit != nil {
			if m, err := r.edit.Message(); err == nil {
				r.msg = m
			}
		}
		return r.msg
	}
	editor := func() *hl7.Editor {
		if r.edit == nil {
			r.edit = hl7.Edit(r.msg)
		}
		return r.edit
	}
	locked := func() string {
		if r.q.Call != "message" {
			return "only message() changes the message"
		}
		return ""
	}
	for name, f := range map[string]any{
		"pons_get":   func(path string) string { return current().Get(path) },
		"pons_count": func(segment string) int { return count(current(), segment) },
		"pons_set": func(path, text string) string {
			if s := locked(); s != "" {
				return s
			}
			return problem(editor().Set(path, text).Err())
		},
		"pons_add": func(segment string) string {
			if s := locked(); s != "" {
				return s
			}
			editor().Append(segment)
			return problem(editor().Err())
		},
		"pons_remove": func(segment string, n int) string {
			if s := locked(); s != "" {
				return s
			}
			at := 0
			for i := range current().Len() {
				if current().Segment(i).Name() == segment {
					if at++; at == n {
						return problem(editor().Remove(i).Err())
					}
				}
			}
			return ""
		},
	} {
		if err := r.vm.RegisterFunc(name, f, false); err != nil {
			return err
		}
	}
	return nil
}

func count(m *hl7.Message, segment string) int {
	n := 0
	for range m.All(segment) {
		n++
	}
	return n
}

func problem(err error) string {
	if err == nil {
		return ""
	}
	return "the message cannot be changed in that way"
}

// frame is a place in the stack of an exception: the script is evaluated under the
// name <input>, or another that has no colon.
var frame = regexp.MustCompile(`[^\s():]*:(\d+)`)

// failed tells an error without its text, which a script may have made of the
// message.
func (r *run) failed(err error) response {
	out := response{At: r.q.File, Problem: err.Error()}
	js, ok := errors.AsType[*quickjs.Error](err)
	if !ok {
		out.Problem = "it gave something that is no message or Bundle"
		return out
	}
	switch js.Name {
	case "SyntaxError", "TypeError", "ReferenceError", "RangeError", "URIError", "EvalError", "InternalError":
		out.Problem = js.Name
	default:
		out.Problem = "an error of its own making"
	}
	if js.Name == "InternalError" && strings.Contains(js.Message, "memory") {
		out.Problem = "it took more memory than it may"
	}
	line := ""
	if js.LineNumber > 0 {
		line = itoa(js.LineNumber)
	} else if m := frame.FindStringSubmatch(js.Stack); m != nil {
		line = m[1]
	}
	if line != "" {
		out.At += ":" + line
	}
	return out
}
