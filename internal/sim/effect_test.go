package sim_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

func steps(effects ...sim.Effect) sim.Script {
	var s sim.Script
	for _, e := range effects {
		s.Steps = append(s.Steps, sim.Step{Effect: e})
	}
	return s
}

func TestFaults(t *testing.T) {
	openai, gemini, anthropic := openaiWire, geminiWire, anthropicWire
	tests := []struct {
		provider
		effect sim.Effect
		status int
		retry  string // Retry-After
		want   string // in the body
	}{
		{openai, sim.Effect{Fault: "rate_limit_exceeded", RetryAfter: "2"}, 429, "2", `"code":"rate_limit_exceeded"`},
		{openai, sim.Effect{Fault: "rate_limit_exceeded", RetryAfter: "none"}, 429, "", `"code":"rate_limit_exceeded"`},
		{openai, sim.Effect{Fault: "rate_limit_exceeded", RetryAfter: "soon"}, 429, "soon", `"code":"rate_limit_exceeded"`},
		{openai, sim.Effect{Fault: "slow_down"}, 429, "5", `"type":"rate_limit_error","param":null,"code":"slow_down"`},
		{openai, sim.Effect{Fault: "insufficient_quota"}, 429, "", `"type":"insufficient_quota","param":null,"code":"insufficient_quota"`},
		{openai, sim.Effect{Fault: "insufficient_quota", Code: "credit_balance_exhausted"}, 429, "", `"type":"insufficient_quota","param":null,"code":"credit_balance_exhausted"`},
		{openai, sim.Effect{Fault: "server_is_overloaded"}, 503, "", `"code":"server_is_overloaded"`},
		{openai, sim.Effect{Fault: "invalid_api_key"}, 401, "", `"code":"invalid_api_key"`},
		{openai, sim.Effect{Fault: "request_too_large"}, 413, "", "<html>"},
		{openai, sim.Effect{Fault: "bad_gateway"}, 502, "", "<html>"},
		{openai, sim.Effect{Status: 500}, 500, "", `"type":"server_error"`},
		{openai, sim.Effect{Status: 429, RetryAfter: "-1"}, 429, "-1", `"code":"rate_limit_exceeded"`},
		{openai, sim.Effect{Status: 418, Body: "short and stout"}, 418, "", "short and stout"},
		{gemini, sim.Effect{Fault: "RESOURCE_EXHAUSTED"}, 429, "", `"retryDelay":"39s"`},
		{gemini, sim.Effect{Fault: "rate_limit_exceeded", RetryAfter: "7"}, 429, "", `"retryDelay":"7s"`},
		{gemini, sim.Effect{Fault: "resource_exhausted", RetryAfter: "none"}, 429, "", `"status":"RESOURCE_EXHAUSTED"`},
		{gemini, sim.Effect{Fault: "quota_per_day"}, 429, "", `"quotaId":"GenerateRequestsPerDayPerProjectPerModel"`},
		{gemini, sim.Effect{Fault: "insufficient_quota"}, 402, "", `"status":"FAILED_PRECONDITION"`},
		{gemini, sim.Effect{Fault: "invalid_api_key"}, 400, "", `"reason":"API_KEY_INVALID"`},
		{gemini, sim.Effect{Fault: "unavailable"}, 503, "", `"status":"UNAVAILABLE"`},
		{gemini, sim.Effect{Status: 401}, 401, "", `"status":"UNAUTHENTICATED"`},
		{anthropic, sim.Effect{Fault: "overloaded_error"}, 529, "", `"type":"overloaded_error"`},
		{anthropic, sim.Effect{Fault: "rate_limit_error", RetryAfter: "12"}, 429, "12", `"type":"rate_limit_error"`},
		{anthropic, sim.Effect{Fault: "spend_limit_reached"}, 429, "", `"details":{"error_code":"enforced_spend_limit_reached"}`},
		{anthropic, sim.Effect{Fault: "insufficient_quota"}, 400, "", "credit balance is too low"},
		{anthropic, sim.Effect{Fault: "billing_error"}, 402, "", `"type":"billing_error"`},
		{anthropic, sim.Effect{Fault: "timeout"}, 504, "", `"type":"timeout_error"`},
		{anthropic, sim.Effect{Fault: "server_error", Message: "boom", Type: "odd_error"}, 500, "", `"error":{"type":"odd_error","message":"boom"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.effect.Fault+tt.effect.Code+tt.effect.RetryAfter, func(t *testing.T) {
			s, url := start(t, sim.Options{Script: steps(tt.effect)})
			r := tt.mustPost(t, url, tt.body)
			if r.status != tt.status || !strings.Contains(r.body, tt.want) {
				t.Errorf("status %d, want %d; body %s", r.status, tt.status, r.body)
			}
			if got := r.header.Get("Retry-After"); got != tt.retry {
				t.Errorf("Retry-After %q, want %q", got, tt.retry)
			}
			if row := s.Requests()[0]; row.Billed || row.Status != tt.status {
				t.Errorf("ledger row %+v", row)
			}
		})
	}
}

func TestEveryFaultHasAForm(t *testing.T) {
	names := strings.Fields(`rate_limit_exceeded rate_limit_error resource_exhausted slow_down quota_per_day insufficient_quota
		spend_limit_reached billing_error server_error bad_gateway server_is_overloaded overloaded_error unavailable timeout
		invalid_api_key permission_denied model_not_found context_length_exceeded request_too_large`)
	s, url := start(t, sim.Options{})
	for _, name := range names {
		if err := s.SetScript(steps(sim.Effect{Fault: name})); err != nil {
			t.Fatal(err)
		}
		for _, p := range wires() {
			if r := p.mustPost(t, url, p.body); r.status < 400 || !strings.Contains(r.body, "error") && !strings.Contains(r.body, "<html>") {
				t.Errorf("%s at %s: status %d, body %s", name, p.name, r.status, r.body)
			}
		}
	}
}

func TestSpoiledReplies(t *testing.T) {
	openai, gemini, anthropic := openaiWire, geminiWire, anthropicWire
	tests := []struct {
		name string
		provider
		effect sim.Effect
		path   string // in the reply; empty: the text of the model
		want   any
	}{
		{"empty choices", openai, sim.Effect{Empty: "choices"}, "choices.0", nil},
		{"null content", openai, sim.Effect{Empty: "content"}, "choices.0.message.content", nil},
		{"a refusal", openai, sim.Effect{Finish: "refusal"}, "choices.0.message.refusal", "I'm sorry, but I can't assist with that request."},
		{"a content filter", openai, sim.Effect{Finish: "content_filter"}, "choices.0.finish_reason", "content_filter"},
		{"an answer cut short", openai, sim.Effect{Finish: "length"}, "choices.0.message.content", `{"category":"bank_state`},
		{"a tool call", openai, sim.Effect{Finish: "tool_calls"}, "choices.0.message.tool_calls.0.function.name", "classify"},
		{"no usage", openai, sim.Effect{Usage: "missing"}, "usage", nil},
		{"absurd usage", openai, sim.Effect{Usage: "absurd"}, "usage.prompt_tokens", 9000.0},
		{"fenced JSON", openai, sim.Effect{Garbage: "fenced"}, "", "```json\n{\"category\":\"bank_statement\",\"confidence\":0.9}\n```"},
		{"prose", openai, sim.Effect{Garbage: "prose"}, "", "This document looks like bank statement to me."},
		{"a foreign label", openai, sim.Effect{Label: "Rechnung"}, "", `{"category":"Rechnung","confidence":0.9}`},
		{"a wrong label", openai, sim.Effect{WrongLabel: true}, "", `{"category":"unknown","confidence":0.9}`},
		{"a confidence in percent", openai, sim.Effect{Confidence: `"95%"`}, "", `{"category":"bank_statement","confidence":"95%"}`},
		{"a confidence that is no number", openai, sim.Effect{Confidence: "NaN"}, "", `{"category":"bank_statement","confidence":NaN}`},
		{"no confidence", openai, sim.Effect{Confidence: sim.Missing}, "", `{"category":"bank_statement"}`},
		{"no candidates", gemini, sim.Effect{Empty: "choices"}, "candidates", nil},
		{"a candidate without parts", gemini, sim.Effect{Empty: "content"}, "candidates.0.content.parts", nil},
		{"a safety stop", gemini, sim.Effect{Finish: "safety"}, "candidates.0.finishReason", "SAFETY"},
		{"a stop of Gemini's own", gemini, sim.Effect{Finish: "length"}, "candidates.0.finishReason", "MAX_TOKENS"},
		{"a blocked prompt", gemini, sim.Effect{Finish: "content_filter"}, "promptFeedback.blockReason", "PROHIBITED_CONTENT"},
		{"no usage", gemini, sim.Effect{Usage: "missing"}, "usageMetadata", nil},
		{"no blocks", anthropic, sim.Effect{Empty: "choices"}, "content.0", nil},
		{"an empty block", anthropic, sim.Effect{Empty: "content"}, "content.0.text", ""},
		{"a refusal", anthropic, sim.Effect{Finish: "refusal"}, "stop_reason", "refusal"},
		{"a tool call", anthropic, sim.Effect{Finish: "tool_calls"}, "content.0.type", "tool_use"},
		{"an answer cut short", anthropic, sim.Effect{Finish: "length"}, "stop_reason", "max_tokens"},
	}
	for _, tt := range tests {
		t.Run(tt.provider.name+" "+tt.name, func(t *testing.T) {
			s, url := start(t, sim.Options{Script: steps(tt.effect)})
			r := tt.mustPost(t, url, tt.body)
			var got any = tt.text(t, r)
			if tt.path != "" {
				got = at(t, r.body, tt.path)
			}
			if r.status != http.StatusOK || got != tt.want {
				t.Errorf("status %d, got %v, want %v in %s", r.status, got, tt.want, r.body)
			}
			if row := s.Requests()[0]; !row.Billed || row.CompletionTokens == 0 {
				t.Errorf("ledger row %+v", row)
			}
		})
	}
}

func TestSpoiledBodies(t *testing.T) {
	_, url := start(t, sim.Options{})
	whole := anthropicWire.mustPost(t, url, anthropicWire.body).body
	tests := []struct {
		garbage string
		ok      func(body string) bool
	}{
		{"not_json", func(b string) bool { return !strings.HasPrefix(b, "{") }},
		{"truncated", func(b string) bool { return strings.HasPrefix(b, "{") && len(b) < len(whole) }},
		{"html", func(b string) bool { return strings.HasPrefix(b, "<html>") }},
		{"blank", func(b string) bool { return b == "" }},
		{"bom", func(b string) bool { return strings.HasPrefix(b, "\xef\xbb\xbf{") }},
	}
	for _, tt := range tests {
		t.Run(tt.garbage, func(t *testing.T) {
			_, url := start(t, sim.Options{Script: steps(sim.Effect{Garbage: tt.garbage})})
			r := anthropicWire.mustPost(t, url, anthropicWire.body)
			if r.status != http.StatusOK || !tt.ok(r.body) {
				t.Errorf("status %d, %d bytes: %.80q", r.status, len(r.body), r.body)
			}
		})
	}
	t.Run("gzip", func(t *testing.T) {
		_, url := start(t, sim.Options{Script: steps(sim.Effect{Garbage: "gzip"})})
		if _, err := anthropicWire.post(t, url, anthropicWire.body); err == nil {
			t.Error("a client that unpacks gzip read the body")
		}
	})
}

func TestHugeBody(t *testing.T) {
	_, url := start(t, sim.Options{Script: steps(sim.Effect{Garbage: "huge"})})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+openaiWire.path, strings.NewReader(openaiWire.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer sk-test")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err != nil || n <= 100<<20 {
		t.Errorf("%d bytes, error %v, want more than 100 MiB", n, err)
	}
}

func TestCuts(t *testing.T) {
	tests := []struct {
		cut  string
		want error
	}{
		{"before", io.EOF},
		{"middle", io.ErrUnexpectedEOF},
		{"reset", syscall.ECONNRESET},
	}
	for _, tt := range tests {
		t.Run(tt.cut, func(t *testing.T) {
			s, url := start(t, sim.Options{Script: steps(sim.Effect{Cut: tt.cut})})
			_, err := openaiWire.post(t, url, openaiWire.body)
			if !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if row := s.Requests()[0]; row.Outcome != "cut" || !row.Billed {
				t.Errorf("ledger row %+v", row)
			}
		})
	}
}

// inBubble serves s over in-memory connections, so that synctest's clock drives both ends.
func inBubble(t *testing.T, s *sim.Server) *http.Client {
	web := &http.Server{Handler: s}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go web.Serve(&oneConn{conn: far})
			return near, nil
		},
	}}
	t.Cleanup(func() { web.Close() })
	return client
}

