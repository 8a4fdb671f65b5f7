package mapping

import (
	"encoding/base64"
	"strings"
)

// textData gives the text of a field in base64, its repetitions as lines.
func textData(f *call) bool {
	if f.v.v.Components() > 1 {
		if !readable(f) {
			return false
		}
	} else if !lines(f) {
		return false
	}
	f.g.text = base64.StdEncoding.EncodeToString([]byte(f.g.text))
	return true
}

// documentText gives the text of a document in base64: the lines of this OBX
// and of those that follow it, as one text. An OBX after the first gives
// nothing more. Attachments (ED, RP) in between stay what they are.
func documentText(f *call) bool {
	first, all := f.textSegments()
	if !first {
		f.c.use(f.v.at) // the first has it
		return false
	}
	var text []string
	for _, i := range all {
		field := f.c.segs[i].field(5)
		for r := 1; r <= field.Reps(); r++ {
			if v := field.Rep(r); !v.Null() {
				text = append(text, v.Text())
			}
		}
		f.c.use(placeOf(i, 5, 0, 0, 0))
	}
	joined := strings.TrimRight(strings.Join(text, "\n"), "\n")
	return joined != "" && f.say(base64.StdEncoding.EncodeToString([]byte(joined)), f.v.at)
}

// documentType is the MIME type of what documentText gives.
func documentType(f *call) bool {
	first, _ := f.textSegments()
	return first && f.say("text/plain", f.v.at)
}

// textSegments are the OBX of text of the document that the segment at hand is
// of, up to a segment that is neither OBX nor what stands below one; first says
// that it is the first of them.
func (f *call) textSegments() (first bool, all []int) {
	at := f.v.at.seg()
	from := at
	for from > 0 && ofDocument(f.c.segs[from-1].name) {
		from--
	}
	for i := from; i < len(f.c.segs) && ofDocument(f.c.segs[i].name); i++ {
		if s := &f.c.segs[i]; s.name == "OBX" {
			if kind := s.field(2).String(); kind != "ED" && kind != "RP" {
				all = append(all, i)
			}
		}
	}
	return len(all) > 0 && all[0] == at, all
}

func ofDocument(name string) bool { return name == "OBX" || name == "NTE" || name == "PRT" }
