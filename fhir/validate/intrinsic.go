package validate

import (
	"crypto/sha1"
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// typeChecks is what holds for each value of a type, whatever the profile.
type typeChecks struct {
	schema *schema
	check  func(r *run, n *node)
}

func (v *Validator) typeChecks(t *r4.Type) *typeChecks {
	if c, ok := v.types.Load(t); ok {
		return c.(*typeChecks)
	}
	c := &typeChecks{check: checksOf(t.Name)}
	if t.Kind != r4.KindBackbone {
		c.schema, _ = v.schema(typeURL(t.Name))
	}
	have, _ := v.types.LoadOrStore(t, c)
	return have.(*typeChecks)
}

// checksOf gives the check of a type, nil if it has none.
func checksOf(name string) func(r *run, n *node) {
	switch name {
	case "id":
		return (*run).id
	case "Extension":
		return (*run).extension
	case "Reference":
		return (*run).reference
	case "xhtml":
		return (*run).narrative
	case "Attachment":
		return (*run).attachment
	case "Meta":
		return (*run).meta
	case "Expression":
		return (*run).expression
	case "Coding":
		return (*run).coding
	case "string", "markdown":
		return (*run).plainText
	case "canonical":
		return (*run).canonical
	case "uri", "oid", "uuid":
		return (*run).uri
	case "Quantity", "Age", "Count", "Distance", "Duration":
		return (*run).quantity
	}
	return nil
}

// intrinsic checks what holds for n by itself. It runs once for each element.
func (r *run) intrinsic(n *node) {
	if n.typ == nil {
		return
	}
	r.elementID(n)
	if !nativeEle1(r, n) {
		r.fail(n, "invariant", "ele-1: an element has a value or children")
	}
	if n.typ.Kind == r4.KindPrimitive {
		if n.text == "" {
			return
		}
		if !r.parsed && n.typ.Name != "id" {
			r.format(n)
		}
	}
	if c := r.v.typeChecks(n.typ); c.check != nil {
		c.check(r, n)
	}
}

// format checks the format of a primitive of a resource that no document was.
func (r *run) format(n *node) {
	if err := n.typ.Check(n.text); err != nil {
		r.fail(n, "invalid", err.Error())
	}
}

// elementID checks that an element's id is there once in its resource.
func (r *run) elementID(n *node) {
	id := ""
	switch {
	case n.typ.Kind == r4.KindResource, n.typ.Name == "ElementDefinition":
		return // the definitions of a differential and a snapshot have the same ids
	case n.elem != nil:
		id = n.elem.ID
	case n.typ.Kind != r4.KindPrimitive && len(n.typ.Fields) > 0 && n.typ.Fields[0].Name == "id":
		id = n.typ.Fields[0].Text(n.value, 0)
	}
	if id == "" {
		return
	}
	if n.scope.ids[id] {
		r.fail(n, "business-rule", "another element of the resource has the same id")
		return
	}
	if n.scope.ids == nil {
		n.scope.ids = map[string]bool{}
	}
	n.scope.ids[id] = true
}

// attachment checks the size and the hash against the data.
func (r *run) attachment(n *node) {
	a := n.value.(*r4.Attachment)
	if a.Data == "" {
		return
	}
	data, err := base64.StdEncoding.DecodeString(stripSpace(a.Data))
	if err != nil {
		return // reading has told
	}
	if size, ok := a.Size.Get(); ok && int64(size) != int64(len(data)) {
		r.fail(n, "structure", "the size is "+strconv.Itoa(int(size))+", but the data has "+strconv.Itoa(len(data))+" bytes")
	}
	if a.Hash != "" {
		sum := sha1.Sum(data)
		want, err := base64.StdEncoding.DecodeString(stripSpace(a.Hash))
		if err != nil || string(want) != string(sum[:]) {
			r.warn(n, "structure", "the hash is not the SHA-1 of the data")
		}
	}
}

func stripSpace(s string) string {
	if !strings.ContainsAny(s, " \t\r\n") {
		return s
	}
	return strings.Join(strings.Fields(s), "")
}

// meta checks that no label is there twice.
func (r *run) meta(n *node) {
	m := n.value.(*r4.Meta)
	r.labels(n, "security", m.Security)
	r.labels(n, "tag", m.Tag)
}

func (r *run) labels(n *node, name string, list []r4.Coding) {
	for i := 1; i < len(list) && i < 200; i++ {
		for _, before := range list[:i] {
			if list[i].Code != "" && before.System == list[i].System && before.Code == list[i].Code {
				r.eachAt(n, name, i, func(c *node) { r.fail(c, "business-rule", "the same label is there before") })
				break
			}
		}
	}
}

// plainText looks for what a browser would take for HTML.
func (r *run) plainText(n *node) {
	if at := strings.IndexByte(n.text, '<'); at < 0 || !looksLikeHTML(n.text[at:]) {
		return
	}
	r.report(n, r.v.o.HTML, "invalid", "the text has what looks like an HTML tag, which a page must not show unescaped")
}

func looksLikeHTML(s string) bool {
	for tries := 0; tries < 1000; tries++ {
		at := strings.IndexByte(s, '<')
		if at < 0 {
			return false
		}
		s = s[at+1:]
		rest := strings.TrimPrefix(s, "/")
		n := 0
		for n < len(rest) && n < 40 && (rest[n] >= 'a' && rest[n] <= 'z' || rest[n] >= 'A' && rest[n] <= 'Z' || n > 0 && rest[n] >= '0' && rest[n] <= '9') {
			n++
		}
		if n > 0 && n < len(rest) && (rest[n] == '>' || rest[n] == ' ' || rest[n] == '/') && strings.IndexByte(rest[n:], '>') >= 0 {
			return true
		}
	}
	return false
}

// canonical checks that a canonical URL is absolute or leads into the resource.
func (r *run) canonical(n *node) {
	if strings.HasPrefix(n.text, "#") {
		if id := n.text[1:]; id != "" && r.containedIn(n.scope, id) == nil {
			r.fail(n, "structure", "the local canonical leads to no contained resource")
		}
		return
	}
	if !absolute(n.text) {
		r.fail(n, "invalid", "a canonical URL has to be absolute")
		return
	}
	r.uri(n)
}

// uri checks the URNs whose format is known.
func (r *run) uri(n *node) {
	switch {
	case strings.HasPrefix(n.text, "urn:uuid:"):
		id, _, _ := strings.Cut(n.text, "#")
		id, _, _ = strings.Cut(id, "|")
		if r4.TypeByName("uuid").Check(id) != nil {
			r.fail(n, "invalid", "the UUID is not one (in lower case)")
		}
	case strings.HasPrefix(n.text, "urn:oid:"):
		if id, _, _ := strings.Cut(n.text, "|"); r4.TypeByName("oid").Check(id) != nil {
			r.fail(n, "invalid", "the OID is not one")
		}
	}
}

// id checks the length of an id, which reading leaves open.
func (r *run) id(n *node) {
	if n.typ.Check(n.text) != nil {
		r.fail(n, "invalid", "not in the format of an id: up to 64 letters, digits, - and .")
	}
}
