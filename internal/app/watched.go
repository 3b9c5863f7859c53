package app

import (
	"context"
	"io"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/telemetry"
)

// watchedReader is an Extractor of which a watch tells.
type watchedReader struct {
	extract.Extractor
	watch *watch
}

// Extract reads a document.
func (r watchedReader) Extract(ctx context.Context, d *document.Document) (*extract.Content, error) {
	start := time.Now()
	ctx, span := r.watch.span(ctx, "extract")
	content, err := r.Extractor.Extract(ctx, d)
	kind, outcome := fault.KindOf(err), "read"
	switch {
	case kind.Unreadable():
		outcome = "refused"
	case err != nil:
		outcome = "failed"
	}
	r.watch.metrics.Extracted(string(d.Type), outcome, time.Since(start), telemetry.Sampled(ctx))
	if span.IsRecording() {
		span.SetAttributes(attribute.String("docsift.document.type", string(d.Type)), attribute.Int("docsift.document.bytes", len(d.Bytes)))
		if content != nil {
			span.SetAttributes(attribute.Int("docsift.document.pages", content.PageCount))
		}
		failed(span, kind)
	}
	span.End()
	if content != nil && content.OCR != nil && r.watch.traces.On() {
		content.OCR = r.letters(content.OCR)
	}
	return content, err
}

// letters returns read with a span for each time.
func (r watchedReader) letters(read func(context.Context) ([]extract.Page, error)) func(context.Context) ([]extract.Page, error) {
	return func(ctx context.Context) ([]extract.Page, error) {
		ctx, span := r.watch.span(ctx, "ocr")
		defer span.End()
		pages, err := read(ctx)
		failed(span, fault.KindOf(err))
		return pages, err
	}
}

// span begins a span within the process.
func (w *watch) span(ctx context.Context, name string) (context.Context, trace.Span) {
	if !w.traces.On() {
		return ctx, trace.SpanFromContext(context.Background())
	}
	return w.traces.Start(ctx, name)
}

// documents returns a store of documents of which the watch tells.
func (w *watch) documents(s blob.Store) blob.Store {
	watched := watchedBlobs{s, w}
	if direct, ok := s.(blob.Direct); ok {
		return watchedDirect{watched, direct}
	}
	return watched
}

type watchedBlobs struct {
	blob.Store
	watch *watch
}

func (b watchedBlobs) called(call string, start time.Time, err error) {
	failed := false
	switch fault.KindOf(err) {
	case fault.Storage, fault.StorageFull, fault.Internal, fault.Timeout, blob.Damaged:
		failed = err != nil
	}
	b.watch.metrics.Blob(call, failed, time.Since(start))
}

// Put keeps bytes.
func (b watchedBlobs) Put(ctx context.Context, tenant string, r io.Reader, o blob.PutOptions) (_ blob.Info, err error) {
	defer func(start time.Time) { b.called("put", start, err) }(time.Now())
	return b.Store.Put(ctx, tenant, r, o)
}

// Open reads bytes.
func (b watchedBlobs) Open(ctx context.Context, ref blob.Ref) (_ io.ReadCloser, err error) {
	defer func(start time.Time) { b.called("open", start, err) }(time.Now())
	return b.Store.Open(ctx, ref)
}

// Stat says what is known of bytes.
func (b watchedBlobs) Stat(ctx context.Context, ref blob.Ref) (_ blob.Info, err error) {
	defer func(start time.Time) { b.called("stat", start, err) }(time.Now())
	return b.Store.Stat(ctx, ref)
}

// Delete forgets bytes.
func (b watchedBlobs) Delete(ctx context.Context, ref blob.Ref, before time.Time) (err error) {
	defer func(start time.Time) { b.called("delete", start, err) }(time.Now())
	return b.Store.Delete(ctx, ref, before)
}

// watchedDirect is one to which bytes can be brought directly.
type watchedDirect struct {
	watchedBlobs
	direct blob.Direct
}

var _ blob.Direct = watchedDirect{}

// Presign returns where to bring an upload.
func (b watchedDirect) Presign(ctx context.Context, u blob.Upload, valid time.Duration) (string, map[string]string, error) {
	return b.direct.Presign(ctx, u, valid)
}

// OpenUpload reads an upload.
func (b watchedDirect) OpenUpload(ctx context.Context, u blob.Upload) (_ io.ReadCloser, err error) {
	defer func(start time.Time) { b.called("open_upload", start, err) }(time.Now())
	return b.direct.OpenUpload(ctx, u)
}
