// Package text reads plain text, separated values, web pages and rich text.
package text

import (
	"context"
	"strings"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// Options bounds what is read. The zero value is ready to use.
type Options struct {
	// MaxText is how many bytes of text are kept; the rest is left unread. Default 1 MiB.
	MaxText int
}

const defaultMaxText = 1 << 20

// Extractor reads document.Text, document.CSV, document.HTML and document.RTF.
type Extractor struct {
	maxText int
}

var _ extract.Extractor = (*Extractor)(nil)

// New returns an Extractor.
func New(o Options) *Extractor {
	if o.MaxText <= 0 {
		o.MaxText = defaultMaxText
	}
	return &Extractor{maxText: o.MaxText}
}

// Extract returns the text of d as one page. No page can be drawn.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch d.Type {
	case document.Text, document.CSV:
		// Two bytes of UTF-16 make at least one of UTF-8; its mark makes none.
		raw := d.Bytes[:min(len(d.Bytes), 2*e.maxText+2)]
		return content(extract.Cut(extract.Clean(decode(raw)), e.maxText), nil), nil
	case document.HTML:
		return readHTML(ctx, d.Bytes, e.maxText)
	case document.RTF:
		return readRTF(ctx, d.Bytes, e.maxText)
	}
	return nil, fault.New(fault.Unsupported, nil, "%s is not text", d.Type)
}

func content(text string, meta map[string]string) *extract.Content {
	return &extract.Content{
		Pages:     []extract.Page{{Number: 1, Text: strings.TrimSpace(text)}},
		PageCount: 1,
		Meta:      meta,
	}
}
