package docsift_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/all"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// which is a question about kinds of documents.
func which(labels ...string) docsift.Question {
	q := docsift.Question{Instructions: "Which kind of document is this?"}
	for _, l := range labels {
		q.Choices = append(q.Choices, docsift.Choice{Label: l})
	}
	return q
}

// one asks one question and checks what must hold for every answer.
func one(t *testing.T, c *docsift.Classifier, text string, q docsift.Question) docsift.Decision {
	t.Helper()
	ds, err := c.Decide(t.Context(), docsift.Material{Text: text}, []docsift.Question{q}, "")
	if err != nil {
		t.Fatal(err)
	}
	d, sum := ds[0], 0.0
	for _, p := range d.Probabilities {
		sum += p
	}
	if d.Choice >= 0 && (len(d.Probabilities) != len(q.Choices) || math.Abs(sum-1) > 1e-9) {
		t.Errorf("probabilities %v of %d choices make %v", d.Probabilities, len(q.Choices), sum)
	}
	return d
}

// The local model alone: it answers about kinds of documents, and nothing else.
func TestDecideLocally(t *testing.T) {
	judged := which("invoice", "receipt")
	judged.Judgement = true
	tests := []struct {
		name   string
		q      docsift.Question
		choice int
		review bool
	}{
		{"kinds of documents", which("receipt", "invoice", "bank statement"), 1, false},
		{"a choice for none of them", which("passport", "other"), 1, true},
		{"no choice for none of them", which("passport", "bank statement"), 0, true},
		{"another question", which("paid", "unpaid"), -1, true},
		{"a judgement", judged, -1, true},
	}
	c := open(t, nil, docsift.Options{Policy: "local"})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := one(t, c, letter, tt.q)
			if tt.name == "no choice for none of them" && d.Choice >= 0 {
				tt.choice = d.Choice // either will do: it is neither
				if p := d.Probabilities[d.Choice]; p < 0.5 || p > 0.9 {
					t.Errorf("%v of %v for a choice that is wrong, want little more than chance", p, d.Probabilities)
				}
			}
			if d.Choice != tt.choice || d.Review.Needed != tt.review || d.Err != nil {
				t.Errorf("choice %d of %+v, review %v, %v; want %d, %v", d.Choice, d.Probabilities, d.Review, d.Err, tt.choice, tt.review)
			}
		})
	}
}

// fixed answers one label with its scores.
type fixed struct{ model.Response }

func (fixed) Name() string { return "test/fixed" }

func (f fixed) Score(_ context.Context, req model.Request) (model.Response, error) {
	f.Usage = model.Usage{Known: true, Input: 10}
	return f.Response, nil
}

const fixedPolicy = "name: fixed\nversion: \"1\"\nconfidence: 0.8\nstages:\n  - name: text\n    views: [text]\n    models: [{model: test/fixed}]\n"

func policyFrom(t *testing.T, yaml string) cascade.Policy {
	t.Helper()
	p, err := cascade.ParsePolicy("test.yaml", []byte(yaml), lookup(nil))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// What a model says becomes a probability for each choice, whichever way it says it.
func TestDecideProbabilities(t *testing.T) {
	scored := func(label string, scores map[string]float64) model.Response {
		return model.Response{Label: label, Confidence: scores[label], Score: model.ScoreProbability, Scores: scores}
	}
	said := func(label string, p float64) model.Response {
		return model.Response{Label: label, Confidence: p, Score: model.ScoreStated}
	}
	tests := []struct {
		name   string
		resp   model.Response
		labels []string
		choice int
		want   []float64
		review bool
	}{
		{"probabilities are kept", scored("b", map[string]float64{"a": 0.1, "b": 0.9, "unknown": 0}), []string{"a", "b"}, 1, []float64{0.1, 0.9}, false},
		{"rounded ones make 1 again", scored("b", map[string]float64{"a": 0.11, "b": 0.88, "unknown": 0}), []string{"a", "b"}, 1, []float64{0.111111, 0.888889}, false},
		{"what is for none is divided evenly", scored("unknown", map[string]float64{"a": 0.1, "b": 0.3, "unknown": 0.6}), []string{"a", "b"}, 1, []float64{0.4, 0.6}, true},
		{"unless a choice stands for none", scored("unknown", map[string]float64{"a": 0.1, "b": 0.3, "unknown": 0.6}), []string{"a", "b", "Other"}, 2, []float64{0.1, 0.3, 0.6}, true},
		{"a pick leaves the rest to the others", said("a", 0.94), []string{"a", "b", "c"}, 0, []float64{0.94, 0.03, 0.03}, false},
		{"a pick below chance is chance", said("b", 0.1), []string{"a", "b"}, 1, []float64{0.5, 0.5}, true},
		{"a pick of none is no choice at all", said("unknown", 0.9), []string{"a", "b"}, 0, []float64{0.5, 0.5}, true},
		{"a pick without a confidence", model.Response{Label: "b", Score: model.ScoreNone}, []string{"a", "b"}, 1, []float64{0.5, 0.5}, true},
		{"unknown goes before other", said("other", 0.9), []string{"unknown", "other"}, 1, []float64{0.1, 0.9}, false},
	}
	p := policyFrom(t, fixedPolicy)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := open(t, nil, docsift.Options{Policy: p.Name, Policies: []cascade.Policy{p}, Models: []model.Model{fixed{tt.resp}}})
			d := one(t, c, "Hm.", which(tt.labels...))
			if d.Choice != tt.choice || d.Review.Needed != tt.review || len(d.Probabilities) != len(tt.want) {
				t.Fatalf("choice %d with %v, review %v; want %d with %v", d.Choice, d.Probabilities, d.Review, tt.choice, tt.want)
			}
			for i, want := range tt.want {
				if math.Abs(d.Probabilities[i]-want) > 1e-6 {
					t.Errorf("probabilities %v, want %v", d.Probabilities, tt.want)
				}
			}
		})
	}
}

