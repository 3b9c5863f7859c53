package cache

import (
	"sync/atomic"

	"github.com/docsift/docsift/cascade"
)

// counts are those of a process.
type counts struct {
	memory, redis, store, shared, asked, bypassed, saved atomic.Int64
}

// Stats is what the cache has done since the process began.
type Stats struct {
	Hits     int64 `json:"hits"`     // documents whose answer was known, or was being asked for
	Misses   int64 `json:"misses"`   // documents that were classified
	Bypassed int64 `json:"bypassed"` // of the misses, those whose sender wanted a fresh answer

	// Of the hits, where the answer came from: Shared is that of an equal document that was being classified.
	Memory int64 `json:"memory"`
	Redis  int64 `json:"redis"`
	Store  int64 `json:"store"`
	Shared int64 `json:"shared"`

	// Saved is what the answers had cost that were given again.
	Saved cascade.Cost `json:"saved"`

	Entries int   `json:"entries"` // in memory
	Bytes   int64 `json:"bytes"`   // of these, about

	RedisState *State `json:"redis_state"` // null: there is none
	StoreState *State `json:"store_state"` // null: there is none
}

// Stats returns what the cache has done.
func (c *Cache) Stats() Stats {
	n := &c.counts
	s := Stats{
		Misses: n.asked.Load(), Bypassed: n.bypassed.Load(),
		Memory: n.memory.Load(), Redis: n.redis.Load(), Store: n.store.Load(), Shared: n.shared.Load(),
		Saved:   cascade.Cost{NanoUSD: n.saved.Load(), Known: true},
		Entries: c.memory.EstimatedSize(), Bytes: int64(c.memory.WeightedSize()),
	}
	s.Hits = s.Memory + s.Redis + s.Store + s.Shared
	if c.redis != nil {
		s.RedisState = new(c.redis.gate.now())
	}
	if c.store != nil {
		s.StoreState = new(c.store.gate.now())
	}
	return s
}
