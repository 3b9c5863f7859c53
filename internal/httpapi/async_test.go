package httpapi_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/disk"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
)

// intake is an API that keeps what it accepts, and the test is its worker.
type intake struct {
	t     *testing.T
	api   *httpapi.Watched
	store *store.Store
	blobs blob.Store
	waked int
}

func accepting(t *testing.T, change func(*httpapi.Options)) *intake {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	s.Patience = time.Minute // the machine may be busy
	b, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	k := &intake{t: t, store: s, blobs: b}
	o := httpapi.Options{Classifier: c, Log: log, Store: s, Blobs: b, KeepAnswered: true, Wake: func() { k.waked++ }}
	if change != nil {
		change(&o)
	}
	k.api = httpapi.NewWatched(t, o)
	return k
}

// reply is an answer to a request, read.
type reply struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

func (k *intake) do(r *http.Request) reply {
	k.t.Helper()
	w := httptest.NewRecorder()
	k.api.ServeHTTP(w, r)
	out := reply{status: w.Code, header: w.Header(), text: w.Body.String()}
	if strings.Contains(out.header.Get("Content-Type"), "json") {
		json.Unmarshal(w.Body.Bytes(), &out.body)
	}
	return out
}

func (k *intake) get(path string) reply {
	k.t.Helper()
	return k.do(httptest.NewRequest("GET", path, nil))
}

// sheet returns a request with a form of fields (name, value) and files (file:name, content).
func sheet(path string, header http.Header, pairs ...string) *http.Request {
	var body bytes.Buffer
	f := multipart.NewWriter(&body)
	for i := 0; i < len(pairs); i += 2 {
		name, isFile := strings.CutPrefix(pairs[i], "file:")
		if !isFile {
			f.WriteField(name, pairs[i+1])
			continue
		}
		part, _ := f.CreateFormFile("file", name)
		io.WriteString(part, pairs[i+1])
	}
	f.Close()
	r := httptest.NewRequest("POST", path, &body)
	if header != nil {
		r.Header = header
	}
	r.Header.Set("Content-Type", f.FormDataContentType())
	return r
}

func async() http.Header { return http.Header{"Prefer": {"respond-async"}} }

// work answers up to n jobs as a worker would, and returns how many there were.
func (k *intake) work(n int, change func(*store.Record)) int {
	k.t.Helper()
	jobs, err := k.store.Take(k.t.Context(), store.Classify, "test", n, time.Minute)
	if err != nil {
		k.t.Fatal(err)
	}
	for _, j := range jobs {
		r, err := k.store.Find(k.t.Context(), j.Tenant, j.ID)
		if err != nil {
			k.t.Fatal(err)
		}
		data, err := k.blobs.Open(k.t.Context(), blob.Ref{Tenant: j.Tenant, SHA256: r.Document.SHA256})
		if err != nil {
			k.t.Fatalf("its bytes: %v", err)
		}
		data.Close()
		sure := 0.9
		res := docsift.NewFailure("", nil) // whose fields are all there
		read := res.Document
		res.ID, res.Document, res.Review = r.ID, r.Document, cascade.Review{}
		res.Document.PagesRead, res.Document.TextSource, res.Document.HiddenText, res.Document.Metadata = read.PagesRead, read.TextSource, read.HiddenText, read.Metadata
		res.Classification, res.Confidence, res.Taxonomy.ID = "invoice", &sure, r.Request.Taxonomy
		r.State, r.Started, r.Finished, r.Result = store.Completed, time.Now(), time.Now(), &res
		if change != nil {
			change(&r)
		}
		if err := k.store.Finish(k.t.Context(), j, r); err != nil {
			k.t.Fatal(err)
		}
	}
	return len(jobs)
}

const aLetter = "Dear Sir, thank you for your letter of the third of May."

