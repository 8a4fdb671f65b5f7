package mapping

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// A function is one that a row names with fn: what no row can say. It gives a
// text, or writes a tree below the target.
type function struct {
	text   func(*call) bool        // sets the text; false: nothing to say
	tree   func(*call, *node) bool // reports whether it wrote anything
	target string                  // of tree: the type that it writes
	whole  bool                    // gets the whole field, once
}

// A call is one run of a function.
type call struct {
	c   *conv
	e   *env
	r   *row
	v   val
	g   *got // of text functions
	res *resource
	app *app
}

// functions are all that tables can name.
var functions = map[string]*function{
	"codeSystem":       {text: codeSystem},
	"namespace":        {text: func(f *call) bool { return f.namespace(1) }},
	"eiNamespace":      {text: func(f *call) bool { return f.namespace(2) }},
	"universalID":      {text: universalID},
	"text":             {text: readable},
	"nameText":         {text: nameText},
	"raw":              {text: func(f *call) bool { return f.say(f.v.v.Text(), f.v.at) }},
	"lines":            {text: lines, whole: true},
	"dietOfMeals":      {text: dietOfMeals, whole: true},
	"yesNo":            {text: yesNo},
	"attachmentData":   {text: attachmentData},
	"mimeType":         {text: mimeType},
	"sampledData":      {tree: sampledData, target: "SampledData", whole: true},
	"minutes":          {text: minutes},
	"plusMinutes":      {text: plusMinutes},
	"dayOfWeek":        {text: dayOfWeek},
	"tqDuration":       {tree: tqDuration, target: "Quantity"},
	"duration":         {tree: duration, target: "Quantity"},
	"plusDuration":     {text: plusDuration},
	"minusDuration":    {text: minusDuration},
	"startOffset":      {text: startOffset},
	"endAfter":         {text: endAfter},
	"minutesByNext":    {text: minutesByNext},
	"language":         {tree: language, target: "CodeableConcept"},
	"languageCode":     {text: func(f *call) bool { return f.say(languageOf(f.v), f.v.part(1, 0).leaf()) }},
	"endOfAppointment": {text: endOfAppointment},
	"numberAgain":      {text: numberAgain},
	"mailAddress":      {text: mailAddress},
	"one":              {text: func(f *call) bool { return f.say("1", f.v.leaf()) }},
	"repeatOffset":     {text: repeatOffset},
	"textData":         {text: textData, whole: true},
	"documentText":     {text: documentText, whole: true},
	"documentType":     {text: documentType, whole: true},
	"range":            {tree: referenceRange},
	"compared":         {tree: comparedQuantity, target: "Quantity"},
}

// callTree runs a function that writes a tree.
func (c *conv) callTree(r *row, v val, n *node, res *resource, e *env) bool {
	c.got = got{}
	c.call = call{c: c, e: e, r: r, v: v, res: res, app: c.newApp(e.app, &r.rowName), g: &c.got}
	if !r.fn.tree(&c.call, n) {
		return false
	}
	for _, p := range c.got.places[:c.got.n] {
		c.use(p)
	}
	return true
}

// say is the text of the function, from places of the message.
func (f *call) say(text string, from ...place) bool {
	f.g.text = text
	for _, p := range from {
		f.g.use(p)
	}
	return text != ""
}

// part is the text of a part of the value.
func (f *call) part(n int) string { return f.v.part(n, 0).v.String() }

// set writes a primitive child of n by name, checked.
func (f *call) set(n *node, name, text string, src place) bool {
	k := f.child(n, name)
	return k != nil && f.fill(k, text, src)
}

// at writes a primitive child of n at a step, checked.
func (f *call) at(n *node, s *step, text string, src place) bool {
	k, _ := f.c.kid(n, s, 0)
	return k != nil && f.fill(k, text, src)
}

