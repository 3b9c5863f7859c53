package modeltest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/sim"
	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/taxonomy"
)

// canary is the API key that models are given. It must turn up in no error.
const canary = "sk-canary-5e0ff"

// headerID is the request id in the headers of every reply.
const headerID = "req_7"

// Adapter tests an adapter of hosted models against the replies recorded in Dir/replies.
// One of them is invoice.json, a plain answer.
type Adapter struct {
	Open func(chat.Options) *chat.Model

	Dir   string          // default testdata
	Score model.ScoreKind // of answers with a confidence; default stated
	Own   bool            // its servers are the user's own: without a base URL there is none

	Name      string // of Model, with the provider
	Model     string // one that the adapter knows
	Base      string // path of the API on a server
	RequestID string // that the recorded replies are known by

	Asks   string            // method and path of a request; {model} stands for the model's name
	Header map[string]string // of a request; [key] stands for the API key

	UsageField string
	Usage      string // JSON of 14 tokens of output, and %s of input

	Echo string // an error with [key] wherever there is text

	Update bool // write the golden files of requests anew
}

// Run checks what every adapter must do alike: the contract of model.Model first of all.
func (a Adapter) Run(t *testing.T) {
	Run(t, func(t *testing.T) model.Model {
		return a.Open(chat.Options{Model: a.Model, Key: canary, BaseURL: a.serve(t, http.StatusOK, a.reply(t, "invoice.json"))})
	})
	t.Run("is named after the provider and the model", func(t *testing.T) {
		if got := a.Open(chat.Options{Model: a.Model}).Name(); got != a.Name {
			t.Errorf("name %q, want %q", got, a.Name)
		}
	})
	t.Run("needs a key where the provider itself answers", func(t *testing.T) {
		want := fault.NoKey
		if a.Own {
			want = fault.Config // there is nobody to send a key to
		}
		_, err := a.Open(chat.Options{Model: a.Model, Key: " \n"}).Score(t.Context(), Request(t))
		if fault.KindOf(err) != want {
			t.Errorf("error %v (%s), want %s", err, fault.KindOf(err), want)
		}
	})
	t.Run("keeps the query of the base URL and the header of the key that it is given", a.keepsQuery)
	t.Run("keeps the key out of errors", a.hidesKey)
	t.Run("takes an answer whatever its usage looks like", a.usages)
}

// keepsQuery checks what a gateway needs: an API version in the query, a header of its own.
func (a Adapter) keepsQuery(t *testing.T) {
	var got *http.Request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		_, _ = w.Write(a.reply(t, "invoice.json"))
	}))
	defer s.Close()
	o := chat.Options{Model: a.Model, Name: "gateway/mine", Key: canary, KeyHeader: "Api-Key", BaseURL: s.URL + a.Base + "/?api-version=7"}
	m := a.Open(o)
	if _, err := m.Score(t.Context(), Request(t)); err != nil || m.Name() != "gateway/mine" {
		t.Fatalf("%s: %v", m.Name(), err)
	}
	_, path, _ := strings.Cut(strings.ReplaceAll(a.Asks, "{model}", a.Model), " ")
	if got.URL.Path != path || got.URL.RawQuery != "api-version=7" || got.Header.Get("Api-Key") != canary || got.Header.Get("Authorization") != "" {
		t.Errorf("asked %s with headers %v", got.URL, got.Header)
	}
}

func (a Adapter) hidesKey(t *testing.T) {
	for status := 300; status < 600; status++ {
		_, err := a.canned("any", status, []byte(withKey(a.Echo))).Score(t.Context(), Request(t))
		if err == nil {
			t.Errorf("status %d: no error", status)
		}
		for ; err != nil; err = errors.Unwrap(err) {
			if strings.Contains(err.Error()+fault.Message(err), canary) {
				t.Errorf("status %d: the key is in %v", status, err)
			}
		}
	}
}

