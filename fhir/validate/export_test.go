package validate

import (
	"context"

	"github.com/ponshealth/pons/fhir/fhirpath"
	"github.com/ponshealth/pons/fhir/r4"
)

// everywhere are the natives that are not asked as constraints, because they
// are checked for every value of a type.
var everywhere = map[string]func(r *run, n *node) bool{
	"ele-1": nativeEle1,
	"ref-1": nativeRef1,
	"txt-1": func(_ *run, n *node) bool { return len(checkXHTML(n.text)) == 0 },
	"txt-2": func(_ *run, n *node) bool { return len(checkXHTML(n.text)) == 0 },
}

// CompareNatives answers each invariant that has an answer in Go on each element
// of a resource that it is for, in Go and by its expression. It returns how often
// each was asked, how often it did not hold, and where the two differ.
func CompareNatives(v *Validator, res r4.Resource, asked, failed map[string]int) (differ []string) {
	r := v.run(context.Background())
	root := &node{typ: r4.TypeOf(res), value: res}
	root.scope = r.newScope(root, res, nil)
	var visit func(n *node)
	visit = func(n *node) {
		for key, official := range natives {
			if n.typ == nil || !isFor(key, n) {
				continue
			}
			inGo := official.holds
			if inGo == nil {
				inGo = everywhere[key]
			}
			byPath, err := expressions[key].True(r.envFor(n.scope), r.item(n))
			if err != nil {
				differ = append(differ, key+" at "+n.path()+": "+err.Error())
				continue
			}
			asked[key]++
			if !byPath {
				failed[key]++
			}
			if inGo(r, n) != byPath {
				differ = append(differ, key+" at "+n.path())
			}
		}
		in, t := n.holder()
		if in == nil {
			return
		}
		for i := range t.Fields {
			for k := range span(in, &t.Fields[i]) {
				if c, ok := r.at(n, in, &t.Fields[i], k); ok {
					visit(c)
				}
			}
		}
	}
	visit(root)
	return differ
}

var expressions = func() map[string]*fhirpath.Expression {
	m := map[string]*fhirpath.Expression{}
	for key, n := range natives {
		m[key] = fhirpath.MustCompile(n.expression)
	}
	return m
}()

// isFor says whether an invariant is one of n's type.
func isFor(key string, n *node) bool {
	switch key[:3] {
	case "ele":
		return n.typ.Kind != r4.KindResource
	case "ext":
		return n.typ.Name == "Extension"
	case "ref":
		ref, ok := n.value.(*r4.Reference)
		return ok && ref.Reference != "" && ref.Reference != "#"
	case "txt":
		return n.typ.Name == "xhtml"
	case "dom":
		return n.typ.Kind == r4.KindResource && isKindOf(n.typ, r4.TypeByName("DomainResource"))
	case "qty":
		return n.typ.Name == "Quantity"
	}
	return false
}
