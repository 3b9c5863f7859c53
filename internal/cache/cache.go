// Package cache keeps answers to documents, so that an equal one is not paid for again: in memory,
// in Redis and in the store. Of equal documents that come at the same moment, to one process or to
// several, one is asked about and the others wait for its answer. Redis and the store may be
// absent or die at any time: then a document is classified as if it were the first.
package cache

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/taxonomy"
)

// Options configures a Cache.
type Options struct {
	Classifier *docsift.Classifier // required
	Log        *slog.Logger        // required: told when Redis or the store does not answer, and when it answers again

	// TTL is how long an answer is good. Default 24h.
	TTL time.Duration

	// Memory is how many bytes of answers are kept in memory. Default 64 MiB.
	Memory int

	// Redis is the URL of a Redis server that several instances share. Default: none.
	Redis string

	// RedisWait is how long a document may wait for Redis. Default 50ms.
	RedisWait time.Duration

	// Store keeps answers beyond a restart, and lets one of several instances ask. Default: none.
	Store Store

	// Salt is whatever else answers depend on, such as how documents are read.
	Salt string
}

func (o Options) withDefaults() Options {
	o.TTL = cmp.Or(o.TTL, 24*time.Hour)
	o.Memory = cmp.Or(o.Memory, 64<<20)
	o.RedisWait = cmp.Or(o.RedisWait, 50*time.Millisecond)
	return o
}

// Store is what of a store.Store the cache needs.
type Store interface {
	Claim(ctx context.Context, key, owner string, lease time.Duration) (answer string, mine bool, err error)
	Look(ctx context.Context, key string) (answer string, flying bool, err error)
	Renew(ctx context.Context, key, owner string, lease time.Duration) error
	Land(ctx context.Context, key, owner, answer string, ttl time.Duration) error
}

// Cache is safe for concurrent use.
type Cache struct {
	opts   Options
	memory *otter.Cache[string, string]
	redis  *remote // nil: none
	store  *board  // nil: none
	counts counts

	cut  context.Context // ends with Cut
	stop context.CancelFunc

	mu      sync.Mutex
	flights map[string]*flight
}

// New returns a Cache, whether Redis and the store answer or not. A URL that is none is fault.Config.
func New(o Options) (*Cache, error) {
	o = o.withDefaults()
	c := &Cache{opts: o, flights: make(map[string]*flight)}
	var err error
	c.memory, err = otter.New(&otter.Options[string, string]{
		MaximumWeight: uint64(o.Memory), Weigher: func(k, v string) uint32 { return uint32(len(k) + len(v) + overhead) },
		ExpiryCalculator: otter.ExpiryWriting[string, string](o.TTL),
	})
	if err != nil {
		return nil, err
	}
	if c.redis, err = openRemote(o); err != nil {
		return nil, err
	}
	if o.Store != nil {
		c.store = newBoard(o)
	}
	c.cut, c.stop = context.WithCancel(context.Background())
	return c, nil
}

// overhead is about what an entry takes beside its texts, in bytes.
const overhead = 128

// Cut cuts off what is being asked, and whatever will be.
func (c *Cache) Cut() { c.stop() }

// Close is Cut for good. What is kept stays kept.
func (c *Cache) Close() error {
	c.Cut()
	c.store.close()
	c.memory.StopAllGoroutines()
	return c.redis.close()
}

// Terms say for whom a document is classified, and how fresh the answer must be.
type Terms struct {
	// Tenant is whose document it is. What one tenant has sent another never learns of.
	Tenant string

	// NoCache asks the models even if the answer is known. It is kept for those who ask later.
	NoCache bool
}

