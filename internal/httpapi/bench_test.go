package httpapi_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/internal/httpapi"
)

// canned is a provider without a network.
type canned struct{}

func (canned) RoundTrip(r *http.Request) (*http.Response, error) {
	io.Copy(io.Discard, r.Body)
	const reply = `{"model":"gpt-6-luna","choices":[{"finish_reason":"stop","message":{"content":"{\"category\":\"letter\",\"confidence\":0.9}"}}],"usage":{"prompt_tokens":600,"completion_tokens":12}}`
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(reply)), Request: r}, nil
}

// BenchmarkDecisions is what one question to one hosted model about a text of 2 KiB costs us, the
// network aside.
func BenchmarkDecisions(b *testing.B) {
	p, err := cascade.ParsePolicy("bench.yaml", []byte("name: bench\nversion: \"1\"\nconfidence: 0.8\nstages:\n  - name: text\n    views: [text]\n    chars: 4000\n    models: [{model: openai/gpt-6-luna}]\n"), func(string) string { return "" })
	if err != nil {
		b.Fatal(err)
	}
	env := map[string]string{"OPENAI_API_KEY": "sk-bench"}
	c, err := docsift.New(docsift.Options{
		Policy: p.Name, Policies: []cascade.Policy{p}, Client: &http.Client{Transport: canned{}}, Getenv: func(name string) string { return env[name] },
	})
	if err != nil {
		b.Fatal(err)
	}
	api := httpapi.New(httpapi.Options{Classifier: c, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	body := []byte(asking(quote(strings.Repeat("The goods came on Monday and were counted twice. ", 42)),
		`{"type":"choice","name":"kind","instructions":"Which kind of document is this?","choices":[{"value":"delivery note"},{"value":"letter"},{"value":"stock list"},{"value":"other"}]}`))
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/v1/decisions", bytes.NewReader(body))
		w := httptest.NewRecorder()
		if api.ServeHTTP(w, r); w.Code != 200 || !strings.Contains(w.Body.String(), `"choice":"letter"`) {
			b.Fatalf("status %d: %s", w.Code, w.Body)
		}
	}
}
