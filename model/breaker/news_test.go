package breaker_test

import (
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/breaker"
)

// told returns a breaker, and what it has told others since it was last asked for.
func told(o breaker.Options) (*bench, func() []breaker.News) {
	var news []breaker.News
	o.Tell = func(n breaker.News) { news = append(news, n) }
	return guarded(o), func() []breaker.News {
		all := news
		news = nil
		return all
	}
}

func opened(left time.Duration) breaker.News {
	return breaker.News{Topic: breaker.Health, State: breaker.Open, Left: left, Kind: fault.Unavailable, Why: "it is down there"}
}

var healed = breaker.News{Topic: breaker.Health, State: breaker.Closed}

// What happens to a breaker is told once, with what others need of it.
func TestTells(t *testing.T) {
	minute := breaker.Options{Failures: 1, Cooldown: time.Minute}
	tests := []struct {
		name   string
		happen func(*bench)
		want   []breaker.News
	}{
		{"that it opened, for how long and why", func(b *bench) { b.ask(3, errDown) }, []breaker.News{
			{Topic: breaker.Health, State: breaker.Open, Left: time.Minute, Kind: fault.Unavailable, Why: "left alone after 1 failures in a row, the last one: the provider is down"},
		}},
		{"that it is parked", func(b *bench) { b.ask(1, fault.New(fault.Quota, nil, "spent")) }, []breaker.News{
			{Topic: breaker.Health, State: breaker.Open, Left: 5 * time.Minute, Kind: fault.Quota, Why: "left alone after 1 failures in a row, the last one: spent"},
		}},
		{"a probe, and that it healed", func(b *bench) { b.ask(1, errDown); b.move(time.Minute); b.ask(2, nil) }, []breaker.News{
			{Topic: breaker.Health, State: breaker.Open, Left: time.Minute, Kind: fault.Unavailable, Why: "left alone after 1 failures in a row, the last one: the provider is down"},
			{Topic: breaker.Trial, Left: time.Minute}, {Topic: breaker.Trial}, healed,
		}},
		{"until when the provider takes no calls", func(b *bench) { b.ask(2, limited(20*time.Second)) }, []breaker.News{
			{Topic: breaker.Limit, Left: 20 * time.Second, Why: "slow down"},
		}},
		{"what is set by hand, and released", func(b *bench) {
			b.Force(breaker.Forced{State: breaker.Open, Until: b.at.Add(time.Hour), By: "ann", Why: "it bills twice"})
			b.Force(breaker.Forced{State: breaker.Closed})
			b.Release()
		}, []breaker.News{
			{Topic: breaker.Hand, State: breaker.Open, Left: time.Hour, By: "ann", Why: "it bills twice"},
			{Topic: breaker.Hand, State: breaker.Closed}, {Topic: breaker.Hand},
		}},
		{"of a state whose end has passed, that there is none", func(b *bench) {
			b.Force(breaker.Forced{State: breaker.Open, Until: b.at.Add(-time.Hour)})
		}, []breaker.News{{Topic: breaker.Hand}}},
		{"nothing of what it hears itself", func(b *bench) {
			b.Adopt(opened(time.Second))
			b.Adopt(breaker.News{Topic: breaker.Limit, Left: time.Second})
			b.Adopt(breaker.News{Topic: breaker.Hand, State: breaker.Open})
			b.Adopt(breaker.News{Topic: breaker.Trial, Left: time.Second})
			b.Adopt(healed)
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b, news := told(minute)
			tt.happen(b)
			got := news()
			if len(got) != len(tt.want) {
				t.Fatalf("told %+v, want %+v", got, tt.want)
			}
			for i := range got {
				if got[i] != tt.want[i] {
					t.Errorf("told %+v, want %+v", got[i], tt.want[i])
				}
			}
		})
	}
}

func limit(left time.Duration) breaker.News {
	return breaker.News{Topic: breaker.Limit, Left: left, Why: "slow down there"}
}

