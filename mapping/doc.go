package mapping

import (
	"strconv"

	"github.com/ponshealth/pons/hl7"
)

// A segment is one of the message, split into fields, with its place in the
// structure and what has been consumed of it.
type segment struct {
	name   string
	fields []fieldValue // by number; [0] is not used
	group  *group       // nil if it has no place in the structure
	part   *part
	used   []place
	slots  []slotValue // of the scope of this one segment
}

// A fieldValue is a field and how many repetitions it has.
type fieldValue struct {
	v    hl7.Value
	reps int
}

// field returns field n, empty when the segment is shorter.
func (s *segment) field(n int) hl7.Value {
	if n < len(s.fields) {
		return s.fields[n].v
	}
	return hl7.Value{}
}

// reps returns the number of repetitions of field n.
func (s *segment) reps(n int) int {
	if n < len(s.fields) {
		return s.fields[n].reps
	}
	return 0
}

// split prepares the segments of a message.
func (c *conv) split(msg *hl7.Message) {
	total := 0
	for i := range msg.Len() {
		total += msg.Segment(i).Len() + 1
	}
	if total > cap(c.mem.fields) {
		c.mem.fields = make([]fieldValue, total)
	}
	room := c.mem.fields[:total]
	for i := range msg.Len() {
		s := msg.Segment(i)
		n := s.Len() + 1
		fields := room[:n:n]
		room = room[n:]
		for f, v := range s.EachField() {
			if f < n {
				fields[f] = fieldValue{v, v.Reps()}
			}
		}
		if i < cap(c.segs) {
			c.segs = c.segs[:i+1]
		} else {
			c.segs = append(c.segs, segment{})
		}
		c.segs[i] = segment{name: s.Name(), fields: fields, used: c.segs[i].used[:0]}
	}
}

// A place is where a value stands: segment 20 bits, field 12, repetition 16,
// component 8, subcomponent 8; a zero means the whole of what is above it.
type place uint64

func placeOf(seg, field, rep, comp, sub int) place {
	return place(seg&0xfffff)<<44 | place(field&0xfff)<<32 | place(rep&0xffff)<<16 | place(comp&0xff)<<8 | place(sub&0xff)
}

func (p place) seg() int   { return int(p >> 44) }
func (p place) field() int { return int(p>>32) & 0xfff }
func (p place) rep() int   { return int(p>>16) & 0xffff }
func (p place) comp() int  { return int(p>>8) & 0xff }
func (p place) sub() int   { return int(p) & 0xff }

// covers reports whether q is p or lies in it.
func (p place) covers(q place) bool {
	switch {
	case p&^0xfff_ffff_ffff != q&^0xfff_ffff_ffff:
		return false
	case p.field() == 0:
		return true
	case p.field() != q.field():
		return false
	case p.rep() == 0:
		return true
	case p.rep() != q.rep():
		return false
	case p.comp() == 0:
		return true
	case p.comp() != q.comp():
		return false
	}
	return p.sub() == 0 || p.sub() == q.sub()
}

// appendTo writes the place as "PID-5[2].1". Repetition 1 is left out.
func (p place) appendTo(b []byte, name string) []byte {
	b = append(b, name...)
	if p.field() == 0 {
		return b
	}
	b = strconv.AppendInt(append(b, '-'), int64(p.field()), 10)
	if p.rep() > 1 {
		b = append(strconv.AppendInt(append(b, '['), int64(p.rep()), 10), ']')
	}
	if p.comp() > 0 {
		b = strconv.AppendInt(append(b, '.'), int64(p.comp()), 10)
	}
	if p.sub() > 0 {
		b = strconv.AppendInt(append(b, '.'), int64(p.sub()), 10)
	}
	return b
}

// A val is a value of the message and where it stands.
type val struct {
	v  hl7.Value
	at place
}

// only is the one repetition of a field that has no others. The field stands for
// it: asked for parts, both give the same.
func (v val) only() val { return val{v.v, v.at&^0xffff_ffff | 1<<16} }

// rep returns repetition n of a field.
func (v val) rep(n int) val {
	return val{v.v.Rep(n), v.at&^0xffff_ffff | place(n&0xffff)<<16}
}

// part returns component n of a repetition, or subcomponent n of a component;
// with m, subcomponent m of that.
func (v val) part(n, m int) val {
	if n == 0 {
		return v
	}
	if v.at.comp() > 0 {
		if v.at.sub() > 0 && n == 1 {
			return v
		}
		return val{v.v.Sub(n), v.at | place(n&0xff)}
	}
	c := val{v.v.Component(n), v.at | place(n&0xff)<<8}
	if m > 0 {
		return c.part(m, 0)
	}
	return c
}

// leaf is the place of the text that String gives: of a composite its first part.
func (v val) leaf() place {
	p := v.at
	if p.rep() == 0 {
		p |= 1 << 16
	}
	if p.comp() == 0 {
		p |= 1 << 8
	}
	if p.sub() == 0 {
		p |= 1
	}
	return p
}