func withKey(s string) string { return strings.ReplaceAll(s, "[key]", canary) }

func (a Adapter) usages(t *testing.T) {
	known := model.Usage{Known: true, Input: 520, Output: 14}
	input := func(n string) string { return fmt.Sprintf(a.Usage, n) }
	tests := []struct {
		name, usage string
		want        model.Usage
		noted       bool
	}{
		{"a whole number", input("520"), known, false},
		{"a fraction of nothing", input("520.0"), known, false},
		{"a number as text", input(`"520"`), known, false},
		{"half a token", input("520.5"), model.Usage{}, true},
		{"less than nothing", input("-520"), model.Usage{}, true},
		{"more than any call can take", input("1e15"), model.Usage{}, true},
		{"words", input(`"many"`), model.Usage{}, true},
		{"a count that is null", input("null"), model.Usage{}, true},
		{"a count that is an object", input("{}"), model.Usage{}, true},
		{"an empty object", "{}", model.Usage{}, true},
		{"a list", "[520,14]", model.Usage{}, true},
		{"a number alone", "534", model.Usage{}, true},
		{"null", "null", model.Usage{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var body map[string]json.RawMessage
			if err := json.Unmarshal(a.reply(t, "invoice.json"), &body); err != nil {
				t.Fatal(err)
			}
			body[a.UsageField] = json.RawMessage(tt.usage)
			raw, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			got, err := a.canned(a.Model, http.StatusOK, raw).Score(t.Context(), Request(t))
			if err != nil || got.Label != "invoice" || got.Usage != tt.want || (len(got.Notes) == 1) != tt.noted {
				t.Errorf("label %q, usage %+v, notes %q, %v; want invoice, %+v, noted %v", got.Label, got.Usage, got.Notes, err, tt.want, tt.noted)
			}
		})
	}
}

// Fuzz checks that no reply makes the adapter answer outside the closed set.
func (a Adapter) Fuzz(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(a.dir(), "replies", "*"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no recorded replies: %v", err)
	}
	for _, file := range files {
		f.Add(http.StatusOK, a.reply(f, filepath.Base(file)))
		f.Add(http.StatusTooManyRequests, a.reply(f, filepath.Base(file)))
	}
	req := Request(f)
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		resp, err := a.canned("any", status, body).Score(t.Context(), req)
		switch {
		case err != nil && (fault.KindOf(err) == fault.Internal || resp.Label != ""):
			t.Errorf("label %q beside %v (%s)", resp.Label, err, fault.KindOf(err))
		case err == nil && (status != http.StatusOK || resp.Label != taxonomy.Unknown && !req.Taxonomy.Has(resp.Label)):
			t.Errorf("label %q from status %d", resp.Label, status)
		case err == nil:
			checkScores(t, req.Taxonomy, resp)
		}
	})
}

func (a Adapter) dir() string { return cmp.Or(a.Dir, "testdata") }

// Benchmark measures the adapter alone, for a document of text and for one with a page.
func (a Adapter) Benchmark(b *testing.B) {
	text := Request(b)
	text.Text = strings.Repeat(text.Text, 6)[:1000]
	page := text
	page.Images = []document.Image{{MIME: "image/jpeg", Bytes: make([]byte, 300_000)}}
	m := a.canned(a.Model, http.StatusOK, a.reply(b, "invoice.json"))
	for name, req := range map[string]model.Request{"text": text, "page": page} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := m.Score(b.Context(), req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func (a Adapter) reply(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(a.dir(), "replies", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// serve answers every request with one reply. It returns the base URL.
func (a Adapter) serve(t testing.TB, status int, body []byte) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("X-Request-Id", headerID)
		w.Header().Set("Request-Id", headerID)
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}))
	t.Cleanup(s.Close)
	return s.URL + a.Base
}

