package main

// The shape of the input, see the README beside it.

type grammar struct {
	Version    string              `json:"version"`
	Segments   map[string]segment  `json:"segments"`
	DataTypes  map[string]dataType `json:"datatypes"`
	Structures map[string][]node   `json:"structures"`
	Events     map[string]string   `json:"events"`
}

type segment struct {
	Name   string `json:"name"`
	Fields []part `json:"fields"`
}

type dataType struct {
	Name       string `json:"name"`
	Components []part `json:"components"`
}

// part is a field of a segment or a component of a data type.
type part struct {
	Seq    int    `json:"seq"`
	Name   string `json:"name"`
	Type   string `json:"type"`
	Opt    string `json:"opt"`
	Rep    bool   `json:"rep"` // fields only; the same as MaxRep != 1
	MaxRep int    `json:"maxrep"`
	Length *int   `json:"length"`
	Table  string `json:"table"`
}

type node struct {
	Seg      string `json:"seg"`
	Group    string `json:"group"`
	Min      int    `json:"min"`
	Max      int    `json:"max"`
	Choice   bool   `json:"choice"`
	Children []node `json:"children"`
}

type tableFile struct {
	Versions []string         `json:"versions"`
	Tables   map[string]table `json:"tables"`
}

type table struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"`
	Versions []string `json:"versions"`
	Codes    []code   `json:"codes"`
}

type code struct {
	Code       string `json:"code"`
	Display    string `json:"display"`
	First      string `json:"first"`
	Last       string `json:"last"`
	Deprecated string `json:"deprecated"`
}