func TestAdopts(t *testing.T) {
	old := opened(time.Minute)
	old.Age = time.Second
	odd := opened(time.Minute)
	odd.Kind = fault.Refused
	spent := breaker.News{Topic: breaker.Health, State: breaker.Open, Left: time.Hour, Kind: fault.Quota, Why: "spent"}
	tests := []struct {
		name   string
		before func(*bench)
		news   []breaker.News
		after  time.Duration // from then on a call passes, and not before
	}{
		{"nothing", nil, nil, 0},
		{"that it opened, for what is left", nil, []breaker.News{opened(7 * time.Second)}, 7 * time.Second},
		{"no longer than its own longest cooldown", nil, []breaker.News{opened(time.Hour)}, 30 * time.Second},
		{"no longer than that in all, however often it is told", nil, []breaker.News{opened(20 * time.Second), opened(25 * time.Second), opened(time.Hour)}, 30 * time.Second},
		{"a spent quota for as long as one of its own", nil, []breaker.News{spent}, 5 * time.Minute},
		{"a spent quota while it is down", nil, []breaker.News{opened(time.Second), spent}, 5 * time.Minute},
		{"what is over already", nil, []breaker.News{opened(0)}, 0},
		{"a failure that opens none", nil, []breaker.News{odd}, 0},
		{"that it healed", nil, []breaker.News{opened(time.Minute), healed}, 0},
		{"nothing from before its own probe", func(b *bench) { b.open(t); b.move(2 * time.Second); b.ask(1, nil); b.move(10 * time.Second) },
			[]breaker.News{{Topic: breaker.Health, State: breaker.Open, Age: 11 * time.Second, Left: time.Minute, Kind: fault.Unavailable}}, 0},
		{"no healing from before it opened", func(b *bench) { b.open(t) },
			[]breaker.News{{Topic: breaker.Health, State: breaker.Closed, Age: time.Second}}, 2 * time.Second},
		{"until when the provider takes no calls", nil, []breaker.News{limit(time.Minute), limit(time.Second)}, time.Minute},
		{"that for a quarter of an hour at most", nil, []breaker.News{limit(time.Hour)}, 15 * time.Minute},
		{"a probe elsewhere, which its own waits for", nil, []breaker.News{opened(2 * time.Second), {Topic: breaker.Trial, Left: 5 * time.Second}}, 5 * time.Second},
		{"that for as long as for a probe of its own", nil, []breaker.News{opened(2 * time.Second), {Topic: breaker.Trial, Left: time.Hour}, {Topic: breaker.Trial, Left: time.Hour}}, 12 * time.Second},
		{"that it is over", nil, []breaker.News{opened(2 * time.Second), {Topic: breaker.Trial, Left: 5 * time.Second}, {Topic: breaker.Trial}}, 2 * time.Second},
		{"a probe elsewhere while it takes calls", nil, []breaker.News{{Topic: breaker.Trial, Left: time.Hour}}, 0},
		{"shut by hand for a while", nil, []breaker.News{{Topic: breaker.Hand, State: breaker.Open, Left: time.Hour}}, time.Hour},
		{"released by hand", nil, []breaker.News{{Topic: breaker.Hand, State: breaker.Open}, {Topic: breaker.Hand}}, 0},
		{"kept open by hand", func(b *bench) { b.open(t) }, []breaker.News{{Topic: breaker.Hand, State: breaker.Closed}}, 0},
		{"no older hand than its own", func(b *bench) { b.Force(breaker.Forced{State: breaker.Closed}) },
			[]breaker.News{{Topic: breaker.Hand, State: breaker.Open, Age: time.Second}, {Topic: breaker.Hand, State: breaker.HalfOpen}}, 0},
		{"no topic that it does not know", nil, []breaker.News{{Topic: "gossip", State: breaker.Open, Left: time.Hour}}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := guarded(breaker.Options{})
			if tt.before != nil {
				tt.before(b)
			}
			for _, n := range tt.news {
				b.Adopt(n)
			}
			if tt.after > 0 {
				b.move(tt.after - 1)
				if n, _ := b.ask(1, nil); n != 0 {
					t.Fatalf("a call passed before %v: %+v", tt.after, b.Status())
				}
				b.move(1)
			}
			if n, err := b.ask(1, nil); n != 1 {
				t.Errorf("no call passed after %v: %v", tt.after, err)
			}
		})
	}
}

