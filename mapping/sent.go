package mapping

// originalText is the extension that holds a time as it was sent, where FHIR
// cannot say all of it: a time of day without a zone, or an hour alone. To leave
// it out would lose what tells two results of one day apart.
const originalText = "http://hl7.org/fhir/StructureDefinition/originalText"

// asSent puts the time as it was sent beside what n says of it.
func (c *conv) asSent(n *node, at place) {
	if n.sent() != nil {
		return
	}
	g, s := &c.got, c.m.prog.concept
	x, ok := c.kid(n, &s.extension, keyOf(g.app, extensionSlots-2, 1, 0))
	if !ok {
		return
	}
	url, _ := c.kid(x, &s.url, 0)
	c.put(url, originalText, noPlace, g.row, g.app, true, false)
	text, _ := c.kid(x, &s.valueString, 0)
	c.put(text, g.sent, at, g.row, g.app, false, false)
}

// sent is the time as it was sent that n has beside what it says.
func (n *node) sent() *node {
	if len(n.kids) == 0 || !n.info.primitive {
		return nil
	}
	for i := range n.kids {
		if url := n.kids[i].n.kid("url"); url != nil && url.text == originalText {
			return n.kids[i].n.kid("value")
		}
	}
	return nil
}

// onlySent reports whether n has no value but what was sent for one.
func (n *node) onlySent() bool { return !n.set && len(n.kids) == 1 && n.sent() != nil }
