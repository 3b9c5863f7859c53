package client

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// BatchOptions says what all documents of a batch have in common. The zero value means the
// server's defaults, and priority bulk.
type BatchOptions struct {
	Name       string   `json:"name,omitempty"` // for people
	Taxonomy   string   `json:"taxonomy,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Policy     string   `json:"policy,omitempty"`
	Priority   string   `json:"priority,omitempty"` // urgent, normal or bulk
}

// Batch is many documents that a server works through. It is safe for concurrent use.
type Batch struct {
	ID string

	c *Client
}

// Progress is how far a batch has come.
type Progress struct {
	Name       string          `json:"name"`
	Status     string          `json:"status"` // open, closed or canceled
	CreatedAt  time.Time       `json:"created_at"`
	ClosedAt   *time.Time      `json:"closed_at"`
	FinishedAt *time.Time      `json:"finished_at"`
	Request    docsift.Request `json:"request"`
	Documents  Counts          `json:"documents"`
	Cost       cascade.Cost    `json:"cost"`
	Saved      cascade.Cost    `json:"saved"` // what answers had cost that were given again
}

// Counts are numbers of documents.
type Counts struct {
	Total     int `json:"total"`
	Queued    int `json:"queued"` // those that run included
	Completed int `json:"completed"`
	Failed    int `json:"failed"`
	Canceled  int `json:"canceled"`
	Review    int `json:"review"` // of the completed: a person should look
	Cached    int `json:"cached"`
}

// NewBatch begins a batch, to which documents are added until it is closed.
func (c *Client) NewBatch(ctx context.Context, o BatchOptions) (*Batch, error) {
	var out struct {
		ID string `json:"id"`
	}
	if err := c.post(ctx, "/v1/batches", o, &out); err != nil {
		return nil, err
	}
	return c.Batch(out.ID), nil
}

// Batch returns a batch that there is. It asks nobody: what is wrong with the id shows later.
func (c *Client) Batch(id string) *Batch { return &Batch{id, c} }

// Add sends a document for the batch and returns as soon as the server keeps it. What o leaves out
// is as the batch was begun with.
func (b *Batch) Add(ctx context.Context, r io.Reader, o ClassifyOptions) (Classification, error) {
	o.batch = b.ID
	return b.c.Submit(ctx, r, o)
}

// Close says that no more documents come.
func (b *Batch) Close(ctx context.Context) (Progress, error) { return b.change(ctx, "/close") }

// Cancel takes back what has no answer yet. What runs may be answered all the same.
func (b *Batch) Cancel(ctx context.Context) (Progress, error) { return b.change(ctx, "/cancel") }

// Retry has those done again that failed, and paid for again.
func (b *Batch) Retry(ctx context.Context) (Progress, error) { return b.change(ctx, "/retry") }

func (b *Batch) change(ctx context.Context, do string) (p Progress, err error) {
	path, err := resource("/v1/batches", b.ID, do)
	if err == nil {
		err = b.c.post(ctx, path, nil, &p)
	}
	return p, err
}

// Progress returns how far the batch has come.
func (b *Batch) Progress(ctx context.Context) (p Progress, err error) {
	path, err := resource("/v1/batches", b.ID, "")
	if err == nil {
		err = b.c.get(ctx, path, nil, &p)
	}
	return p, err
}

// Wait returns when every document that was added is done. It calls each, unless that is nil, with
// what it learns on the way.
func (b *Batch) Wait(ctx context.Context, each func(Progress)) (Progress, error) {
	for pause := 200 * time.Millisecond; ; pause = min(pause*3/2, 5*time.Second) {
		p, err := b.Progress(ctx)
		if err != nil {
			return p, err
		}
		if each != nil {
			each(p)
		}
		if p.Documents.Queued == 0 {
			return p, nil
		}
		if err := sleep(ctx, pause); err != nil {
			return p, err
		}
	}
}

// maxLine is how large one document's answer may be.
const maxLine = 16 << 20

// Results yields the documents of the batch in the order in which they came, as they are now:
// those without an answer too. They are read while they come in, however many there are. The
// first error is the last thing that is yielded.
func (b *Batch) Results(ctx context.Context) iter.Seq2[Classification, error] {
	return func(yield func(Classification, error) bool) {
		path, err := resource("/v1/batches", b.ID, "/results")
		var resp *http.Response
		if err == nil {
			resp, err = b.c.send(ctx, call{method: http.MethodGet, path: path, safe: true})
		}
		if err != nil {
			yield(Classification{}, err)
			return
		}
		defer resp.Body.Close()
		if err := b.c.lines(ctx, resp.Body, yield); err != nil {
			yield(Classification{}, err)
		}
	}
}

// lines yields the documents of a stream.
func (c *Client) lines(ctx context.Context, r io.Reader, yield func(Classification, error) bool) error {
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), maxLine)
	for s.Scan() {
		var out Classification
		if err := json.Unmarshal(s.Bytes(), &out); err != nil {
			return fault.New(fault.BadOutput, err, "the server's results are broken")
		}
		if !yield(out, nil) {
			return nil
		}
	}
	switch err := s.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return fault.New(fault.BadOutput, err, "the answer to a document is larger than %d bytes", maxLine)
	case err != nil:
		return fmt.Errorf("read results: %w", c.broken(ctx, err))
	}
	return nil
}
