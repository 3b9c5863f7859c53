package chaos

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/taxonomy"
)

// deaf is the breaker that hears every lie out.
const deaf = "{failures: 1000000, cooldown: 1s}"

// liars is F1: models that say anything at all.
func (r *run) liars(ctx context.Context) ([]Line, error) {
	l := Line{ID: "F1", What: "closed set, whatever models say", Target: "100 % inside, confidence in [0,1]"}
	overHTTP, within := r.part(0.4, 100), r.part(19.6, 1000)
	if r.Requests >= Nightly {
		within = 1_000_000 - overHTTP
	}
	w, err := r.start(ctx, plan{name: "F1", breaker: deaf, lies: newLiar(r.Seed).lie})
	if err != nil {
		return nil, err
	}
	defer w.close()
	answers := w.rush(ctx, "F1", overHTTP, workers, r.press.hard)
	outside, answered := 0, 0
	for _, a := range answers {
		switch {
		case a.err != nil, a.status == http.StatusOK && !enclosed(a.Classification, a.Confidence):
			outside++
			l.examples("outside:", []answer{a})
		case a.status == http.StatusOK:
			answered++
		}
	}
	more, err := r.lieWithin(ctx, w, within)
	if err != nil {
		return nil, err
	}
	outside, answered = outside+more.outside, answered+more.answered
	heard := len(w.calls(w.began)) + more.heard
	l.Measured = fmt.Sprintf("%s outputs, %s answers, %d outside", grouped(heard), grouped(answered), outside)
	l.Result = verdict(outside == 0 && answered > 0 && ctx.Err() == nil)
	l.figure("outputs", float64(heard))
	l.figure("answers", float64(answered))
	l.figure("outside", float64(outside))
	l.note("%s sheets over HTTP, %s through the library; those without an answer were refused with a problem, because every model lied", grouped(overHTTP), grouped(within))
	return []Line{l}, ctx.Err()
}

// enclosed reports whether an answer is one that may be given.
func enclosed(label string, confidence *float64) bool {
	return inSet(label) && (confidence == nil || *confidence >= 0 && *confidence <= 1)
}

// liar draws what models say. It is safe for concurrent use.
type liar struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func newLiar(seed uint64) *liar { return &liar{rng: rand.New(rand.NewPCG(seed, 13))} }

// lie returns what becomes of a call. One in four says the right thing in an odd way.
func (l *liar) lie(c sim.Call) sim.Effect {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch l.rng.IntN(12) {
	case 0:
		return sim.Effect{Garbage: draw(l.rng, []string{"not_json", "truncated", "html", "blank", "bom", "gzip", "fenced", "prose"}), Label: l.label(c)}
	case 1:
		return sim.Effect{Empty: draw(l.rng, []string{"choices", "content"})}
	case 2:
		return sim.Effect{Finish: draw(l.rng, []string{"length", "refusal", "content_filter", "safety", "tool_calls"}), Label: l.label(c)}
	case 3:
		return sim.Effect{Body: l.noise()}
	case 4, 5, 6:
		return sim.Effect{Confidence: l.confidence()}
	}
	return sim.Effect{Label: l.label(c), Confidence: l.confidence(), Usage: draw(l.rng, []string{"", "", "missing", "absurd"})}
}

// label returns a category, or something that is like one, or nothing like one.
func (l *liar) label(c sim.Call) string {
	if len(c.Labels) == 0 {
		return "invoice"
	}
	one, two := draw(l.rng, c.Labels), draw(l.rng, c.Labels)
	return draw(l.rng, []string{
		one, strings.ToUpper(one), strings.ReplaceAll(one, "_", " "), " " + one + "\n", one + "s", one + "." + two, one + ", " + two,
		`{"category":"` + one + `"}`, `["` + one + `","` + two + `"]`, one[:1], one + "\x00", strings.Replace(one, "e", "е", 1), "Rechnung", "счёт",
		"none of the above", "null", "undefined", "categories", "-", "0", "%s", "<script>", "../" + one, strings.Repeat(one+" ", 40), string(rune(l.rng.IntN(0x10ffff))),
	})
}

// confidence returns a JSON value, or what is none.
func (l *liar) confidence() sim.Raw {
	odd := []sim.Raw{
		"1.7", "-1", "-0", "-0.0001", "1.0000001", "1e308", "1e-308", "NaN", "Infinity", "-Infinity", "null", "true", `"high"`, `"95%"`, `"0.9"`, `"NaN"`,
		"[0.9]", `{"value":0.9}`, "100", "101", "95", sim.Missing, "0", "1", "0.5",
	}
	if l.rng.IntN(3) > 0 {
		return draw(l.rng, odd)
	}
	return sim.Raw(fmt.Sprint(3*l.rng.Float64() - 1))
}