// oneConn is a listener with a single connection.
type oneConn struct{ conn net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	if l.conn == nil {
		return nil, net.ErrClosed
	}
	c := l.conn
	l.conn = nil
	return c, nil
}
func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

func TestTime(t *testing.T) {
	tests := []struct {
		name    string
		options sim.Options
		timeout time.Duration
		least   time.Duration
		most    time.Duration
		outcome string
	}{
		{"a reply comes at once by default", sim.Options{}, time.Minute, 0, 0, "answered"},
		{"latency comes before the reply", sim.Options{Latency: 300 * time.Millisecond}, time.Minute, 300 * time.Millisecond, 300 * time.Millisecond, "answered"},
		{"jitter spreads the latency", sim.Options{Latency: time.Second, Jitter: 0.5, Seed: 7}, time.Minute, 500 * time.Millisecond, 1500 * time.Millisecond, "answered"},
		{"a delay is added", sim.Options{Latency: time.Second, Script: steps(sim.Effect{Delay: time.Minute})}, time.Hour, 61 * time.Second, 61 * time.Second, "answered"},
		{"a drip takes its time for each byte", sim.Options{Script: steps(sim.Effect{Drip: time.Second})}, time.Hour, 5 * time.Minute, 20 * time.Minute, "answered"},
		{"a client may give up on a drip", sim.Options{Script: steps(sim.Effect{Drip: time.Second})}, 10 * time.Second, 10 * time.Second, 10 * time.Second, "gone"},
		{"a hang lasts until the client leaves", sim.Options{Script: steps(sim.Effect{Hang: true})}, time.Hour, time.Hour, time.Hour, "hung"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := sim.New(tt.options)
				if err != nil {
					t.Fatal(err)
				}
				client := inBubble(t, s)
				client.Timeout = tt.timeout
				req := httptest.NewRequest(http.MethodPost, "http://sim"+openaiWire.path, strings.NewReader(openaiWire.body))
				req.RequestURI = ""
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", "Bearer sk-test")
				begun := time.Now()
				if resp, err := client.Do(req); err == nil {
					io.Copy(io.Discard, resp.Body)
					resp.Body.Close()
				}
				took := time.Since(begun)
				synctest.Wait()
				if took < tt.least || took > tt.most {
					t.Errorf("took %v, want %v to %v", took, tt.least, tt.most)
				}
				row := s.Requests()[0]
				if row.Outcome != tt.outcome || !row.Billed {
					t.Errorf("ledger row %+v, want outcome %s", row, tt.outcome)
				}
			})
		})
	}
}

