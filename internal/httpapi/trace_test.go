package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/httpapi"
)

// reader is an Extractor that fails, or panics, with what it holds.
type reader struct {
	err      error
	panicked any
}

func (r reader) Extract(context.Context, *document.Document) (*extract.Content, error) {
	if r.panicked != nil {
		panic(r.panicked)
	}
	return nil, r.err
}

// over returns an API whose documents meet r, and its log as JSON lines.
func over(t *testing.T, r reader) (*httpapi.Watched, *bytes.Buffer) {
	t.Helper()
	c, err := docsift.New(docsift.Options{Policy: "local", Extractor: r})
	if err != nil {
		t.Fatal(err)
	}
	log := new(bytes.Buffer)
	handler := slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})
	return httpapi.NewWatched(t, httpapi.Options{Classifier: c, Log: slog.New(handler)}), log
}

func post(t *testing.T, api http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	body, kind := form(t, file("a.pdf", invoicePDF))
	r := httptest.NewRequest(http.MethodPost, path, body)
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	return w
}

// logged returns the line of the log with a message.
func logged(t *testing.T, log *bytes.Buffer, message string) map[string]any {
	t.Helper()
	for line := range strings.Lines(log.String()) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		if v["msg"] == message {
			return v
		}
	}
	t.Fatalf("no line %q in the log %s", message, log)
	return nil
}

func TestErrorsLeaveATrace(t *testing.T) {
	cause := errors.New("disk on fire")
	tests := []struct {
		name          string
		err           error
		v1, old       int
		level, inside string
	}{
		{"a bug", cause, 500, 500, "ERROR", "disk on fire"},
		{"a broken setting", fault.New(fault.Config, cause, "x.yaml cannot be read"), 500, 500, "ERROR", "disk on fire"},
		{"no model", fault.New(fault.NoModel, cause, "all failed"), 503, 500, "WARN", "disk on fire"},
		{"a provider", fault.New(fault.Unavailable, cause, "down"), 503, 503, "WARN", "disk on fire"},
		{"a document", fault.New(fault.Corrupt, cause, "broken"), 422, 422, "DEBUG", "disk on fire"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for path, want := range map[string]int{"/v1/classifications": tt.v1, "/classify_file": tt.old} {
				api, log := over(t, reader{err: tt.err})
				w := post(t, api, path)
				if w.Code != want || strings.Contains(w.Body.String(), tt.inside) {
					t.Errorf("%s: %d %s, want %d without the cause", path, w.Code, w.Body, want)
				}
				line := logged(t, log, "error")
				if line["level"] != tt.level || line["request_id"] != w.Header().Get("X-Request-Id") || line["code"] != string(fault.KindOf(tt.err)) {
					t.Errorf("%s: logged %v, want level %s with the request's id", path, line, tt.level)
				}
				if got, _ := line["error"].(string); !strings.Contains(got, tt.inside) {
					t.Errorf("%s: logged %q without the cause", path, got)
				}
			}
		})
	}
}

func TestPanicIsAnswered(t *testing.T) {
	api, log := over(t, reader{panicked: "out of cheese"})
	if w := post(t, api, "/v1/classifications"); w.Code != 500 || strings.Contains(w.Body.String(), "cheese") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	line := logged(t, log, "panic")
	if stack, _ := line["stack"].(string); line["level"] != "ERROR" || !strings.Contains(stack, "reader.Extract") {
		t.Errorf("logged %v, want the place of the panic", line)
	}
	if logged(t, log, "request")["status"] != 500.0 {
		t.Error("the request is not logged as a 500")
	}
}

func TestAbortIsPassedOn(t *testing.T) {
	api, log := over(t, reader{panicked: http.ErrAbortHandler})
	defer func() {
		if p := recover(); p != http.ErrAbortHandler {
			t.Errorf("panic %v, want http.ErrAbortHandler for the server to cut the connection", p)
		}
		if strings.Contains(log.String(), `"msg":"panic"`) {
			t.Error("an abort is logged as a panic")
		}
	}()
	post(t, api, "/v1/classifications")
}

func TestRequestID(t *testing.T) {
	tests := []struct {
		name, id string
		kept     bool
	}{
		{"a UUID", "0197a1b2-0000-7000-8000-000000000001", true},
		{"whatever the caller counts by", "job 17/page-3 [retry]", true},
		{"a long one", strings.Repeat("x", 128), true},
		{"one that is too long", strings.Repeat("x", 129), false},
		{"none", "", false},
		{"one that upsets a log", "a\tb", false},
		{"one beyond ASCII", "é", false},
		{"one with a byte that is no letter", "a\x7f", false},
	}
	api, _ := over(t, reader{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
			r.Header["X-Request-Id"] = []string{tt.id}
			w := httptest.NewRecorder()
			api.ServeHTTP(w, r)
			got := w.Header().Get("X-Request-Id")
			if (got == tt.id) != tt.kept || !tt.kept && len(got) != 36 {
				t.Errorf("%q became %q", tt.id, got)
			}
		})
	}
}
