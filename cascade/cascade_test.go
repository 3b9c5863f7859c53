package cascade_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/meter"
	"github.com/docsift/docsift/model/modeltest"
	"github.com/docsift/docsift/taxonomy"
)

// The policy of these tests: two equal small models on text, one that looks, a strong one.
const ladder = `
name: ladder
version: "1"
confidence: 0.8
deadline: 10s
retries: 2
stages:
  - name: text
    views: [text]
    models: [{model: openai/gpt-6-luna}, {model: google/gemini-3.5-flash-lite}]
  - name: page
    views: [page_image]
    models: [{model: openai/gpt-6-luna}]
  - name: strong
    views: [page_image, text]
    models: [{model: openai/gpt-6.1-sol}]
`

const (
	luna  = "openai/gpt-6-luna"
	flash = "google/gemini-3.5-flash-lite"
	sol   = "openai/gpt-6.1-sol"
)

// call is what one model was shown.
type call struct {
	model string
	req   model.Request
}

// fakes answers for all models of a policy, and writes down what they were shown.
type fakes struct {
	say   map[string]func(n int, req model.Request) (model.Response, error) // by model; n counts its calls from 1
	calls []call
}

func (f *fakes) open(s cascade.Spec) ([]cascade.Opened, error) {
	say, ok := f.say[s.Model]
	if !ok {
		return nil, fault.New(fault.NoKey, nil, "set %s_KEY", strings.ToUpper(s.Provider()))
	}
	return opened(s.Model, func(_ context.Context, req model.Request) (model.Response, error) {
		f.calls = append(f.calls, call{s.Model, req})
		n := 0
		for _, c := range f.calls {
			if c.model == s.Model {
				n++
			}
		}
		return say(n, req)
	}), nil
}

// named is a model with a name of its own.
type named struct {
	modeltest.Func
	name string
}

func (n named) Name() string { return n.name }

// opened returns a metered model under one key.
func opened(name string, score modeltest.Func) []cascade.Opened {
	m := meter.New(named{score, name}, meter.Options{Estimate: func(model.Request) (price.Tokens, bool) {
		return price.Tokens{Input: 500, Output: 20}, true
	}})
	return []cascade.Opened{{Model: m, Key: "KEY"}}
}

func (f *fakes) models() []string {
	var names []string
	for _, c := range f.calls {
		names = append(names, c.model)
	}
	return names
}

// always answers the same.
func always(label string, p float64) func(int, model.Request) (model.Response, error) {
	return func(_ int, req model.Request) (model.Response, error) {
		return model.Response{
			Label: label, Confidence: p, Score: model.ScoreStated, Scores: model.Spread(req.Taxonomy, label, p),
			Usage: model.Usage{Known: true, Input: 500, Output: 20},
		}, nil
	}
}

// failing answers with an error of the given kind for the first n calls, then well.
func failing(k fault.Kind, n int) func(int, model.Request) (model.Response, error) {
	return func(i int, req model.Request) (model.Response, error) {
		if i <= n {
			return model.Response{}, fault.New(k, errors.New("cause"), "it fails")
		}
		return always("invoice", 0.9)(i, req)
	}
}

func abstains(int, model.Request) (model.Response, error) {
	return model.Response{Reason: "nothing matches", Usage: model.Usage{Known: true, Input: 500}}, nil
}

