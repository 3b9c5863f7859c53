package webui

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/taxonomy"
)

type homePage struct {
	Taxonomies []choice
	Policies   []choice
	Kept       bool
	Thresholds map[string]float64 // by stage of the default policy
	Policy     string
	Models     []cascade.Missing
}

// choice is an option of a form.
type choice struct {
	Value, Title string
	Chosen       bool
}

// home answers GET /.
func (u *UI) home(w http.ResponseWriter, r *http.Request, v Viewer) {
	p := homePage{Kept: u.opts.Store != nil, Thresholds: u.thresholds(), Taxonomies: u.taxonomyChoices(v), Policies: u.policyChoices("")}
	policy, missing := u.opts.Classifier.Policy()
	p.Policy, p.Models = policy.Name, missing
	u.show(w, r, v, page{file: "home.html", title: "Sort documents", main: p})
}

func (u *UI) taxonomyChoices(v Viewer) (all []choice) {
	usual := u.opts.Classifier.Taxonomy().ID
	for _, t := range u.taxonomiesOf(v) {
		all = append(all, choice{t.ID, t.ID, t.ID == usual})
	}
	if !slices.ContainsFunc(all, func(c choice) bool { return c.Chosen }) {
		all = append([]choice{{usual, usual, true}}, all...)
	}
	return all
}

func (u *UI) policyChoices(chosen string) (all []choice) {
	for i, name := range u.opts.Classifier.Policies() {
		all = append(all, choice{name, name, name == chosen || chosen == "" && i == 0})
	}
	return all
}

// thresholds returns what an answer needs to be accepted, by the stages of the default policy.
func (u *UI) thresholds() map[string]float64 {
	policy, _ := u.opts.Classifier.Policy()
	all := make(map[string]float64)
	for _, s := range policy.Stages {
		all[s.Name] = policy.Confidence
		if s.Confidence != nil {
			all[s.Name] = *s.Confidence
		}
	}
	return all
}

const listed = 50

type listPage struct {
	Query                                               map[string]string
	States, Sources, Reviews, Categories, ProviderNames []choice
	store.Page
	Next, CSV string
	First     bool
	Problem   string
}

