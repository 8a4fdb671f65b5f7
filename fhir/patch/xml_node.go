package patch

// node is a node of an XML document: an element, text, a comment or a
// processing instruction; of the kind nodeRoot it is the document itself.
type node struct {
	kind     nodeKind
	name     name   // of an element; local is the target of an instruction
	text     string // of the other kinds
	attrs    []attr
	declared []declaration
	children []*node
	parent   *node
	raw      string // of an element: how it was written, until something in it changes
}

type nodeKind uint8

const (
	nodeRoot nodeKind = iota
	nodeElement
	nodeText
	nodeComment
	nodeInstruction
)

// name is a qualified name: the prefix as it was written and the namespace that
// it stands for.
type name struct{ prefix, space, local string }

func (n name) same(m name) bool { return n.space == m.space && n.local == m.local }

func (n name) String() string {
	if n.prefix == "" {
		return n.local
	}
	return n.prefix + ":" + n.local
}

type attr struct {
	name  name
	value string
}

// declaration is a namespace declaration, xmlns:prefix="space" or, without
// prefix, xmlns="space".
type declaration struct{ prefix, space string }

// Namespaces.
const (
	spaceFHIR  = "http://hl7.org/fhir"
	spaceXHTML = "http://www.w3.org/1999/xhtml"
	spaceXML   = "http://www.w3.org/XML/1998/namespace"
)

func (n *node) attribute(a name) int {
	for i := range n.attrs {
		if n.attrs[i].name.same(a) {
			return i
		}
	}
	return -1
}

func (n *node) declaration(prefix string) int {
	for i := range n.declared {
		if n.declared[i].prefix == prefix {
			return i
		}
	}
	return -1
}

// place returns where n stands among its parent's children.
func (n *node) place() int {
	for i, c := range n.parent.children {
		if c == n {
			return i
		}
	}
	return -1
}

// touch says that n changes: it and what it stands in must be written anew.
func (n *node) touch() {
	for ; n != nil; n = n.parent {
		n.raw = ""
	}
}

// clone copies n with all that is in it, without a parent and without the
// namespaces that its text rests on.
func (n *node) clone() *node {
	c := *n
	c.parent, c.raw = nil, ""
	c.attrs = append([]attr(nil), n.attrs...)
	c.declared = append([]declaration(nil), n.declared...)
	c.children = make([]*node, len(n.children))
	for i, child := range n.children {
		c.children[i] = child.clone()
		c.children[i].parent = &c
	}
	return &c
}

// depth is how many elements stand inside one another in n.
func (n *node) depth() int {
	d := 0
	for _, c := range n.children {
		d = max(d, c.depth())
	}
	if n.kind == nodeElement {
		d++
	}
	return d
}

// level is how many elements n is in, itself included.
func (n *node) level() int {
	d := 0
	for ; n != nil && n.kind == nodeElement; n = n.parent {
		d++
	}
	return d
}

// join merges neighbouring texts, which XPath sees as one, and drops empty ones.
func (n *node) join() {
	kept := n.children[:0]
	for _, c := range n.children {
		if c.kind == nodeText {
			if c.text == "" {
				continue
			}
			if k := len(kept); k > 0 && kept[k-1].kind == nodeText {
				kept[k-1].text += c.text
				continue
			}
		}
		kept = append(kept, c)
	}
	n.children = kept
}

func (n *node) white() bool {
	for i := range len(n.text) {
		if !isWhite(n.text[i]) {
			return false
		}
	}
	return n.kind == nodeText
}

func isWhite(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// root is the element of a document, nil if there is none.
func (n *node) root() *node {
	for _, c := range n.children {
		if c.kind == nodeElement {
			return c
		}
	}
	return nil
}

// prune removes the elements of FHIR that hold nothing, which it does not have
// (xml.html): a patch that removes the last child of an element leaves one.
func (n *node) prune() {
	kept := n.children[:0]
	for _, c := range n.children {
		if c.kind == nodeElement && c.name.space == spaceFHIR {
			c.prune()
			if len(c.attrs) == 0 && c.root() == nil {
				n.touch()
				continue
			}
		}
		kept = append(kept, c)
	}
	n.children = kept
}
