package httpapi

import "net/http"

// Page is a route for people: what it answers is HTML, and so is why it does not.
type Page struct {
	Pattern string // as of http.ServeMux
	Scope   Scope
	Handle  func(http.ResponseWriter, *http.Request, Caller)

	// Deny answers who may not see it, with the status that says why.
	Deny func(w http.ResponseWriter, r *http.Request, c Caller, status int, err error)

	// Counted has a page that is Public count towards the limits of the address that asks.
	Counted bool
}

// answerPage answers with a page if its caller may see it.
func (a *API) answerPage(p Page, w http.ResponseWriter, r *http.Request) {
	rt := route{p.Pattern, p.Scope, p.Handle}
	c, err := a.allowed(rt, w, r)
	if err == nil && p.Counted {
		err = a.limited(rt, w, r, Caller{})
	}
	if err != nil {
		a.trace(w, status(err), err)
		advise(w, err)
		p.Deny(w, r, c, status(err), err)
		return
	}
	p.Handle(w, r, c)
}
