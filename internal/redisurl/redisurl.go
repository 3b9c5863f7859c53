// Package redisurl reads the address of the Redis server that several instances share.
package redisurl

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/docsift/docsift/fault"
)

// Parse reads a URL as in redis://user:password@host:6379/0, or rediss:// with TLS. What the URL
// says of times, retries and connections does not count: nothing takes longer than patience, and
// nothing is tried twice. One that is none is fault.Config.
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
		MaxRetries: -1, DialerRetries: 1,
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

func (silent) Printf(context.Context, string, ...any) {}
