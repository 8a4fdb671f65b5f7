package validate

import (
	"strconv"
	"strings"
)

// narrative checks the XHTML of a Narrative.div (FHIR R4 narrative.html#xhtml):
// well formed, the elements and attributes that are allowed, and no others.
func (r *run) narrative(n *node) {
	problems := checkXHTML(n.text)
	if len(problems) == 0 {
		return
	}
	for _, p := range problems {
		code := "invalid"
		if p.empty {
			code = "invariant"
		}
		r.fail(n, code, p.text)
	}
}

type htmlProblem struct {
	text  string
	empty bool // txt-2: nothing to read
}

const xhtmlNamespace = "http://www.w3.org/1999/xhtml"

// xhtml is a scanner of a narrative. It stops at the first place that is no
// XML, for what follows cannot be told.
type xhtml struct {
	rest     string
	open     []string
	paras    int // open paragraphs
	problems []htmlProblem
	some     bool // text or an image was seen
	done     bool // the div is closed
}

const (
	maxHTMLProblems = 20
	maxHTMLDepth    = 500
)

func checkXHTML(s string) []htmlProblem {
	x := &xhtml{rest: s}
	for x.rest != "" && len(x.problems) < maxHTMLProblems {
		if !x.next() {
			return x.problems
		}
	}
	switch {
	case len(x.problems) >= maxHTMLProblems:
	case len(x.open) > 0:
		x.problem("the XHTML is not complete: " + x.open[len(x.open)-1] + " is not closed")
	case !x.done:
		x.problem("the narrative has to be a div")
	case !x.some:
		x.problems = append(x.problems, htmlProblem{"txt-2: the narrative has no content", true})
	}
	return x.problems
}

func (x *xhtml) problem(text string) bool {
	x.problems = append(x.problems, htmlProblem{text: text})
	return false
}

// next reads a tag, a comment or text. It returns false where reading ends.
func (x *xhtml) next() bool {
	s := x.rest
	switch {
	case strings.HasPrefix(s, "<!--"):
		end := strings.Index(s[4:], "-->")
		if end < 0 {
			return x.problem("a comment in the XHTML is not closed")
		}
		x.rest = s[4+end+3:]
	case strings.HasPrefix(s, "<![CDATA["):
		end := strings.Index(s, "]]>")
		if end < 0 {
			return x.problem("a CDATA section in the XHTML is not closed")
		}
		x.some = x.some || strings.TrimSpace(s[9:end]) != ""
		x.rest = s[end+3:]
	case strings.HasPrefix(s, "<?"), strings.HasPrefix(s, "<!"):
		return x.problem("processing instructions and declarations are not allowed in the XHTML")
	case strings.HasPrefix(s, "</"):
		return x.closing()
	case s[0] == '<':
		return x.opening()
	default:
		end := strings.IndexByte(s, '<')
		if end < 0 {
			end = len(s)
		}
		if len(x.open) == 0 && strings.TrimSpace(s[:end]) != "" {
			return x.problem("text outside the div of the narrative")
		}
		x.some = x.some || strings.TrimSpace(s[:end]) != ""
		x.entities(s[:end])
		x.rest = s[end:]
	}
	return true
}

// entities checks the references in text.
func (x *xhtml) entities(s string) {
	for {
		at := strings.IndexByte(s, '&')
		if at < 0 {
			return
		}
		s = s[at+1:]
		end := strings.IndexByte(s[:min(len(s), 12)], ';')
		if end < 0 {
			x.problem("an & in the XHTML that begins no entity")
			continue
		}
		name := s[:end]
		switch {
		case name == "amp", name == "lt", name == "gt", name == "quot", name == "apos":
		case strings.HasPrefix(name, "#x"):
			if _, err := strconv.ParseUint(name[2:], 16, 32); err != nil {
				x.problem("invalid character reference in the XHTML")
			}
		case strings.HasPrefix(name, "#"):
			if _, err := strconv.ParseUint(name[1:], 10, 32); err != nil {
				x.problem("invalid character reference in the XHTML")
			}
		default:
			x.problem("an entity in the XHTML that XML does not have (JSON and XML allow only amp, lt, gt, quot, apos and numbers)")
		}
	}
}

