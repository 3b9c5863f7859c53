package config

import (
	"time"

	"github.com/docsift/docsift/fault"
)

// Keeping says how long answers are kept for those who ask again.
type Keeping struct {
	Cache       time.Duration // DOCSIFT_CACHE_TTL: to equal documents; 0, which DOCSIFT_CACHE=off means: not at all; default 24h
	Idempotency time.Duration // DOCSIFT_IDEMPOTENCY_TTL: to requests of one idempotency key; default 24h
}

func (c Config) keeping() (Keeping, error) {
	n := numbers{config: c}
	k := Keeping{Cache: n.time("DOCSIFT_CACHE_TTL", 24*time.Hour), Idempotency: n.time("DOCSIFT_IDEMPOTENCY_TTL", 24*time.Hour)}
	switch cache := c.or("DOCSIFT_CACHE", "on"); cache {
	case "on":
	case "off":
		k.Cache = 0
	default:
		return k, fault.New(fault.Config, nil, "DOCSIFT_CACHE=%s: use on or off", cache)
	}
	return k, n.err
}
