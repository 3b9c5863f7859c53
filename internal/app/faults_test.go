//go:build linux && !race

package app_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/redistest"
	"github.com/docsift/docsift/internal/s3test"
	"github.com/docsift/docsift/internal/sim"
)

// site is a server whose surroundings fail.
type site struct {
	t    *testing.T
	url  string
	n    atomic.Int64 // documents, no two alike
	asks *sim.Server
}

// newSite starts a server with settings beside the usual ones.
func newSite(t *testing.T, settings map[string]string) *site {
	asks, err := sim.New(sim.Options{Answer: func(sim.Call) sim.Answer { return sim.Answer{Label: "invoice", Confidence: 0.99} }})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(asks)
	t.Cleanup(provider.Close)
	env := map[string]string{
		"OPENAI_API_KEY": "sk-canary", "OPENAI_BASE_URL": provider.URL + "/v1", "DOCSIFT_POLICY": "guide", "DOCSIFT_TAXONOMY": "finance",
		"DOCSIFT_ADDR": "127.0.0.1:0", "DOCSIFT_DATA": t.TempDir(), "DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "DOCSIFT_LEDGER": "off",
		"DOCSIFT_LEASE": "2s",
	}
	for name, value := range settings {
		env[name] = value
	}
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, asks: asks}
	s.url, _, _ = run(t, app.Options{Config: c, Log: slog.New(slog.DiscardHandler)})
	return s
}

// heard is an answer.
type heard struct {
	status int
	id     string
	code   string
	retry  string // Retry-After
	took   time.Duration
}

// post brings a document that nobody brought before.
func (s *site) post(async bool) heard { return s.bring(async, int(s.n.Add(1))) }

func (s *site) bring(async bool, n int) heard {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "letter.txt")
	fmt.Fprintf(part, "Letter number %d, which says next to nothing of what it is meant to be.", n)
	form.Close()
	req, _ := http.NewRequest(http.MethodPost, s.url+"/v1/classifications", &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	if async {
		req.Header.Set("Prefer", "respond-async")
	}
	return s.exchange(req)
}

func (s *site) exchange(req *http.Request) heard {
	began := time.Now()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Error(err)
		return heard{}
	}
	defer resp.Body.Close()
	var v struct{ ID, Code, Status string }
	data, _ := io.ReadAll(resp.Body)
	json.Unmarshal(data, &v)
	h := heard{resp.StatusCode, v.ID, v.Code, resp.Header.Get("Retry-After"), time.Since(began)}
	if resp.StatusCode == http.StatusOK && v.Code == "" {
		h.code = v.Status
	}
	return h
}

// refused checks that documents to be done later are refused for want of a store, soon enough.
func (s *site) refused(status int, code string) {
	s.t.Helper()
	h := s.post(true)
	if h.status != status || h.code != code || h.retry == "" || h.took > 10*time.Second {
		s.t.Errorf("to be done later: %+v, want %d %s", h, status, code)
	}
}