// noise returns a body that is more or less like JSON.
func (l *liar) noise() string {
	tokens := strings.Fields(`{ } [ ] : , "category" "classification" "confidence" "choices" "candidates" "content" "message" "parts" "text" "type" 0.9 null true "invoice" "{\"category\":\"poem\",\"confidence\":2}" é`)
	var b strings.Builder
	for range 1 + l.rng.IntN(40) {
		b.WriteString(draw(l.rng, tokens))
	}
	return b.String()
}

// heard is what came of lies.
type heard struct{ heard, answered, outside int }

// lieWithin has the library ask liars in this process.
func (r *run) lieWithin(ctx context.Context, w *world, n int) (heard, error) {
	set, err := taxonomy.New("chaos", categories())
	if err != nil {
		return heard{}, err
	}
	settings := map[string]string{"COMPATIBLE_URL": "http://compatible.invalid/v1"}
	for _, a := range accounts() {
		settings[a.key] = "placeholder"
	}
	getenv := func(name string) string { return settings[name] }
	p, err := cascade.ParsePolicy("chaos", []byte(plan{breaker: deaf}.policy(w.providers)), getenv)
	if err != nil {
		return heard{}, err
	}
	c, err := docsift.New(docsift.Options{
		Policy: p.Name, Policies: []cascade.Policy{p}, Taxonomy: set.ID, Taxonomies: []*taxonomy.Taxonomy{set},
		Getenv: getenv, Client: &http.Client{Transport: newLiar(r.Seed + 1)},
	})
	if err != nil {
		return heard{}, err
	}
	return r.classifyLies(ctx, c, n)
}

func (r *run) classifyLies(ctx context.Context, c *docsift.Classifier, n int) (heard, error) {
	var out heard
	var failed error
	var taken, done atomic.Int64
	defer r.progress("F1 library", &done, n)()
	var mu sync.Mutex
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for int(taken.Add(1)) <= n && ctx.Err() == nil {
				sh := r.press.hard()
				d, err := document.Read(strings.NewReader(sh.text), sh.name, document.Options{})
				var res docsift.Result
				if err == nil {
					res, _ = c.Classify(ctx, d, docsift.Request{}) // that no model answered is a good end
				}
				done.Add(1)
				mu.Lock()
				failed = cmp.Or(failed, err)
				out.add(res)
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return out, failed
}

// add counts an answer and what was said for it.
func (h *heard) add(res docsift.Result) {
	for _, a := range res.Attempts {
		if a.Error == nil || !a.Error.Code.Unsent() {
			h.heard++
		}
	}
	if res.Status != docsift.Completed {
		return
	}
	h.answered++
	if !enclosed(res.Classification, res.Confidence) {
		h.outside++
	}
}

// RoundTrip lies in the wire format of whoever is asked.
func (l *liar) RoundTrip(req *http.Request) (*http.Response, error) {
	said, err := json.Marshal(l.say())
	if err != nil {
		return nil, err
	}
	form := `{"model":"m","choices":[{"message":{"role":"assistant","content":%s},"finish_reason":"stop"}],"usage":{"prompt_tokens":300,"completion_tokens":12}}`
	switch {
	case strings.Contains(req.URL.Path, "/v1beta/"):
		form = `{"candidates":[{"content":{"parts":[{"text":%s}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":300,"candidatesTokenCount":12}}`
	case strings.HasSuffix(req.URL.Path, "/messages"):
		form = `{"content":[{"type":"text","text":%s}],"stop_reason":"end_turn","usage":{"input_tokens":300,"output_tokens":12}}`
	}
	body := fmt.Sprintf(form, said)
	return &http.Response{
		StatusCode: http.StatusOK, Header: make(http.Header), Body: io.NopCloser(strings.NewReader(body)), Request: req, ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

// say returns what a model says in place of an answer.
func (l *liar) say() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.rng.IntN(6) == 0 {
		return l.noise()
	}
	label, err := json.Marshal(l.label(sim.Call{Labels: append(categories(), taxonomy.Unknown)}))
	if err != nil {
		return l.noise()
	}
	field, confidence := draw(l.rng, []string{"category", "category", "classification", "Category", "label"}), ""
	if c := l.confidence(); c != sim.Missing {
		confidence = `,"confidence":` + string(c)
	}
	answer := fmt.Sprintf(`{%q:%s%s}`, field, label, confidence)
	return draw(l.rng, []string{"", "", "", "Sure! ", "```json\n", answer + "\n", "<think>" + answer + "</think>"}) + answer
}
