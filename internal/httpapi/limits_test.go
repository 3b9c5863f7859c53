package httpapi_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/httpapi"
	"github.com/docsift/docsift/internal/sim"
)

// held is a provider that holds every request until it is let go.
type held struct {
	classifier *docsift.Classifier
	arrived    chan struct{} // one for each request
	letGo      func()
}

func hold(t *testing.T) held {
	t.Helper()
	s, err := sim.New(sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	h := held{arrived: make(chan struct{}, 8), letGo: sync.OnceFunc(func() { close(gate) })}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.arrived <- struct{}{}
		<-gate
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(h.letGo)
	env := map[string]string{"OPENAI_API_KEY": "sk-canary-1", "OPENAI_BASE_URL": srv.URL + "/v1", "MAX_RETRIES": "0"}
	h.classifier, err = docsift.New(docsift.Options{Policy: "guide", Getenv: func(name string) string { return env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// upload sends a form piece by piece.
type upload struct {
	*io.PipeWriter

	begun chan struct{} // closed once the server reads it
	done  chan struct{} // closed once it is answered
	resp  *http.Response
	body  map[string]any
}

// A form in two pieces.
const formStart = "--b\r\nContent-Disposition: form-data; name=\"taxonomy\"\r\n\r\nfin"

const formRest = "ance\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" + invoice + "\r\n--b--\r\n"

// begin starts the API and an upload to it that does not end.
func begin(t *testing.T, o httpapi.Options, path string) (*httptest.Server, *upload) {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	if o.Classifier == nil {
		c, err := docsift.New(docsift.Options{Policy: "local"})
		if err != nil {
			t.Fatal(err)
		}
		o.Classifier = c
	}
	api := httpapi.NewWatched(t, o)
	up := &upload{begun: make(chan struct{}), done: make(chan struct{})}
	begun := sync.OnceFunc(func() { close(up.begun) })
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = &watched{r.Body, begun}
		api.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	body, in := io.Pipe()
	up.PipeWriter = in
	t.Cleanup(func() { in.Close() })
	go func() {
		defer close(up.done)
		resp, err := http.Post(srv.URL+path, "multipart/form-data; boundary=b", body)
		if err != nil {
			return
		}
		defer resp.Body.Close()
		up.resp, up.body = resp, decode(t, resp.Body)
	}()
	io.WriteString(in, formStart)
	<-up.begun
	return srv, up
}

// watched tells when a body is first read.
type watched struct {
	io.ReadCloser
	begun func()
}

func (b *watched) Read(p []byte) (int, error) {
	b.begun()
	return b.ReadCloser.Read(p)
}

func TestTooManyClassifications(t *testing.T) {
	h := hold(t)
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{Classifier: h.classifier, Log: slog.New(slog.DiscardHandler), InFlight: 1}))
	defer srv.Close()
	first := make(chan int)
	body, kind := form(t, file("a.txt", invoice))
	go func() {
		resp, err := http.Post(srv.URL+"/v1/classifications", kind, body)
		if err != nil {
			first <- 0
			return
		}
		resp.Body.Close()
		first <- resp.StatusCode
	}()
	<-h.arrived
	for _, path := range []string{"/v1/classifications", "/classify_file"} {
		status, body, header := send(t, srv.URL+path, file("b.pdf", invoicePDF))
		if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" {
			t.Errorf("%s: status %d %v, want 429 with Retry-After", path, status, body)
		}
	}
	h.letGo()
	if status := <-first; status != 200 {
		t.Errorf("the first: status %d, want 200", status)
	}
	if status, _, _ := send(t, srv.URL+"/v1/classifications", file("c.txt", invoice)); status != 200 {
		t.Errorf("status %d once there is room, want 200", status)
	}
}

func TestTooManyUploads(t *testing.T) {
	srv, up := begin(t, httpapi.Options{Uploads: 1}, "/v1/classifications")
	status, body, header := send(t, srv.URL+"/v1/classifications", file("a.txt", invoice))
	if status != http.StatusTooManyRequests || body["code"] != "too_many_requests" || header.Get("Retry-After") == "" {
		t.Errorf("status %d %v, want 429 with Retry-After", status, body)
	}
	up.Close()
	<-up.done
	if status, _, _ := send(t, srv.URL+"/v1/classifications", file("a.txt", invoice)); status != 200 {
		t.Errorf("status %d once there is room, want 200", status)
	}
}

// Callers who send slowly keep nobody else from being answered.
func TestUploadsHoldNoClassificationPlace(t *testing.T) {
	srv, _ := begin(t, httpapi.Options{InFlight: 1}, "/v1/classifications")
	if status, body, _ := send(t, srv.URL+"/v1/classifications", file("a.txt", invoice)); status != 200 {
		t.Errorf("status %d %v beside a slow upload, want 200", status, body)
	}
}

func TestSlowUpload(t *testing.T) {
	tests := []struct {
		name, path string
		rest       string // sent at once
		trickle    bool
		want       string // the field of the answer that says why
	}{
		{"one that stops", "/v1/classifications", "", false, "code"},
		{"one that is whole but does not end", "/v1/classifications", formRest, false, "code"},
		{"one that trickles", "/v1/classifications", "", true, "code"},
		{"one to the original's route", "/classify_file", "", false, "error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := httpapi.Options{UploadPause: 50 * time.Millisecond}
			if tt.trickle {
				o = httpapi.Options{UploadPause: 200 * time.Millisecond, UploadRate: 1 << 20}
			}
			_, up := begin(t, o, tt.path)
			io.WriteString(up, tt.rest)
			if tt.trickle {
				go trickle(up)
			}
			<-up.done
			if up.resp == nil || up.resp.StatusCode != http.StatusRequestTimeout || up.body[tt.want] == nil {
				t.Fatalf("answer %v, want 408", up.body)
			}
			if code := up.body["code"]; tt.want == "code" && code != "request_timeout" {
				t.Errorf("code %v", code)
			}
		})
	}
}

// trickle sends byte after byte, each well within the pause, until it is answered.
func trickle(up *upload) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-up.done:
			return
		case <-tick.C:
			if _, err := up.Write([]byte("x")); err != nil {
				return
			}
		}
	}
}

// The deadline of an upload does not outlive it: a model may take longer to answer.
func TestUploadPauseEndsWithTheUpload(t *testing.T) {
	h := hold(t)
	const pause = 50 * time.Millisecond
	srv := httptest.NewServer(httpapi.NewWatched(t, httpapi.Options{
		Classifier: h.classifier, Log: slog.New(slog.DiscardHandler), UploadPause: pause,
	}))
	defer srv.Close()
	go func() {
		<-h.arrived
		time.AfterFunc(3*pause, h.letGo)
	}()
	if status, body, _ := send(t, srv.URL+"/v1/classifications", file("a.txt", invoice)); status != 200 {
		t.Errorf("status %d %v, want 200", status, body)
	}
}

// A document of the size limit is read whole, whatever the limit.
func TestNoSizeLimitAtAll(t *testing.T) {
	c, err := docsift.New(docsift.Options{Policy: "local"})
	if err != nil {
		t.Fatal(err)
	}
	o := httpapi.Options{Classifier: c, Log: slog.New(slog.DiscardHandler)}
	o.Document.MaxBytes = 1<<63 - 1
	body, kind := form(t, file("a.txt", invoice))
	r := httptest.NewRequest(http.MethodPost, "/v1/classifications", body)
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	httpapi.NewWatched(t, o).ServeHTTP(w, r)
	if w.Code != 200 || !bytes.Contains(w.Body.Bytes(), []byte(`"invoice"`)) {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
}
