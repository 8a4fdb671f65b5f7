package r4

import (
	"reflect"
	"unsafe"
)

// A Maker makes elements as [Type.New], [Field.Make] and [Field.SetPrimitive] do,
// for who makes many: structs of one type lie together in memory, and texts are
// not checked again. A piece of memory stays as long as anything in it is in use.
// The zero Maker is ready; it is not for several goroutines at once.
type Maker struct {
	pieces []piece // by the number of the type
	texts  []string
}

// A piece is memory for structs of one type that nobody has yet.
type piece struct {
	next unsafe.Pointer
	left int
}

const (
	pieceSize = 8 << 10 // bytes
	pieceMost = 32      // structs
)

// take returns memory for n structs of type t.
func (m *Maker) take(t *Type, n int) unsafe.Pointer {
	if t.number >= len(m.pieces) {
		m.pieces = append(m.pieces, make([]piece, len(table().list)-len(m.pieces))...)
	}
	p := &m.pieces[t.number]
	if p.left < n {
		size := max(n, min(pieceMost, pieceSize/int(t.size)))
		p.next, p.left = reflect.MakeSlice(t.goList, size, size).UnsafePointer(), size
	}
	made := p.next
	if p.left -= n; p.left > 0 { // a pointer behind the last would hold what stands there
		p.next = unsafe.Add(made, uintptr(n)*t.size)
	} else {
		p.next = nil
	}
	return made
}

// New is [Type.New].
func (m *Maker) New(t *Type) any {
	if t.goType == nil {
		return nil
	}
	return pointerTo(t, m.take(t, 1))
}

// Make is [Field.Make]. A list that has nothing yet is made for room elements, at
// least one, so that as many do not move it. What lies behind the end of a list must
// be empty, as it is unless somebody has cut the list shorter.
func (m *Maker) Make(f *Field, parent any, typ *Type, room int) any {
	p := f.in(parent)
	if p == nil {
		return nil
	}
	switch f.rep {
	case repStruct:
		at := (*unsafe.Pointer)(p)
		if *at == nil {
			*at = m.take(f.Types[0], 1)
		}
		return pointerTo(f.Types[0], *at)
	case repStructs:
		s := (*slice)(p)
		if s.cap == 0 {
			room = max(room, 1)
			s.data, s.cap = m.take(f.Types[0], room), room
		} else if s.len == s.cap {
			break
		}
		s.len++
		return pointerTo(f.Types[0], f.element(p, s.len-1))
	case repChoice:
		if c := f.typeIndex(typ); c >= 0 && f.Types[c].goType != nil && *(*unsafe.Pointer)(p) == nil {
			f.choose(parent, c)
			made := m.New(typ)
			f.set(p, made)
			return made
		}
	}
	return f.Make(parent, typ)
}

// Set is [Field.SetPrimitive] for a text that [Type.Check] has found to be good: of
// another one it does not know. It returns false when the field holds no primitive
// of that type.
func (m *Maker) Set(f *Field, parent any, typ *Type, text string) bool {
	p := f.in(parent)
	c := f.typeIndex(typ)
	if p == nil || c < 0 || f.Types[c].Kind != KindPrimitive {
		return false
	}
	switch f.rep {
	case repString, repDecimal:
		*(*string)(p) = text
	case repStrings, repDecimals:
		if list := (*[]string)(p); *list == nil { // most have one
			if len(m.texts) == 0 {
				m.texts = make([]string, pieceMost)
			}
			*list, m.texts = m.texts[:0:1], m.texts[1:]
		}
		fallthrough
	default:
		f.put(parent, p, c, text)
	}
	return true
}
