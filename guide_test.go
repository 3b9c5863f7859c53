package docsift_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
)

const guidePrompt = "Classify this document. Categories: bank_statement, invoice, drivers_license"

const (
	mini   = "gpt-4o-mini"
	gpt4o  = "gpt-4o"
	google = "gemini-2.5-flash-lite"
	claude = "claude-haiku-4-5"
)

// The seven steps of the original's cascade, each with the metadata that the original gives it
// and the number of requests that it takes.
func TestGuide(t *testing.T) {
	tests := []struct {
		name    string
		steps   []sim.Step
		without []string // settings that are not there
		set     map[string]string

		want     string // the metadata, as JSON of the fields that matter
		requests map[string]int
		wantErr  fault.Kind
	}{
		{
			name:     "1 accepted by mini",
			steps:    []sim.Step{says(mini, "invoice", "0.95")},
			want:     `{"classification":"invoice","confidence":0.95,"provider_used":"openai_gpt4o_mini","model":"gpt-4o-mini","upgraded":false}`,
			requests: map[string]int{mini: 1},
		},
		{
			name:     "1 accepted at the threshold itself",
			steps:    []sim.Step{says(mini, "invoice", "0.8")},
			want:     `{"classification":"invoice","confidence":0.8,"provider_used":"openai_gpt4o_mini","model":"gpt-4o-mini","upgraded":false}`,
			requests: map[string]int{mini: 1},
		},
		{
			name:  "2 low confidence is upgraded",
			steps: []sim.Step{says(mini, "invoice", "0.42"), says(gpt4o, "bank_statement", "0.97")},
			want: `{"classification":"bank_statement","confidence":0.97,"provider_used":"openai_gpt4o","model":"gpt-4o","upgraded":true,
				"upgrade_reason":"low confidence (0.42)","original_classification":"invoice","original_confidence":0.42}`,
			requests: map[string]int{mini: 1, gpt4o: 1},
		},
		{
			name:  "2 the upgrade's answer stands, whatever its confidence",
			steps: []sim.Step{says(mini, "invoice", "0.42"), says(gpt4o, "invoice", "0.3")},
			want: `{"classification":"invoice","confidence":0.3,"provider_used":"openai_gpt4o","model":"gpt-4o","upgraded":true,
				"upgrade_reason":"low confidence (0.42)","original_classification":"invoice","original_confidence":0.42,"review":"low_confidence"}`,
			requests: map[string]int{mini: 1, gpt4o: 1},
		},
		{
			name:  "2 unknown is upgraded, however sure",
			steps: []sim.Step{says(mini, "unknown", "0.99"), says(gpt4o, "invoice", "0.9")},
			want: `{"classification":"invoice","confidence":0.9,"provider_used":"openai_gpt4o","model":"gpt-4o","upgraded":true,
				"upgrade_reason":"unknown classification","original_classification":"unknown","original_confidence":0.99}`,
			requests: map[string]int{mini: 1, gpt4o: 1},
		},
		{
			name:  "2 a category outside the list counts as unknown",
			steps: []sim.Step{says(mini, "Rechnung", "0.99"), says(gpt4o, "invoice", "0.9")},
			want: `{"classification":"invoice","confidence":0.9,"provider_used":"openai_gpt4o","model":"gpt-4o","upgraded":true,
				"upgrade_reason":"unknown classification","original_classification":"unknown"}`,
			requests: map[string]int{mini: 1, gpt4o: 1},
		},
		{
			name:  "2 a confidence that is no number is no confidence",
			steps: []sim.Step{says(mini, "invoice", `"high"`), says(gpt4o, "invoice", "0.9")},
			want: `{"classification":"invoice","confidence":0.9,"provider_used":"openai_gpt4o","model":"gpt-4o","upgraded":true,
				"upgrade_reason":"no usable confidence","original_classification":"invoice"}`,
			requests: map[string]int{mini: 1, gpt4o: 1},
		},
		{
			name:  "3 unknown after 4o goes to the backups, and the one that knows answers",
			steps: []sim.Step{says(mini, "invoice", "0.5"), says(gpt4o, "unknown", "0.9"), says(google, "unknown", "0.9"), says(claude, "receipt", "0.7")},
			want: `{"classification":"receipt","confidence":0.7,"provider_used":"anthropic_claude","model":"claude-haiku-4-5","upgraded":true,
				"upgrade_reason":"unknown after GPT-4o","is_backup":true,"review":"low_confidence"}`,
			requests: map[string]int{mini: 1, gpt4o: 1, google: 1, claude: 1},
		},
		{
			name:  "3 no backup knows either: 4o's unknown stands",
			steps: []sim.Step{says(mini, "invoice", "0.5"), says(gpt4o, "unknown", "0.9"), says(google, "unknown", "0.9"), says(claude, "Quittung", "0.9")},
			want: `{"classification":"unknown","confidence":0.9,"provider_used":"openai_gpt4o","model":"gpt-4o","upgraded":true,
				"upgrade_reason":"low confidence (0.50)","original_classification":"invoice","original_confidence":0.5,"review":"unknown"}`,
			requests: map[string]int{mini: 1, gpt4o: 1, google: 1, claude: 1},
		},
		{
			name:     "4 the upgrade fails and a backup answers",
			steps:    []sim.Step{says(mini, "invoice", "0.5"), fails(gpt4o, "server_is_overloaded"), says(google, "receipt", "0.9")},
			want:     `{"classification":"receipt","confidence":0.9,"provider_used":"google_gemini","model":"gemini-2.5-flash-lite","upgraded":false,"is_backup":true}`,
			requests: map[string]int{mini: 1, gpt4o: 1, google: 1},
		},
		{
			name:    "4 the upgrade fails without backups: the first answer stands",
			steps:   []sim.Step{says(mini, "invoice", "0.5"), fails(gpt4o, "server_is_overloaded")},
			without: []string{"GOOGLE_API_KEY", "ANTHROPIC_API_KEY"},
			want: `{"classification":"invoice","confidence":0.5,"provider_used":"openai_gpt4o_mini","model":"gpt-4o-mini","upgraded":false,
				"upgrade_failed":true,"degraded":true,"review":"degraded"}`,
			requests: map[string]int{mini: 1, gpt4o: 1},
		},
		{
			name:  "4 the upgrade and the backups fail: the first answer stands",
			steps: []sim.Step{says(mini, "invoice", "0.5"), fails(gpt4o, "rate_limit_exceeded"), fails(google, "unavailable"), fails(claude, "overloaded_error")},
			want: `{"classification":"invoice","confidence":0.5,"provider_used":"openai_gpt4o_mini","model":"gpt-4o-mini","upgraded":false,
				"upgrade_failed":true,"degraded":true,"review":"degraded"}`,
			requests: map[string]int{mini: 1, gpt4o: 1, google: 1, claude: 1},
		},
		{
			name:     "5 mini is down: Gemini answers, and its answer is not upgraded",
			steps:    []sim.Step{fails(mini, "server_is_overloaded"), says(google, "invoice", "0.6")},
			want:     `{"classification":"invoice","confidence":0.6,"provider_used":"google_gemini","model":"gemini-2.5-flash-lite","upgraded":false,"is_backup":true,"review":"low_confidence"}`,
			requests: map[string]int{mini: 1, google: 1},
		},
		{
			name:     "5 mini and Gemini are down: Claude answers",
			steps:    []sim.Step{fails(mini, "insufficient_quota"), fails(google, "unavailable"), says(claude, "invoice", "0.9")},
			want:     `{"classification":"invoice","confidence":0.9,"provider_used":"anthropic_claude","model":"claude-haiku-4-5","upgraded":false,"is_backup":true}`,
			requests: map[string]int{mini: 1, google: 1, claude: 1},
		},
		{
			name:     "5 a backup without a key is passed over",
			steps:    []sim.Step{fails(mini, "server_error"), says(claude, "invoice", "0.9")},
			without:  []string{"GOOGLE_API_KEY"},
			want:     `{"classification":"invoice","confidence":0.9,"provider_used":"anthropic_claude","model":"claude-haiku-4-5","upgraded":false,"is_backup":true}`,
			requests: map[string]int{mini: 1, claude: 1},
		},
		{
			name:     "5 an answer that is none counts as a failure",
			steps:    []sim.Step{{Match: sim.Match{Model: mini}, Effect: sim.Effect{Garbage: "not_json"}}, says(google, "invoice", "0.9")},
			want:     `{"classification":"invoice","confidence":0.9,"provider_used":"google_gemini","model":"gemini-2.5-flash-lite","upgraded":false,"is_backup":true}`,
			requests: map[string]int{mini: 1, google: 1},
		},
		{
			name:     "6 all down, and the last call to OPENAI_MODEL answers",
			set:      map[string]string{"OPENAI_MODEL": "gpt-4.1-mini"},
			steps:    []sim.Step{fails(mini, "server_is_overloaded"), fails(google, "unavailable"), fails(claude, "overloaded_error"), says("gpt-4.1-mini", "invoice", "0.9")},
			want:     `{"classification":"invoice","confidence":0.9,"provider_used":"openai","model":"gpt-4.1-mini","upgraded":false,"is_backup":true}`,
			requests: map[string]int{mini: 1, google: 1, claude: 1, "gpt-4.1-mini": 1},
		},
		{
			name:     "6 all down, the last call too",
			steps:    []sim.Step{fails(mini, "server_is_overloaded"), fails(google, "unavailable"), fails(claude, "overloaded_error")},
			want:     `{"classification":"unknown","provider_used":"","model":"","upgraded":false,"degraded":true,"review":"degraded"}`,
			requests: map[string]int{mini: 2, google: 1, claude: 1}, // mini again as OPENAI_MODEL
			wantErr:  fault.NoModel,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, env := providers(t, sim.Options{Script: sim.Script{Steps: tt.steps}})
			maps.Copy(env, tt.set)
			for _, name := range tt.without {
				delete(env, name)
			}
			c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
			res, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
			if got := fault.KindOf(err); got != tt.wantErr {
				t.Fatalf("error %v, want kind %q", err, tt.wantErr)
			}
			if got := metadata(t, res); got != canonical(t, []byte(tt.want)) {
				t.Errorf("metadata\n%s\nwant\n%s", got, canonical(t, []byte(tt.want)))
			}
			if got := requests(s); !maps.Equal(got, tt.requests) {
				t.Errorf("requests %v, want %v", got, tt.requests)
			}
			if n := len(res.Attempts); n != len(s.Requests()) {
				t.Errorf("%d attempts in the answer, %d at the providers", n, len(s.Requests()))
			}
		})
	}
}

