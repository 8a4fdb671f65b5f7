package r4_test

import (
	"strings"

	"github.com/ponshealth/pons/fhir/r4"
)

// modelProblem says what is wrong with walking through doc, finding what is in
// it, its canonical form, its summary and a selection of its elements.
func modelProblem(doc []byte) string {
	r, err := r4.Unmarshal(doc)
	if err != nil {
		return err.Error()
	}
	before := r4.Clone(r)
	if problem := walksAll(doc); problem != "" {
		return "walk: " + problem
	}
	if problem := sortsAll(doc); problem != "" {
		return "canonical: " + problem
	}
	for _, form := range []r4.SummaryForm{r4.SummaryTrue, r4.SummaryText, r4.SummaryData} {
		part, err := r4.Summarize(r, form)
		if err != nil {
			return string(form) + ": " + err.Error()
		}
		if problem := isPart(r, part); problem != "" {
			return string(form) + ": " + problem
		}
	}
	part, err := r4.SelectElements(r, "id")
	if err != nil {
		return "elements: " + err.Error()
	}
	if problem := isPart(r, part); problem != "" {
		return "elements: " + problem
	}
	if !r4.Equal(r, before) {
		return "the resource was changed"
	}
	return ""
}

// isPart says what part has that r has not, or lacks though it is mandatory.
func isPart(r, part r4.Resource) (problem string) {
	r4.Walk(part, func(n r4.Node) bool {
		path := n.Path()
		if strings.HasSuffix(path, ".meta") {
			return false // has the tag
		}
		if of, ok := r4.Find(r, path); !ok || of.Type != n.Type || of.Text() != n.Text() {
			problem = path + " is not in the resource"
		}
		return true
	})
	t := r4.TypeOf(r)
	for i := range t.Fields {
		if f := &t.Fields[i]; f.Min > 0 && f.Len(r) != f.Len(part) {
			problem = t.Name + "." + f.Name + " is mandatory"
		}
	}
	if m := part.ResourceMeta(); m == nil || len(m.Tag) == 0 {
		problem = "no tag"
	}
	return problem
}
