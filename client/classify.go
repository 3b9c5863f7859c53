package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// ClassifyOptions says how a document is to be classified. The zero value means the server's defaults.
type ClassifyOptions struct {
	Filename   string   // told to the server as data, and a weak hint to the local model
	Taxonomy   string   // the id of a taxonomy
	Categories []string // to choose from instead of a taxonomy
	Policy     string
	Priority   string    // urgent, normal or bulk
	Deadline   time.Time // by when an accepted document is to be answered; zero for none
	NoCache    bool      // models are asked even if the answer to equal bytes is known

	// Upload is what Client.Upload returned, in the place of the document.
	Upload string

	// IdempotencyKey names the request: sent again under the same key, it is carried out once.
	// Default: one made for this call, which its own retries share.
	IdempotencyKey string

	batch string
}

// The statuses of a Classification that has no answer yet, or will have none, beside
// docsift.Completed and docsift.Failed.
const (
	Queued   docsift.Status = "queued"
	Running  docsift.Status = "running"
	Canceled docsift.Status = "canceled"
)

// Classification is a document that a server keeps. Until it is Done, its Result holds the id,
// the status and the document alone.
type Classification struct {
	docsift.Result

	Source     string          `json:"source"` // sync, async or batch
	Batch      string          `json:"batch"`  // "" when it is part of none
	Priority   string          `json:"priority"`
	Deadline   *time.Time      `json:"deadline"`
	CreatedAt  time.Time       `json:"created_at"`
	StartedAt  *time.Time      `json:"started_at"`
	FinishedAt *time.Time      `json:"finished_at"`
	Request    docsift.Request `json:"request"`
}

// Done reports whether nothing more will come of it.
func (c Classification) Done() bool {
	return c.Status == docsift.Completed || c.Status == docsift.Failed || c.Status == Canceled
}

// Err returns why it has no answer, as an error of a kind in package fault, or nil.
func (c Classification) Err() error {
	switch {
	case c.Error != nil:
		return fault.New(c.Error.Code, nil, "%s", c.Error.Message)
	case c.Status == Canceled:
		return fault.New(fault.Canceled, nil, "it was canceled")
	}
	return nil
}

// Classify sends a document and waits for what it is. Beside an error the Result tells what models
// were asked all the same, and what that cost. r is read to its end, at most Options.MaxBytes.
func (c *Client) Classify(ctx context.Context, r io.Reader, o ClassifyOptions) (docsift.Result, error) {
	var res docsift.Result
	in, err := c.form(r, o)
	if err == nil {
		err = c.do(ctx, in, &res)
	}
	if p, ok := errors.AsType[*problemError](err); ok {
		res = p.result(o.Filename)
	}
	return res, err
}

// result tells what a document cost that failed.
func (e *problemError) result(name string) docsift.Result {
	res := docsift.NewFailure(name, e)
	res.ID = cmp.Or(e.told.ID, res.ID)
	for _, part := range []struct {
		from json.RawMessage
		to   any
	}{{e.told.Usage, &res.Usage}, {e.told.Cost, &res.Cost}, {e.told.Attempts, &res.Attempts}} {
		if len(part.from) > 0 && json.Unmarshal(part.from, part.to) != nil {
			res.Cost = cascade.Cost{} // not known
		}
	}
	return res
}

// Submit sends a document and returns as soon as the server keeps it. Wait or Get have its answer.
func (c *Client) Submit(ctx context.Context, r io.Reader, o ClassifyOptions) (Classification, error) {
	var out Classification
	in, err := c.form(r, o)
	if err == nil {
		in.header.Set("Prefer", "respond-async")
		err = c.do(ctx, in, &out)
	}
	return out, err
}

// Get returns a document that the server keeps.
func (c *Client) Get(ctx context.Context, id string) (Classification, error) {
	var out Classification
	path, err := resource("/v1/classifications", id, "")
	if err == nil {
		err = c.get(ctx, path, nil, &out)
	}
	return out, err
}

// Wait returns a document once it is done, as Get does. Err tells whether it has an answer.
func (c *Client) Wait(ctx context.Context, id string) (Classification, error) {
	for pause := 100 * time.Millisecond; ; pause = min(pause*3/2, 2*time.Second) {
		out, err := c.Get(ctx, id)
		if err != nil || out.Done() {
			return out, err
		}
		if err := sleep(ctx, pause); err != nil {
			return out, err
		}
	}
}

// Cancel takes a document back that has no answer yet; one that has is fault.Conflict.
func (c *Client) Cancel(ctx context.Context, id string) (Classification, error) {
	var out Classification
	path, err := resource("/v1/classifications", id, "/cancel")
	if err == nil {
		err = c.post(ctx, path, nil, &out)
	}
	return out, err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return fault.New(fault.KindOf(ctx.Err()), ctx.Err(), "it is not done yet")
	case <-time.After(d):
		return nil
	}
}

// resource returns the path of something with an id, which may not lead elsewhere.
func resource(of, id, do string) (string, error) {
	if id == "" || strings.Trim(id, "0123456789abcdefABCDEF-") != "" {
		return "", fault.New(fault.Invalid, nil, "%.64q is no id", id)
	}
	return of + "/" + id + do, nil
}

// form makes a request of a document.
func (c *Client) form(r io.Reader, o ClassifyOptions) (call, error) {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	fields := [][2]string{
		{"taxonomy", o.Taxonomy}, {"policy", o.Policy}, {"priority", o.Priority}, {"batch", o.batch}, {"upload", o.Upload},
	}
	if len(o.Categories) > 0 {
		list, err := json.Marshal(o.Categories)
		if err != nil {
			return call{}, err
		}
		fields = append(fields, [2]string{"categories", string(list)})
	}
	if o.NoCache {
		fields = append(fields, [2]string{"cache", "off"})
	}
	if !o.Deadline.IsZero() {
		fields = append(fields, [2]string{"deadline", o.Deadline.UTC().Format(time.RFC3339)})
	}
	for _, f := range fields {
		if f[1] != "" {
			w.WriteField(f[0], f[1]) // a buffer takes all
		}
	}
	in := call{
		method: http.MethodPost, path: "/v1/classifications", safe: true, // by its key
		header: http.Header{"Content-Type": {w.FormDataContentType()}, "Idempotency-Key": {cmp.Or(o.IdempotencyKey, rand.Text())}},
	}
	if o.Upload == "" {
		document, err := c.read(r)
		if err != nil {
			return in, err
		}
		w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {multipart.FileContentDisposition("file", cmp.Or(o.Filename, "document"))}, "Content-Type": {"application/octet-stream"},
		})
		in.body = [][]byte{head.Bytes(), document, fmt.Appendf(nil, "\r\n--%s--\r\n", w.Boundary())}
		return in, nil
	}
	w.Close()
	in.body = [][]byte{head.Bytes()}
	return in, nil
}

// read reads a document, at most one byte more than may be sent.
func (c *Client) read(r io.Reader) ([]byte, error) {
	if r == nil {
		return nil, fault.New(fault.Invalid, nil, "there is no document: give a reader, or the id of an upload")
	}
	b, err := io.ReadAll(io.LimitReader(r, c.opts.MaxBytes+1))
	switch {
	case err != nil:
		return nil, fault.New(fault.BadPath, err, "the document cannot be read: %v", err)
	case int64(len(b)) > c.opts.MaxBytes:
		return nil, fault.New(fault.TooLarge, nil, "larger than the limit of %d bytes", c.opts.MaxBytes)
	case len(b) == 0:
		return nil, fault.New(fault.Empty, nil, "the document is empty")
	}
	return b, nil
}
