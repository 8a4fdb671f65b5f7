package source

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/ponshealth/pons/hl7"
)

// maxLane is how long the name of a lane may be before it is hashed.
const maxLane = 256

// lane names the queue in which a message keeps its place: that of its patient,
// by the first identifier in PID-3 with its assigning authority, or without a
// patient that of its sender. Two messages about one patient under different
// identifiers are in different lanes; the store's versions keep them apart.
func lane(m *hl7.Message, h hl7.Header) string {
	if pid, ok := m.First("PID"); ok {
		ids := pid.Field(3)
		for n := 1; n <= ids.Reps(); n++ {
			cx := ids.Rep(n)
			if id := cx.Component(1); id.Valued() && strings.TrimSpace(id.String()) != "" {
				return bounded("patient:" + strings.TrimSpace(id.String()) + "^" + authority(cx.Component(4)))
			}
		}
	}
	return bounded("sender:" + h.SendingApp + "^" + h.SendingFacility)
}

// authority is the namespace of an HD, or where it has none all of it. To leave
// out the universal id can at worst put two patients in one lane.
func authority(hd hl7.Value) string {
	if name := hd.String(); name != "" {
		return strings.TrimSpace(name)
	}
	return hd.Text()
}

func bounded(name string) string {
	if len(name) <= maxLane {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return "hash:" + hex.EncodeToString(sum[:])
}
