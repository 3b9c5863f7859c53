package share

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/docsift/docsift/fault"
)

// patience is how long Redis may take for all that is asked of it at once.
const patience = time.Second

// parse reads the address of a Redis server. What its URL says of times, retries and connections
// does not count.
func parse(url string) (*redis.Options, error) {
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

func address(o *redis.Options) string {
	scheme := "redis"
	if o.TLSConfig != nil {
		scheme = "rediss"
	}
	return fmt.Sprintf("%s://%s/%d", scheme, o.Addr, o.DB)
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Check asks a Redis server once whether it answers. A URL that is none is fault.Config.
func Check(ctx context.Context, url string) (Status, error) {
	o, err := parse(url)
	if err != nil {
		return Status{}, err
	}
	client := redis.NewClient(o)
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	st := Status{Redis: address(o), Up: true, Since: new(time.Now())}
	if err := client.Ping(ctx).Err(); err != nil {
		st.Up, st.Error = false, err.Error()
	}
	return st, nil
}
