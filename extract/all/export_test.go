package all

import "github.com/docsift/docsift/extract"

// WithText returns e with another reader of text, so that tests can let it fail.
func (e *Extractor) WithText(r extract.Extractor) *Extractor {
	e.text = r
	return e
}
