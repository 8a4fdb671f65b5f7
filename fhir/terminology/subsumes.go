package terminology

// Relation is how two codes of a system stand to each other
// (http://hl7.org/fhir/concept-subsumption-outcome).
type Relation uint8

const (
	Unknown     Relation = iota // it cannot be told
	Equivalent                  // both are the same concept
	Contains                    // A is above B: every B is an A ("subsumes")
	IsContained                 // A is below B ("subsumed-by")
	Apart                       // neither ("not-subsumed")
)

// String is the code of the outcome in FHIR, "unknown" for Unknown.
func (r Relation) String() string {
	return [...]string{"unknown", "equivalent", "subsumes", "subsumed-by", "not-subsumed"}[r]
}

// Subsumes tells how code a stands to code b in the hierarchy of their system
// (FHIR R4 codesystem-operation-subsumes.html). The reason says why it cannot be
// told: the content of the system is not here, or one of the codes is not in it.
// Nothing but equality is known of the codes of a system whose hierarchy does not
// mean is-a.
func (m *Memory) Subsumes(system, a, b string) (r Relation, reason string) {
	url, version := cut(system)
	s := m.systemOf(url, version)
	if s == nil || !s.present {
		if a == b && a != "" {
			return Equivalent, ""
		}
		return Unknown, "the content of the code system " + url + " is not here"
	}
	i, okA := s.find(a)
	j, okB := s.find(b)
	switch {
	case !okA || !okB:
		return Unknown, "the code system " + url + " does not have both codes"
	case i == j:
		return Equivalent, ""
	case s.meaning != "" && s.meaning != "is-a":
		return Unknown, "the hierarchy of the code system " + url + " does not mean is-a"
	case s.within(j, i):
		return Contains, ""
	case s.within(i, j):
		return IsContained, ""
	case !s.complete:
		return Unknown, "the code system " + url + " is here in part only"
	}
	return Apart, ""
}
