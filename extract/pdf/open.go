package pdf

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

const wasmPage = 64 << 10

// coldStart is longer than a start from the cache takes and shorter than compiling.
const coldStart = time.Second

// open compiles PDFium, or loads it compiled from the cache directory.
func open(o Options) (pdfium.Pool, error) {
	if o.Compiling != nil {
		t := time.AfterFunc(coldStart, o.Compiling)
		defer t.Stop()
	}
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
		WithMemoryLimitPages(uint32(min(o.MaxMemory, 4<<30) / wasmPage)).
		WithCloseOnContextDone(o.Interruptible)
	if usable(o.CacheDir) {
		if cache, err := wazero.NewCompilationCacheWithDir(o.CacheDir); err == nil {
			if pool, err := start(o, config.WithCompilationCache(cache)); err == nil {
				return pool, nil
			}
			_ = cache.Close(context.Background())
		}
	}
	pool, err := start(o, config)
	if err != nil {
		return nil, fmt.Errorf("compile pdf reader: %w", err)
	}
	return pool, nil
}

func start(o Options, c wazero.RuntimeConfig) (pdfium.Pool, error) {
	ctx := context.Background()
	if o.Mapped {
		ctx = mapped(ctx)
	}
	return webassembly.Init(webassembly.Config{
		Context:       ctx,
		MaxTotal:      o.Workers,
		FSConfig:      wazero.NewFSConfig(), // the default would mount the host's root
		RuntimeConfig: c,
		Stdout:        io.Discard,
		Stderr:        io.Discard,
	})
}

// usable reports whether dir can serve as a cache: it can be written, or it was filled before.
// A directory that is neither would cost a compilation that is then thrown away.
func usable(dir string) bool {
	if dir == "" {
		return false
	}
	if err := os.MkdirAll(dir, 0o700); err == nil {
		if f, err := os.CreateTemp(dir, "probe-*"); err == nil {
			f.Close()
			return os.Remove(f.Name()) == nil
		}
	}
	filled, err := filepath.Glob(filepath.Join(dir, "wazero-*", "*"))
	return err == nil && len(filled) > 0
}
