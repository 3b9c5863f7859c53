//go:build unix

package httpapi_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/all"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/disk"
	"github.com/docsift/docsift/internal/blob/s3"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/s3test"
	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/sqlite"
)

// keeper is a server that takes uploads. Callers say in a header whose documents theirs are.
type keeper struct {
	url   string
	api   *httpapi.Watched
	store *store.Store
	log   *bytes.Buffer
}

func keeping(t *testing.T, blobs blob.Store) keeper {
	t.Helper()
	extractor := all.New(all.Options{})
	t.Cleanup(func() { extractor.Close() })
	c, err := docsift.New(docsift.Options{Extractor: extractor, Policy: "local", Getenv: func(string) string { return "" }})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "docsift.db"), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	log := new(bytes.Buffer)
	api := httpapi.NewWatched(t, httpapi.Options{
		Classifier: c, Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), Document: document.Options{MaxBytes: 1 << 20},
		Store: s, Blobs: blobs,
		Identify: func(r *http.Request) (httpapi.Caller, error) {
			tenant := r.Header.Get("Tenant")
			if tenant == "" {
				return httpapi.Caller{}, errors.New("nobody")
			}
			return httpapi.Caller{Tenant: tenant, Scopes: []httpapi.Scope{httpapi.Classify}}, nil
		},
	})
	srv := httptest.NewServer(api)
	t.Cleanup(srv.Close)
	return keeper{srv.URL, api, s, log}
}

func onDisk(t *testing.T) keeper {
	t.Helper()
	s, err := disk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return keeping(t, s)
}

// do sends a request as a tenant and returns the status and the body as JSON.
func (k keeper) do(t *testing.T, method, url, tenant, kind string, body io.Reader, header map[string]string) (int, map[string]any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Tenant", tenant)
	r.Header.Set("Content-Type", kind)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var v map[string]any
	json.NewDecoder(resp.Body).Decode(&v) // a bucket's answer is none
	return resp.StatusCode, v
}

// announced is what the server answers to an announcement.
type announced struct {
	ID, Method, URL string
	Headers         map[string]string
}

