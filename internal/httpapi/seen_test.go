package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/disk"
	"github.com/docsift/docsift/internal/store"
)

// reader reads any document as two pages, the first of which it can draw.
type reader struct{ mime string }

// Extract returns them.
func (f reader) Extract(_ context.Context, d *document.Document) (*extract.Content, error) {
	c := &extract.Content{PageCount: 2, Pages: []extract.Page{{Number: 1, Text: string(d.Bytes)}, {Number: 2, Text: strings.Repeat("x", mostText+1), OCR: true}}}
	c.Draw = func(_ context.Context, page int, v extract.View) (document.Image, error) {
		var b bytes.Buffer
		err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, v.Side, 8)), nil)
		return document.Image{MIME: f.mime, Bytes: b.Bytes()}, err
	}
	return c, nil
}

// shown returns an API that keeps a document of the tenant "mine", and the id of its classification.
func shown(t *testing.T, mime string) (*Watched, string) {
	t.Helper()
	a := guarded(t)
	blobs, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a.opts.Blobs, a.opts.Extractor = blobs, reader{mime}
	d, err := document.Read(strings.NewReader("<script>alert(1)</script> is what it says"), "a.txt", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return a, answeredOf(t, a, d, 0.4)
}

// answeredOf keeps a document of "mine" that was answered, and is for review.
func answeredOf(t *testing.T, a *Watched, d *document.Document, sure float64) string {
	t.Helper()
	c := Caller{Tenant: "mine"}
	rec := record(c, d, store.Request{Request: docsift.Request{Taxonomy: "finance"}})
	res := docsift.NewFailure(d.Name, nil)
	res.ID, res.Error, res.Status, res.Document = rec.ID, nil, docsift.Completed, rec.Document
	res.Document.PagesRead, res.Document.HiddenText, res.Document.Metadata = []int{}, []unseen.Text{}, map[string]string{}
	res.Classification, res.Confidence, res.Review = "invoice", &sure, cascade.Review{Needed: true, Reason: cascade.LowConfidence}
	rec.State, rec.Result, rec.Finished = store.Completed, &res, time.Now()
	if err := a.opts.Store.Note(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	if a.opts.Blobs != nil {
		if err := a.keepBytes(t.Context(), c, d, blob.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return rec.ID
}

// do sends a request of the tenant "mine".
func do(a *Watched, method, path, body, scopes string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Tenant", "mine")
	r.Header.Set("Scopes", scopes)
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w
}

func TestPagesOfADocument(t *testing.T) {
	a, id := shown(t, "image/jpeg")
	tests := []struct {
		name, path string
		status     int
		says       string
	}{
		{"a page", "/pages/1", 200, ""},
		{"a smaller one", "/pages/2?side=64", 200, ""},
		{"a page that there is not", "/pages/3", 404, "pages 1 to 2"},
		{"a page that is none", "/pages/first", 404, "pages 1 to 2"},
		{"one too large to draw", "/pages/1?side=100000", 400, "64 to 2400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := do(a, "GET", "/v1/classifications/"+id+tt.path, "", "read")
			if w.Code != tt.status || !strings.Contains(w.Body.String(), tt.says) {
				t.Errorf("%d %.200s", w.Code, w.Body)
			}
			if w.Code == 200 && (w.Header().Get("Content-Type") != "image/jpeg" || !strings.Contains(w.Header().Get("Content-Security-Policy"), "sandbox")) {
				t.Errorf("%v", w.Header())
			}
		})
	}
	if err := a.opts.Blobs.Delete(t.Context(), blob.Ref{Tenant: "mine", SHA256: find(t, a, id).Document.SHA256}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/pages/1", "/text"} {
		if w := do(a, "GET", "/v1/classifications/"+id+path, "", "read"); w.Code != 404 || !strings.Contains(w.Body.String(), "no longer kept") {
			t.Errorf("%s of a document that is gone: %d %s", path, w.Code, w.Body)
		}
	}
}

func find(t *testing.T, a *Watched, id string) store.Record {
	t.Helper()
	rec, err := a.opts.Store.Find(t.Context(), "mine", id)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// Nothing but a picture that was drawn is ever sent, whatever draws it.
func TestOnlyPicturesAreShown(t *testing.T) {
	a, id := shown(t, "text/html")
	if w := do(a, "GET", "/v1/classifications/"+id+"/pages/1", "", "read"); w.Code != 500 {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestTextOfADocument(t *testing.T) {
	a, id := shown(t, "image/jpeg")
	w := do(a, "GET", "/v1/classifications/"+id+"/text", "", "read")
	var got textJSON
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
		t.Fatalf("%d %v", w.Code, err)
	}
	if len(got.Pages) != 2 || !strings.HasPrefix(got.Pages[0].Text, "<script>") || !got.Pages[1].Cut || !got.Pages[1].OCR || !got.Drawn {
		t.Errorf("%+v", got.Pages[0])
	}
	if strings.Contains(w.Body.String(), "<script>") {
		t.Error("what a document says comes alive in a browser")
	}
}

func TestClassifiesAgain(t *testing.T) {
	a, id := shown(t, "image/jpeg")
	w := do(a, "POST", "/v1/classifications/"+id+"/again", "", "classify")
	var got struct{ ID string }
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusAccepted || got.ID == id {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if rec := find(t, a, got.ID); rec.State != store.Queued || !rec.Request.NoCache || rec.Request.Taxonomy != "finance" || rec.Document.SHA256 != find(t, a, id).Document.SHA256 {
		t.Errorf("%+v", rec)
	}
}

func TestListAsTable(t *testing.T) {
	a, _ := shown(t, "image/jpeg")
	for _, name := range []string{`=cmd|'/c calc'!A1`, "plain.txt"} {
		d, err := document.Read(strings.NewReader("a document of "+name), name, document.Options{})
		if err != nil {
			t.Fatal(err)
		}
		answeredOf(t, a, d, 0.5)
	}
	w := do(a, "GET", "/v1/classifications?format=csv&name=PLAIN", "", "read")
	if lines := strings.Count(w.Body.String(), "\n"); w.Code != 200 || lines != 2 || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	a.opts.Store.SearchFor = 1
	if w := do(a, "GET", "/v1/classifications?format=csv&name=PLAIN&since="+time.Now().Add(-5*time.Hour).UTC().Format(time.RFC3339), "", "read"); strings.Count(w.Body.String(), "\n") != 2 {
		t.Errorf("in small steps: %d %s", w.Code, w.Body)
	}
	var page struct {
		Classifications []any
		Next            string
		SearchedTo      time.Time `json:"searched_to"`
	}
	w = do(a, "GET", "/v1/classifications?name=nothing", "", "read")
	if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil || page.Classifications == nil || !store.IsID(page.Next) || page.SearchedTo.IsZero() {
		t.Errorf("a search that goes on: %v %s", err, w.Body)
	}
	a.opts.Store.SearchFor = time.Minute
	if w := do(a, "GET", "/v1/classifications?format=csv", "", "read"); !strings.Contains(w.Body.String(), ",'=cmd") {
		t.Errorf("a formula stands in it: %s", w.Body)
	}
}

func TestReviews(t *testing.T) {
	a, first := shown(t, "image/jpeg")
	d, err := document.Read(strings.NewReader("another one"), "b.txt", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	second := answeredOf(t, a, d, 0.6)
	claim := func(by string) (ids []string, left int) {
		t.Helper()
		w := do(a, "POST", "/v1/reviews/claim", `{"by":"`+by+`","n":1}`, "review")
		var got struct {
			Left    int
			Reviews []struct {
				Classification struct{ ID string }
				Categories     []string
			}
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		for _, r := range got.Reviews {
			ids = append(ids, r.Classification.ID)
			if len(r.Categories) < 3 {
				t.Errorf("to choose from: %v", r.Categories)
			}
		}
		return ids, got.Left
	}
	want := func(what, by string, id string, left int) {
		t.Helper()
		got, n := claim(by)
		if strings.Join(got, " ") != id || n != left {
			t.Errorf("%s: %v of %d, want %s of %d", what, got, n, id, left)
		}
	}
	want("the least certain", "ann", first, 2)
	want("another one", "bob", second, 2)
	want("what she has", "ann", first, 2)
	if w := do(a, "POST", "/v1/reviews/"+first+"/skip", `{"by":"bob"}`, "review"); w.Code != http.StatusConflict {
		t.Errorf("bob sets aside what ann has: %d %s", w.Code, w.Body)
	}
	if w := do(a, "POST", "/v1/reviews/"+first+"/skip", `{"by":"ann"}`, "review"); w.Code != http.StatusNoContent {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	want("nothing that is free", "ann", "", 2)
	for _, body := range []string{`{"by":"","n":1}`, `{"by":"ann","n":0}`, `{"by":"ann","n":21}`, `{"who":"ann"}`, ``} {
		if w := do(a, "POST", "/v1/reviews/claim", body, "review"); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	}
}

func TestModelsAreTestedByWhoRunsTheService(t *testing.T) {
	a, _ := shown(t, "image/jpeg")
	if w := do(a, "POST", "/v1/providers/test", `{"model":"local"}`, "admin"); w.Code != http.StatusForbidden {
		t.Errorf("a tenant tests a model: %d %s", w.Code, w.Body)
	}
	own := func(body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/v1/providers/test", strings.NewReader(body))
		r.Header.Set("Tenant", DefaultTenant)
		r.Header.Set("Scopes", "admin")
		w := httptest.NewRecorder()
		a.ServeHTTP(w, r)
		return w
	}
	if w := own(`{"model":"local"}`); w.Code != 200 || !strings.Contains(w.Body.String(), `"model":"local"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := own(`{"model":"openai/none"}`); w.Code != http.StatusNotFound {
		t.Errorf("a model that there is not: %d %s", w.Code, w.Body)
	}
	if w := own(`{}`); w.Code != http.StatusBadRequest {
		t.Errorf("none: %d %s", w.Code, w.Body)
	}
}

// A page is guarded as every route is, and says in its own way why it does not answer.
func TestPagesAreGuarded(t *testing.T) {
	a := guarded(t)
	a.opts.Pages = []Page{{
		Pattern: "GET /secret", Scope: Admin,
		Handle: func(w http.ResponseWriter, _ *http.Request, c Caller) { w.Write([]byte("for " + c.Tenant)) },
		Deny: func(w http.ResponseWriter, _ *http.Request, _ Caller, status int, _ error) {
			w.WriteHeader(status)
			w.Write([]byte("denied"))
		},
	}}
	a = &Watched{API: New(a.opts)} // of which the document says nothing
	for _, tt := range []struct {
		tenant, scopes string
		status         int
		says           string
	}{{"", "", 401, "denied"}, {"mine", "read", 403, "denied"}, {"mine", "admin", 200, "for mine"}} {
		w := ask(a, route{pattern: "GET /secret"}, "", tt.tenant, tt.scopes)
		if w.Code != tt.status || w.Body.String() != tt.says {
			t.Errorf("%+v: %d %s", tt, w.Code, w.Body)
		}
	}
	r := httptest.NewRequest("GET", "/secret", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Tenant", "mine")
	r.Header.Set("Scopes", "admin")
	w := httptest.NewRecorder()
	if a.ServeHTTP(w, r); w.Code != 200 { // a link from elsewhere may be followed
		t.Errorf("%d", w.Code)
	}
}
