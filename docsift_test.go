package docsift_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
)

func read(t testing.TB, text string) *document.Document {
	t.Helper()
	d, err := document.Read(strings.NewReader(text), "a.txt", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// vague is a text that the local model makes nothing of.
const vague = "These are words that say next to nothing of what this paper is meant to be, or for whom."

// The local model's doubt goes to a hosted model on text; with no key it stands.
func TestDefaultPolicy(t *testing.T) {
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{says("gpt-6-luna", "contract", "0.93")}}})
	res, err := open(t, env, docsift.Options{}).Classify(t.Context(), read(t, vague), docsift.Request{Taxonomy: "finance"})
	if err != nil || res.Classification != "contract" || res.ProviderUsed != "openai" || res.Model != "gpt-6-luna" || !res.Cost.Known || res.Cost.NanoUSD == 0 {
		t.Errorf("%+v, %v; want contract by gpt-6-luna at a known cost", res, err)
	}
	if rows := s.Requests(); len(rows) != 1 || rows[0].HasImage {
		t.Errorf("requests %+v, want one on text", rows)
	}
	res, err = open(t, nil, docsift.Options{}).Classify(t.Context(), read(t, vague), docsift.Request{Taxonomy: "finance"})
	if err != nil || !res.Review.Needed || !slices.Equal(res.Policy.Dropped, []string{"text", "glance", "strong"}) {
		t.Errorf("without keys %+v, %v; want a review, and the stages that dropped out", res, err)
	}
	res, err = open(t, env, docsift.Options{}).Classify(t.Context(), read(t, letter), docsift.Request{Taxonomy: "finance"})
	if err != nil || res.ProviderUsed != "local" || len(s.Requests()) != 1 {
		t.Errorf("what the local model knows: %q, %v, %d requests; want none more", res.ProviderUsed, err, len(s.Requests()))
	}
}

// All hosted models down: the local answer stands, and says that it is second best.
func TestDegraded(t *testing.T) {
	_, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Fault: "insufficient_quota"}}}}})
	c := open(t, env, docsift.Options{})
	res, err := c.Classify(t.Context(), read(t, "Invoice 17 was paid in cash, thank you for the payment."), docsift.Request{Taxonomy: "finance"})
	if err != nil || !res.Degraded || !res.UpgradeFailed || res.ProviderUsed != "local" {
		t.Errorf("%+v, %v; want the local answer, degraded", res, err)
	}
}

// The answer says what was read, and whence.
func TestDocumentRef(t *testing.T) {
	const long = "Invoice number 17, amount due 20.00, payment terms 30 days"
	tests := []struct {
		name      string
		content   extract.Content
		wantRead  []int
		wantText  docsift.TextSource
		wantPages int
	}{
		{"the first pages and the last of a long one", extract.Content{PageCount: 9, Pages: []extract.Page{{Number: 1, Text: long}, {Number: 2}, {Number: 9, Text: "x"}}},
			[]int{1, 2, 9}, docsift.FromDocument, 9},
		{"a scan whose letters were read", extract.Content{PageCount: 1, Pages: []extract.Page{{Number: 1, Text: long, OCR: true}}}, []int{1}, docsift.FromOCR, 1},
		{"a picture without letters", extract.Content{PageCount: 1, Pages: []extract.Page{{Number: 1, Text: "?", OCR: true}}}, []int{1}, docsift.FromNowhere, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.content.Meta = map[string]string{"title": "A title"}
			c := open(t, nil, docsift.Options{Extractor: held{&tt.content}})
			res, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Taxonomy: "finance"})
			d := res.Document
			if err != nil || d.Pages != tt.wantPages || !slices.Equal(d.PagesRead, tt.wantRead) || d.TextSource != tt.wantText || d.Metadata["title"] != "A title" {
				t.Errorf("%+v, %v; want pages %v of %d from %q", d, err, tt.wantRead, tt.wantPages, tt.wantText)
			}
		})
	}
}

type held struct{ content *extract.Content }

func (h held) Extract(context.Context, *document.Document) (*extract.Content, error) {
	return h.content, nil
}

