package app

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/model/chat"
)

// FeaturesLast is how long it is believed what a model was found to do.
const FeaturesLast = 30 * 24 * time.Hour

// featuresVersion changes with what the file means.
const featuresVersion = 1

// findings is a file of what models were found to do, by the digest of their address and name:
// an address may hold a password.
type findings struct {
	Version int                `json:"version"`
	Models  map[string]finding `json:"models"`
}

type finding struct {
	Model    string        `json:"model"` // for people
	At       time.Time     `json:"at"`
	Features chat.Features `json:"features"`
}

// readFindings returns what is known and fresh. A file that is missing, old or broken is none.
func readFindings(path string, now time.Time) findings {
	fresh := findings{Version: featuresVersion, Models: make(map[string]finding)}
	f, err := os.Open(path)
	if err != nil {
		return fresh
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	var read findings
	if err != nil || json.Unmarshal(data, &read) != nil || read.Version != featuresVersion {
		return fresh
	}
	maps.DeleteFunc(read.Models, func(_ string, m finding) bool {
		age := now.Sub(m.At)
		return age < 0 || age > FeaturesLast || !m.Features.Valid()
	})
	maps.Copy(fresh.Models, read.Models)
	return fresh
}

func findingKey(baseURL, model string) string {
	sum := sha256.Sum256([]byte(baseURL + "\n" + model))
	return hex.EncodeToString(sum[:8])
}

func featuresFile(c config.Config) string { return filepath.Join(c.CacheDir, "features.json") }

// foundFeatures looks up what models were found to do before.
func foundFeatures(c config.Config) func(baseURL, model string) chat.Features {
	if c.CacheDir == "" {
		return nil
	}
	known := readFindings(featuresFile(c), time.Now())
	return func(baseURL, model string) chat.Features { return known.Models[findingKey(baseURL, model)].Features }
}

// KeepFeatures writes down what models were found to do, for later runs, and returns the file.
func KeepFeatures(c config.Config, probes []docsift.Probe) (string, error) {
	if c.CacheDir == "" {
		return "", errors.New("there is no folder for it: set DOCSIFT_CACHE_DIR")
	}
	path, now := featuresFile(c), time.Now().UTC().Truncate(time.Second)
	known := readFindings(path, now)
	for _, p := range probes {
		if p.Features != nil && p.Error == nil {
			known.Models[findingKey(p.BaseURL, p.Model)] = finding{p.Model, now, *p.Features}
		}
	}
	if len(known.Models) == 0 {
		return "", nil
	}
	data, err := json.MarshalIndent(known, "", "  ")
	if err != nil {
		return "", fmt.Errorf("encode features: %w", err)
	}
	return path, replaceFile(path, append(data, '\n'))
}

// replaceFile writes a file that nobody sees half of.
func replaceFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".features-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, bytes.NewReader(data))
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
