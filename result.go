package docsift

import (
	"cmp"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// Result is the answer about one document, the same in the library, on the command line and
// over HTTP. Every field is always present in JSON.
type Result struct {
	ID     string `json:"id"` // a UUID of version 7
	Status Status `json:"status"`

	cascade.Outcome

	// GuideCost is what the document would have cost by the scaling guide's way: a page of 1024 ×
	// 1024 pixels to gpt-4o-mini, and in one of five cases to gpt-4o too. Nil for one that could not be read.
	GuideCost *cascade.Cost `json:"guide_cost"`

	// Cached says that the answer is that to an equal document before, or at the same moment. No
	// model was asked: there are no attempts, and Cost is 0. Saved is what the answer had cost.
	Cached bool         `json:"cached"`
	Saved  cascade.Cost `json:"saved"`

	Document DocumentRef `json:"document"`
	Taxonomy TaxonomyRef `json:"taxonomy"`
	Policy   PolicyRef   `json:"policy"`
	Timings  Timings     `json:"timings_ms"`

	// Error says why a document failed; nil otherwise.
	Error *cascade.Problem `json:"error"`
}

// Status is how far a document has come.
type Status string

// The statuses.
const (
	Completed Status = "completed" // answered, if only with "unknown" and a review
	Failed    Status = "failed"    // Error says why
)

// DocumentRef identifies a document in an answer.
type DocumentRef struct {
	SHA256   string `json:"sha256"`
	Filename string `json:"filename"` // as the sender gave it
	MIME     string `json:"mime"`     // by content
	Bytes    int    `json:"bytes"`
	Pages    int    `json:"pages"` // 0 when the document could not be read

	// PagesRead lists the pages whose text was looked for, counted from 1.
	PagesRead []int `json:"pages_read"`

	// TextSource says where the text came from.
	TextSource TextSource `json:"text_source"`

	// HiddenText is what the document says without showing it, which no model was told. With
	// more than a few letters of it, a person should look.
	HiddenText []unseen.Text `json:"hidden_text"`

	// Metadata is what the file says of itself, such as "title" or "attachments": the sender's
	// word, which may be anything.
	Metadata map[string]string `json:"metadata"`
}

// TextSource is where a document's text came from.
type TextSource string

// The sources of text.
const (
	FromDocument TextSource = "document" // the file holds it
	FromOCR      TextSource = "ocr"      // it was read from the page's picture
	FromNowhere  TextSource = "none"     // no text was read: only models that see can tell what it is
)

// note fills in what was read.
func (d *DocumentRef) note(c *extract.Content) {
	d.Pages, d.Metadata, d.TextSource, d.HiddenText = c.PageCount, c.Meta, SourceOf(c), c.Hidden
	for _, p := range c.Pages {
		d.PagesRead = append(d.PagesRead, p.Number)
	}
}

// SourceOf says where the text of what was read came from.
func SourceOf(c *extract.Content) TextSource {
	from := FromNowhere
	for _, p := range c.Pages {
		switch {
		case !c.Legible(p.Text):
		case p.OCR:
			return FromOCR
		default:
			from = FromDocument
		}
	}
	return from
}

// TaxonomyRef says which categories an answer chose from.
type TaxonomyRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// PolicyRef says which policy an answer came by, and which of its stages could not take part
// because no model of theirs has a key.
type PolicyRef struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Dropped []string `json:"dropped_stages"`
}

// Timings says where the time went, in milliseconds.
type Timings struct {
	Extract float64 `json:"extract"`
	OCR     float64 `json:"ocr"`     // reading letters from pictures; 0 where that was not needed
	Cascade float64 `json:"cascade"` // the models included, and OCR where a stage asked for text
	Total   float64 `json:"total"`
}

// NewFailure returns the Result of a document that could not even be read.
func NewFailure(name string, err error) Result {
	res := Result{ID: newID(), Document: DocumentRef{Filename: name}}
	res.finish(time.Now(), err)
	return res
}

// Again returns the answer r for an equal document that is asked about now, under an id of its own
// unless req has one.
func (r Result) Again(d *document.Document, req Request, start time.Time) Result {
	r.ID = cmp.Or(req.ID, newID())
	r.Document.Filename = d.Name
	r.Cached, r.Saved = true, r.Cost
	r.Cost, r.Usage, r.Attempts = cascade.Cost{Known: true}, model.Usage{Known: true}, []cascade.Attempt{}
	r.Timings = Timings{Total: milliseconds(time.Since(start))}
	return r
}

func newID() string { return uuid.Must(uuid.NewV7()).String() } // fails only when the system has no randomness

// finish fills in what is the same for every result.
func (r *Result) finish(start time.Time, err error) {
	r.Timings.Total = milliseconds(time.Since(start))
	r.Status = Completed
	if err != nil {
		r.Status = Failed
		r.Error = &cascade.Problem{Code: fault.KindOf(err), Message: fault.Message(err)}
	}
	if r.Classification == "" { // it never reached a model
		r.Outcome = cascade.Outcome{
			Classification: taxonomy.Unknown, ConfidenceKind: model.ScoreNone,
			Cost: cascade.Cost{Known: true}, Usage: model.Usage{Known: true},
			Review: cascade.Review{Needed: true, Reason: cascade.Unreadable, Risk: 1},
		}
	}
	if !r.Cached {
		r.Saved = cascade.Cost{Known: true}
	}
	if r.Attempts == nil {
		r.Attempts = []cascade.Attempt{}
	}
	if r.Alternatives == nil {
		r.Alternatives = []cascade.Alternative{}
	}
	if r.Evidence == nil {
		r.Evidence = []model.Evidence{}
	}
	r.Document.TextSource = cmp.Or(r.Document.TextSource, FromNowhere)
	if r.Document.PagesRead == nil {
		r.Document.PagesRead = []int{}
	}
	if r.Document.HiddenText == nil {
		r.Document.HiddenText = []unseen.Text{}
	}
	if r.Document.Metadata == nil {
		r.Document.Metadata = map[string]string{}
	}
	if r.Policy.Dropped == nil {
		r.Policy.Dropped = []string{}
	}
	for i := range r.Attempts {
		if r.Attempts[i].Notes == nil {
			r.Attempts[i].Notes = []string{}
		}
		if r.Attempts[i].Evidence == nil {
			r.Attempts[i].Evidence = []model.Evidence{}
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
