package config_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	file := write(t, "\uFEFF# keys\nOPENAI_API_KEY=from-file\nDOCSIFT_ADDR=:1\nexport DOCSIFT_MAX_BYTES=\"1024\"\nLOG_LEVEL=WARNING\n")
	env := map[string]string{"DOCSIFT_ADDR": ":2", "DOCSIFT_WEBHOOK_ALLOW": "10.0.0.0/8,hooks.internal"}
	c, err := config.Load(func(name string) string { return env[name] }, file)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"DOCSIFT_ADDR", "DOCSIFT_MAX_BYTES", "LOG_LEVEL", "OPENAI_API_KEY"}; !slices.Equal(c.Names, want) {
		t.Errorf("names %v, want %v", c.Names, want)
	}
	if c.Addr != ":2" {
		t.Errorf("address %q, want the environment's :2", c.Addr)
	}
	if got := c.Getenv("OPENAI_API_KEY"); got != "from-file" {
		t.Errorf("key %q, want the file's", got)
	}
	if c.Document.MaxBytes != 1024 || c.LogLevel != slog.LevelWarn || c.Policy != "default" || c.Taxonomy != "all" || len(c.Webhooks) != 2 {
		t.Errorf("settings %+v", c)
	}
}

func TestTheLedgerIsInTheFolderOfData(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, tt := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"of the user", map[string]string{"HOME": "/home/ann"}, "/home/ann/.local/state/docsift/ledger"},
		{"as it is set", map[string]string{"HOME": "/home/ann", "DOCSIFT_DATA": "/srv/docsift"}, "/srv/docsift/ledger"},
		{"unless it has one of its own", map[string]string{"DOCSIFT_LEDGER": "/srv/money", "DOCSIFT_DATA": "/srv/docsift"}, "/srv/money"},
		{"unless it is off", map[string]string{"DOCSIFT_LEDGER": "off", "DOCSIFT_DATA": "/srv/docsift"}, ""},
		{"or nowhere", nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Load(func(name string) string { return tt.env[name] }, config.DefaultFile)
			if err != nil || filepath.ToSlash(c.Money.Ledger) != tt.want {
				t.Errorf("folder %q, %v; want %q", c.Money.Ledger, err, tt.want)
			}
		})
	}
}

func TestLoadWithoutFile(t *testing.T) {
	t.Chdir(t.TempDir())
	none := func(string) string { return "" }
	c, err := config.Load(none, config.DefaultFile)
	if err != nil || c.Addr != "127.0.0.1:8080" {
		t.Errorf("%+v, %v", c, err)
	}
	if r := c.Reading; r.Children < 1 || r.Timeout != 8*time.Second || r.Memory != 512<<20 || r.OCR != config.OCRAuto {
		t.Errorf("reading %+v", r)
	}
	if k := c.Keeping; k.Cache != 24*time.Hour || k.Idempotency != 24*time.Hour {
		t.Errorf("keeping %+v", k)
	}
	if _, err := config.Load(none, "named.env"); fault.KindOf(err) != fault.Config {
		t.Errorf("a named file that is missing: %v, want kind %q", err, fault.Config)
	}
	if _, err := config.Load(none, "."); fault.KindOf(err) != fault.Config {
		t.Errorf("a folder: %v, want kind %q", err, fault.Config)
	}
}

