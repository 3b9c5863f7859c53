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

// New returns a Model. What is built in is made ready beside, which takes about as long as reading
// the first document.
func New(o Options) *Model {
	go builtinStock()
	return &Model{
		opts:  o.withDefaults(),
		ready: make(map[key]func() *lexicon),
	}
}

// Name returns "local".
func (m *Model) Name() string { return "local" }

// Score reads the beginning of the text. It abstains when there is next to nothing to read
// or nothing in it speaks for a category, and where more is asked than what kind a document is. It
// fails only when ctx has ended.
func (m *Model) Score(ctx context.Context, req model.Request) (model.Response, error) {
	if err := ctx.Err(); err != nil {
		return model.Response{}, err
	}
	resp := model.Response{Score: model.ScoreNone, Usage: model.Usage{Known: true}}
	if !answerable(req.Taxonomy) {
		resp.Reason = "the local model knows kinds of documents, and this is another question"
		return resp, nil
	}
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
	e.heed(l, req.Document.Name)
	e.answer(l, e.judge(l, &m.opts.Trained.weights, lookAt(req.Text, req.Document)), req.Pages, &resp)
	return resp, nil
}

// answerable reports whether t asks for the kind of a document. A question in somebody's words does
// where every choice is a kind that is known.
func answerable(t *taxonomy.Taxonomy) bool {
	return t.Question == "" || !slices.ContainsFunc(t.Categories, func(c taxonomy.Category) bool { return len(c.Titles)+len(c.Cues) == 0 })
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
func (e *evidence) answer(l *lexicon, p []float64, pages []int, resp *model.Response) {
	v, nothing := weighUp(p, l.kinds), p[len(l.kinds)]
	switch {
	case v.answers[v.best] > v.unknown:
		resp.Label, resp.Confidence = l.kinds[v.best].name, v.answers[v.best]
		resp.Evidence = e.about(l, speaker(p, l.kinds, v.best), pages)
		resp.Reason = reason(resp.Evidence)
		if v.second >= 0 && v.answers[v.best] < 2*v.answers[v.second] {
			resp.Reason = fmt.Sprintf("too close to call: it may be %q as well; %s", l.kinds[v.second].name, resp.Reason)
		}
	case v.rival >= 0 && p[v.rival] > nothing && e.rows[v.rival][many] > 0:
		resp.Label, resp.Confidence = taxonomy.Unknown, v.unknown
		resp.Evidence = e.about(l, v.rival, pages)
		resp.Reason = fmt.Sprintf("foreign to the taxonomy: it reads like %q; %s", strings.ReplaceAll(l.kinds[v.rival].name, "_", " "), reason(resp.Evidence))
	default:
		resp.Reason = "nothing in the text speaks clearly for a category"
		return
	}
	resp.Score = model.ScoreProbability
	resp.Scores = map[string]float64{taxonomy.Unknown: v.unknown}
	for i, x := range v.answers {
		resp.Scores[l.kinds[i].name] = x
	}
}

// about returns what speaks most for a kind.
func (e *evidence) about(l *lexicon, kind int, pages []int) []model.Evidence {
	const most = 5
	found := e.strongest(l, kind, most, pages)
	for _, phrase := range e.remembered(l, kind, most-len(found)) {
		found = append(found, model.Evidence{Phrase: phrase})
	}
	return found
}

// reason tells evidence to a person.
func reason(found []model.Evidence) string {
	if len(found) == 0 {
		return "it looks like one, though no phrase says so"
	}
	var quoted []string
	for _, f := range found {
		quoted = append(quoted, `"`+f.Phrase+`"`)
	}
	return "found " + strings.Join(quoted, ", ")
}
