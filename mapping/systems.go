package mapping

import "strings"

// systems knows the canonical URIs of code systems by what v2 calls them: names
// of table 0396 such as LN, table names such as HL70001, OIDs and URIs.
type systems struct {
	names map[string]string // by upper-case name
	oids  map[string]string
}

func newSystems(raw []rawSystem) *systems {
	s := &systems{names: map[string]string{}, oids: map[string]string{}}
	for _, r := range raw {
		if r.Name != "" {
			s.names[strings.ToUpper(r.Name)] = r.URI
		}
		if r.OID != "" {
			s.oids[r.OID] = r.URI
		}
	}
	return s
}

const v2Tables = "http://terminology.hl7.org/CodeSystem/v2-"

// hl7Tables is the OID below which the HL7 tables have their number.
const hl7Tables = "2.16.840.1.113883.12."

// uri returns the canonical URI of a code system. known is false when it is not
// in the tables: a local one, or one that nobody told us of.
func (s *systems) uri(name string) (uri string, known bool) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", false
	}
	if uri := s.names[name]; uri != "" {
		return uri, true
	}
	if uri := s.names[strings.ToUpper(name)]; uri != "" {
		return uri, true
	}
	if number := tableNumber(name); number != "" {
		return v2Tables + number, true
	}
	oid := name
	if rest, ok := cutFold(name, "urn:oid:"); ok {
		oid = rest
	}
	if isOID(oid) {
		if uri := s.oids[oid]; uri != "" {
			return uri, true
		}
		if number, ok := strings.CutPrefix(oid, hl7Tables); ok && tableNumber("HL7"+number) != "" {
			return v2Tables + tableNumber("HL7"+number), true
		}
		return "urn:oid:" + oid, true
	}
	if isURI(name) {
		return name, true
	}
	return name, false
}

// tableNumber returns the four digits of an HL7 table that is named HL70001,
// HL7-0001, HL7 0001, HL7nnnn in fewer digits, or 0001.
func tableNumber(name string) string {
	digits, prefixed := cutFold(name, "HL7")
	if prefixed {
		digits = strings.TrimLeft(digits, " -_")
	}
	if len(digits) == 0 || len(digits) > 4 || !prefixed && len(digits) != 4 {
		return ""
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return ""
		}
	}
	return "0000"[len(digits):] + digits
}

func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// isOID reports whether s is an object identifier as FHIR writes one: arcs of
// digits without leading zeros, the first 0, 1 or 2, at least two of them.
func isOID(s string) bool {
	if len(s) < 3 || s[0] < '0' || s[0] > '2' || s[1] != '.' {
		return false
	}
	for arc := range strings.SplitSeq(s, ".") {
		if arc == "" || len(arc) > 1 && arc[0] == '0' {
			return false
		}
		for i := range len(arc) {
			if arc[i] < '0' || arc[i] > '9' {
				return false
			}
		}
	}
	return true
}

// isUUID reports whether s is a UUID with its hyphens.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return false
			}
		}
	}
	return true
}

// isURI reports whether s is an absolute URI of a kind that names things, with
// nothing in it that FHIR refuses.
func isURI(s string) bool {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || rest == "" || strings.ContainsAny(s, " \t\r\n\"<>") {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https":
		return strings.HasPrefix(rest, "//") && len(rest) > 2
	case "urn":
		return strings.Contains(rest, ":")
	}
	return false
}

// urnPart makes s fit into a URN: other characters than letters, digits and
// -._~ are written as percent and two digits.
func urnPart(s string) string {
	clean := true
	for i := range len(s) {
		clean = clean && urnSafe(s[i])
	}
	if clean {
		return s
	}
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; urnSafe(c) {
			b.WriteByte(c)
		} else {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}

func urnSafe(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// A namespace is what an HD says: who assigned an identifier.
type namespace struct{ name, id, idType string }

// A foundURI is the URI of a name, and whether it is one that is known.
type foundURI struct {
	uri   string
	known bool
}

// assigned is a namespace as a facility names it.
type assigned struct {
	namespace
	facility string
}

// clone is k without the message that it comes from.
func (k assigned) clone() assigned {
	k.name, k.id, k.idType, k.facility = strings.Clone(k.name), strings.Clone(k.id), strings.Clone(k.idType), strings.Clone(k.facility)
	return k
}

// remember keeps what was found, for the next messages. The names of a feed are few
// and come again.
func remember[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil || len(*m) >= maxKnown {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// maxKnown is how many answers of a kind are kept.
const maxKnown = 10_000

// uri returns the URI of the namespace: of the registry, of its universal id, or
// one of ours. known is false for the last, which belongs to the facility that
// sent it: a name such as MRN or HOSP is another authority at every other one
// (HL7 v2.9 2A.2.33, HD.1 is a local code).
func (n namespace) uri(registry map[string]string, facility string) (uri string, known bool) {
	for _, key := range []string{n.name, n.id} {
		if uri := registry[key]; key != "" && uri != "" {
			return uri, true
		}
	}
	if uri := n.universal(); uri != "" {
		if registered := registry[uri]; registered != "" {
			return registered, true
		}
		return uri, true
	}
	switch {
	case n.name != "":
		return ownNamespace(facility, n.name), false
	case n.id != "":
		return ownNamespace(facility, n.id), false
	}
	return "", false
}

func ownNamespace(facility, name string) string {
	if facility == "" {
		return "urn:pons:ns:" + urnPart(name)
	}
	return "urn:pons:ns:" + urnPart(facility) + ":" + urnPart(name)
}

// universal returns the URI of the universal id, "" if it has none.
func (n namespace) universal() string {
	switch strings.ToUpper(n.idType) {
	case "ISO", "OID", "":
		if isOID(n.id) {
			return "urn:oid:" + n.id
		}
	case "UUID", "GUID":
		if id := strings.Trim(n.id, "{}"); isUUID(id) {
			return "urn:uuid:" + strings.ToLower(id)
		}
	}
	switch strings.ToUpper(n.idType) {
	case "URI", "URL", "URN", "ISO", "OID", "UUID", "":
		if isURI(n.id) {
			return n.id
		}
	}
	return ""
}
