package r4

// ParseAnew is ParseLenient without the strict parser before it, so that tests
// can compare the two.
func ParseAnew(b []byte) *Document {
	d := &Document{XML: looksLikeXML(string(b)), source: string(b)}
	d.lenient()
	return d
}

// Work returns how many bytes lenient reading looked at, and steps it took.
func (d *Document) Work() int { return d.work }

// WorkXML returns the same of strict reading of XML.
func WorkXML(b []byte) int {
	r := newXMLReader(string(b))
	r.document()
	return r.work
}