func TestAccepts(t *testing.T) {
	k := accepting(t, nil)
	got := k.do(sheet("/v1/classifications", async(), "file:a.txt", aLetter, "taxonomy", "finance", "priority", "urgent", "deadline", "30m"))
	at := got.header.Get("Location")
	if got.status != 202 || got.body["status"] != "queued" || at != "/v1/classifications/"+got.body["id"].(string) || got.header.Get("Preference-Applied") != "respond-async" || k.waked != 1 {
		t.Fatalf("accepted %d %s at %q, waked %d times", got.status, got.text, at, k.waked)
	}
	if got.body["priority"] != "urgent" || got.body["deadline"] == nil || got.body["source"] != "async" || got.body["request"].(map[string]any)["taxonomy"] != "finance" {
		t.Errorf("accepted %s", got.text)
	}
	if got := k.get(at); got.status != 200 || got.body["status"] != "queued" || got.header.Get("Retry-After") != "1" || got.body["document"].(map[string]any)["pages_read"] == nil {
		t.Errorf("found %d %s", got.status, got.text)
	}
	k.work(1, nil)
	got = k.get(at)
	if got.status != 200 || got.body["status"] != "completed" || got.body["classification"] != "invoice" || got.body["created_at"] == nil || got.body["finished_at"] == nil {
		t.Errorf("found %d %s", got.status, got.text)
	}
}

// Who waits a little may get the answer at once.
func TestWaits(t *testing.T) {
	k := accepting(t, nil)
	header := http.Header{"Prefer": {"respond-async, wait=30"}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for k.work(1, nil) == 0 && t.Context().Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
	}()
	got := k.do(sheet("/v1/classifications", header, "file:a.txt", aLetter))
	<-done
	if got.status != 200 || got.body["classification"] != "invoice" {
		t.Errorf("answered %d %s", got.status, got.text)
	}
	if got := k.do(sheet("/v1/classifications", http.Header{"Prefer": {"respond-async, wait=0"}}, "file:a.txt", aLetter)); got.status != 202 {
		t.Errorf("not waiting: %d %s", got.status, got.text)
	}
}

// What nobody waits for is in the records beside what somebody waited for.
func TestRecordsWhatWasAnswered(t *testing.T) {
	k := accepting(t, nil)
	got := k.do(sheet("/v1/classifications", nil, "file:a.txt", aLetter))
	if got.status != 200 {
		t.Fatalf("answered %d %s", got.status, got.text)
	}
	rec := k.get("/v1/classifications/" + got.body["id"].(string))
	if rec.status != 200 || rec.body["source"] != "sync" || rec.body["classification"] != got.body["classification"] {
		t.Errorf("found %d %s", rec.status, rec.text)
	}
	ref := blob.Ref{Tenant: httpapi.DefaultTenant, SHA256: rec.body["document"].(map[string]any)["sha256"].(string)}
	if _, err := k.blobs.Stat(t.Context(), ref); err != nil {
		t.Errorf("its bytes: %v", err)
	}
}

func TestRefusesToAccept(t *testing.T) {
	k := accepting(t, nil)
	tests := []struct {
		name   string
		header http.Header
		pairs  []string
		status int
		code   fault.Kind
	}{
		{"no file", async(), []string{"taxonomy", "finance"}, 400, fault.Invalid},
		{"an empty one", async(), []string{"file:a.txt", ""}, 400, fault.Empty},
		{"a taxonomy that there is not", async(), []string{"file:a.txt", aLetter, "taxonomy", "nonsense"}, 404, fault.NotFound},
		{"a policy that there is not", async(), []string{"file:a.txt", aLetter, "policy", "nonsense"}, 404, fault.NotFound},
		{"a priority that there is not", async(), []string{"file:a.txt", aLetter, "priority", "now"}, 400, fault.Invalid},
		{"a deadline that has passed", async(), []string{"file:a.txt", aLetter, "deadline", "2020-01-01T00:00:00Z"}, 400, fault.Invalid},
		{"a deadline that is none", async(), []string{"file:a.txt", aLetter, "deadline", "soon"}, 400, fault.Invalid},
		{"a wait that is none", http.Header{"Prefer": {"wait=soon"}}, []string{"file:a.txt", aLetter}, 400, fault.Invalid},
		{"a batch that there is not", nil, []string{"file:a.txt", aLetter, "batch", store.NewID()}, 409, fault.Conflict},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := k.do(sheet("/v1/classifications", tt.header, tt.pairs...)); got.status != tt.status || got.body["code"] != string(tt.code) {
				t.Errorf("%d %s, want %d %s", got.status, got.text, tt.status, tt.code)
			}
		})
	}
	if all, err := k.store.List(t.Context(), httpapi.DefaultTenant, store.Filter{Limit: 10}); err != nil || len(all) != 0 {
		t.Errorf("kept all the same: %v, %v", all, err)
	}
}

// full is a storage without room.
type full struct{ blob.Store }

// Put keeps nothing.
func (full) Put(context.Context, string, io.Reader, blob.PutOptions) (blob.Info, error) {
	return blob.Info{}, fault.New(fault.StorageFull, errors.New("ENOSPC"), "no room")
}

