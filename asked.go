package docsift

import (
	"encoding/binary"
	"sync"
)

// askedCache keeps questions made ready: callers put the same one about text after text.
type askedCache struct {
	mu    sync.RWMutex
	ready map[string]asked
}

// The bounds of an askedCache. When it is full it starts anew.
const (
	maxAsked    = 256
	maxAskedKey = 16 << 10 // bytes of one question
)

// get returns the question of that key.
func (c *askedCache) get(key []byte) (asked, bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	a, ok := c.ready[string(key)]
	return a, ok
}

func (c *askedCache) put(key []byte, a asked) {
	if len(key) > maxAskedKey {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ready == nil || len(c.ready) >= maxAsked {
		c.ready = make(map[string]asked)
	}
	c.ready[string(key)] = a
}

// key tells q from every other question: the length of each text goes before it.
func (q Question) key() []byte {
	b := make([]byte, 0, 512)
	text := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	text(q.Instructions)
	if q.Judgement {
		text("judgement")
	} else {
		text("")
	}
	for _, c := range q.Choices {
		text(c.Label)
		text(c.Description)
	}
	return b
}
