package web

import (
	"net/url"
	"strconv"

	"github.com/ponshealth/pons/internal/message"
)

const (
	maxRefresh = 3600 // seconds
	minRefresh = 2
	maxType    = 64 // characters of a type
)

// query is what the address of a list says. It knows how to write itself back,
// so every link of the page is made from it.
type query struct {
	State         *message.State
	Type          string
	Before, After message.ID
	Refresh       int
}

// parseQuery reads an address. A problem is a sentence for the reader.
func parseQuery(v url.Values) (q query, problem string) {
	if name := v.Get("state"); name != "" {
		st, err := message.ParseState(name)
		if err != nil {
			return q, "There is no such state."
		}
		q.State = &st
	}
	if q.Type = v.Get("type"); len(q.Type) > maxType {
		return q, "That type is too long to be one."
	}
	for key, to := range map[string]*message.ID{"before": &q.Before, "after": &q.After} {
		text := v.Get(key)
		if text == "" {
			continue
		}
		id, err := message.ParseID(text)
		if err != nil {
			return q, "The address names a message id that is none."
		}
		*to = id
	}
	if text := v.Get("refresh"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return q, "The refresh time is a number of seconds."
		}
		if n > 0 {
			q.Refresh = min(max(n, minRefresh), maxRefresh)
		}
	}
	return q, ""
}

func (q query) href() string {
	v := url.Values{}
	if q.State != nil {
		v.Set("state", q.State.String())
	}
	if q.Type != "" {
		v.Set("type", q.Type)
	}
	if q.Before != 0 {
		v.Set("before", q.Before.String())
	}
	if q.After != 0 {
		v.Set("after", q.After.String())
	}
	if q.Refresh != 0 {
		v.Set("refresh", strconv.Itoa(q.Refresh))
	}
	if len(v) == 0 {
		return "/ui/"
	}
	return "/ui/?" + v.Encode()
}

// with returns the query changed by f, on its first page.
func (q query) with(f func(*query)) query {
	q.Before, q.After = 0, 0
	f(&q)
	return q
}
