package search

const keySeparator = "\x00" // in no code, identifier or system

// AppendKeys appends the texts under which an index of tokens, references and
// URIs must file e: a value can match e only if its Key is among them. An index
// that keeps hashes of them must recheck what it finds with Matches.
// The other kinds have no keys.
func (e *Entry) AppendKeys(dst []string) []string {
	switch e.Kind {
	case Token:
		code := FoldCode(e.Code)
		if e.Code != "" {
			dst = append(dst, code, e.System+keySeparator+code)
		}
		if e.System != "" {
			dst = append(dst, e.System+keySeparator)
		}
	case Reference:
		dst = append(dst, e.Ref)
	case URI:
		dst = append(dst, e.Code)
	}
	return dst
}

// Key is the one text to look up in an index of AppendKeys.
func (v *Value) Key(k Kind) string {
	switch k {
	case Token:
		switch {
		case v.HasSystem:
			return v.System + keySeparator + FoldCode(v.Code)
		default:
			return FoldCode(v.Code)
		}
	case Reference:
		return v.Ref
	case URI:
		return v.Code
	}
	return ""
}
