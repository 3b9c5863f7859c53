package webhook_test

import (
	"bytes"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/store"
	"github.com/docsift/docsift/internal/store/storetest"
	"github.com/docsift/docsift/internal/webhook"
)

// receiver is a server that keeps what it is sent.
type receiver struct {
	*httptest.Server
	mu  sync.Mutex
	got []received
}

type received struct {
	header http.Header
	body   string
}

func receive(t testing.TB, h http.HandlerFunc) *receiver {
	t.Helper()
	r := new(receiver)
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.got = append(r.got, received{req.Header, string(body)})
		r.mu.Unlock()
		if req.Method != http.MethodPost {
			t.Errorf("method %s", req.Method)
		}
		h(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

func status(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(n) }
}

// What receivers do, and what comes of it.
func TestReceivers(t *testing.T) {
	c := newCanary(t)
	gate := make(chan struct{})
	t.Cleanup(func() { close(gate) }) // before the servers close, which wait for it
	drip := func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, "x")
			http.NewResponseController(w).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	}
	flood := func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("canary "), 1<<16)
		for n := 0; n < 1<<30; n += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
		t.Error("1 GB was read")
	}
	tests := []struct {
		name   string
		h      http.HandlerFunc
		state  store.DeliveryState
		status int
		says   string
		on     bool // the webhook still is
	}{
		{"an error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "canary", 500) }, store.Waiting, 500, "answered 500", true},
		{"a silence", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-gate:
			}
		}, store.Waiting, 0, "no answer in time", true},
		{"a reset", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, store.Waiting, 0, "no answer in time", true},
		{"what is no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				io.WriteString(conn, "canary canary\r\n\r\n")
				conn.Close()
			}
		}, store.Waiting, 0, "no answer in time", true},
		{"a yes that drips", drip, store.Delivered, 200, "", true},
		{"a yes of 1 GB", flood, store.Delivered, 200, "", true},
		{"a header of 1 MB", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("canary", 1<<18)) }, store.Waiting, 0, "no answer in time", true},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:"+c.port+"/", http.StatusFound)
		}, store.Waiting, 302, "redirects are not followed", true},
		{"a redirect that keeps the method", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:"+c.port+"/", http.StatusTemporaryRedirect)
		}, store.Waiting, 307, "redirects are not followed", true},
		{"not modified", status(http.StatusNotModified), store.Waiting, 304, "answered 304", true},
		{"no such thing", status(http.StatusNotFound), store.Waiting, 404, "answered 404", true},
		{"it is gone", status(http.StatusGone), store.Dead, 410, "answered 410", false},
		{"accepted", status(http.StatusAccepted), store.Delivered, 202, "", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			k := world(t)
			o := lax()
			o.Timeout = 500 * time.Millisecond
			d := deliverer(t, k, o)
			w, _ := hook(t, k, d, receive(t, tt.h).URL)
			storetest.Finish(t, k.Store, "a", store.Completed)
			work(t, k, d)
			got := only(t, k, w)
			if got.State != tt.state || got.Status != tt.status || got.Attempts != 1 || !strings.Contains(got.Error, tt.says) || (tt.says == "") != (got.Error == "") {
				t.Errorf("delivery %+v", got)
			}
			if strings.Contains(got.Error+k.log.String(), "canary") {
				t.Errorf("what it answered is told: %q, log %s", got.Error, k.log)
			}
			if now, err := k.Webhook(t.Context(), "a", w.ID); err != nil || now.Enabled != tt.on || (now.Reason == "") != tt.on {
				t.Errorf("webhook %+v, %v", now, err)
			}
		})
	}
	if c.calls.Load() != 0 {
		t.Error("a redirect was followed")
	}
}

// Of a certificate that is not believed, a port that nobody listens at, one that is silent and an
// address that is forbidden, a tenant hears the same.
func TestFailuresToldAlike(t *testing.T) {
	c := newCanary(t)
	secure := httptest.NewTLSServer(status(200))
	t.Cleanup(secure.Close)
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	told := make(map[string]string)
	send := func(name, address string, o webhook.Options) store.Delivery {
		k := world(t)
		d := deliverer(t, k, o)
		w, _ := hook(t, k, d, address)
		storetest.Finish(t, k.Store, "a", store.Completed)
		work(t, k, d)
		got := only(t, k, w)
		if got.Status == 0 {
			told[got.Error] = name
		}
		return got
	}
	send("a certificate of nobody's", secure.URL, lax())
	send("a closed port", "https://"+closed.Addr().String(), lax())
	send("an open port that says nothing", "https://127.0.0.1:"+c.port, lax())
	send("a forbidden open port", "https://127.0.0.1:"+c.port, webhook.Options{})
	send("a forbidden closed port", "https://"+closed.Addr().String(), webhook.Options{})
	if len(told) != 1 {
		t.Errorf("a tenant can tell them apart: %v", told)
	}
	o := lax()
	o.Roots = x509.NewCertPool()
	o.Roots.AddCert(secure.Certificate())
	if got := send("a good certificate", secure.URL, o); got.State != store.Delivered {
		t.Errorf("delivery %+v", got)
	}
}

// Events to a host beyond its share wait their turn, and those to others do not wait for them.
func TestPerHost(t *testing.T) {
	k := world(t)
	o := lax()
	o.PerHost, o.Timeout = 2, time.Minute
	d := deliverer(t, k, o)
	gate, begun := make(chan struct{}), make(chan struct{}, 10)
	slow, quick := receive(t, func(http.ResponseWriter, *http.Request) {
		begun <- struct{}{}
		<-gate
	}), receive(t, status(200))
	first, _ := hook(t, k, d, slow.URL)
	for range 4 {
		storetest.Finish(t, k.Store, "a", store.Completed)
	}
	second, _ := hook(t, k, d, quick.URL)
	storetest.Finish(t, k.Store, "a", store.Completed)
	jobs, err := k.Take(t.Context(), store.Notify, "w", 10, time.Minute)
	if err != nil || len(jobs) != 6 {
		t.Fatal(jobs, err)
	}
	var all sync.WaitGroup
	for _, j := range jobs {
		all.Go(func() {
			if err := d.Deliver(t.Context(), j); err != nil {
				t.Error(err)
			}
		})
	}
	<-begun
	<-begun
	for len(quick.all()) == 0 {
		time.Sleep(time.Millisecond)
	}
	close(gate)
	all.Wait()
	deliveries, err := k.Deliveries(t.Context(), "a", first.ID, store.Delivered, "", 10)
	if err != nil || len(deliveries) != len(slow.all()) || len(deliveries) < 2 {
		t.Errorf("%d are delivered, %d received, %v", len(deliveries), len(slow.all()), err)
	}
	if got := only(t, k, second); got.State != store.Delivered {
		t.Errorf("delivery %+v", got)
	}
	hurry(t, k)
	for work(t, k, d) > 0 {
	}
	if n := len(slow.all()); n != 5 {
		t.Errorf("received %d, want 5", n)
	}
}
