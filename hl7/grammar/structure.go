package grammar

import "strings"

// Structure is a message structure: which segments a message has, in which
// groups and order (HL7 v2.9 2.5.2 and 2.12; MSH-9.3, table 0354).
type Structure struct {
	Name  string // "ADT_A01"
	Nodes []Node // in order
}

// Node is a segment or a group of a structure.
type Node struct {
	Name     string // segment or group; "*" is any segment, to be tried last
	Group    bool   // it has Children and stands for no segment of its own
	Choice   bool   // a group of whose children exactly one occurs
	Min      int    // 0 or 1
	Max      int    // 1 or Unbounded
	Children []Node // of a group, in order
}

// Structure returns a message structure by the name that MSH-9.3 has.
// Structures that only repeat another are not stored: see [Version.StructureOf].
func (v *Version) Structure(name string) (*Structure, bool) {
	tree, ok := v.structures[name]
	if !ok {
		return nil, false
	}
	nodes, _ := readNodes(tree)
	return &Structure{Name: name, Nodes: nodes}, true
}

// HasStructure reports whether there is a message structure of that name.
func (v *Version) HasStructure(name string) bool {
	_, ok := v.structures[name]
	return ok
}

// readNodes reads the nodes of one level, up to the end of their group or of
// the text, and returns what follows them.
func readNodes(tree string) (nodes []Node, rest string) {
	for tree != "" && tree[0] != ')' && tree[0] != '>' {
		end := 1 + strings.IndexAny(tree[1:], " ?*+(<)>")
		if end == 0 {
			end = len(tree)
		}
		n := Node{Name: tree[:end], Min: 1, Max: 1}
		tree = tree[end:]
		if tree != "" && (tree[0] == '(' || tree[0] == '<') {
			n.Group, n.Choice = true, tree[0] == '<'
			n.Children, tree = readNodes(tree[1:])
			tree = tree[1:] // the end of the group
		}
		if tree != "" {
			switch tree[0] {
			case '?':
				n.Min, tree = 0, tree[1:]
			case '*':
				n.Min, n.Max, tree = 0, Unbounded, tree[1:]
			case '+':
				n.Max, tree = Unbounded, tree[1:]
			}
		}
		nodes = append(nodes, n)
		tree = strings.TrimPrefix(tree, " ")
	}
	return nodes, tree
}
