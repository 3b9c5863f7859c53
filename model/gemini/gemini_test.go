package gemini_test

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
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/modeltest"
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
	return s.URL
}

func TestContract(t *testing.T) {
	modeltest.Run(t, func(t *testing.T) model.Model {
		return gemini.New(gemini.Options{Model: "gemini-3.5-flash-lite", Key: canary, BaseURL: provider(t, 200, nil, reply(t, "invoice.json"))})
	})
}

func TestName(t *testing.T) {
	if got := gemini.New(gemini.Options{Model: "gemini-3.5-flash-lite"}).Name(); got != "google/gemini-3.5-flash-lite" {
		t.Errorf("name %q, want google/gemini-3.5-flash-lite", got)
	}
}

func TestScoreNeedsKey(t *testing.T) {
	_, err := gemini.New(gemini.Options{Model: "gemini-3.5-flash-lite", Key: " \n"}).Score(t.Context(), modeltest.Request(t))
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
		{"gemini-3.5-flash-lite", "gemini-3.5-flash-lite", chat.Settings{}, nil},
		{"gemini-3.5-flash-lite_set", "models/gemini-3.5-flash-lite", set, nil},
		{"gemini-3.5-flash-lite_images", "gemini-3.5-flash-lite", set, func(r *model.Request) { r.Images = page }},
		{"gemini-3.5-flash-lite_images_only", "gemini-3.5-flash-lite", chat.Settings{}, func(r *model.Request) { r.Images, r.Text = page[:1], " \n" }},
		{"gemini-3.5-flash-lite_prompt", "gemini-3.5-flash-lite", chat.Settings{}, func(r *model.Request) { r.Prompt = "Say what <this> is." }},
		{"gemini-3.5-flash-lite_effort", "gemini-3.5-flash-lite", chat.Settings{Effort: "medium"}, nil},
		{"gemini-3.8-flash", "gemini-3.8-flash", chat.Settings{}, nil},
		{"gemini-3.8-flash_effort_none", "gemini-3.8-flash", chat.Settings{Effort: "none"}, nil},
		{"gemini-2.5-flash-lite", "gemini-2.5-flash-lite", chat.Settings{}, nil},
		{"gemini-2.5-flash_effort", "gemini-2.5-flash", chat.Settings{Effort: "low"}, nil},
		{"gemini-2.5-pro", "gemini-2.5-pro", chat.Settings{}, nil},
		{"gemini-4-flash", "gemini-4-flash", set, nil},
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
			golden(t, tt.name, sent(t, gemini.Options{Settings: tt.set, Model: tt.model}, req))
		})
	}
}

