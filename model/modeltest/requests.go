package modeltest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

// Sent is a request to a model, and the golden file in testdata/requests that it must equal.
type Sent struct {
	Golden   string // without .json
	Model    string // default what stands before _ in Golden
	Settings chat.Settings
	Found    chat.Features // before the call
	Change   func(*model.Request)
}

// Settings returns settings of which none is the default.
func Settings() chat.Settings {
	twentieth := 0.05
	return chat.Settings{MaxTokens: 400, Temperature: &twentieth, Detail: "high"}
}

// Less is a model that was found to lack all that can be left out.
func Less() chat.Features {
	return chat.Features{Schema: chat.No, Logprobs: chat.No, Temperature: chat.No, Effort: chat.No, Caching: chat.No}
}

// More is a model that was found to take all that can be sent.
func More() chat.Features {
	return chat.Features{Schema: chat.Yes, Logprobs: chat.Yes, Temperature: chat.Yes, Effort: chat.Yes, Caching: chat.Yes}
}

// LongList makes a request's taxonomy the longest that is built in.
func LongList(r *model.Request) {
	for _, t := range taxonomy.Builtin() {
		if t.ID == taxonomy.All {
			r.Taxonomy = t
		}
	}
}

// Requests checks what is sent: to a.Model in every way that a document can look, then more.
func (a Adapter) Requests(t *testing.T, more []Sent) {
	page := []document.Image{{MIME: "image/png", Bytes: []byte("\x89PNG page one")}, {MIME: "image/jpeg", Bytes: []byte("page two")}}
	usual := []Sent{
		{Golden: a.Model},
		{Golden: a.Model + "_set", Settings: Settings()},
		{Golden: a.Model + "_images", Settings: Settings(), Change: func(r *model.Request) { r.Images = page }},
		{Golden: a.Model + "_images_only", Change: func(r *model.Request) { r.Images, r.Text = page[:1], " \n" }},
		{Golden: a.Model + "_prompt", Change: func(r *model.Request) { r.Prompt = "Say what <this> is." }},
	}
	for _, tt := range append(usual, more...) {
		t.Run(tt.Golden, func(t *testing.T) {
			usualName, _, _ := strings.Cut(tt.Golden, "_")
			tt.Model = cmp.Or(tt.Model, usualName)
			req := Request(t)
			req.Taxonomy = &taxonomy.Taxonomy{Categories: []taxonomy.Category{
				{Name: "invoice", Description: "A seller's request for payment."}, {Name: "receipt"}, {Name: "bank_statement"},
			}}
			if tt.Change != nil {
				tt.Change(&req)
			}
			a.golden(t, tt.Golden, a.sent(t, chat.Options{Settings: tt.Settings, Model: tt.Model, Found: tt.Found}, req))
		})
	}
}

// sent returns the body that a model sends, and checks where it goes.
func (a Adapter) sent(t *testing.T, o chat.Options, req model.Request) []byte {
	t.Helper()
	_, name, _ := strings.Cut(a.Open(o).Name(), "/")
	var body []byte
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.Method+" "+r.URL.String(), strings.ReplaceAll(a.Asks, "{model}", name); got != want {
			t.Errorf("request %q, want %q", got, want)
		}
		for key, want := range a.Header {
			if got := r.Header.Get(key); got != withKey(want) {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
		body, _ = io.ReadAll(r.Body)
		_, _ = w.Write(a.reply(t, "invoice.json"))
	}))
	defer s.Close()
	o.Key, o.BaseURL = canary+"\n", s.URL+a.Base+"/"
	if _, err := a.Open(o).Score(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	return body
}

// golden compares a body with a golden file, but for white space.
func (a Adapter) golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var got bytes.Buffer
	if err := json.Indent(&got, body, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	file := filepath.Join(a.dir(), "requests", name+".json")
	if a.Update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("request\n%s\nwant\n%s", &got, want)
	}
}