// Hosted models get the question as it was put, and labels that no category may have come back as
// they were.
func TestDecideByHostedModels(t *testing.T) {
	var asked []string
	_, env := providers(t, sim.Options{Answer: func(c sim.Call) sim.Answer {
		asked = append(asked, strings.Join(c.System, ""))
		return sim.Answer{Label: c.Labels[1], Confidence: 0.97}
	}})
	long := strings.Repeat("a complaint about \"delivery\" ", 6)
	q := docsift.Question{Instructions: "What is the customer's concern?", Choices: []docsift.Choice{{Label: "praise"}, {Label: long, Description: "late\nor lost"}}}
	d := one(t, open(t, env, docsift.Options{}), "Where is it?", q)
	if d.Choice != 1 || d.Model != "gpt-6-luna" || d.Cost.NanoUSD == 0 || len(d.Attempts) != 2 || d.Attempts[0].Outcome != cascade.Abstained {
		t.Errorf("choice %d by %s for %v in %d attempts; want the second by gpt-6-luna after the local model abstained", d.Choice, d.Model, d.Cost, len(d.Attempts))
	}
	if len(asked) != 1 || !strings.Contains(asked[0], q.Instructions) || !strings.Contains(asked[0], `a complaint about \"delivery\"`) || !strings.Contains(asked[0], ": late or lost\n") {
		t.Errorf("the model was asked %q", asked)
	}
}

// Many questions share one reading, and one that fails takes no other with it.
func TestDecideMany(t *testing.T) {
	looked := 0
	p := policyFrom(t, strings.Replace(fixedPolicy, "[text]", "[page_image]", 1))
	c := open(t, nil, docsift.Options{
		Policy: p.Name, Policies: []cascade.Policy{p}, Models: []model.Model{picky{}},
		Extractor: held{&extract.Content{PageCount: 1, Pages: []extract.Page{{Number: 1}}, Draw: func(context.Context, int, extract.View) (document.Image, error) {
			looked++
			return document.Image{MIME: "image/png", Bytes: []byte{1}}, nil
		}}},
	})
	var qs []docsift.Question
	for range 100 {
		qs = append(qs, which("a", "b"), which("broken", "b"), which("panic", "b"))
	}
	ds, err := c.Decide(t.Context(), docsift.Material{Picture: page(t)}, qs, "")
	if err != nil || len(ds) != len(qs) || looked != 1 {
		t.Fatalf("%d answers, %v, the page drawn %d times; want %d from one", len(ds), err, looked, len(qs))
	}
	want := map[string]fault.Kind{"a": "", "broken": fault.NoModel, "panic": fault.NoModel}
	ids := make(map[string]bool)
	for i, d := range ds {
		label := qs[i].Choices[0].Label
		if kind := fault.KindOf(d.Err); kind != want[label] || (d.Choice == 0) != (kind == "") {
			t.Fatalf("question %d: choice %d, %v; want %q", i, d.Choice, d.Err, want[label])
		}
		ids[d.ID] = true
	}
	if len(ids) != len(ds) {
		t.Errorf("%d ids for %d answers", len(ids), len(ds))
	}
}

// A bug in a reader is the error of the questions that met it: nothing else would catch it beside the
// caller's own goroutine.
func TestDecideSurvives(t *testing.T) {
	p := policyFrom(t, strings.Replace(fixedPolicy, "[text]", "[page_image]", 1))
	c := open(t, nil, docsift.Options{
		Policy: p.Name, Policies: []cascade.Policy{p}, Models: []model.Model{picky{}},
		Extractor: held{&extract.Content{PageCount: 1, Pages: []extract.Page{{Number: 1}}, Draw: func(context.Context, int, extract.View) (document.Image, error) {
			panic("a bug")
		}}},
	})
	ds, err := c.Decide(t.Context(), docsift.Material{Picture: page(t)}, []docsift.Question{which("a", "b"), which("a", "c")}, "")
	if err != nil || len(ds) != 2 {
		t.Fatalf("%d answers, %v", len(ds), err)
	}
	for i, d := range ds {
		if fault.KindOf(d.Err) != fault.Internal || d.Choice != -1 || d.Error == nil || strings.Contains(d.Error.Message, "bug") {
			t.Errorf("question %d: choice %d, %v, told %+v; want an internal error that tells no more", i, d.Choice, d.Err, d.Error)
		}
	}
}