// sent returns the body that a model sends, and checks where it goes.
func sent(t *testing.T, o gemini.Options, req model.Request) []byte {
	t.Helper()
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := r.Method + " " + r.URL.String() + " " + r.Header.Get("X-Goog-Api-Key")
		if got != "POST /v1beta/models/"+strings.TrimPrefix(o.Model, "models/")+":generateContent "+canary {
			t.Errorf("request %q", got)
		}
		body, _ = io.ReadAll(r.Body)
		_, _ = w.Write(reply(t, "invoice.json"))
	}))
	defer s.Close()
	o.Key, o.BaseURL = canary+"\n", s.URL+"/"
	if _, err := gemini.New(o).Score(t.Context(), req); err != nil {
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
		{"invoice.json", "invoice", 0.93, model.ScoreStated, "gemini-3.5-flash-lite", full, ""},
		{"cached.json", "invoice", 0.93, model.ScoreStated, "gemini-3.5-flash-lite", model.Usage{Known: true, Input: 520, Cached: 256, Output: 14}, ""},
		{"thought.json", "invoice", 0.93, model.ScoreStated, "gemini-3.8-flash", model.Usage{Known: true, Input: 520, Output: 194, Reasoning: 180}, ""},
		{"no_usage.json", "invoice", 0.93, model.ScoreStated, "gemini-3.5-flash-lite", model.Usage{}, ""},
		{"off_list.json", "unknown", 0, model.ScoreNone, "gemini-3.5-flash-lite", full, `category "banana" is not in the list`},
		{"fenced_percent.json", "bank_statement", 0.93, model.ScoreStated, "gemini-3.5-flash-lite", full, `category was written "Bank Statement"; confidence "93%" was read as a percentage`},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			m := gemini.New(gemini.Options{Model: "any", BaseURL: provider(t, 200, nil, reply(t, tt.file))})
			got, err := m.Score(t.Context(), modeltest.Request(t))
			if err != nil {
				t.Fatal(err)
			}
			if got.Label != tt.label || got.Confidence != tt.confidence || got.Score != tt.score {
				t.Errorf("answer %s %v (%s), want %s %v (%s)", got.Label, got.Confidence, got.Score, tt.label, tt.confidence, tt.score)
			}
			if got.Usage != tt.usage || got.Served != tt.served || got.RequestID != "rsp_7" {
				t.Errorf("usage %+v by %q as %q, want %+v by %q as rsp_7", got.Usage, got.Served, got.RequestID, tt.usage, tt.served)
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
		{"safety.json", fault.Refused, "SAFETY", true},
		{"spii.json", fault.Refused, "SPII", true},
		{"prohibited_content.json", fault.Refused, "PROHIBITED_CONTENT", true},
		{"blocklist.json", fault.Refused, "BLOCKLIST", true},
		{"recitation.json", fault.Refused, "RECITATION", true},
		{"blocked_prompt.json", fault.Refused, "filter", true},
		{"max_tokens.json", fault.BadOutput, "truncated", true},
		{"thought_too_long.json", fault.BadOutput, "truncated", true},
		{"other.json", fault.BadOutput, `"OTHER"`, true},
		{"function_call.json", fault.BadOutput, "tool", true},
		{"malformed_call.json", fault.BadOutput, "tool", true},
		{"no_content.json", fault.BadOutput, "empty", true},
		{"no_candidates.json", fault.BadOutput, "no candidates", true},
		{"two_answers.json", fault.BadOutput, "2 answers", true},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			m := gemini.New(gemini.Options{Model: "any", BaseURL: provider(t, 200, nil, reply(t, tt.file))})
			got, err := m.Score(t.Context(), modeltest.Request(t))
			if fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), tt.kind, tt.msg)
			}
			if got.Usage.Known != tt.paid || tt.paid && got.Usage.Input != 520 || got.RequestID != "rsp_7" || got.Label != "" {
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
		wait   float64 // seconds
	}{
		{"bad_key.json", 400, fault.Auth, "API_KEY_INVALID", 2},
		{"no_access.json", 403, fault.Auth, "PERMISSION_DENIED", 2},
		{"no_billing_here.json", 400, fault.Auth, "FAILED_PRECONDITION", 2},
		{"billing.json", 402, fault.Quota, "FAILED_PRECONDITION", 2},
		{"model_not_found.json", 404, fault.ModelGone, "NOT_FOUND", 2},
		{"rate_limit.json", 429, fault.RateLimited, "RESOURCE_EXHAUSTED", 2},
		{"rate_limit_retry.json", 429, fault.RateLimited, "RESOURCE_EXHAUSTED", 39.5},
		{"rate_limit_retry_garbage.json", 429, fault.RateLimited, "", 2},
		{"quota_per_day.json", 429, fault.Quota, "RESOURCE_EXHAUSTED", 39},
		{"quota_per_day_by_metadata.json", 429, fault.Quota, "RATE_LIMIT_EXCEEDED", 2},
		{"bad_parameter.json", 400, fault.Rejected, "INVALID_ARGUMENT", 2},
		{"too_large.html", 413, fault.Rejected, "status 413", 2},
		{"server_error.json", 500, fault.Unavailable, "INTERNAL", 2},
		{"bad_gateway.html", 502, fault.Unavailable, "status 502", 2},
		{"overloaded.json", 503, fault.Unavailable, "UNAVAILABLE", 2},
		{"deadline.json", 504, fault.Unavailable, "DEADLINE_EXCEEDED", 2},
		{"error_text.json", 500, fault.Unavailable, "", 2},
		{"not_json.html", 302, fault.Unavailable, "status 302", 2},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			url := provider(t, tt.status, map[string]string{"Retry-After": "2"}, reply(t, tt.file))
			_, err := gemini.New(gemini.Options{Model: "any", BaseURL: url}).Score(t.Context(), modeltest.Request(t))
			if fault.KindOf(err) != tt.want || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), tt.want, tt.msg)
			}
			if got := fault.RetryAfter(err).Seconds(); got != tt.wait {
				t.Errorf("retry after %v s, want %v", got, tt.wait)
			}
		})
	}
}

func TestErrorsHideKey(t *testing.T) {
	for status := 300; status < 600; status++ {
		body := `{"error":{"message":"bad ` + canary + `","status":"` + canary + `","details":[{"reason":"` + canary + `"}]}}`
		m := gemini.New(gemini.Options{Model: "any", Key: canary, BaseURL: provider(t, status, nil, []byte(body))})
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
		{"exists", 200, "model.json", chat.Lifecycle{Exists: true}, ""},
		{"does not exist", 404, "model_not_found.json", chat.Lifecycle{}, ""},
		{"cannot be asked about", 400, "bad_key.json", chat.Lifecycle{}, fault.Auth},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := gemini.New(gemini.Options{Model: "gemini-3.5-flash-lite", BaseURL: provider(t, tt.status, nil, reply(t, tt.file))}).Lifecycle(t.Context())
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
	f.Add(200, reply(f, "safety.json"))
	f.Add(429, reply(f, "rate_limit_retry.json"))
	f.Add(413, reply(f, "too_large.html"))
	req := modeltest.Request(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		m := gemini.New(gemini.Options{Model: "any", Key: canary, Client: &http.Client{Transport: canned{status, body}}})
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
	m := gemini.New(gemini.Options{Model: "gemini-3.5-flash-lite", Key: canary, Client: &http.Client{Transport: canned{200, reply(b, "invoice.json")}}})
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

func TestScoreOfWhatIsNotJSON(t *testing.T) {
	m := gemini.New(gemini.Options{Model: "any", BaseURL: provider(t, 200, nil, reply(t, "not_json.html"))})
	got, err := m.Score(t.Context(), modeltest.Request(t))
	if fault.KindOf(err) != fault.BadOutput || got.Usage.Known || got.RequestID != "req_7" {
		t.Errorf("error %v (%s) beside %+v, want %s and the request id of the header", err, fault.KindOf(err), got, fault.BadOutput)
	}
}
