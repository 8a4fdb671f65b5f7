package search

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ../../internal/gen/search -out parameters.txt

//go:embed parameters.txt
var parametersFile string

// Parameter describes one search parameter of a resource type.
type Parameter struct {
	Name       string
	Kind       Kind
	Definition string   // canonical URL of the SearchParameter
	Targets    []string // of a reference: the types it may point to; AnyType alone for all
	terms      string   // the expressions, as the table has them
}

// AnyType stands in Parameter.Targets for every resource type.
const AnyType = "*"

// Parameters lists what can be searched on a resource type, sorted by name,
// with the parameters that all types have. It is empty for an unknown type. The
// result is shared and must not be changed.
func Parameters(resourceType string) []Parameter {
	t := typeOf(resourceType)
	if t == nil {
		return nil
	}
	return t.params
}

// resourceParams is what is known of one resource type.
type resourceParams struct {
	params []Parameter // sorted by name

	once    sync.Once
	sources []source // how to fill each of params; see compile
}

func (t *resourceParams) find(name string) (*Parameter, bool) {
	i, ok := slices.BinarySearchFunc(t.params, name, func(p Parameter, name string) int { return strings.Compare(p.Name, name) })
	if !ok {
		return nil, false
	}
	return &t.params[i], true
}

func typeOf(resourceType string) *resourceParams {
	if resourceType == "Resource" {
		return nil
	}
	return table()[resourceType]
}

// allTypes lists the resource types, sorted.
var allTypes = sync.OnceValue(func() []string {
	names := slices.Collect(maps.Keys(table()))
	names = slices.DeleteFunc(names, func(name string) bool { return name == "Resource" })
	slices.Sort(names)
	return names
})

// table reads the embedded file when it is first needed; the paths are compiled
// later, by type.
var table = sync.OnceValue(func() map[string]*resourceParams {
	types := map[string]*resourceParams{}
	var current *resourceParams
	for line := range strings.Lines(parametersFile) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "= "):
			current = &resourceParams{}
			types[line[2:]] = current
		default:
			current.params = append(current.params, parameter(line))
		}
	}
	common := append(types["Resource"].params,
		Parameter{Name: ParamID, Kind: Token, Definition: definition("Resource-id")},
		Parameter{Name: ParamLastUpdated, Kind: Date, Definition: definition("Resource-lastUpdated")})
	for _, t := range types {
		t.params = append(t.params, common...)
		slices.SortFunc(t.params, func(a, b Parameter) int { return strings.Compare(a.Name, b.Name) })
	}
	return types
})

func parameter(line string) Parameter {
	cell := strings.SplitN(line, "\t", 5)
	p := Parameter{Name: cell[0], Definition: definition(cell[2]), terms: cell[4]}
	p.Kind = Kind(slices.Index(kindNames[:], cell[1]))
	if cell[3] != "" {
		p.Targets = strings.Split(cell[3], ",")
	}
	return p
}

func definition(id string) string { return "http://hl7.org/fhir/SearchParameter/" + id }
