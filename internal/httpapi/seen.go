package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/store"
)

const (
	usualSide = 1200 // pixels of a page's longer side
	mostSide  = 2400
)

// pageImage answers GET /v1/classifications/{id}/pages/{page} with a picture of the page that docsift has
// drawn. The bytes of the document themselves are never served.
func (a *API) pageImage(w http.ResponseWriter, r *http.Request, c Caller) {
	side := usualSide
	err := read(r.URL.Query(), map[string]func(string) error{"side": aSide(&side)})
	var seen *extract.Content
	if err == nil {
		var leave func()
		seen, leave, err = a.look(r.Context(), c, r.PathValue("id"))
		defer leave()
	}
	n, _ := strconv.Atoi(r.PathValue("page")) // 0 is none
	switch {
	case err != nil:
	case seen.Draw == nil:
		err = fault.New(fault.NotFound, nil, "pages of such a document cannot be drawn")
	case n < 1 || n > seen.PageCount:
		err = fault.New(fault.NotFound, nil, "there are pages 1 to %d", seen.PageCount)
	}
	var picture document.Image
	if err == nil {
		picture, err = seen.Draw(r.Context(), n, extract.View{Side: side, Format: extract.Colour})
	}
	if err == nil && picture.MIME != "image/jpeg" && picture.MIME != "image/png" {
		err = fault.New(fault.Internal, nil, "a page was drawn as %q", picture.MIME)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", picture.MIME)
	h.Set("Content-Length", strconv.Itoa(len(picture.Bytes)))
	h.Set("Cache-Control", "no-store") // whoever uses the same browser next may not be allowed to see it
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Write(picture.Bytes) // the caller is gone if this fails
}

func aSide(to *int) func(string) error {
	return func(v string) (err error) {
		if *to, err = strconv.Atoi(v); err != nil || *to < 64 || *to > mostSide {
			return fault.New(fault.Invalid, nil, "%.20q is no number from 64 to %d", v, mostSide)
		}
		return nil
	}
}

// mostText is up to how many bytes of a page's text are shown.
const mostText = 64 << 10

type textJSON struct {
	Pages []pageJSON `json:"pages"` // those that were read
	Count int        `json:"page_count"`
	Drawn bool       `json:"drawable"` // whether there are pictures of its pages
}

type pageJSON struct {
	Page int    `json:"page"`
	Text string `json:"text"`
	OCR  bool   `json:"ocr"` // the letters were read from the page's picture
	Cut  bool   `json:"cut"` // there is more of it
}

// pageText answers GET /v1/classifications/{id}/text with what is read of a document.
func (a *API) pageText(w http.ResponseWriter, r *http.Request, c Caller) {
	seen, leave, err := a.look(r.Context(), c, r.PathValue("id"))
	defer leave()
	if err != nil {
		a.problem(w, err)
		return
	}
	seen.Recognize(r.Context())
	out := textJSON{Pages: []pageJSON{}, Count: seen.PageCount, Drawn: seen.Draw != nil}
	for _, p := range seen.Pages {
		one := pageJSON{Page: p.Number, Text: p.Text, OCR: p.OCR, Cut: len(p.Text) > mostText}
		if one.Cut {
			one.Text = p.Text[:mostText] // half a letter at its end is written as �
		}
		out.Pages = append(out.Pages, one)
	}
	writeJSON(w, http.StatusOK, out)
}

// look reads a tenant's document again, in a place among those that are classified.
func (a *API) look(ctx context.Context, c Caller, id string) (seen *extract.Content, leave func(), err error) {
	leave = func() {}
	_, d, err := a.reopen(ctx, c, id)
	if err == nil && a.opts.Extractor == nil {
		err = fault.New(fault.NotFound, nil, "this server shows no documents")
	}
	if err != nil {
		return nil, leave, err
	}
	place, err := a.slots.take()
	if err != nil {
		return nil, leave, err
	}
	seen, err = a.opts.Extractor.Extract(ctx, d)
	return seen, place, err
}

// reopen returns a classification of a tenant with its document.
func (a *API) reopen(ctx context.Context, c Caller, id string) (store.Record, *document.Document, error) {
	rec, err := a.opts.Store.Find(ctx, c.Tenant, id)
	if err != nil {
		return rec, nil, err
	}
	if a.opts.Blobs == nil {
		return rec, nil, gone()
	}
	b, err := a.opts.Blobs.Open(ctx, blob.Ref{Tenant: c.Tenant, SHA256: rec.Document.SHA256})
	if fault.KindOf(err) == fault.NotFound {
		return rec, nil, gone()
	}
	if err != nil {
		return rec, nil, err
	}
	defer b.Close()
	d, err := document.Read(b, rec.Document.Filename, a.opts.Document)
	return rec, d, err
}

func gone() error {
	return fault.New(fault.NotFound, nil, "the document itself is no longer kept: DOCSIFT_RETAIN_DOCUMENTS says for how long")
}

// classifyAgain answers POST /v1/classifications/{id}/again: the same document is asked about once more, and
// paid for once more.
func (a *API) classifyAgain(w http.ResponseWriter, r *http.Request, c Caller) {
	rec, d, err := a.reopen(r.Context(), c, r.PathValue("id"))
	if err != nil {
		a.problem(w, err)
		return
	}
	parts := func() []any { return []any{rec.ID} }
	a.once(w, r, work{caller: c, parts: parts, refuse: a.problem, do: func(w http.ResponseWriter, r *http.Request) {
		req := rec.Request
		req.NoCache, req.ID = true, ""
		a.accept(w, r, intake{caller: c, doc: d, request: req}, preference{async: true})
	}})
}
