package store

import "github.com/ponshealth/pons/fhir/search"

// hash is FNV-1a of 64 bits over parts with a zero byte after each. It is
// written into the database, so it never changes. It is not a secret one:
// whoever finds by hash compares what was found.
func hash(parts ...string) int64 {
	h := uint64(14695981039346656037)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
		h *= 1099511628211 // the zero byte
	}
	return int64(h)
}

// A token has one row: of its h the upper 40 bits are of the code and the lower
// 24 of the system, so that the tokens of a code stand together whatever their
// system is, and one with its system is found directly.
const systemMask = 1<<24 - 1

func tokenHash(system, code string) int64 {
	return hash(search.FoldCode(code))&^systemMask | int64(uint64(hash(system))>>40)
}

// codeRange is where the tokens of a code stand, from lo to hi.
func codeRange(code string) (lo, hi int64) {
	lo = hash(search.FoldCode(code)) &^ systemMask
	return lo, lo | systemMask
}

// laneKey names a lane in the database. Two lanes with one hash would be worked
// as one, which is slower and not wrong.
func laneKey(lane string) int64 { return hash(lane) }