func (k keeper) announce(t *testing.T, tenant, body string) announced {
	t.Helper()
	status, v := k.do(t, "POST", k.url+"/v1/uploads", tenant, "application/json", strings.NewReader(body), nil)
	if status != http.StatusCreated {
		t.Fatalf("status %d: %v", status, v)
	}
	data, _ := json.Marshal(v)
	var a announced
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func (k keeper) bring(t *testing.T, a announced, body io.Reader) (int, map[string]any) {
	t.Helper()
	return k.do(t, a.Method, a.URL, "", "application/octet-stream", body, a.Headers)
}

func (k keeper) classify(t *testing.T, tenant string, parts ...part) (int, map[string]any) {
	t.Helper()
	body, kind := form(t, parts...)
	return k.do(t, "POST", k.url+"/v1/classifications", tenant, kind, body, nil)
}

func announcement(text string) string {
	sum := sha256.Sum256([]byte(text))
	data, _ := json.Marshal(map[string]any{"bytes": len(text), "sha256": hex.EncodeToString(sum[:]), "filename": "the invoice.txt"})
	return string(data)
}

func inBucket(t *testing.T) (keeper, *s3test.Server) {
	t.Helper()
	server := s3test.Start(t)
	s, err := s3.Open(s3.Options{Endpoint: server.URL, Bucket: s3test.Bucket, AccessKeyID: s3test.AccessKeyID, SecretAccessKey: s3test.SecretAccessKey})
	if err != nil {
		t.Fatal(err)
	}
	return keeping(t, s), server
}

func TestUploads(t *testing.T) {
	bucket, _ := inBucket(t)
	for name, k := range map[string]keeper{"on disk": onDisk(t), "in a bucket": bucket} {
		t.Run(name, func(t *testing.T) {
			a := k.announce(t, "ann", announcement(invoice))
			if status, v := k.classify(t, "ann", field("upload", a.ID)); status != http.StatusConflict || v["code"] != "conflict" {
				t.Errorf("before it came: status %d, %v", status, v)
			}
			if status, v := k.bring(t, a, strings.NewReader(invoice)); status != http.StatusOK {
				t.Fatalf("brought: status %d, %v", status, v)
			}
			for range 2 { // it may be asked for again
				status, v := k.classify(t, "ann", field("upload", a.ID), field("taxonomy", "finance"))
				doc, _ := v["document"].(map[string]any)
				if status != http.StatusOK || v["classification"] != "invoice" || doc["filename"] != "the invoice.txt" {
					t.Errorf("status %d, %v", status, v)
				}
			}
			for what, status := range map[string]int{
				"another tenant's": first(k.classify(t, "bob", field("upload", a.ID))),
				"nobody's":         first(k.classify(t, "ann", field("upload", "x"))),
			} {
				if status != http.StatusNotFound {
					t.Errorf("%s upload: status %d, want 404", what, status)
				}
			}
			if status, v := k.classify(t, "ann", field("upload", a.ID), file("a.txt", invoice)); status != http.StatusBadRequest {
				t.Errorf("an upload and a file: status %d, %v", status, v)
			}
		})
	}
}

// A server that does not check what it takes, or damages it.
func TestAnUploadInABucketIsChecked(t *testing.T) {
	k, server := inBucket(t)
	a := k.announce(t, "ann", announcement(invoice))
	if status, v := k.bring(t, a, strings.NewReader(invoice)); status != http.StatusOK {
		t.Fatalf("brought: status %d, %v", status, v)
	}
	other := strings.Replace(invoice, "480", "481", 1)
	if err := os.WriteFile(filepath.Join(server.Dir, "uploads", "ann", a.ID), []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, v := k.classify(t, "ann", field("upload", a.ID)); status != http.StatusBadRequest {
		t.Errorf("status %d, %v; want 400", status, v)
	}
	server.Kill()
	if status, v := k.classify(t, "ann", field("upload", a.ID)); status != http.StatusServiceUnavailable || v["code"] != "storage_unavailable" {
		t.Errorf("without the server: status %d, %v; want 503", status, v)
	}
}

func first(status int, _ map[string]any) int { return status }

func TestUploadsThatAreNotTaken(t *testing.T) {
	k := onDisk(t)
	other := strings.Replace(invoice, "480", "481", 1)
	tests := []struct {
		name   string
		body   io.Reader
		change func(*announced)
		status int
	}{
		{"other bytes than announced", strings.NewReader(other), nil, 400},
		{"more bytes", strings.NewReader(invoice + "x"), nil, 400},
		{"fewer bytes", strings.NewReader(invoice[1:]), nil, 400},
		{"more bytes, of which the number is not told", iotest.OneByteReader(strings.NewReader(invoice + "x")), nil, 400},
		{"fewer bytes, of which the number is not told", iotest.OneByteReader(strings.NewReader(invoice[1:])), nil, 400},
		{"a token that is wrong", strings.NewReader(invoice), func(a *announced) { a.URL += "x" }, 404},
		{"no token", strings.NewReader(invoice), func(a *announced) { a.URL, _, _ = strings.Cut(a.URL, "?") }, 404},
		{"another method", strings.NewReader(invoice), func(a *announced) { a.Method = "POST" }, 405},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := k.announce(t, "ann", announcement(invoice))
			if tt.change != nil {
				tt.change(&a)
			}
			if status, v := k.bring(t, a, tt.body); status != tt.status {
				t.Errorf("status %d, %v; want %d", status, v, tt.status)
			}
			if status, v := k.classify(t, "ann", field("upload", a.ID)); status != http.StatusConflict {
				t.Errorf("classified: status %d, %v; want that it has not come", status, v)
			}
		})
	}
	for _, body := range []string{
		``, `[]`, `{}`, `{"bytes": 0}`, `{"bytes": -1}`, `{"bytes": 1.5}`, `{"bytes": "7"}`, `{"bytes": null}`, `{"bytes": 7, "sha256": "ABC"}`,
		`{"bytes": 7, "sha256": 7}`, `{"bytes": 7, "filename": []}`, `{"bytes": 7, "file": "a.pdf"}`,
	} {
		if status, v := k.do(t, "POST", k.url+"/v1/uploads", "ann", "application/json", strings.NewReader(body), nil); status != http.StatusBadRequest {
			t.Errorf("announced as %s: status %d, %v; want 400", body, status, v)
		}
	}
	if status, v := k.do(t, "POST", k.url+"/v1/uploads", "ann", "application/json", strings.NewReader(`{"bytes": 1048577}`), nil); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: status %d, %v", status, v)
	}
	if status, _ := k.do(t, "POST", k.url+"/v1/uploads", "", "application/json", strings.NewReader(`{"bytes": 1}`), nil); status == http.StatusCreated {
		t.Error("nobody may announce an upload, and did")
	}
}

func TestAnUploadIsBroughtOnce(t *testing.T) {
	k := onDisk(t)
	a := k.announce(t, "ann", `{"bytes": 4}`)
	for n, tt := range []struct {
		text   string
		status int
	}{{"text", 200}, {"text", 200}, {"tixt", 400}} {
		if status, v := k.bring(t, a, strings.NewReader(tt.text)); status != tt.status {
			t.Errorf("time %d: status %d, %v; want %d", n+1, status, v, tt.status)
		}
	}
	if strings.Contains(k.log.String(), a.URL[strings.Index(a.URL, "token=")+6:]) {
		t.Error("the log holds the token")
	}
}

func TestUploadsWithoutAPlaceForThem(t *testing.T) {
	srv, _, _ := server(t, "local", nil)
	resp, err := http.Post(srv.URL+"/v1/uploads", "application/json", strings.NewReader(`{"bytes": 4}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if status, _, _ := send(t, srv.URL+"/v1/classifications", field("upload", "x")); resp.StatusCode != http.StatusNotFound || status != http.StatusNotFound {
		t.Errorf("announced: status %d; classified: %d; want 404", resp.StatusCode, status)
	}
}

func TestNoUploadWhileDraining(t *testing.T) {
	k := onDisk(t)
	a := k.announce(t, "ann", `{"bytes": 4}`)
	k.api.Drain()
	if status, v := k.bring(t, a, strings.NewReader("text")); status != http.StatusServiceUnavailable {
		t.Errorf("status %d, %v", status, v)
	}
}
