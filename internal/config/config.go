// Package config reads the settings of a process: the environment, and below it a .env file.
package config

import (
	"errors"
	"io/fs"
	"log/slog"
	"strconv"
	"strings"

	"github.com/joho/godotenv"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// Config is what a process is told from outside. Flags of commands go before it.
type Config struct {
	// Getenv looks up a setting by its name, in the environment first, then in the file.
	Getenv func(string) string

	Addr     string           // DOCSIFT_ADDR; default 127.0.0.1:8080
	Policy   string           // DOCSIFT_POLICY: a name or a file; default "default"
	Taxonomy string           // DOCSIFT_TAXONOMY: an id or a file; default "all"
	LogLevel slog.Level       // LOG_LEVEL: debug, info, warning or error; default info
	Document document.Options // DOCSIFT_MAX_BYTES; default 20 MiB
}

// Load reads the settings. A missing file is no error; a broken one, or a setting that does
// not fit, is fault.Config.
func Load(getenv func(string) string, file string) (Config, error) {
	below, err := godotenv.Read(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return Config{}, fault.New(fault.Config, err, "%s cannot be read as NAME=value lines", file)
	}
	c := Config{Getenv: func(name string) string {
		if v := getenv(name); v != "" {
			return v
		}
		return below[name]
	}}
	c.Addr = c.or("DOCSIFT_ADDR", "127.0.0.1:8080")
	c.Policy = c.or("DOCSIFT_POLICY", "default")
	c.Taxonomy = c.or("DOCSIFT_TAXONOMY", "all")
	if c.LogLevel, err = level(c.Getenv("LOG_LEVEL")); err != nil {
		return Config{}, err
	}
	if s := c.Getenv("DOCSIFT_MAX_BYTES"); s != "" {
		if c.Document.MaxBytes, err = strconv.ParseInt(s, 10, 64); err != nil || c.Document.MaxBytes <= 0 {
			return Config{}, fault.New(fault.Config, nil, "DOCSIFT_MAX_BYTES=%s: give a number of bytes above 0", s)
		}
	}
	return c, nil
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