func newCascade(t *testing.T, policy string, f *fakes) *cascade.Cascade {
	t.Helper()
	p, err := cascade.ParsePolicy("test.yaml", []byte(policy), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c, err := cascade.New(p, cascade.Options{Open: f.open})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// input is a document with text, with a page to draw, or with both.
func input(t *testing.T, text string, drawable bool) cascade.Input {
	t.Helper()
	tax, err := taxonomy.New("test", []string{"invoice", "receipt"})
	if err != nil {
		t.Fatal(err)
	}
	in := cascade.Input{Taxonomy: tax, Content: &extract.Content{Pages: []extract.Page{{Number: 1, Text: text}}, PageCount: 1}}
	if drawable {
		in.Content.Draw = func(_ context.Context, page int, v extract.View) (document.Image, error) {
			return document.Image{MIME: "image/jpeg", Width: v.Side, Height: v.Side, Bytes: []byte{0xFF}}, nil
		}
	}
	return in
}

const words = "Invoice number 17, amount due 20.00, payment terms 30 days"

func TestRun(t *testing.T) {
	type say = map[string]func(int, model.Request) (model.Response, error)
	tests := []struct {
		name     string
		say      say
		text     string
		drawable bool

		want    string // the classification
		calls   []string
		check   func(cascade.Outcome) bool
		wantErr fault.Kind
	}{
		{
			name: "a sure answer ends it", text: words, drawable: true,
			say:  say{luna: always("invoice", 0.9), sol: always("receipt", 1)},
			want: "invoice", calls: []string{luna},
			check: func(o cascade.Outcome) bool { return !o.Upgraded && !o.IsBackup && !o.Review.Needed },
		},
		{
			name: "doubt moves down, stage by stage", text: words, drawable: true,
			say:  say{luna: always("invoice", 0.5), sol: always("receipt", 0.9)},
			want: "receipt", calls: []string{luna, luna, sol},
			check: func(o cascade.Outcome) bool {
				return o.Upgraded && o.UpgradeReason == "low confidence (0.50)" && *o.OriginalClassification == "invoice"
			},
		},
		{
			name: "failure moves sideways, to the equal model", text: words, drawable: true,
			say:  say{luna: failing(fault.Unavailable, 99), flash: always("invoice", 0.9)},
			want: "invoice", calls: []string{luna, flash},
			check: func(o cascade.Outcome) bool { return o.IsBackup && !o.Upgraded && !o.Degraded },
		},
		{
			name: "a scan without text goes straight to the stage that looks", text: "", drawable: true,
			say:  say{luna: always("invoice", 0.9)},
			want: "invoice", calls: []string{luna},
			check: func(o cascade.Outcome) bool {
				return o.Attempts[0].Outcome == cascade.Skipped && o.Attempts[1].View == cascade.PageView && !o.Upgraded
			},
		},
		{
			name: "text that cannot be drawn passes over the stage that looks", text: words,
			say:  say{luna: always("invoice", 0.5), sol: always("invoice", 0.9)},
			want: "invoice", calls: []string{luna, sol},
			check: func(o cascade.Outcome) bool { return o.Attempts[2].View == cascade.TextView },
		},
		{
			name: "the last doubted answer stands, for review", text: words, drawable: true,
			say:  say{luna: always("invoice", 0.5), sol: always("receipt", 0.6)},
			want: "receipt", calls: []string{luna, luna, sol},
			check: func(o cascade.Outcome) bool {
				return o.Review.Reason == "low_confidence" && !o.Degraded && o.Alternatives[0].Classification == "invoice"
			},
		},
		{
			name: "an abstention is no answer and no failure", text: words, drawable: true,
			say:  say{luna: abstains, sol: always("receipt", 0.9)},
			want: "receipt", calls: []string{luna, luna, sol},
			check: func(o cascade.Outcome) bool {
				return !o.Upgraded && o.Attempts[0].Outcome == cascade.Abstained && o.Attempts[0].Confidence == nil
			},
		},
		{
			name: "when all abstain the answer is unknown, for review", text: words, drawable: true,
			say:  say{luna: abstains},
			want: "unknown", calls: []string{luna, luna},
			check: func(o cascade.Outcome) bool {
				return o.Review.Reason == "nothing_to_read" && o.Confidence == nil && o.Cost.String() == "$0.0001"
			},
		},
		{
			name: "a doubted answer stands when the better models are down", text: words, drawable: true,
			say:  say{luna: always("invoice", 0.5), sol: failing(fault.Quota, 99)},
			want: "invoice", calls: []string{luna, luna, sol},
			check: func(o cascade.Outcome) bool {
				return o.Degraded && o.UpgradeFailed && !o.Upgraded && o.Review.Reason == "degraded"
			},
		},
		{
			name: "no model answers", text: words, drawable: true,
			say:  say{luna: failing(fault.Quota, 99), sol: failing(fault.Auth, 99)},
			want: "unknown", calls: []string{luna, luna, sol}, wantErr: fault.NoModel,
			check: func(o cascade.Outcome) bool { return o.Degraded && o.Cost.Known },
		},
		{
			name: "a label outside the set is unknown", text: words,
			say:  say{luna: always("Rechnung", 0.99), sol: always("invoice", 0.9)},
			want: "invoice", calls: []string{luna, sol},
			check: func(o cascade.Outcome) bool { return o.UpgradeReason == "unknown classification" },
		},
		{
			name: "a confidence that is no probability is none", text: words,
			say:  say{luna: always("invoice", math.NaN()), sol: always("invoice", 1.7)},
			want: "invoice", calls: []string{luna, sol},
			check: func(o cascade.Outcome) bool { return o.Confidence == nil && o.Review.Reason == "low_confidence" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakes{say: tt.say}
				out, err := newCascade(t, ladder, f).Run(t.Context(), input(t, tt.text, tt.drawable))
				if got := fault.KindOf(err); got != tt.wantErr {
					t.Fatalf("error %v, want kind %q", err, tt.wantErr)
				}
				if out.Classification != tt.want {
					t.Errorf("classification %q, want %q", out.Classification, tt.want)
				}
				if got := f.models(); !slices.Equal(got, tt.calls) {
					t.Errorf("calls %q, want %q", got, tt.calls)
				}
				if !tt.check(out) {
					t.Errorf("outcome %+v", out)
				}
			})
		})
	}
}

