package app

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/model/meter"
	"github.com/docsift/docsift/taxonomy"
)

// OpenLedger returns the account of what is sent to providers. Its folder is made when the first
// request is, unless a setting names it: then it is tried at once.
func OpenLedger(c config.Config, log *slog.Logger) (*docsift.LedgerFile, error) {
	return docsift.OpenLedger(docsift.LedgerOptions{Dir: c.Money.Ledger, Lazy: !c.Money.Named, Budget: c.Money.Budget, Log: log})
}

// Parts are what a classifier is assembled from.
type Parts struct {
	Reader  extract.Extractor
	Ledger  docsift.Ledger  // where it writes down what it sends to providers
	Memory  docsift.Memory  // optional
	Shelf   docsift.Shelf   // optional
	Sharing docsift.Sharing // optional
	Watch   meter.Watch     // optional
	Log     *slog.Logger    // optional
}

// OpenClassifier returns a classifier.
func OpenClassifier(c config.Config, p Parts) (*docsift.Classifier, error) {
	opts := docsift.Options{
		Extractor: p.Reader, Getenv: c.Getenv, Taxonomy: c.Taxonomy, Policy: c.Policy, HideNames: c.HideNames,
		Ledger: p.Ledger, Memory: p.Memory, Shelf: p.Shelf, Sharing: p.Sharing, Watch: p.Watch, Log: p.Log, Features: foundFeatures(c),
	}
	if c.Model != "" {
		trained, err := readFile(c.Model, func(name string, data []byte) (*local.Trained, error) {
			return local.ReadTrained(name, bytes.NewReader(data))
		})
		if err != nil {
			return nil, err
		}
		opts.Local = trained
	}
	if c.Prices != "" {
		prices, err := readFile(c.Prices, docsift.ParsePrices)
		if err != nil {
			return nil, err
		}
		opts.Prices = prices
	}
	if IsFile(c.Taxonomy) {
		t, err := readFile(c.Taxonomy, taxonomy.Parse)
		if err != nil {
			return nil, err
		}
		opts.Taxonomy, opts.Taxonomies = t.ID, []*taxonomy.Taxonomy{t}
	}
	if IsFile(c.Policy) {
		p, err := readFile(c.Policy, func(name string, data []byte) (cascade.Policy, error) {
			return cascade.ParsePolicy(name, data, c.Getenv)
		})
		if err != nil {
			return nil, err
		}
		opts.Policy, opts.Policies = p.Name, []cascade.Policy{p}
	}
	return docsift.New(opts)
}

// IsFile reports whether a taxonomy or a policy is named by its file rather than its id.
func IsFile(s string) bool {
	return strings.ContainsRune(s, filepath.Separator) || strings.HasSuffix(s, ".yaml") || strings.HasSuffix(s, ".yml")
}

func readFile[T any](path string, parse func(string, []byte) (T, error)) (T, error) {
	data, err := ReadFile(path)
	if err != nil {
		var zero T
		return zero, err
	}
	return parse(path, data)
}

// ReadFile reads a taxonomy's or a policy's file. Its errors are fault.Config.
func ReadFile(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.Config, err, "%s does not exist", path)
	}
	return nil, fault.New(fault.Config, err, "%s cannot be read", path)
}
