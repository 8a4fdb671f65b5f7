package mapping

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// over and open are the states of a visit.
var (
	over = map[string]bool{"finished": true, "cancelled": true, "entered-in-error": true}
	open = map[string]bool{"planned": true, "arrived": true, "triaged": true, "in-progress": true, "onleave": true}
)

// aside reports whether in speaks of a visit by the way: a result names the
// visit and the place that it was ordered from, and says no state of either.
func aside(in r4.Resource) bool {
	visit, ok := in.(*r4.Encounter)
	return ok && visit.Status == "unknown" && !slices.ContainsFunc(visit.Location, func(l r4.EncounterLocation) bool {
		return l.Status != "" && l.Status != "completed"
	})
}

// The cells of a visit that it does not show: what opened or ended it last, and
// the places that its end closed.
const (
	stateCell = "Encounter.status"
	gateCell  = "Encounter.status!"
	leftCell  = "Encounter.location!"
)

// state merges the state of a visit. What opens it (A01, A13: they delete its
// end) or ends it stands at a gate; while the newest of these says that it is
// over, states of an open visit wait behind it.
func (l *Ledger) state(dst, in *r4.Encounter, is mark, nulls []string) {
	s := in.Status
	if !over[s] && !open[s] {
		if dst.Status == "" {
			dst.Status = s
		}
		return
	}
	gate, state := l.cells[gateCell], l.cells[stateCell]
	shown := l.was(stateCell, true)
	shown.text = dst.Status
	if gate.by == nil && over[dst.Status] {
		gate = shown
	}
	if state.text == "" {
		if state = (mark{}); open[dst.Status] {
			state = shown
		}
	}
	is.text = s
	if (over[s] || slices.Contains(nulls, "period.end")) && is.beats(gate) {
		gate = is
	}
	if open[s] && is.beats(state) {
		state = is
	}
	if dst.Status = state.text; over[gate.text] {
		dst.Status = gate.text
	}
	// What the visit shows needs no cell of its own, unless both are known.
	switch {
	case state.by == nil:
		l.set(stateCell, mark{by: gate.by, rank: gate.rank})
	case gate.by == nil:
		l.set(stateCell, state)
	default:
		l.set(gateCell, mark{by: gate.by, rank: gate.rank, text: gate.text})
		l.set(stateCell, mark{by: state.by, rank: state.rank, text: state.text})
	}
}

// shows takes the state out of the ledger that the visit shows, if it was said
// with the rest.
func (l *Ledger) shows(visit *r4.Encounter) {
	if m, ok := l.cells[stateCell]; ok && m.equal(l.rest) && (m.text == "" || m.text == visit.Status) {
		delete(l.cells, stateCell)
	}
}

// leavePlaces makes the places of a visit that is over those of the past.
func (l *Ledger) leavePlaces(visit *r4.Encounter) {
	if !over[visit.Status] {
		return
	}
	var left []string
	for i := range visit.Location {
		if visit.Location[i].Status == "active" {
			visit.Location[i].Status = "completed"
			left = append(left, strconv.Itoa(i))
		}
	}
	if left != nil {
		l.set(leftCell, mark{by: l.rest.by, rank: said, text: strings.Join(left, " ")})
	}
}

// reopenPlaces undoes leavePlaces.
func (l *Ledger) reopenPlaces(visit *r4.Encounter) {
	for number := range strings.FieldsSeq(l.cells[leftCell].text) {
		if i, err := strconv.Atoi(number); err == nil && i < len(visit.Location) && visit.Location[i].Status == "completed" {
			visit.Location[i].Status = "active"
		}
	}
	delete(l.cells, leftCell)
}
