package share

import (
	"context"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/breaker"
	"github.com/docsift/docsift/model/modeltest"
)

// A call does not wait for a Redis that takes everything and answers nothing, not even for a
// moment, whatever happens to its breaker.
func TestNothingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // time passes only when everything waits
		opts, err := parse("redis://127.0.0.1:1/0")
		if err != nil {
			t.Fatal(err)
		}
		var dialled atomic.Int64
		opts.Dialer = func(context.Context, string, string) (net.Conn, error) {
			dialled.Add(1)
			here, there := net.Pipe()
			go io.Copy(io.Discard, there)
			return here, nil
		}
		s := start(opts, slog.New(slog.DiscardHandler))
		defer s.Close()
		var news atomic.Int64
		b := breaker.New(breaker.Options{Failures: 1, Cooldown: 10 * time.Millisecond, Tell: func(n breaker.News) { news.Add(1); s.Tell("one", n) }})
		s.Join("one", b)
		calls := 0
		m := b.Guard(modeltest.Func(func(context.Context, model.Request) (model.Response, error) {
			if calls++; calls%2 == 0 {
				return model.Response{}, nil
			}
			return model.Response{}, fault.New(fault.Unavailable, nil, "down")
		}))
		for range 1000 {
			start := time.Now()
			m.Score(t.Context(), model.Request{})
			b.Force(breaker.Forced{State: breaker.Open, Until: start.Add(time.Millisecond)})
			if waited := time.Since(start); waited != 0 {
				t.Fatalf("a call waited for %v", waited)
			}
			time.Sleep(12 * time.Millisecond)
		}
		if st := s.Status(); st.Up || st.Since == nil || dialled.Load() == 0 || calls != 1000 || news.Load() < 3000 {
			t.Errorf("status %+v after %d connections, %d calls and %d news", st, dialled.Load(), calls, news.Load())
		}
	})
}
