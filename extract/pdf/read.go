package pdf

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerr "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
)

// maxText is how many characters of a page are taken; a closely printed one holds 10,000.
const maxText = 200_000

// maxMeta is how many bytes of a piece of metadata are kept.
const maxMeta = 1000

// maxPoints is the longest side of a page, in points of 1/72 inch. PDFium spends memory in
// proportion to it.
const maxPoints = 100_000

// opened is a document inside an instance.
type opened struct {
	pdfium.Pdfium
	doc   references.FPDF_DOCUMENT
	form  bool // holds fields to fill in
	first *loaded
	spent bool // no longer what the file says

	handles int // that go-pdfium keeps as long as the instance
}

// openIn opens a document in an instance.
func openIn(r pdfium.Pdfium, b []byte) (*opened, error) {
	doc, err := r.OpenDocument(&requests.OpenDocument{File: &b})
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}
	kind, err := r.FPDF_GetFormType(&requests.FPDF_GetFormType{Document: doc.Document})
	if err != nil {
		return nil, fmt.Errorf("get form type: %w", err)
	}
	return &opened{Pdfium: r, doc: doc.Document, form: kind.FormType != enums.FPDF_FORMTYPE_NONE}, nil
}

// close frees what the document holds in its instance.
func (o *opened) close() error {
	if err := o.forget(); err != nil {
		return err
	}
	_, err := o.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: o.doc})
	return err
}

// forget frees the first page.
func (o *opened) forget() error {
	if o.first == nil {
		return nil
	}
	p := *o.first
	o.first = nil
	return o.free(p)
}

// read returns what a document says: the text of its first pages and of its last one.
func (o *opened) read(first int) (*extract.Content, error) {
	count, err := o.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: o.doc})
	if err != nil {
		return nil, fmt.Errorf("count pages: %w", err)
	}
	if count.PageCount < 1 {
		return nil, fmt.Errorf("no pages: %w", pdfiumerr.ErrFormat)
	}
	c := &extract.Content{PageCount: count.PageCount}
	var names []string
	if names, err = o.pages(c, first); err != nil {
		return nil, err
	}
	if c.Meta, err = o.meta(); err != nil {
		return nil, err
	}
	if len(names) > 0 {
		c.Meta["fields"] = extract.Cut(strings.Join(names, ", "), maxMeta)
	}
	return c, nil
}

// pages reads the pages up to first and the last one, and returns the names of the fields on
// them. A page that cannot be read is left empty, unless none can.
func (o *opened) pages(c *extract.Content, first int) (names []string, err error) {
	var failed error
	lost := 0
	for n := 1; n <= c.PageCount; n++ {
		if n > first {
			n = c.PageCount
		}
		got, err := o.text(n)
		switch {
		case errors.Is(err, pdfiumerr.ErrPage), errors.As(err, new(*fault.Error)):
			lost, failed = lost+1, err
		case err != nil:
			return nil, fmt.Errorf("read page %d: %w", n, err)
		}
		c.Pages, names = append(c.Pages, extract.Page{Number: n, Text: got.text}), append(names, got.fields...)
		c.Hidden = append(c.Hidden, got.hidden...)
	}
	if lost == len(c.Pages) {
		return nil, failed
	}
	return names, nil
}

// said is what a page says.
type said struct {
	text   string // with what was filled into its fields at the end
	fields []string
	hidden []unseen.Text
}

// text returns what page n says to who looks at it.
func (o *opened) text(n int) (said, error) {
	page, err := o.load(n)
	if err != nil {
		return said{}, err
	}
	var s said
	hidden, err := o.conceal(page)
	if err != nil {
		return said{}, err
	}
	if s.text, err = o.printed(page); err != nil {
		return said{}, err
	}
	if o.form {
		f, err := o.fields(page)
		if err != nil {
			return said{}, err
		}
		s.fields, s.text = f.names, strings.Join(append([]string{s.text}, f.values...), "\n")
		hidden[unseen.NotDrawn] += f.unseen
	}
	s.hidden = unseen.Find(n, hidden, s.text)
	return s, o.unload(page)
}

