package ratelimit

import (
	"log/slog"
	"time"
)

// Options configures a Limiter.
type Options struct {
	// Redis is the URL of a server through which instances share the limits. Default: each has its own.
	Redis string

	Log *slog.Logger // required: told when Redis stops answering and when it answers again
}

// Limiter bounds what each client sends. It is safe for concurrent use.
type Limiter struct {
	memory *memory
	redis  *link // nil where there is none
}

// Open returns a Limiter, whether Redis answers or not. A URL that is none is fault.Config.
func Open(o Options) (*Limiter, error) {
	l := &Limiter{memory: newMemory()}
	if o.Redis == "" {
		return l, nil
	}
	r, err := connect(o.Redis, o.Log)
	if err != nil {
		return nil, err
	}
	l.redis = r
	return l, nil
}

// Close ends it.
func (l *Limiter) Close() error {
	if l.redis == nil {
		return nil
	}
	return l.redis.close()
}

// Take counts a request of a client, which may pass if all limits allow it. It never waits longer
// than 50 ms. While Redis does not answer, each instance gives what it was last known to share
// with n-1 others an n-th of each limit.
func (l *Limiter) Take(client string, limits []Limit) Verdict {
	none := func(Limit) time.Duration { return 0 }
	switch {
	case len(limits) == 0:
		return Verdict{OK: true}
	case l.redis == nil:
		return l.memory.take(client, limits, 1, none)
	}
	n, lost, up := l.redis.state()
	if up {
		v, err := l.redis.take(client, limits, l.memory.debts(client, limits))
		if err == nil {
			l.memory.set(client, limits, v.States)
			return v
		}
		l.redis.failed(err)
	}
	if up || n == 1 {
		return l.memory.take(client, limits, n, none)
	}
	return l.memory.take(client, limits, n, func(l Limit) time.Duration { return l.room()*9/10 - time.Since(lost) })
}
