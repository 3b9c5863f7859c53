// Package docsift sorts documents into categories through finer and finer sieves: a free
// local model first, then hosted ones that read the text, then ones that look at the page.
// Each keeps what it is sure of and passes on the rest.
package docsift

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/limit"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/model/meter"
	"github.com/docsift/docsift/taxonomy"
)

// Options configures a Classifier. The zero value sorts plain text into the built-in
// taxonomies with the local model alone.
type Options struct {
	// Extractor reads documents. Package extract/all reads every type that docsift knows.
	// Default: text, CSV and HTML only.
	Extractor extract.Extractor

	// Getenv looks up settings by the names of their environment variables: OPENAI_API_KEY,
	// GOOGLE_API_KEY, ANTHROPIC_API_KEY, OPENAI_BASE_URL, CONFIDENCE_THRESHOLD and whatever
	// a policy names. Pass os.Getenv to use the environment. Default: nothing is set.
	Getenv func(string) string

	// Taxonomy is the id of the taxonomy for requests that name none. Default taxonomy.All.
	Taxonomy string

	// Taxonomies are added to the built-in ones; the same id replaces a built-in one.
	Taxonomies []*taxonomy.Taxonomy

	// Shelf has the taxonomies that tenants make while the Classifier runs. Default: none do.
	Shelf Shelf

	// Policy is the name of the policy for requests that name none. Default "default".
	Policy string

	// Policies are added to the built-in ones; the same name replaces a built-in one.
	Policies []cascade.Policy

	// RequestPolicies are the policies that a request may name beside Policy. Default: all,
	// but none where Policy is "local", whose promise is that nothing leaves the machine.
	RequestPolicies []string

	// Models can be named in policies beside the built-in providers' models.
	Models []model.Model

	// Local is what the local model has learned. Default local.Builtin().
	Local *local.Trained

	// HideNames keeps the names of files from the local model, which takes a name for a weak hint
	// that never decides alone. Hosted models never get to see one: it is the sender's word.
	HideNames bool

	// Ledger is where every request to a provider is written down before it is sent. It holds the
	// budgets. Default: nowhere; see OpenLedger.
	Ledger Ledger

	// Memory knows what models have answered in a run before it was broken off, for requests that
	// come with an id. Default: none, so that a run that is begun again is paid for again.
	Memory Memory

	// Sharing keeps the breakers of several processes of one mind. Default: each minds its own.
	Sharing Sharing

	// Watch watches the requests to models. Default: nobody does.
	Watch meter.Watch

	// Prices is what models cost. Default: the prices that docsift ships with.
	Prices *Prices

	// Log is told when a model is left alone and when it is back, and of bills that are far from
	// what was foreseen. Default: none.
	Log *slog.Logger

	// Features tells what a hosted model was found to do before, by the address of its API and
	// its name; see Probe. Default: nothing was.
	Features func(baseURL, model string) chat.Features

	// Client sends requests to providers. Default: one with a connection pool of its own.
	Client *http.Client
}

