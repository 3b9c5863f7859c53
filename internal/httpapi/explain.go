package httpapi

import (
	"net/http"
	"slices"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model"
)

// explain reads how much a caller wants to know of how an answer comes about. Nothing of that is kept,
// so that it is there for those alone who wait, once. What models are told is the operator's: it takes
// the scope read. The document's text takes the scope review.
func explain(r *http.Request, c Caller, later bool) (model.Explain, error) {
	e, scope := model.Explain(r.URL.Query().Get("explain")), Read
	switch e {
	case "", "false":
		return "", nil
	case model.ExplainAll:
	case model.ExplainWithText:
		scope = Review
	default:
		return "", fault.New(fault.Invalid, nil, "explain=%.20s: use true, or text for the document's text as well", e)
	}
	switch {
	case !c.May(scope):
		return "", fault.New(forbidden, nil, "the API key does not allow this: explain=%s takes the scope %s", e, scope)
	case later:
		return "", fault.New(fault.Invalid, nil, "explain is for those who wait for the answer: leave out Prefer: respond-async and batch")
	case r.Header.Get(idempotencyHeader) != "":
		return "", fault.New(fault.Invalid, nil, "explain is answered once and not kept: leave out %s", idempotencyHeader)
	}
	return e, nil
}

// unexplained returns an answer as it is kept.
func unexplained(res docsift.Result) docsift.Result {
	res.Attempts = slices.Clone(res.Attempts)
	for i := range res.Attempts {
		res.Attempts[i].Explained = nil
	}
	return res
}