// A provider that is up here is not left alone because another process cannot reach it.
func TestDoubts(t *testing.T) {
	b := guarded(breaker.Options{})
	b.Adopt(opened(2 * time.Second))
	if s := b.Status(); s.State != breaker.Open || !s.Elsewhere {
		t.Fatalf("status %+v, want it open because of a failure elsewhere", s)
	}
	if _, err := b.ask(1, nil); !strings.Contains(err.Error(), "it is down there") {
		t.Errorf("error %v, want what failed elsewhere", err)
	}
	b.move(2 * time.Second)
	b.ask(1, nil) // the probe
	b.move(10 * time.Second)
	b.Adopt(opened(2 * time.Second))
	if n, _ := b.ask(1, nil); n != 1 || b.Status().Elsewhere {
		t.Errorf("believed again after its own probe went well: %+v", b.Status())
	}
	b.open(t)
	b.move(time.Minute)
	b.ask(1, nil)
	b.move(10 * time.Second)
	b.Adopt(opened(2 * time.Second))
	if n, _ := b.ask(1, nil); n != 0 {
		t.Error("not believed after its own calls had failed as well")
	}
}

// A probe of its own that fails is as good as any failure, and what comes from elsewhere then counts.
func TestOwnProbeFailsAfterAdopting(t *testing.T) {
	b, news := told(breaker.Options{})
	b.Adopt(opened(2 * time.Second))
	b.move(2 * time.Second)
	b.ask(1, errDown)
	if s := b.Status(); s.State != breaker.Open || s.Elsewhere {
		t.Errorf("status %+v, want it open by its own failure", s)
	}
	if n := news(); len(n) != 3 || n[2].Topic != breaker.Health || n[2].State != breaker.Open {
		t.Errorf("told %+v, want the probe and the failure", n)
	}
}

func TestChangedByOthers(t *testing.T) {
	var changes []breaker.Change
	b := guarded(breaker.Options{Changed: func(c breaker.Change) { changes = append(changes, c) }})
	b.Adopt(opened(time.Second))
	b.Adopt(opened(2 * time.Second)) // no news to an operator
	b.Adopt(healed)
	if len(changes) != 2 || !changes[0].Elsewhere || fault.KindOf(changes[0].Why) != fault.Unavailable || changes[1].To != breaker.Closed {
		t.Errorf("changes %+v", changes)
	}
}

func TestDue(t *testing.T) {
	b := guarded(breaker.Options{Failures: 1, Cooldown: time.Minute})
	if _, _, ok := b.Due(); ok {
		t.Error("a closed breaker is due")
	}
	b.ask(1, errDown)
	b.move(50 * time.Second)
	if in, wanted, ok := b.Due(); in != 10*time.Second || wanted || !ok {
		t.Errorf("due in %v, wanted %v, %v; want 10s and nobody waits", in, wanted, ok)
	}
	b.ask(1, nil)
	if _, wanted, _ := b.Due(); !wanted {
		t.Error("a call was refused, and nobody waits")
	}
	b.move(time.Second)
	if _, wanted, _ := b.Due(); wanted {
		t.Error("a call that was refused a second ago still waits")
	}
}

// Two that tell each other everything come to rest.
func TestNoEcho(t *testing.T) {
	type letter struct {
		to   *bench
		news breaker.News
	}
	var post []letter
	var a, b *bench
	a = guarded(breaker.Options{Tell: func(n breaker.News) { post = append(post, letter{b, n}) }})
	b = guarded(breaker.Options{Tell: func(n breaker.News) { post = append(post, letter{a, n}) }})
	deliver := func() (n int) {
		for ; len(post) > 0 && n < 100; n++ {
			l := post[0]
			post = post[1:]
			l.to.Adopt(l.news)
		}
		return n
	}
	a.open(t)
	a.ask(1, limited(time.Second))
	b.Force(breaker.Forced{State: breaker.Open})
	if n := deliver(); n != 2 {
		t.Errorf("%d letters, want that it opened and what was set by hand", n)
	}
	if b.Status().State != breaker.Open || a.Status().Forced == nil {
		t.Errorf("they differ: %+v and %+v", a.Status(), b.Status())
	}
}
