// Package local is the first sieve: a model that runs in this process, costs nothing and
// knows documents by the phrases that their taxonomy lists.
package local

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Options configures a Model. The zero value is ready to use.
type Options struct {
	// Trained is what was learned from documents. Default Builtin.
	Trained *Trained

	// Taxonomies is how many taxonomies are kept ready for matching. Default 16.
	Taxonomies int
}

func (o Options) withDefaults() Options {
	if o.Trained == nil {
		o.Trained = Builtin()
	}
	if o.Taxonomies == 0 {
		o.Taxonomies = 16
	}
	return o
}

// Model judges a document by its text alone. It is safe for concurrent use.
type Model struct {
	opts Options

	mu     sync.Mutex
	ready  map[key]func() *lexicon
	recent []key // those ready, the last used at the end
}

// key tells taxonomies apart: by their version, which a digest of their content is part of, so
// that a list of categories sent with every request is made ready once. One made by hand has no
// version and is known by its address.
type key struct {
	version string
	address *taxonomy.Taxonomy
}

func keyOf(t *taxonomy.Taxonomy) key {
	if t.Version == "" {
		return key{address: t}
	}
	return key{version: t.Version}
}

// New returns a Model.
func New(o Options) *Model {
	return &Model{
		opts:  o.withDefaults(),
		ready: make(map[key]func() *lexicon),
	}
}

// Name returns "local".
func (m *Model) Name() string { return "local" }

// Score reads the beginning of the text. It abstains when there is next to nothing to read
// or nothing in it speaks for a category, and fails only when ctx has ended.
func (m *Model) Score(ctx context.Context, req model.Request) (model.Response, error) {
	if err := ctx.Err(); err != nil {
		return model.Response{}, err
	}
	resp := model.Response{Score: model.ScoreNone, Usage: model.Usage{Known: true}}
	if !extract.Readable(req.Text) {
		resp.Reason = "there is no text to judge by"
		return resp, nil
	}
	if !m.opts.Trained.Knows(req.Taxonomy) {
		resp.Reason = fmt.Sprintf("the local model was trained for %s, not for %s as it is", strings.Join(m.opts.Trained.Taxonomies(), ", "), req.Taxonomy.ID)
		return resp, nil
	}
	l := m.lexicon(req.Taxonomy)
	e := memory.Get().(*evidence)
	defer memory.Put(e)
	e.gather(l, req.Text, req.Document.OCR)
	e.weigh(l)
	e.recall(l, req.Text)
	e.answer(l, e.judge(l, &m.opts.Trained.weights, lookAt(req.Text, req.Document)), &resp)
	return resp, nil
}

// lexicon returns t made ready, now or earlier.
func (m *Model) lexicon(t *taxonomy.Taxonomy) *lexicon {
	k := keyOf(t)
	m.mu.Lock()
	get, ok := m.ready[k]
	if ok {
		m.recent = slices.DeleteFunc(m.recent, func(have key) bool { return have == k })
	} else {
		get = sync.OnceValue(func() *lexicon { return compile(t, m.opts.Trained.book) })
		m.ready[k] = get
	}
	m.recent = append(m.recent, k)
	if len(m.recent) > m.opts.Taxonomies {
		delete(m.ready, m.recent[0])
		m.recent = slices.Delete(m.recent, 0, 1)
	}
	m.mu.Unlock()
	return get()
}

// answer writes a judgement into resp: what is likeliest among the categories and unknown, which
// is all the rest.
func (e *evidence) answer(l *lexicon, p []float64, resp *model.Response) {
	nothing := p[len(l.kinds)]
	best, rival, unknown := -1, -1, nothing
	for i, k := range l.kinds {
		if k.where == category {
			best = likelier(p, best, i)
			continue
		}
		rival, unknown = likelier(p, rival, i), unknown+p[i]
	}
	switch {
	case p[best] > unknown:
		resp.Label, resp.Confidence = l.kinds[best].name, p[best]
		resp.Reason = e.reason(l, best)
	case rival >= 0 && p[rival] > nothing && e.rows[rival][many] > 0:
		resp.Label, resp.Confidence = taxonomy.Unknown, unknown
		resp.Reason = fmt.Sprintf("it reads like %q: %s", strings.ReplaceAll(l.kinds[rival].name, "_", " "), e.reason(l, rival))
	default:
		resp.Reason = "nothing in the text speaks clearly for a category"
		return
	}
	resp.Score = model.ScoreProbability
	resp.Scores = map[string]float64{taxonomy.Unknown: unknown}
	for i, k := range l.kinds {
		if k.where == category {
			resp.Scores[k.name] = p[i]
		}
	}
}

// likelier returns the likelier of two, the first of which may be below 0 for none.
func likelier(p []float64, i, j int) int {
	if i < 0 || p[j] > p[i] {
		return j
	}
	return i
}

// reason names the phrases that speak most for a kind.
func (e *evidence) reason(l *lexicon, kind int) string {
	var quoted []string
	const most = 5
	best := e.strongest(l, kind, most)
	for _, p := range append(best, e.remembered(l, kind, most-len(best))...) {
		quoted = append(quoted, `"`+p+`"`)
	}
	if len(quoted) == 0 {
		return "it looks like one, though no phrase says so"
	}
	return "found " + strings.Join(quoted, ", ")
}
