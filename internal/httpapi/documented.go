package httpapi

import (
	"net/http"

	"github.com/docsift/docsift/internal/openapi"
)

// document answers GET /openapi.json.
func (a *API) document(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Write(openapi.JSON()) // the caller is gone if this fails
}

// documentYAML answers GET /openapi.yaml.
func (a *API) documentYAML(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	w.Write(openapi.YAML()) // the caller is gone if this fails
}

// docs answers GET /docs with the document as a page, which fetches nothing.
func (a *API) docs(w http.ResponseWriter, _ *http.Request) {
	page, policy := openapi.Page()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Write(page) // the caller is gone if this fails
}
