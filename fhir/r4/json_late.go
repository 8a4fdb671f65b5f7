package r4

import "strings"

// A resource is decoded into the struct that its member resourceType names, and
// FHIR lets that member stand anywhere in the object. Where it is not the first,
// the object is scanned ahead, once: the scan notes the late resourceType of
// every object inside as well, so that resources nested in one another cost one
// scan together and not one each.

// resourceType returns the type of the resource whose object starts at d.pos.
func (d *decoder) resourceType() (string, *Error) {
	if err := d.begin('{', "must be an object"); err != nil {
		return "", err
	}
	start := d.pos
	defer func() { d.pos = start }()
	d.pos++
	if d.next() == '"' {
		k, err := d.key()
		if err != nil {
			return "", err
		}
		if k == "resourceType" {
			return d.str()
		}
	}
	if name, ok := d.late[start]; ok {
		return name, nil
	}
	d.pos = start
	if err := d.scan(); err != nil {
		start = d.pos
		return "", err
	}
	if name, ok := d.late[start]; ok {
		return name, nil
	}
	return "", d.fail("resourceType is missing")
}

// scan walks over the object at d.pos by its brackets and strings, and fills
// d.late. Whether it is right JSON is for the decoding to say.
func (d *decoder) scan() *Error {
	if d.late == nil {
		d.late = map[int]string{}
	}
	type open struct {
		start   int
		wantKey bool // an object where a name comes next; never in an array
		object  bool
	}
	var stack []open
	for {
		c := d.next()
		switch c {
		case 0:
			return d.unexpected()
		case '{', '[':
			if len(stack) >= 2*maxDepth {
				return d.fail("nested too deep")
			}
			stack = append(stack, open{start: d.pos, wantKey: c == '{', object: c == '{'})
			d.pos++
		case '}', ']':
			stack = stack[:len(stack)-1]
			d.pos++
			if len(stack) == 0 {
				return nil
			}
		case '"':
			s, err := d.str()
			if err != nil {
				return err
			}
			top := &stack[len(stack)-1]
			if top.wantKey && s == "resourceType" && d.next() == ':' {
				if err := d.note(top.start); err != nil {
					return err
				}
			}
			top.wantKey = false
		case ',':
			top := &stack[len(stack)-1]
			top.wantKey = top.object
			d.pos++
		default:
			d.pos++
		}
	}
}

// note keeps the name after resourceType for the object that begins at start.
func (d *decoder) note(start int) *Error {
	d.pos++
	if d.next() != '"' {
		return nil
	}
	name, err := d.str()
	if err != nil {
		return err
	}
	if _, twice := d.late[start]; !twice {
		d.late[start] = strings.Clone(name)
	}
	return nil
}