func TestMatches(t *testing.T) {
	tests := []struct {
		name  string
		match sim.Match
		want  []int // the calls of ten that fail, counted from 1
	}{
		{"all", sim.Match{}, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}},
		{"the third", sim.Match{Nth: 3}, []int{3}},
		{"from the eighth", sim.Match{From: 8}, []int{8, 9, 10}},
		{"two from the fourth", sim.Match{From: 4, Count: 2}, []int{4, 5}},
		{"the first two", sim.Match{Count: 2}, []int{1, 2}},
		{"every fourth", sim.Match{Every: 4}, []int{4, 8}},
		{"every second from the fifth", sim.Match{From: 5, Every: 2}, []int{6, 8, 10}},
		{"another model", sim.Match{Model: "gpt-4o"}, nil},
		{"this model", sim.Match{Model: "gpt-4o-mini", Nth: 2}, []int{2}},
		{"another provider", sim.Match{Provider: sim.Gemini}, nil},
		{"this key", sim.Match{Key: "sk-test", Nth: 2}, []int{2}},
		{"another key", sim.Match{Key: "sk-other"}, nil},
		{"a text that is there", sim.Match{Contains: "of May", Nth: 2}, []int{2}},
		{"a text that is not there", sim.Match{Contains: "of June"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			script := sim.Script{Steps: []sim.Step{{Match: tt.match, Effect: sim.Effect{Status: 500}}}}
			_, url := start(t, sim.Options{Script: script})
			var got []int
			for i := range 10 {
				if openaiWire.mustPost(t, url, openaiWire.body).status == 500 {
					got = append(got, i+1)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("calls %v fail, want %v", got, tt.want)
			}
		})
	}
}