func (o Options) withDefaults() Options {
	if o.Extractor == nil {
		o.Extractor = text.New(text.Options{})
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Local == nil {
		o.Local = local.Builtin()
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Prices == nil {
		o.Prices = price.Builtin()
	}
	if o.Features == nil {
		o.Features = func(string, string) chat.Features { return chat.Features{} }
	}
	o.Getenv = o.withThreshold()
	o.Taxonomy = cmp.Or(o.Taxonomy, taxonomy.All)
	o.Policy = cmp.Or(o.Policy, "default")
	if o.Client == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 256 // one host takes nearly all the traffic
		o.Client = &http.Client{Transport: t}
	}
	return o
}

// withThreshold looks up settings like Getenv; what the local model needs to be believed is its
// own threshold, unless it is set.
func (o Options) withThreshold() func(string) string {
	return func(name string) string {
		v := o.Getenv(name)
		if v == "" && name == "DOCSIFT_LOCAL_THRESHOLD" {
			v = strconv.FormatFloat(o.Local.Threshold(), 'g', -1, 64)
		}
		return v
	}
}

// Shelf is where tenants keep taxonomies of their own. It is asked about every document, so it answers
// from memory.
type Shelf interface {
	// Taxonomy returns what a tenant means by a name: an id, or an id and a version. It is nil where
	// the tenant has made none of that name.
	Taxonomy(tenant, name string) (*taxonomy.Taxonomy, error)

	// Taxonomies returns those that the tenant made and uses.
	Taxonomies(tenant string) ([]*taxonomy.Taxonomy, error)
}

// Classifier takes documents the whole way. It is safe for concurrent use.
type Classifier struct {
	opts  Options
	local model.Model
	asked askedCache

	localSum func() string // a digest of what the local model has learned

	mu       sync.Mutex
	policies map[string]*policy           // opened when first asked for
	limiters map[[3]string]*limit.Limiter // by the name of the model, of its key, and the base URL that a policy gives it
}

// New returns a Classifier. It fails with fault.Config, fault.NotFound or fault.NoKey when the
// default policy or taxonomy cannot be used, so that a mistake shows at start.
func New(o Options) (*Classifier, error) {
	c := &Classifier{opts: o.withDefaults(), policies: make(map[string]*policy), limiters: make(map[[3]string]*limit.Limiter)}
	c.local = local.New(local.Options{Trained: c.opts.Local}) // every policy shares it: what it compiles for a taxonomy is kept
	c.localSum = sync.OnceValue(c.opts.Local.Sum)
	if _, err := c.policy(c.opts.Policy); err != nil {
		return nil, err
	}
	t, err := c.taxonomy(Request{})
	if err != nil {
		return nil, err
	}
	if trained := c.opts.Local; !trained.Knows(t) {
		return nil, fault.New(fault.Config, nil, "the local model was trained for %s, not for the taxonomy %s as it is: train it again, or name another taxonomy or model",
			strings.Join(trained.Taxonomies(), ", "), t.ID)
	}
	return c, nil
}

// Request says how a document is to be classified. The zero value means the defaults.
type Request struct {
	// ID is that of the answer, a UUID of version 7. Default: a new one. Who asks again under the
	// same one does not pay again for what Options.Memory remembers.
	ID string `json:"-"`

	// Client is for whom it is done.
	Client model.Client `json:"client,omitzero"`

	// Taxonomy is the id of a taxonomy. With a version behind it, as in "tickets@2+9f3a2c1b07de", it is
	// that one and no later.
	Taxonomy string `json:"taxonomy,omitempty"`

	// Categories is a bare list of categories to use instead.
	Categories []string `json:"categories,omitempty"`

	// Policy is the name of a policy.
	Policy string `json:"policy,omitempty"`

	// Explain has each attempt say what was sent, what came back and what was made of it.
	Explain model.Explain `json:"-"`
}

// Classify says what d is. The Result is filled in as far as things went even beside an error.
// That is of a kind in package fault: one about the request or the document, and then nothing
// was sent to any provider; fault.NoModel when every model failed; fault.Canceled or
// fault.Timeout when ctx ended first.
func (c *Classifier) Classify(ctx context.Context, d *document.Document, req Request) (Result, error) {
	res, start := newResult(d), time.Now()
	res.ID = cmp.Or(req.ID, res.ID)
	err := c.classify(ctx, d, req, &res)
	res.finish(start, err)
	return res, err
}

func (c *Classifier) classify(ctx context.Context, d *document.Document, req Request, res *Result) error {
	tax, err := c.taxonomy(req)
	if err != nil {
		return err
	}
	pol, err := c.requested(req.Policy)
	if err != nil {
		return err
	}
	res.Taxonomy = TaxonomyRef{tax.ID, tax.Version}
	res.Policy = pol.ref()

	start := time.Now()
	content, err := c.opts.Extractor.Extract(ctx, d)
	res.Timings.Extract = milliseconds(time.Since(start))
	if err != nil {
		return err
	}
	timed(content, &res.Timings)
	defer res.Document.note(content) // the cascade may have read letters from its pages
	account := model.Account{Client: req.Client, Run: res.ID, Again: req.ID != ""}
	return pol.run(ctx, cascade.Input{Taxonomy: tax, Document: c.facts(d, content), Content: content, Account: account, Explain: req.Explain}, res)
}

// Check returns what is wrong with a request, as Classify would, without a document.
func (c *Classifier) Check(req Request) error {
	if _, err := c.requested(req.Policy); err != nil {
		return err
	}
	_, err := c.taxonomy(req)
	return err
}

// Choices returns the taxonomy that a request means.
func (c *Classifier) Choices(req Request) (*taxonomy.Taxonomy, error) { return c.taxonomy(req) }

// timed notes how long reading letters takes.
func timed(c *extract.Content, t *Timings) {
	read := c.OCR
	if read == nil {
		return
	}
	c.OCR = func(ctx context.Context) ([]extract.Page, error) {
		start := time.Now()
		defer func() { t.OCR = milliseconds(time.Since(start)) }()
		return read(ctx)
	}
}

// Taxonomies returns the taxonomies that a request may name.
func (c *Classifier) Taxonomies() []*taxonomy.Taxonomy {
	all := append([]*taxonomy.Taxonomy(nil), c.opts.Taxonomies...)
	for _, t := range taxonomy.Builtin() {
		if find(c.opts.Taxonomies, t.ID) == nil {
			all = append(all, t)
		}
	}
	return all
}

// TaxonomiesOf returns the taxonomies that requests of a tenant may name: its own, and those of Taxonomies
// that it has no own one in place of.
func (c *Classifier) TaxonomiesOf(tenant string) (all []*taxonomy.Taxonomy, err error) {
	if c.opts.Shelf != nil {
		if all, err = c.opts.Shelf.Taxonomies(tenant); err != nil {
			return nil, err
		}
	}
	own := all
	for _, t := range c.Taxonomies() {
		if find(own, t.ID) == nil {
			all = append(all, t)
		}
	}
	return all, nil
}

// Taxonomy returns the one for requests that name none.
func (c *Classifier) Taxonomy() *taxonomy.Taxonomy {
	t, _ := c.taxonomy(Request{}) // New has found it
	return t
}

func (c *Classifier) taxonomy(req Request) (*taxonomy.Taxonomy, error) {
	switch {
	case len(req.Categories) > 0 && req.Taxonomy != "":
		return nil, fault.New(fault.Invalid, nil, "give a taxonomy or a list of categories, not both")
	case len(req.Categories) > 0:
		return taxonomy.New("custom", req.Categories)
	}
	name := cmp.Or(req.Taxonomy, c.opts.Taxonomy)
	if c.opts.Shelf != nil && req.Client.Tenant != "" {
		if t, err := c.opts.Shelf.Taxonomy(req.Client.Tenant, name); t != nil || err != nil {
			return t, err
		}
	}
	id, version, exact := strings.Cut(name, "@")
	t := find(c.opts.Taxonomies, id)
	if t == nil {
		var err error
		if t, err = taxonomy.Find(id); err != nil {
			return nil, err
		}
	}
	if exact && t.Version != version {
		return nil, fault.New(fault.NotFound, nil, "there is no version %.64q of the taxonomy %s: it is at %s", version, id, t.Version)
	}
	return t, nil
}

func find(list []*taxonomy.Taxonomy, id string) *taxonomy.Taxonomy {
	for _, t := range list {
		if t.ID == id {
			return t
		}
	}
	return nil
}

func (c *Classifier) facts(d *document.Document, content *extract.Content) model.Facts {
	f := model.Facts{SHA256: d.SHA256, Name: d.Name, Type: d.Type, Bytes: len(d.Bytes), Pages: content.PageCount}
	if c.opts.HideNames {
		f.Name = ""
	}
	return f
}

func newResult(d *document.Document) Result {
	return Result{ID: newID(), Document: DocumentRef{SHA256: d.SHA256, Filename: d.Name, MIME: d.Type.MIME(), Bytes: len(d.Bytes)}}
}
