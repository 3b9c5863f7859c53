//go:build linux

package cache_test

import (
	"context"
	"flag"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/postgres"
)

var many = flag.Int("many", 100, "how many equal documents come at once")

func openPostgres(t *testing.T, url string) *store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), url, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// stores runs a test with two handles of one store.
func stores(t *testing.T, run func(t *testing.T, a, b *store.Store)) {
	t.Run("sqlite", func(t *testing.T) {
		s := openStore(t)
		run(t, s, s)
	})
	t.Run("postgres", func(t *testing.T) {
		url := pgtest.Database(t)
		run(t, openPostgres(t, url), openPostgres(t, url))
	})
}

// Of many equal documents that come to two instances at once, one is paid for.
func TestManyAtOnce(t *testing.T) {
	stores(t, func(t *testing.T, s, other *store.Store) {
		p := newProvider()
		p.gate = make(chan struct{})
		a, b := start(t, p, cache.Options{Store: s}), start(t, p, cache.Options{Store: other})
		var fresh atomic.Int64
		var all sync.WaitGroup
		for i := range *many {
			in := []*instance{a, b}[i%2]
			all.Go(func() {
				res := in.ask("a")
				if res.Classification != "invoice" || res.Model != "one" {
					t.Errorf("%+v", res.Outcome)
				}
				if !res.Cached {
					fresh.Add(1)
				}
			})
		}
		<-p.arrived
		time.Sleep(50 * time.Millisecond) // so that most are there
		close(p.gate)
		all.Wait()
		p.called(t, 1)
		if fresh.Load() != 1 || a.Stats().Misses+b.Stats().Misses != 1 {
			t.Errorf("%d fresh answers, stats %+v and %+v", fresh.Load(), a.Stats(), b.Stats())
		}
		late := start(t, p, cache.Options{Store: s}) // as after a restart
		if res := late.ask("a"); !res.Cached || late.Stats().Store != 1 {
			t.Errorf("after a restart: %+v", late.Stats())
		}
		p.called(t, 1)
	})
}

// An instance that fails lets the next one try, one at a time.
func TestNextTriesAfterAFailure(t *testing.T) {
	stores(t, func(t *testing.T, s, other *store.Store) {
		p := newProvider()
		p.gate = make(chan struct{})
		p.answer("", fault.New(fault.Refused, nil, "no"))
		a, b := start(t, p, cache.Options{Store: s}), start(t, p, cache.Options{Store: other})
		done := make(chan struct{})
		go func() {
			defer close(done)
			a.Classify(t.Context(), letter(t, "a.txt", ""), docsift.Request{}, cache.Terms{})
		}()
		<-p.arrived
		answer := make(chan docsift.Result)
		go func() { answer <- b.ask("") }()
		p.gate <- struct{}{}
		<-done
		p.answer("invoice", nil)
		close(p.gate)
		if res := <-answer; res.Cached || res.Classification != "invoice" {
			t.Errorf("%+v", res)
		}
		p.called(t, 2)
	})
}

// doomed is a store in which another process holds the first flight, and dies.
type doomed struct {
	cache.Store
	once sync.Once
}

func (d *doomed) Claim(ctx context.Context, key, owner string, lease time.Duration) (string, bool, error) {
	d.once.Do(func() { d.Store.Claim(ctx, key, "dead", 200*time.Millisecond) })
	return d.Store.Claim(ctx, key, owner, lease)
}

func TestTakesOverFromTheDead(t *testing.T) {
	stores(t, func(t *testing.T, s, _ *store.Store) {
		p := newProvider()
		in := start(t, p, cache.Options{Store: &doomed{Store: s}})
		if res := in.ask(""); res.Cached {
			t.Errorf("%+v", res)
		}
		p.called(t, 1)
	})
}

// A database that is gone or frozen costs one document a moment, and none afterwards.
func TestWithoutDatabase(t *testing.T) {
	server := pgtest.Start(t)
	p := newProvider()
	in := start(t, p, cache.Options{Store: openPostgres(t, server.URL("postgres"))})
	in.ask("before")
	down := func(what string) {
		begin := time.Now()
		for _, tenant := range []string{"1", "2", "3", "4"} {
			if res := in.ask(what + tenant); res.Classification != "invoice" {
				t.Errorf("%s: %+v", what, res)
			}
		}
		if took := time.Since(begin); took > 8*time.Second {
			t.Errorf("%s: four documents took %v", what, took)
		}
		if s := in.Stats().StoreState; s.Up || s.Error == "" {
			t.Errorf("%s: %+v", what, s)
		}
		if res := in.ask("before"); !res.Cached {
			t.Errorf("%s: memory lost its answers", what)
		}
	}
	heals := func(n int) {
		eventually(t, "the store is back", func() bool { return in.Stats().StoreState.Up })
		if in.log.count("level=WARN") != n || in.log.count("level=INFO") != n {
			t.Errorf("log %s, want two lines each time", in.log.b.String())
		}
	}
	server.Freeze()
	down("frozen")
	server.Thaw()
	heals(1)
	server.Kill()
	down("killed")
	server.Run()
	heals(2)
}

func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("not within a minute: %s", what)
		}
	}
}
