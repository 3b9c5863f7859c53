package pdf

import (
	"errors"
	"fmt"
	"strings"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerr "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// maxText is how many characters of a page are taken; a closely printed one holds 10,000.
const maxText = 200_000

// maxPoints is the longest side of a page, in points of 1/72 inch. PDFium spends memory in
// proportion to it.
const maxPoints = 100_000

// opened is a document inside an instance.
type opened struct {
	pdfium.Pdfium
	doc  references.FPDF_DOCUMENT
	form bool // holds fields to fill in
}

// with opens the document, passes it to f and closes it.
func with(r pdfium.Pdfium, b []byte, f func(opened) error) error {
	doc, err := r.OpenDocument(&requests.OpenDocument{File: &b})
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	kind, err := r.FPDF_GetFormType(&requests.FPDF_GetFormType{Document: doc.Document})
	if err != nil {
		return fmt.Errorf("get form type: %w", err)
	}
	o := opened{Pdfium: r, doc: doc.Document, form: kind.FormType != enums.FPDF_FORMTYPE_NONE}
	if err := f(o); err != nil {
		return err // the instance ends with an error, and the document with it
	}
	_, err = r.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: doc.Document})
	return err
}

// read returns what a document says: the text of its first pages and of its last one.
func read(r pdfium.Pdfium, b []byte, first int) (*extract.Content, error) {
	var c extract.Content
	err := with(r, b, func(o opened) error {
		count, err := o.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: o.doc})
		if err != nil {
			return fmt.Errorf("count pages: %w", err)
		}
		if count.PageCount < 1 {
			return fmt.Errorf("no pages: %w", pdfiumerr.ErrFormat)
		}
		c.PageCount = count.PageCount
		if c.Pages, err = o.pages(first, c.PageCount); err != nil {
			return err
		}
		c.Meta, err = o.meta()
		return err
	})
	return &c, err
}

// pages returns the text of the pages up to first and of the last of count. One that cannot
// be read is left empty, unless none can.
func (o opened) pages(first, count int) ([]extract.Page, error) {
	var pages []extract.Page
	var failed error
	lost := 0
	for n := 1; n <= count; n++ {
		if n > first {
			n = count
		}
		text, err := o.text(n)
		switch {
		case errors.Is(err, pdfiumerr.ErrPage), errors.As(err, new(*fault.Error)):
			lost, failed = lost+1, err
		case err != nil:
			return nil, fmt.Errorf("read page %d: %w", n, err)
		}
		pages = append(pages, extract.Page{Number: n, Text: text})
	}
	if lost == len(pages) {
		return nil, failed
	}
	return pages, nil
}

func (o opened) text(n int) (string, error) {
	page, err := o.load(n)
	if err != nil {
		return "", err
	}
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
	return clean(got.Text), o.unload(page)
}

// loaded is a page inside an instance, with its size in points.
type loaded struct {
	requests.Page
	width, height float64
}

// load loads page n, with what was filled into its form as part of it.
func (o opened) load(n int) (loaded, error) {
	p, err := o.page(n)
	if err != nil || !o.form {
		return p, err
	}
	if _, err := o.FPDFPage_Flatten(&requests.FPDFPage_Flatten{Page: p.Page, Usage: requests.FPDFPage_FlattenUsageNormalDisplay}); err != nil {
		return loaded{}, fmt.Errorf("flatten: %w", err)
	}
	// Only a page loaded anew shows what was flattened into it.
	if err := o.unload(p); err != nil {
		return loaded{}, err
	}
	return o.page(n)
}

func (o opened) page(n int) (loaded, error) {
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

func (o opened) unload(p loaded) error {
	_, err := o.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: *p.ByReference})
	return err
}

// noMetadata is how go-pdfium reports a document without any; it has no error value for it.
const noMetadata = "Could not get metadata"

func (o opened) meta() (map[string]string, error) {
	tags := []string{"Title", "Author", "Subject", "Creator", "Producer"}
	meta := map[string]string{}
	if o.form {
		meta["form"] = "yes"
	}
	got, err := o.GetMetaData(&requests.GetMetaData{Document: o.doc, Tags: &tags})
	switch {
	case err != nil && err.Error() == noMetadata:
		return meta, nil
	case err != nil:
		return nil, fmt.Errorf("read metadata: %w", err)
	}
	for _, t := range got.Tags {
		if v := strings.TrimSpace(clean(t.Value)); v != "" {
			meta[strings.ToLower(t.Tag)] = v
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
