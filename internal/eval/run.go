package eval

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// ByIndustry judges each document under the first industry that its labels give.
const ByIndustry = "by-industry"

// Options says how documents are judged.
type Options struct {
	Folder   string           // that the labels' files are in
	Taxonomy string           // an id, or ByIndustry
	Names    bool             // the local model may see the names of files
	Document document.Options // what is read
	Jobs     int              // documents under way at once; at least 1
	Done     func()           // called after each document; may be nil
}

// Run has c judge every labelled document. A label that is no category of any taxonomy, or a
// file that is not there, is fault.Invalid before the first document is read; a document that
// cannot be read is a case that failed.
func Run(ctx context.Context, c *docsift.Classifier, labels []Label, o Options) ([]Case, error) {
	views, err := Prepare(c.Taxonomies(), labels, o)
	if err != nil {
		return nil, err
	}
	cases := make([]Case, len(views))
	Each(ctx, len(views), o, func(i int) {
		cases[i] = views[i].Case()
		cases[i].judge(ctx, c, o)
	})
	return cases, ctx.Err()
}

// Each does a job for each of n documents, several at once.
func Each(ctx context.Context, n int, o Options, job func(i int)) {
	var workers sync.WaitGroup
	var next atomic.Int64
	for range max(1, o.Jobs) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				job(i)
				if o.Done != nil {
					o.Done()
				}
			}
		})
	}
	workers.Wait()
}

// View is a label under one taxonomy, of whose categories it is.
type View struct {
	Label
	Taxonomy *taxonomy.Taxonomy
	Original Label // as it was read
}

// Case returns the case of which nothing is known yet.
func (v View) Case() Case { return Case{Label: v.Label, Taxonomy: v.Taxonomy.ID, Answer: Unknown} }

// Prepare finds out under which taxonomy each document is judged, and checks labels and files.
func Prepare(known []*taxonomy.Taxonomy, labels []Label, o Options) ([]View, error) {
	views := make([]View, len(labels))
	for i, l := range labels {
		if _, err := os.Stat(l.Path(o.Folder)); err != nil {
			return nil, missing(l, o.Folder, err)
		}
		var err error
		if views[i], err = Resolve(known, l, o.Taxonomy); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// Resolve returns a label under the taxonomy that want says: an id, or ByIndustry.
func Resolve(known []*taxonomy.Taxonomy, l Label, want string) (View, error) {
	t, err := under(known, l, want)
	if err != nil {
		return View{}, err
	}
	held, err := within(known, t, l)
	return View{held, t, l}, err
}

// Path returns where the document is.
func (l Label) Path(folder string) string { return filepath.Join(folder, filepath.FromSlash(l.File)) }

func find(known []*taxonomy.Taxonomy, id string) *taxonomy.Taxonomy {
	if i := slices.IndexFunc(known, func(t *taxonomy.Taxonomy) bool { return t.ID == id }); i >= 0 {
		return known[i]
	}
	return nil
}

func missing(l Label, folder string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fault.New(fault.Invalid, err, "line %d of the labels: there is no %s in %s; the column file gives paths below that folder", l.Line, l.File, folder)
	}
	return fault.New(fault.Invalid, err, "line %d of the labels: %s cannot be opened", l.Line, l.File)
}

// under returns the taxonomy of a document. An industry without one is judged under the broad
// kinds of default.
func under(known []*taxonomy.Taxonomy, l Label, want string) (*taxonomy.Taxonomy, error) {
	if want != ByIndustry {
		if t := find(known, want); t != nil {
			return t, nil
		}
		return nil, fault.New(fault.NotFound, nil, "no taxonomy %q", want)
	}
	if len(l.Industries) == 0 {
		return nil, fault.New(fault.Invalid, nil, "line %d of the labels: %s has no industry, which --taxonomy %s needs", l.Line, l.File, ByIndustry)
	}
	if t := find(known, l.Industries[0]); t != nil {
		return t, nil
	}
	return find(known, broad), nil
}

// broad is the taxonomy for any trade.
const broad = "default"

// within holds a label to the categories of t. What another taxonomy has a category for, or is of
// an industry that has none, is a stranger here, for which unknown is right.
func within(known []*taxonomy.Taxonomy, t *taxonomy.Taxonomy, l Label) (Label, error) {
	ours := func(name string) bool { return name == Unknown || t.Has(name) }
	l.Alternatives = slices.DeleteFunc(slices.Clone(l.Alternatives), func(name string) bool { return !ours(name) })
	if ours(l.Category) {
		return l, nil
	}
	stranger := len(l.Industries) > 0 && find(known, l.Industries[0]) == nil
	for _, other := range known {
		stranger = stranger || other.Has(l.Category)
	}
	if stranger {
		l.Category = Unknown
		return l, nil
	}
	return l, fault.New(fault.Invalid, nil, "line %d of the labels: %q is no category of %s; write one of its categories (docsift taxonomy %[3]s), or unknown", l.Line, l.Category, t.ID)
}

// judge has one document classified.
func (k *Case) judge(ctx context.Context, c *docsift.Classifier, o Options) {
	d, err := document.Open(k.Path(o.Folder), o.Document)
	if err != nil {
		k.fail(err)
		return
	}
	k.Format = string(d.Type)
	if !o.Names {
		nameless := *d
		nameless.Name = ""
		d = &nameless
	}
	res, err := c.Classify(ctx, d, docsift.Request{Taxonomy: k.Taxonomy})
	if err != nil {
		k.fail(err)
		return
	}
	k.Source = string(res.Document.TextSource)
	k.Answer, k.Confidence, k.Accepted = res.Classification, res.Confidence, !res.Review.Needed
	k.NanoUSD = res.Cost.NanoUSD
	k.Answering, k.Total = res.Timings.Cascade-res.Timings.OCR, res.Timings.Total
	for _, a := range res.Attempts {
		k.Reason = cmp.Or(a.Reason, k.Reason)
	}
}

func (k *Case) fail(err error) {
	k.Failed = string(fault.KindOf(err)) + ": " + fault.Message(err)
	k.Source = string(docsift.FromNowhere)
}
