package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/promtest"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/internal/store"
)

// Words of a document that say what becomes of it.
const (
	plainly = "PLAIN"  // the first model is sure
	doubted = "DOUBT"  // it is not, and the second one is
	backed  = "BACKUP" // it fails, and a backup answers
	lost    = "LOST"   // its bill is lost
	unclear = "UNCLEAR"
	dead    = "DEAD" // all models reject it
	down    = "DOWN" // all models are down
	echoed  = "ECHO" // they answer with the document's words
)

// canary is in every document, every file name and every key, and belongs into no metric, trace or log.
const canary = "canary"

// watched is a server that is watched, and its providers.
type watched struct {
	t     *testing.T
	url   string
	asks  *sim.Server
	heads []http.Header // of requests to providers
	log   *syncLog
	mu    sync.Mutex
	n     int
}

func said(c sim.Call) string { return strings.Join(c.Text, " ") }

func newWatched(t *testing.T, settings map[string]string) *watched {
	t.Helper()
	w := &watched{t: t, log: new(syncLog)}
	var err error
	w.asks, err = sim.New(sim.Options{
		Answer: func(c sim.Call) sim.Answer {
			switch {
			case strings.Contains(said(c), unclear):
				return sim.Answer{Label: "unknown", Confidence: 0.9}
			case strings.Contains(said(c), doubted) && c.Model == "gpt-4o-mini":
				return sim.Answer{Label: "receipt", Confidence: 0.4}
			}
			return sim.Answer{Label: "invoice", Confidence: 0.95}
		},
		Effect: func(c sim.Call) sim.Effect {
			switch {
			case strings.Contains(said(c), dead), strings.Contains(said(c), backed) && c.Provider == "openai":
				return sim.Effect{Status: 400}
			case strings.Contains(said(c), down):
				return sim.Effect{Status: 503}
			case strings.Contains(said(c), echoed):
				return sim.Effect{Label: said(c)}
			case strings.Contains(said(c), lost):
				return sim.Effect{Usage: "missing"}
			}
			return sim.Effect{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	provider := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.heads = append(w.heads, r.Header.Clone())
		w.mu.Unlock()
		w.asks.ServeHTTP(rw, r)
	}))
	t.Cleanup(provider.Close)
	env := map[string]string{
		"OPENAI_API_KEY": "sk-" + canary, "GOOGLE_API_KEY": "g-" + canary, "ANTHROPIC_API_KEY": "a-" + canary,
		"OPENAI_BASE_URL": provider.URL + "/v1", "GOOGLE_GEMINI_BASE_URL": provider.URL, "ANTHROPIC_BASE_URL": provider.URL,
		"DOCSIFT_POLICY": "guide", "DOCSIFT_TAXONOMY": "finance", "MAX_RETRIES": "0", "DOCSIFT_ADDR": "127.0.0.1:0", "DOCSIFT_DATA": t.TempDir(),
		"DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "DOCSIFT_LEDGER": "off", "DOCSIFT_DEGRADE": "answer",
	}
	maps.Copy(env, settings)
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	w.url, _, _ = run(t, app.Options{Config: c, Log: app.Logger(w.log, c), Version: "v1"})
	return w
}

// text returns a document that nobody brought before.
func (w *watched) text(kind string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.n++
	return fmt.Sprintf("%s letter number %d, a %s of which nobody is to hear.", kind, w.n, canary)
}

// send sends a document and returns the status and the answer.
func (w *watched) send(path, text string, header ...string) (int, map[string]any) {
	w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", canary+".txt")
	io.WriteString(part, text)
	form.Close()
	req, _ := http.NewRequest(http.MethodPost, w.url+path, &body)
	req.Header.Set("Content-Type", form.FormDataContentType())
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var v map[string]any
	json.NewDecoder(resp.Body).Decode(&v)
	return resp.StatusCode, v
}

// later has a document done later and waits for that.
func (w *watched) later(text string, header ...string) string {
	w.t.Helper()
	status, v := w.send("/v1/classifications", text, append(header, "Prefer", "respond-async")...)
	id, _ := v["id"].(string)
	if status != http.StatusAccepted || id == "" {
		w.t.Fatalf("accepted with %d %v", status, v)
	}
	w.finished(id)
	return id
}

func (w *watched) finished(id string) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var v struct{ Status string }
		w.get("/v1/classifications/"+id, &v)
		if v.Status == "completed" || v.Status == "failed" {
			return
		}
	}
	w.t.Fatalf("%s is not done", id)
}

