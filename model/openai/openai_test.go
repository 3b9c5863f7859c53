package openai_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/model/openai"
	"github.com/docsift/docsift/taxonomy"
)

var update = flag.Bool("update", false, "write the golden files of requests anew")

// canary is a key that must turn up in no error.
const canary = "sk-canary-5e0ff"

func reply(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "replies", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// provider answers every request with one reply.
func provider(t testing.TB, status int, header map[string]string, body []byte) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Request-Id", "req_7")
		for k, v := range header {
			w.Header().Set(k, v)
		}
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/v1"
}

func TestContract(t *testing.T) {
	modeltest.Run(t, func(t *testing.T) model.Model {
		return openai.New(openai.Options{Model: "gpt-4o-mini", Key: canary, BaseURL: provider(t, 200, nil, reply(t, "invoice.json"))})
	})
}

func TestName(t *testing.T) {
	if got := openai.New(openai.Options{Model: "gpt-4o-mini"}).Name(); got != "openai/gpt-4o-mini" {
		t.Errorf("name %q, want openai/gpt-4o-mini", got)
	}
}

func TestScoreNeedsKey(t *testing.T) {
	_, err := openai.New(openai.Options{Model: "gpt-4o-mini", Key: " \n"}).Score(t.Context(), modeltest.Request(t))
	if fault.KindOf(err) != fault.NoKey {
		t.Errorf("error %v (%s), want %s", err, fault.KindOf(err), fault.NoKey)
	}
}

func TestScoreRequests(t *testing.T) {
	twentieth := 0.05
	set := chat.Settings{MaxTokens: 400, Temperature: &twentieth, Detail: "high"}
	page := []document.Image{{MIME: "image/png", Width: 8, Height: 8, Bytes: []byte("\x89PNG page one")}, {MIME: "image/jpeg", Bytes: []byte("page two")}}
	tests := []struct {
		name   string // of the golden file
		model  string
		set    chat.Settings
		change func(*model.Request)
	}{
		{"gpt-4o-mini", "gpt-4o-mini", chat.Settings{}, nil},
		{"gpt-4o-mini_set", "gpt-4o-mini", set, nil},
		{"gpt-4o-mini_images", "gpt-4o-mini", set, func(r *model.Request) { r.Images = page }},
		{"gpt-4o-mini_images_only", "gpt-4o-mini", chat.Settings{}, func(r *model.Request) { r.Images, r.Text = page[:1], " \n" }},
		{"gpt-4o-mini_prompt", "gpt-4o-mini", chat.Settings{}, func(r *model.Request) { r.Prompt = "Say what <this> is." }},
		{"gpt-4o-mini_fine_tuned", "ft:gpt-4o-mini-2024-07-18:acme::1", set, nil},
		{"gpt-5-mini", "gpt-5-mini", set, nil},
		{"gpt-5.1", "gpt-5.1", set, nil},
		{"gpt-6-luna", "gpt-6-luna", set, nil},
		{"gpt-6-luna_effort", "gpt-6-luna", chat.Settings{Effort: "low"}, nil},
		{"gpt-6-astra", "gpt-6-astra", chat.Settings{}, nil},
		{"gpt-7", "gpt-7", chat.Settings{}, nil},
		{"o3", "o3", set, nil},
		{"compatible", "llama3.2:3b", set, nil},
		{"compatible_effort", "gpt-oss-like:20b", chat.Settings{Effort: "low"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := modeltest.Request(t)
			req.Taxonomy = &taxonomy.Taxonomy{Categories: []taxonomy.Category{
				{Name: "invoice", Description: "A seller's request for payment."}, {Name: "receipt"}, {Name: "bank_statement"},
			}}
			if tt.change != nil {
				tt.change(&req)
			}
			golden(t, tt.name, sent(t, openai.Options{Settings: tt.set, Model: tt.model}, req))
		})
	}
}

// sent returns the body that a model sends, and checks where it goes.
func sent(t *testing.T, o openai.Options, req model.Request) []byte {
	t.Helper()
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization"); got != "POST /v1/chat/completions Bearer "+canary {
			t.Errorf("request %q", got)
		}
		body, _ = io.ReadAll(r.Body)
		_, _ = w.Write(reply(t, "invoice.json"))
	}))
	defer s.Close()
	o.Key, o.BaseURL = canary+"\n", s.URL+"/v1/"
	if _, err := openai.New(o).Score(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	return body
}

// golden compares a body with a file in testdata, but for white space.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join("testdata", "requests", name+".json")
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("request\n%s\nwant\n%s", &got, want)
	}
}