// picky picks the first category, unless its name is trouble.
type picky struct{}

func (picky) Name() string { return "test/fixed" }

func (picky) Score(_ context.Context, req model.Request) (model.Response, error) {
	switch label := req.Taxonomy.Categories[0].Name; label {
	case "broken":
		return model.Response{}, fault.New(fault.Rejected, nil, "it will not")
	case "panic":
		panic("a bug")
	default:
		return model.Response{Label: label, Confidence: 0.9, Score: model.ScoreStated, Usage: model.Usage{Known: true, Input: 1}}, nil
	}
}

func TestDecideRefuses(t *testing.T) {
	text := docsift.Material{Text: letter}
	tests := []struct {
		name   string
		m      docsift.Material
		q      docsift.Question
		policy string
		want   fault.Kind
	}{
		{"nothing to judge", docsift.Material{Text: " \n"}, which("a", "b"), "", fault.Empty},
		{"one choice", text, which("a"), "", fault.Invalid},
		{"the same choice twice", text, which("a", "a"), "", fault.Invalid},
		{"a policy that there is not", text, which("a", "b"), "nosuch", fault.NotFound},
		{"a picture that is a text", docsift.Material{Picture: []byte("Dear sir or madam, this is a letter.")}, which("a", "b"), "", fault.Unsupported},
		{"a broken picture", docsift.Material{Text: letter, Picture: page(t)[:60]}, which("a", "b"), "", fault.Corrupt},
	}
	reader := all.New(all.Options{})
	t.Cleanup(func() { reader.Close() })
	c := open(t, nil, docsift.Options{Extractor: reader})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ds, err := c.Decide(t.Context(), tt.m, []docsift.Question{which("a", "b"), tt.q}, tt.policy)
			if fault.KindOf(err) != tt.want || ds != nil {
				t.Errorf("%v (%s) with %d answers, want %s", err, fault.KindOf(err), len(ds), tt.want)
			}
		})
	}
}

// A taxonomy of one's own makes its categories kinds that the local model knows.
func TestDecideByOwnTaxonomy(t *testing.T) {
	own, err := taxonomy.Parse("tickets.yaml", []byte("id: tickets\ncategories:\n- invoice\n- name: boarding_pass\n  titles: [boarding pass]\n  cues: [gate closes, seat, boarding time]\n"))
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, nil, docsift.Options{Policy: "local", Taxonomies: []*taxonomy.Taxonomy{own}})
	d := one(t, c, "BOARDING PASS\nBoarding time 10:40, gate closes 11:00\nSeat 14C", which("invoice", "boarding_pass"))
	if d.Choice != 1 || d.ProviderUsed != "local" {
		t.Errorf("choice %d by %q, want the second by the local model", d.Choice, d.ProviderUsed)
	}
}

func TestPolicies(t *testing.T) {
	tests := []struct {
		name string
		o    docsift.Options
		want string
	}{
		{"all may be asked for", docsift.Options{}, "default guide local"},
		{"nothing leaves a machine that is told so", docsift.Options{Policy: "local"}, "local"},
		{"those that are listed", docsift.Options{RequestPolicies: []string{"guide"}}, "default guide"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(open(t, nil, tt.o).Policies(), " "); got != tt.want {
				t.Errorf("policies %q, want %q", got, tt.want)
			}
		})
	}
}

// Questions that differ in anything are answered apart, however often each is put.
func TestDecideKeepsQuestionsApart(t *testing.T) {
	p := policyFrom(t, fixedPolicy)
	c := open(t, nil, docsift.Options{Policy: p.Name, Policies: []cascade.Policy{p}, Models: []model.Model{picky{}}})
	with := func(change func(*docsift.Question)) docsift.Question {
		q := which("a", "b", "other")
		change(&q)
		return q
	}
	questions := []docsift.Question{
		with(func(*docsift.Question) {}),
		with(func(q *docsift.Question) { q.Instructions = "Which?" }),
		with(func(q *docsift.Question) { q.Judgement = true }),
		with(func(q *docsift.Question) { q.Choices[0].Description = "b" }),
		with(func(q *docsift.Question) { q.Choices[0].Label, q.Choices[1].Label = "b", "a" }),
		with(func(q *docsift.Question) { q.Choices[0] = docsift.Choice{Label: "ab"} }),
	}
	versions := make(map[string]int)
	for range 2 {
		ds, err := c.Decide(t.Context(), docsift.Material{Text: letter}, questions, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range ds {
			versions[d.Taxonomy.Version]++
		}
	}
	if len(versions) != len(questions) {
		t.Errorf("%d questions were told apart, want %d: %v", len(versions), len(questions), versions)
	}
	for i := range 600 { // more than are kept
		one(t, c, letter, with(func(q *docsift.Question) { q.Instructions = strings.Repeat("?", i+1) }))
	}
	if d := one(t, c, letter, questions[0]); versions[d.Taxonomy.Version] != 2 {
		t.Errorf("the first question came back as %s, which is none of %v", d.Taxonomy.Version, versions)
	}
}