func (w *watched) get(path string, to any) {
	w.t.Helper()
	resp, err := http.Get(w.url + path)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(to); err != nil {
		w.t.Fatal(err)
	}
}

// mixed sends documents of all kinds, so that no breaker opens.
func (w *watched) mixed() {
	known := w.text(plainly)
	for _, kind := range []string{plainly, doubted, backed, plainly, lost, unclear, plainly, dead, plainly} {
		w.send("/v1/classifications", w.text(kind))
	}
	w.send("/v1/classifications", known)
	w.send("/v1/classifications", known)
	w.later(known)
	w.send("/v1/classifications", "%PDF-1.7 "+canary) // nobody can read it
	for _, kind := range []string{plainly, doubted, backed, plainly, dead, plainly} {
		w.later(w.text(kind))
	}
	w.send("/classify_file", w.text(plainly))
}

func (w *watched) stats(group string) store.Stats {
	w.t.Helper()
	var s store.Stats
	w.get("/v1/stats?group="+group, &s)
	return s
}

// What the metrics count, the store and the providers count as well: volume, provider share, upgrades,
// errors by provider, response times and cost.
func TestMetricsAreExact(t *testing.T) {
	w := newWatched(t, nil)
	w.mixed()
	m := promtest.Scrape(t, w.url+"/metrics")
	same := func(what string, got, want float64) {
		t.Helper()
		if got != want {
			t.Errorf("%s: the metrics say %v, the others %v", what, got, want)
		}
	}
	whole := w.stats("").Total
	same("volume", m.Sum("docsift_classifications_total"), float64(whole.Documents))
	same("response times", m.Sum("docsift_classification_duration_seconds_count"), float64(whole.Documents))
	same("upgrades", m.Sum("docsift_upgrades_total"), float64(whole.Upgraded))
	same("backups", m.Sum("docsift_backups_total"), float64(whole.Backup))
	same("degraded", m.Sum("docsift_degraded_total"), float64(whole.Degraded))
	same("reviews", m.Sum("docsift_reviews_total"), float64(whole.Review))
	same("from the cache", m.Sum("docsift_cache_requests_total", "outcome", "memory"), float64(whole.Cached))
	for _, group := range []string{"source", "provider", "category"} {
		by := make(map[string]float64)
		for _, r := range w.stats(group).Rows {
			by[r.Group] += float64(r.Documents)
		}
		for name, want := range by {
			if name == "" {
				name = "none"
			}
			same(group+" "+name, m.Sum("docsift_classifications_total", group, name), want)
		}
	}
	var cost, unknown, calls float64
	for _, c := range w.stats("").Calls {
		sum, err := price.ParseAmount(c.Cost)
		if err != nil {
			t.Fatal(err)
		}
		same("cost of failures and answers of "+c.Model, nano(m.Sum("docsift_cost_usd_total", "model", c.Model)), nano(costOf(t, w.stats("").Calls, c.Model)))
		cost, unknown, calls = cost+float64(sum), unknown+float64(c.Unknown), calls+float64(c.Calls)
		if c.Error != "" {
			same("errors of "+c.Model, m.Sum("docsift_provider_errors_total", "model", c.Model, "kind", c.Error), float64(c.Calls))
		} else {
			same("answers of "+c.Model, m.Sum("docsift_provider_requests_total", "model", c.Model, "outcome", "answer"), float64(c.Calls))
		}
	}
	same("cost", nano(m.Sum("docsift_cost_usd_total")), cost)
	same("unknown bills", m.Sum("docsift_cost_unknown_total"), unknown)
	same("requests", m.Sum("docsift_provider_requests_total"), calls)
	same("requests that arrived", m.Sum("docsift_provider_requests_total"), float64(w.asks.Count("", "")))
	same("requests that took their time", m.Sum("gen_ai_client_operation_duration_seconds_count"), float64(w.asks.Count("", "")))
	for _, model := range []string{"openai/gpt-4o-mini", "openai/gpt-4o", "google/gemini-2.5-flash-lite", "anthropic/claude-haiku-4-5"} {
		_, short, _ := strings.Cut(model, "/")
		same("requests to "+model, m.Sum("docsift_provider_requests_total", "model", model), float64(w.asks.Count("", short)))
	}
	if unknown == 0 || whole.Upgraded == 0 || whole.Backup == 0 || whole.Cached == 0 || whole.Review == 0 || cost == 0 {
		t.Errorf("nothing was tried: %+v", whole)
	}
	if n := m.Sum("docsift_classifications_total", "outcome", "failed"); n < 3 {
		t.Errorf("%v documents failed, want the dead and the unreadable", n)
	}
	w.tellsNoSecret("the metrics", fmt.Sprint(m))
}

