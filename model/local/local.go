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
	// Taxonomies is how many taxonomies are kept ready for matching. Default 16.
	Taxonomies int
}

func (o Options) withDefaults() Options {
	if o.Taxonomies == 0 {
		o.Taxonomies = 16
	}
	return o
}

// Model judges a document by its text alone. It is safe for concurrent use.
type Model struct {
	opts    Options
	weights weights

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
		opts: o.withDefaults(), weights: fitted(),
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
	l := m.lexicon(req.Taxonomy)
	e := memory.Get().(*evidence)
	defer memory.Put(e)
	e.gather(l, req.Text, m.weights.Half)
	e.weigh(l)
	e.answer(l, e.judge(l, m.weights), &resp)
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
		get = sync.OnceValue(func() *lexicon { return compile(t, m.weights) })
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

// answer writes a verdict into resp.
func (e *evidence) answer(l *lexicon, v verdict, resp *model.Response) {
	best := 0
	for i, p := range v.categories {
		if p > v.categories[best] {
			best = i
		}
	}
	unknown := v.null + v.other
	switch {
	case v.categories[best] > unknown:
		resp.Label, resp.Confidence = l.kinds[best].name, v.categories[best]
		resp.Reason = e.reason(l, best)
	case v.other > v.null:
		resp.Label, resp.Confidence = taxonomy.Unknown, unknown
		resp.Reason = fmt.Sprintf("it reads like %q: %s", strings.ReplaceAll(l.kinds[v.rival].name, "_", " "), e.reason(l, v.rival))
	default:
		resp.Reason = "nothing in the text speaks clearly for a category"
		return
	}
	resp.Score = model.ScoreProbability
	resp.Scores = make(map[string]float64, len(v.categories)+1)
	for i, p := range v.categories {
		resp.Scores[l.kinds[i].name] = p
	}
	resp.Scores[taxonomy.Unknown] = unknown
}

// reason names the phrases that speak most for a kind.
func (e *evidence) reason(l *lexicon, kind int) string {
	var quoted []string
	for _, p := range e.strongest(l, kind, 5) {
		quoted = append(quoted, `"`+p+`"`)
	}
	return "found " + strings.Join(quoted, ", ")
}
