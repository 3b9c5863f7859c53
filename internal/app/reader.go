package app

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/all"
	"github.com/docsift/docsift/extract/child"
	picture "github.com/docsift/docsift/extract/image"
	"github.com/docsift/docsift/extract/mail"
	"github.com/docsift/docsift/extract/ocr"
	"github.com/docsift/docsift/extract/office"
	"github.com/docsift/docsift/extract/ole"
	"github.com/docsift/docsift/extract/pdf"
	"github.com/docsift/docsift/extract/text"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/config"
)

// ReaderOptions configures a Reader.
type ReaderOptions struct {
	Reading config.Reading

	// Log is told of what goes wrong beside a document's own faults. Default: nobody is.
	Log *slog.Logger

	// Lost is told what a child was for that died of a document or took too long. Default: nobody is.
	Lost func(role string)

	// Preparing is called when a reader needs compiling, which takes seconds, once on a machine.
	// It may be called more than once. Default: nobody is told.
	Preparing func()
}

// Reader reads documents for a process: in children, or where those are not wanted within the
// process itself, and letters in pictures where someone can.
type Reader struct {
	extract.Extractor
	opts     ReaderOptions
	pools    map[role]*child.Pool    // none: everything is read in this process
	embedded extract.Recognizer      // nil where this build has none
	letters  func() (letters, error) // who reads letters
	closers  []func() error
}

// role is what a child is for. Each has all it needs in memory before it is confined, and is
// then left no file to read.
type role string

const (
	readsPDF     role = "pdf"
	readsFiles   role = "files" // all other types
	readsLetters role = "letters"
)

// letters is whoever reads letters, and what it says of itself.
type letters struct {
	extract.Recognizer
	info ocr.Info
}

// OpenReader returns a Reader. Nothing is started before the first document. An engine for
// letters that is asked for and not there is fault.Config.
func OpenReader(opts ReaderOptions) (*Reader, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Preparing == nil {
		opts.Preparing = func() {}
	}
	if opts.Lost == nil {
		opts.Lost = func(string) {}
	}
	o := &Reader{opts: opts, pools: make(map[role]*child.Pool)}
	if opts.Reading.Children > 0 {
		o.Extractor = byType{o.pool(readsPDF), o.pool(readsFiles)}
	} else {
		in := all.New(limits(opts.Reading, cacheDir(), opts.Preparing))
		o.closers = append(o.closers, in.Close)
		o.Extractor = in
	}
	return o, o.openLetters()
}

// pool returns children of a role.
func (o *Reader) pool(r role) *child.Pool {
	spec, err := json.Marshal(task{r, o.opts.Reading, cacheDir()})
	if err != nil {
		panic(err) // numbers and strings alone
	}
	p := child.New(child.Options{
		Command:  []string{"docsift", ChildCommand, string(spec)},
		Children: o.opts.Reading.Children, MaxMemory: int64(o.opts.Reading.Memory), Timeout: o.opts.Reading.Timeout,
		Log: o.opts.Log, Preparing: o.opts.Preparing, Lost: func() { o.opts.Lost(string(r)) },
	})
	o.pools[r] = p
	o.closers = append(o.closers, p.Close)
	return p
}

// openLetters finds out who reads letters, as far as that is free: the command says what it is
// when it is first needed.
func (o *Reader) openLetters() error {
	want := o.opts.Reading.OCR
	if assets, ok := ocr.Embedded(); ok && want != config.OCRCommand && want != config.OCROff {
		o.embed(assets)
	}
	_, missing := exec.LookPath(config.OCRCommand)
	switch {
	case want == config.OCROff, want == config.OCRAuto && missing != nil && o.embedded == nil:
		return nil
	case want == config.OCREmbedded && o.embedded == nil:
		return fault.New(fault.Config, nil, "DOCSIFT_OCR=embedded: this build has no engine to read letters; 'make build-ocr' makes one that has")
	case want == config.OCRCommand && missing != nil:
		return fault.New(fault.Config, missing, "DOCSIFT_OCR=tesseract: no such command; install tesseract-ocr")
	}
	o.letters = sync.OnceValues(o.chooseLetters)
	o.Extractor = ocr.New(o.Extractor, o, ocr.Options{
		Timeout: o.opts.Reading.Timeout * 3 / 4, Total: o.opts.Reading.Timeout + time.Second, Log: o.opts.Log,
	})
	return nil
}

func (o *Reader) embed(a ocr.Assets) {
	if o.opts.Reading.Children > 0 {
		o.embedded = o.pool(readsLetters)
		return
	}
	w := ocr.NewWasm(a, ocr.WasmOptions{CacheDir: cacheDir()})
	o.embedded, o.closers = w, append(o.closers, w.Close)
}

