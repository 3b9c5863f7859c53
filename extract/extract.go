// Package extract defines the seam between a document's bytes and those who judge it:
// text, page count and a way to draw a page. It knows nothing of categories.
package extract

import (
	"context"
	"strings"
	"time"
	"unicode"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/unseen"
)

// Extractor reads documents. Implementations are safe for concurrent use, honour ctx, and
// return a kind of which fault.Kind.Unreadable is true for a document that cannot be read.
type Extractor interface {
	Extract(ctx context.Context, d *document.Document) (*Content, error)
}

// Content is what was read from a document.
type Content struct {
	Pages     []Page // those that were read, in order; a sheet or a whole text counts as a page
	PageCount int    // of the document, read or not; at least 1

	// Given says that Pages hold a text that was handed over as such: it counts however short it is.
	Given bool `json:"-"`

	// Meta is what the file says of itself, such as "title", "author" and "producer". It is
	// the sender's word and may be anything.
	Meta map[string]string

	// Hidden is what the document says without showing it, page by page: no model is told.
	Hidden []unseen.Text

	// Took is how long reading took, waiting for a turn aside; 0 where nobody took the time.
	Took time.Duration `json:"-"`

	// Draw renders a page, counted from 1. It is nil when no page can be drawn. It stays valid
	// as long as the document and may be called by several goroutines.
	Draw func(ctx context.Context, page int, v View) (document.Image, error) `json:"-"`

	// OCR returns the pages with the letters in their pictures, which may take seconds. It is nil
	// when the first page holds readable text itself, and when nobody is there to read letters.
	OCR func(ctx context.Context) ([]Page, error) `json:"-"`
}

// Conceals reports whether the document hides a message: no mere page number or blank.
func (c *Content) Conceals() bool { return unseen.IsMessage(c.Hidden) }

// Recognize fills in Pages by OCR, once. That no letters could be read is no error: the pages
// then stay as they are.
func (c *Content) Recognize(ctx context.Context) {
	if c.OCR == nil {
		return
	}
	if pages, err := c.OCR(ctx); err == nil {
		c.Pages = pages
	}
	c.OCR = nil
}

// Page is the text of one page.
type Page struct {
	Number int // from 1
	Text   string
	OCR    bool // the text was read from the page's picture
}

// View says how a page is drawn.
type View struct {
	Side   int // of the longer side, in pixels at most; a small page may be drawn smaller
	Format Format
}

// Format is how a drawn page is encoded.
type Format int

// The formats.
const (
	Gray   Format = iota // JPEG without colour, which costs a third of the time
	Colour               // JPEG
	PGM                  // plain gray pixels after a short header (netpbm P5), for readers of letters
)

// Text returns the text of all pages that were read, a form feed between two.
func (c *Content) Text() string {
	texts := make([]string, len(c.Pages))
	for i, p := range c.Pages {
		texts[i] = p.Text
	}
	return strings.Join(texts, "\f")
}

// minLetters is how many letters and digits make a text worth reading: a scanner's stamp
// or a page number alone says nothing.
const minLetters = 24

// Readable reports whether text holds enough letters and digits to be judged by.
func Readable(text string) bool {
	n := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			if n++; n >= minLetters {
				return true
			}
		}
	}
	return false
}

// Legible reports whether text, which was selected from c, is worth judging by.
func (c *Content) Legible(text string) bool { return Readable(text) || c.Given && text != "" }

// Recognizer reads the letters in the picture of a page, which comes as PGM. Implementations
// are safe for concurrent use and honour ctx. A picture without letters gives "".
type Recognizer interface {
	Recognize(ctx context.Context, page document.Image) (string, error)
}
