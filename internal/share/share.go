// Package share tells other processes through Redis how models fare, and hears of theirs. Nothing
// waits for Redis: it is spoken to in the background, and may be absent, frozen or gone at any time.
package share

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/docsift/docsift/internal/redisurl"
	"github.com/docsift/docsift/model/breaker"
)

// Options configures a Share.
type Options struct {
	URL string       // of one Redis server, as in redis://user:password@host:6379/0, or rediss:// with TLS
	Log *slog.Logger // required: told when Redis stops answering and when it answers again
}

// Share keeps the breakers of several processes of one mind. It is safe for concurrent use.
type Share struct {
	log    *slog.Logger
	client *redis.Client
	me     string // tells this process from others

	wake chan struct{}
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	peers  map[string]*peer
	told   int64 // counts news
	status Status
}

// Status is how things stand with Redis.
type Status struct {
	Redis string     `json:"redis"` // its address, without user and password
	Up    bool       `json:"up"`    // it answers; while it does not, each process minds its breakers alone
	Since *time.Time `json:"since"` // when that began; null before it was asked
	Error string     `json:"error"` // why it does not answer
}

// Open returns a Share, whether Redis answers or not. A URL that is none is fault.Config.
func Open(o Options) (*Share, error) {
	opts, err := parse(o.URL)
	if err != nil {
		return nil, err
	}
	return start(opts, o.Log), nil
}

func start(o *redis.Options, log *slog.Logger) *Share {
	s := &Share{
		log: log, client: redis.NewClient(o), me: rand.Text()[:8],
		wake: make(chan struct{}, 1), peers: make(map[string]*peer), status: Status{Redis: redisurl.Address(o)},
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.done.Go(func() { s.run(ctx) })
	s.done.Go(func() { s.listen(ctx) })
	return s
}

// Join makes b the breaker that is called id. In all processes an id names the same model under
// the same key.
func (s *Share) Join(id string, b *breaker.Breaker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.peers[id] = &peer{id: id, breaker: b, own: make(map[breaker.Topic]own), seen: make(map[breaker.Topic]origin)}
	s.rouse()
}

// Tell passes on news of the breaker called id. It returns at once. Of each topic the latest
// counts, and is kept in Redis as long as it holds, even if that loses it.
func (s *Share) Tell(id string, n breaker.News) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.peers[id]
	if p == nil {
		return
	}
	s.told++
	p.own[n.Topic] = own{news: n, at: time.Now().Add(-n.Age), n: s.told}
	s.rouse()
}

// rouse lets the next round begin now.
func (s *Share) rouse() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Status returns whether Redis answers.
func (s *Share) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// Close ends it. What Redis holds stays there until it has run out.
func (s *Share) Close() error {
	s.stop()
	err := s.client.Close()
	s.done.Wait()
	return err
}

// peer is a breaker here, what it told and what it was told.
type peer struct {
	id      string
	breaker *breaker.Breaker
	own     map[breaker.Topic]own // guarded by Share.mu
	seen    map[breaker.Topic]origin
}

// own is news from here.
type own struct {
	news breaker.News
	at   time.Time // when it came to pass
	n    int64
}

// origin tells news apart.
type origin struct {
	from string
	n    int64
}