// Where a document cannot be kept it is not accepted, and one that is answered still is.
func TestNoRoom(t *testing.T) {
	k := accepting(t, func(o *httpapi.Options) { o.Blobs = full{o.Blobs} })
	if got := k.do(sheet("/v1/classifications", async(), "file:a.txt", aLetter)); got.status != 507 || got.body["code"] != string(fault.StorageFull) {
		t.Errorf("accepted %d %s", got.status, got.text)
	}
	if got := k.do(sheet("/v1/classifications", nil, "file:a.txt", aLetter)); got.status != 200 {
		t.Errorf("answered %d %s", got.status, got.text)
	}
	k.store.Close()
	if got := k.do(sheet("/v1/classifications", nil, "file:a.txt", aLetter)); got.status != 200 {
		t.Errorf("answered without a store %d %s", got.status, got.text)
	}
}

func TestCancels(t *testing.T) {
	k := accepting(t, nil)
	at := k.do(sheet("/v1/classifications", async(), "file:a.txt", aLetter)).header.Get("Location")
	for _, want := range []int{200, 200} { // again changes nothing
		if got := k.do(httptest.NewRequest("POST", at+"/cancel", nil)); got.status != want || got.body["status"] != "canceled" {
			t.Errorf("canceled %d %s", got.status, got.text)
		}
	}
	done := k.do(sheet("/v1/classifications", async(), "file:a.txt", aLetter)).header.Get("Location")
	k.work(1, nil)
	if got := k.do(httptest.NewRequest("POST", done+"/cancel", nil)); got.status != 409 || got.body["code"] != string(fault.Conflict) {
		t.Errorf("what is done was canceled: %d %s", got.status, got.text)
	}
}

func TestLists(t *testing.T) {
	k := accepting(t, nil)
	for range 5 {
		k.do(sheet("/v1/classifications", async(), "file:a.txt", aLetter))
	}
	k.work(2, nil)
	seen := make(map[any]bool)
	cursor := ""
	for range 5 {
		got := k.get("/v1/classifications?limit=2" + cursor)
		for _, c := range got.body["classifications"].([]any) {
			seen[c.(map[string]any)["id"]] = true
		}
		if got.body["next"] == nil {
			break
		}
		cursor = "&cursor=" + got.body["next"].(string)
	}
	if len(seen) != 5 {
		t.Errorf("page by page there are %d, want 5", len(seen))
	}
	for query, want := range map[string]int{"status=completed": 2, "status=queued": 3, "source=sync": 0, "category=invoice": 2, "since=2020-01-01T00:00:00Z&until=2021-01-01T00:00:00Z": 0} {
		if got := k.get("/v1/classifications?" + query); got.status != 200 || len(got.body["classifications"].([]any)) != want {
			t.Errorf("%s: %d %s, want %d", query, got.status, got.text, want)
		}
	}
	for _, query := range []string{"limit=0", "limit=501", "limit=x", "cursor=x", "status=odd", "since=monday", "colour=red", "limit=1&limit=2", "category=%00", "batch=x", "review=maybe", "reviewed=yes"} {
		if got := k.get("/v1/classifications?" + query); got.status != 400 || got.body["code"] != string(fault.Invalid) {
			t.Errorf("%s: %d %s, want 400", query, got.status, got.text)
		}
	}
}

