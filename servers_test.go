package docsift_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
)

// parsed returns a policy of one stage with the models given in YAML, which is named mine.
func parsed(t testing.TB, env map[string]string, models string) (cascade.Policy, error) {
	t.Helper()
	return cascade.ParsePolicy("mine.yaml", []byte("name: mine\nversion: '1'\nstages: [{name: only, views: [text], models: ["+models+"]}]"), lookup(env))
}

// opened returns a classifier with that policy, or why it cannot be opened.
func opened(t testing.TB, env map[string]string, models string, client *http.Client) (*docsift.Classifier, error) {
	t.Helper()
	p, err := parsed(t, env, models)
	if err != nil {
		return nil, err
	}
	return docsift.New(docsift.Options{Policy: p.Name, Policies: []cascade.Policy{p}, Getenv: lookup(env), Client: client})
}

// wire answers nothing and keeps the calls. It is safe for concurrent use.
type wire struct {
	mu    sync.Mutex
	calls []*http.Request
	sent  []string
}

// RoundTrip keeps a call that asks a model.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Method == http.MethodPost {
		w.calls, w.sent = append(w.calls, r), append(w.sent, string(body))
	}
	return &http.Response{StatusCode: http.StatusServiceUnavailable, Header: http.Header{}, Body: http.NoBody}, nil
}

func TestWhereModelsAreAsked(t *testing.T) {
	env := map[string]string{
		"OPENAI_API_KEY": "sk-openai", "GOOGLE_API_KEY": "g-google", "OPENROUTER_API_KEY": "or-key", "AZURE_OPENAI_API_KEY": "az-key",
		"VLLM_BASE_URL": "http://127.0.0.2:8000/v1", "SYSTEMONE_BASE_URL": "http://127.0.0.3:8000/v1/", "SYSTEMONE_API_KEY": "so-key",
		"AZURE_OPENAI_BASE_URL": "https://me.openai.azure.invalid/openai/v1?api-version=2026-10-01",
		"COMPATIBLE_BASE_URL":   "http://127.0.0.4/v1", "COMPATIBLE_API_KEY": "co-key", "GPU_TWO": "http://127.0.0.5:8000/v1", "GPU_KEY": "gpu-key",
	}
	tests := []struct{ name, spec, url, model, header, value string }{
		{"OpenAI", "{model: openai/gpt-6-luna}", "https://api.openai.com/v1/chat/completions", "gpt-6-luna", "Authorization", "Bearer sk-openai"},
		{"OpenAI's decisions", "{model: openai/gpt-6-luna@decisions}", "https://api.openai.com/v1/decisions", "gpt-6-luna", "Authorization", "Bearer sk-openai"},
		{"OpenAI's decisions by their api", "{model: openai/gpt-6-luna, api: decisions}", "https://api.openai.com/v1/decisions", "gpt-6-luna", "Authorization", "Bearer sk-openai"},
		{"Gemini's decisions", "{model: google/gemini-decision-1}", "https://generativelanguage.googleapis.com/v1beta/decisions", "models/gemini-decision-1", "X-Goog-Api-Key", "g-google"},
		{"System One", "{model: systemone/Kev-4B}", "http://127.0.0.3:8000/v1/systemone", "Kev-4B", "Authorization", "Bearer so-key"},
		{"Ollama where it is by default", "{model: 'ollama/llama3.2:3b'}", "http://127.0.0.1:11434/v1/chat/completions", "llama3.2:3b", "Authorization", ""},
		{"vLLM without a key", "{model: vllm/Qwen/Qwen3-0.6B}", "http://127.0.0.2:8000/v1/chat/completions", "Qwen/Qwen3-0.6B", "Authorization", ""},
		{"vLLM's System One", "{model: vllm/Qwen/Qwen3-0.6B, api: systemone}", "http://127.0.0.2:8000/v1/systemone", "Qwen/Qwen3-0.6B", "Authorization", ""},
		{"OpenRouter", "{model: openrouter/meta-llama/llama-3.1-8b}", "https://openrouter.ai/api/v1/chat/completions", "meta-llama/llama-3.1-8b", "Authorization", "Bearer or-key"},
		{"Azure", "{model: azure/my-deployment}", "https://me.openai.azure.invalid/openai/v1/chat/completions?api-version=2026-10-01", "my-deployment", "Api-Key", "az-key"},
		{"any compatible server", "{model: compatible/m}", "http://127.0.0.4/v1/chat/completions", "m", "Authorization", "Bearer co-key"},
		{"its decisions", "{model: compatible/m@decisions}", "http://127.0.0.4/v1/decisions", "m", "Authorization", "Bearer co-key"},
		{"another server of the kind, which does not get the key of the first", "{model: compatible/m, base_url: '${GPU_TWO}'}", "http://127.0.0.5:8000/v1/chat/completions", "m", "Authorization", ""},
		{"another server with its own key", "{model: compatible/m, base_url: '${GPU_TWO}', keys: [GPU_KEY]}", "http://127.0.0.5:8000/v1/chat/completions", "m", "Authorization", "Bearer gpu-key"},
		{"a server in OpenAI's place, which does not get its key", "{model: openai/gpt-oss-20b, base_url: 'http://127.0.0.6/v1'}", "http://127.0.0.6/v1/chat/completions", "gpt-oss-20b", "Authorization", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := &wire{}
			c, err := opened(t, env, tt.spec, &http.Client{Transport: w})
			if err != nil {
				t.Fatal(err)
			}
			c.Probe(t.Context())
			if len(w.calls) != 1 || w.calls[0].URL.String() != tt.url || w.calls[0].Header.Get(tt.header) != tt.value {
				t.Fatalf("calls %v, want one to %s with %s %q", w.calls, tt.url, tt.header, tt.value)
			}
			if want := `"model":"` + tt.model + `"`; !strings.Contains(w.sent[0], want) {
				t.Errorf("body %s, want %s in it", w.sent[0], want)
			}
		})
	}
}