func TestScoreAnswers(t *testing.T) {
	full := model.Usage{Known: true, Input: 520, Output: 14}
	tests := []struct {
		file       string
		label      string
		confidence float64
		score      model.ScoreKind
		served     string
		usage      model.Usage
		notes      string
	}{
		{"invoice.json", "invoice", 0.93, model.ScoreStated, "gpt-4o-mini-2024-07-18", full, ""},
		{"cached.json", "invoice", 0.93, model.ScoreStated, "gpt-6-luna", model.Usage{Known: true, Input: 520, Cached: 256, CacheWrite: 128, Output: 14}, ""},
		{"reasoned.json", "invoice", 0.93, model.ScoreStated, "o3-2025-04-16", model.Usage{Known: true, Input: 520, Output: 206, Reasoning: 192}, ""},
		{"no_usage.json", "invoice", 0.93, model.ScoreStated, "llama3.2:3b", model.Usage{}, ""},
		{"off_list.json", "unknown", 0, model.ScoreNone, "gpt-4o-mini-2024-07-18", full, `category "banana" is not in the list`},
		{"fenced_percent.json", "bank_statement", 0.93, model.ScoreStated, "gpt-4o-mini-2024-07-18", full, `category was written "Bank Statement"; confidence "93%" was read as a percentage`},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			m := openai.New(openai.Options{Model: "any", BaseURL: provider(t, 200, nil, reply(t, tt.file))})
			got, err := m.Score(t.Context(), modeltest.Request(t))
			if err != nil {
				t.Fatal(err)
			}
			if got.Label != tt.label || got.Confidence != tt.confidence || got.Score != tt.score {
				t.Errorf("answer %s %v (%s), want %s %v (%s)", got.Label, got.Confidence, got.Score, tt.label, tt.confidence, tt.score)
			}
			if got.Usage != tt.usage || got.Served != tt.served || got.RequestID != "req_7" {
				t.Errorf("usage %+v by %q as %q, want %+v by %q as req_7", got.Usage, got.Served, got.RequestID, tt.usage, tt.served)
			}
			if notes := strings.Join(got.Notes, "; "); notes != tt.notes {
				t.Errorf("notes %q, want %q", notes, tt.notes)
			}
		})
	}
}

func TestScoreUnusableAnswers(t *testing.T) {
	tests := []struct {
		file string
		kind fault.Kind
		msg  string
		paid bool
	}{
		{"refusal.json", fault.Refused, "declined", true},
		{"content_filter.json", fault.Refused, "filter", true},
		{"length.json", fault.BadOutput, "truncated", true},
		{"tool_call.json", fault.BadOutput, "tool", true},
		{"null_content.json", fault.BadOutput, "empty", true},
		{"no_choices.json", fault.BadOutput, "no choices", true},
		{"two_answers.json", fault.BadOutput, "2 answers", true},
		{"not_json.html", fault.BadOutput, "not the JSON", false},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			m := openai.New(openai.Options{Model: "any", BaseURL: provider(t, 200, nil, reply(t, tt.file))})
			got, err := m.Score(t.Context(), modeltest.Request(t))
			if fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), tt.kind, tt.msg)
			}
			if got.Usage.Known != tt.paid || tt.paid && got.Usage.Input != 520 || got.RequestID != "req_7" || got.Label != "" {
				t.Errorf("response %+v beside the error, want the usage of what was paid: %v", got, tt.paid)
			}
		})
	}
}