func TestOriginalAsync(t *testing.T) {
	k := accepting(t, nil)
	got := k.do(sheet("/classify_file_async", nil, "file:a.pdf", "%PDF-1.4\n1 0 obj\n<<>>\nendobj\n", "industry", "Finance"))
	if got.status != 202 || got.body["status"] != "processing" || got.body["task_id"] == nil {
		t.Fatalf("accepted %d %s", got.status, got.text)
	}
	at := "/classify_file_async/" + got.body["task_id"].(string)
	if got := k.get(at); got.status != 200 || got.body["status"] != "processing" || got.body["result"] != nil {
		t.Errorf("found %d %s", got.status, got.text)
	}
	k.work(1, nil)
	if got := k.get(at); got.body["status"] != "completed" || got.body["result"].(map[string]any)["classification"] != "invoice" || got.body["result"].(map[string]any)["industry"] != "finance" {
		t.Errorf("found %d %s", got.status, got.text)
	}
	other := k.do(sheet("/classify_file_async", nil, "file:b.pdf", "%PDF-1.4\n2 0 obj\n<<>>\nendobj\n"))
	k.work(1, func(r *store.Record) { r.State, r.Result = store.Failed, new(r.Failure(fault.Corrupt, "it is broken")) })
	if got := k.get("/classify_file_async/" + other.body["task_id"].(string)); got.body["status"] != "failed" || got.body["error"] != "it is broken" {
		t.Errorf("found %d %s", got.status, got.text)
	}
	once := http.Header{"Idempotency-Key": {"k1"}}
	first := k.do(sheet("/classify_file_async", once, "file:c.pdf", "%PDF-1.4\n3 0 obj\n<<>>\nendobj\n"))
	if again := k.do(sheet("/classify_file_async", once, "file:c.pdf", "%PDF-1.4\n3 0 obj\n<<>>\nendobj\n")); again.status != 202 || again.text != first.text {
		t.Errorf("the same key again: %d %s, first %s", again.status, again.text, first.text)
	}
	if got := k.do(sheet("/classify_file_async", nil, "file:a.exe", "MZ")); got.status != 400 || got.body["error"] != "File type not allowed" {
		t.Errorf("refused %d %s", got.status, got.text)
	}
}

func TestBatchOfAForm(t *testing.T) {
	k := accepting(t, nil)
	got := k.do(sheet("/v1/batches", nil, "name", "märch", "taxonomy", "finance", "file:=1+1.txt", aLetter, "file:empty.txt", "", "file:b.txt", aLetter+"."))
	self := got.header.Get("Location")
	docs, _ := got.body["documents"].(map[string]any)
	if got.status != 201 || got.body["name"] != "märch" || got.body["status"] != "closed" || docs["total"] != 2.0 || docs["queued"] != 2.0 {
		t.Fatalf("made %d %s", got.status, got.text)
	}
	if bad := got.body["rejected"].([]any); len(bad) != 1 || bad[0].(map[string]any)["code"] != string(fault.Empty) {
		t.Errorf("rejected %v", bad)
	}
	n := 0
	k.work(5, func(r *store.Record) {
		if n++; n == 2 {
			r.State, r.Result = store.Failed, new(r.Failure(fault.Corrupt, "broken"))
		}
	})
	got = k.get(self)
	if docs := got.body["documents"].(map[string]any); docs["completed"] != 1.0 || docs["failed"] != 1.0 {
		t.Errorf("found %s", got.text)
	}
	if lines := strings.Split(strings.TrimSpace(k.get(self+"/results").text), "\n"); len(lines) != 2 || !json.Valid([]byte(lines[0])) {
		t.Errorf("results %q", lines)
	}
	table, err := csv.NewReader(strings.NewReader(k.get(self + "/results?format=csv").text)).ReadAll()
	if err != nil || len(table) != 3 || table[1][1] != "'=1+1.txt" {
		t.Errorf("table %q, %v", table, err)
	}
	if got := k.do(httptest.NewRequest("POST", self+"/retry", nil)); got.status != 200 || got.body["documents"].(map[string]any)["queued"] != 1.0 {
		t.Errorf("again %d %s", got.status, got.text)
	}
}

func TestBatchThatStaysOpen(t *testing.T) {
	k := accepting(t, nil)
	r := httptest.NewRequest("POST", "/v1/batches", strings.NewReader(`{"name": "april", "taxonomy": "finance", "priority": "normal"}`))
	r.Header.Set("Content-Type", "application/json")
	got := k.do(r)
	self, id := got.header.Get("Location"), got.body["id"].(string)
	if got.status != 201 || got.body["status"] != "open" {
		t.Fatalf("made %d %s", got.status, got.text)
	}
	for range 3 {
		if got := k.do(sheet("/v1/classifications", nil, "file:a.txt", aLetter, "batch", id)); got.status != 202 || got.body["batch"] != id {
			t.Errorf("added %d %s", got.status, got.text)
		}
	}
	k.work(1, nil)
	if got := k.do(httptest.NewRequest("POST", self+"/close", nil)); got.status != 200 || got.body["status"] != "closed" {
		t.Errorf("closed %d %s", got.status, got.text)
	}
	if got := k.do(sheet("/v1/classifications", nil, "file:a.txt", aLetter, "batch", id)); got.status != 409 {
		t.Errorf("added to a closed one: %d %s", got.status, got.text)
	}
	got = k.do(httptest.NewRequest("POST", self+"/cancel", nil))
	if docs := got.body["documents"].(map[string]any); got.status != 200 || docs["canceled"] != 2.0 || docs["completed"] != 1.0 {
		t.Errorf("canceled %d %s", got.status, got.text)
	}
	if got := k.get("/v1/batches"); len(got.body["batches"].([]any)) != 1 {
		t.Errorf("list %s", got.text)
	}
	for _, body := range []string{`{"nme": "x"}`, `[]`, `{"priority": "now"}`, `{"taxonomy": "nonsense"}`, `{`} {
		r := httptest.NewRequest("POST", "/v1/batches", strings.NewReader(body))
		if got := k.do(r); got.status != 400 && got.status != 404 {
			t.Errorf("%s: %d %s", body, got.status, got.text)
		}
	}
}

