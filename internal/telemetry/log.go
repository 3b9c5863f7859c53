package telemetry

import (
	"context"
	"io"
	"log/slog"
)

// Logger returns a logger that writes text, or JSON, with the ids of what each line is about.
func Logger(w io.Writer, level slog.Level, json bool) *slog.Logger {
	o := &slog.HandlerOptions{Level: level}
	if json {
		return slog.New(identified{slog.NewJSONHandler(w, o)})
	}
	return slog.New(identified{slog.NewTextHandler(w, o)})
}

// WithRequest returns ctx with the id of a request, for the lines of a log.
func WithRequest(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

type requestKey struct{}

const requestName = "request_id"

// identified adds the ids of the context.
type identified struct{ slog.Handler }

// Handle writes a line.
func (h identified) Handle(ctx context.Context, r slog.Record) error {
	if id, _ := ctx.Value(requestKey{}).(string); id != "" {
		told := false
		r.Attrs(func(a slog.Attr) bool {
			told = a.Key == requestName
			return !told
		})
		if !told {
			r.AddAttrs(slog.String(requestName, id))
		}
	}
	if id := TraceID(ctx); id != "" {
		r.AddAttrs(slog.String("trace_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs returns a handler of which all lines have the attributes.
func (h identified) WithAttrs(all []slog.Attr) slog.Handler {
	return identified{h.Handler.WithAttrs(all)}
}

// WithGroup returns a handler of which all lines are in a group.
func (h identified) WithGroup(name string) slog.Handler { return identified{h.Handler.WithGroup(name)} }
