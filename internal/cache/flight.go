package cache

import (
	"cmp"
	"context"
	"crypto/rand"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
)

// flight is a question that is being asked. Its answer is there once done is closed.
type flight struct {
	done chan struct{}
	res  docsift.Result
	err  error
}

// join waits for the answer of whoever asks already, or finds it or asks: Redis and the store hear
// of a document once, however many equal ones come.
func (c *Cache) join(ctx context.Context, q question, start time.Time) (docsift.Result, error) {
	c.mu.Lock()
	f := c.flights[q.key]
	if f != nil {
		c.mu.Unlock()
		return c.follow(ctx, f, q, start)
	}
	f = &flight{done: make(chan struct{}), err: fault.New(fault.Internal, nil, "internal error")} // until it is known better
	c.flights[q.key] = f
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.flights, q.key)
		c.mu.Unlock()
		close(f.done)
	}()
	ctx, end := c.outlive(ctx)
	defer end()
	known, owner := c.find(ctx, q)
	if known != nil {
		f.res, f.err = *known, nil
		return c.again(f.res, q, start), nil
	}
	if q.owner = owner; owner != "" {
		defer c.store.hold(ctx, q)()
	}
	f.res, f.err = c.ask(ctx, q)
	return f.res, f.err
}

// find returns the answer if it is known anywhere. If not, the owner of the flight among all
// instances is this one; "" where there is none.
func (c *Cache) find(ctx context.Context, q question) (known *docsift.Result, owner string) {
	if known = c.recall(q); known != nil { // whoever asked before may just have ended
		return known, ""
	}
	if known = c.shared(ctx, q); known != nil {
		return known, ""
	}
	if q.id.Free { // to ask twice costs less than to wait
		raw, _ := c.store.look(ctx, q.key)
		return c.stored(ctx, q, raw), ""
	}
	return c.claim(ctx, q)
}

// follow waits for an answer that another asks for. It is shared even where it is not one to keep.
func (c *Cache) follow(ctx context.Context, f *flight, q question, start time.Time) (docsift.Result, error) {
	select {
	case <-f.done:
	case <-ctx.Done():
		return q.failure(ctx.Err())
	}
	c.counts.shared.Add(1)
	if f.err != nil {
		return q.failure(f.err)
	}
	return c.again(f.res, q, start), nil
}

// failure is the answer to a question that another asked in vain: it has cost this one nothing.
func (q question) failure(err error) (docsift.Result, error) {
	res := docsift.NewFailure(q.doc.Name, err)
	res.ID = cmp.Or(q.req.ID, res.ID)
	return res, err
}

// claim makes sure that of several processes this one is to ask, or returns the answer that
// another one had. Where the store does not answer there is no owner, and each process asks for itself.
func (c *Cache) claim(ctx context.Context, q question) (known *docsift.Result, owner string) {
	const first, longest = 10 * time.Millisecond, 100 * time.Millisecond
	owner = rand.Text()
	for wait := first; ; {
		raw, mine, up := c.store.claim(ctx, q.key, owner)
		if mine {
			return nil, owner
		}
		if known = c.stored(ctx, q, raw); known != nil || !up || raw != "" { // what is no answer is asked again
			return known, ""
		}
		for flying := true; flying && raw == ""; wait = min(2*wait, longest) {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return nil, ""
			}
			raw, flying = c.store.look(ctx, q.key)
		}
	}
}
