package httpapi

import (
	"net/http"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
)

const (
	reviewLease = 5 * time.Minute  // for which a review is one person's
	reviewPause = 10 * time.Minute // for which one is set aside
	mostClaimed = 20
)

// reviewer says who looks at documents.
type reviewer struct {
	By string `json:"by"` // a person, or one of a person's windows
	N  int    `json:"n"`
}

// owner tells reviewers of one tenant from each other.
func (v reviewer) owner(c Caller) string { return c.Key + "/" + v.By }

func readReviewer(w http.ResponseWriter, r *http.Request) (v reviewer, err error) {
	if err := decode(http.MaxBytesReader(w, r.Body, smallBody), &v, `{"by": "ann", "n": 3}`); err != nil {
		return v, err
	}
	if v.By == "" || len(v.By) > 200 {
		return v, fault.New(fault.Invalid, nil, "by is who looks at them, in 1 to 200 bytes")
	}
	return v, nil
}

// claimReviews answers POST /v1/reviews/claim: it gives a person documents to look at, which nobody else is
// given for five minutes.
func (a *API) claimReviews(w http.ResponseWriter, r *http.Request, c Caller) {
	v, err := readReviewer(w, r)
	if err == nil && (v.N < 1 || v.N > mostClaimed) {
		err = fault.New(fault.Invalid, nil, "n is a number from 1 to %d", mostClaimed)
	}
	out := struct {
		Reviews []any     `json:"reviews"`
		Until   time.Time `json:"until"` // when others may be given them
		Left    int       `json:"left"`  // how many documents wait for a person, these among them
		More    bool      `json:"more"`  // there are more than that
	}{Reviews: []any{}, Until: time.Now().Add(reviewLease).UTC()}
	var all []store.Record
	if err == nil {
		all, err = a.opts.Store.ClaimReviews(r.Context(), c.Tenant, v.owner(c), v.N, reviewLease)
	}
	if err == nil {
		out.Left, err = a.opts.Store.CountReviews(r.Context(), c.Tenant)
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	out.More = out.Left == store.MostReviews
	for _, rec := range all {
		out.Reviews = append(out.Reviews, a.reviewed(rec))
	}
	writeJSON(w, http.StatusOK, out)
}

// reviewJSON is a classification, and what it may be instead.
type reviewJSON struct {
	Classification any      `json:"classification"`
	Categories     []string `json:"categories"` // of its taxonomy; [] when that is gone
}

func (a *API) reviewed(rec store.Record) reviewJSON {
	out := reviewJSON{Classification: show(rec), Categories: []string{}}
	if t, err := rec.Choices(a.opts.Classifier); err == nil {
		out.Categories = t.Names()
	}
	return out
}

// setReviewAside answers POST /v1/reviews/{id}/skip: nobody is given the document for ten minutes.
func (a *API) setReviewAside(w http.ResponseWriter, r *http.Request, c Caller) {
	v, err := readReviewer(w, r)
	if err == nil {
		err = a.opts.Store.SetReviewAside(r.Context(), c.Tenant, v.owner(c), r.PathValue("id"), reviewPause)
	} else if _, missing := a.opts.Store.Find(r.Context(), c.Tenant, r.PathValue("id")); missing != nil {
		err = missing // what is another's is not there, whatever is said of it
	}
	if err != nil {
		a.problem(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