// A page that could not be drawn this time is a failure, not a document with nothing to see.
func TestDrawFails(t *testing.T) {
	for _, tt := range []struct {
		kind    fault.Kind
		wantErr fault.Kind
		reason  cascade.ReviewReason
	}{
		{fault.Timeout, fault.NoModel, cascade.Degraded},
		{fault.Internal, fault.NoModel, cascade.Degraded},
		{fault.Busy, fault.NoModel, cascade.Degraded},
		{fault.Unsupported, "", cascade.NothingToRead},
		{fault.TooComplex, "", cascade.NothingToRead},
	} {
		t.Run(string(tt.kind), func(t *testing.T) {
			f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: always("invoice", 0.9)}}
			in := input(t, "", true)
			in.Content.Draw = func(context.Context, int, extract.View) (document.Image, error) {
				return document.Image{}, fault.New(tt.kind, nil, "no picture")
			}
			out, err := newCascade(t, ladder, f).Run(t.Context(), in)
			if fault.KindOf(err) != tt.wantErr || out.Review.Reason != tt.reason {
				t.Errorf("%q, %v; want %q and kind %q", out.Review.Reason, err, tt.reason, tt.wantErr)
			}
		})
	}
}

// Nothing that a model says beside its label gets out of the closed set either.
func TestClosedSetOfScores(t *testing.T) {
	for name, scores := range map[string]map[string]float64{
		"a label outside": {"invoice": 0.9, "<script>": 0.1},
		"infinity":        {"invoice": 0.9, "receipt": math.Inf(1)},
	} {
		f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: func(int, model.Request) (model.Response, error) {
			return model.Response{Label: "invoice", Confidence: 0.9, Score: model.ScoreProbability, Scores: scores}, nil
		}}}
		out, err := newCascade(t, ladder, f).Run(t.Context(), input(t, words, true))
		if err != nil || len(out.Alternatives) != 0 {
			t.Errorf("%s: alternatives %+v, %v", name, out.Alternatives, err)
		}
	}
}

// A policy made in Go is held to the same rules as one from a file.
func TestPolicyMadeByHand(t *testing.T) {
	f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){luna: always("invoice", 0.9)}}
	stages := []cascade.Stage{{Name: "a", Views: []cascade.View{cascade.TextView}, Models: []cascade.Spec{{Model: luna}}}}
	c, err := cascade.New(cascade.Policy{Name: "mine", Version: "1", Confidence: 0.8, Stages: stages}, cascade.Options{Open: f.open})
	if err != nil {
		t.Fatal(err)
	}
	if out, err := c.Run(t.Context(), input(t, words, false)); err != nil || out.Classification != "invoice" {
		t.Errorf("%q, %v", out.Classification, err)
	}
	if stages[0].Chars != 0 {
		t.Error("New changed the caller's policy")
	}
	for name, p := range map[string]cascade.Policy{
		"no stages":          {Name: "mine", Version: "1"},
		"a negative breaker": {Name: "mine", Version: "1", Stages: stages, Breaker: cascade.Breaker{Failures: -1}},
	} {
		if _, err := cascade.New(p, cascade.Options{Open: f.open}); fault.KindOf(err) != fault.Config {
			t.Errorf("%s: %v, want kind %q", name, err, fault.Config)
		}
	}
}

func TestMissingKeys(t *testing.T) {
	f := &fakes{say: map[string]func(int, model.Request) (model.Response, error){flash: always("invoice", 0.9)}}
	c := newCascade(t, ladder, f)
	if got := c.Dropped(); !slices.Equal(got, []string{"page", "strong"}) {
		t.Errorf("dropped stages %q, want page and strong", got)
	}
	if got := c.Missing(); len(got) != 3 || got[0].Model != luna || got[0].Reason != "set OPENAI_KEY" {
		t.Errorf("missing %+v", got)
	}
	out, err := c.Run(t.Context(), input(t, words, true))
	if err != nil || out.IsBackup {
		t.Errorf("%+v, %v: the first model that has a key is no backup", out, err)
	}

	p, err := cascade.ParsePolicy("test.yaml", []byte(ladder), func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	_, err = cascade.New(p, cascade.Options{Open: (&fakes{}).open})
	if fault.KindOf(err) != fault.NoKey || !strings.Contains(err.Error(), "set OPENAI_KEY") {
		t.Errorf("a policy without any key: %v", err)
	}
}

// The cascade's own cost around a model call.
func BenchmarkRun(b *testing.B) {
	f := opened(luna, func(_ context.Context, req model.Request) (model.Response, error) {
		return always("invoice", 0.9)(1, req)
	})
	p, err := cascade.ParsePolicy("bench.yaml", []byte(ladder), func(string) string { return "" })
	if err != nil {
		b.Fatal(err)
	}
	c, err := cascade.New(p, cascade.Options{Open: func(s cascade.Spec) ([]cascade.Opened, error) {
		if s.Model == luna {
			return f, nil
		}
		return nil, fault.New(fault.NoKey, nil, "no key")
	}})
	if err != nil {
		b.Fatal(err)
	}
	tax, err := taxonomy.Find("finance")
	if err != nil {
		b.Fatal(err)
	}
	content := &extract.Content{Pages: []extract.Page{{Number: 1, Text: strings.Repeat(words+"\n", 50)}}, PageCount: 1}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Run(b.Context(), cascade.Input{Taxonomy: tax, Content: content}); err != nil {
			b.Fatal(err)
		}
	}
}
