package cache

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/docsift/docsift/internal/redisurl"
)

// remote is Redis, as long as it answers. A nil one never does.
type remote struct {
	client  *redis.Client
	address string
	gate    *gate
}

func openRemote(o Options) (*remote, error) {
	if o.Redis == "" {
		return nil, nil
	}
	opts, err := redisurl.Parse(o.Redis, o.RedisWait)
	if err != nil {
		return nil, err
	}
	opts.PoolSize = 64
	r := &remote{client: redis.NewClient(opts), address: redisurl.Address(opts)}
	r.gate = newGate("redis", o.RedisWait, o.Log.With("redis", r.address), func(ctx context.Context) error {
		return r.client.Set(ctx, prefix+"probe", "1", time.Minute).Err() // one that is full or read-only fails
	})
	return r, nil
}

// prefix stands before all keys in Redis.
const prefix = "docsift:cache:"

func (r *remote) close() error {
	if r == nil {
		return nil
	}
	r.gate.close()
	return r.client.Close()
}

// get returns what Redis has under a key, or "".
func (r *remote) get(ctx context.Context, key string) (raw string) {
	if r == nil {
		return ""
	}
	r.gate.pass(ctx, func(ctx context.Context) (err error) {
		raw, err = r.client.GetRange(ctx, prefix+key, 0, maxEntry).Result() // a byte more than an entry may have
		if redis.HasErrorPrefix(err, "WRONGTYPE") {
			return nil
		}
		return err
	})
	return raw
}

func (r *remote) set(ctx context.Context, key, raw string, ttl time.Duration) {
	if r == nil || raw == "" {
		return
	}
	r.gate.pass(ctx, func(ctx context.Context) error { return r.client.Set(ctx, prefix+key, raw, ttl).Err() })
}
