// Package tune makes what the local model learns from out of labelled documents, and measures
// what it learned on documents that it did not see.
package tune

import (
	"cmp"
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/eval"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

// Document is a labelled document that was read.
type Document struct {
	eval.View
	Text   string
	Facts  model.Facts
	Source docsift.TextSource
	Failed string // why it could not be read, or ""
}

// textChars is how much of a document the local model is shown, as in the built-in policies.
const textChars = 20000

// Read reads documents through x, letters in pictures too. Names of files are left out.
func Read(ctx context.Context, x extract.Extractor, views []eval.View, o eval.Options) ([]Document, error) {
	docs := make([]Document, len(views))
	eval.Each(ctx, len(views), o, func(i int) { docs[i] = read(ctx, x, views[i], o) })
	return docs, ctx.Err()
}

func read(ctx context.Context, x extract.Extractor, v eval.View, o eval.Options) Document {
	out := Document{View: v, Source: docsift.FromNowhere}
	d, err := document.Open(v.Path(o.Folder), o.Document)
	var c *extract.Content
	if err == nil {
		c, err = x.Extract(ctx, d)
	}
	if err != nil {
		out.Failed = string(fault.KindOf(err)) + ": " + fault.Message(err)
		return out
	}
	c.Recognize(ctx)
	out.Text, out.Source = extract.Select(c, textChars).Text, docsift.SourceOf(c)
	out.Facts = model.Facts{Type: d.Type, Bytes: len(d.Bytes), Pages: c.PageCount, OCR: out.Source == docsift.FromOCR}
	return out
}

// Check returns fault.Invalid where all labels are one: then there is nothing to learn. It looks at
// labels before documents are read, which takes time.
func Check(views []eval.View) error {
	for _, v := range views {
		if v.Category != views[0].Category {
			return nil
		}
	}
	if len(views) == 0 {
		return nil // it is too few documents that is wrong
	}
	return fault.New(fault.Invalid, nil, "all documents have the label %s: there is nothing to tell apart; label documents of other kinds as well, or as unknown", views[0].Category)
}

// strangers is how much a document weighs that is shown under a taxonomy of which it is none, so
// that unknown is learned and does not swamp what each document is.
const strangers = 0.1

// united is how much a document weighs under the union of the industries: enough to learn its
// phrases, too little to change what is learned under the industry that it belongs to, where
// fewer categories are in question.
const united = 0.02

// mostStrange is under how many taxonomies a document is shown as a stranger.
const mostStrange = 3

// Besides is how much a document weighs that is only learned from, beside those that a model is for.
const Besides = 0.5

// Examples returns each document under the taxonomies that its label is of: the one that it was
// prepared for, those of its industries and their union; and as a stranger under some of the
// others. Together they weigh as given.
func Examples(docs []Document, known []*taxonomy.Taxonomy, weight float64) []local.Example {
	var out []local.Example
	for _, d := range docs {
		if d.Failed != "" {
			continue
		}
		seen := []string{d.Taxonomy.ID}
		whole := weight / float64(max(1, len(d.Industries))) // one that many know counts no more than another
		out = append(out, d.example(d.View, whole))
		for _, id := range d.taxonomies() {
			v, err := eval.Resolve(known, d.Original, id)
			share := whole
			if id == taxonomy.All {
				share = weight * united
			}
			if err == nil && !slices.Contains(seen, id) {
				seen, out = append(seen, id), append(out, d.example(v, share))
			}
		}
		strange := 0
		for _, id := range taxonomy.Industries() {
			v, err := eval.Resolve(known, d.Original, id)
			if err != nil || slices.Contains(seen, id) || v.Category != taxonomy.Unknown || len(v.Alternatives) > 0 || strange == mostStrange {
				continue
			}
			strange++
			out = append(out, d.example(v, weight*strangers))
		}
	}
	return out
}

// taxonomies returns the ids of those that the industries of a label mean.
func (d Document) taxonomies() []string {
	if len(d.Industries) == 0 {
		return nil
	}
	return append(slices.Clone(d.Industries), taxonomy.All)
}

func (d Document) example(v eval.View, weight float64) local.Example {
	return local.Example{
		Taxonomy: v.Taxonomy, Text: d.Text, Facts: d.Facts, Group: d.Group, Weight: weight,
		Right: append([]string{v.Category}, v.Alternatives...),
	}
}

// parts is how many parts groups are divided into for leaving one out.
const parts = 10

// ByGroup puts a document with all of its group.
func ByGroup(d Document) string {
	h := fnv.New32a()
	h.Write([]byte(d.Group))
	return strconv.Itoa(int(h.Sum32() % parts))
}

// ByCategory puts a document with all of its category.
func ByCategory(d Document) string { return d.Category }

// LeaveOut has each document judged by a model that learned from documents of other parts alone,
// so that none of its own part is on both sides; those of also are learned from alone. What is
// accepted is what reaches the threshold, or each model's own where that is 0.
func LeaveOut(ctx context.Context, docs, also []Document, part func(Document) string, learn func(rest, also []Document) (*local.Trained, error), threshold float64) ([]eval.Case, error) {
	cases := make([]eval.Case, len(docs))
	done := make(map[string]bool)
	for _, first := range docs {
		this := part(first)
		if done[this] {
			continue
		}
		done[this] = true
		without := func(docs []Document) []Document {
			return slices.DeleteFunc(slices.Clone(docs), func(d Document) bool { return part(d) == this })
		}
		trained, err := learn(without(docs), without(also))
		if err != nil {
			return nil, err
		}
		m, needed := local.New(local.Options{Trained: trained}), cmp.Or(threshold, trained.Threshold())
		for i, d := range docs {
			if part(d) != this {
				continue
			}
			if cases[i], err = d.judge(ctx, m, needed); err != nil {
				return nil, err
			}
		}
	}
	return cases, nil
}

func (d Document) judge(ctx context.Context, m *local.Model, threshold float64) (eval.Case, error) {
	c := d.Case()
	c.Format, c.Source, c.Failed = string(d.Facts.Type), string(d.Source), d.Failed
	if d.Failed != "" {
		return c, nil
	}
	start := time.Now()
	resp, err := m.Score(ctx, model.Request{Taxonomy: d.Taxonomy, Document: d.Facts, Text: d.Text})
	if err != nil {
		return c, err
	}
	c.Reason, c.Answering = resp.Reason, time.Since(start).Seconds()*1000
	if resp.Label != "" {
		c.Answer = resp.Label
	}
	if resp.Score != model.ScoreNone {
		c.Confidence, c.Accepted = &resp.Confidence, resp.Confidence >= threshold
	}
	return c, nil
}
