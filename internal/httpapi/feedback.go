package httpapi

import (
	"net/http"
	"slices"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/taxonomy"
)

// maxNote is how long a note on a document may be, in bytes.
const maxNote = 2000

// giveFeedback answers POST /v1/classifications/{id}/feedback.
func (a *API) giveFeedback(w http.ResponseWriter, r *http.Request, c Caller) {
	f := store.Feedback{Classification: r.PathValue("id")}
	var in struct {
		Category string `json:"category"`
		By       string `json:"by"`
		Note     string `json:"note"`
	}
	if err := decode(http.MaxBytesReader(w, r.Body, smallBody), &in, `{"category": "invoice", "by": "ann", "note": "…"}`); err != nil {
		a.problem(w, err)
		return
	}
	f.Category, f.By, f.Note = in.Category, cleanName(in.By), in.Note
	rec, err := a.opts.Store.Find(r.Context(), c.Tenant, f.Classification)
	if err == nil {
		err = a.checkFeedback(rec, f)
	}
	if err == nil {
		f, err = a.opts.Store.GiveFeedback(r.Context(), c.Tenant, f)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	writeJSON(w, http.StatusCreated, f)
}

// checkFeedback takes only categories that the answer could have chosen.
func (a *API) checkFeedback(rec store.Record, f store.Feedback) error {
	if len(f.Note) > maxNote {
		return fault.New(fault.Invalid, nil, "the note is longer than %d bytes", maxNote)
	}
	t, err := rec.Choices(a.opts.Classifier)
	if err != nil { // its taxonomy is gone: nobody knows better than who looked
		return nil
	}
	if f.Category == taxonomy.Unknown || slices.Contains(t.Names(), f.Category) {
		return nil
	}
	return fault.New(fault.Invalid, nil, "%.100q is no category of the taxonomy %s", f.Category, t.ID)
}

// listFeedback answers GET /v1/feedback.
func (a *API) listFeedback(w http.ResponseWriter, r *http.Request, c Caller) {
	of, before, limit := "", "", usualPage
	err := read(r.URL.Query(), map[string]func(string) error{"classification": anID(&of), "cursor": anID(&before), "limit": aLimit(&limit)})
	var all []store.Feedback
	if err == nil {
		all, err = a.opts.Store.FeedbackOn(r.Context(), c.Tenant, of, before, limit)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	out := struct {
		Feedback []store.Feedback `json:"feedback"`
		page
	}{Feedback: all, page: nextPage(len(all), limit, func() string { return all[len(all)-1].ID })}
	if all == nil {
		out.Feedback = []store.Feedback{}
	}
	writeJSON(w, http.StatusOK, out)
}