func TestScoreErrors(t *testing.T) {
	tests := []struct {
		file   string
		status int
		want   fault.Kind
		msg    string
	}{
		{"bad_key.json", 401, fault.Auth, "invalid_api_key"},
		{"no_access.json", 403, fault.Auth, ""},
		{"model_forbidden.json", 403, fault.ModelGone, ""},
		{"model_not_found.json", 404, fault.ModelGone, "model_not_found"},
		{"not_json.html", 404, fault.ModelGone, ""},
		{"rate_limit.json", 429, fault.RateLimited, "rate_limit_exceeded"},
		{"tokens_limit.json", 429, fault.RateLimited, ""},
		{"slow_down.json", 429, fault.RateLimited, "slow_down"},
		{"insufficient_quota.json", 429, fault.Quota, ""},
		{"credit_balance_exhausted.json", 429, fault.Quota, "credit_balance_exhausted"},
		{"organization_spend_limit_exceeded.json", 429, fault.Quota, ""},
		{"project_spend_limit_exceeded.json", 429, fault.Quota, ""},
		{"organization_usage_limit_exceeded.json", 429, fault.Quota, ""},
		{"spend_limit_by_code_only.json", 429, fault.Quota, ""},
		{"bad_parameter.json", 400, fault.Rejected, "unsupported_value"},
		{"context_length.json", 400, fault.Rejected, "context_length_exceeded"},
		{"filtered_prompt.json", 400, fault.Refused, ""},
		{"too_large.html", 413, fault.Rejected, "status 413"},
		{"server_error.json", 408, fault.Timeout, ""},
		{"server_error.json", 500, fault.Unavailable, ""},
		{"bad_gateway.html", 502, fault.Unavailable, "status 502"},
		{"overloaded.json", 503, fault.Unavailable, "server_is_overloaded"},
		{"server_error.json", 504, fault.Unavailable, ""},
		{"error_number.json", 429, fault.RateLimited, ""},
		{"error_text.json", 500, fault.Unavailable, ""},
		{"not_json.html", 302, fault.Unavailable, "status 302"},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			url := provider(t, tt.status, map[string]string{"Retry-After": "2"}, reply(t, tt.file))
			_, err := openai.New(openai.Options{Model: "any", BaseURL: url}).Score(t.Context(), modeltest.Request(t))
			if fault.KindOf(err) != tt.want || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), tt.want, tt.msg)
			}
			if got := fault.RetryAfter(err).Seconds(); got != 2 {
				t.Errorf("retry after %v s, want 2", got)
			}
		})
	}
}

func TestErrorsHideKey(t *testing.T) {
	for status := 300; status < 600; status++ {
		body := `{"error":{"message":"bad ` + canary + `","type":"` + canary + `","code":"` + canary + `"}}`
		m := openai.New(openai.Options{Model: "any", Key: canary, BaseURL: provider(t, status, nil, []byte(body))})
		_, err := m.Score(t.Context(), modeltest.Request(t))
		for ; err != nil; err = errors.Unwrap(err) {
			if strings.Contains(err.Error()+fault.Message(err), canary) {
				t.Errorf("status %d: the key is in %v", status, err)
			}
		}
	}
}

func TestLifecycle(t *testing.T) {
	tests := []struct {
		name   string
		status int
		file   string
		want   chat.Lifecycle
		kind   fault.Kind
	}{
		{"has an end announced", 200, "model.json", chat.Lifecycle{Exists: true, Shutdown: "2027-01-14"}, ""},
		{"has none announced", 200, "model_alive.json", chat.Lifecycle{Exists: true}, ""},
		{"does not exist", 404, "model_not_found.json", chat.Lifecycle{}, ""},
		{"cannot be asked about", 401, "bad_key.json", chat.Lifecycle{}, fault.Auth},
		{"is not described in JSON", 200, "not_json.html", chat.Lifecycle{}, fault.BadOutput},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := openai.New(openai.Options{Model: "gpt-4o-mini", BaseURL: provider(t, tt.status, nil, reply(t, tt.file))}).Lifecycle(t.Context())
			if got != tt.want || fault.KindOf(err) != tt.kind {
				t.Errorf("lifecycle %+v, %v; want %+v, %q", got, err, tt.want, tt.kind)
			}
		})
	}
}

// canned answers without a network, so that a benchmark measures the adapter alone.
type canned struct {
	status int
	body   []byte
}

func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.body))}, nil
}

func FuzzScore(f *testing.F) {
	f.Add(200, reply(f, "invoice.json"))
	f.Add(200, reply(f, "refusal.json"))
	f.Add(429, reply(f, "rate_limit.json"))
	f.Add(413, reply(f, "too_large.html"))
	req := modeltest.Request(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		m := openai.New(openai.Options{Model: "any", Key: canary, Client: &http.Client{Transport: canned{status, body}}})
		resp, err := m.Score(t.Context(), req)
		switch {
		case err != nil && (fault.KindOf(err) == fault.Internal || resp.Label != ""):
			t.Errorf("label %q beside %v (%s)", resp.Label, err, fault.KindOf(err))
		case err == nil && (status != 200 || resp.Label != taxonomy.Unknown && !req.Taxonomy.Has(resp.Label)):
			t.Errorf("label %q from status %d", resp.Label, status)
		}
	})
}

func BenchmarkScore(b *testing.B) {
	text := modeltest.Request(b)
	text.Text = strings.Repeat(text.Text, 6)[:1000]
	page := text
	page.Images = []document.Image{{MIME: "image/jpeg", Bytes: make([]byte, 300_000)}}
	m := openai.New(openai.Options{Model: "gpt-4o-mini", Key: canary, Client: &http.Client{Transport: canned{200, reply(b, "invoice.json")}}})
	for name, req := range map[string]model.Request{"text": text, "page": page} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Score(b.Context(), req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
