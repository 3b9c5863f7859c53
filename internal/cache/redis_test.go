//go:build linux

package cache_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/redistest"
)

// patient waits for Redis as long as a busy machine needs.
func patient(r *redistest.Server) cache.Options {
	return cache.Options{Redis: r.URL, RedisWait: 10 * time.Second}
}

func TestRedisIsShared(t *testing.T) {
	r, p := redistest.Start(t), newProvider()
	a, b := start(t, p, patient(r)), start(t, p, patient(r))
	a.ask("a")
	if res := b.ask("a"); !res.Cached || b.Stats().Redis != 1 {
		t.Errorf("stats %+v", b.Stats())
	}
	if res := b.ask("b"); res.Cached {
		t.Error("another tenant learns of it")
	}
	p.called(t, 2)
	r.Do("FLUSHALL")
	if !a.ask("a").Cached {
		t.Error("what is in memory went with Redis")
	}
	if late := start(t, p, patient(r)); late.ask("a").Cached {
		t.Error("an answer from nowhere")
	}
	if got := r.Do("EVAL", "for _,k in ipairs(redis.call('keys','*')) do local left=redis.call('ttl',k) if left<=0 or left>86400 then return k end end return 'fine'", "0"); got != "$4" {
		t.Errorf("a key does not expire: %q", got)
	}
}

// Whatever stands in Redis that is no answer is asked about anew.
func TestGarbageIsAMiss(t *testing.T) {
	const each = "for _,k in ipairs(redis.call('keys','docsift:cache:*')) do local v=redis.call('get',k) "
	tests := []struct{ name, script string }{
		{"of another type", "redis.call('del',k) redis.call('lpush',k,'x')"},
		{"bytes", "redis.call('set',k,'\\0\\255')"},
		{"nothing", "redis.call('set',k,'')"},
		{"another version", "redis.call('set',k,(v:gsub('docsift1','docsift2')))"},
		{"another category", "redis.call('set',k,(v:gsub('invoice','receipt')))"},
		{"another moment", "redis.call('set',k,(v:gsub(' 1',' 2',1)))"},
		{"cut short", "redis.call('set',k,v:sub(1,-2))"},
		{"too much", "redis.call('set',k,v..string.rep(' ',1048576))"},
		{"another document's", "for _,o in ipairs(redis.call('keys','docsift:cache:*')) do if o~=k then redis.call('set',k,redis.call('get',o)) redis.call('set',o,v) return 'done' end end"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, p := redistest.Start(t), newProvider()
			a := start(t, p, patient(r))
			a.ask("a")
			a.ask("b")
			r.Do("EVAL", each+tt.script+" end return 'done'", "0")
			b := start(t, p, patient(r))
			if b.ask("a").Cached || b.Stats().Redis != 0 {
				t.Errorf("stats %+v", b.Stats())
			}
			p.called(t, 3)
			if s := b.Stats().RedisState; !s.Up {
				t.Errorf("Redis is held to be down: %+v", s)
			}
		})
	}
}

// Redis may be away in any way: documents do without, and hardly wait.
func TestWithoutRedis(t *testing.T) {
	tests := []struct {
		name       string
		away, back func(r *redistest.Server)
	}{
		{"killed", (*redistest.Server).Kill, (*redistest.Server).Run},
		{"frozen", (*redistest.Server).Freeze, (*redistest.Server).Thaw},
		{"full", func(r *redistest.Server) { r.Do("CONFIG", "SET", "maxmemory", "1") }, func(r *redistest.Server) { r.Do("CONFIG", "SET", "maxmemory", "0") }},
		{"read-only", func(r *redistest.Server) { r.Do("REPLICAOF", "127.0.0.1", "1") }, func(r *redistest.Server) { r.Do("REPLICAOF", "NO", "ONE") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, p := redistest.Start(t), newProvider()
			in := start(t, p, cache.Options{Redis: r.URL})
			in.ask("before")
			tt.away(r)
			var took []time.Duration
			for i := range 20 {
				begin := time.Now()
				in.ask(strings.Repeat("x", i+1))
				took = append(took, time.Since(begin))
			}
			p.called(t, 21)
			slices.Sort(took)
			if took[10] > 25*time.Millisecond || took[19] > time.Second {
				t.Errorf("documents took %v", took)
			}
			if s := in.Stats().RedisState; s.Up || s.Error == "" {
				t.Errorf("%+v", s)
			}
			tt.back(r)
			eventually(t, "Redis is back", func() bool { return in.Stats().RedisState.Up })
			if in.log.count("level=WARN") != 1 || in.log.count("level=INFO") != 1 {
				t.Errorf("log %s, want two lines", in.log.b.String())
			}
		})
	}
}

func TestRefusesOtherURLs(t *testing.T) {
	_, err := cache.New(cache.Options{Classifier: classifier(t, newProvider()), Redis: "http://:s3cret@127.0.0.1"})
	if fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("%v", err)
	}
}
