//go:build !race

// Compiling PDFium takes a minute under the race detector, and nothing in it races.

package pdf_test

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/docsift/docsift/extract/pdf"
)

func TestReadsWithoutACache(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var told atomic.Int32
	x := start(t, pdf.Options{CacheDir: filepath.Join(file, "below a file"), Compiling: func() { told.Add(1) }})
	for range 2 {
		if err := extractGood(t, x); err != nil {
			t.Fatal(err)
		}
	}
	if told.Load() != 1 {
		t.Errorf("told of compiling %d times, want once", told.Load())
	}
}