// documents answers GET /documents.
func (u *UI) documents(w http.ResponseWriter, r *http.Request, v Viewer) {
	q := r.URL.Query()
	f, to, err := readFilter(q)
	if to != "" {
		guard(w.Header())
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	p := listPage{Query: make(map[string]string), First: f.Before == ""}
	for name := range q {
		p.Query[name] = q.Get(name)
	}
	if err == nil {
		p.Page, err = u.opts.Store.Search(r.Context(), v.Tenant, f)
	}
	status := 0
	if err != nil {
		p.Problem, status = fault.Message(err), fault.KindOf(err).HTTPStatus()
	}
	if p.Page.Next != "" {
		p.Next = with(q, "cursor", p.Page.Next)
	}
	p.CSV = "/v1/classifications" + with(apiQuery(f), "format", "csv")
	p.States = pick(q.Get("status"), store.Completed, store.Failed, store.Queued, store.Running, store.Canceled)
	p.Sources = pick(q.Get("source"), store.Sync, store.Async, store.Batch)
	p.Reviews = pick(q.Get("review"), cascade.LowConfidence, cascade.UnknownKind, cascade.NothingToRead, cascade.Declined,
		cascade.Disagreement, cascade.HiddenText, cascade.Degraded, cascade.Unreadable)
	p.Categories = pick(q.Get("category"), u.categories(v)...)
	p.ProviderNames = pick(q.Get("provider"), u.providerNames()...)
	u.show(w, r, v, page{"documents.html", "Documents", status, p})
}

// categories returns those of all taxonomies.
func (u *UI) categories(v Viewer) []string {
	all := []string{taxonomy.Unknown}
	for _, t := range u.taxonomiesOf(v) {
		all = append(all, t.Names()...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (u *UI) providerNames() (all []string) {
	for _, m := range u.opts.Classifier.Models() {
		all = append(all, m.Provider)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func pick[T ~string](chosen string, values ...T) (all []choice) {
	for _, value := range values {
		all = append(all, choice{string(value), words(string(value)), string(value) == chosen})
	}
	return all
}

// readFilter reads the form of the list. A search that can only mean one document leads to that.
func readFilter(q url.Values) (f store.Filter, to string, err error) {
	f = store.Filter{
		State: store.State(q.Get("status")), Source: store.Source(q.Get("source")), Category: clean(q.Get("category")), Provider: clean(q.Get("provider")),
		Review: cascade.ReviewReason(clean(q.Get("review"))), Unreviewed: q.Get("reviewed") == "no", Error: fault.Kind(clean(q.Get("error"))), Limit: listed,
	}
	if f.Unreviewed && f.Review == "" {
		f.Review = store.Any
	}
	for name, to := range map[string]*string{"batch": &f.Batch, "cursor": &f.Before} {
		if v := strings.TrimSpace(q.Get(name)); v != "" {
			if !store.IsID(v) {
				return f, "", fault.New(fault.Invalid, nil, "%s: %.64q is no id", name, v)
			}
			*to = v
		}
	}
	for name, to := range map[string]*time.Time{"from": &f.Since, "to": &f.Until} {
		if v := q.Get(name); v != "" {
			at, err := time.Parse(time.DateOnly, v)
			if err != nil {
				return f, "", fault.New(fault.Invalid, nil, "%s: %.40q is no day such as 2026-12-31", name, v)
			}
			*to = at
		}
	}
	if !f.Until.IsZero() {
		f.Until = f.Until.AddDate(0, 0, 1) // the day itself counts
	}
	switch search := strings.ToLower(strings.TrimSpace(q.Get("q"))); {
	case search == "":
	case store.IsID(search):
		return f, "/documents/" + search, nil
	case len(search) == 64 && strings.Trim(search, "0123456789abcdef") == "":
		f.SHA256 = search
	default:
		f.Name = clean(strings.TrimSpace(q.Get("q")))
	}
	return f, "", nil
}

// clean keeps a text from being more than a database takes.
func clean(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�") }

// apiQuery writes a filter as the API takes it.
func apiQuery(f store.Filter) url.Values {
	q := make(url.Values)
	for name, v := range map[string]string{
		"status": string(f.State), "source": string(f.Source), "category": f.Category, "provider": f.Provider, "review": string(f.Review),
		"error": string(f.Error), "batch": f.Batch, "sha256": f.SHA256, "name": f.Name,
	} {
		if v != "" {
			q.Set(name, v)
		}
	}
	if f.Unreviewed {
		q.Set("reviewed", "no")
	}
	for name, at := range map[string]time.Time{"since": f.Since, "until": f.Until} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339))
		}
	}
	return q
}

// with returns a query with one more parameter.
func with(q url.Values, name, value string) string {
	all := make(url.Values)
	for k, v := range q {
		if len(v) > 0 && v[0] != "" {
			all.Set(k, v[0])
		}
	}
	all.Set(name, value)
	return "?" + all.Encode()
}

type documentPage struct {
	Record     store.Record
	Feedback   []store.Feedback
	Categories []string
	Thresholds map[string]float64
	Threshold  *float64 // of the stage that answered; nil where it is not known
	Pages      []int    // that are shown
	MayReview  bool
	MayAsk     bool
}

// pagesShown is how many pages of a document are shown at first.
const pagesShown = 3

// document answers GET /documents/{id}.
func (u *UI) document(w http.ResponseWriter, r *http.Request, v Viewer) {
	rec, err := u.opts.Store.Find(r.Context(), v.Tenant, r.PathValue("id"))
	p := documentPage{Record: rec, Thresholds: u.thresholds(), MayReview: v.May(access.Review), MayAsk: v.May(access.Classify)}
	if err == nil {
		p.Feedback, err = u.opts.Store.FeedbackOn(r.Context(), v.Tenant, rec.ID, "", 100)
	}
	if err != nil {
		u.Deny(w, r, v, fault.KindOf(err).HTTPStatus(), fault.Message(err))
		return
	}
	if t, err := rec.Choices(u.opts.Classifier); err == nil {
		p.Categories = append(t.Names(), taxonomy.Unknown)
	}
	if rec.Result != nil {
		p.Threshold = u.threshold(rec)
	}
	if drawn(rec.Document.MIME) {
		for n := range min(rec.Document.Pages, pagesShown) {
			p.Pages = append(p.Pages, n+1)
		}
	}
	u.show(w, r, v, page{file: "document.html", title: rec.Document.Filename, main: p})
}

// drawn reports whether pages of a type are drawn.
func drawn(mime string) bool { return mime == "application/pdf" || strings.HasPrefix(mime, "image/") }

// threshold is what the answer of a record needed, where its policy is the one in use.
func (u *UI) threshold(rec store.Record) *float64 {
	policy, _ := u.opts.Classifier.Policy()
	if rec.Result.Policy.Name != policy.Name {
		return nil
	}
	for _, a := range slices.Backward(rec.Result.Attempts) {
		if t, ok := u.thresholds()[a.Stage]; ok && (a.Outcome == cascade.Accepted || a.Outcome == cascade.Unsure || a.Outcome == cascade.UnknownLabel) {
			return &t
		}
	}
	return nil
}

type reviewPage struct {
	Thresholds map[string]float64
}

// review answers GET /review.
func (u *UI) review(w http.ResponseWriter, r *http.Request, v Viewer) {
	u.show(w, r, v, page{file: "review.html", title: "Review", main: reviewPage{u.thresholds()}})
}

// dashboard answers GET /dashboard.
func (u *UI) dashboard(w http.ResponseWriter, r *http.Request, v Viewer) {
	u.show(w, r, v, page{file: "dashboard.html", title: "Dashboard"})
}
