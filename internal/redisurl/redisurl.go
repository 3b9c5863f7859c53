// Package redisurl reads the address of a Redis server for those who must not wait for it.
package redisurl

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/docsift/docsift/fault"
)

// Parse returns how to reach the server of a URL, with patience for each step and no second try.
// What the URL says of times, retries and connections does not count. A URL that is none is
// fault.Config, and its message leaves out the password.
func Parse(url string, patience time.Duration) (*redis.Options, error) {
	o, err := redis.ParseURL(url)
	if err != nil || o.Network != "tcp" { // the error may repeat the password
		return nil, fault.New(fault.Config, nil, "REDIS_URL is no address of a Redis server: it is as in redis://:password@host:6379/0, or rediss:// with TLS")
	}
	redis.SetLogger(silent{}) // the client would write a line for each attempt
	return &redis.Options{
		Network: o.Network, Addr: o.Addr, Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig,
		Protocol: 2, DisableIdentity: true, MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience, ContextTimeoutEnabled: true,
		MaxRetries: -1, DialerRetries: 1, PoolSize: 2,
	}, nil
}

// Address returns the URL of a server without user and password.
func Address(o *redis.Options) string {
	scheme := "redis"
	if o.TLSConfig != nil {
		scheme = "rediss"
	}
	return fmt.Sprintf("%s://%s/%d", scheme, o.Addr, o.DB)
}

type silent struct{}

// Printf prints nothing.
func (silent) Printf(context.Context, string, ...any) {}
