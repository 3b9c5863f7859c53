package ratelimit_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ratelimit"
)

func limits(t testing.TB, s string) []ratelimit.Limit {
	t.Helper()
	all, err := ratelimit.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func open(t testing.TB, url string, log *slog.Logger) *ratelimit.Limiter {
	t.Helper()
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	l, err := ratelimit.Open(ratelimit.Options{Redis: url, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// passed sends n requests and returns how many may pass.
func passed(l *ratelimit.Limiter, client string, limits []ratelimit.Limit, n int) (ok int) {
	for range n {
		if l.Take(client, limits).OK {
			ok++
		}
	}
	return ok
}

func TestParse(t *testing.T) {
	for _, s := range []string{"off", "100/m", "100/m,1000/h", "1/s,2/m,3/h,4/d", "5/10", "1000000000/s"} {
		if got := ratelimit.Format(limits(t, s)); got != s {
			t.Errorf("%s became %s", s, got)
		}
	}
	if got := ratelimit.Format(limits(t, " 7/60 , 8/3600")); got != "7/m,8/h" {
		t.Errorf("seconds became %s", got)
	}
	for _, s := range []string{"", "0/m", "-1/m", "m", "100", "100/", "100/week", "1/m,2/m", "1/60,2/m", "1.5/m", "1e3/h", "9999999999/s", "1/0", "1/99999999", "1/1,1/2,1/3,1/4,1/5", "1/m,"} {
		if _, err := ratelimit.Parse(s); fault.KindOf(err) != fault.Config {
			t.Errorf("%q: %v, want kind %q", s, err, fault.Config)
		}
	}
}

func TestLimiter(t *testing.T) {
	type step struct {
		wait time.Duration
		send int
		want int // that may pass
	}
	tests := []struct {
		name, limits string
		steps        []step
		last         []ratelimit.State // as the last request left it
	}{
		{"all at once, then as time allows", "60/m", []step{{0, 70, 60}, {999 * time.Millisecond, 1, 0}, {time.Millisecond, 2, 1}, {10 * time.Second, 20, 10}}, nil},
		{"one who rests has all of it again", "60/m", []step{{0, 60, 60}, {time.Minute, 70, 60}}, nil},
		{"what is not used is not saved up", "60/m", []step{{time.Hour, 70, 60}}, nil},
		{"the tighter of two holds", "10/s,20/m", []step{{0, 15, 10}, {time.Second, 15, 10}, {time.Second, 15, 0}, {time.Second, 2, 1}}, nil},
		{"what one forbids the other does not count", "1/s,5/m", []step{{0, 100, 1}, {time.Second, 100, 1}, {time.Second, 100, 1}, {time.Second, 100, 1}, {time.Second, 100, 1}}, nil},
		{"it says how one stands", "60/m,3600/h", []step{{0, 30, 30}}, []ratelimit.State{
			{Limit: ratelimit.Limit{Count: 60, Per: time.Minute}, Remaining: 30, Whole: 30 * time.Second},
			{Limit: ratelimit.Limit{Count: 3600, Per: time.Hour}, Remaining: 3570, Whole: 30 * time.Second},
		}},
		{"and how long to wait", "60/m", []step{{0, 60, 60}, {300 * time.Millisecond, 1, 0}}, []ratelimit.State{
			{Limit: ratelimit.Limit{Count: 60, Per: time.Minute}, Next: 700 * time.Millisecond, Whole: 59700 * time.Millisecond},
		}},
		{"none at all", "off", []step{{0, 1000, 1000}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, all := open(t, "", nil), limits(t, tt.limits)
				var last ratelimit.Verdict
				for i, s := range tt.steps {
					time.Sleep(s.wait)
					got := 0
					for range s.send {
						if last = l.Take("ann", all); last.OK {
							got++
						}
					}
					if got != s.want {
						t.Errorf("step %d: %d passed, want %d", i+1, got, s.want)
					}
				}
				if all != nil && passed(l, "bob", all, 1) != 1 {
					t.Error("another client is refused for it")
				}
				for i, want := range tt.last {
					if last.States[i] != want {
						t.Errorf("state %+v, want %+v", last.States[i], want)
					}
				}
			})
		})
	}
}

func BenchmarkTake(b *testing.B) {
	l, all := open(b, "", nil), limits(b, "100000000/m,1000000000/h")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			l.Take("ann", all)
		}
	})
}