func (o *Reader) chooseLetters() (letters, error) {
	if o.opts.Reading.OCR != config.OCREmbedded {
		c, err := ocr.NewCommand(context.Background(), ocr.CommandOptions{Language: o.opts.Reading.Languages})
		switch {
		case err == nil:
			return letters{c, c.Info()}, nil
		case o.embedded == nil:
			return letters{}, err
		}
	}
	return letters{o.embedded, ocr.Info{Engine: "tesseract (embedded)", Languages: []string{"eng"}}}, nil
}

// Recognize reads the letters of a page's picture.
func (o *Reader) Recognize(ctx context.Context, page document.Image) (string, error) {
	l, err := o.letters()
	if err != nil {
		return "", err
	}
	return l.Recognize(ctx, page)
}

// Close ends all children.
func (o *Reader) Close() error {
	var errs []error
	for _, c := range o.closers {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// Health is how documents are read, and what is missing.
type Health struct {
	Children    int               `json:"children"`    // of each role; 0: documents are read in the process itself
	Confinement child.Confinement `json:"confinement"` // of the children that read PDFs; all are alike
	OCR         string            `json:"ocr"`         // who reads letters; "" for nobody
	Problem     string            `json:"problem"`     // what a person should see to, or ""
}

// Health starts a child and finds out who reads letters.
func (o *Reader) Health(ctx context.Context) Health {
	h := Health{Children: o.opts.Reading.Children}
	if p := o.pools[readsPDF]; p != nil {
		var err error
		if h.Confinement, err = p.Start(ctx); err != nil {
			h.Problem = "no child can be started: " + err.Error()
		}
	}
	if o.letters == nil {
		return h
	}
	l, err := o.letters()
	if err != nil {
		h.Problem = fault.Message(err)
		return h
	}
	h.OCR = strings.Join(strings.Fields(l.info.Engine+" "+l.info.Version+" for "+strings.Join(l.info.Languages, ", ")), " ")
	return h
}

// byType hands PDFs to one extractor and everything else to another.
type byType struct{ pdfs, files extract.Extractor }

func (b byType) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	if d.Type == document.PDF {
		return b.pdfs.Extract(ctx, d)
	}
	return b.files.Extract(ctx, d)
}

// cacheDir keeps compiled readers between runs; "" where there is no place for it.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "docsift", "wazero")
}

func limits(r config.Reading, cache string, compiling func()) all.Options {
	return all.Options{
		PDF: pdf.Options{
			FirstPages: r.Pages, Timeout: r.Timeout, CacheDir: cache, Compiling: compiling,
			Interruptible: r.Children == 0, // children are killed instead, which costs nothing
		},
		Image: picture.Options{MaxPixels: r.Pixels, FirstPages: r.Pages, Timeout: r.Timeout},
		Office: office.Options{
			MaxEntries: r.Entries, MaxUnpacked: int64(r.Unpacked), MaxRatio: r.Ratio, MaxDepth: r.Depth, MaxText: r.Text,
		},
		OLE:  ole.Options{MaxStreams: r.Entries, MaxText: r.Text},
		Text: text.Options{MaxText: r.Text},
		Mail: mail.Options{MaxText: r.Text},
	}
}

// ChildCommand is the subcommand under which a child is started: what follows it goes to Child.
const ChildCommand = "child"

// task is what a child is told when it is started.
type task struct {
	Role   role
	Limits config.Reading
	Cache  string // where compiled readers are kept
}

// Child is what a child does until its parent lets it go.
func Child(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var t task
	if len(args) != 1 || json.Unmarshal([]byte(args[0]), &t) != nil {
		return fault.New(fault.Invalid, nil, "this command is docsift's own: it reads documents for another docsift process")
	}
	h, err := t.handler(ctx)
	if err != nil {
		return err
	}
	return child.Serve(ctx, in, out, h)
}

// handler returns who does the work. The parent's deadline is the one that counts.
func (t task) handler(ctx context.Context) (child.Handler, error) {
	o := limits(t.Limits, t.Cache, nil)
	o.PDF.Workers, o.PDF.Timeout, o.Image.Timeout = 1, time.Hour, time.Hour
	o.PDF.Mapped = true
	switch t.Role {
	case readsPDF:
		x := pdf.New(o.PDF)
		return child.Handler{Extractor: x, Prepare: func() error { return x.Start(ctx) }}, nil
	case readsFiles:
		return child.Handler{Extractor: all.New(o)}, nil
	case readsLetters:
		assets, _ := ocr.Embedded()
		w := ocr.NewWasm(assets, ocr.WasmOptions{Workers: 1, CacheDir: t.Cache})
		return child.Handler{Recognizer: w, Prepare: func() error { return w.Prepare(ctx) }}, nil
	}
	return child.Handler{}, fault.New(fault.Invalid, nil, "no such reader: %q", t.Role)
}
