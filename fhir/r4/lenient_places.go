package r4

import (
	"strconv"
	"strings"
)

// places says where the elements of a document begin. Each is known by the one
// that holds it; the first is the root.
type places struct {
	list []place
	find map[placeKey]int32 // made when the first is looked up
}

type place struct {
	placeKey
	pos int  // in the source
	one bool // no list: its path has no index
}

type placeKey struct {
	up    int32  // the place that holds it, -1 for the root
	index int32  // in a list
	name  string // of the element; of the root its type
}

// add notes an element and returns its number. On nil nothing is noted.
func (p *places) add(up int32, name string, index int, list bool, pos int) int32 {
	if p == nil {
		return 0
	}
	p.list = append(p.list, place{placeKey{up, int32(index), name}, pos, !list})
	return int32(len(p.list) - 1)
}

// path returns the path of a place.
func (p *places) path(at int32) string {
	if p == nil || at < 0 || int(at) >= len(p.list) {
		return ""
	}
	var chain [2*maxDepth + 8]int32 // each object is at most two places
	n := 0
	for ; at >= 0 && n < len(chain); at = p.list[at].up {
		chain[n] = at
		n++
	}
	var b []byte
	for n--; n >= 0; n-- {
		e := &p.list[chain[n]]
		if len(b) > 0 {
			b = append(b, '.')
		}
		b = append(b, e.name...)
		if !e.one {
			b = append(strconv.AppendInt(append(b, '['), int64(e.index), 10), ']')
		}
	}
	return string(b)
}

// lookup returns the position of the element with that path.
func (p *places) lookup(path string) (pos int, ok bool) {
	if len(p.list) == 0 {
		return 0, false
	}
	if p.find == nil {
		p.index()
	}
	name, rest, _ := strings.Cut(path, ".")
	if name != p.list[0].name {
		return 0, false
	}
	at := int32(0)
	for rest != "" {
		name, rest, _ = strings.Cut(rest, ".")
		if strings.HasPrefix(name, "ofType(") { // says which type a choice has
			continue
		}
		i := 0
		if open := strings.IndexByte(name, '['); open >= 0 && strings.HasSuffix(name, "]") {
			n, err := strconv.ParseInt(name[open+1:len(name)-1], 10, 32)
			if err != nil {
				return 0, false
			}
			name, i = name[:open], int(n)
		}
		if at, ok = p.find[placeKey{at, int32(i), name}]; !ok {
			return 0, false
		}
	}
	return p.list[at].pos, true
}

// index fills find. An element may have two places, one of its value and one of
// its extensions; what lies under the second is found under the first.
func (p *places) index() {
	p.find = make(map[placeKey]int32, len(p.list))
	first := make([]int32, len(p.list))
	for i, e := range p.list {
		key := e.placeKey
		if key.up >= 0 {
			key.up = first[key.up]
		}
		at, twice := p.find[key]
		if !twice {
			at = int32(i)
			p.find[key] = at
		}
		first[i] = at
	}
}