func TestStepsCountCallsTakenByOthers(t *testing.T) {
	script := sim.Script{Steps: []sim.Step{
		{Match: sim.Match{Nth: 2}, Effect: sim.Effect{Status: 500}},
		{Match: sim.Match{Nth: 3}, Effect: sim.Effect{Status: 503}},
	}}
	s, url := start(t, sim.Options{Script: script})
	var got []int
	for range 4 {
		got = append(got, openaiWire.mustPost(t, url, openaiWire.body).status)
	}
	if want := []int{200, 500, 503, 200}; !slices.Equal(got, want) {
		t.Errorf("statuses %v, want %v", got, want)
	}
	if err := s.SetScript(script); err != nil {
		t.Fatal(err)
	}
	openaiWire.mustPost(t, url, openaiWire.body)
	if r := openaiWire.mustPost(t, url, openaiWire.body); r.status != 500 {
		t.Errorf("second call of the script set anew: status %d, want 500", r.status)
	}
}

func TestShareIsSeeded(t *testing.T) {
	count := func(seed uint64) (failed []int) {
		script := sim.Script{Steps: []sim.Step{{Match: sim.Match{Share: 0.3}, Effect: sim.Effect{Status: 500}}}}
		_, url := start(t, sim.Options{Script: script, Seed: seed})
		for i := range 200 {
			if openaiWire.mustPost(t, url, openaiWire.body).status == 500 {
				failed = append(failed, i)
			}
		}
		return failed
	}
	one, again, other := count(1), count(1), count(2)
	if len(one) < 40 || len(one) > 80 {
		t.Errorf("%d of 200 fail, want about 60", len(one))
	}
	if !slices.Equal(one, again) || slices.Equal(one, other) {
		t.Error("the share does not follow the seed")
	}
}

