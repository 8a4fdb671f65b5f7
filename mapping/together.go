package mapping

// join makes one of the elements of a list that several segments wrote, each a
// part: a dosage whose time comes from TQ1, its amount from RXO and its route
// from RXR. Two that both say the same single element stay two.
func (n *node) join(name string) {
	var into *node
	kept := n.kids[:0]
	for _, k := range n.kids {
		switch {
		case k.f.Name != name:
		case into == nil:
			into = k.n
		case into.takes(k.n):
			into.kids = append(into.kids, k.n.kids...)
			continue
		default:
			into = k.n
		}
		kept = append(kept, k)
	}
	n.kids = kept
}

// takes reports whether other has no single element that n has too.
func (n *node) takes(other *node) bool {
	for i := range other.kids {
		if f := other.kids[i].f; !f.List && n.kid(f.Name) != nil {
			return false
		}
	}
	return true
}