// metadata returns the fields that the guide speaks of, without those that say nothing.
func metadata(t *testing.T, res docsift.Result) string {
	t.Helper()
	all, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(all, &fields); err != nil {
		t.Fatal(err)
	}
	out := make(map[string]any)
	for _, name := range []string{"classification", "confidence", "provider_used", "model", "upgraded", "upgrade_reason",
		"original_classification", "original_confidence", "upgrade_failed", "is_backup", "degraded"} {
		v, ok := fields[name]
		if !ok {
			t.Errorf("the answer has no field %s", name)
		}
		keep := name == "provider_used" || name == "model" || name == "upgraded"
		if keep || v != nil && v != "" && v != false {
			out[name] = v
		}
	}
	if res.Review.Reason != "" {
		out["review"] = res.Review.Reason
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return canonical(t, b)
}

func canonical(t *testing.T, b []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatalf("%v in %s", err, b)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func requests(s *sim.Server) map[string]int {
	counts := make(map[string]int)
	for _, r := range s.Requests() {
		counts[r.Model]++
	}
	return counts
}

// The upgrade is asked with a key of its own where there is one.
func TestGuideKeys(t *testing.T) {
	for _, tt := range []struct {
		name, without string
		keys          int
	}{
		{"two keys", "", 2},
		{"one key for both", "OPENAI_GPT4O_API_KEY", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{says(mini, "invoice", "0.1"), says(gpt4o, "invoice", "0.9")}}})
			delete(env, tt.without)
			c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
			if _, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8); err != nil {
				t.Fatal(err)
			}
			keys := make(map[string]bool)
			for _, r := range s.Requests() {
				keys[r.Key] = true
			}
			if len(keys) != tt.keys {
				t.Errorf("%d different keys were sent, want %d", len(keys), tt.keys)
			}
		})
	}
}