// heals waits until documents are accepted again, and returns how long that took.
func (s *site) heals() time.Duration {
	s.t.Helper()
	began := time.Now()
	for {
		h := s.post(true)
		if h.status == http.StatusAccepted {
			s.done(h.id)
			return time.Since(began)
		}
		if time.Since(began) > 30*time.Second {
			s.t.Fatalf("it does not heal: %+v", h)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// done waits for the answer to what was accepted.
func (s *site) done(id string) {
	s.t.Helper()
	var h heard
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		req, _ := http.NewRequest(http.MethodGet, s.url+"/v1/classifications/"+id, nil)
		if h = s.exchange(req); h.code == "completed" {
			return
		}
	}
	s.t.Errorf("%s is not done: %+v", id, h)
}

// rush has n documents answered at once, ten at a time, and returns how long the slowest but one in
// a hundred took. All must be answered.
func (s *site) rush(n int) time.Duration {
	s.t.Helper()
	var mu sync.Mutex
	var all []time.Duration
	var hands sync.WaitGroup
	for range 10 {
		hands.Go(func() {
			for range n / 10 {
				h := s.post(false)
				if h.status != http.StatusOK {
					s.t.Errorf("answered at once: %+v", h)
				}
				mu.Lock()
				all = append(all, h.took)
				mu.Unlock()
			}
		})
	}
	hands.Wait()
	slices.Sort(all)
	return all[len(all)*99/100]
}

// While PostgreSQL is gone, from the first moment or later, documents are answered at once, none is
// accepted to be done later, and all is well soon after it is back.
func TestWithoutPostgres(t *testing.T) {
	kill, freeze := (*pgtest.Server).Kill, (*pgtest.Server).Freeze
	run, thaw := (*pgtest.Server).Run, (*pgtest.Server).Thaw
	tests := []struct {
		name       string
		hurt, mend func(*pgtest.Server)
		boot       bool
	}{
		{"it stops under load", kill, run, false},
		{"it freezes under load", freeze, thaw, false},
		{"it is down at boot", kill, run, true},
		{"it is frozen at boot", freeze, thaw, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := pgtest.Start(t)
			if tt.boot {
				tt.hurt(server)
			}
			s := newSite(t, map[string]string{"DATABASE_URL": server.URL("postgres")})
			var kept []string
			if !tt.boot {
				s.heals() // which is that it works
				s.rush(20)
				for range 20 {
					kept = append(kept, s.post(true).id)
				}
				tt.hurt(server)
			}
			slow := s.rush(20) // until it is known
			before := runtime.NumGoroutine()
			p99 := s.rush(100)
			for range 20 {
				s.refused(http.StatusServiceUnavailable, "storage_unavailable")
			}
			if n := runtime.NumGoroutine(); n > before+100 {
				t.Errorf("%d goroutines, and %d before", n, before)
			}
			tt.mend(server)
			healed := s.heals()
			for _, id := range kept {
				s.done(id)
			}
			t.Logf("answers while it is gone: p99 %v at first and %v then; accepts again after %v", slow, p99, healed)
		})
	}
}

// Whatever happens to Redis, every document is answered.
func TestWithoutRedis(t *testing.T) {
	tests := []struct {
		name string
		hurt func(*redistest.Server)
		boot bool
	}{
		{"it dies", (*redistest.Server).Kill, false},
		{"it freezes", (*redistest.Server).Freeze, false},
		{"it is emptied", func(s *redistest.Server) { s.Do("FLUSHALL") }, false},
		{"it is down at boot", (*redistest.Server).Kill, true},
		{"it is frozen at boot", (*redistest.Server).Freeze, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := redistest.Start(t)
			if tt.boot {
				tt.hurt(server)
			}
			s := newSite(t, map[string]string{"REDIS_URL": server.URL, "DOCSIFT_RATE_LIMIT": "100000/m"})
			healthy := s.rush(100)
			if !tt.boot {
				tt.hurt(server)
			}
			first, then := s.rush(100), s.rush(100)
			s.heals()
			t.Logf("p99 %v before, %v at once and %v then", healthy, first, then)
		})
	}
}

// While the store of bytes is gone, nothing is accepted, and what was is done when it is back.
func TestWithoutS3(t *testing.T) {
	server := s3test.Start(t)
	s := newSite(t, map[string]string{
		"DOCSIFT_S3_ENDPOINT": server.URL, "DOCSIFT_S3_BUCKET": s3test.Bucket, "DOCSIFT_S3_REGION": s3test.Region, "DOCSIFT_S3_PATH_STYLE": "on",
		"DOCSIFT_S3_ACCESS_KEY_ID": s3test.AccessKeyID, "DOCSIFT_S3_SECRET_ACCESS_KEY": s3test.SecretAccessKey, "DOCSIFT_WORKERS": "1",
	})
	s.heals()
	var kept []string
	for range 20 { // more than are done before it stops
		kept = append(kept, s.post(true).id)
	}
	server.Kill()
	s.refused(http.StatusServiceUnavailable, "storage_unavailable")
	s.rush(20)
	server.Run()
	healed := s.heals()
	for _, id := range kept {
		s.done(id)
	}
	t.Logf("accepts again after %v", healed)
}

// An answer that came while the database was gone is kept when it is back, and not bought again.
func TestPaidAnswerWaits(t *testing.T) {
	server := pgtest.Start(t)
	gone := make(chan struct{})
	asks, err := sim.New(sim.Options{Answer: func(sim.Call) sim.Answer { return sim.Answer{Label: "invoice", Confidence: 0.99} }})
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan struct{}, 8)
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(data))
		arrived <- struct{}{}
		<-gone
		asks.ServeHTTP(w, r)
	}))
	defer provider.Close()
	s := newSite(t, map[string]string{
		"DATABASE_URL": server.URL("postgres"), "OPENAI_BASE_URL": provider.URL + "/v1", "DOCSIFT_CACHE": "off", "DOCSIFT_LEASE": "1m",
	})
	h := s.post(true)
	<-arrived
	server.Kill()
	close(gone)
	time.Sleep(time.Second) // in which the answer comes and cannot be kept
	server.Run()
	s.done(h.id)
	if all := asks.Requests(); len(all) != 1 {
		t.Errorf("it was paid for %d times: %+v", len(all), all)
	}
}
