package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/docsift/docsift/fault"
)

// Upload brings a document to where the server keeps documents, which may be a bucket that takes
// it off the server's hands, and returns the id for ClassifyOptions.Upload. The API key is not
// sent there.
func (c *Client) Upload(ctx context.Context, r io.Reader, filename string) (id string, err error) {
	body, err := c.read(r)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(body)
	var to struct {
		ID      string            `json:"id"`
		Method  string            `json:"method"`
		URL     string            `json:"url"`
		Headers map[string]string `json:"headers"`
	}
	announced := map[string]any{"bytes": len(body), "filename": filename, "sha256": hex.EncodeToString(sum[:])}
	if err := c.post(ctx, "/v1/uploads", announced, &to); err != nil {
		return "", err
	}
	if u, err := url.Parse(to.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || to.Method != http.MethodPut {
		return "", fault.New(fault.BadOutput, nil, "the server names no place that the document can be put to")
	}
	for tries := 0; ; tries++ {
		err = c.put(ctx, to.URL, to.Headers, body)
		wait, again := c.again(err, call{safe: true}, tries)
		if err == nil || !again || sleep(ctx, wait) != nil {
			return to.ID, err
		}
	}
}

// put brings bytes to a place. Its address holds a secret, which no error repeats.
func (c *Client) put(ctx context.Context, to string, headers map[string]string, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, to, nil)
	if err != nil {
		return fault.New(fault.BadOutput, nil, "the server names no place that the document can be put to")
	}
	call{body: [][]byte{body}}.fill(req)
	for name, value := range headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("User-Agent", c.opts.UserAgent)
	resp, err := c.exchange(req)
	if cause, ok := errors.AsType[*url.Error](err); ok {
		return fault.New(fault.KindOf(err), cause.Err, "the document cannot be brought to %s", req.URL.Host)
	}
	if err != nil {
		return fmt.Errorf("bring the document to %s: %w", req.URL.Host, err)
	}
	return resp.Body.Close()
}