// A server that promises that nothing leaves the machine cannot be asked to break it.
func TestRequestPolicies(t *testing.T) {
	tests := []struct {
		name    string
		policy  string
		allowed []string
		ask     string
		want    fault.Kind
	}{
		{"any built-in one, unless said otherwise", "default", nil, "local", ""},
		{"one that there is not", "default", nil, "magic", fault.NotFound},
		{"none beside local", "local", nil, "default", fault.NotFound},
		{"the one in use, by name", "local", nil, "local", ""},
		{"one that is allowed", "local", []string{"default"}, "default", ""},
		{"one that is not", "default", []string{"local"}, "guide", fault.NotFound},
		{"one without any key", "default", nil, "guide", fault.NoKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := open(t, nil, docsift.Options{Policy: tt.policy, RequestPolicies: tt.allowed})
			_, err := c.Classify(t.Context(), read(t, letter), docsift.Request{Policy: tt.ask})
			if got := fault.KindOf(err); got != tt.want {
				t.Errorf("error %v, want kind %q", err, tt.want)
			}
		})
	}
}

// One key's empty account does not stop the other key's model of the same name.
func TestBreakerPerKey(t *testing.T) {
	s, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{
		{Match: sim.Match{Key: "sk-test-4o"}, Effect: sim.Effect{Fault: "insufficient_quota"}},
		says(mini, "invoice", "0.1"), says(gpt4o, "invoice", "0.9"),
		fails(google, "unavailable"), fails(claude, "overloaded_error"),
	}}})
	env["OPENAI_MODEL"] = gpt4o
	c := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"})
	if _, err := c.ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8); err != nil {
		t.Fatal(err)
	}
	state := make(map[string]string)
	for _, m := range c.Models() {
		if m.Model == "openai/gpt-4o" {
			state[m.Key] = m.Breaker
		}
	}
	if state["OPENAI_GPT4O_API_KEY"] != "open" || state["OPENAI_API_KEY"] != "closed" {
		t.Errorf("breakers of gpt-4o by key %v, want one open and one closed after %d requests", state, len(s.Requests()))
	}
	for _, m := range c.Models() {
		if strings.Contains(m.Key, "sk-") {
			t.Errorf("the status tells a key: %+v", m)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for name, tt := range map[string]struct {
		o    docsift.Options
		want fault.Kind
	}{
		"a policy that there is not":     {docsift.Options{Policy: "magic"}, fault.NotFound},
		"a policy without any key":       {docsift.Options{Policy: "guide"}, fault.NoKey},
		"a taxonomy that there is not":   {docsift.Options{Taxonomy: "space"}, fault.NotFound},
		"a base URL that is none":        {docsift.Options{Getenv: lookup(map[string]string{"OPENAI_BASE_URL": "localhost:1234/v1", "OPENAI_API_KEY": "k"})}, fault.Config},
		"a key in two lines":             {docsift.Options{Getenv: lookup(map[string]string{"OPENAI_API_KEY": "sk\nx"})}, fault.Config},
		"a setting that is not a number": {docsift.Options{Getenv: func(string) string { return "high" }}, fault.Config},
	} {
		if _, err := docsift.New(tt.o); fault.KindOf(err) != tt.want {
			t.Errorf("%s: %v, want kind %q", name, err, tt.want)
		}
	}
}

// What is written as JSON reads back the same, so that clients and stores can keep results.
func TestResultRoundTrip(t *testing.T) {
	_, env := providers(t, sim.Options{Script: sim.Script{Steps: []sim.Step{says(mini, "invoice", "0.4"), says(gpt4o, "receipt", "0.9")}}})
	res, err := open(t, env, docsift.Options{Policy: "guide", Taxonomy: "finance"}).ClassifyWithConfidenceUpgrade(t.Context(), guidePrompt, page(t), 0.8)
	if err != nil {
		t.Fatal(err)
	}
	first, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var back docsift.Result
	if err := json.Unmarshal(first, &back); err != nil {
		t.Fatal(err)
	}
	second, err := json.Marshal(back)
	if err != nil || string(first) != string(second) {
		t.Errorf("%v\n%s\nreads back as\n%s", err, first, second)
	}
	if failed := docsift.NewFailure("a.pdf", fault.New(fault.Empty, nil, "empty")); failed.ID == "" || failed.Error.Code != fault.Empty {
		t.Errorf("a failure %+v has no id or no code", failed)
	}
}
