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
	r.keepAs(t, ProblemLimit)
	r.path = append(r.path, last)
}

// keepAs skips the element t and keeps it as one that cannot be in the element at
// the end of the path.
func (r *xmlReader) keepAs(t *xmlTag, kind ProblemKind) {
	r.skip(t)
	if !r.stopped || r.doc != nil {
		r.unknown(kind, t.local, r.s[t.start:r.pos], t.start)
	}
}

// unknown keeps what the resource cannot hold.
func (r *xmlReader) unknown(kind ProblemKind, name, source string, pos int) {
	if r.doc == nil || len(r.doc.Unknown) >= maxProblems {
		return
	}
	line, column := r.doc.lineAt(pos)
	r.doc.Unknown = append(r.doc.Unknown, Unknown{Kind: kind, At: r.at(""), Name: name, Source: source, Line: line, Column: column})
}

// skip reads over the element t, whose start tag is read, and asks only that its
// tags match.
func (r *xmlReader) skip(t *xmlTag) { r.through(t, maxXMLDepth, func(xmlTag) {}) }

// through reads what is in the element t, whose start tag is read, and its end
// tag, with at most so many tags in one another. It calls each for every start tag
// inside. returns says that a text refers to a carriage return.
func (r *xmlReader) through(t *xmlTag, most int, each func(in xmlTag)) (returns bool) {
	var stack []xmlTag
	push := func(t xmlTag) {
		switch {
		case t.closed:
			r.names = r.names[:t.names]
		case len(stack) >= most:
			r.fail(ProblemLimit, t.start, "nested too deep")
		default:
			r.enter(&t)
			stack = append(stack, t)
		}
	}
	for push(*t); len(stack) > 0 && !r.stopped; {
		returns = r.xhtmlText() || returns
		if r.pos+1 >= len(r.s) {
			r.fail(ProblemSyntax, r.pos, "the document ends too early")
			break
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
				each(in)
				push(in)
			}
		}
	}
	return returns
}
