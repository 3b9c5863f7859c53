package share

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/docsift/docsift/internal/redisurl"
)

// patience is how long Redis may take for all that is asked of it at once.
const patience = time.Second

// parse reads the address of a Redis server.
func parse(url string) (*redis.Options, error) {
	o, err := redisurl.Parse(url, patience)
	if err == nil {
		o.PoolSize = 2
	}
	return o, err
}

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
	st := Status{Redis: redisurl.Address(o), Up: true, Since: new(time.Now())}
	if err := client.Ping(ctx).Err(); err != nil {
		st.Up, st.Error = false, err.Error()
	}
	return st, nil
}
