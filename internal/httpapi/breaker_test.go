package httpapi_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/docsift/docsift/internal/sim"
)

func TestSetBreaker(t *testing.T) {
	srv, _, _ := server(t, "guide", []sim.Step{})
	tests := []struct {
		name   string
		body   string
		header string // of a proxy
		status int
		says   string
		state  string // of gpt-4o's breaker afterwards
	}{
		{"shut for a while", `{"model":"openai/gpt-4o","state":"open","for":"10m","by":"ann","why":"it bills twice"}`, "", 200, `"why":"it bills twice"`, "open"},
		{"released", `{"model":"openai/gpt-4o","state":"auto"}`, "", 200, `"forced":null`, "closed"},
		{"all of them", `{"state":"open"}`, "", 200, `"state":"open"`, "open"},
		{"all released", `{"state":"auto"}`, "", 200, `"forced":null`, "closed"},
		{"another state", `{"model":"openai/gpt-4o","state":"ajar"}`, "", 400, "forced open or closed", "closed"},
		{"a model that there is not", `{"model":"openai/gpt-1","state":"open"}`, "", 404, "no policy in use has", "closed"},
		{"a time that is none", `{"state":"open","for":"soon"}`, "", 400, "such as 10m", "closed"},
		{"a field that there is not", `{"state":"open","until":"x"}`, "", 400, "the body is not as in", "closed"},
		{"no JSON", `open`, "", 400, "the body is not as in", "closed"},
		{"by way of a proxy", `{"state":"open"}`, "X-Forwarded-For", 403, "from the machine", "closed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodPut, srv.URL+"/v1/providers/breaker", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.header != "" {
				req.Header.Set(tt.header, "192.0.2.1")
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			var body any
			if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
				t.Fatal(err)
			}
			if text := toJSON(t, body); resp.StatusCode != tt.status || !strings.Contains(text, tt.says) {
				t.Errorf("status %d and %s, want %d and …%s…", resp.StatusCode, text, tt.status, tt.says)
			}
			_, all := get(t, srv.URL+"/v1/providers")
			for _, m := range all["models"].([]any) {
				if m := m.(map[string]any); m["model"] == "openai/gpt-4o" && m["breaker"] != tt.state {
					t.Errorf("breaker %v, want %s", m["breaker"], tt.state)
				}
			}
		})
	}
}
