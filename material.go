package docsift

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// Material is a document that needs no reading: its text, a picture of it, or both.
type Material struct {
	// Text counts however short it is. The first MiB is kept.
	Text string

	// Picture is an encoded picture of a type that the Extractor reads.
	Picture []byte

	// Client is for whom it is judged.
	Client model.Client
}

const maxGiven = 1 << 20 // bytes of text

// handed is a material made ready for several questions at once.
type handed struct {
	result Result // as far as it is the same for all
	client model.Client
	facts  model.Facts
	seen   extract.Content // its Draw and OCR may be called together, and do their work once
}

// content returns what one question may change.
func (h *handed) content() *extract.Content {
	c := h.seen
	return &c
}

func (c *Classifier) handle(ctx context.Context, m Material) (*handed, error) {
	start := time.Now()
	text := strings.TrimSpace(extract.Clean(extract.Cut(m.Text, maxGiven)))
	d, content, err := c.look(ctx, m.Picture)
	switch {
	case err != nil:
		return nil, err
	case d == nil && text == "":
		return nil, fault.New(fault.Empty, nil, "there is neither a text nor a picture")
	case d == nil:
		d = &document.Document{Type: document.Text, Bytes: []byte(m.Text)}
		content = &extract.Content{PageCount: 1}
	}
	if text != "" {
		content.Pages, content.Given, content.OCR = []extract.Page{{Number: 1, Text: text}}, true, nil
	}
	digest := sha256.New()
	digest.Write([]byte(m.Text))
	digest.Write(m.Picture)
	d.SHA256 = hex.EncodeToString(digest.Sum(nil))
	h := &handed{result: newResult(d), client: m.Client, facts: c.facts(d, content), seen: once(ctx, content)}
	h.result.Timings.Extract = milliseconds(time.Since(start))
	return h, nil
}

// look reads a picture, if there is one.
func (c *Classifier) look(ctx context.Context, picture []byte) (*document.Document, *extract.Content, error) {
	if len(picture) == 0 {
		return nil, nil, nil
	}
	d, err := document.Read(bytes.NewReader(picture), "", document.Options{MaxBytes: int64(len(picture))})
	if err != nil {
		return nil, nil, err
	}
	if !d.Type.IsImage() {
		return nil, nil, fault.New(fault.Unsupported, nil, "the picture is none: it is %s", d.Type)
	}
	content, err := c.opts.Extractor.Extract(ctx, d)
	return d, content, err
}

// once returns c such that a page is drawn and letters are read once, whoever asks.
func once(ctx context.Context, c *extract.Content) extract.Content {
	out := *c
	if c.OCR != nil {
		read := sync.OnceValues(func() ([]extract.Page, error) { return c.OCR(ctx) })
		out.OCR = func(context.Context) ([]extract.Page, error) { return read() }
	}
	if c.Draw != nil {
		var mu sync.Mutex
		drawn := make(map[view]func() (document.Image, error))
		out.Draw = func(_ context.Context, page int, v extract.View) (document.Image, error) {
			mu.Lock()
			draw := drawn[view{page, v}]
			if draw == nil {
				draw = sync.OnceValues(func() (document.Image, error) { return c.Draw(ctx, page, v) })
				drawn[view{page, v}] = draw
			}
			mu.Unlock()
			return draw()
		}
	}
	return out
}

// view is a page as it is drawn.
type view struct {
	page int
	extract.View
}