// nano returns dollars in whole 10⁻⁹ of one.
func nano(usd float64) float64 { return math.Round(usd * 1e9) }

func costOf(t *testing.T, all []store.Called, model string) (usd float64) {
	for _, c := range all {
		if c.Model == model {
			sum, err := price.ParseAmount(c.Cost)
			if err != nil {
				t.Fatal(err)
			}
			usd += float64(sum) / 1e9
		}
	}
	return usd
}

func (w *watched) tellsNoSecret(what, text string) {
	w.t.Helper()
	if i := strings.Index(text, canary); i >= 0 {
		w.t.Errorf("%s tell of a document, a file or a key: …%s…", what, text[max(0, i-80):min(len(text), i+40)])
	}
}

// Strange categories, names, tenants and policies make no new series.
func TestSeriesStayBounded(t *testing.T) {
	w := newWatched(t, nil)
	count := func() int { return len(promtest.Scrape(t, w.url+"/metrics")) }
	flood := func(from, to int) {
		for i := from; i < to; i++ {
			var body bytes.Buffer
			form := multipart.NewWriter(&body)
			form.WriteField("categories", fmt.Sprintf("strange_%d, odd_%d", i, i))
			part, _ := form.CreateFormFile("file", fmt.Sprintf("%d.%d", i, i))
			io.WriteString(part, w.text(plainly))
			form.Close()
			req, _ := http.NewRequest(http.MethodPost, w.url+"/v1/classifications?x", &body)
			req.Header.Set("Content-Type", form.FormDataContentType())
			req.Header.Set("X-Request-Id", fmt.Sprint("strange", i))
			for _, r := range []*http.Request{req, httptest.NewRequest(http.MethodGet, fmt.Sprint(w.url, "/strange/", i), nil)} {
				r.RequestURI = ""
				resp, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
			}
		}
	}
	flood(0, 20)
	count() // which is a request of its own
	few := count()
	flood(20, 80)
	if many := count(); many > few+5 { // a bucket of another size may be one
		t.Errorf("%d series after 20 strange requests, %d after 80", few, many)
	}
}

// Elsewhere than on this machine metrics take a key with the scope, and an address of their own none.
func TestWhoMayScrape(t *testing.T) {
	w := newWatched(t, map[string]string{"DOCSIFT_ADDR": "0.0.0.0:0", "DOCSIFT_AUTH": "on", "DOCSIFT_METRICS_ADDR": "127.0.0.1:0"})
	port := w.url[strings.LastIndexByte(w.url, ':')+1:]
	resp, err := http.Get("http://127.0.0.1:" + port + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a key: %d", resp.StatusCode)
	}
	_, after, _ := strings.Cut(w.log.String(), "msg=metrics url=")
	address, _, _ := strings.Cut(after, "\n")
	if m := promtest.Scrape(t, address); m.Sum("docsift_build_info") != 1 || m.Sum("docsift_up", "what", "database") > 1 {
		t.Errorf("no metrics at %s", address)
	}
	health, err := http.Get(strings.TrimSuffix(address, "metrics") + "healthz")
	if err != nil || health.StatusCode != http.StatusOK {
		t.Errorf("health: %v, %v", health, err)
	}
}

