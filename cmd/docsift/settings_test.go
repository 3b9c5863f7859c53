package main

import (
	"errors"
	"net/http"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/internal/blob/s3"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/ratelimit"
)

// What the code looks up, what doctor lists and what the example file explains are the same.
func TestSettingsAreToldEverywhere(t *testing.T) {
	known := make(map[string]bool)
	for _, s := range settings(config.Config{Getenv: func(string) string { return "" }}) {
		known[s.Name] = true
	}
	system := []string{"HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "LocalAppData"}
	for name := range lookedUp(t) {
		if !known[name] && !slices.Contains(system, name) {
			t.Errorf("%s is looked up, and doctor does not list it", name)
		}
	}
	example, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	explained := make(map[string]bool)
	for _, m := range regexp.MustCompile(`(?m)^(?:# )?([A-Z0-9_]+)=`).FindAllStringSubmatch(string(example), -1) {
		explained[m[1]] = true
		if !known[m[1]] {
			t.Errorf(".env.example has %s, which is no setting", m[1])
		}
	}
	for name := range known {
		if !explained[name] {
			t.Errorf(".env.example leaves out %s", name)
		}
	}
}

// everyServer is a policy that asks one model of each provider that the built-in ones do not.
const everyServer = `{name: every, version: "1", stages: [{name: only, views: [text], models: [{model: local}, {model: ollama/m},
  {model: vllm/m}, {model: systemone/m}, {model: compatible/m}, {model: azure/m}, {model: openrouter/m}]}]}`

// lookedUp returns the settings that are asked for when every policy is opened, with keys and without.
func lookedUp(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	for _, key := range []string{"", "placeholder"} {
		getenv := func(name string) string {
			names[name] = true
			if strings.HasSuffix(name, "_API_KEY") {
				return key
			}
			return ""
		}
		if _, err := config.Load(getenv, os.DevNull); err != nil {
			t.Fatal(err)
		}
		asked, err := cascade.ParsePolicy("asked.yaml", []byte(everyServer), getenv)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := docsift.New(docsift.Options{Policy: asked.Name, Policies: []cascade.Policy{asked}, Getenv: getenv}); err != nil {
			t.Fatal(err) // its local model needs no key
		}
		for _, policy := range cascade.Builtin() {
			if _, err := docsift.New(docsift.Options{Policy: policy, Getenv: getenv}); err != nil && key != "" {
				t.Fatal(err)
			}
		}
	}
	return names
}

func TestDefaultsAreTheRealOnes(t *testing.T) {
	t.Chdir(t.TempDir())
	c, err := config.Load(func(string) string { return "" }, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"DOCSIFT_ADDR": c.Addr, "DOCSIFT_POLICY": c.Policy, "DOCSIFT_TAXONOMY": c.Taxonomy, "DOCSIFT_MODEL": "built in",
		"DOCSIFT_PRICES": map[bool]string{true: "built in"}[c.Prices == ""], "DOCSIFT_LEDGER": "off, where there is no home folder",
		"LOG_LEVEL": strings.ToLower(c.LogLevel.String()), "DOCSIFT_MAX_BYTES": strconv.Itoa(document.DefaultMaxBytes),
	}
	want["DOCSIFT_RETAIN_DOCUMENTS"] = c.Blobs.Retention.String()
	if c.Blobs == (config.Blobs{Retention: c.Blobs.Retention}) { // those of a bucket are package s3's
		for name, fallback := range map[string]string{
			"UPLOAD_URL": "the one that was asked", "S3_BUCKET": "none: documents are kept in a folder", "S3_PREFIX": "none", "S3_PATH_STYLE": "auto",
			"S3_ENDPOINT": s3.DefaultEndpoint, "S3_PUBLIC_ENDPOINT": "DOCSIFT_S3_ENDPOINT", "S3_REGION": s3.DefaultRegion,
			"S3_ACCESS_KEY_ID": "the machine's own", "S3_SECRET_ACCESS_KEY": "the machine's own",
		} {
			want["DOCSIFT_"+name] = fallback
		}
	}
	want["DOCSIFT_CHILDREN"] = "one per CPU, at most 4"
	want["DOCSIFT_READ_TIMEOUT"], want["DOCSIFT_OCR"], want["DOCSIFT_OCR_LANGUAGES"] = c.Reading.Timeout.String(), c.Reading.OCR, c.Reading.Languages
	for name, n := range map[string]int{
		"MEMORY": c.Reading.Memory, "PAGES": c.Reading.Pages, "PIXELS": c.Reading.Pixels, "UNPACKED": c.Reading.Unpacked,
		"ENTRIES": c.Reading.Entries, "RATIO": c.Reading.Ratio, "DEPTH": c.Reading.Depth, "TEXT": c.Reading.Text,
	} {
		want["DOCSIFT_MAX_"+name] = strconv.Itoa(n)
	}
	if b := c.Money.Budget; c.Money.Ledger == "" && b.Day+b.Month+b.Document == 0 && b.Keys == nil {
		for _, of := range []string{"DAY", "MONTH", "DOCUMENT", "KEYS"} {
			want["DOCSIFT_BUDGET_"+of] = "none"
		}
	}
	for _, name := range cascade.Builtin() {
		source, err := cascade.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\$\{([A-Z0-9_]+):-([^}]*)\}`).FindAllStringSubmatch(string(source), -1) {
			want[m[1]] = m[2]
		}
	}
	want["OLLAMA_BASE_URL"], want["OPENROUTER_BASE_URL"] = address(t, "ollama/m"), address(t, "openrouter/m")
	want["REDIS_URL"] = map[bool]string{true: "none: nothing is shared"}[c.Redis == ""]
	want["DOCSIFT_SECRET_KEY"] = map[bool]string{true: "the file secret.key in DOCSIFT_DATA"}[c.SecretKey == ""]
	want["DOCSIFT_WEBHOOK_ALLOW"] = map[bool]string{true: "none: port 443 of the Internet"}[c.Webhooks == nil]
	want["DOCSIFT_WORKERS"] = map[bool]string{true: "16 for each CPU"}[c.Work.Documents == 16*runtime.GOMAXPROCS(0)]
	want["DOCSIFT_DEGRADE"], want["DOCSIFT_PATIENCE"] = string(c.Work.Degrade), strings.TrimSuffix(c.Work.Patience.String(), "0m0s")
	want["DOCSIFT_LEASE"] = c.Work.Lease.String()
	want["DOCSIFT_RETAIN_RECORDS"] = map[bool]string{true: "90d"}[c.Work.Keep == 90*24*time.Hour]
	want["DOCSIFT_AUTH"], want["DOCSIFT_RATE_LIMIT"], want["DOCSIFT_RATE_LIMIT_ASYNC"] = c.Access.Auth, ratelimit.Format(c.Access.Limits), ratelimit.Format(c.Access.Async)
	want["DOCSIFT_TRUSTED_PROXIES"] = map[bool]string{true: "none"}[c.Access.Proxies == nil]
	want["RATE_LIMIT_STORAGE_URL"] = map[bool]string{true: "REDIS_URL"}[c.Access.LimitsRedis == c.Redis]
	want["DOCSIFT_DATA"] = map[bool]string{true: "none, where there is no home folder"}[c.Data == ""]
	want["DATABASE_URL"] = map[bool]string{true: "a file in DOCSIFT_DATA"}[c.Database == ""]
	want["DOCSIFT_LOCAL_THRESHOLD"] = "the local model's own" // the files' is for those who have no local model
	want["DOCSIFT_CACHE"] = map[bool]string{true: "on", false: "off"}[c.Keeping.Cache > 0]
	want["DOCSIFT_CACHE_TTL"], want["DOCSIFT_IDEMPOTENCY_TTL"] = c.Keeping.Cache.String(), c.Keeping.Idempotency.String()
	want["DOCSIFT_CACHE_DIR"] = "the user's own"
	want["DOCSIFT_FILE_NAMES"] = map[bool]string{false: "on", true: "off"}[c.HideNames]
	want["DOCSIFT_LOG_FORMAT"] = map[bool]string{true: "json", false: "text"}[c.LogJSON]
	want["DOCSIFT_METRICS_ADDR"] = map[bool]string{true: "none: GET /metrics of the server"}[c.Metrics == ""]
	for name, fallback := range map[string]string{ // as OpenTelemetry has them
		"EXPORTER_OTLP_ENDPOINT": "none: no traces are told", "EXPORTER_OTLP_TRACES_ENDPOINT": "/v1/traces below that", "EXPORTER_OTLP_PROTOCOL": "http/protobuf",
		"EXPORTER_OTLP_HEADERS": "none", "EXPORTER_OTLP_TIMEOUT": "10000", "SERVICE_NAME": "docsift", "RESOURCE_ATTRIBUTES": "none",
		"TRACES_SAMPLER": "parentbased_always_on", "TRACES_SAMPLER_ARG": "1", "SDK_DISABLED": "false",
	} {
		want["OTEL_"+name] = fallback
	}
	for _, s := range settings(c) {
		if s.Default != want[s.Name] {
			t.Errorf("%s: doctor tells the default %q, it is %q", s.Name, s.Default, want[s.Name])
		}
	}
}

// address returns the base URL at which a model is asked when no setting names another.
func address(t *testing.T, model string) string {
	t.Helper()
	getenv := func(name string) string {
		return map[bool]string{true: "placeholder"}[strings.HasSuffix(name, "_API_KEY")]
	}
	p, err := cascade.ParsePolicy("p.yaml", []byte("{name: p, version: '1', stages: [{name: only, views: [text], models: [{model: "+model+"}]}]}"), getenv)
	if err != nil {
		t.Fatal(err)
	}
	asked := &addresses{}
	c, err := docsift.New(docsift.Options{Policy: p.Name, Policies: []cascade.Policy{p}, Getenv: getenv, Client: &http.Client{Transport: asked}})
	if err != nil {
		t.Fatal(err)
	}
	c.Probe(t.Context())
	return strings.TrimSuffix(asked.first, "/chat/completions")
}

// addresses reaches nobody and keeps the first address that is asked.
type addresses struct{ first string }

// RoundTrip fails.
func (a *addresses) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.first == "" {
		a.first = r.URL.String()
	}
	return nil, errors.New("no network")
}