// fill writes a primitive, checked.
func (f *call) fill(k *node, text string, src place) bool {
	out, problem := f.c.convert(k.info, text)
	if problem != "" {
		f.c.note(src, problem)
	}
	return out != "" && f.c.put(k, out, src, &f.r.rowName, f.app, false, false)
}

// child returns a child element of n by name, made if missing.
func (f *call) child(n *node, name string) *node {
	field, typ, ok := n.typ.Field(name)
	if !ok || typ == nil {
		return nil
	}
	s := step{f: field, typ: typ, info: f.c.m.prog.types4[typ], here: true}
	k, _ := f.c.kid(n, &s, s.key(f.app, 1))
	return k
}

// namespaceOf reads name, universal id and its type from component n of v on.
func namespaceOf(v val, n int) namespace {
	text := func(i int) string { return strings.TrimSpace(v.part(i, 0).v.String()) }
	return namespace{name: text(n), id: text(n + 1), idType: text(n + 2)}
}

// namespace gives the URI of an assigning authority (HD), which stands in the
// value from component n on.
func (f *call) namespace(n int) bool {
	ns := namespaceOf(f.v, n)
	k := assigned{ns, f.c.sender()}
	u, ok := f.c.mem.spaces[k]
	if !ok {
		k = k.clone()
		u.uri, u.known = k.uri(f.c.m.opt.Namespaces, k.facility)
		remember(&f.c.mem.spaces, k, u)
	}
	uri, known := u.uri, u.known
	if uri == "" {
		return false
	}
	at := f.v.at
	if n > 1 {
		at = f.v.part(n, 0).at
	}
	if !known {
		f.c.note(at, "the namespace is not registered: it gets a URI of ours")
	}
	return f.say(uri, f.v.part(n, 0).leaf(), f.v.part(n+1, 0).leaf(), f.v.part(n+2, 0).leaf())
}

// universalID gives a universal id as a URI: the component that the row is from
// (HD.2, EI.3), by the type in the component behind it.
func universalID(f *call) bool {
	n := f.r.src.comp
	id, typ := f.e.dt.part(n, 0), f.e.dt.part(n+1, 0)
	uri := namespace{id: strings.TrimSpace(id.v.String()), idType: strings.TrimSpace(typ.v.String())}.universal()
	return uri != "" && f.say(uri, id.leaf(), typ.leaf())
}

// codeSystem gives the canonical URI of a code system by its name in table 0396.
func codeSystem(f *call) bool {
	uri := f.c.systemURI(f.v)
	return uri != "" && f.say(uri, f.v.leaf())
}

// localSystem makes a URI for a code system that is not in the tables. Names
// that are local by definition (L, 99zzz) mean something else at each sender, and
// so do those of products: two laboratories with one have their own codes.
func (c *conv) localSystem(name string, at place) string {
	upper := strings.ToUpper(name)
	if upper != "L" && upper != "LOCAL" && !strings.HasPrefix(upper, "99") {
		c.note(at, "the code system is not known: it gets a URI of ours, for this sender alone")
	}
	return c.ownSystem(name)
}

// sender names the sending facility (MSH-4.1), or else the application (MSH-3.1).
func (c *conv) sender() string {
	msh := &c.segs[0]
	if s := strings.TrimSpace(msh.field(4).Component(1).String()); s != "" {
		return s
	}
	return strings.TrimSpace(msh.field(3).Component(1).String())
}

// readable joins the parts of a value with blanks.
func readable(f *call) bool {
	var words []string
	rep := f.v
	n := rep.v.Components()
	if rep.at.comp() > 0 {
		n = rep.v.Subs()
	}
	for i := 1; i <= n; i++ {
		p := rep.part(i, 0)
		for j := 1; j <= p.v.Subs(); j++ {
			if s := p.v.Sub(j); s.Valued() {
				words = append(words, s.String())
			}
		}
	}
	return f.say(strings.Join(words, " "), rep.at)
}

