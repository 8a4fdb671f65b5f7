package r4

// ParseAnew is ParseLenient without the strict parser before it, so that tests
// can compare the two.
func ParseAnew(b []byte) *Document {
	d := &Document{XML: looksLikeXML(string(b)), source: string(b)}
	d.lenient()
	return d
}