// canned returns a model whose provider answers without a network.
func (a Adapter) canned(name string, status int, body []byte) *chat.Model {
	o := chat.Options{Model: name, Key: canary, Client: &http.Client{Transport: canned{status, body}}}
	if a.Own {
		o.BaseURL = "http://canned.invalid" + a.Base
	}
	return a.Open(o)
}

type canned struct {
	status int
	body   []byte
}

// RoundTrip answers any request.
func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return &http.Response{StatusCode: c.status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(c.body))}, nil
}

// Finds checks what a probe finds out of the model of that name at the simulator.
func (a Adapter) Finds(t *testing.T, name string, script sim.Script, want chat.Features) {
	t.Helper()
	s, err := sim.New(sim.Options{Script: script})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	m := a.Open(chat.Options{Model: name, Key: canary, BaseURL: server.URL + a.Base})
	got, err := m.ProbeFeatures(t.Context(), Request(t), nil)
	if err != nil || got.Features != want || !got.Usage.Known || got.Usage.Input == 0 {
		t.Errorf("%s: found %+v, %v; want %+v", name, got, err, want)
	}
	for _, r := range s.Requests() {
		if r.Status != http.StatusOK && r.Status != http.StatusBadRequest {
			t.Errorf("%s: status %d: %s", name, r.Status, r.Detail)
		}
	}
	answered := s.Count("", "")
	if _, err := m.Score(t.Context(), Request(t)); err != nil || s.Count("", "") != answered+1 {
		t.Errorf("%s: afterwards %v", name, err)
	}
}

// Garbage checks what is made of replies that the simulator spoils: each is read, or named, and
// none is read without end.
func (a Adapter) Garbage(t *testing.T) {
	tests := []struct {
		name   string
		effect sim.Effect
		kind   fault.Kind // "" for the answer
		msg    string
	}{
		{"a byte order mark", sim.Effect{Garbage: "bom"}, "", ""},
		{"a fence", sim.Effect{Garbage: "fenced"}, "", ""},
		{"a category in capitals", sim.Effect{Label: "INVOICE"}, "", ""},
		{"no JSON", sim.Effect{Garbage: "not_json"}, fault.BadOutput, "not the JSON"},
		{"half of it", sim.Effect{Garbage: "truncated"}, fault.BadOutput, "not the JSON"},
		{"a page", sim.Effect{Garbage: "html"}, fault.BadOutput, "not the JSON"},
		{"nothing", sim.Effect{Garbage: "blank"}, fault.BadOutput, "not the JSON"},
		{"text that is called gzip", sim.Effect{Garbage: "gzip"}, fault.BadOutput, "not compressed as it says"},
		{"a hundred megabytes", sim.Effect{Garbage: "huge"}, fault.BadOutput, "longer than 4 MiB"},
		{"another encoding", sim.Effect{Body: "\xff\xfe{\x00\"\x00c\x00\"\x00:\x001\x00}\x00"}, fault.BadOutput, "not the JSON"},
		{"prose", sim.Effect{Garbage: "prose"}, fault.BadOutput, "no JSON object"},
		{"a drip without end", sim.Effect{Drip: time.Hour}, fault.Timeout, "in time"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := sim.New(sim.Options{Script: sim.Script{Steps: []sim.Step{{Effect: tt.effect}}}})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(s)
			defer server.Close()
			set := chat.Settings{Timeout: 5 * time.Second}
			if tt.effect.Drip > 0 {
				set.Timeout = 100 * time.Millisecond
			}
			m := a.Open(chat.Options{Settings: set, Model: a.Model, Key: canary, BaseURL: server.URL + a.Base})
			got, err := m.Score(t.Context(), Request(t))
			if fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("error %v (%s), want %q with %q", err, fault.KindOf(err), tt.kind, tt.msg)
			}
			if err == nil && (got.Label != "invoice" || !got.Usage.Known) {
				t.Errorf("answer %q for %+v", got.Label, got.Usage)
			}
			if err != nil && !fault.MaybeBilled(err) {
				t.Errorf("%v is never billed", err)
			}
		})
	}
}
