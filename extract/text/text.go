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

// Extract returns the text of d as one page; the form feeds of a plain text divide pages.
// No page can be drawn.
func (e *Extractor) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	switch d.Type {
	case document.Text, document.CSV:
		// Four bytes of UTF-32 make at least one of UTF-8; its mark makes none.
		raw := d.Bytes[:min(len(d.Bytes), 4*e.maxText+4)]
		return paged(extract.Cut(decode(raw), e.maxText)), nil
	case document.HTML:
		return readHTML(ctx, d.Bytes, e.maxText)
	case document.RTF:
		return readRTF(ctx, d.Bytes, e.maxText)
	}
	return nil, fault.New(fault.Unsupported, nil, "%s is not text", d.Type)
}

// paged divides a text into pages where a printer would. An empty last page is none.
func paged(text string) *extract.Content {
	const maxPages = 1000 // the rest is one page
	c := &extract.Content{}
	for text != "" || len(c.Pages) == 0 {
		page, rest := text, ""
		if len(c.Pages)+1 < maxPages {
			page, rest, _ = strings.Cut(text, "\f")
		}
		text = rest
		c.Pages = append(c.Pages, extract.Page{Number: len(c.Pages) + 1, Text: strings.TrimSpace(extract.Clean(page))})
	}
	c.PageCount = len(c.Pages)
	return c
}

func content(text string, meta map[string]string) *extract.Content {
	return &extract.Content{
		Pages:     []extract.Page{{Number: 1, Text: strings.TrimSpace(text)}},
		PageCount: 1,
		Meta:      meta,
	}
}
