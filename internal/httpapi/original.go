package httpapi

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
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
func (a *API) classifyFile(w http.ResponseWriter, r *http.Request) {
	release, err := a.acquire()
	if err != nil {
		originalError(w, http.StatusServiceUnavailable, fault.Message(err))
		return
	}
	defer release()
	u, err := readUpload(w, r, a.opts.Document)
	industry := strings.ToLower(u.first("industry"))
	if industry == "" {
		industry = "finance"
	}
	switch {
	case fault.KindOf(err) == fault.TooLarge:
		originalError(w, http.StatusRequestEntityTooLarge, fault.Message(err))
	case !u.hasFile:
		originalError(w, http.StatusBadRequest, "No file part in the request")
	case u.filename == "":
		originalError(w, http.StatusBadRequest, "No selected file")
	case !slices.Contains(originalExtensions(), strings.ToLower(path.Ext(u.filename))),
		fault.KindOf(u.docErr) == fault.Unsupported:
		originalError(w, http.StatusBadRequest, "File type not allowed")
	case industry != "default" && !slices.Contains(taxonomy.Industries(), industry):
		originalError(w, http.StatusBadRequest, "Invalid industry. Available: "+pythonList(taxonomy.Industries()))
	case err != nil:
		originalError(w, http.StatusBadRequest, fault.Message(err))
	case u.docErr != nil:
		originalError(w, fault.KindOf(u.docErr).HTTPStatus(), "Classification failed: "+fault.Message(u.docErr))
	default:
		a.answerOriginal(w, r, u, industry)
	}
}

func (a *API) answerOriginal(w http.ResponseWriter, r *http.Request, u *upload, industry string) {
	res, err := a.opts.Classifier.Classify(r.Context(), u.doc, docsift.Request{Taxonomy: industry})
	if err != nil {
		status := fault.KindOf(err).HTTPStatus()
		if fault.KindOf(err) == fault.NoModel { // the original's own answer when everything failed
			status = http.StatusInternalServerError
		}
		originalError(w, status, "Classification failed: "+fault.Message(err))
		return
	}
	out := originalAnswer{
		Classification: res.Classification, Industry: industry, ProviderUsed: res.ProviderUsed, Model: res.Model,
		Upgraded: res.Upgraded, UpgradeReason: res.UpgradeReason,
		OriginalLabel: res.OriginalClassification, OriginalConf: res.OriginalConfidence,
		UpgradeFailed: res.UpgradeFailed, IsBackup: res.IsBackup, Usage: res.Usage,
	}
	if res.Confidence != nil {
		out.Confidence = *res.Confidence
	}
	writeJSON(w, http.StatusOK, out)
}

// industries answers GET /industries.
func (a *API) industries(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, map[string][]string{"industries": taxonomy.Industries()})
}

// categories answers GET /categories/{industry}. An unknown industry gets the default list.
func (a *API) categories(w http.ResponseWriter, r *http.Request) {
	industry := r.PathValue("industry")
	id := strings.ToLower(industry)
	if !slices.Contains(taxonomy.Industries(), id) {
		id = "default"
	}
	t, err := taxonomy.Find(id)
	if err != nil {
		originalError(w, http.StatusInternalServerError, fault.Message(err))
		return
	}
	writeJSON(w, http.StatusOK, struct {
		Industry   string   `json:"industry"`
		Categories []string `json:"categories"`
	}{industry, append(t.Names(), taxonomy.Unknown)})
}

func originalError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

// pythonList writes names as the original's message does: ['finance', 'legal'].
func pythonList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = fmt.Sprintf("'%s'", n)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
