package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/extract/child"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/access"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/cache"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/internal/store"
)

// Each check is seen in each of its states, and says what to do in every bad one.
func TestChecks(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	probe := func(kind fault.Kind) []docsift.Probe {
		p := docsift.Probe{Model: "openai/gpt-4o", Key: "OPENAI_API_KEY"}
		if kind != "" {
			p.Error = &cascade.Problem{Code: kind}
		}
		return []docsift.Probe{{Model: "local"}, p}
	}
	limited := func(used float64) []modelLimits {
		return []modelLimits{{"m", "K", []docsift.LimitStatus{{Name: "requests per minute", Most: 500, Used: used}}}}
	}
	model := func(priced bool, ends string) []docsift.ModelStatus {
		return []docsift.ModelStatus{{Model: "openai/m", Provider: "openai", Priced: priced, EndsOn: ends}}
	}
	traffic := func(f store.Figures, i int) check {
		all := checkTraffic(f, []store.Called{{Calls: 90}, {Calls: 10 * f.Degraded, Error: "timeout"}})
		return all[i]
	}
	reading := func(h app.Health, free int64, i int) check {
		return checkReading(h, config.Reading{Memory: 512 << 20}, free)[i]
	}
	well := app.Health{Children: 2, Confinement: child.Confinement{Holds: []string{"landlock"}}, OCR: "tesseract 5"}
	budget := func(spent int64, most price.Amount, err error) check {
		return checkBudget(ledger.Spend{Day: price.Amount(spent), Month: price.Amount(spent)}, ledger.Budget{Day: most}, err)
	}
	key := func(left time.Duration) []access.Key { return []access.Key{{ID: "K7Q2M4XA", Expires: now.Add(left)}} }
	fitted := filepath.Join(t.TempDir(), "mine.model")
	if err := errors.Join(os.WriteFile(fitted, nil, 0o600), os.Chtimes(fitted, now, now.AddDate(0, 0, -4))); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		got  check
		want verdict
		says string // in what was found or is to be done
	}{
		{"settings that are known", checkSettings([]string{"DOCSIFT_DATA", "HOME"}, []setting{{Name: "DOCSIFT_DATA", Set: true}}), fine, "1 of 1"},
		{"a setting that is misspelt", checkSettings([]string{"DOCSIFT_WORKER"}, []setting{{Name: "DOCSIFT_DATA"}, {Name: "DOCSIFT_WORKERS"}}), warned, "DOCSIFT_WORKER (did you mean DOCSIFT_WORKERS?)"},
		{"models that answer", checkProbes(probe(""), nil), fine, "2 of 2 answer"},
		{"a key that is wrong", checkProbes(probe(fault.Auth), nil), failed, "see to the key"},
		{"a quota that is spent", checkProbes(probe(fault.Quota), nil), failed, "pay in"},
		{"a model that is gone", checkProbes(probe(fault.ModelGone), nil), failed, "name another model"},
		{"a provider that limits", checkProbes(probe(fault.RateLimited), nil), failed, "several keys"},
		{"a provider that is down", checkProbes(probe(fault.Unavailable), nil), failed, "status page"},
		{"a budget that stops the question", checkProbes(probe(fault.Budget), nil), failed, "DOCSIFT_BUDGET_DAY"},
		{"an answer that is none", checkProbes(probe(fault.BadOutput), nil), failed, "LOG_LEVEL=debug"},
		{"the local model alone", checkProbes([]docsift.Probe{{Model: "local"}}, nil), warned, "set a key"},
		{"limits that are known", checkLimits(limited(0.5)), fine, "1 of 1"},
		{"limits that are used up", checkLimits(limited(0.97)), warned, "97 % of 500 requests per minute"},
		{"limits that nobody knows", checkLimits([]modelLimits{{Model: "m"}}), warned, "docs/limits.md"},
		{"no limits at all", checkLimits(nil), skipped, "local"},
		{"prices that are new", checkPrices(model(true, ""), "2026-11-20", now), fine, "7 days ago"},
		{"prices that are old", checkPrices(model(true, ""), "2026-05-20", now), warned, "newer docsift"},
		{"a price that nobody knows", checkPrices(model(false, ""), "2026-11-20", now), warned, "DOCSIFT_PRICES"},
		{"a model that ends soon", checkPrices(model(true, "2026-12-07"), "2026-11-20", now), warned, "in 9 days"},
		{"a model that has ended", checkPrices(model(true, "2026-11-01"), "2026-11-20", now), warned, "already"},
		{"children", reading(well, 8<<30, 0), fine, "landlock"},
		{"no children", reading(app.Health{}, 8<<30, 0), warned, "DOCSIFT_CHILDREN"},
		{"children that do not start", reading(app.Health{Children: 2, Problem: "no child can be started"}, 8<<30, 0), failed, "executed"},
		{"children that are not confined", reading(app.Health{Children: 2, Confinement: child.Confinement{Missing: []string{"landlock"}}}, 8<<30, 0), warned, "Linux"},
		{"memory enough", reading(well, 8<<30, 1), fine, "2.15 GB of 8.59 GB"},
		{"too little memory", reading(well, 1<<30, 1), warned, "DOCSIFT_MAX_MEMORY"},
		{"memory that nobody knows", reading(well, 0, 1), skipped, "does not say"},
		{"somebody who reads letters", reading(well, 0, 2), fine, "tesseract"},
		{"nobody who does", reading(app.Health{}, 0, 2), warned, "tesseract-ocr"},
		{"no Redis", checkRedis(nil), skipped, "REDIS_URL"},
		{"a Redis that answers", checkRedis(&share.Status{Redis: "redis://r", Up: true}), fine, "answers"},
		{"a Redis that does not", checkRedis(&share.Status{Redis: "redis://r", Error: "refused"}), warned, "each server"},
		{"no other clock", checkClock(nil), skipped, "compare"},
		{"clocks that agree", checkClock(map[string]time.Duration{"a": 0, "b": -time.Second}), fine, "1s from that of b"},
		{"a clock that is behind", checkClock(map[string]time.Duration{"a": time.Minute}), warned, "timedatectl"},
		{"a database", checkDatabase("x.db", store.Health{Version: 7, Bytes: 4096, Commit: time.Millisecond, Oldest: now.Add(-50 * time.Hour)}, 0, now), fine, "version 7, 4.1 kB, 2 days kept"},
		{"a slow disk", checkDatabase("x.db", store.Health{Commit: 80 * time.Millisecond}, 0, now), warned, "disk of its own"},
		{"a very slow disk", checkDatabase("x.db", store.Health{Commit: time.Second}, 0, now), failed, "faster disk"},
		{"rows that nobody lets go of", checkDatabase("x.db", store.Health{Oldest: now.AddDate(0, 0, -99)}, 90*24*time.Hour, now), warned, "DOCSIFT_RETAIN_RECORDS"},
		{"a queue that moves", checkQueue(store.Health{Jobs: store.Depth{Waiting: 3, Running: 2}, Workers: 1}), fine, "3 wait"},
		{"a queue that nobody works on", checkQueue(store.Health{Jobs: store.Depth{Waiting: 3, Oldest: time.Hour}}), failed, "docsift worker"},
		{"a queue that is too long", checkQueue(store.Health{Jobs: store.Depth{Waiting: 3, Oldest: time.Hour}, Workers: 1}), warned, "more workers"},
		{"a queue that waits for models", checkQueue(store.Health{Jobs: store.Depth{Later: 30}, Workers: 1}), warned, "docsift providers"},
		{"webhooks that arrive", checkWebhooks(store.Health{}), fine, "0 events"},
		{"webhooks that do not", checkWebhooks(store.Health{Dead: 2}), warned, "replay"},
		{"keys", checkKeys(key(90*24*time.Hour), "auto", now), fine, "none ends"},
		{"a key that ends soon", checkKeys(key(24*time.Hour), "auto", now), warned, "ds_K7Q2M4XA on 2026-11-28"},
		{"no key where one is asked for", checkKeys(key(-time.Hour), config.AuthOn, now), failed, "docsift keys create"},
		{"no key where none is", checkKeys(nil, "auto", now), skipped, "no API keys"},
		{"answers that are as sure as they are right", checkJudged(judged(100, 92, 0.95), now.Add(-72*time.Hour), now), fine, "92 % were right"},
		{"answers that are surer than right", checkJudged(judged(100, 80, 0.95), now.Add(-72*time.Hour), now), warned, "docsift eval"},
		{"answers that were checked long ago", checkJudged(judged(100, 92, 0.95), now.AddDate(0, 0, -90), now), warned, "90 days ago"},
		{"a model of one's own", checkFit(fitted, now), fine, "fitted 4 days ago"},
		{"a model of long ago", checkFit(fitted, now.AddDate(2, 0, 0)), warned, "docsift train"},
		{"the built-in model", checkFit("", now), fine, "built-in"},
		{"a server's queue that moves", checkServerQueue(map[string]float64{"waiting": 3, "running": 2}, 4), fine, "3 wait, the oldest for 4s"},
		{"a server's queue that nobody works on", checkServerQueue(map[string]float64{"waiting": 3}, 90), failed, "docsift worker"},
		{"a server without a queue", checkServerQueue(nil, 0), skipped, "keeps nothing"},
		{"a model that is surer than right", checkDrift(map[string]float64{"local": 0.02, "openai/m": 0.2}), warned, "openai/m, by 20 points"},
		{"models that are as sure as right", checkDrift(map[string]float64{"local": 0.02}), fine, "1 models"},
		{"models that nobody checked", checkDrift(nil), skipped, "Review"},
		{"too few answers to tell", checkJudged(judged(3, 3, 0.95), now.Add(-72*time.Hour), now), skipped, "30 tell"},
		{"money within its bounds", budget(1e9, 10e9, nil), fine, "$1 of $10 today"},
		{"money nearly spent", budget(9e9, 10e9, nil), warned, "raise it"},
		{"money that is spent", budget(10e9, 10e9, nil), failed, "nothing more is sent"},
		{"money without a bound", budget(1e9, 0, nil), warned, "set DOCSIFT_BUDGET_DAY"},
		{"an account that cannot be read", budget(0, 0, fault.New(fault.Storage, nil, "gone")), failed, "DOCSIFT_LEDGER"},
		{"too little traffic to tell", traffic(store.Figures{Documents: 3}, 0), skipped, "20 tell"},
		{"an ordinary day", traffic(store.Figures{Documents: 100, Upgraded: 20, Latency: &store.Latency{P50: 30, P99: 900}}, 1), fine, "half within 30 ms"},
		{"a high upgrade rate", traffic(store.Figures{Documents: 100, Upgraded: 31}, 0), warned, "docs/thresholds.md"},
		{"slow answers", traffic(store.Figures{Documents: 100, Latency: &store.Latency{P50: 6000}}, 1), warned, "respond-async"},
		{"many failed requests", traffic(store.Figures{Documents: 100, Degraded: 5}, 2), warned, "docsift stats"},
		{"few failed requests", traffic(store.Figures{Documents: 100, Degraded: 0}, 2), fine, "0.0 % of 90"},
		{"a server whose models are well", checkBreakers([]docsift.ModelStatus{{Provider: "openai", Breaker: "closed"}}), fine, "0 of 1"},
		{"a server that leaves one alone", checkBreakers([]docsift.ModelStatus{{Provider: "openai", Breaker: "closed"}, {Provider: "google", Breaker: "open", LastError: "503"}}), warned, "503"},
		{"a server that leaves all alone", checkBreakers([]docsift.ModelStatus{{Provider: "openai", Breaker: "open"}}), failed, "status pages"},
		{"a server with the local model", checkBreakers([]docsift.ModelStatus{{Provider: "local"}}), skipped, "local"},
		{"a cache", checkCache(cache.Stats{Hits: 1, Misses: 3}), fine, "1 of 4"},
		{"a cache whose Redis is down", checkCache(cache.Stats{RedisState: &cache.State{Error: "refused"}}), warned, "see to Redis"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := tt.want == warned || tt.want == failed
			if tt.got.Result != tt.want || !strings.Contains(tt.got.Found+tt.got.Remedy, tt.says) || bad == (tt.got.Remedy == "") {
				t.Errorf("%+v, want %s and %q", tt.got, tt.want, tt.says)
			}
		})
	}
}

