package mapping

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// A ledger is kept as text: records that end in a line feed, fields with tabs
// between them. The first record is the version of the form, then come the
// stamps, the mark of the rest, and the cells.
const ledgerVersion = "1"

// AppendText writes the ledger behind b.
func (l *Ledger) AppendText(b []byte) []byte {
	b = append(b, ledgerVersion...)
	b = append(b, '\n')
	var stamps []stamp
	number := func(m mark) int {
		if m.by == nil {
			return -1
		}
		if i := slices.Index(stamps, *m.by); i >= 0 {
			return i
		}
		stamps = append(stamps, *m.by)
		s := m.by
		b = appendRecord(b, "s", s.At, s.Sent, s.Source, s.Control, s.issued, s.taken, strconv.Itoa(s.stage))
		return len(stamps) - 1
	}
	if n := number(l.rest); n >= 0 {
		b = appendRecord(b, "r", strconv.Itoa(n), strconv.Itoa(int(l.rest.rank)))
	}
	for _, path := range sortedKeys(l.cells) {
		m := l.cells[path]
		n := number(m)
		gone := ""
		if m.gone {
			gone = "-"
		}
		var own []byte
		for i, h := range m.own {
			if i > 0 {
				own = append(own, ' ')
			}
			own = strconv.AppendUint(own, h, 36)
		}
		b = appendRecord(b, "c", path, strconv.Itoa(n), strconv.Itoa(int(m.rank)), gone, m.text, string(own))
	}
	return b
}

func appendRecord(b []byte, fields ...string) []byte {
	for i, f := range fields {
		if i > 0 {
			b = append(b, '\t')
		}
		b = append(b, clean(f)...)
	}
	return append(b, '\n')
}

// clean takes out what would end a field.
func clean(s string) string {
	if !strings.ContainsAny(s, "\t\n") {
		return s
	}
	return strings.NewReplacer("\t", " ", "\n", " ").Replace(s)
}

var errLedger = errors.New("not a ledger")

// ParseLedger reads what AppendText wrote. Of nothing it makes an empty ledger.
func ParseLedger(text []byte) (*Ledger, error) {
	l := &Ledger{}
	if len(text) == 0 {
		return l, nil
	}
	var stamps []*stamp
	bad := false
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		bad = bad || err != nil
		return n
	}
	markOf := func(of, ranked string) (m mark) {
		n, r := number(of), number(ranked)
		if n < 0 || n >= len(stamps) || r <= int(noRank) || r >= int(upperRanks) {
			bad = true
			return m
		}
		return mark{by: stamps[n], rank: rank(r)}
	}
	first := true
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		if first {
			if first = false; line != ledgerVersion {
				return nil, errLedger
			}
			continue
		}
		switch f := strings.Split(line, "\t"); {
		case f[0] == "s" && len(f) == 8:
			stamps = append(stamps, &stamp{Origin{f[1], f[2], f[3], f[4]}, f[5], f[6], number(f[7])})
		case f[0] == "r" && len(f) == 3:
			l.rest = markOf(f[1], f[2])
		case f[0] == "c" && len(f) == 7:
			m := markOf(f[2], f[3])
			m.gone, m.text = f[4] == "-", f[5]
			for h := range strings.FieldsSeq(f[6]) {
				n, err := strconv.ParseUint(h, 36, 64)
				bad = bad || err != nil
				m.own = append(m.own, n)
			}
			l.set(f[1], m)
		default:
			return nil, errLedger
		}
	}
	if bad {
		return nil, errLedger
	}
	return l, nil
}
