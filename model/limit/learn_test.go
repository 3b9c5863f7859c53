package limit_test

import (
	"context"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/limit"
)

// known returns what is known of a limit; false when there is none.
func known(l *limit.Limiter, name string) (limit.Limit, bool) {
	for _, k := range l.Status().Limits {
		if k.Name == name {
			return k, true
		}
	}
	return limit.Limit{}, false
}

func TestLearn(t *testing.T) {
	const rpm, rpd = "requests per minute", "requests per day"
	says := func(limit, remaining int, reset time.Duration) []model.Allowance {
		return []model.Allowance{{Kind: model.Requests, Limit: limit, Remaining: remaining, Reset: reset}}
	}
	tests := []struct {
		name string
		set  limit.Limits
		said []model.Allowance
		what string
		want limit.Limit // the zero value: nothing is known
	}{
		{"a limit that nobody set", limit.Limits{}, says(100, 99, time.Second), rpm, limit.Limit{Most: 100, Used: 0.01, From: limit.FromProvider, Full: 100}},
		{"what others take counts", limit.Limits{}, says(100, 20, time.Minute), rpm, limit.Limit{Most: 100, Used: 0.8, From: limit.FromProvider, Full: 100}},
		{"a lower one than was set", limit.Limits{RPM: 500}, says(100, 99, time.Second), rpm, limit.Limit{Most: 100, Used: 0.01, From: limit.FromProvider, Full: 100}},
		{"a higher one than was set", limit.Limits{RPM: 50}, says(100, 99, time.Second), rpm, limit.Limit{Most: 50, Used: 0.02, From: limit.FromPolicy, Full: 50}},
		{"others may take what a lower one leaves them", limit.Limits{RPM: 50}, says(100, 60, time.Minute), rpm, limit.Limit{Most: 50, Used: 0.02, From: limit.FromPolicy, Full: 50}},
		{"but no more", limit.Limits{RPM: 50}, says(100, 10, time.Minute), rpm, limit.Limit{Most: 50, Used: 0.8, From: limit.FromPolicy, Full: 50}},
		{"one that takes long to be whole is of a day", limit.Limits{}, says(10_000, 9_980, 172*time.Second), rpd, limit.Limit{Most: 10_000, Used: 0.002, From: limit.FromProvider, Full: 10_000}},
		{"nothing of a minute, then", limit.Limits{}, says(10_000, 9_980, 172*time.Second), rpm, limit.Limit{}},
		{"no limit of nothing", limit.Limits{}, says(0, 0, time.Second), rpm, limit.Limit{}},
		{"no less than nothing left", limit.Limits{}, says(10, -1, time.Second), rpm, limit.Limit{}},
		{"no more left than there was", limit.Limits{}, says(10, 11, time.Second), rpm, limit.Limit{}},
		{"no reset in the past", limit.Limits{}, says(10, 1, -time.Second), rpm, limit.Limit{}},
		{"no kind that is not known", limit.Limits{}, []model.Allowance{{Kind: "images", Limit: 5}}, rpm, limit.Limit{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limit.New(limit.Options{Limits: tt.set})
				m := l.Guard(&fake{resp: model.Response{Allowances: tt.said}}, limit.Terms{})
				m.Score(t.Context(), model.Request{})
				got, ok := known(l, tt.what)
				tt.want.Name = got.Name
				got.Used = math.Round(got.Used*1e6) / 1e6
				if ok != (tt.want.Most > 0) || got != tt.want {
					t.Errorf("%+v, want %+v", got, tt.want)
				}
			})
		})
	}
}

// What looked like a minute's limit until it took long to be whole again is a day's.
func TestLearnThatItIsADay(t *testing.T) {
	l := limit.New(limit.Options{})
	l.Learn([]model.Allowance{{Kind: model.Requests, Limit: 10_000, Remaining: 9_999, Reset: 8640 * time.Millisecond}})
	l.Learn([]model.Allowance{{Kind: model.Requests, Limit: 10_000, Remaining: 9_900, Reset: 864 * time.Second}})
	if got, ok := known(l, "requests per minute"); ok {
		t.Errorf("still %+v", got)
	}
	if _, ok := known(l, "requests per day"); !ok {
		t.Error("no limit of a day is known")
	}
}

// What others took comes back until the time that the provider named, and calls pass by then.
func TestOthersRunOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		l := limit.New(limit.Options{})
		m := l.Guard(f, limit.Terms{Wait: -1})
		l.Learn([]model.Allowance{{Kind: model.Requests, Limit: 600, Remaining: 0, Reset: 30 * time.Second}})
		_, err := m.Score(t.Context(), model.Request{})
		if fault.KindOf(err) != fault.Throttled || fault.RetryAfter(err) > 2*time.Second {
			t.Errorf("%v, to come back in %v; want within 2s: a call's worth is back by then", err, fault.RetryAfter(err))
		}
		time.Sleep(15 * time.Second)
		if got, _ := known(l, "requests per minute"); math.Abs(got.Used-0.5) > 1e-9 {
			t.Errorf("%v is used after half the time, want 0.5", got.Used)
		}
		time.Sleep(15 * time.Second)
		if got, _ := known(l, "requests per minute"); got.Used != 0 {
			t.Errorf("%v is used when all is whole, want 0", got.Used)
		}
	})
}

func rateLimit(wait time.Duration, slowDown bool) error {
	e := fault.New(fault.RateLimited, nil, "429")
	e.RetryAfter, e.SlowDown = wait, slowDown
	return e
}

