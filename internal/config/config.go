// Package config reads the settings of a process: the environment, and below it a .env file.
package config

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// Config is what a process is told from outside. Flags of commands go before it.
type Config struct {
	// Getenv looks up a setting by its name, in the environment first, then in the file.
	Getenv func(string) string

	Names []string // of the settings that the file gives, sorted

	Addr      string           // DOCSIFT_ADDR; default 127.0.0.1:8080
	Policy    string           // DOCSIFT_POLICY: a name or a file; default "default"
	Taxonomy  string           // DOCSIFT_TAXONOMY: an id or a file; default "all"
	Model     string           // DOCSIFT_MODEL: a file of docsift train; default the built-in one
	Prices    string           // DOCSIFT_PRICES: a file of prices over the built-in ones
	Redis     string           // REDIS_URL: where breakers and answers are shared; default: nowhere
	HideNames bool             // DOCSIFT_FILE_NAMES=off: the local model is not told the name of a file
	Data      string           // DOCSIFT_DATA: the folder of all that is kept; default docsift in the user's folder of state
	Database  string           // DATABASE_URL: postgres://…; default a file in Data
	SecretKey string           // DOCSIFT_SECRET_KEY: 32 bytes in base64 that seal what is secret; default the file secret.key in Data
	Webhooks  []string         // DOCSIFT_WEBHOOK_ALLOW: ranges, hosts and ports that events may go to beside port 443 of the Internet
	CacheDir  string           // DOCSIFT_CACHE_DIR; default the user's own; "" when there is none, or off
	LogLevel  slog.Level       // LOG_LEVEL: debug, info, warning or error; default info
	LogJSON   bool             // DOCSIFT_LOG_FORMAT: text or json; default text
	Metrics   string           // DOCSIFT_METRICS_ADDR: where /metrics and /healthz are answered without a key; default: nowhere
	Document  document.Options // DOCSIFT_MAX_BYTES; default 20 MiB
	Reading   Reading
	Money     Money
	Keeping   Keeping
	Work      Work
	Blobs     Blobs
	Access    Access
}

// DefaultFile is the file of settings that is read when none is named.
const DefaultFile = ".env"

// Load reads the settings. The file may be missing if it is DefaultFile. A broken one, or a
// setting that does not fit, is fault.Config.
func Load(getenv func(string) string, file string) (Config, error) {
	below, err := readFile(file)
	if err != nil {
		return Config{}, err
	}
	c := Config{Getenv: func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return below[name]
	}, Names: slices.Sorted(maps.Keys(below))}
	c.Addr = c.or("DOCSIFT_ADDR", "127.0.0.1:8080")
	c.Policy = c.or("DOCSIFT_POLICY", "default")
	c.Taxonomy = c.or("DOCSIFT_TAXONOMY", "all")
	c.Model = c.Getenv("DOCSIFT_MODEL")
	c.Prices = c.Getenv("DOCSIFT_PRICES")
	c.CacheDir = c.cacheDir(runtime.GOOS)
	c.Data = c.or("DOCSIFT_DATA", c.state())
	c.Database = c.Getenv("DATABASE_URL")
	if c.Database != "" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		return Config{}, fault.New(fault.Config, nil, "DATABASE_URL is no address of a PostgreSQL database: it begins with postgres://")
	}
	c.SecretKey = c.Getenv("DOCSIFT_SECRET_KEY")
	if allow := c.Getenv("DOCSIFT_WEBHOOK_ALLOW"); allow != "" {
		c.Webhooks = strings.Split(allow, ",")
	}
	c.Redis = c.Getenv("REDIS_URL")
	switch names := c.or("DOCSIFT_FILE_NAMES", "on"); names {
	case "on", "off":
		c.HideNames = names == "off"
	default:
		return Config{}, fault.New(fault.Config, nil, "DOCSIFT_FILE_NAMES=%s: use on or off", names)
	}
	if c.LogLevel, err = level(c.Getenv("LOG_LEVEL")); err != nil {
		return Config{}, err
	}
	switch format := c.or("DOCSIFT_LOG_FORMAT", "text"); format {
	case "text", "json":
		c.LogJSON = format == "json"
	default:
		return Config{}, fault.New(fault.Config, nil, "DOCSIFT_LOG_FORMAT=%s: use text or json", format)
	}
	c.Metrics = c.Getenv("DOCSIFT_METRICS_ADDR")
	n := numbers{config: c}
	c.Document.MaxBytes = int64(n.above0("DOCSIFT_MAX_BYTES", "bytes", document.DefaultMaxBytes))
	if n.err != nil {
		return Config{}, n.err
	}
	if c.Reading, err = c.reading(); err != nil {
		return Config{}, err
	}
	if c.Keeping, err = c.keeping(); err != nil {
		return Config{}, err
	}
	if c.Money, err = c.money(); err != nil {
		return Config{}, err
	}
	if c.Blobs, err = c.blobs(); err != nil {
		return Config{}, err
	}
	if c.Work, err = c.work(); err != nil {
		return Config{}, err
	}
	c.Access, err = c.access()
	return c, err
}

// readFile reads NAME=value lines.
func readFile(path string) (map[string]string, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && path == DefaultFile {
		return nil, nil
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return nil, fault.New(fault.Config, err, "settings file %s: %v", path, pathErr.Err)
	}
	if err != nil {
		return nil, fault.New(fault.Config, err, "settings file %s cannot be read", path)
	}
	data = bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF")) // as Windows editors write it
	values, err := godotenv.UnmarshalBytes(data)
	if err != nil {
		return nil, fault.New(fault.Config, nil, "settings file %s: line %d is no NAME=value", path, firstBad(data))
	}
	return values, nil
}

// firstBad returns the number of the first line with which the lines up to it make no settings.
// The library's own error would repeat what stands there, which may be a key.
func firstBad(data []byte) int {
	lines := bytes.SplitAfter(data, []byte("\n"))
	for n := range lines {
		if _, err := godotenv.UnmarshalBytes(bytes.Join(lines[:n+1], nil)); err != nil {
			return n + 1
		}
	}
	return len(lines)
}

// cacheDir returns the folder for what can be found out again.
func (c Config) cacheDir(system string) string {
	switch dir := c.Getenv("DOCSIFT_CACHE_DIR"); dir {
	case "":
	case "off":
		return ""
	default:
		return dir
	}
	base, home := c.Getenv("XDG_CACHE_HOME"), c.Getenv("HOME")
	switch {
	case system == "windows":
		base = c.Getenv("LocalAppData")
	case system == "darwin" && home != "":
		base = filepath.Join(home, "Library", "Caches")
	case !filepath.IsAbs(base) && home != "":
		base = filepath.Join(home, ".cache")
	}
	if base == "" {
		return ""
	}
	return filepath.Join(base, "docsift")
}

func (c Config) or(name, fallback string) string {
	if v := c.Getenv(name); v != "" {
		return v
	}
	return fallback
}

// level reads a log level by the names of Go and of Python.
func level(s string) (slog.Level, error) {
	switch strings.ToLower(s) {
	case "":
		return slog.LevelInfo, nil
	case "warning":
		return slog.LevelWarn, nil
	case "critical", "fatal":
		return slog.LevelError, nil
	}
	var l slog.Level
	if err := l.UnmarshalText([]byte(s)); err != nil {
		return l, fault.New(fault.Config, nil, "LOG_LEVEL=%s: use debug, info, warning or error", s)
	}
	return l, nil
}