func TestCheckStorage(t *testing.T) {
	var c config.Config
	if got := checkStorage(t.Context(), c, false); got.Result != skipped {
		t.Errorf("where nothing is kept: %+v", got)
	}
	c.Data = t.TempDir()
	if got := checkStorage(t.Context(), c, true); got.Result == failed || !strings.Contains(got.Found, "takes and gives back") {
		t.Errorf("a folder: %+v", got)
	}
	left, err := filepath.Glob(filepath.Join(c.Data, "documents", "docsift-doctor", "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
	if err := os.WriteFile(filepath.Join(c.Data, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.Data = filepath.Join(c.Data, "file") // in which no folder can be made
	if got := checkStorage(t.Context(), c, true); got.Result != failed || got.Remedy == "" {
		t.Errorf("no folder: %+v", got)
	}
	c.Blobs.S3.Bucket, c.Blobs.S3.Endpoint = "docs", "http://127.0.0.1:1"
	if got := checkStorage(t.Context(), c, false); got.Result != failed || !strings.Contains(got.Remedy, "DOCSIFT_S3_ENDPOINT") {
		t.Errorf("a bucket that does not answer: %+v", got)
	}
}

func TestLooksAtWhatIsKept(t *testing.T) {
	c := config.Config{Data: t.TempDir()}
	if got := lookAtKept(t.Context(), c).checks(c, time.Now()); len(got) != 1 || got[0].Result != skipped {
		t.Errorf("where nothing is kept: %+v", got)
	}
	s, err := app.OpenStore(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := lookAtKept(t.Context(), c).checks(c, time.Now()); len(got) != 5 || !strings.Contains(got[0].Found, "docsift.db, version") {
		t.Errorf("a new store: %+v", got)
	}
	c.Database = "postgres://docsift@127.0.0.1:1/docsift"
	if got := lookAtKept(t.Context(), c).checks(c, time.Now()); len(got) != 1 || got[0].Result != failed {
		t.Errorf("a database that does not answer: %+v", got)
	}
}

func TestClocks(t *testing.T) {
	late := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}))
	defer late.Close()
	got := clocks(t.Context(), []docsift.Probe{{BaseURL: late.URL + "/v1"}, {BaseURL: "http://127.0.0.1:1"}, {}})
	if len(got) != 1 || got[strings.TrimPrefix(late.URL, "http://")] > -59*time.Minute {
		t.Errorf("%v, want one clock an hour behind", got)
	}
}

// A running server is asked; what it does not tell is said.
func TestDoctorOfAServer(t *testing.T) {
	answers := map[string]string{
		"/healthz": `{"status":"ok","version":"v9"}`, "/readyz": `{}`,
		"/v1/providers": `{"policy":"default","models":[{"model":"openai/m","provider":"openai","breaker":"open","last_error":"no money","priced":true}]}`,
		"/v1/stats":     `{"total":{"documents":100,"upgraded":50},"calls":[]}`, "/v1/cache": `{"hits":1}`,
		"/metrics": "# TYPE docsift_queue_jobs gauge\ndocsift_queue_jobs{state=\"waiting\"} 3\n# TYPE docsift_queue_oldest_seconds gauge\ndocsift_queue_oldest_seconds 90\n",
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answers[r.URL.Path] == "" {
			w.WriteHeader(http.StatusForbidden)
			json.NewEncoder(w).Encode(map[string]string{"code": "forbidden", "detail": "no"})
			return
		}
		w.Write([]byte(answers[r.URL.Path]))
	}))
	defer srv.Close()
	result := func(name string) verdict {
		all := askServer(context.Background(), srv.URL, "ds_")
		i := slices.IndexFunc(all, func(c check) bool { return c.Name == name })
		if i < 0 {
			return ""
		}
		return all[i].Result
	}
	for name, want := range map[string]verdict{"server": fine, "models": failed, "upgrades": warned, "cache": fine, "Redis": skipped, "queue": failed, "calibration": skipped} {
		if got := result(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	var out bytes.Buffer
	if err := (process{out: &out}).doctorOf(t.Context(), srv.URL, "", true); err != exitStatus(1) || !json.Valid(out.Bytes()) {
		t.Errorf("%v %s", err, &out)
	}
	delete(answers, "/metrics")
	if result("queue") != skipped {
		t.Error("a queue that may not be looked at is judged")
	}
	delete(answers, "/v1/cache")
	delete(answers, "/readyz")
	if result("cache") != skipped || result("server") != failed {
		t.Error("a server that is draining passes for a good one")
	}
	delete(answers, "/v1/providers")
	if result("models") != failed {
		t.Error("a key that is refused passes for a good one")
	}
	srv.Close()
	if result("server") != failed {
		t.Error("no server passes for a good one")
	}
}

// judged returns answers of which people said that some are right.
func judged(n, right int, confidence float64) []store.Judged {
	all := make([]store.Judged, n)
	for i := range all {
		all[i] = store.Judged{Model: "m", Confidence: confidence, Right: i < right}
	}
	return all
}
