package ocr

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// An instance's memory grows and never shrinks, so it serves maxUses pages at most.
const maxUses = 100

// WasmOptions configures a Wasm. The zero value is ready to use.
type WasmOptions struct {
	// CacheDir keeps the compiled reader between runs, which makes a start of two seconds
	// one of a tenth. Default docsift/wazero in the user's cache directory. Where it cannot be
	// written and is not filled yet, every process compiles for itself.
	CacheDir string

	// Workers is how many pages are read at once. Default one per CPU.
	Workers int

	// MaxMemory is the most that one worker may use, in bytes. Default 256 MiB.
	MaxMemory int64
}

func (o WasmOptions) withDefaults() WasmOptions {
	if o.CacheDir == "" {
		if dir, err := os.UserCacheDir(); err == nil {
			o.CacheDir = filepath.Join(dir, "docsift", "wazero")
		}
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = 256 << 20
	}
	return o
}

// Wasm is an extract.Recognizer: tesseract compiled to WebAssembly and run inside the
// process, at about twice the CPU of the command. A recognition ends with its ctx after the
// word at hand; before the first word, while the page is divided, it cannot be stopped.
type Wasm struct {
	assets Assets
	opts   WasmOptions
	slots  chan struct{} // one element per instance at work
	open   func() error  // makes the files, the cache and config ready, once

	config wazero.RuntimeConfig
	cache  wazero.CompilationCache

	mu     sync.Mutex
	idle   []*instance // last used last, so that few stay warm
	closed bool
}

// NewWasm returns a Wasm. Nothing is started before the first page or Prepare.
func NewWasm(a Assets, o WasmOptions) *Wasm {
	o = o.withDefaults()
	w := &Wasm{assets: a, opts: o, slots: make(chan struct{}, o.Workers)}
	w.open = sync.OnceValue(w.start)
	return w
}

// Prepare compiles the reader and keeps it in CacheDir, so that afterwards a process that may
// only read there can start it.
func (w *Wasm) Prepare(ctx context.Context) error {
	in, err := w.take(ctx)
	if err != nil {
		return err
	}
	w.give(in, true)
	return nil
}

// Recognize returns the letters of a page.
func (w *Wasm) Recognize(ctx context.Context, page document.Image) (string, error) {
	p, err := parsePGM(page.Bytes)
	if err != nil {
		return "", fault.New(fault.Invalid, nil, "the picture to read is not in PGM")
	}
	in, err := w.take(ctx)
	if err != nil {
		return "", err
	}
	text, err := twice(func(t threshold) (string, error) { return in.read(ctx, p, t) })
	w.give(in, !in.broken)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err != nil:
		return "", fault.New(fault.Internal, err, "tesseract came to an error")
	}
	return text, nil
}

// Info starts the reader and returns what it says of itself.
func (w *Wasm) Info(ctx context.Context) (Info, error) {
	in, err := w.take(ctx)
	if err != nil {
		return Info{}, err
	}
	var v string
	err = guard(func() { v = in.string(in.call(version, in.reader)) })
	w.give(in, err == nil)
	if err != nil {
		return Info{}, fmt.Errorf("read version: %w", err)
	}
	v, _, _ = strings.Cut(v, "-") // of a build between two releases
	return Info{Engine: "tesseract (WebAssembly)", Version: v, Languages: []string{"eng"}}, nil
}

// take returns an instance for its caller alone: an idle one, else a new one.
func (w *Wasm) take(ctx context.Context) (*instance, error) {
	select {
	case w.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	in, err := w.instance(ctx)
	if err != nil {
		<-w.slots
	}
	return in, err
}

func (w *Wasm) instance(ctx context.Context) (*instance, error) {
	in, err := w.lastIdle()
	if in != nil || err != nil {
		return in, err
	}
	if err := w.open(); err != nil {
		return nil, fmt.Errorf("open reader of letters: %w", err)
	}
	if in, err = newInstance(ctx, w.assets, w.config); err != nil {
		return nil, fmt.Errorf("start reader of letters: %w", err)
	}
	return in, nil
}

func (w *Wasm) lastIdle() (*instance, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return nil, fault.New(fault.Stopping, nil, "the reader of letters is closed")
	}
	if len(w.idle) == 0 {
		return nil, nil
	}
	in := w.idle[len(w.idle)-1]
	w.idle = w.idle[:len(w.idle)-1]
	return in, nil
}

// give takes an instance back. One that came to an error is never used again: a trap leaves
// it broken in ways that show only later.
func (w *Wasm) give(in *instance, again bool) {
	defer func() { <-w.slots }()
	if !again || in.uses >= maxUses {
		in.close()
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = append(w.idle, in)
}

// start unpacks the files and compiles the module, into the cache directory where that can be.
func (w *Wasm) start() (err error) {
	if w.assets, err = w.assets.unpack(); err != nil {
		return err
	}
	config := wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2).
		WithMemoryLimitPages(uint32(min(w.opts.MaxMemory, 4<<30) / wasmPage))
	if usable(w.opts.CacheDir) {
		if w.cache, err = wazero.NewCompilationCacheWithDir(w.opts.CacheDir); err == nil {
			if w.config = config.WithCompilationCache(w.cache); w.compile() == nil {
				return nil
			}
			_ = w.cache.Close(context.Background())
		}
	}
	w.cache = wazero.NewCompilationCache()
	w.config = config.WithCompilationCache(w.cache)
	return w.compile()
}

// compile leaves the compiled module in the cache.
func (w *Wasm) compile() error {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, w.config)
	defer r.Close(ctx)
	_, err := r.CompileModule(ctx, w.assets.Module)
	return err
}

// Close waits for the pages at hand and frees the reader. What is asked for afterwards fails
// with fault.Stopping.
func (w *Wasm) Close() error {
	for range cap(w.slots) {
		w.slots <- struct{}{}
	}
	defer func() {
		for range cap(w.slots) {
			<-w.slots
		}
	}()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	for _, in := range w.idle {
		in.close()
	}
	w.idle = nil
	if w.cache == nil {
		return nil
	}
	return w.cache.Close(context.Background())
}

// usable reports whether dir can serve as a cache: it can be written, or it was filled before.
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
