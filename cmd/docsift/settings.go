package main

import (
	"net/url"
	"strings"

	"github.com/docsift/docsift/internal/config"
)

// setting is one of the settings that docsift knows. Secrets are told by name only.
type setting struct {
	Name    string `json:"name"`
	Set     bool   `json:"set"`
	Value   string `json:"value"`   // "" for secrets
	Default string `json:"default"` // what holds when it is not set; "" when nothing does
}

// isKey reports whether s is the key of a provider.
func (s setting) isKey() bool {
	return strings.HasSuffix(s.Name, "_API_KEY") && s.Name != "DOCSIFT_API_KEY"
}

func (s setting) isSecret() bool {
	return s.isKey() || s.Name == "DOCSIFT_API_KEY" || s.Name == "DOCSIFT_SECRET_KEY" || s.Name == "OTEL_EXPORTER_OTLP_HEADERS" || strings.HasSuffix(s.Name, "_SECRET_ACCESS_KEY")
}

// String returns what the table says of s.
func (s setting) String() string {
	switch {
	case s.Set && s.isSecret():
		return "set"
	case s.Set:
		return printable(s.Value)
	case s.Default != "":
		return "default " + s.Default
	}
	return "-"
}

// settings tells which of the known settings are set. The values of secrets are left out.
func settings(c config.Config) []setting {
	all := []setting{
		{Name: "OPENAI_API_KEY"}, {Name: "OPENAI_GPT4O_API_KEY"},
		{Name: "GOOGLE_API_KEY"}, {Name: "GEMINI_API_KEY"},
		{Name: "ANTHROPIC_API_KEY"},
		{Name: "OPENROUTER_API_KEY"}, {Name: "AZURE_OPENAI_API_KEY"},
		{Name: "VLLM_API_KEY"}, {Name: "SYSTEMONE_API_KEY"}, {Name: "COMPATIBLE_API_KEY"},
		{Name: "OPENAI_BASE_URL"}, {Name: "GOOGLE_GEMINI_BASE_URL"}, {Name: "ANTHROPIC_BASE_URL"},
		{Name: "OPENROUTER_BASE_URL", Default: "https://openrouter.ai/api/v1"}, {Name: "AZURE_OPENAI_BASE_URL"},
		{Name: "OLLAMA_BASE_URL", Default: "http://127.0.0.1:11434/v1"},
		{Name: "VLLM_BASE_URL"}, {Name: "SYSTEMONE_BASE_URL"}, {Name: "COMPATIBLE_BASE_URL"},
		{Name: "CONFIDENCE_THRESHOLD", Default: "0.8"},
		{Name: "DOCSIFT_LOCAL_THRESHOLD", Default: "the local model's own"},
		{Name: "OPENAI_MODEL", Default: "gpt-4o-mini"},
		{Name: "MAX_RETRIES", Default: "3"},
		{Name: "CIRCUIT_BREAKER_TIMEOUT", Default: "300"},
		{Name: "DOCSIFT_API_KEY"},
		{Name: "DOCSIFT_ADDR", Default: "127.0.0.1:8080"},
		{Name: "DOCSIFT_AUTH", Default: "auto"},
		{Name: "DOCSIFT_TRUSTED_PROXIES", Default: "none"},
		{Name: "DOCSIFT_RATE_LIMIT", Default: "100/m,1000/h"},
		{Name: "DOCSIFT_RATE_LIMIT_ASYNC", Default: "50/m"},
		{Name: "RATE_LIMIT_STORAGE_URL", Default: "REDIS_URL"},
		{Name: "DOCSIFT_DATA", Default: dataDefault(c)},
		{Name: "DATABASE_URL", Default: "a file in DOCSIFT_DATA"},
		{Name: "DOCSIFT_WORKERS", Default: "16 for each CPU"},
		{Name: "DOCSIFT_DEGRADE", Default: "wait"},
		{Name: "DOCSIFT_PATIENCE", Default: "1h"},
		{Name: "DOCSIFT_LEASE", Default: "30s"},
		{Name: "DOCSIFT_RETAIN_RECORDS", Default: "90d"},
		{Name: "DOCSIFT_POLICY", Default: "default"},
		{Name: "DOCSIFT_TAXONOMY", Default: "all"},
		{Name: "DOCSIFT_MODEL", Default: "built in"},
		{Name: "DOCSIFT_PRICES", Default: "built in"},
		{Name: "DOCSIFT_FILE_NAMES", Default: "on"},
		{Name: "REDIS_URL", Default: "none: nothing is shared"},
		{Name: "DOCSIFT_SECRET_KEY", Default: "the file secret.key in DOCSIFT_DATA"},
		{Name: "DOCSIFT_WEBHOOK_ALLOW", Default: "none: port 443 of the Internet"},
		{Name: "DOCSIFT_CACHE", Default: "on"},
		{Name: "DOCSIFT_CACHE_TTL", Default: "24h0m0s"},
		{Name: "DOCSIFT_IDEMPOTENCY_TTL", Default: "24h0m0s"},
		{Name: "DOCSIFT_LEDGER", Default: ledgerDefault(c)},
		{Name: "DOCSIFT_BUDGET_DAY", Default: "none"},
		{Name: "DOCSIFT_BUDGET_MONTH", Default: "none"},
		{Name: "DOCSIFT_BUDGET_DOCUMENT", Default: "none"},
		{Name: "DOCSIFT_BUDGET_KEYS", Default: "none"},
		{Name: "DOCSIFT_RETAIN_DOCUMENTS", Default: "7d"},
		{Name: "DOCSIFT_UPLOAD_URL", Default: "the one that was asked"},
		{Name: "DOCSIFT_S3_BUCKET", Default: "none: documents are kept in a folder"},
		{Name: "DOCSIFT_S3_ENDPOINT", Default: "https://s3.amazonaws.com"},
		{Name: "DOCSIFT_S3_PUBLIC_ENDPOINT", Default: "DOCSIFT_S3_ENDPOINT"},
		{Name: "DOCSIFT_S3_REGION", Default: "us-east-1"},
		{Name: "DOCSIFT_S3_PREFIX", Default: "none"},
		{Name: "DOCSIFT_S3_PATH_STYLE", Default: "auto"},
		{Name: "DOCSIFT_S3_ACCESS_KEY_ID", Default: "the machine's own"}, {Name: "DOCSIFT_S3_SECRET_ACCESS_KEY", Default: "the machine's own"},
		{Name: "DOCSIFT_CACHE_DIR", Default: "the user's own"},
		{Name: "DOCSIFT_MAX_BYTES", Default: "20971520"},
		{Name: "DOCSIFT_CHILDREN", Default: "one per CPU, at most 4"},
		{Name: "DOCSIFT_READ_TIMEOUT", Default: "8s"},
		{Name: "DOCSIFT_MAX_MEMORY", Default: "536870912"},
		{Name: "DOCSIFT_MAX_PAGES", Default: "3"},
		{Name: "DOCSIFT_MAX_PIXELS", Default: "60000000"},
		{Name: "DOCSIFT_MAX_UNPACKED", Default: "209715200"},
		{Name: "DOCSIFT_MAX_ENTRIES", Default: "10000"},
		{Name: "DOCSIFT_MAX_RATIO", Default: "200"},
		{Name: "DOCSIFT_MAX_DEPTH", Default: "256"},
		{Name: "DOCSIFT_MAX_TEXT", Default: "1048576"},
		{Name: "DOCSIFT_OCR", Default: "auto"},
		{Name: "DOCSIFT_OCR_LANGUAGES", Default: "eng"},
		{Name: "LOG_LEVEL", Default: "info"},
		{Name: "DOCSIFT_LOG_FORMAT", Default: "text"},
		{Name: "DOCSIFT_METRICS_ADDR", Default: "none: GET /metrics of the server"},
		{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Default: "none: no traces are told"},
		{Name: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", Default: "/v1/traces below that"},
		{Name: "OTEL_EXPORTER_OTLP_PROTOCOL", Default: "http/protobuf"},
		{Name: "OTEL_EXPORTER_OTLP_HEADERS", Default: "none"},
		{Name: "OTEL_EXPORTER_OTLP_TIMEOUT", Default: "10000"},
		{Name: "OTEL_SERVICE_NAME", Default: "docsift"},
		{Name: "OTEL_RESOURCE_ATTRIBUTES", Default: "none"},
		{Name: "OTEL_TRACES_SAMPLER", Default: "parentbased_always_on"},
		{Name: "OTEL_TRACES_SAMPLER_ARG", Default: "1"},
		{Name: "OTEL_SDK_DISABLED", Default: "false"},
	}
	for i := range all {
		s, value := &all[i], c.Getenv(all[i].Name)
		if s.Set = value != ""; !s.isSecret() {
			s.Value = withoutPassword(value)
		}
	}
	return all
}

// ledgerDefault is where requests are written down when no setting says so.
func ledgerDefault(c config.Config) string {
	if c.Money.Ledger == "" || c.Money.Named {
		return "off, where there is no home folder"
	}
	return c.Money.Ledger
}

// dataDefault is where things are kept when no setting says so.
func dataDefault(c config.Config) string {
	if c.Data == "" || c.Getenv("DOCSIFT_DATA") != "" {
		return "none, where there is no home folder"
	}
	return c.Data
}

// noKey reports whether none of the keys is set.
func noKey(all []setting) bool {
	for _, s := range all {
		if s.isKey() && s.Set {
			return false
		}
	}
	return true
}

// withoutPassword hides the password of a URL, even of one that is none.
func withoutPassword(value string) string {
	u, err := url.Parse(value)
	at := strings.LastIndexByte(value, '@')
	switch {
	case err == nil && u.User != nil:
		return u.Redacted()
	case at >= 0 && (err != nil || u.Opaque != ""):
		return "xxxxx" + value[at:]
	}
	return value
}
