package httpapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/docsift/docsift/internal/openapi"
)

// Watched is an API whose exchanges must be as the document says.
type Watched struct {
	*API

	mu   sync.Mutex
	seen []exchange
}

type exchange struct {
	method, pattern string
	kind            string // of the request's body
	sent            []byte
	sentWhole       bool
	status          int
	header          http.Header
	got             []byte
}

// NewWatched returns an API, and checks at the end of the test what was asked and answered.
func NewWatched(t testing.TB, o Options) *Watched {
	w := &Watched{API: New(o)}
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		told := make(map[string]bool)
		for _, x := range w.seen {
			if err := x.check(); err != nil && !told[err.Error()] {
				told[err.Error()] = true
				t.Errorf("not as the document says: %s: %d: %v", x.pattern, x.status, err)
			}
		}
	})
	return w
}

// most is how much of a body is looked at.
const most = 1 << 20

// ServeHTTP answers and remembers the exchange.
func (a *Watched) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	sent, got := new(tee), &teeWriter{ResponseWriter: w}
	if r.Body != nil {
		sent.ReadCloser = r.Body
		r.Body = sent
	}
	_, pattern := a.mux.Handler(r)
	if given := r.URL.EscapedPath(); given != path.Clean(given) {
		pattern = "" // there is no such route
	}
	defer func() {
		if got.status == 0 {
			return // it was cut off
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.seen = append(a.seen, exchange{
			r.Method, pattern, r.Header.Get("Content-Type"), sent.kept.Bytes(), sent.whole && sent.kept.Len() < most,
			got.status, w.Header().Clone(), got.kept.Bytes(),
		})
	}()
	a.API.ServeHTTP(got, r)
}

type tee struct {
	io.ReadCloser
	kept  bytes.Buffer
	whole bool
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	t.kept.Write(p[:min(n, max(0, most-t.kept.Len()))])
	t.whole = t.whole || err == io.EOF
	return n, err
}

type teeWriter struct {
	http.ResponseWriter
	status int
	kept   bytes.Buffer
}

func (t *teeWriter) WriteHeader(status int) {
	if t.status == 0 {
		t.status = status
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *teeWriter) Write(p []byte) (int, error) {
	if t.status == 0 {
		t.status = http.StatusOK
	}
	t.kept.Write(p[:min(len(p), max(0, most-t.kept.Len()))])
	return t.ResponseWriter.Write(p)
}

func (t *teeWriter) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// documented is the document, compiled: as it is for requests, and without unknown fields for answers.
type documented struct {
	mu       sync.Mutex
	schemas  map[string]*jsonschema.Schema
	compiler map[bool]*jsonschema.Compiler
}

var theDocument = sync.OnceValue(func() *documented {
	d := &documented{schemas: make(map[string]*jsonschema.Schema), compiler: make(map[bool]*jsonschema.Compiler)}
	for _, strict := range []bool{false, true} {
		var doc any
		if err := json.Unmarshal(openapi.JSON(), &doc); err != nil {
			panic(err)
		}
		if strict {
			forbidUnknown(doc)
		}
		c := jsonschema.NewCompiler()
		c.AssertFormat()
		if err := c.AddResource("https://docsift.example/openapi.json", doc); err != nil {
			panic(err)
		}
		d.compiler[strict] = c
	}
	return d
})

func forbidUnknown(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"].(map[string]any); ok && v["type"] == "object" && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, inner := range v {
			forbidUnknown(inner)
		}
	case []any:
		for _, inner := range v {
			forbidUnknown(inner)
		}
	}
}