func TestLedgerHoldsWhatIsBilled(t *testing.T) {
	for usage, said := range map[string]string{"": `"prompt_tokens":9,`, "absurd": `"prompt_tokens":9000,`, "missing": `"choices"`} {
		s, url := start(t, sim.Options{Script: steps(sim.Effect{Usage: usage, Label: "unknown"})})
		r := openaiWire.mustPost(t, url, openaiWire.body)
		if row := s.Requests()[0]; row.PromptTokens != 9 || !row.Billed || !strings.Contains(r.body, said) {
			t.Errorf("usage %q: the ledger has %+v, the reply is %s", usage, row, r.body)
		}
		if id := r.header.Get("X-Request-Id"); id == "" || id != s.Requests()[0].ID {
			t.Errorf("the reply is called %q, in the ledger %q", id, s.Requests()[0].ID)
		}
	}
	s, url := start(t, sim.Options{})
	if r := geminiWire.mustPost(t, url, geminiWire.body); !strings.Contains(r.body, `"responseId":"`+s.Requests()[0].ID+`"`) {
		t.Errorf("the ledger has %q, the reply is %s", s.Requests()[0].ID, r.body)
	}
}

func TestEffectHook(t *testing.T) {
	s, url := start(t, sim.Options{
		Script: steps(sim.Effect{Status: 500}),
		Effect: func(c sim.Call) sim.Effect {
			if c.Provider == sim.OpenAI {
				return sim.Effect{Status: 418, Body: "short and stout"}
			}
			return sim.Effect{}
		},
	})
	for _, p := range []provider{openaiWire, geminiWire} {
		want := map[string]int{sim.OpenAI: 418, sim.Gemini: 500}[p.name]
		if r := p.mustPost(t, url, p.body); r.status != want {
			t.Errorf("%s: status %d, want %d", p.name, r.status, want)
		}
	}
	if n := len(s.Requests()); n != 2 {
		t.Errorf("%d calls in the ledger, want both", n)
	}
}
