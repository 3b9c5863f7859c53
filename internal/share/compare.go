package share

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/docsift/docsift/model/breaker"
)

const (
	prefix  = "docsift:breaker:"
	channel = prefix + "news"

	ahead = 300 * time.Millisecond // of a probe it is settled whose it is
	turn  = time.Second            // how long it stays so without one
)

// topics returns what is kept of each breaker. Each topic of each has a key of its own.
func topics() []breaker.Topic {
	return []breaker.Topic{breaker.Health, breaker.Limit, breaker.Hand, breaker.Trial}
}

func key(id string, topic breaker.Topic) string { return prefix + id + ":" + string(topic) }

// compare adopts what Redis holds or writes what is newer here. It holds nothing where rec is nil.
func (r *round) compare(p *peer, topic breaker.Topic, rec *record) {
	ours, mine := r.ours(p, topic, rec)
	last := p.seen[topic]
	switch {
	case rec != nil && rec.From == r.me && mine && rec.N == ours.N:
	case mine:
		r.write(p.id, topic, ours)
	case rec == nil && topic == breaker.Trial && last != origin{}:
		p.seen[topic] = origin{}
		p.breaker.Adopt(breaker.News{Topic: topic})
	case rec != nil && rec.From != r.me && last != origin{rec.From, rec.N}:
		p.seen[topic] = origin{rec.From, rec.N}
		p.breaker.Adopt(rec.news(topic, r.now()))
	}
	if rec != nil && topic == breaker.Hand && rec.endless() {
		r.pipe.PExpire(r.ctx, key(p.id, topic), month)
	}
}

// ours returns the news from here, as long as it holds and there is none that is newer in Redis.
func (r *round) ours(p *peer, topic breaker.Topic, rec *record) (ours record, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	o, mine := p.own[topic]
	if !mine {
		return record{}, false
	}
	ours = newRecord(r.me, o, r.now()-time.Since(o.at).Milliseconds())
	switch {
	case ours.over(topic) <= r.now():
		if topic == breaker.Trial && rec != nil && rec.From == r.me { // the probe is over
			r.pipe.Del(r.ctx, key(p.id, topic))
			r.announce(p.id)
		}
	case rec != nil && rec.From != r.me && rec.after(ours):
	default:
		return ours, true
	}
	delete(p.own, topic)
	return record{}, false
}

func (r *round) write(id string, topic breaker.Topic, rec record) {
	r.set(id, topic, rec)
	r.announce(id)
}

// set writes a record that is gone when it is over, even if Redis comes to it late.
func (r *round) set(id string, topic breaker.Topic, rec record, more ...any) *redis.Cmd {
	data, err := json.Marshal(rec)
	if err != nil {
		panic("share: " + err.Error()) // of texts and numbers
	}
	return r.pipe.Do(r.ctx, append([]any{"SET", key(id, topic), data, "PXAT", rec.over(topic)}, more...)...)
}

func (r *round) announce(id string) { r.pipe.Publish(r.ctx, channel, r.me+" "+id) }

// take asks for the next probe of a breaker if that is due soon, calls wait for it and nobody has
// it, so that one process sends one. It returns when to look again.
func (r *round) take(p *peer, taken bool) time.Duration {
	in, wanted, open := p.breaker.Due()
	switch {
	case !open || in == 0:
		return period
	case in > ahead:
		return in - ahead
	case wanted && !taken:
		rec := record{Version: version, From: r.me, N: r.count(), At: r.now(), Until: r.now() + (in + turn).Milliseconds()}
		r.turns = append(r.turns, request{p, in + turn, r.set(p.id, breaker.Trial, rec, "NX")})
	}
	return gap
}

// count numbers what is said here.
func (s *Share) count() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told++
	return s.told
}

// listen lets a round begin when another process has news of a breaker that there is here, too.
// What it is stands in the keys alone: nothing that is said on the channel can do more.
func (s *Share) listen(ctx context.Context) {
	sub := s.client.Subscribe(ctx, channel)
	defer context.AfterFunc(ctx, func() { sub.Close() })()
	for ctx.Err() == nil {
		m, err := sub.ReceiveMessage(ctx)
		if err != nil {
			select {
			case <-ctx.Done():
			case <-time.After(again):
			}
			continue
		}
		if from, id, _ := strings.Cut(m.Payload, " "); from != s.me && s.knows(id) {
			s.rouse()
		}
	}
}

func (s *Share) knows(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.peers[id] != nil
}
