package office

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/docsift/docsift/extract"
)

// The parts of an OpenDocument file. Unlike Microsoft's their names are fixed.
const (
	openContent  = "content.xml"
	openMeta     = "meta.xml"
	openStyles   = "styles.xml"
	openManifest = "META-INF/manifest.xml"
)

// openProperties reads the properties of an OpenDocument file. A file of which a part needs
// a password is fault.Encrypted: its list of parts tells.
func (p *parcel) openProperties() (properties, error) {
	if p.has(openManifest) {
		err := spare(p.scan(openManifest, onStart(func(e element) error {
			if e.Name.Local == "encryption-data" {
				return locked()
			}
			return nil
		})))
		if err != nil {
			return nil, err
		}
	}
	return p.gather(3, openMeta)
}

// readOpenText reads a text document: its headers, its body, its notes, its footers.
func readOpenText(p *parcel) (*extract.Content, error) {
	about, err := p.openProperties()
	if err != nil {
		return nil, err
	}
	text := newProse(p.opts.MaxText)
	if text.styles, err = p.openStyles(); err != nil {
		return nil, err
	}
	text.out = text.newPage()
	if err := p.scan(openContent, text); err != nil {
		return nil, err
	}
	around := &openMargins{}
	if p.has(openStyles) {
		if err := spare(p.scan(openStyles, around)); err != nil {
			return nil, err
		}
	}
	around.add(&around.notes, text.notes.String())
	c := around.around(text.pages[0].String(), p.opts.MaxText)
	find(c, merged(append(text.hidden, around.prose.hidden...)))
	c.PageCount, c.Meta = about.count("page-count"), about.meta()
	setList(c.Meta, "fields", text.fields)
	return c, nil
}

// readOpenSlides reads a presentation, a page for each slide.
func readOpenSlides(p *parcel) (*extract.Content, error) {
	about, err := p.openProperties()
	if err != nil {
		return nil, err
	}
	text := newProse(p.opts.MaxText)
	if text.styles, err = p.openStyles(); err != nil {
		return nil, err
	}
	text.maxSlides = p.opts.MaxPages
	if err := p.scan(openContent, text); err != nil {
		return nil, err
	}
	if len(text.pages) == 0 {
		text.newPage() // a template may have no slide
	}
	c := &extract.Content{Meta: about.meta(), PageCount: len(text.pages)}
	for i, out := range text.pages {
		c.Pages = append(c.Pages, extract.Page{Number: i + 1, Text: out.String()})
	}
	find(c, text.hidden...)
	return c, nil
}

// space returns the last word of an OpenDocument name space, such as "text", or "".
func space(name xml.Name) string {
	rest, ok := strings.CutPrefix(name.Space, "urn:oasis:names:tc:opendocument:xmlns:")
	if !ok {
		return ""
	}
	word, _, _ := strings.Cut(rest, ":")
	return word
}

// words writes text in which any white space is one space.
func (o *output) words(b []byte) error {
	rest := b
	for word := range bytes.FieldsFuncSeq(b, isSpace) {
		// What stands before a word parts it from what was written, even by another call.
		if isSpace(rune(rest[0])) {
			o.separate(' ')
		}
		if err := o.write(word); err != nil {
			return err
		}
		rest = rest[bytes.Index(rest, word)+len(word):]
	}
	if len(rest) > 0 {
		o.separate(' ')
	}
	return nil
}

// isSpace reports whether r is white space to XML.
func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }
