package sim_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

func get(t testing.TB, method, url string, header map[string]string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header.Set(k, v)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

func TestModels(t *testing.T) {
	_, url := start(t, sim.Options{Models: []sim.Model{{ID: "gpt-7", Like: "gpt-6-luna", Shutdown: "2030-01-02"}}})
	openai, gemini, anthropic := openaiWire.header, geminiWire.header, anthropicWire.header
	tests := []struct {
		name, path string
		header     map[string]string
		status     int
		want       string
	}{
		{"OpenAI lists its models with the day they end", "/v1/models", openai, 200, `"id":"gpt-4o-mini","object":"model","created":1767225600,"owned_by":"docsift-sim","shutdown_date":"2027-01-14"`},
		{"OpenAI shows null where no end is announced", "/v1/models/gpt-6-luna", openai, 200, `"shutdown_date":null`},
		{"an added model is shown", "/v1/models/gpt-7", openai, 200, `"shutdown_date":"2030-01-02"`},
		{"OpenAI does not know an unknown model", "/v1/models/gpt-3", openai, 404, "model_not_found"},
		{"OpenAI wants a key", "/v1/models", nil, 401, "didn't provide an API key"},
		{"Anthropic is told by its headers", "/v1/models", anthropic, 200, `"id":"claude-haiku-4-5"`},
		{"Anthropic shows the retirement", "/v1/models/claude-sonnet-4-5", anthropic, 200, `"lifecycle":"deprecated"`},
		{"Anthropic wants a version", "/v1/models", map[string]string{"x-api-key": "a"}, 400, "anthropic-version"},
		{"Gemini lists its models", "/v1beta/models", gemini, 200, `"name":"models/gemini-3.5-flash-lite"`},
		{"Gemini shows one", "/v1beta/models/gemini-2.5-flash", gemini, 200, `"supportedGenerationMethods":["generateContent"]`},
		{"Gemini wants a key", "/v1beta/models", nil, 403, "PERMISSION_DENIED"},
		{"an unknown path is not found", "/v1/completions", openai, 404, "Invalid URL (GET /v1/completions)"},
		{"a wrong method is not found", "/v1/messages", anthropic, 404, "not_found_error"},
		{"the page says what this is", "/sim", nil, 200, "never a measurement of a real model"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := get(t, http.MethodGet, url+tt.path, tt.header)
			if r.status != tt.status || !strings.Contains(r.body, tt.want) || r.header.Get("X-Docsift-Sim") != "1" {
				t.Errorf("status %d, want %d; body %s, want %q in it", r.status, tt.status, r.body, tt.want)
			}
		})
	}
}

func TestWrongContentType(t *testing.T) {
	for _, p := range wires() {
		_, url := start(t, sim.Options{})
		header := map[string]string{"Content-Type": "text/plain"}
		for k, v := range p.header {
			header[k] = v
		}
		p.header = header
		if r := p.mustPost(t, url, p.body); r.status != 400 || !strings.Contains(r.body, "text/plain") {
			t.Errorf("%s: status %d, body %s", p.name, r.status, r.body)
		}
	}
}

func TestNewRefusesWrongOptions(t *testing.T) {
	tests := []struct {
		name    string
		options sim.Options
		want    string
	}{
		{"a model like none", sim.Options{Models: []sim.Model{{ID: "a", Like: "b"}}}, `no model "b"`},
		{"a model without a name", sim.Options{Models: []sim.Model{{Like: "gpt-4o"}}}, "has no id"},
		{"a day that is none", sim.Options{Models: []sim.Model{{ID: "a", Like: "gpt-4o", Shutdown: "soon"}}}, "not a date"},
		{"a negative latency", sim.Options{Latency: -1}, "latency"},
		{"too much jitter", sim.Options{Jitter: 2}, "jitter"},
		{"a wrong answer", sim.Options{Rules: []sim.Rule{{}}}, "contains is empty"},
		{"a wrong script", sim.Options{Script: steps(sim.Effect{})}, "it does nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := sim.New(tt.options); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func TestLedger(t *testing.T) {
	s, url := start(t, sim.Options{})
	openaiWire.mustPost(t, url, openaiWire.body)
	openaiWire.mustPost(t, url, with(t, openaiWire.body, "model", `"gpt-3"`))
	geminiWire.mustPost(t, url, geminiWire.body)

	counts := []struct {
		provider, model string
		want            int
	}{{"", "", 3}, {sim.OpenAI, "", 2}, {sim.OpenAI, "gpt-3", 1}, {sim.Gemini, "gemini-2.5-flash-lite", 1}, {sim.Anthropic, "", 0}}
	for _, c := range counts {
		if got := s.Count(c.provider, c.model); got != c.want {
			t.Errorf("%d calls of %q %q, want %d", got, c.provider, c.model, c.want)
		}
	}
	page := get(t, http.MethodGet, url+"/sim/requests", nil).body
	for path, want := range map[string]any{
		"requests.0.seq": 1.0, "requests.0.outcome": "answered", "requests.0.billed": true, "requests.0.key": "f3abf2a6",
		"requests.1.outcome": "refused", "requests.1.status": 404.0, "requests.1.billed": false, "requests.1.prompt_tokens": 0.0,
		"requests.2.provider": "gemini", "requests.2.completion_tokens": 12.0, "requests.2.has_image": false,
	} {
		if got := at(t, page, path); got != want {
			t.Errorf("%s is %v, want %v", path, got, want)
		}
	}
	if strings.Contains(page, "sk-test") {
		t.Error("the ledger shows a key")
	}
	if r := get(t, http.MethodDelete, url+"/sim/requests", nil); r.status != http.StatusNoContent {
		t.Errorf("reset: status %d", r.status)
	}
	if got := get(t, http.MethodGet, url+"/sim/requests", nil).body; got != `{"requests":[]}` || s.Count("", "") != 0 {
		t.Errorf("after the reset: %s", got)
	}
}

func TestConcurrentCalls(t *testing.T) {
	script := sim.Script{Steps: []sim.Step{{Match: sim.Match{Every: 5}, Effect: sim.Effect{Status: 500}}}}
	s, url := start(t, sim.Options{Script: script, Answer: func(sim.Call) sim.Answer { return sim.Answer{} }})
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			p := wires()[i%3]
			if _, err := p.post(t, url, p.body); err != nil {
				t.Error(err)
			}
			s.Requests()
		})
	}
	all.Wait()
	failed := 0
	for i, row := range s.Requests() {
		if row.Seq != i+1 {
			t.Errorf("row %d has number %d", i, row.Seq)
		}
		if row.Outcome == "failed" {
			failed++
		}
	}
	if failed != 12 || s.Count("", "") != 60 {
		t.Errorf("%d of %d failed, want 12 of 60", failed, s.Count("", ""))
	}
}

func Example() {
	script, err := sim.LoadScript(strings.NewReader(`
steps:
  - match: {provider: openai, nth: 1}
    effect: {fault: slow_down, retry_after: 3}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := sim.New(sim.Options{Script: script})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 {
		body := strings.NewReader(`{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hello"}]}`)
		fmt.Println(serve(s, body))
	}
	for _, row := range s.Requests() {
		fmt.Println(row.Seq, row.Model, row.Outcome, row.Billed)
	}
	// Output:
	// 429 3
	// 200
	// 1 gpt-4o-mini failed false
	// 2 gpt-4o-mini answered true
}