// printed returns the text that stands on a page. Where the fonts do not tell what their
// letters mean, there is none.
func (o *opened) printed(page loaded) (string, error) {
	text, err := o.FPDFText_LoadPage(&requests.FPDFText_LoadPage{Page: page.Page})
	if err != nil {
		return "", err
	}
	count, err := o.FPDFText_CountChars(&requests.FPDFText_CountChars{TextPage: text.TextPage})
	if err != nil {
		return "", err
	}
	got, err := o.FPDFText_GetText(&requests.FPDFText_GetText{TextPage: text.TextPage, Count: min(count.Count, maxText)})
	if err != nil {
		return "", err
	}
	if _, err := o.FPDFText_ClosePage(&requests.FPDFText_ClosePage{TextPage: text.TextPage}); err != nil {
		return "", err
	}
	return legible(clean(got.Text)), nil
}

// loaded is a page inside an instance, with its size in points.
type loaded struct {
	requests.Page
	width, height float64
}

// load loads page n. The first is kept, since it is likely to be drawn next.
func (o *opened) load(n int) (loaded, error) {
	if n == 1 && o.first != nil {
		return *o.first, nil
	}
	p, err := o.page(n)
	if err == nil && n == 1 {
		o.first = &p
	}
	return p, err
}

// unload frees a page that is not kept.
func (o *opened) unload(p loaded) error {
	if o.first != nil && *o.first == p {
		return nil
	}
	return o.free(p)
}

func (o *opened) page(n int) (loaded, error) {
	got, err := o.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: o.doc, Index: n - 1})
	if err != nil {
		return loaded{}, err
	}
	page := requests.Page{ByReference: &got.Page}
	w, err := o.FPDF_GetPageWidthF(&requests.FPDF_GetPageWidthF{Page: page})
	if err != nil {
		return loaded{}, err
	}
	h, err := o.FPDF_GetPageHeightF(&requests.FPDF_GetPageHeightF{Page: page})
	if err != nil {
		return loaded{}, err
	}
	p := loaded{page, float64(w.PageWidth), float64(h.PageHeight)}
	if !(p.width > 0 && p.width <= maxPoints && p.height > 0 && p.height <= maxPoints) {
		return loaded{}, fault.New(fault.TooComplex, nil, "page %d of the PDF has an impossible size: print it to a new PDF and send that", n)
	}
	return p, nil
}

func (o *opened) free(p loaded) error {
	_, err := o.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: *p.ByReference})
	return err
}

// noMetadata is how go-pdfium reports a document without any; it has no error value for it.
const noMetadata = "Could not get metadata"

func (o *opened) meta() (map[string]string, error) {
	tags := []string{"Title", "Author", "Subject", "Keywords", "Creator", "Producer", "CreationDate", "ModDate"}
	meta := map[string]string{}
	got, err := o.GetMetaData(&requests.GetMetaData{Document: o.doc, Tags: &tags})
	switch {
	case err != nil && err.Error() == noMetadata:
		return meta, nil
	case err != nil:
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	for _, t := range got.Tags {
		name, v := strings.ToLower(t.Tag), extract.Cut(strings.TrimSpace(clean(t.Value)), maxMeta)
		switch t.Tag {
		case "CreationDate":
			name, v = "created", date(v)
		case "ModDate":
			name, v = "modified", date(v)
		}
		if v != "" {
			meta[name] = v
		}
	}
	return meta, nil
}

// clean makes a word whole again that PDFium marks as broken at the end of a line, by U+0002
// or, in older files, by U+FFFE.
func clean(s string) string {
	for _, mark := range []string{"\x02", "\uFFFE"} {
		if strings.Contains(s, mark) {
			s = strings.NewReplacer(mark+"\r\n", "", mark+"\n", "", mark, "").Replace(s)
		}
	}
	return extract.Clean(s)
}

// date writes a PDF's date (ISO 32000-1, 7.9.4) as RFC 3339 does. What is none is "".
func date(s string) string {
	s = strings.ReplaceAll(strings.TrimPrefix(s, "D:"), "'", "")
	for _, layout := range []string{"20060102150405Z0700", "20060102150405", "200601021504", "20060102", "200601", "2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.RFC3339)
		}
	}
	return ""
}

// legible returns s, or nothing when more than a third of it are characters without meaning,
// as from fonts that do not tell which letters they show.
func legible(s string) string {
	all, odd := 0, 0
	for _, r := range s {
		if unicode.IsSpace(r) {
			continue
		}
		if all++; r == unicode.ReplacementChar || !unicode.IsPrint(r) {
			odd++
		}
	}
	if 3*odd > all {
		return ""
	}
	return s
}