// A category outside the list never comes out, whatever the models say.
func TestClosedSet(t *testing.T) {
	labels := []string{"Rechnung", "INVOICE ", "invoice, receipt", "invoice\n", "../invoice", "unknown", "null", "", "🧾", "Invoice", "tax document"}
	for _, label := range labels {
		_, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{
			says(mini, label, "0.99"), says(gpt4o, label, "0.99"), says(google, label, "0.99"), says(claude, label, "0.99"),
		}}})
		c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
		res, _ := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
		known := res.Classification == "unknown"
		for _, tax := range c.Taxonomies() {
			known = known || tax.ID == "finance" && tax.Has(res.Classification)
		}
		if !known {
			t.Errorf("models say %q, the answer is %q", label, res.Classification)
		}
	}
}

// A picture that is none, or a threshold that is none, is refused before anything is sent.
func TestGuideRefuses(t *testing.T) {
	s, env := providers(t, sim.Options{})
	c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
	for name, tt := range map[string]struct {
		picture   []byte
		threshold float64
		want      fault.Kind
	}{
		"nothing":               {nil, 0.8, fault.Empty},
		"text":                  {[]byte("plain words are no picture"), 0.8, fault.Unsupported},
		"a threshold above one": {page(t), 80, fault.Invalid},
	} {
		if _, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, tt.picture, tt.threshold); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want kind %q", name, err, tt.want)
		}
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A provider that answers 503 is left alone after three failures, and asked again after the cooldown.
func TestGuideBreaker(t *testing.T) {
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{
		{Match: sim.Match{Model: mini, Count: 3}, Effect: sim.Effect{Fault: "server_is_overloaded"}},
		says(mini, "invoice", "0.95"), says(google, "invoice", "0.9"),
	}}})
	env["CIRCUIT_BREAKER_TIMEOUT"] = "5" // over real HTTP the time is real; the full 300 s pass in the breaker's own tests
	c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
	for range 10 {
		if _, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count("openai", mini); n != 3 {
		t.Errorf("%d requests reached the failing model, want 3", n)
	}
	status := c.Models()[0]
	if status.Model != "openai/gpt-4o-mini" || status.Breaker != "open" || status.Failures != 3 || status.LastError == "" || status.Until == nil {
		t.Errorf("status %+v, want the breaker of mini open after 3 failures", status)
	}
	waitUntilHalfOpen(t, c)
	res, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
	if err != nil || res.ProviderUsed != "openai_gpt4o_mini" {
		t.Errorf("after the cooldown: %q, %v; want mini again", res.ProviderUsed, err)
	}
	if got := c.Models()[0].Breaker; got != "closed" {
		t.Errorf("breaker %q after a success, want closed", got)
	}
}

func waitUntilHalfOpen(t *testing.T, c *docsift.Classifier) {
	t.Helper()
	for t.Context().Err() == nil {
		switch c.Models()[0].Breaker {
		case "half_open":
			return
		case "closed":
			t.Fatal("the breaker closed while nobody looked: the machine is too slow for this test")
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("the breaker stayed open")
}

// MAX_RETRIES tries a failed stage again when nothing else stands ready.
func TestGuideRetries(t *testing.T) {
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{
		{Match: sim.Match{Model: mini, Count: 2}, Effect: sim.Effect{Fault: "server_is_overloaded"}},
		says(mini, "invoice", "0.95"),
	}}})
	env["MAX_RETRIES"] = ""
	delete(env, "GOOGLE_API_KEY")
	delete(env, "ANTHROPIC_API_KEY")
	c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
	res, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
	if err != nil || res.Classification != "invoice" || len(res.Attempts) != 3 || s.Count("openai", mini) != 3 {
		t.Errorf("%q after %d attempts and %d requests, %v; want invoice at the third", res.Classification, len(res.Attempts), s.Count("openai", mini), err)
	}
}

// The keys never leave by an answer or an error.
func TestNoKeyLeaves(t *testing.T) {
	_, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{
		fails(mini, "invalid_api_key"), fails(google, "permission_denied"), fails(claude, "invalid_api_key"),
	}}})
	c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
	res, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
	if fault.KindOf(err) != fault.NoModel {
		t.Fatalf("error %v, want %q", err, fault.NoModel)
	}
	all, _ := json.Marshal(res)
	probes, _ := json.Marshal(c.Probe(t.Context()))
	for name, value := range env {
		if strings.HasSuffix(name, "_KEY") && strings.Contains(string(all)+string(probes)+err.Error(), value) {
			t.Errorf("the value of %s stands in the answer or its error", name)
		}
	}
}

func TestGuideCanceled(t *testing.T) {
	_, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Hang: true}}}}})
	env["MAX_RETRIES"] = "3"
	c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance", Client: &http.Client{}})
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := c.ClassifyWithConfidenceUpgrade(ctx, guidePrompt, page(t), 0.8); fault.KindOf(err) != fault.Canceled {
		t.Errorf("error %v, want kind %q", err, fault.Canceled)
	}
}
