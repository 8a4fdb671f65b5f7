package fhirserver

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/ponshealth/pons/fhir/search"
	"github.com/ponshealth/pons/internal/fault"
)

// search answers GET [type]?... (http.html#search).
func (x *exchange) search() error {
	params, err := x.query()
	if err != nil {
		return err
	}
	return x.find(params)
}

// searchForm answers POST [type]/_search. Parameters in the URL and in the form
// count alike.
func (x *exchange) searchForm() error {
	params, err := x.query()
	if err != nil {
		return err
	}
	var b []byte
	if x.r.ContentLength != 0 || x.r.Header.Get("Content-Type") != "" { // all of it may be in the URL
		if b, err = x.body(maxForm, "application/x-www-form-urlencoded"); err != nil {
			return err
		}
	}
	form, err := url.ParseQuery(string(b))
	if err != nil {
		return &problem{http.StatusBadRequest, []issue{{code: "invalid", text: "the form is not well-formed"}}}
	}
	for name, values := range form {
		params[name] = append(params[name], values...)
	}
	if f := form.Get("_format"); f != "" {
		if err := x.format(f); err != nil {
			return err
		}
	}
	x.pretty = x.pretty || form.Get("_pretty") == "true"
	return x.find(params)
}

// cursorParam is the parameter of page links that holds a sealed place.
const cursorParam = "_cursor"

// find runs a search and answers with the page.
func (x *exchange) find(params url.Values) error {
	params, cursor, err := x.resume("search "+x.typ, params)
	if err != nil {
		return err
	}
	q, err := search.Parser{Base: x.base(), Lenient: x.lenient(), Now: x.server.Now()}.Parse(x.typ, params)
	if err != nil {
		return err
	}
	want, err := x.projection(params, x.typ)
	if err != nil {
		return err
	}
	for _, name := range q.Ignored {
		params.Del(name)
	}
	if want.ignored {
		q.Ignored = append(q.Ignored, "_elements")
	}
	q.Cursor = cursor
	if q.Count == 0 {
		q.Count = x.server.PageSize
	} else if q.Count > x.server.MaxPage {
		q.Count = x.server.MaxPage
		params.Set("_count", strconv.Itoa(q.Count))
	}
	page, err := x.server.Store.Search(x.ctx, q)
	if err != nil {
		return searchFailed(err)
	}
	b := bundle{kind: "searchset", total: page.Total, links: x.links("search "+x.typ, x.typ, params, page.Next)}
	if !q.CountOnly {
		for _, r := range page.Resources {
			body, err := want.of(r.Body)
			if err != nil {
				return err
			}
			b.entries = append(b.entries, entry{fullURL: x.url(r, false), body: body, mode: "match"})
		}
	}
	if len(q.Ignored) > 0 {
		e, err := outcomeEntry(ignoredIssues(q.Ignored))
		if err != nil {
			return err
		}
		b.entries = append(b.entries, e)
	}
	x.json(http.StatusOK, b.json())
	return nil
}

// searchFailed translates a failure of the store's search: its place is a
// parameter, and what is too much for it is a matter of cost.
func searchFailed(err error) error {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Kind == fault.Internal {
		return err
	}
	a := answers[e.Kind]
	if e.Kind == fault.TooLarge {
		a = answer{http.StatusBadRequest, "too-costly"}
	}
	return &problem{a.status, []issue{{code: a.code, text: e.Err.Error(), location: atParameter(e.At)}}}
}

// lenient tells whether unknown parameters are passed over. The specification
// would have that as the default (search.html#errors), for clients can look at
// the self link. Here the default is to refuse: a misspelt "patient" would
// otherwise answer with the records of all patients, and who does not look at
// the link takes them for one patient's. Prefer: handling=lenient asks for the
// other, and Options.Lenient makes it the default.
func (x *exchange) lenient() bool {
	switch x.prefer("handling") {
	case "strict":
		return false
	case "lenient":
		return true
	}
	return x.server.Lenient
}

func ignoredIssues(names []string) []issue {
	var issues []issue
	for _, name := range names {
		issues = append(issues, issue{severity: "warning", code: "not-supported",
			text: "a parameter is not supported and was passed over", location: atParameter(name)})
	}
	return issues
}

// resume takes a page link apart: the parameters of the search that it belongs
// to, and where in it the page starts. Without a link it returns params as they
// are. Of what stands beside the token only _count and the form of the answer
// count.
func (x *exchange) resume(purpose string, params url.Values) (url.Values, string, error) {
	token := params.Get(cursorParam)
	params.Del(cursorParam)
	if token == "" {
		return params, "", nil
	}
	p, err := x.server.seal.open(purpose, token, x.server.Now())
	if err != nil {
		return nil, "", err
	}
	original, err := url.ParseQuery(p.Query)
	if err != nil {
		return nil, "", err
	}
	for _, name := range []string{"_count", "_format", "_pretty"} {
		if v := params.Get(name); v != "" {
			original.Set(name, v)
		}
	}
	return original, p.Cursor, nil
}

// links are self, with the parameters that were used, and next, which shows
// none but _count (search.html#count asks to repeat it).
func (x *exchange) links(purpose, path string, params url.Values, next string) []link {
	self := x.base() + "/" + path
	shown := url.Values{}
	for name, values := range params {
		if values = slices.DeleteFunc(slices.Clone(values), func(v string) bool { return v == "" }); len(values) > 0 {
			shown[name] = values
		}
	}
	links := []link{{"self", withQuery(self, shown)}}
	if next == "" {
		return links
	}
	onward := url.Values{cursorParam: {x.server.seal.seal(purpose, place{
		Query: shown.Encode(), Cursor: next, Expires: x.server.Now().Add(linkLife).Unix()})}}
	for _, name := range []string{"_count", "_format", "_pretty"} {
		if v := shown.Get(name); v != "" {
			onward.Set(name, v)
		}
	}
	return append(links, link{"next", withQuery(self, onward)})
}

func withQuery(u string, params url.Values) string {
	if len(params) == 0 {
		return u
	}
	return u + "?" + params.Encode()
}