func (x *xhtml) closing() bool {
	end := strings.IndexByte(x.rest, '>')
	if end < 0 {
		return x.problem("a tag in the XHTML is not complete")
	}
	name := strings.TrimRight(x.rest[2:end], " \t\r\n")
	x.rest = x.rest[end+1:]
	if len(x.open) == 0 || x.open[len(x.open)-1] != name {
		return x.problem("an end tag in the XHTML that closes nothing")
	}
	x.open = x.open[:len(x.open)-1]
	if name == "p" {
		x.paras--
	}
	x.done = len(x.open) == 0
	return true
}

func (x *xhtml) opening() bool {
	name := x.word(x.rest[1:])
	if name == "" {
		return x.problem("a < in the XHTML that begins no tag")
	}
	x.rest = x.rest[1+len(name):]
	switch {
	case x.done:
		return x.problem("more after the div of the narrative")
	case len(x.open) == 0 && name != "div":
		return x.problem("the narrative has to be a div")
	case len(x.open) >= maxHTMLDepth:
		return x.problem("the XHTML is nested too deep")
	case !htmlElements[name]:
		x.problem("the element " + shown(name) + " is not allowed in the XHTML (txt-1)")
	case x.paras > 0 && blocks[name]:
		x.problem("the element " + name + " is not allowed inside a paragraph")
	}
	root := len(x.open) == 0
	namespace, selfClosed, ok := x.attributes(name, root)
	if !ok {
		return false
	}
	if root && namespace != xhtmlNamespace {
		x.problem("the XHTML has to be in the namespace " + xhtmlNamespace)
	}
	x.some = x.some || name == "img"
	if selfClosed {
		x.done = root
		return true
	}
	x.open = append(x.open, name)
	if name == "p" {
		x.paras++
	}
	return true
}

// word is the name at the beginning of s.
func (x *xhtml) word(s string) string {
	n := 0
	for n < len(s) && !strings.ContainsRune(" \t\r\n/>=<\"'&", rune(s[n])) {
		n++
	}
	return s[:n]
}

// attributes reads the rest of a start tag.
func (x *xhtml) attributes(of string, root bool) (namespace string, selfClosed, ok bool) {
	for {
		x.rest = strings.TrimLeft(x.rest, " \t\r\n")
		switch {
		case strings.HasPrefix(x.rest, "/>"):
			x.rest = x.rest[2:]
			return namespace, true, true
		case strings.HasPrefix(x.rest, ">"):
			x.rest = x.rest[1:]
			return namespace, false, true
		}
		name := x.word(x.rest)
		rest := strings.TrimLeft(x.rest[len(name):], " \t\r\n")
		if name == "" || !strings.HasPrefix(rest, "=") {
			return "", false, x.problem("a tag in the XHTML is not complete")
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return "", false, x.problem("an attribute in the XHTML has no quotes")
		}
		end := strings.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return "", false, x.problem("an attribute in the XHTML is not complete")
		}
		value := rest[1 : 1+end]
		x.rest = rest[end+2:]
		if strings.ContainsRune(value, '<') {
			return "", false, x.problem("a < in an attribute of the XHTML")
		}
		x.entities(value)
		switch {
		case name == "xmlns":
			namespace = value
			if !root && value != xhtmlNamespace {
				x.problem("another namespace in the XHTML")
			}
		case strings.HasPrefix(name, "xmlns:"):
		case !htmlAttributes[name] && !ofElement[of][name]:
			x.problem("the attribute " + shown(name) + " of " + shown(of) + " is not allowed in the XHTML (txt-1)")
		case name == "href" || name == "src" || name == "cite" || name == "longdesc":
			x.link(value, name == "src")
		}
	}
}

// link refuses what runs, and what is no URL.
func (x *xhtml) link(url string, image bool) {
	scheme, _, has := strings.Cut(strings.TrimSpace(url), ":")
	if has {
		switch strings.ToLower(scheme) {
		case "javascript", "vbscript":
			x.problem("a link in the XHTML that runs a script")
			return
		case "urn":
			if !image {
				x.problem("a link in the XHTML by urn, which leads nowhere")
				return
			}
		}
	}
	if strings.ContainsAny(url, "{}<>\"") && !strings.HasPrefix(url, "data:") {
		x.problem("a link in the XHTML with characters that no URL has")
	}
}