// Classify is docsift.Classifier.Classify, unless the answer is known or somebody is asking
// already: that answer is docsift.Result.Again. Once models are asked they are waited for even when
// ctx ends, because the answer is paid for and others may wait for it; only Cut ends that.
func (c *Cache) Classify(ctx context.Context, d *document.Document, req docsift.Request, t Terms) (docsift.Result, error) {
	start := time.Now()
	id, err := c.opts.Classifier.Identify(d, req)
	if err != nil {
		return c.opts.Classifier.Classify(ctx, d, req) // which says so
	}
	q := question{key: c.key(t.Tenant, id), id: id, doc: d, req: req}
	if t.NoCache {
		c.counts.bypassed.Add(1)
		ctx, end := c.outlive(ctx)
		defer end()
		return c.ask(ctx, q)
	}
	if known := c.recall(q); known != nil {
		return c.again(*known, q, start), nil
	}
	return c.join(ctx, q, start)
}

// question is a document and what is asked about it.
type question struct {
	key   string
	id    docsift.Identity
	doc   *document.Document
	req   docsift.Request
	owner string // of its flight; "" where there is none
}

// key names an answer. Who does not know the document cannot make it.
func (c *Cache) key(tenant string, id docsift.Identity) string {
	h := sha256.New()
	for _, s := range []string{"docsift cache", tenant, c.opts.Salt, string(id.Sum[:])} {
		sum := sha256.Sum256([]byte(s)) // of one length each, so that no two lists read alike
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// recall returns an answer that is in memory, or nil.
func (c *Cache) recall(q question) *docsift.Result {
	raw, _ := c.memory.GetIfPresent(q.key)
	res := c.decode(q, raw)
	if res != nil {
		c.counts.memory.Add(1)
	}
	return res
}

// shared returns an answer that is in Redis, and keeps it nearer; or nil.
func (c *Cache) shared(ctx context.Context, q question) *docsift.Result {
	raw := c.redis.get(ctx, q.key)
	res := c.decode(q, raw)
	if res != nil {
		c.counts.redis.Add(1)
		c.memory.Set(q.key, raw)
	}
	return res
}

// stored returns an answer that the store had, and keeps it nearer.
func (c *Cache) stored(ctx context.Context, q question, raw string) *docsift.Result {
	res := c.decode(q, raw)
	if res != nil {
		c.counts.store.Add(1)
		c.memory.Set(q.key, raw)
		c.redis.set(ctx, q.key, raw, c.opts.TTL)
	}
	return res
}

// ask asks the models, and keeps the answer where it is one to keep. It ends the flight.
func (c *Cache) ask(ctx context.Context, q question) (docsift.Result, error) {
	c.counts.asked.Add(1)
	var raw string
	defer func() { c.store.land(context.WithoutCancel(ctx), q, raw) }() // even in a panic
	res, err := c.opts.Classifier.Classify(ctx, q.doc, q.req)
	if err == nil && keepable(res, q.id.Taxonomy) {
		raw = c.encode(q.key, res)
		c.memory.Set(q.key, raw)
		c.redis.set(context.WithoutCancel(ctx), q.key, raw, c.opts.TTL)
	}
	return res, err
}

// again gives an answer once more.
func (c *Cache) again(res docsift.Result, q question, start time.Time) docsift.Result {
	c.counts.saved.Add(res.Cost.Estimated())
	return res.Again(q.doc, q.req, start)
}

// keepable reports whether an answer is as good as any that could be had later. That a document is
// of none of the categories is one only where no model failed and its letters were not missed.
func keepable(res docsift.Result, t *taxonomy.Taxonomy) bool {
	switch {
	case res.Status != docsift.Completed, res.Degraded, res.Review.Reason == cascade.Degraded:
		return false
	case res.Classification != taxonomy.Unknown:
		return t.Has(res.Classification)
	}
	failed := slices.ContainsFunc(res.Attempts, func(a cascade.Attempt) bool { return a.Outcome == cascade.Failed })
	return !failed && !slices.Contains([]string{"busy", "timeout"}, res.Document.Metadata["ocr"]) && !strings.HasPrefix(res.Document.Metadata["ocr"], "failed")
}

// outlive returns a context that does not end with ctx, only with Cut.
func (c *Cache) outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(c.cut, cancel)
	return ctx, func() {
		unhook()
		cancel()
	}
}
