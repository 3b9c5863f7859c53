package sim_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

// ask sends a body to a simulator without a network.
func (p provider) ask(t *testing.T, s *sim.Server, key string) reply {
	t.Helper()
	req := httptest.NewRequestWithContext(context.Background(), http.MethodPost, p.path, strings.NewReader(p.body))
	req.Header.Set("Content-Type", "application/json")
	for name, value := range p.header {
		req.Header.Set(name, strings.Replace(value, "test", key, 1))
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	body, _ := io.ReadAll(w.Body)
	return reply{w.Code, w.Header(), string(body)}
}

// A call is 9 tokens of prompt, may answer 300, and answers 12.
func TestLimits(t *testing.T) {
	tests := []struct {
		name   string
		limits []sim.Limit
		pass   int // of ten
		wait   time.Duration
		over   string // in OpenAI's error
	}{
		{"none", nil, 10, 0, ""},
		{"requests", []sim.Limit{{RPM: 3}}, 3, time.Minute, "requests"},
		{"tokens, as many as a call may answer", []sim.Limit{{TPM: 350}}, 2, time.Minute, "tokens"},
		{"one for another model", []sim.Limit{{Model: "gpt-4o", RPM: 3}}, 10, 0, ""},
		{"one for another key", []sim.Limit{{Key: "sk-other", RPM: 3}}, 10, 0, ""},
		{"the first that fits", []sim.Limit{{Model: "gpt-4o-mini", Key: "sk-one", RPM: 4}, {RPM: 1}}, 4, time.Minute, "requests"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := sim.New(sim.Options{Limits: tt.limits})
				if err != nil {
					t.Fatal(err)
				}
				passed, last := 0, reply{}
				for range 10 {
					if last = openaiWire.ask(t, s, "one"); last.status == http.StatusOK {
						passed++
					}
				}
				if passed != tt.pass {
					t.Errorf("%d calls passed, want %d; the last answered %s", passed, tt.pass, last.body)
				}
				if tt.over == "" {
					return
				}
				if !strings.Contains(last.body, `"type":"`+tt.over+`"`) || !strings.Contains(last.body, "rate_limit_exceeded") || last.header.Get("Retry-After") != "60" {
					t.Errorf("refused with %s and Retry-After %q, want one for %s after 60", last.body, last.header.Get("Retry-After"), tt.over)
				}
				time.Sleep(tt.wait - time.Nanosecond)
				if r := openaiWire.ask(t, s, "one"); r.status != http.StatusTooManyRequests {
					t.Errorf("status %d before the minute is over", r.status)
				}
				time.Sleep(time.Nanosecond)
				if r := openaiWire.ask(t, s, "one"); r.status != http.StatusOK {
					t.Errorf("status %d after the wait", r.status)
				}
				if rows := s.Requests(); rows[9].Outcome != "limited" || rows[9].Billed {
					t.Errorf("ledger row %+v, want one that is limited", rows[9])
				}
			})
		})
	}
}

func TestLimitsInHeaders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := sim.New(sim.Options{Limits: []sim.Limit{{RPM: 2, TPM: 1000}}})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct{ requests, tokens string }{{"1", "979"}, {"0", "958"}, {"0", "958"}} {
			time.Sleep(time.Second)
			open, claude := openaiWire.ask(t, s, "one").header, anthropicWire.ask(t, s, "one").header
			for name, value := range map[string]string{
				"x-ratelimit-limit-requests": "2", "x-ratelimit-remaining-requests": want.requests,
				"x-ratelimit-limit-tokens": "1000", "x-ratelimit-remaining-tokens": want.tokens,
			} {
				if got := open.Get(name); got != value {
					t.Errorf("call %d: %s is %q, want %q", i+1, name, got, value)
				}
			}
			for name, value := range map[string]string{
				"anthropic-ratelimit-requests-limit": "2", "anthropic-ratelimit-requests-remaining": want.requests,
				"anthropic-ratelimit-tokens-limit": "1000", "anthropic-ratelimit-tokens-remaining": want.tokens,
			} {
				if got := claude.Get(name); got != value {
					t.Errorf("call %d: %s is %q, want %q", i+1, name, got, value)
				}
			}
		}
		if r := geminiWire.ask(t, s, "one"); r.status != http.StatusOK || r.header.Get("x-ratelimit-limit-requests") != "" {
			t.Errorf("another model: status %d, headers %v", r.status, r.header)
		}
		geminiWire.ask(t, s, "one")
		if r := geminiWire.ask(t, s, "one"); r.status != http.StatusTooManyRequests || !strings.Contains(r.body, `"retryDelay":"60s"`) {
			t.Errorf("status %d, body %s; want 429 with a RetryInfo", r.status, r.body)
		}
	})
}

func TestLimitsCannotBeNegative(t *testing.T) {
	if _, err := sim.New(sim.Options{Limits: []sim.Limit{{RPM: -1}}}); err == nil {
		t.Error("a negative limit is taken")
	}
}
