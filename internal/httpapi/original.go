package httpapi

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/taxonomy"
)

// originalAnswer is what POST /classify_file answers: the original's three fields, and the
// scaling guide's metadata under the names and conditions that the guide gives them.
type originalAnswer struct {
	Classification string   `json:"classification"`
	Confidence     float64  `json:"confidence"` // 0 when no model gave one
	Industry       string   `json:"industry"`
	ProviderUsed   string   `json:"provider_used"`
	Model          string   `json:"model"`
	Upgraded       bool     `json:"upgraded"`
	UpgradeReason  string   `json:"upgrade_reason,omitempty"`
	OriginalLabel  *string  `json:"original_classification,omitempty"`
	OriginalConf   *float64 `json:"original_confidence,omitempty"`
	UpgradeFailed  bool     `json:"upgrade_failed,omitempty"`
	IsBackup       bool     `json:"is_backup,omitempty"`

	Usage model.Usage `json:"usage"`
}

// originalExtensions are those that the original takes. They refuse a file, as its clients
// expect; what a file is, its content decides.
func originalExtensions() []string {
	return []string{".pdf", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tiff", ".doc", ".docx", ".xls", ".xlsx"}
}

// classifyFile answers POST /classify_file.
func (a *API) classifyFile(w http.ResponseWriter, r *http.Request, c Caller) {
	u, industry, err := a.receiveOriginal(w, r)
	if err != nil {
		a.originalError(w, err)
		return
	}
	a.once(w, r, work{caller: c, parts: u.parts, refuse: a.originalError, do: func(w http.ResponseWriter, r *http.Request) {
		res, err := a.ask(r, c, u, store.Request{Request: docsift.Request{Taxonomy: industry}, Priority: store.Normal, NoCache: u.fresh(r)})
		if err != nil {
			a.originalError(w, failure{err})
			return
		}
		writeJSON(w, http.StatusOK, original(res))
	}})
}

// failure is an error of a classification, which the original tells as such.
type failure struct{ error }

// Unwrap returns the error.
func (f failure) Unwrap() error { return f.error }

// receiveOriginal reads the form of the original's routes, and refuses what the original refuses
// in its own words.
func (a *API) receiveOriginal(w http.ResponseWriter, r *http.Request) (u *upload, industry string, err error) {
	u, err = a.receive(w, r)
	asked := cmp.Or(strings.ToLower(u.first("industry")), "finance")
	known := a.industry(asked)
	refused := func(format string, args ...any) error {
		return fault.New(fault.Invalid, errors.Join(err, u.docErr), format, args...)
	}
	switch kind := fault.KindOf(err); {
	case kind == fault.TooLarge, kind == fault.Busy, kind == fault.Stopping, kind == tooSlow:
	case !u.hasFile:
		err = refused("No file part in the request")
	case u.filename == "":
		err = refused("No selected file")
	case !slices.Contains(originalExtensions(), strings.ToLower(path.Ext(u.filename))),
		fault.KindOf(u.docErr) == fault.Unsupported:
		err = refused("File type not allowed")
	case known == nil:
		err = refused("Invalid industry. Available: %s", pythonList(a.industryIDs()))
	case err == nil && u.docErr != nil:
		err = failure{u.docErr}
	}
	if known != nil {
		industry = known.ID
	}
	return u, industry, err
}

// original tells a result as the original does.
func original(res docsift.Result) originalAnswer {
	out := originalAnswer{
		Classification: res.Classification, Industry: res.Taxonomy.ID, ProviderUsed: res.ProviderUsed, Model: res.Model,
		Upgraded: res.Upgraded, UpgradeReason: res.UpgradeReason,
		OriginalLabel: res.OriginalClassification, OriginalConf: res.OriginalConfidence,
		UpgradeFailed: res.UpgradeFailed, IsBackup: res.IsBackup, Usage: res.Usage,
	}
	if res.Confidence != nil {
		out.Confidence = *res.Confidence
	}
	return out
}

// industries answers GET /industries.
func (a *API) industries(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string][]string{"industries": a.industryIDs()})
}

// categories answers GET /categories/{industry}. An unknown industry gets the default list.
func (a *API) categories(w http.ResponseWriter, r *http.Request) {
	industry := r.PathValue("industry")
	t := a.industry(industry)
	if t == nil {
		t = a.industry(defaultIndustry)
	}
	writeJSON(w, http.StatusOK, struct {
		Industry   string   `json:"industry"`
		Categories []string `json:"categories"`
	}{industry, append(t.Names(), taxonomy.Unknown)})
}

const defaultIndustry = "default"

// industry returns the taxonomy of an industry in upper or lower case, or nil. The union of
// all industries is none.
func (a *API) industry(id string) *taxonomy.Taxonomy {
	for _, t := range a.opts.Classifier.Taxonomies() {
		if strings.EqualFold(t.ID, id) && t.ID != taxonomy.All {
			return t
		}
	}
	return nil
}

// industryIDs returns the industries in the original's order, then those added to them.
func (a *API) industryIDs() []string {
	ids := taxonomy.Industries()
	for _, t := range a.opts.Classifier.Taxonomies() {
		if !slices.Contains(ids, t.ID) && t.ID != defaultIndustry && t.ID != taxonomy.All {
			ids = append(ids, t.ID)
		}
	}
	return ids
}

// originalError answers with err the way the original does.
func (a *API) originalError(w http.ResponseWriter, err error) {
	prefix := ""
	if _, failed := errors.AsType[failure](err); failed {
		prefix = "Classification failed: "
	}
	code := status(err)
	if fault.KindOf(err) == fault.NoModel { // the original's own answer when everything failed
		code = http.StatusInternalServerError
	}
	a.trace(w, code, err)
	advise(w, err)
	writeJSON(w, code, map[string]string{"error": prefix + fault.Message(err)})
}

// pythonList writes names as the original's message does: ['finance', 'legal'].
func pythonList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("'%s'", n)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