func TestServersThatCannotBeAsked(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		spec string
		kind fault.Kind
		want string
	}{
		{"an unknown provider", nil, "{model: acme/m}", fault.Config, `model acme/m: no provider "acme"; there are anthropic/…, azure/…, compatible/…, google/…, ollama/…, openai/…, openrouter/…, systemone/…, vllm/… and local`},
		{"a provider alone", nil, "{model: ollama}", fault.Config, "such as ollama/NAME"},
		{"a model without a name", nil, "{model: ollama/}", fault.Config, "such as ollama/NAME"},
		{"an api that a provider has not", nil, "{model: anthropic/claude-haiku-5-5, api: decisions}", fault.Config, "anthropic has no api decisions: its models are asked by chat"},
		{"chat with a server for decisions", nil, "{model: systemone/m, api: chat}", fault.Config, "systemone has no api chat: its models are asked by systemone"},
		{"a setting without a scheme", map[string]string{"VLLM_BASE_URL": "127.0.0.1:8000/v1"}, "{model: vllm/m}", fault.Config, "VLLM_BASE_URL is not a web address: it begins with http:// or https://"},
		{"an address in the policy without one", nil, "{model: vllm/m, base_url: '127.0.0.1:8000'}", fault.Config, "model vllm/m: base_url is not a web address"},
		{"a server without an address", nil, "{model: vllm/m}", fault.NoKey, "set VLLM_BASE_URL, or give the model a base_url"},
		{"a host without a key", nil, "{model: openrouter/m}", fault.NoKey, "set OPENROUTER_API_KEY"},
		{"Azure without a key", map[string]string{"AZURE_OPENAI_BASE_URL": "https://me.invalid/openai/v1"}, "{model: azure/m}", fault.NoKey, "set AZURE_OPENAI_API_KEY"},
		{"a server whose own key is not set", nil, "{model: vllm/m, base_url: 'http://127.0.0.1/v1', keys: [GPU_KEY]}", fault.NoKey, "set GPU_KEY"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := opened(t, tt.env, tt.spec, nil)
			if fault.KindOf(err) != tt.kind || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v (%s), want %s with %q", err, fault.KindOf(err), tt.kind, tt.want)
			}
		})
	}
}

// Two servers with one model each stand or fall on their own, and can be told apart.
func TestTwoServersOfAKind(t *testing.T) {
	sick, one := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Fault: "server_error"}}}}})
	well, two := providers(t, sim.Options{})
	env := map[string]string{"ONE": one["OPENAI_BASE_URL"], "TWO": two["OPENAI_BASE_URL"], "ONE_API_KEY": "sk-one"}
	c, err := opened(t, env, `{model: compatible/gpt-4o-mini, base_url: '${ONE}', keys: [ONE_API_KEY], provider_used: gpu-1, free: true},
		{model: compatible/gpt-4o-mini, base_url: '${TWO}', keys: [ONE_API_KEY], provider_used: gpu-2, free: true}`, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 { // which opens the breaker of the sick one
		res, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Taxonomy: "finance"})
		if err != nil || res.ProviderUsed != "gpu-2" || !res.Cost.Known || res.Cost.NanoUSD != 0 {
			t.Fatalf("answered by %q at %s, %v; want gpu-2 for nothing", res.ProviderUsed, res.Cost, err)
		}
	}
	models := c.Models()
	if len(models) != 2 || models[0].Breaker != "open" || models[1].Breaker != "closed" || models[0].Server == models[1].Server {
		t.Errorf("models %+v, want two on two servers, the first one open", models)
	}
	if len(sick.Requests()) != 5 || len(well.Requests()) != 5 {
		t.Errorf("%d and %d requests, want 5 each", len(sick.Requests()), len(well.Requests()))
	}
}

// A price that is not known is unknown, unless the policy says that there is none.
func TestPriceOfServers(t *testing.T) {
	tests := []struct {
		name, spec string
		effect     sim.Effect
		want       string
	}{
		{"a server of which no price is known", "{model: compatible/gpt-4o-mini}", sim.Effect{}, "unknown"},
		{"a server of one's own", "{model: compatible/gpt-4o-mini, free: true}", sim.Effect{}, "$0"},
		{"one that does not count its tokens", "{model: compatible/gpt-4o-mini, free: true}", sim.Effect{Usage: "missing"}, "$0"},
		{"one that loses its answer", "{model: compatible/gpt-4o-mini, free: true}", sim.Effect{Cut: "before"}, "$0"},
		{"a server in OpenAI's place that is free", "{model: openai/gpt-4o-mini, base_url: '${URL}', keys: [COMPATIBLE_API_KEY], free: true}", sim.Effect{}, "$0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var script sim.Script
			if tt.effect != (sim.Effect{}) {
				script.Steps = []sim.Step{{Effect: tt.effect}}
			}
			_, env := providers(t, sim.Options{Script: script})
			env["COMPATIBLE_BASE_URL"], env["URL"], env["COMPATIBLE_API_KEY"] = env["OPENAI_BASE_URL"], env["OPENAI_BASE_URL"], "sk-own"
			c, err := opened(t, env, tt.spec, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, _ := c.Classify(t.Context(), read(t, letter), docsift.Request{Taxonomy: "finance"})
			if got := res.Cost.String(); got != tt.want || len(res.Attempts) == 0 {
				t.Errorf("cost %s of %d attempts, want %s", got, len(res.Attempts), tt.want)
			}
		})
	}
}