// A rate limit holds calls back: as long as it says, or for a second, doubled to a minute.
func TestHold(t *testing.T) {
	second := time.Second
	tests := []struct {
		name string
		says time.Duration // each refusal
		want []time.Duration
	}{
		{"as long as the provider says", 20 * second, []time.Duration{20 * second, 20 * second}},
		{"a quarter of an hour at most", 24 * time.Hour, []time.Duration{15 * time.Minute}},
		{"longer each time that it does not say", 0, []time.Duration{second, 2 * second, 4 * second, 8 * second, 16 * second, 32 * second, 60 * second, 60 * second}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{err: rateLimit(tt.says, false)}
				l := limit.New(limit.Options{})
				m := l.Guard(f, limit.Terms{Wait: -1})
				for i, want := range tt.want {
					time.Sleep(time.Minute)
					m.Score(t.Context(), model.Request{})
					if got := time.Until(l.Status().Held); got != want {
						t.Fatalf("held for %v after refusal %d, want %v", got, i+1, want)
					}
					if _, err := m.Score(t.Context(), model.Request{}); fault.KindOf(err) != fault.Throttled || fault.RetryAfter(err) != want {
						t.Errorf("%v, to come back in %v; want %v", err, fault.RetryAfter(err), want)
					}
					time.Sleep(want)
				}
				f.err = nil
				time.Sleep(time.Minute)
				if _, err := m.Score(t.Context(), model.Request{}); err != nil {
					t.Fatalf("after the hold: %v", err)
				}
				f.err = rateLimit(0, false)
				time.Sleep(time.Minute)
				m.Score(t.Context(), model.Request{})
				if got := time.Until(l.Status().Held); got != second {
					t.Errorf("held for %v by the first refusal after an answer, want 1s", got)
				}
			})
		})
	}
}

// Those who wait are refused when a hold makes them too late.
func TestHoldReachesTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{takes: time.Second, err: rateLimit(time.Minute, false)}
		l := limit.New(limit.Options{Concurrency: 1})
		m := l.Guard(f, limit.Terms{Wait: 10 * time.Second})
		go m.Score(t.Context(), model.Request{})
		synctest.Wait()
		resp, err := m.Score(t.Context(), model.Request{})
		if fault.KindOf(err) != fault.Throttled || resp.Waited != time.Second || f.calls() != 1 {
			t.Errorf("%v after %v, %d calls sent; want it refused after 1s", err, resp.Waited, f.calls())
		}
	})
}

// A refusal lowers the rate, once for all calls that were under way, and it grows back.
func TestRateShrinks(t *testing.T) {
	const rpm, tpm = "requests per minute", "tokens per minute"
	minute := time.Minute
	tests := []struct {
		name   string
		set    limit.Limits
		err    error
		what   string
		lower  int           // right after
		later  int           // ten seconds later
		back   time.Duration // when it is whole again
		source limit.Source
	}{
		{"by half when the provider does not say for how long", limit.Limits{RPM: 1200}, rateLimit(0, false), rpm, 300, 320, 450 * time.Second, limit.FromRefusals},
		{"by a quarter when it does", limit.Limits{RPM: 1200}, rateLimit(time.Second, false), rpm, 450, 470, 375 * time.Second, limit.FromRefusals},
		{"the rate at which calls went when no limit is known", limit.Limits{}, rateLimit(0, false), rpm, 300, 310, 35 * minute, limit.FromRefusals},
		{"of tokens when the traffic grew too fast", limit.Limits{TPM: 120_000}, rateLimit(5*time.Second, true), tpm, 30_000, 30_135, 51 * minute, limit.FromRefusals},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fake{resp: bills(90, 0, 10)}
				l := limit.New(limit.Options{Limits: tt.set})
				m := l.Guard(f, limit.Terms{Estimate: foresees(90, 10)})
				for range 600 { // a minute, at half the limit
					m.Score(t.Context(), model.Request{})
					time.Sleep(100 * time.Millisecond)
				}
				f.err, f.resp, f.takes = tt.err, model.Response{}, time.Millisecond
				for range 5 { // under way together
					go m.Score(context.Background(), model.Request{})
				}
				time.Sleep(time.Millisecond)
				synctest.Wait()
				got, _ := known(l, tt.what)
				if math.Abs(float64(got.Most-tt.lower)) > 0.03*float64(tt.lower) || got.From != tt.source {
					t.Errorf("%+v, want %d", got, tt.lower)
				}
				time.Sleep(10 * time.Second)
				if got, _ = known(l, tt.what); math.Abs(float64(got.Most-tt.later)) > 0.03*float64(tt.later) {
					t.Errorf("%+v ten seconds later, want %d", got, tt.later)
				}
				time.Sleep(tt.back * 9 / 10)
				if got, _ = known(l, tt.what); got.From != tt.source {
					t.Errorf("%+v before the time, want it still lower", got)
				}
				time.Sleep(tt.back / 5)
				if got, ok := known(l, tt.what); ok && got.From == limit.FromRefusals {
					t.Errorf("%+v after the time, want the limit whole", got)
				}
			})
		})
	}
}

// However it goes on, the rate of tokens after slow_down grows by half in any quarter of an hour
// at most.
func TestSlowDownGrowsSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{err: rateLimit(time.Second, true)}
		l := limit.New(limit.Options{Limits: limit.Limits{TPM: 10_000_000}})
		m := l.Guard(f, limit.Terms{Estimate: foresees(90_000, 0)})
		m.Score(t.Context(), model.Request{})
		first, _ := known(l, "tokens per minute")
		for range 8 {
			time.Sleep(15 * time.Minute)
			next, ok := known(l, "tokens per minute")
			if grown := float64(next.Most) / float64(first.Most); !ok || grown > 1.5001 || next.Most < 10_000_000 && grown < 1.4 {
				t.Fatalf("from %d to %d in a quarter of an hour", first.Most, next.Most)
			}
			first = next
		}
	})
}
