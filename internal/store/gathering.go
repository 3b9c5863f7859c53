package store

import (
	"context"
	"slices"
	"sync"

	"github.com/docsift/docsift/fault"
)

const (
	mostGathered = 64 // submissions that are committed together
	mostAtOnce   = 2  // transactions of them: one is under way while the disk turns for the other
)

// gathering commits, in one transaction, submissions that came while others were being committed:
// a database that serves many writes at once still does less for one of many rows.
type gathering struct {
	store *Store

	mu      sync.Mutex
	waiting []*submission
	writing int
}

// submission is one that waits.
type submission struct {
	ctx  context.Context
	all  []Record
	done chan error
}

// submit keeps records, all or none.
func (g *gathering) submit(ctx context.Context, all []Record) error {
	one := &submission{ctx, all, make(chan error, 1)}
	g.mu.Lock()
	g.waiting = append(g.waiting, one)
	if g.writing < mostAtOnce {
		g.writing++
		go g.run()
	}
	g.mu.Unlock()
	return <-one.done
}

// run commits what waits until nothing does. When the database does not answer it tells all who
// wait, who would otherwise wait one after the other.
func (g *gathering) run() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(g.waiting) > 0 {
		n := min(len(g.waiting), mostGathered)
		some := g.waiting[:n:n]
		g.waiting = g.waiting[n:]
		g.mu.Unlock()
		err := g.commit(some)
		g.mu.Lock()
		if kind := fault.KindOf(err); kind == fault.Storage || kind == fault.StorageFull {
			tell(g.waiting, err)
			g.waiting = nil
		}
	}
	g.writing--
}

// commit commits submissions and tells each what became of it. Where one of them cannot be kept,
// each is committed alone.
func (g *gathering) commit(some []*submission) error {
	var all []Record
	some = slices.DeleteFunc(slices.Clone(some), func(one *submission) bool {
		left := one.ctx.Err()
		if left != nil {
			one.done <- left
		}
		return left != nil
	})
	if len(some) == 0 {
		return nil
	}
	for _, one := range some {
		all = append(all, one.all...)
	}
	ctx := some[0].ctx
	if len(some) > 1 {
		ctx = context.Background() // nobody's leaving ends what is others' too
	}
	err := g.write(ctx, all)
	if kind := fault.KindOf(err); err == nil || kind == fault.Storage || kind == fault.StorageFull || len(some) == 1 {
		tell(some, err)
		return err
	}
	for _, one := range some {
		tell([]*submission{one}, g.write(one.ctx, one.all))
	}
	return nil
}

func (g *gathering) write(ctx context.Context, all []Record) error {
	return g.store.write(ctx, faithfully, func(t *tx) error { return g.store.submit(t, all...) })
}

func tell(all []*submission, err error) {
	for _, one := range all {
		one.done <- err
	}
}
