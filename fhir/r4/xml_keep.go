package r4

// keep skips the element t and keeps it as unknown: it is the one at the end of
// the path.
func (r *xmlReader) keep(t *xmlTag) {
	n := len(r.path) - 1
	if n < 0 {
		r.skip(t)
		return
	}
	last := r.path[n]
	r.path = r.path[:n]
	r.keepAs(t, t.local)
	r.path = append(r.path, last)
}

// keepAs skips the element t and keeps it as one that the element at the end of
// the path does not have.
func (r *xmlReader) keepAs(t *xmlTag, name string) {
	r.skip(t)
	if !r.stopped || r.doc != nil {
		r.unknown(name, r.s[t.start:r.pos], t.start)
	}
}

// unknown keeps what the resource cannot hold.
func (r *xmlReader) unknown(name, source string, pos int) {
	if r.doc == nil || len(r.doc.Unknown) >= maxProblems {
		return
	}
	line, column := r.doc.lineAt(pos)
	r.doc.Unknown = append(r.doc.Unknown, Unknown{At: r.at(""), Name: name, Source: source, Line: line, Column: column})
}

// skip reads over the element t, whose start tag is read, and asks only that its
// tags match.
func (r *xmlReader) skip(t *xmlTag) {
	var stack []xmlTag
	push := func(t xmlTag) {
		if t.closed {
			r.names = r.names[:t.names]
			return
		}
		r.enter(&t)
		stack = append(stack, t)
	}
	push(*t)
	for len(stack) > 0 && !r.stopped {
		r.xhtmlText()
		if r.pos+1 >= len(r.s) {
			r.fail(ProblemSyntax, r.pos, "the document ends too early")
			return
		}
		switch r.s[r.pos+1] {
		case '/':
			r.pos += 2
			if top := &stack[len(stack)-1]; r.endTag(top) {
				r.leave(top)
				stack = stack[:len(stack)-1]
			}
		case '!', '?':
			if !r.markup() {
				r.cdata()
			}
		default:
			r.pos++
			if in, ok := r.startTag(); ok {
				push(in)
			}
		}
	}
}
