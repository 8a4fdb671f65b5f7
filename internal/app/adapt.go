package app

import (
	"context"

	"github.com/ponshealth/pons/internal/message"
	"github.com/ponshealth/pons/internal/source"
	"github.com/ponshealth/pons/internal/store"
	"github.com/ponshealth/pons/internal/web"
)

// accepter is the store as a source sees it.
type accepter struct{ *store.Store }

func (a accepter) Accept(ctx context.Context, m message.Message) (source.Receipt, error) {
	r, err := a.Store.Accept(ctx, m)
	return source.Receipt(r), err
}

func (a accepter) AcceptDead(ctx context.Context, m message.Message, c message.Cause) (source.Receipt, error) {
	r, err := a.Store.AcceptDead(ctx, m, c)
	return source.Receipt(r), err
}

// pages is the store as the pages see it.
type pages struct{ *store.Store }

func (p pages) Messages(ctx context.Context, f web.Filter) ([]web.Info, error) {
	found, err := p.Store.Messages(ctx, store.MessageFilter{
		States: f.States, Type: f.Type, Before: f.Before, After: f.After, Oldest: f.Oldest, Limit: f.Limit,
	})
	infos := make([]web.Info, len(found))
	for i, m := range found {
		infos[i] = info(m)
	}
	return infos, err
}

func (p pages) Message(ctx context.Context, id message.ID) (web.Detail, error) {
	m, err := p.Store.Message(ctx, id)
	d := web.Detail{Info: info(m.MessageInfo), Steps: m.Steps}
	for _, r := range m.Produced {
		d.Produced = append(d.Produced, web.Ref(r))
	}
	return d, err
}

func (p pages) Resource(ctx context.Context, ref web.Ref) ([]byte, error) {
	r, err := p.Store.ReadVersion(ctx, ref.Type, ref.ID, ref.Version)
	return r.Body, err
}

func info(m store.MessageInfo) web.Info {
	return web.Info{Message: m.Message, State: m.State, Cause: m.Cause, Settled: m.Settled, RetryAt: m.RetryAt}
}