func (d *documented) validate(strict bool, at []string, body []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	pointer := "https://docsift.example/openapi.json#"
	for _, name := range at {
		pointer += "/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(name)
	}
	id := fmt.Sprint(strict, pointer)
	if d.schemas[id] == nil {
		s, err := d.compiler[strict].Compile(pointer)
		if err != nil {
			return err
		}
		d.schemas[id] = s
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err == nil {
		err = d.schemas[id].Validate(v)
	}
	return err
}

// described follows names and references through the document, and says where it came to.
func described(at ...string) (openapi.Object, []string) {
	o, path := openapi.Document(), []string{}
	for _, name := range at {
		o, path = o.Object(name), append(path, name)
		if ref := o.Text("$ref"); ref != "" {
			return described(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
		}
	}
	return o, path
}

// check says what of an exchange is not as the document says.
func (x exchange) check() error {
	method, route, ok := strings.Cut(x.pattern, " ")
	if !ok || x.method != method {
		return nil // no route, or a HEAD
	}
	at := []string{"paths", route, strings.ToLower(method)}
	response, where := described(append(slices.Clone(at), "responses", fmt.Sprint(x.status))...)
	if len(response) == 0 {
		return fmt.Errorf("the status is not documented; it said %.200s", x.got)
	}
	for name := range x.header {
		plain := slices.Contains([]string{"Content-Type", "X-Content-Type-Options", "Connection", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset", "Content-Security-Policy", "Referrer-Policy"}, name)
		if !plain && !slices.ContainsFunc(response.Object("headers"), func(m openapi.Member) bool { return strings.EqualFold(m.Name, name) }) {
			return fmt.Errorf("the header %s is not documented", name)
		}
	}
	if err := x.checkBody(response, where); err != nil {
		return err
	}
	if x.status >= 300 || !x.sentWhole {
		return nil
	}
	return x.checkRequest(at)
}

func (x exchange) checkBody(response openapi.Object, where []string) error {
	content := response.Object("content")
	if len(content) == 0 {
		if len(x.got) > 0 {
			return fmt.Errorf("there is a body: %.200s", x.got)
		}
		return nil
	}
	kind, _, err := mime.ParseMediaType(x.header.Get("Content-Type"))
	if err != nil || len(content.Object(kind)) == 0 {
		return fmt.Errorf("the content type %q is not documented", x.header.Get("Content-Type"))
	}
	if !strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "ndjson") || len(x.got) >= most {
		return nil
	}
	_, schema := described(append(slices.Clone(where), "content", kind, "schema")...)
	if err := theDocument().validate(true, schema, x.got); err != nil {
		return fmt.Errorf("%w\n%.1500s", err, x.got)
	}
	return nil
}

// checkRequest checks what was asked of a request that was answered.
func (x exchange) checkRequest(at []string) error {
	content, _ := described(append(slices.Clone(at), "requestBody", "content")...)
	kind, params, _ := mime.ParseMediaType(x.kind)
	switch {
	case len(content) == 0 || len(content.Object("*/*")) > 0 || len(x.sent) == 0:
		return nil
	case kind == "multipart/form-data":
		return x.checkForm(params["boundary"], content.Object(kind).Object("schema"))
	}
	_, schema := described(append(slices.Clone(at), "requestBody", "content", "application/json", "schema")...)
	if err := theDocument().validate(false, schema, x.sent); err != nil {
		return fmt.Errorf("the request: %w\n%.500s", err, x.sent)
	}
	return nil
}

func (x exchange) checkForm(boundary string, schema openapi.Object) error {
	if ref := schema.Text("$ref"); ref != "" {
		schema, _ = described(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...)
	}
	form := multipart.NewReader(bytes.NewReader(x.sent), boundary)
	for {
		part, err := form.NextPart()
		if err != nil {
			return nil // the end, or a form that the server took for one
		}
		original := !strings.Contains(x.pattern, "/v1/") // which passes over what it does not know
		if schema.Object("properties").Get(part.FormName()) == nil && !original {
			return fmt.Errorf("the field %q is not documented", part.FormName())
		}
	}
}

// The document and the table have the same routes with the same scopes.
func TestEveryRouteIsDocumented(t *testing.T) {
	table := make(map[string]Scope)
	for _, rt := range guarded(t).table() {
		table[rt.pattern] = rt.scope
	}
	keepsNothing := make(map[string]bool)
	for _, rt := range New(Options{Classifier: guarded(t).opts.Classifier, Metrics: http.NotFoundHandler()}).table() {
		keepsNothing[rt.pattern] = true
	}
	for _, r := range openapi.Routes() {
		scope, ok := table[r.Pattern]
		if !ok {
			t.Errorf("there is no route %s", r.Pattern)
		} else if string(scope) != r.Scope {
			t.Errorf("%s has the scope %q, and the document says %q", r.Pattern, scope, r.Scope)
		}
		if r.Kept == keepsNothing[r.Pattern] {
			t.Errorf("%s: the document says that it needs a store: %v", r.Pattern, r.Kept)
		}
		delete(table, r.Pattern)
	}
	for pattern := range table {
		if strings.HasSuffix(pattern, "/{$}") || strings.Contains(pattern, " /assets/") {
			continue // a page for people
		}
		t.Errorf("the document has no %s: add it to internal/openapi/source", pattern)
	}
}

// The document and its page are there for everybody.
func TestTheDocumentIsServed(t *testing.T) {
	a := guarded(t)
	for path, want := range map[string]string{"/openapi.json": `"openapi": "3.1.0"`, "/openapi.yaml": "openapi: 3.1.0", "/docs": "<!doctype html>"} {
		w := ask(a, route{pattern: "GET " + path}, "", "", "")
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %.200s", path, w.Code, w.Body)
		}
		if path == "/docs" && !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("policy %q", w.Header().Get("Content-Security-Policy"))
		}
	}
}
