package web

import (
	"net/http"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
)

// replayable are the states in which a message waits for nobody but a person, who may have
// mended its cause or changed the rule that did not want it.
func replayable(s message.State) bool { return s == message.Dead || s == message.Filtered }

// replay puts a dead or filtered message back in its lane. It changes nothing for any
// other state: a page that was open for long may offer what is no longer so.
func (s *server) replay(w http.ResponseWriter, r *http.Request) {
	m, ok := s.find(w, r)
	if !ok {
		return
	}
	back := messageHref(m.Message.ID)
	err := error(nil)
	if replayable(m.State) {
		err = s.Store.Replay(r.Context(), m.Message.ID, m.Message.Destination)
	}
	if !replayable(m.State) || overtaken(err) {
		s.fail(w, r, http.StatusConflict, problem{Heading: "Not replayed",
			Text: "Only a dead or filtered message can be replayed, and this one is neither any more.",
			Back: back, BackText: "To the message"})
		return
	}
	if err != nil {
		s.storeFailed(w, r, err)
		return
	}
	s.Log.InfoContext(r.Context(), "message replayed", "id", m.Message.ID.String(), "destination", m.Message.Destination)
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// overtaken tells whether the store refused because the message left its state
// after it was read.
func overtaken(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.Conflict || kind == fault.Invalid
}
