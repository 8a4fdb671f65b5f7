package storetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ponshealth/pons/internal/fault"
	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/store"
)

// listed are the control ids of a list.
func (b *bench) listed(f store.MessageFilter) string {
	b.t.Helper()
	list, err := b.Messages(b.t.Context(), f)
	if err != nil {
		b.t.Fatal(err)
	}
	var ids []string
	for _, m := range list {
		if len(m.Body) > 0 || len(m.Ack) > 0 {
			b.t.Errorf("the list has the body of %s", m.ControlID)
		}
		ids = append(ids, m.ControlID)
	}
	return strings.Join(ids, " ")
}

var pageTests = map[string]func(*testing.T, *bench){
	"lists": func(t *testing.T, b *bench) {
		ids := map[string]message.ID{}
		for i := range 9 {
			m := msg(fmt.Sprint("p", i), fmt.Sprint(i))
			if i%2 == 1 {
				m.Type = "ORU^R01"
			}
			ids[m.ControlID] = b.accept(m).ID
		}
		for i, state := range []message.State{message.Delivered, message.Dead, message.Filtered, message.Retrying, message.Delivered, message.Dead} {
			m := b.claim()
			if m.ControlID != fmt.Sprint(i) {
				t.Fatalf("claimed %s, want %d", m.ControlID, i)
			}
			b.settle(m, state)
		}
		held := b.claim() // 6
		for _, test := range []struct {
			filter store.MessageFilter
			want   string
		}{
			{store.MessageFilter{}, "8 7 6 5 4 3 2 1 0"},
			{store.MessageFilter{Limit: 3}, "8 7 6"},
			{store.MessageFilter{Limit: 3, Before: ids["6"]}, "5 4 3"},
			{store.MessageFilter{Limit: 3, Before: ids["3"]}, "2 1 0"},
			{store.MessageFilter{Limit: 3, Before: ids["0"]}, ""},
			{store.MessageFilter{Limit: 2, After: ids["5"], Oldest: true}, "6 7"},
			{store.MessageFilter{After: ids["6"]}, "8 7"},
			{store.MessageFilter{Oldest: true, Limit: 2}, "0 1"},
			{store.MessageFilter{Type: "ORU^R01"}, "7 5 3 1"},
			{store.MessageFilter{Type: "ORU^R01", Limit: 1, Before: ids["7"]}, "5"},
			{store.MessageFilter{ControlID: "4"}, "4"},
			{store.MessageFilter{States: []message.State{message.Delivered}}, "4 0"},
			{store.MessageFilter{States: []message.State{message.Dead}}, "5 1"},
			{store.MessageFilter{States: []message.State{message.Dead}, Oldest: true}, "1 5"},
			{store.MessageFilter{States: []message.State{message.Received}}, "8 7"},
			{store.MessageFilter{States: []message.State{message.Received}, Oldest: true, Limit: 1}, "7"},
			{store.MessageFilter{States: []message.State{message.Claimed}}, "6"},
			{store.MessageFilter{States: []message.State{message.Retrying}}, "3"},
			{store.MessageFilter{States: []message.State{message.Dead, message.Filtered, message.Retrying}}, "5 3 2 1"},
			{store.MessageFilter{States: []message.State{message.Dead, message.Filtered, message.Retrying}, Limit: 2, Before: ids["5"]}, "3 2"},
			{store.MessageFilter{States: []message.State{message.Delivered, message.Received}}, "8 7 4 0"},
			{store.MessageFilter{States: []message.State{message.Delivered, message.Claimed}, Limit: 1, Before: ids["8"]}, "6"},
		} {
			if got := b.listed(test.filter); got != test.want {
				t.Errorf("%+v: %q, want %q", test.filter, got, test.want)
			}
		}
		counts, err := b.Counts(t.Context())
		want := map[message.State]int{message.Received: 2, message.Claimed: 1, message.Retrying: 1, message.Delivered: 2, message.Filtered: 1, message.Dead: 2}
		for _, state := range message.States() {
			if counts[state] != want[state] {
				t.Errorf("%d %s, want %d (%v)", counts[state], state, want[state], err)
			}
		}
		b.Release(held.ID, "fhir")
		b.reopen()
		if counts, _ = b.Counts(t.Context()); counts[message.Received] != 3 || counts[message.Claimed] != 0 {
			t.Errorf("after reopening: %v", counts)
		}
	},
	"an unknown message": func(t *testing.T, b *bench) {
		_, err := b.Message(t.Context(), 42)
		wantKind(t, "Message", err, fault.NotFound)
	},
	"many": func(t *testing.T, b *bench) {
		for i := range 130 {
			b.accept(msg(fmt.Sprint("p", i), fmt.Sprint(i)))
		}
		list, err := b.Messages(t.Context(), store.MessageFilter{})
		if err != nil || len(list) != 50 {
			t.Errorf("%d by default, %v", len(list), err)
		}
		if list, err = b.Messages(t.Context(), store.MessageFilter{Limit: 5000}); err != nil || len(list) != 130 {
			t.Errorf("%d in all, %v", len(list), err)
		}
	},
}
