package cache

import (
	"context"
	"sync"
	"time"
)

const (
	lease    = 15 * time.Second // of a flight
	storeFor = 2 * time.Second  // how long the store may take
)

// board is the store, as long as it answers. A nil one never does.
type board struct {
	store Store
	ttl   time.Duration
	gate  *gate
}

func newBoard(o Options) *board {
	probe := func(ctx context.Context) error {
		_, _, err := o.Store.Claim(ctx, "probe", "probe", 0) // which must write
		return err
	}
	return &board{store: o.Store, ttl: o.TTL, gate: newGate("the store", storeFor, o.Log, probe)}
}

func (b *board) close() {
	if b != nil {
		b.gate.close()
	}
}

// look returns what is kept under a key, and whether somebody has its flight.
func (b *board) look(ctx context.Context, key string) (raw string, flying bool) {
	if b == nil {
		return "", false
	}
	b.gate.pass(ctx, func(ctx context.Context) (err error) {
		raw, flying, err = b.store.Look(ctx, key)
		return err
	})
	return raw, flying
}

// claim asks for a flight. When the store is not up it grants none.
func (b *board) claim(ctx context.Context, key, owner string) (raw string, mine, up bool) {
	if b == nil {
		return "", false, false
	}
	up = b.gate.pass(ctx, func(ctx context.Context) (err error) {
		raw, mine, err = b.store.Claim(ctx, key, owner, lease)
		return err
	})
	return raw, mine, up
}

// hold renews the lease of a flight until release is called.
func (b *board) hold(ctx context.Context, q question) (release func()) {
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(lease / 3):
			}
			b.gate.pass(ctx, func(ctx context.Context) error { return b.store.Renew(ctx, q.key, q.owner, lease) })
		}
	})
	return func() {
		cancel()
		renewing.Wait()
	}
}

// land ends a flight, if there is one, and keeps what it brought.
func (b *board) land(ctx context.Context, q question, raw string) {
	if b == nil || raw == "" && q.owner == "" {
		return
	}
	b.gate.pass(ctx, func(ctx context.Context) error { return b.store.Land(ctx, q.key, q.owner, raw, b.ttl) })
}
