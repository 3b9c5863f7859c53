package ratelimit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/docsift/docsift/internal/redisurl"
)

const (
	patience = 40 * time.Millisecond  // with Redis, for all that a request asks of it
	period   = 3 * time.Second        // between two beats
	again    = 250 * time.Millisecond // between attempts to reach a Redis that does not answer
	slowest  = 15 * time.Second       // between them at most, where it comes and goes
	steady   = 10 * time.Second       // for how long one that does not must have answered
	late     = 3                      // answers in a row that came too late: it does not answer
	conns    = 32
	prefix   = "docsift:rate:"
)

// count counts a request under each key unless one of them forbids it. It returns 1 or 0 and the
// debts, in microseconds. A value that is none, or further ahead than there is room, is passed over.
var count = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local ok, debts = 1, {}
for i, key in ipairs(KEYS) do
	local each, room, least = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
	local held = redis.pcall('GET', key)
	held = type(held) == 'string' and tonumber(held) or now
	if not (held >= now and held <= now + room + each) then held = now end
	debts[i] = math.max(held - now, least)
	if debts[i] + each > room + 1 then ok = 0 end
end
local said = {tostring(ok)}
for i, key in ipairs(KEYS) do
	if ok == 1 then
		debts[i] = debts[i] + tonumber(ARGV[3*i-2])
		redis.call('SET', key, string.format('%.0f', now + debts[i]), 'PX', string.format('%.0f', debts[i] / 1000 + 1000))
	end
	said[i+1] = string.format('%.0f', debts[i])
end
return said`)

// beat says that an instance is there, and returns how many are.
var beat = redis.NewScript(`
local t = redis.call('TIME')
local now = t[1] * 1000 + t[2] / 1000
if redis.call('TYPE', KEYS[1]).ok ~= 'zset' then redis.call('DEL', KEYS[1]) end
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 10000)
redis.call('PEXPIRE', KEYS[1], 60000)
return redis.call('ZCARD', KEYS[1])`)

// link is what this process knows of Redis.
type link struct {
	log    *slog.Logger
	client *redis.Client
	name   string // of the server
	me     string // tells this instance from others
	stop   context.CancelFunc
	done   sync.WaitGroup

	mu        sync.Mutex
	asked     bool
	up        bool
	since     time.Time // when that began
	instances int       // when last counted
	late      int       // answers in a row
	wait      time.Duration
}

func connect(url string, log *slog.Logger) (*link, error) {
	o, err := redisurl.Parse(url, patience)
	if err != nil {
		return nil, err
	}
	o.PoolSize = conns
	ctx, stop := context.WithCancel(context.Background())
	r := &link{log: log, client: redis.NewClient(o), name: redisurl.Address(o), me: rand.Text()[:8], stop: stop, instances: 1, wait: again}
	r.beat()
	r.done.Go(func() { r.run(ctx) })
	return r, nil
}

func (r *link) close() error {
	r.stop()
	r.done.Wait()
	if _, _, up := r.state(); up {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		r.client.ZRem(ctx, prefix+"instances", r.me) // the others forget who is silent anyway
	}
	return r.client.Close()
}

// run tells the others that this instance is there, and finds out whether Redis answers.
func (r *link) run(ctx context.Context) {
	for {
		r.mu.Lock()
		wait := period
		if !r.up {
			wait = r.wait
		}
		r.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		r.beat()
	}
}

func (r *link) beat() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	n, err := beat.Run(ctx, r.client, []string{prefix + "instances"}, r.me).Int()
	if err != nil {
		r.failed(err)
		return
	}
	r.note(n, nil)
}

// state returns how many instances there are, and since when Redis answers or does not.
func (r *link) state() (instances int, since time.Time, up bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.instances, r.since, r.up
}

// take asks Redis. Nobody's debts are less than least: it may have lost what it held.
func (r *link) take(client string, limits []Limit, least []time.Duration) (Verdict, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience) // whoever asks may leave; that says nothing of Redis
	defer cancel()
	keys, args := make([]string, len(limits)), make([]any, 0, 3*len(limits))
	for i, l := range limits {
		keys[i] = prefix + client + ":" + l.Of + l.String()
		args = append(args, us(l.each()), us(l.room()), us(least[i]))
	}
	said, err := count.Run(ctx, r.client, keys, args...).StringSlice()
	if err == nil && len(said) != len(limits)+1 {
		err = fmt.Errorf("redis answers %q", said)
	}
	if err != nil {
		return Verdict{}, err
	}
	v := Verdict{OK: said[0] == "1", States: make([]State, len(limits))}
	for i, l := range limits {
		debt, err := strconv.ParseInt(said[i+1], 10, 64)
		if err != nil {
			return Verdict{}, err
		}
		v.States[i] = l.state(time.Duration(debt) * time.Microsecond)
	}
	r.answered()
	return v, nil
}

func us(d time.Duration) string { return strconv.FormatFloat(float64(d)/1000, 'f', 3, 64) }

func (r *link) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.late = 0
}

// failed notes that a request was not answered. One that only took too long may be this machine's fault.
func (r *link) failed(err error) {
	var network net.Error
	r.mu.Lock()
	r.late++
	excused := r.late < late && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &network) && network.Timeout())
	r.mu.Unlock()
	if !excused {
		r.note(0, err)
	}
}

// note keeps whether Redis answers, and says when that changes.
func (r *link) note(instances int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.instances, r.late = max(1, instances), 0
	}
	if r.asked && r.up == (err == nil) {
		return
	}
	if r.up && time.Since(r.since) < steady {
		r.wait = min(2*r.wait, slowest)
	} else if r.up {
		r.wait = again
	}
	r.asked, r.up, r.since = true, err == nil, time.Now()
	if err != nil {
		r.log.Warn("redis does not answer: each instance gives its share of the rate limits", "redis", r.name, "instances", r.instances, "error", err)
		return
	}
	r.log.Info("redis answers: rate limits are shared", "redis", r.name, "instances", r.instances)
}
