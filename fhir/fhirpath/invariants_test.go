package fhirpath_test

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
	"github.com/ponshealth/pons/internal/gen/r4/pack"
)

var everyExample = flag.Bool("every", false, "evaluate the invariants on every official example, not on some")

// wrongInvariants are those of R4 that are wrong themselves, and how.
var wrongInvariants = map[string]string{
	"cid-0": "speaks of name, which ChargeItemDefinition has not",
	"tim-9": "asks with in for a list, when, which in does not take",
}

// oftenViolated are the invariants that official examples break: warnings that
// recommend, and errors of the examples.
var oftenViolated = map[string]string{
	"dom-6": "recommends a narrative",
	"csd-0": "recommends names for code generation", "nsd-0": "the same", "pdf-0": "the same", "sdf-0": "the same",
	"spd-0": "the same", "tst-0": "the same", "vsd-0": "the same",
	"bdl-7": "Bundle-dataelements has entries twice",
	"que-7": "wrong itself: asks for System.Boolean where answers are FHIR.boolean",
	"sdf-4": "the logical models have no base and are not abstract",
	"txt-1": "the narrative of Questionnaire-zika-virus-exposure-assessment is blank",
	"txt-2": "the same",
}

type invariant struct {
	key  string
	expr *fhirpath.Expression
}

// invariants reads those of all types of R4, by path.
func invariants(t *testing.T, tgz string) map[string][]invariant {
	all := map[string][]invariant{}
	isDefinition := func(name string) bool { return strings.HasPrefix(name, "StructureDefinition-") }
	err := pack.Each(tgz, isDefinition, func(_ string, doc []byte) error {
		r, err := r4.Unmarshal(doc)
		if err != nil {
			return err
		}
		sd := r.(*r4.StructureDefinition)
		if sd.Derivation == "constraint" || sd.Kind == "logical" || sd.Snapshot == nil {
			return nil
		}
		for _, e := range sd.Snapshot.Element {
			for _, c := range e.Constraint {
				if c.Expression == "" {
					continue
				}
				expr, err := fhirpath.Compile(c.Expression)
				if err != nil {
					t.Errorf("%s: %s: %v", c.Key, c.Expression, err)
					continue
				}
				all[e.Path] = append(all[e.Path], invariant{c.Key, expr})
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestInvariants compiles all invariants of R4, against the types they stand on,
// and evaluates them on official examples.
func TestInvariants(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: the invariants of R4 (short)")
	}
	tgz, err := pack.Fetch(t.Context())
	if err != nil {
		t.Skip("SKIPPED: the official definitions are not here: ", err)
	}
	all := invariants(t, tgz)
	for path, list := range all {
		on := typeAt(path)
		for _, i := range list {
			_, err := fhirpath.CompileFor(i.expr.Text(), on)
			if _, known := wrongInvariants[i.key]; on != nil && known != (err != nil) {
				t.Errorf("%s on %s: %s: %v", i.key, path, i.expr.Text(), err)
			}
		}
	}
	n := 0
	some := func(string) bool { n++; return *everyExample || n%16 == 0 }
	err = pack.Each(tgz, some, func(name string, doc []byte) error {
		r, err := r4.Unmarshal(doc)
		if err == nil {
			checkExample(t, name, r, all)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// typeAt returns the type of the element at a path of a definition.
func typeAt(path string) *r4.Type {
	if t := r4.TypeByName(path); t != nil {
		return t
	}
	dot := strings.LastIndexByte(path, '.')
	if dot < 0 {
		return nil
	}
	parent := r4.TypeByName(path[:dot])
	if parent == nil {
		return nil
	}
	f, _, ok := parent.Field(path[dot+1:])
	if !ok || f.Choice {
		return nil
	}
	return f.Types[0]
}

func checkExample(t *testing.T, name string, r r4.Resource, all map[string][]invariant) {
	r4.Walk(r, func(n r4.Node) bool {
		env, item := &fhirpath.Env{Resource: r}, fhirpath.Item{}
		list := slices.Clone(all[n.Type.Name])
		if n.Field == nil {
			item, _ = fhirpath.Of(n.Value)
		} else {
			item = fhirpath.Element(n.Parent, n.Field, n.Index)
			path := r4.TypeOf(n.Parent).Name + "." + n.Field.Name
			if path != n.Type.Name {
				list = append(list, append(all[path], all[path+"[x]"]...)...)
			}
		}
		env.Resource, env.RootResource = around(n)
		for _, i := range list {
			holds, err := i.expr.True(env, item)
			if err != nil {
				t.Errorf("%s: %s: %s: %v", name, n.Path(), i.key, err)
			}
			if !holds && oftenViolated[i.key] == "" {
				t.Errorf("%s: %s: %s does not hold", name, n.Path(), i.key)
			}
		}
		return true
	})
}

// around returns the resource that n stands in, and the one that contains that.
func around(n r4.Node) (resource, root any) {
	for n.Type.Kind != r4.KindResource {
		n, _ = n.Up()
	}
	if up, ok := n.Up(); ok && n.Field.Name == "contained" {
		return n.Value, up.Value
	}
	return n.Value, n.Value
}

// TestPaths evaluates the path of every element of an example, which gives that
// element and no other.
func TestPaths(t *testing.T) {
	n := 0
	r4.Walk(patient(), func(node r4.Node) bool {
		if node.Field == nil {
			return true
		}
		n++
		c, err := fhirpath.MustCompile(node.Path()).Evaluate(nil, patient())
		if err != nil || len(c) != 1 || c[0].Type() != node.Type || c[0].Text() != node.Text() {
			t.Errorf("%s: %v %v", node.Path(), c, err)
		}
		return true
	})
	if n < 12 {
		t.Error("only", n, "elements")
	}
}
