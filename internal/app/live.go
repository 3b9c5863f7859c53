package app

import (
	"net/http"
	"sync"
	"sync/atomic"
)

// live knows the requests under way. The server's own Close does not wait for them.
type live struct {
	n  atomic.Int64
	mu sync.RWMutex // each request holds it for reading, wait for good

	closed sync.Once
}

// count returns h with its requests counted. Once wait was called, there are no new ones.
func (l *live) count(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.mu.TryRLock() {
			panic(http.ErrAbortHandler)
		}
		defer l.mu.RUnlock()
		l.n.Add(1)
		defer l.n.Add(-1)
		h.ServeHTTP(w, r)
	})
}

// now returns how many requests are under way.
func (l *live) now() int64 { return l.n.Load() }

// wait returns when the last request has ended.
func (l *live) wait() { l.closed.Do(l.mu.Lock) }
