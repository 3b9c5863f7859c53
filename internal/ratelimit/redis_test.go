//go:build unix

package ratelimit_test

import (
	"bytes"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ratelimit"
	"github.com/docsift/docsift/internal/redistest"
)

// lines is a log that several goroutines write to.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *lines) count(text string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.String(), text)
}

// until waits for something, for a minute at most.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func TestInstancesShare(t *testing.T) {
	r := redistest.Start(t)
	a, b, all := open(t, r.URL, nil), open(t, r.URL, nil), limits(t, "20/h,1000/d")
	if n := passed(a, "ann", all, 12) + passed(b, "ann", all, 12); n != 20 {
		t.Errorf("%d passed, want 20", n)
	}
	v := a.Take("ann", all)
	if s := v.States; v.OK || s[0].Remaining != 0 || s[1].Remaining != 980 || v.RetryAfter() < 2*time.Minute || v.RetryAfter() > 3*time.Minute {
		t.Errorf("verdict %+v", v)
	}
	if n := passed(b, "bob", all, 1); n != 1 {
		t.Error("another client is refused for it")
	}
	for _, key := range []string{"docsift:rate:ann:20/h", "docsift:rate:ann:1000/d", "docsift:rate:instances"} {
		if ms, _ := strconv.Atoi(r.Do("PTTL", key)[1:]); ms <= 0 || ms > 3602_000 {
			t.Errorf("%s expires in %d ms", key, ms)
		}
	}
}

// Whatever stands in Redis, a request is judged.
func TestStrangeValues(t *testing.T) {
	r := redistest.Start(t)
	all := limits(t, "20/h")
	for _, words := range [][]string{
		{"SET", "docsift:rate:ann:20/h", "garbage"}, {"SET", "docsift:rate:ann:20/h", "9e99"}, {"SET", "docsift:rate:ann:20/h", "nan"}, {"SET", "docsift:rate:ann:20/h", "-5"},
		{"LPUSH", "docsift:rate:ann:20/h", "x"}, {"SET", "docsift:rate:instances", "x"},
	} {
		r.Do("FLUSHALL")
		r.Do(words...)
		log := new(lines)
		l := open(t, r.URL, slog.New(slog.NewTextHandler(log, nil)))
		if n := passed(l, "ann", all, 30); n != 20 || log.count("does not answer") != 0 {
			t.Errorf("%q: %d passed, want 20; log %s", words, n, log)
		}
		l.Close()
	}
}

// However Redis fails, requests pass or are refused at once, nobody gets much more than is his, and
// the log has a line when it begins and one when it is over.
func TestRedisFails(t *testing.T) {
	tests := []struct {
		name        string
		fail, cured func(*redistest.Server)
	}{
		{"gone", (*redistest.Server).Kill, (*redistest.Server).Run},
		{"frozen", (*redistest.Server).Freeze, (*redistest.Server).Thaw},
		{"read only", func(r *redistest.Server) { r.Do("REPLICAOF", "127.0.0.1", "1") }, func(r *redistest.Server) { r.Do("REPLICAOF", "NO", "ONE") }},
		{"full", func(r *redistest.Server) { r.Do("CONFIG", "SET", "maxmemory", "1") }, func(r *redistest.Server) { r.Do("CONFIG", "SET", "maxmemory", "0") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, log, all := redistest.Start(t), new(lines), limits(t, "1000/h")
			a := open(t, r.URL, slog.New(slog.NewTextHandler(log, nil)))
			b := open(t, r.URL, nil)
			until(t, "two are counted", func() bool { a.Take("x", all); return r.Do("ZCARD", "docsift:rate:instances") == ":2" })
			time.Sleep(3500 * time.Millisecond) // until the first has counted them, too
			before := passed(a, "ann", all, 900)
			tt.fail(r)
			var slowest time.Duration
			after := 0
			for range 600 {
				for _, l := range []*ratelimit.Limiter{a, b} {
					start := time.Now()
					if l.Take("ann", all).OK {
						after++
					}
					slowest = max(slowest, time.Since(start))
				}
			}
			if slowest > time.Second { // 50 ms, and what else this machine does
				t.Errorf("a request waited for %v", slowest)
			}
			if n := before + after; n > 1105 || n < 960 {
				t.Errorf("%d and %d of 1000 passed, want 10 %% more at most", before, after)
			}
			until(t, "it is noticed", func() bool { a.Take("ann", all); return log.count("redis does not answer") == 1 })
			tt.cured(r)
			until(t, "it is over", func() bool { return log.count("redis answers") == 2 })
			if n := passed(a, "ann", all, 300); n > 60 {
				t.Errorf("%d passed once it was back", n)
			}
			if n := passed(a, "new", all, 1100); n < 1000 || n > 1010 {
				t.Errorf("%d of another client passed once it was back", n)
			}
			if log.count("\n") > 4 {
				t.Errorf("log %s", log)
			}
		})
	}
}

// A single instance knows all that passed: it lets through neither more nor less than before.
func TestAloneWithoutRedis(t *testing.T) {
	r := redistest.Start(t)
	l, all := open(t, r.URL, nil), limits(t, "100/h")
	if n := passed(l, "ann", all, 30); n != 30 {
		t.Fatalf("%d of 30 passed", n)
	}
	r.Kill()
	if n := passed(l, "ann", all, 100); n != 70 {
		t.Errorf("%d more passed, want 70", n)
	}
	if n := passed(l, "bob", all, 200); n != 100 {
		t.Errorf("%d of another client passed, want 100", n)
	}
}

// What Redis forgets, those who asked remember.
func TestRedisForgets(t *testing.T) {
	r := redistest.Start(t)
	l, all := open(t, r.URL, nil), limits(t, "100/h")
	passed(l, "ann", all, 80)
	r.Do("FLUSHALL")
	if n := passed(l, "ann", all, 100); n != 20 {
		t.Errorf("%d more passed, want 20", n)
	}
}

func TestStartsWithoutRedis(t *testing.T) {
	r := redistest.New(t)
	log, all := new(lines), limits(t, "50/h")
	l := open(t, r.URL, slog.New(slog.NewTextHandler(log, nil)))
	if n := passed(l, "ann", all, 100); n != 50 {
		t.Errorf("%d passed, want 50", n)
	}
	r.Run()
	until(t, "it answers", func() bool { return log.count("redis answers") == 1 })
	if n := passed(l, "ann", all, 100); n != 0 {
		t.Errorf("%d more passed when it came", n)
	}
	if _, err := ratelimit.Open(ratelimit.Options{Redis: "http://:s3cret@x", Log: slog.New(slog.DiscardHandler)}); fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("another URL: %v", err)
	}
}

func BenchmarkTakeRedis(b *testing.B) {
	r := redistest.Start(b)
	l, all := open(b, r.URL, nil), limits(b, "1000000/m,100000000/h")
	for b.Loop() {
		l.Take("ann", all)
	}
}
