package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/sim"
)

// held is a provider that holds every request until it is let go.
type held struct {
	arrived chan struct{} // one for each request
	left    chan struct{} // one for each that was given up
	letGo   func()
}

func hold(t *testing.T) (held, config.Config) {
	t.Helper()
	s, err := sim.New(sim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	gate := make(chan struct{})
	h := held{make(chan struct{}, 8), make(chan struct{}, 8), sync.OnceFunc(func() { close(gate) })}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body) // so that the server notices when the caller leaves
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.arrived <- struct{}{}
		select {
		case <-gate:
			s.ServeHTTP(w, r)
		case <-r.Context().Done():
			h.left <- struct{}{}
		}
	}))
	t.Cleanup(srv.Close)
	t.Cleanup(h.letGo)
	env := map[string]string{"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": srv.URL + "/v1", "MAX_RETRIES": "0"}
	return h, config.Config{
		Getenv: func(name string) string { return env[name] }, Addr: "127.0.0.1:0", Policy: "guide", Taxonomy: "finance",
	}
}

// run starts a server. What Run returns comes through ended.
func run(t *testing.T, o app.Options) (url string, stop func(), ended <-chan error) {
	t.Helper()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	a, err := app.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		for range 2 { // the second has nothing left to do
			if err := a.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}
	})
	return "http://" + a.Addr(), stop, done
}

// answer is the status of a response, and its code when it is a problem.
type answer struct {
	status int
	code   string
}

// post sends a document. A response that does not come is the zero answer.
func post(url string) answer {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "letter.txt")
	if err != nil {
		return answer{}
	}
	io.WriteString(part, "Letter number 7, which says next to nothing of what it is meant to be.")
	form.Close()
	resp, err := http.Post(url+"/v1/classifications", form.FormDataContentType(), &body)
	if err != nil {
		return answer{}
	}
	return read(resp)
}

func read(resp *http.Response) answer {
	defer resp.Body.Close()
	var v struct {
		Code string `json:"code"`
	}
	json.NewDecoder(resp.Body).Decode(&v)
	return answer{resp.StatusCode, v.Code}
}

func send(url string) <-chan answer {
	c := make(chan answer, 1)
	go func() { c <- post(url) }()
	return c
}

func ready(t *testing.T, url string) answer {
	t.Helper()
	resp, err := http.Get(url + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	return read(resp)
}

func TestServes(t *testing.T) {
	h, c := hold(t)
	h.letGo()
	url, stop, ended := run(t, app.Options{Config: c})
	if got := ready(t, url); got.status != 200 {
		t.Errorf("ready %v", got)
	}
	if got := post(url); got.status != 200 {
		t.Errorf("a document: %v", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}

// What is under way when the server is told to end is answered.
func TestDrains(t *testing.T) {
	h, c := hold(t)
	url, stop, ended := run(t, app.Options{Config: c})
	got := send(url)
	<-h.arrived
	stop()
	select {
	case err := <-ended:
		t.Fatalf("run ended with a request under way: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	h.letGo()
	if a := <-got; a.status != 200 {
		t.Errorf("the request under way: %v, want 200", a)
	}
	if err := <-ended; err != nil {
		t.Errorf("run: %v", err)
	}
}

// For a time of grace the server says that it is ending, and does what comes all the same: a
// balancer that does not look knows nothing of the end.
func TestServesForATimeOfGrace(t *testing.T) {
	h, c := hold(t)
	url, stop, _ := run(t, app.Options{Config: c, Grace: time.Minute, Drain: time.Millisecond})
	got := send(url)
	<-h.arrived
	stop()
	for ready(t, url).status == 200 { // until the end is noticed
	}
	want := answer{503, string(fault.Stopping)}
	if a := ready(t, url); a != want {
		t.Errorf("ready %v, want %v", a, want)
	}
	h.letGo()
	if a := post(url); a.status != 200 {
		t.Errorf("a new document: %v, want 200", a)
	}
	if a := <-got; a.status != 200 {
		t.Errorf("the request under way: %v, want 200", a)
	}
}

// What does not end in time is cut off and told, and nothing runs on behind closed doors.
func TestCutsOffWhatDoesNotEnd(t *testing.T) {
	h, c := hold(t)
	var log bytes.Buffer
	url, stop, ended := run(t, app.Options{Config: c, Drain: time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	got := send(url)
	<-h.arrived
	stop()
	if err := <-ended; fault.KindOf(err) != fault.Timeout || !strings.Contains(err.Error(), "1 requests were cut off after 1ms") {
		t.Errorf("run: %v, want what was cut off", err)
	}
	// Run has waited for the handler, so that its line is in the log.
	if s := log.String(); !strings.Contains(s, `msg="cut off" requests=1`) || !strings.Contains(s, "route=\"POST /v1/classifications\" status=499") {
		t.Errorf("log %q", s)
	}
	if a := <-got; a.status != 0 {
		t.Errorf("the request that was cut: %v, want no answer", a)
	}
	<-h.left // the provider is no longer asked
}

func TestNewLeavesNothingOpen(t *testing.T) {
	_, c := hold(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c.Addr = taken.Addr().String()
	o := app.Options{Config: c, Log: slog.New(slog.DiscardHandler)}
	if a, err := app.New(o); err == nil || a != nil || !strings.Contains(err.Error(), "listen") {
		t.Errorf("a taken address: %v, %v", a, err)
	}
	taken.Close()
	o.Config.Policy = "magic"
	if _, err := app.New(o); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a policy that there is not: %v", err)
	}
	o.Config.Policy = "local"
	for range 2 { // what is closed without ever having run leaves the address free
		a, err := app.New(o)
		if err != nil {
			t.Fatalf("the address is free again: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
