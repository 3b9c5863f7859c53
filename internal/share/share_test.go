package share_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/redistest"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/model"
)

// provider is a model that fails while it has an error.
type provider struct {
	err   atomic.Pointer[fault.Error]
	calls atomic.Int64
	gate  chan struct{} // holds calls up; nil: none
}

func (p *provider) Name() string { return "fake/one" }

func (p *provider) Score(ctx context.Context, req model.Request) (model.Response, error) {
	p.calls.Add(1)
	if p.gate != nil {
		select {
		case <-p.gate:
		case <-ctx.Done():
		}
	}
	if err := p.err.Load(); err != nil {
		return model.Response{}, err
	}
	return model.Response{Label: "invoice", Confidence: 0.99, Score: model.ScoreStated, Scores: model.Spread(req.Taxonomy, "invoice", 0.99)}, nil
}

var down = fault.New(fault.Unavailable, errors.New("503"), "the provider is down")

// logs is what an instance logs.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.b.String(), what)
}

// instance is a process of its own, as far as others can tell.
type instance struct {
	*docsift.Classifier
	t     *testing.T
	share *share.Share // nil: alone
	log   *logs
}

// start starts an instance that shares through the Redis at url, unless that is "". One failure
// opens its breaker for the cooldown.
func start(t *testing.T, url string, p *provider, cooldown time.Duration) *instance {
	t.Helper()
	in := &instance{t: t, log: &logs{}}
	o := docsift.Options{Policy: "mine", Models: []model.Model{p}, Taxonomy: "finance", Policies: []cascade.Policy{{
		Name: "mine", Version: "1", Confidence: 0.8, Deadline: time.Minute, Breaker: cascade.Breaker{Failures: 1, Cooldown: cooldown},
		Stages: []cascade.Stage{{Name: "only", Views: []cascade.View{cascade.TextView}, Models: []cascade.Spec{{Model: p.Name()}}}},
	}}}
	if url != "" {
		s, err := share.Open(share.Options{URL: url, Log: slog.New(slog.NewTextHandler(in.log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		in.share, o.Sharing = s, s
	}
	c, err := docsift.New(o)
	if err != nil {
		t.Fatal(err)
	}
	in.Classifier = c
	return in
}

// classify takes one document through.
func (in *instance) classify() error {
	d, err := document.Read(strings.NewReader("Letter number 7, which says next to nothing of what it is meant to be."), "letter.txt", document.Options{})
	if err != nil {
		return err
	}
	_, err = in.Classify(in.t.Context(), d, docsift.Request{})
	return err
}

func (in *instance) state() docsift.ModelStatus { return in.Models()[0] }

// eventually waits until something is so.
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

// opened waits until it leaves the model alone because of what happened elsewhere.
func (in *instance) opened() {
	in.t.Helper()
	eventually(in.t, "it opens because of a failure elsewhere", func() bool { s := in.state(); return s.Breaker == "open" && s.Elsewhere })
}

func (in *instance) up(want bool) {
	in.t.Helper()
	eventually(in.t, "it notices whether redis answers", func() bool { s := in.share.Status(); return s.Since != nil && s.Up == want })
}

func TestOpensAndHealsElsewhere(t *testing.T) {
	r, p := redistest.Start(t), &provider{}
	a, b := start(t, r.URL, p, 2*time.Second), start(t, r.URL, p, 2*time.Second)
	p.err.Store(down)
	a.classify()
	b.opened()
	if err := b.classify(); p.calls.Load() != 1 || !strings.Contains(err.Error(), "the provider is down") {
		t.Errorf("%d calls, error %v; want one and its failure told to both", p.calls.Load(), err)
	}
	p.err.Store(nil)
	eventually(t, "one of them sends a probe that goes well", func() bool { return a.classify() == nil })
	eventually(t, "both are closed", func() bool { return a.state().Breaker == "closed" && b.state().Breaker == "closed" })
}

func TestSetByHand(t *testing.T) {
	r, p := redistest.Start(t), &provider{}
	a, b := start(t, r.URL, p, time.Minute), start(t, r.URL, p, time.Minute)
	if err := a.Force("fake/one", docsift.Forced{State: "open", By: "ann", Why: "it bills\ntwice"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "b is shut", func() bool { return b.state().Forced != nil })
	if f := b.state().Forced; f.State != "open" || f.By != "ann" || f.Why != "it bills twice" || f.Until != nil {
		t.Errorf("forced %+v", f)
	}
	late := start(t, r.URL, p, time.Minute)
	eventually(t, "who starts later is shut, too", func() bool { return late.state().Forced != nil })
	if err := b.Release(""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "all are released", func() bool { return a.state().Forced == nil && late.state().Forced == nil })
	until := time.Now().Add(time.Hour)
	b.Force("", docsift.Forced{State: "closed", Until: &until})
	eventually(t, "a is held closed", func() bool { f := a.state().Forced; return f != nil && f.State == "closed" && f.Until != nil })
	if off := a.state().Forced.Until.Sub(until); off.Abs() > 5*time.Second {
		t.Errorf("until %v, want about %v", a.state().Forced.Until, until)
	}
}

// What Redis holds reaches who starts later; what it loses is put there again.
func TestStartsLater(t *testing.T) {
	tests := []struct {
		name string
		lose func(*redistest.Server)
	}{
		{"in peace", func(*redistest.Server) {}},
		{"after all keys were deleted", func(r *redistest.Server) { r.Do("FLUSHALL") }},
		{"after redis crashed and came back empty", func(r *redistest.Server) { r.Kill(); r.Run() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, p := redistest.Start(t), &provider{}
			a := start(t, r.URL, p, 5*time.Minute)
			p.err.Store(fault.New(fault.Quota, nil, "the account is empty"))
			a.classify()
			start(t, r.URL, p, 5*time.Minute).opened() // so that it has been there
			tt.lose(r)
			late := start(t, r.URL, p, 5*time.Minute)
			late.opened()
			if s, own := late.state(), a.state(); !s.Parked || s.Until.Sub(*own.Until).Abs() > 5*time.Second {
				t.Errorf("status %+v, want it parked until %v", s, own.Until)
			}
			if p.calls.Load() != 1 {
				t.Errorf("%d calls, want one", p.calls.Load())
			}
		})
	}
}

func TestRateLimitElsewhere(t *testing.T) {
	r, p := redistest.Start(t), &provider{}
	a, b := start(t, r.URL, p, time.Minute), start(t, r.URL, p, time.Minute)
	limited := fault.New(fault.RateLimited, nil, "slow down")
	limited.RetryAfter = 10 * time.Minute
	p.err.Store(limited)
	a.classify()
	eventually(t, "b keeps away, too", func() bool { return b.state().Limited != nil })
	if s := b.state(); s.Breaker != "closed" {
		t.Errorf("status %+v, want it closed: a rate limit opens nothing", s)
	}
}

// Two keys under the name of one setting are two accounts.
func TestOtherKeysAreNotShared(t *testing.T) {
	r, p := redistest.Start(t), &provider{}
	open := func(key, base string) *docsift.Classifier {
		in := start(t, r.URL, p, time.Minute)
		env := map[string]string{"OPENAI_API_KEY": key, "OPENAI_BASE_URL": base}
		c, err := docsift.New(docsift.Options{Policy: "guide", Sharing: in.share, Getenv: func(name string) string { return env[name] }})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	const one, two = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"
	a, same, key, base := open("sk-1", one), open("sk-1", one), open("sk-2", one), open("sk-1", two)
	a.Force("", docsift.Forced{State: "open", By: "a"})
	eventually(t, "the one with the same key and server is shut", func() bool { f := same.Models()[0].Forced; return f != nil && f.By == "a" })
	key.Force("", docsift.Forced{State: "open", By: "key"})
	base.Force("", docsift.Forced{State: "open", By: "base"})
	eventually(t, "each account stands in redis by itself", func() bool {
		return r.Do("EVAL", "return #redis.call('keys', 'docsift:breaker:guide:openai/gpt-4o:OPENAI_API_KEY:????????:hand')", "0") == ":3"
	})
	if keys := r.Do("EVAL", "return table.concat(redis.call('keys','*'),' ')..table.concat(redis.call('mget',unpack(redis.call('keys','*'))),' ')", "0"); strings.Contains(keys, "sk-") {
		t.Errorf("redis holds a key: %s", keys)
	}
}

// Of several processes under load one sends the probe.
func TestOneProbe(t *testing.T) {
	r, p := redistest.Start(t), &provider{gate: make(chan struct{})}
	all := []*instance{start(t, r.URL, p, 2*time.Second), start(t, r.URL, p, 2*time.Second), start(t, r.URL, p, 2*time.Second)}
	p.err.Store(down)
	go all[0].classify()
	eventually(t, "it fails", func() bool { return p.calls.Load() == 1 })
	p.gate <- struct{}{}
	all[1].opened()
	all[2].opened()
	ctx, stop := context.WithCancel(t.Context())
	var load sync.WaitGroup
	defer load.Wait()
	defer stop()
	var refused [3]atomic.Int64
	for i, in := range all {
		load.Go(func() {
			for ctx.Err() == nil {
				in.classify()
				refused[i].Add(1)
				<-time.After(5 * time.Millisecond)
			}
		})
	}
	eventually(t, "a probe is sent", func() bool { return p.calls.Load() > 1 })
	var before [3]int64
	for i := range refused {
		before[i] = refused[i].Load()
	}
	eventually(t, "the others go on", func() bool {
		n := 0
		for i := range refused {
			if refused[i].Load() > before[i]+100 {
				n++
			}
		}
		return n >= 2
	})
	if n := p.calls.Load(); n != 2 {
		t.Errorf("%d calls, want the failure and one probe", n)
	}
	p.err.Store(nil)
	close(p.gate)
	eventually(t, "all are closed", func() bool {
		for _, in := range all {
			if in.state().Breaker != "closed" {
				return false
			}
		}
		return true
	})
}

// traffic sends documents while the provider fails now and then, and returns what became of them.
func traffic(in *instance, p *provider) (outcomes []fault.Kind, calls int64) {
	before := p.calls.Load()
	for i := range 200 {
		p.err.Store(nil)
		if i%50 == 49 {
			p.err.Store(down)
		}
		if i%50 == 20 {
			in.Release("")
		}
		outcomes = append(outcomes, fault.KindOf(in.classify()))
		if i%50 == 49 {
			in.Force("", docsift.Forced{State: "closed"})
		}
	}
	return outcomes, p.calls.Load() - before
}

// Documents fare with a Redis that freezes or dies as they do with none. It says so once, and
// goes on by itself when Redis is back.
func TestFreezesAndDies(t *testing.T) {
	tests := []struct {
		name        string
		fails, back func(*redistest.Server)
	}{
		{"freezes", (*redistest.Server).Freeze, (*redistest.Server).Thaw},
		{"dies", (*redistest.Server).Kill, (*redistest.Server).Run},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var alone provider
			want, calls := traffic(start(t, "", &alone, time.Hour), &alone)

			r, p := redistest.Start(t), &provider{}
			a, other := start(t, r.URL, p, time.Hour), start(t, r.URL, p, time.Hour)
			a.up(true)
			other.up(true)
			tt.fails(r)
			got, n := traffic(a, p)
			if n != calls || len(got) != len(want) {
				t.Errorf("%d calls and %d outcomes, want %d and %d as without redis", n, len(got), calls, len(want))
			}
			for i := range got {
				if got[i] != want[i] {
					t.Fatalf("document %d ends with %q, without redis with %q", i, got[i], want[i])
				}
			}
			a.up(false)
			other.up(false)
			if s := a.share.Status(); s.Error == "" {
				t.Errorf("status %+v does not say why", s)
			}
			tt.back(r)
			a.up(true)
			eventually(t, "what happened meanwhile arrives", func() bool { f := other.state().Forced; return f != nil && f.State == "closed" })
			if down, up := a.log.count("redis does not answer"), a.log.count("redis answers"); down != 1 || up != 2 {
				t.Errorf("said %d times that it does not answer and %d times that it does, want once and twice", down, up)
			}
		})
	}
}

func TestStartsWithoutRedis(t *testing.T) {
	r, p := redistest.New(t), &provider{}
	a, b := start(t, r.URL, p, time.Hour), start(t, r.URL, p, time.Hour)
	p.err.Store(down)
	a.classify()
	a.up(false)
	b.up(false)
	if got := b.state().Breaker; got != "closed" {
		t.Errorf("breaker %q without redis, want each to mind its own", got)
	}
	r.Run()
	b.opened()
	if n := a.log.count("redis does not answer"); n != 1 {
		t.Errorf("said %d times that it does not answer, want once", n)
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, url := range []string{"", "localhost:6379", "http://:s3cret@127.0.0.1", "unix:///run/redis.sock", "redis://:s3cret@127.0.0.1:6379/zero", "redis://:s3c%ret@h"} {
		s, err := share.Open(share.Options{URL: url, Log: slog.New(slog.DiscardHandler)})
		if fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "s3c") || s != nil {
			t.Errorf("%q: %v, want kind %q without the password", url, err, fault.Config)
		}
	}
}

func TestCheck(t *testing.T) {
	r := redistest.Start(t)
	s, err := share.Check(t.Context(), strings.Replace(r.URL, "//", "//nobody:s3cret@", 1))
	if err != nil || s.Up || s.Error == "" || s.Redis != r.URL || strings.Contains(s.Error, "s3cret") {
		t.Errorf("with a password that it does not take: %+v, %v", s, err)
	}
	if s, err := share.Check(t.Context(), r.URL); err != nil || !s.Up || s.Error != "" {
		t.Errorf("%+v, %v; want it to answer", s, err)
	}
	r.Kill()
	if s, err := share.Check(t.Context(), r.URL); err != nil || s.Up || s.Error == "" {
		t.Errorf("%+v, %v; want that it does not answer", s, err)
	}
}
