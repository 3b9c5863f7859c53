package client

import (
	"context"
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// Filter chooses documents. Fields that are zero choose all.
type Filter struct {
	Status   docsift.Status
	Source   string // sync, async or batch
	Batch    string
	Category string
	Review   cascade.ReviewReason // "any" for all that a person should look at

	// Unreviewed leaves out those on which there is feedback.
	Unreviewed bool

	Error    fault.Kind
	Provider string
	SHA256   string
	Name     string // a part of the file's name, in upper or lower case

	Since, Until time.Time
}

func (f Filter) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{
		"status": string(f.Status), "source": f.Source, "batch": f.Batch, "category": f.Category, "review": string(f.Review),
		"error": string(f.Error), "provider": f.Provider, "sha256": f.SHA256, "name": f.Name, "since": moment(f.Since), "until": moment(f.Until),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.Unreviewed {
		q.Set("reviewed", "no")
	}
	return q
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// List yields the documents that the server keeps, the latest first, asking for more as they are
// needed. The first error is the last thing that is yielded.
func (c *Client) List(ctx context.Context, f Filter) iter.Seq2[Classification, error] {
	return func(yield func(Classification, error) bool) {
		q := f.query()
		q.Set("limit", strconv.Itoa(200))
		for {
			var page struct {
				Classifications []Classification `json:"classifications"`
				Next            *string          `json:"next"`
			}
			if err := c.get(ctx, "/v1/classifications", q, &page); err != nil {
				yield(Classification{}, err)
				return
			}
			for _, one := range page.Classifications {
				if !yield(one, nil) {
					return
				}
			}
			if page.Next == nil {
				return
			}
			q.Set("cursor", *page.Next)
		}
	}
}

// Feedback is what a person says that a document is.
type Feedback struct {
	ID       string    `json:"id"`
	Category string    `json:"category"`
	Was      string    `json:"was"` // what the answer was
	By       string    `json:"by"`
	Note     string    `json:"note"`
	At       time.Time `json:"at"`
}

// Feedback tells the server what a document is. Only Category, By and Note of f are sent.
func (c *Client) Feedback(ctx context.Context, id string, f Feedback) (Feedback, error) {
	var out Feedback
	path, err := resource("/v1/classifications", id, "/feedback")
	if err == nil {
		err = c.post(ctx, path, map[string]string{"category": f.Category, "by": f.By, "note": f.Note}, &out)
	}
	return out, err
}

// Taxonomies returns the taxonomies that a request may name, without the cues of the local model.
func (c *Client) Taxonomies(ctx context.Context) ([]*taxonomy.Taxonomy, error) {
	var out struct {
		Taxonomies []*taxonomy.Taxonomy `json:"taxonomies"`
	}
	err := c.get(ctx, "/v1/taxonomies", nil, &out)
	return out.Taxonomies, err
}

// Taxonomy returns what a name means at the server, an id or an id with a version as in
// "tickets@2+9f3a2c1b07de", without the cues of the local model, and the file that it was or could be.
func (c *Client) Taxonomy(ctx context.Context, name string) (*taxonomy.Taxonomy, string, error) {
	var out struct {
		Taxonomy *taxonomy.Taxonomy `json:"taxonomy"`
		YAML     string             `json:"yaml"`
	}
	if name == "" || strings.ContainsAny(name, "/?#%") {
		return nil, "", fault.New(fault.Invalid, nil, "%q is no name of a taxonomy", name)
	}
	err := c.get(ctx, "/v1/taxonomies/"+name, nil, &out)
	return out.Taxonomy, out.YAML, err
}

// SaveTaxonomy has the server keep a taxonomy, in YAML, as a version that never changes; with use, its
// id means that version from then on. It needs a key with the scope admin.
func (c *Client) SaveTaxonomy(ctx context.Context, yaml string, use bool) (docsift.TaxonomyRef, error) {
	var out docsift.TaxonomyRef
	err := c.post(ctx, "/v1/taxonomies", map[string]any{"yaml": yaml, "use": use}, &out)
	return out, err
}

// Providers is how the models of a server fare.
type Providers struct {
	Policy  string                `json:"policy"`
	Models  []docsift.ModelStatus `json:"models"`
	Missing []cascade.Missing     `json:"missing"` // left out, for want of a key
}

// Providers returns how the server's models fare.
func (c *Client) Providers(ctx context.Context) (Providers, error) {
	var out Providers
	err := c.get(ctx, "/v1/providers", nil, &out)
	return out, err
}
