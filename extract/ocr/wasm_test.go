//go:build ocr

package ocr_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/ocr"
	"github.com/docsift/docsift/fault"
)

// open returns the embedded reader, with the cache that all tests share.
func open(t testing.TB) *ocr.Wasm {
	t.Helper()
	a, ok := ocr.Embedded()
	if !ok {
		t.Fatal("built without the tag ocr")
	}
	w := ocr.NewWasm(a, ocr.WasmOptions{})
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func TestWasmReads(t *testing.T) {
	w := open(t)
	for range 3 { // the same instance, which must not remember the page before
		reads(t, w)
	}
}

func TestWasmReadsInParallel(t *testing.T) {
	w, page := open(t), printed(t)
	done := make(chan string)
	for range 4 {
		go func() {
			got, err := w.Recognize(t.Context(), page)
			if err != nil {
				t.Error(err)
			}
			done <- got
		}()
	}
	for range 4 {
		sameWords(t, <-done)
	}
}

func TestWasmInfo(t *testing.T) {
	info, err := open(t).Info(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if info.Version != "5.1.0" || len(info.Languages) != 1 || info.Languages[0] != "eng" {
		t.Errorf("info %+v, want version 5.1.0 with English", info)
	}
}

func TestWasmEndsWithItsCaller(t *testing.T) {
	w := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := w.Recognize(ctx, printed(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want canceled", err)
	}
	got, err := w.Recognize(t.Context(), printed(t))
	if err != nil {
		t.Fatal(err)
	}
	sameWords(t, got)
}

func TestWasmRefuses(t *testing.T) {
	w := open(t)
	if _, err := w.Recognize(t.Context(), document.Image{Bytes: []byte("P5\n9 9\n255\n")}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("half a picture: error %v, want kind %q", err, fault.Invalid)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Recognize(t.Context(), white); fault.KindOf(err) != fault.Stopping {
		t.Errorf("after Close: error %v, want kind %q", err, fault.Stopping)
	}
}

func TestWasmBoundsMemory(t *testing.T) {
	a, _ := ocr.Embedded()
	w := ocr.NewWasm(a, ocr.WasmOptions{MaxMemory: 24 << 20})
	large := document.Image{Bytes: append([]byte("P5\n4000 4000\n255\n"), make([]byte, 4000*4000)...)}
	if _, err := w.Recognize(t.Context(), large); fault.KindOf(err) != fault.Internal {
		t.Errorf("a page larger than the memory: error %v, want kind %q", err, fault.Internal)
	}
	got, err := w.Recognize(t.Context(), printed(t))
	if err != nil {
		t.Fatal(err)
	}
	sameWords(t, got)
}

func TestWasmRefusesBrokenAssets(t *testing.T) {
	a, _ := ocr.Embedded()
	for name, broken := range map[string]ocr.Assets{
		"module that is no gzip": {Module: []byte("\x1F\x8Bno"), Model: a.Model},
		"module that is no wasm": {Module: []byte("no"), Model: a.Model},
		"model that is none":     {Module: a.Module, Model: []byte("no")},
	} {
		if _, err := ocr.NewWasm(broken, ocr.WasmOptions{}).Info(t.Context()); err == nil {
			t.Errorf("a %s was opened", name)
		}
	}
}

// What Prepare leaves behind is all that a process needs which may only read there.
func TestWasmPrepare(t *testing.T) {
	dir := t.TempDir()
	a, _ := ocr.Embedded()
	if err := ocr.NewWasm(a, ocr.WasmOptions{CacheDir: dir}).Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	kept := files(t, dir)
	if len(kept) == 0 {
		t.Error("nothing was kept")
	}
	if _, err := ocr.NewWasm(a, ocr.WasmOptions{CacheDir: dir}).Info(t.Context()); err != nil {
		t.Fatal(err)
	}
	if again := files(t, dir); !maps.Equal(again, kept) {
		t.Errorf("a second start left %v, want %v", again, kept)
	}
}

// files returns when each file below dir was last written.
func files(t *testing.T, dir string) map[string]time.Time {
	t.Helper()
	found := make(map[string]time.Time)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			found[path] = info.ModTime()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func BenchmarkWasm(b *testing.B) {
	w, page := open(b), printed(b)
	for b.Loop() {
		if _, err := w.Recognize(b.Context(), page); err != nil {
			b.Fatal(err)
		}
	}
}
