//go:build unix

package s3_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/blobtest"
	"github.com/docsift/docsift/internal/s3test"
)

// between stands before a server, and lets faulty answer instead where it says that it did.
func between(t *testing.T, server *s3test.Server, faulty func(w http.ResponseWriter, r *http.Request) bool) string {
	t.Helper()
	to, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !faulty(w, r) {
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// status answers requests of a method with a status.
func status(method string, status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == method {
			io.Copy(io.Discard, r.Body)
			w.WriteHeader(status)
		}
		return r.Method == method
	}
}

func hang(method string) func(http.ResponseWriter, *http.Request) bool {
	return func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == method {
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		}
		return r.Method == method
	}
}

func TestPutFails(t *testing.T) {
	server := s3test.Start(t)
	tests := []struct {
		name   string
		faulty func(http.ResponseWriter, *http.Request) bool
		want   fault.Kind
	}{
		{"when the server fails", status("PUT", 500), fault.Storage},
		{"when the server is busy", status("PUT", 503), fault.Storage},
		{"when the server has no room", status("PUT", 507), fault.StorageFull},
		{"when we may not", status("PUT", 403), fault.Storage},
		{"when the server never answers", hang("PUT"), fault.Storage},
		{"when what was taken is not there", status("HEAD", 404), fault.Storage},
		{"when nobody can tell whether it is there", status("HEAD", 500), fault.Storage},
		{"when it is cut short", func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method == "HEAD" {
				w.Header().Set("Content-Length", "1")
				w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			}
			return r.Method == "HEAD"
		}, fault.Storage},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(between(t, server, tt.faulty))
			o.Patience = 300 * time.Millisecond
			_, err := open(t, o).Put(t.Context(), "a", strings.NewReader("text"), blob.PutOptions{})
			if fault.KindOf(err) != tt.want {
				t.Errorf("error %v, want kind %q", err, tt.want)
			}
			if strings.Contains(err.Error(), s3test.SecretAccessKey) {
				t.Error("the error holds the secret key")
			}
		})
	}
}

func TestAFailureIsTriedAgain(t *testing.T) {
	var calls atomic.Int32
	s := open(t, options(between(t, s3test.Start(t), func(w http.ResponseWriter, r *http.Request) bool {
		return calls.Add(1)%2 == 1 && status(r.Method, 503)(w, r)
	})))
	for _, r := range []io.Reader{strings.NewReader("text"), iotest.HalfReader(strings.NewReader("text"))} {
		i, err := s.Put(t.Context(), "a", r, blob.PutOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := blobtest.Read(t, s, i.Ref); err != nil || got != "text" {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestOpenFails(t *testing.T) {
	server := s3test.Start(t)
	text := strings.Repeat("x", 100_000)
	i := blobtest.Put(t, open(t, options(server.URL)), "a", text)
	half := func(w http.ResponseWriter, end func()) {
		w.Header().Set("Content-Length", "100000")
		io.WriteString(w, text[:50_000])
		http.NewResponseController(w).Flush()
		end()
	}
	tests := []struct {
		name   string
		faulty func(http.ResponseWriter, *http.Request) bool
	}{
		{"when the server fails", status("GET", 500)},
		{"when the server is busy", status("GET", 503)},
		{"when we may not", status("GET", 403)},
		{"when the server never answers", hang("GET")},
		{"when the answer is cut off", func(w http.ResponseWriter, _ *http.Request) bool {
			half(w, func() { panic(http.ErrAbortHandler) })
			return true
		}},
		{"when the answer stops coming", func(w http.ResponseWriter, r *http.Request) bool {
			half(w, func() { <-r.Context().Done() })
			return true
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := options(between(t, server, tt.faulty))
			o.Patience = 300 * time.Millisecond
			if got, err := blobtest.Read(t, open(t, o), i.Ref); fault.KindOf(err) != fault.Storage || got != "" {
				t.Errorf("%d bytes, %v; want kind %q", len(got), err, fault.Storage)
			}
		})
	}
}

func TestTheServerFreezesAndDies(t *testing.T) {
	server := s3test.Start(t)
	o := options(server.URL)
	o.Patience = 300 * time.Millisecond
	s := open(t, o)
	i := blobtest.Put(t, s, "a", "text")
	check := func(what string) {
		t.Helper()
		_, put := s.Put(t.Context(), "a", strings.NewReader("more"), blob.PutOptions{})
		_, read := blobtest.Read(t, s, i.Ref)
		var list error
		for _, err := range s.Old(t.Context(), time.Now()) {
			list = err
		}
		for which, err := range map[string]error{"put": put, "read": read, "list": list, "ping": s.Ping(t.Context()), "delete": s.Delete(t.Context(), i.Ref, time.Now().Add(time.Hour))} {
			if fault.KindOf(err) != fault.Storage {
				t.Errorf("%s, %s: %v, want kind %q", what, which, err, fault.Storage)
			}
		}
	}
	server.Freeze()
	check("frozen")
	server.Thaw()
	blobtest.Put(t, s, "a", "more")
	server.Kill()
	check("dead")
	server.Run()
	if got, err := blobtest.Read(t, s, i.Ref); err != nil || got != "text" {
		t.Errorf("once it is back: %q, %v", got, err)
	}
}

func TestABucketThatIsNotThere(t *testing.T) {
	o := options(s3test.Start(t).URL)
	o.Bucket = "nowhere"
	s := open(t, o)
	_, put := s.Put(t.Context(), "a", strings.NewReader("text"), blob.PutOptions{})
	_, get := s.Open(t.Context(), blob.Ref{Tenant: "a", SHA256: strings.Repeat("0", 64)})
	for what, err := range map[string]error{"put": put, "open": get, "ping": s.Ping(t.Context())} {
		if fault.KindOf(err) != fault.Storage {
			t.Errorf("%s: %v, want kind %q", what, err, fault.Storage)
		}
	}
}

func TestAWrongKey(t *testing.T) {
	o := options(s3test.Start(t).URL)
	o.SecretAccessKey = "wrong"
	if _, err := open(t, o).Put(t.Context(), "a", strings.NewReader("text"), blob.PutOptions{}); fault.KindOf(err) != fault.Storage {
		t.Errorf("put: %v, want kind %q", err, fault.Storage)
	}
}

// What goes through a file leaves none behind.
func TestNoFileIsLeft(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := open(t, options(s3test.Start(t).URL))
	s.Put(t.Context(), "a", iotest.HalfReader(strings.NewReader("text")), blob.PutOptions{})
	s.Put(t.Context(), "a", iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader("text"))), blob.PutOptions{})
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if strings.HasPrefix(f.Name(), "docsift-document-") {
			t.Errorf("%s is left", f.Name())
		}
	}
}