// nameText writes a person's name (XPN, and XCN without its id) in the order
// that XPN.11 gives: F family first, else given names first.
func nameText(f *call) bool {
	family := f.part(1)
	given := []string{f.part(2), f.part(3)}
	words := append(append([]string{f.part(5)}, given...), family, f.part(4), f.part(6))
	if strings.EqualFold(f.part(11), "F") {
		words = append(append([]string{f.part(5), family}, given...), f.part(4), f.part(6))
	}
	text := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	if !f.say(text, f.v.part(1, 1).leaf(), f.v.part(2, 0).leaf(), f.v.part(3, 0).leaf(), f.v.part(5, 0).leaf()) {
		return false
	}
	return true
}

// lines joins all repetitions of a text field, one to a line.
func lines(f *call) bool {
	var all []string
	for i := 1; i <= f.v.v.Reps(); i++ {
		if r := f.v.v.Rep(i); !r.Null() {
			all = append(all, r.Text())
		}
	}
	return f.say(strings.TrimRight(strings.Join(all, "\n"), "\n"), f.v.at)
}

func yesNo(f *call) bool {
	switch strings.ToUpper(strings.TrimSpace(f.v.v.String())) {
	case "Y", "YES", "1", "T", "TRUE":
		return f.say("true", f.v.leaf())
	case "N", "NO", "0", "F", "FALSE":
		return f.say("false", f.v.leaf())
	}
	return false
}

// attachmentData gives the data of an ED in base64, whatever way ED.4 says that
// they are written.
func attachmentData(f *call) bool {
	data := f.v.part(5, 0)
	text := data.v.Text()
	out := ""
	switch strings.ToLower(strings.TrimSpace(f.part(4))) {
	case "base64":
		out = strings.Map(func(r rune) rune {
			if r == ' ' || r == '\r' || r == '\n' || r == '\t' {
				return -1
			}
			return r
		}, text)
		if _, err := base64.StdEncoding.DecodeString(out); err != nil {
			f.c.note(data.at, "not base64")
			return false
		}
	case "hex":
		raw, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil {
			f.c.note(data.at, "not hexadecimal")
			return false
		}
		out = base64.StdEncoding.EncodeToString(raw)
	default:
		out = base64.StdEncoding.EncodeToString([]byte(text))
	}
	return f.say(out, data.at, f.v.part(4, 0).leaf())
}

// mimeTypes are the types of data that table 0291 and senders name.
var mimeTypes = map[string]string{
	"pdf": "application/pdf", "rtf": "text/rtf", "html": "text/html", "xml": "application/xml",
	"jpeg": "image/jpeg", "jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "tiff": "image/tiff", "tif": "image/tiff",
	"basic": "audio/basic", "dicom": "application/dicom", "octet-stream": "application/octet-stream",
	"plain": "text/plain", "text": "text/plain", "txt": "text/plain", "x-hl7-cda-level-one": "text/xml", "sgml": "text/sgml",
	"json": "application/json", "doc": "application/msword", "zip": "application/zip",
}

// mimeType gives the MIME type of an ED (ED.2, ED.3) or RP (RP.3, RP.4), which
// lie in one place: type of data, then subtype. Senders put names such as PDF
// into either.
func mimeType(f *call) bool {
	first := 2
	if strings.HasPrefix(f.r.id, "RP[") {
		first = 3
	}
	main, sub := strings.ToLower(strings.TrimSpace(f.part(first))), strings.ToLower(strings.TrimSpace(f.part(first+1)))
	from := []place{f.v.part(first, 0).leaf(), f.v.part(first+1, 0).leaf()}
	if strings.Contains(main, "/") && sub == "" {
		return f.say(main, from...)
	}
	if strings.Contains(sub, "/") {
		return f.say(sub, from...)
	}
	for _, s := range []string{sub, main} {
		if t := mimeTypes[s]; t != "" {
			return f.say(t, from...)
		}
	}
	switch main {
	case "text", "image", "audio", "video", "application", "multipart":
		if sub != "" {
			return f.say(main+"/"+sub, from...)
		}
	}
	return f.say("application/octet-stream")
}