// A line for each document has what the guide logs, and the log tells of no secret.
func TestLogOfADocument(t *testing.T) {
	w := newWatched(t, map[string]string{"DOCSIFT_LOG_FORMAT": "json", "LOG_LEVEL": "debug"})
	w.send("/v1/classifications", w.text(doubted), "X-Request-Id", "mine", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	w.later(w.text(dead), "Traceparent", "00-11f92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	var lines []map[string]any
	for line := range strings.Lines(w.log.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if v["msg"] == "classified" {
			lines = append(lines, v)
		}
	}
	if len(lines) != 2 {
		t.Fatalf("%d lines of documents: %v", len(lines), lines)
	}
	first, second := lines[0], lines[1]
	for name, want := range map[string]any{
		"classification": "invoice", "confidence": 0.95, "provider": "openai_gpt4o", "upgraded": true, "request_id": "mine",
		"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "source": "sync", "attempts": 2.0,
	} {
		if first[name] != want {
			t.Errorf("%s is %v, want %v", name, first[name], want)
		}
	}
	if v, ok := first["processing_time"].(float64); !ok || v <= 0 || v > 60 {
		t.Errorf("processing_time %v", first["processing_time"])
	}
	if second["code"] != "no_model_available" || second["trace_id"] != "11f92f3577b34da6a3ce929d0e0e4736" || second["source"] != "async" {
		t.Errorf("the one done later: %v", second)
	}
	w.tellsNoSecret("the log", w.log.String())
}

// explained is what an answer says of an attempt.
type explained struct {
	Outcome   string
	Explained *struct {
		Request       json.RawMessage
		Reply         string
		Probabilities map[string]float64
		Needed        float64
		Decision      string
	}
}

func (w *watched) explain(how, text string) (id string, all []explained) {
	w.t.Helper()
	status, v := w.send("/v1/classifications?explain="+how, text)
	data, _ := json.Marshal(v["attempts"])
	if err := json.Unmarshal(data, &all); err != nil || status != http.StatusOK || len(all) == 0 {
		w.t.Fatalf("%d %v, %v", status, v, err)
	}
	if strings.Contains(fmt.Sprint(v), "sk-"+canary) {
		w.t.Error("an explanation tells a key")
	}
	id, _ = v["id"].(string)
	return id, all
}

// An answer explains itself to who asks for that: without the document's text unless that is asked for, and
// nothing of it is kept.
func TestExplains(t *testing.T) {
	w := newWatched(t, nil)
	text := w.text(doubted)
	id, all := w.explain("true", text)
	first, second := all[0].Explained, all[1].Explained
	if first.Decision != "unsure: low confidence (0.40), and 0.80 is needed" || first.Needed != 0.8 || first.Probabilities["receipt"] != 0.4 {
		t.Errorf("the first: %q, %v needed, %v", first.Decision, first.Needed, first.Probabilities)
	}
	if second.Decision != "accepted: the stage accepts any confidence" || !strings.Contains(second.Reply, "invoice") || !strings.Contains(string(second.Request), `"gpt-4o"`) {
		t.Errorf("the second: %q %s", second.Decision, second.Reply)
	}
	if s := string(first.Request); !strings.Contains(s, "[the document's text: ") || !strings.Contains(s, "Sort a business document") || !json.Valid(first.Request) {
		t.Errorf("sent: %s", s)
	}
	_, all = w.explain("true", w.text(echoed))
	w.tellsNoSecret("explanations", fmt.Sprintf("%s %+v", all[0].Explained.Request, all[0].Explained))
	if _, all = w.explain("text", text); !strings.Contains(string(all[0].Explained.Request), text) {
		t.Errorf("sent: %s", all[0].Explained.Request)
	}
	resp, err := http.Get(w.url + "/v1/classifications/" + id)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	kept, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusOK || strings.Contains(string(kept), "explained") {
		t.Errorf("kept: %d %s", resp.StatusCode, kept)
	}
	if _, v := w.send("/v1/classifications", w.text(plainly)); strings.Contains(fmt.Sprint(v), "explained") {
		t.Error("an answer explains itself unasked")
	}
	for _, wrong := range [][]string{{"?explain=all"}, {"?explain=true", "Prefer", "respond-async"}, {"?explain=true", "Idempotency-Key", "k"}} {
		if status, v := w.send("/v1/classifications"+wrong[0], text, wrong[1:]...); status != http.StatusBadRequest {
			t.Errorf("%v: %d %v", wrong, status, v)
		}
	}
}

// A worker has no door, and tells of itself where the settings say.
func TestWorkerTells(t *testing.T) {
	env := map[string]string{"DOCSIFT_DATA": t.TempDir(), "DOCSIFT_POLICY": "local", "DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "DOCSIFT_METRICS_ADDR": "127.0.0.1:0"}
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	var log syncLog
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- app.Work(ctx, c, app.Logger(&log, c), "v1", time.Second) }()
	for end := time.Now().Add(30 * time.Second); !strings.Contains(log.String(), "msg=working"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(log.String())
		}
	}
	_, after, _ := strings.Cut(log.String(), "msg=metrics url=")
	address, _, _ := strings.Cut(after, "\n")
	if m := promtest.Scrape(t, address); m.Sum("docsift_build_info") != 1 {
		t.Errorf("no metrics at %s", address)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
