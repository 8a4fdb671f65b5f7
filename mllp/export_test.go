package mllp

// Held is how many bytes the Reader's buffers take.
func (r *Reader) Held() int {
	if len(r.buf) == len(r.base) {
		return len(r.base)
	}
	return len(r.base) + len(r.buf)
}

// BaseBuffer is what an idle Reader holds.
const BaseBuffer = baseBuffer