// A form that does not come in whole leaves nothing to do.
// What the form of a document leaves out is as its batch was begun with.
func TestDocumentsAreAsTheirBatch(t *testing.T) {
	k := accepting(t, nil)
	r := httptest.NewRequest("POST", "/v1/batches", strings.NewReader(`{"taxonomy": "finance", "policy": "local"}`))
	r.Header.Set("Content-Type", "application/json")
	id := k.do(r).body["id"].(string)
	for _, tt := range []struct {
		name                       string
		fields                     []string
		taxonomy, policy, priority string
	}{
		{"nothing is said", nil, "finance", "local", "bulk"},
		{"a priority is said", []string{"priority", "urgent"}, "finance", "local", "urgent"},
		{"a taxonomy is said", []string{"taxonomy", "hr"}, "hr", "local", "bulk"},
		{"categories are said", []string{"categories", "invoice,other"}, "", "local", "bulk"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := k.do(sheet("/v1/classifications", nil, append([]string{"file:a.txt", aLetter, "batch", id}, tt.fields...)...))
			request, _ := got.body["request"].(map[string]any)
			taxonomy, _ := request["taxonomy"].(string)
			if got.status != 202 || taxonomy != tt.taxonomy || request["policy"] != tt.policy || got.body["priority"] != tt.priority {
				t.Errorf("%d %s", got.status, got.text)
			}
		})
	}
}

func TestBrokenBatch(t *testing.T) {
	k := accepting(t, nil)
	r := sheet("/v1/batches", nil, "file:a.txt", aLetter, "file:b.txt", aLetter+aLetter)
	whole, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(whole[:len(whole)-80]), iotestErr{}))
	if got := k.do(r); got.status != 400 {
		t.Errorf("answered %d %s", got.status, got.text)
	}
	if n := k.work(5, nil); n != 0 {
		t.Errorf("%d documents of it are to be done", n)
	}
	got := k.do(sheet("/v1/batches", nil, "file:a.txt", aLetter, "taxonomy", "finance"))
	if got.status != 400 || !strings.Contains(got.text, "the fields come first") {
		t.Errorf("answered %d %s", got.status, got.text)
	}
}

// iotestErr is a connection that breaks.
type iotestErr struct{}

// Read breaks.
func (iotestErr) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestFeedback(t *testing.T) {
	k := accepting(t, nil)
	at := k.do(sheet("/v1/classifications", async(), "file:a.txt", aLetter, "taxonomy", "finance")).header.Get("Location")
	give := func(body string) reply {
		return k.do(httptest.NewRequest("POST", at+"/feedback", strings.NewReader(body)))
	}
	if got := give(`{"category": "invoice"}`); got.status != 409 {
		t.Errorf("before there is an answer: %d %s", got.status, got.text)
	}
	k.work(1, nil)
	for _, body := range []string{`{"category": "nonsense"}`, `{"category": ""}`, `{"kind": "invoice"}`, `[]`, ``, `{"category": "invoice", "note": "` + strings.Repeat("x", 2001) + `"}`} {
		if got := give(body); got.status != 400 {
			t.Errorf("%.40s: %d %s", body, got.status, got.text)
		}
	}
	if got := give(`{"category": "invoice", "by": "ann", "note": "it says so"}`); got.status != 201 || got.body["was"] != "invoice" || got.body["by"] != "ann" {
		t.Errorf("given %d %s", got.status, got.text)
	}
	id := at[strings.LastIndexByte(at, '/')+1:]
	for _, query := range []string{"", "?classification=" + id} {
		if got := k.get("/v1/feedback" + query); got.status != 200 || len(got.body["feedback"].([]any)) != 1 {
			t.Errorf("list %d %s", got.status, got.text)
		}
	}
}
