package share

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/docsift/docsift/model/breaker"
)

const (
	period = 2 * time.Second       // between rounds when there is no news
	again  = time.Second           // between rounds while Redis does not answer
	gap    = 20 * time.Millisecond // between rounds at least
)

// run makes one round after the other: when there is news, and now and then.
func (s *Share) run(ctx context.Context) {
	for ctx.Err() == nil {
		next, err := s.round(ctx)
		s.note(ctx, err)
		wake, wait := s.wake, min(period, next)
		if err != nil { // news waits, too
			wake, wait = nil, again
		}
		select {
		case <-ctx.Done():
		case <-wake:
		case <-time.After(wait):
		}
		select {
		case <-ctx.Done():
		case <-time.After(gap):
		}
	}
}

// note keeps whether Redis answers, and says when that changes.
func (s *Share) note(ctx context.Context, err error) {
	was := s.Status() // which nobody else changes
	if ctx.Err() != nil || was.Since != nil && was.Up == (err == nil) {
		return
	}
	st := Status{Redis: was.Redis, Up: err == nil, Since: new(time.Now())}
	if err != nil {
		st.Error = err.Error()
	}
	s.mu.Lock()
	s.status = st
	s.mu.Unlock()
	if err != nil {
		s.log.Warn("redis does not answer: breakers go by what happens here alone", "redis", st.Redis, "error", err)
		return
	}
	s.log.Info("redis answers: breakers are shared", "redis", st.Redis)
}

// round is one comparison of what Redis holds with what is known here.
type round struct {
	*Share
	ctx  context.Context
	pipe redis.Pipeliner // what is to be written

	clock int64     // of Redis, in milliseconds since 1970
	at    time.Time // when that was

	turns []request
}

// request asks for the next probe of a breaker.
type request struct {
	peer *peer
	left time.Duration
	got  *redis.Cmd
}

// round adopts what is newer in Redis, and writes what is newer here. It returns in how long the
// next one is due at the latest.
func (s *Share) round(ctx context.Context) (next time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s.mu.Lock()
	peers := maps.Clone(s.peers)
	s.mu.Unlock()
	ids := slices.Sorted(maps.Keys(peers))
	r := &round{Share: s, ctx: ctx, pipe: s.client.Pipeline()}
	held, err := r.read(ids)
	if err != nil {
		return 0, err
	}
	next = period
	for _, id := range ids {
		p := peers[id]
		for _, topic := range topics() {
			rec := decode(topic, held[key(id, topic)], r.now())
			r.compare(p, topic, rec)
			if topic == breaker.Trial {
				next = min(next, r.take(p, rec != nil))
			}
		}
	}
	return next, r.flush()
}

// now returns what the clock of Redis shows.
func (r *round) now() int64 { return r.clock + time.Since(r.at).Milliseconds() }

// read returns what Redis holds of each topic of each breaker, and looks at its clock.
func (r *round) read(ids []string) (map[string]string, error) {
	pipe := r.client.Pipeline()
	clock := pipe.Time(r.ctx)
	values := make(map[string]*redis.StringCmd)
	for _, id := range ids {
		for _, topic := range topics() {
			k := key(id, topic)
			values[k] = pipe.GetRange(r.ctx, k, 0, maxSize) // one byte more than a record may have
		}
	}
	pipe.Exec(r.ctx) // each command has its own error
	if err := clock.Err(); err != nil {
		return nil, err
	}
	r.clock, r.at = clock.Val().UnixMilli(), time.Now()
	held := make(map[string]string)
	for k, v := range values {
		if err := v.Err(); err != nil && !redis.HasErrorPrefix(err, "WRONGTYPE") {
			return nil, err
		}
		held[k] = v.Val()
	}
	return held, nil
}

// flush writes what came together. Whose turn a probe is not lets the other one go first.
func (r *round) flush() error {
	all, _ := r.pipe.Exec(r.ctx) // each command has its own error
	for _, cmd := range all {
		if err := cmd.Err(); err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
	}
	for _, t := range r.turns {
		if errors.Is(t.got.Err(), redis.Nil) {
			t.peer.seen[breaker.Trial] = origin{n: -1} // whoever has it
			t.peer.breaker.Adopt(breaker.News{Topic: breaker.Trial, Left: t.left})
		}
	}
	return nil
}
