// Package webui is the page: what people see of docsift in a browser. It is HTML that the server
// writes, one stylesheet and a few small scripts, all of it within the binary.
package webui

import (
	"bytes"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/store"
)

//go:embed template/*.html
var templates embed.FS

// Viewer is who looks at a page.
type Viewer struct {
	Tenant string
	Key    string // what is shown of the key; "" where none is asked for
	Scopes []access.Scope
}

// May reports whether a viewer has a scope.
func (v Viewer) May(s access.Scope) bool {
	return s == "" || slices.Contains(v.Scopes, s) || slices.Contains(v.Scopes, access.Admin)
}

// Runs reports whether a viewer may change what is everybody's, such as breakers.
func (v Viewer) Runs() bool { return v.May(access.Admin) && v.Tenant == access.DefaultTenant }

// Options configures a UI.
type Options struct {
	Classifier *docsift.Classifier // required
	Log        *slog.Logger        // required
	Version    string              // of this build

	// Store is what is kept. Without it, pages about what was kept are left out.
	Store *store.Store

	// Sessions knows who signed in. Nil where nobody is asked for a key.
	Sessions *Sessions
}

// UI writes the pages. It is safe for concurrent use.
type UI struct {
	opts   Options
	assets assets
	pages  map[string]*template.Template // by the name of the file
}

// Page is a route, and who may see it.
type Page struct {
	Pattern string       // as of http.ServeMux
	Scope   access.Scope // "" for anybody
	Handle  func(http.ResponseWriter, *http.Request, Viewer)
	Counted bool // towards the limits of who asks, whoever that is
}

// New returns the UI.
func New(o Options) *UI {
	u := &UI{opts: o, assets: loadAssets(), pages: make(map[string]*template.Template)}
	base := template.Must(template.New("").Funcs(functions()).ParseFS(templates, "template/base.html", "template/part.html"))
	files, err := templates.ReadDir("template")
	if err != nil {
		panic(err) // they are in the binary
	}
	for _, f := range files {
		u.pages[f.Name()] = template.Must(template.Must(base.Clone()).ParseFS(templates, "template/"+f.Name()))
	}
	return u
}

// Pages lists all routes.
func (u *UI) Pages() []Page {
	all := []Page{
		{Pattern: "GET /{$}", Scope: access.Classify, Handle: u.home},
		{Pattern: "GET " + assetsPath + "{set}/{name}", Handle: u.assets.serve},
		{Pattern: "GET /favicon.ico", Handle: u.assets.icon},
		{Pattern: "GET /providers", Scope: access.Read, Handle: u.providers},
		{Pattern: "GET /taxonomies", Scope: access.Read, Handle: u.taxonomies},
		{Pattern: "GET /taxonomies/{id}", Scope: access.Read, Handle: u.taxonomy},
		{Pattern: "GET /planner", Scope: access.Read, Handle: u.planner},
	}
	if u.opts.Sessions != nil {
		all = append(all, []Page{
			{Pattern: "GET /signin", Handle: u.askKey},
			{Pattern: "POST /signin", Handle: u.signIn, Counted: true},
			{Pattern: "POST /signout", Handle: u.signOut},
		}...)
	}
	if u.opts.Store == nil {
		return all
	}
	return append(all, []Page{
		{Pattern: "GET /documents", Scope: access.Read, Handle: u.documents},
		{Pattern: "GET /documents/{id}", Scope: access.Read, Handle: u.document},
		{Pattern: "GET /review", Scope: access.Review, Handle: u.review},
		{Pattern: "GET /dashboard", Scope: access.Read, Handle: u.dashboard},
		{Pattern: "GET /keys", Scope: access.Admin, Handle: u.keys},
	}...)
}

// link is one of the pages that the head of every page leads to.
type link struct {
	Path, Title string
	Scope       access.Scope
	kept        bool // it is about what was kept
}

// links returns those that a viewer may follow.
func (u *UI) links(v Viewer) []link {
	all := []link{
		{"/", "Sort", access.Classify, false},
		{"/documents", "Documents", access.Read, true},
		{"/review", "Review", access.Review, true},
		{"/dashboard", "Dashboard", access.Read, true},
		{"/providers", "Providers", access.Read, false},
		{"/taxonomies", "Taxonomies", access.Read, false},
		{"/planner", "Planner", access.Read, false},
		{"/keys", "Keys", access.Admin, true},
	}
	return slices.DeleteFunc(all, func(l link) bool { return !v.May(l.Scope) || l.kept && u.opts.Store == nil })
}

// frame is what every page has.
type frame struct {
	Title   string
	Path    string // of the link that leads here
	Viewer  Viewer
	Links   []link
	Asset   func(name string) string
	Version string
	SignOut bool
	Main    any
}

// show writes a page.
func (u *UI) show(w http.ResponseWriter, r *http.Request, v Viewer, p page) {
	f := frame{
		Title: p.title, Viewer: v, Asset: u.assets.path, Version: u.opts.Version, Main: p.main,
		SignOut: u.opts.Sessions != nil && v.Key != "",
	}
	if v.Tenant != "" {
		f.Links = u.links(v)
	}
	for _, l := range f.Links {
		if l.Path == r.URL.Path || l.Path != "/" && strings.HasPrefix(r.URL.Path, l.Path+"/") {
			f.Path = l.Path
		}
	}
	var b bytes.Buffer
	if err := u.pages[p.file].ExecuteTemplate(&b, "base", f); err != nil {
		u.opts.Log.Error("a page cannot be written", "page", p.file, "error", err)
		http.Error(w, "this page cannot be written: the log says why", http.StatusInternalServerError)
		return
	}
	guard(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if p.status != 0 {
		w.WriteHeader(p.status)
	}
	w.Write(b.Bytes()) // the caller is gone if this fails
}

// page is what differs between pages.
type page struct {
	file, title string
	status      int // default 200
	main        any
}

// policy lets a page do what ours do, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard sets the header fields that keep a page to itself.
func guard(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Embedder-Policy", "require-corp")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), interest-cohort=()")
	h.Set("X-Frame-Options", "DENY")
}

// problem is an error as a page shows it.
type problem struct {
	Status  int
	Message string
}

// Deny answers who may not see a page. Who has not signed in is asked to, and who may not sort documents
// begins with another page.
func (u *UI) Deny(w http.ResponseWriter, r *http.Request, v Viewer, status int, message string) {
	if status == http.StatusUnauthorized && u.opts.Sessions != nil && r.Method == http.MethodGet {
		guard(w.Header())
		http.Redirect(w, r, "/signin?next="+template.URLQueryEscaper(r.URL.RequestURI()), http.StatusSeeOther)
		return
	}
	if links := u.links(v); status == http.StatusForbidden && r.URL.Path == "/" && v.Tenant != "" && len(links) > 0 {
		guard(w.Header())
		http.Redirect(w, r, links[0].Path, http.StatusSeeOther)
		return
	}
	u.show(w, r, v, page{"problem.html", http.StatusText(status), status, problem{status, message}})
}