func TestLoadRefuses(t *testing.T) {
	tests := []struct {
		name, file, setting, value, want string
	}{
		{"a size that is none", "", "DOCSIFT_MAX_BYTES", "20MB", "DOCSIFT_MAX_BYTES=20MB"},
		{"a size of nothing", "", "DOCSIFT_MAX_BYTES", "0", "above 0"},
		{"more processes than anyone has", "", "DOCSIFT_CHILDREN", "65", "from 0 to 64"},
		{"a time without a unit", "", "DOCSIFT_READ_TIMEOUT", "8", "such as 8s"},
		{"no pixels at all", "", "DOCSIFT_MAX_PIXELS", "-1", "number of pixels above 0"},
		{"a reader of letters that there is not", "", "DOCSIFT_OCR", "abbyy", "use auto, tesseract, embedded or off"},
		{"a cache that is neither", "", "DOCSIFT_CACHE", "redis", "use on or off"},
		{"answers that are kept for no time", "", "DOCSIFT_CACHE_TTL", "0s", "above 0, such as 24h"},
		{"a word about keys that there is not", "", "DOCSIFT_AUTH", "maybe", "use auto, on or off"},
		{"a limit that is none", "", "DOCSIFT_RATE_LIMIT", "many", "DOCSIFT_RATE_LIMIT: \"many\" is no limit"},
		{"another limit that is none", "", "DOCSIFT_RATE_LIMIT_ASYNC", "0/m", "DOCSIFT_RATE_LIMIT_ASYNC: \"0/m\" is no limit"},
		{"a proxy that is none", "", "DOCSIFT_TRUSTED_PROXIES", "10.0.0.1, nginx", "\"nginx\" is no address"},
		{"every address as a proxy", "", "DOCSIFT_TRUSTED_PROXIES", "0.0.0.0/0", "name the proxies"},
		{"a level that there is not", "", "LOG_LEVEL", "loud", "LOG_LEVEL=loud"},
		{"a time to keep documents that is none", "", "DOCSIFT_RETAIN_DOCUMENTS", "a week", "use 0, forever, or a time such as 12h or 7d"},
		{"a time to keep documents below nothing", "", "DOCSIFT_RETAIN_DOCUMENTS", "-1d", "use 0, forever"},
		{"a server without a bucket", "", "DOCSIFT_S3_ENDPOINT", "https://s3.example.com", "DOCSIFT_S3_BUCKET is not"},
		{"an address for uploads that is none", "", "DOCSIFT_UPLOAD_URL", "uploads.example.com", "like https://"},
		{"a file that is none", "OPENAI_API_KEY=sk-secret\nno equals sign on this line\n", "", "", "line 2 is no NAME=value"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.Load(func(name string) string {
				if name == tt.setting {
					return tt.value
				}
				return ""
			}, write(t, tt.file))
			if fault.KindOf(err) != fault.Config || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
			if strings.Contains(fault.Message(err), "sk-secret") {
				t.Error("the message holds a key")
			}
		})
	}
}

func TestCacheDir(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		want string
	}{
		{"is as it is set", map[string]string{"DOCSIFT_CACHE_DIR": "/var/tmp/d", "HOME": "/home/ann"}, "/var/tmp/d"},
		{"may be off", map[string]string{"DOCSIFT_CACHE_DIR": "off", "HOME": "/home/ann"}, ""},
		{"is none without a home", nil, ""},
	}
	if runtime.GOOS == "linux" {
		tests = append(tests, []struct {
			name string
			env  map[string]string
			want string
		}{
			{"is among the user's", map[string]string{"HOME": "/home/ann"}, "/home/ann/.cache/docsift"},
			{"is where the user has them", map[string]string{"HOME": "/home/ann", "XDG_CACHE_HOME": "/caches"}, "/caches/docsift"},
			{"is not in a folder without a root", map[string]string{"HOME": "/home/ann", "XDG_CACHE_HOME": "caches"}, "/home/ann/.cache/docsift"},
		}...)
	}
	t.Chdir(t.TempDir())
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := config.Load(func(name string) string { return tt.env[name] }, config.DefaultFile)
			if err != nil || c.CacheDir != tt.want {
				t.Errorf("folder %q, %v; want %q", c.CacheDir, err, tt.want)
			}
		})
	}
}

func TestBlobs(t *testing.T) {
	env := map[string]string{
		"DOCSIFT_S3_BUCKET": "docs", "DOCSIFT_S3_PREFIX": "a", "DOCSIFT_RETAIN_DOCUMENTS": "12h", "DOCSIFT_UPLOAD_URL": "https://u.example.com/",
		"DOCSIFT_S3_SECRET_ACCESS_KEY": "s", "DOCSIFT_S3_ACCESS_KEY_ID": "k",
	}
	c, err := config.Load(func(name string) string { return env[name] }, os.DevNull)
	b := c.Blobs
	if err != nil || b.S3.Bucket != "docs" || b.S3.Prefix != "a/" || b.S3.AccessKeyID != "k" || b.S3.SecretAccessKey != "s" ||
		time.Duration(b.Retention) != 12*time.Hour || b.Uploads != "https://u.example.com" {
		t.Errorf("%+v, %v", b, err)
	}
}
