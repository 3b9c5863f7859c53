package app

import (
	"net/http"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/webui"
)

// pages returns the page for people, beside the routes for programs.
func (a *App) pages(version string) []httpapi.Page {
	ui := webui.New(webui.Options{Classifier: a.classifier, Log: a.log, Version: version, Store: a.store, Sessions: a.sessions})
	deny := func(w http.ResponseWriter, r *http.Request, c httpapi.Caller, status int, err error) {
		ui.Deny(w, r, viewer(c), status, fault.Message(err))
	}
	var all []httpapi.Page
	for _, p := range ui.Pages() {
		handle := func(w http.ResponseWriter, r *http.Request, c httpapi.Caller) { p.Handle(w, r, viewer(c)) }
		all = append(all, httpapi.Page{Pattern: p.Pattern, Scope: p.Scope, Handle: handle, Deny: deny, Counted: p.Counted})
	}
	return all
}

func viewer(c httpapi.Caller) webui.Viewer {
	v := webui.Viewer{Tenant: c.Tenant, Scopes: c.Scopes}
	if c.Key != "" {
		v.Key = access.Key{ID: c.Key}.Prefix()
	}
	return v
}
