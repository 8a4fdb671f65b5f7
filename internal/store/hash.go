package store

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

// laneKey names a lane in the database. Two lanes with one hash would be worked
// as one, which is slower and not wrong.
func laneKey(lane string) int64 { return hash(lane) }
