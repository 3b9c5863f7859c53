package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/client"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
)

const invoice = "TAX INVOICE\nInvoice number: %d\nInvoice date: 3 May 2026\nBill to: Example Traders Ltd\n" +
	"Quantity  Description  Unit price  Amount\n4  Oak shelves  120.00  480.00\nSubtotal 480.00\nVAT 96.00\n" +
	"Amount due 576.00\nPayment terms: net 30 days. Please remit payment to the bank account below."

func document(n int) io.Reader { return strings.NewReader(fmt.Sprintf(invoice, n)) }

// serve starts a whole server on the local model and returns its address. More settings are NAME=value.
func serve(t testing.TB, more ...string) string {
	t.Helper()
	env := map[string]string{
		"DOCSIFT_ADDR": "127.0.0.1:0", "DOCSIFT_DATA": t.TempDir(), "DOCSIFT_POLICY": "local", "DOCSIFT_CHILDREN": "0",
		"DOCSIFT_OCR": "off", "DOCSIFT_RATE_LIMIT": "off", "DOCSIFT_CACHE_DIR": "off",
	}
	for _, s := range more {
		name, value, _ := strings.Cut(s, "=")
		env[name] = value
	}
	c, err := config.Load(func(name string) string { return env[name] }, config.DefaultFile)
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.New(app.Options{Config: c, Log: slog.New(slog.DiscardHandler), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	})
	return "http://" + a.Addr()
}

func dial(t testing.TB, o client.Options) *client.Client {
	t.Helper()
	c, err := client.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDocumentsOneByOne(t *testing.T) {
	c := dial(t, client.Options{URL: serve(t) + "/"})
	ctx := t.Context()
	res, err := c.Classify(ctx, document(1), client.ClassifyOptions{Filename: "a.txt", Taxonomy: "finance"})
	if err != nil || res.Classification != "invoice" || res.Document.Filename != "a.txt" {
		t.Fatalf("%+v, %v", res, err)
	}
	queued, err := c.Submit(ctx, document(2), client.ClassifyOptions{Filename: "b \"2\".txt", Categories: []string{"invoice", "love, letter"}})
	if err != nil || queued.ID == "" {
		t.Fatalf("%+v, %v", queued, err)
	}
	done, err := c.Wait(ctx, queued.ID)
	if err != nil || !done.Done() || done.Err() != nil || done.Classification != "invoice" || done.Document.Filename != "b \"2\".txt" || done.Source != "async" {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err := c.Cancel(ctx, queued.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("cancel what is done: %v", err)
	}
	said, err := c.Feedback(ctx, res.ID, client.Feedback{Category: "receipt", By: "ann"})
	if err != nil || said.Was != "invoice" || said.Category != "receipt" {
		t.Errorf("%+v, %v", said, err)
	}
	n := 0
	for one, err := range c.List(ctx, client.Filter{Category: "invoice"}) {
		if n++; err != nil || one.Classification != "invoice" {
			t.Errorf("%+v, %v", one, err)
		}
	}
	if n != 2 {
		t.Errorf("%d listed, want 2", n)
	}
	for one, err := range c.List(ctx, client.Filter{Name: "A.TX"}) {
		if err != nil || one.ID != res.ID {
			t.Errorf("by name: %+v, %v", one, err)
		}
	}
	for _, err := range c.List(ctx, client.Filter{Review: "nonsense"}) {
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%v, want %s", err, fault.Invalid)
		}
	}
}

func TestAnUploadGoesAroundTheForm(t *testing.T) {
	c := dial(t, client.Options{URL: serve(t)})
	id, err := c.Upload(t.Context(), document(1), "a.txt")
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Classify(t.Context(), nil, client.ClassifyOptions{Upload: id, Taxonomy: "finance"})
	if err != nil || res.Classification != "invoice" || res.Document.Filename != "a.txt" {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestABatchFromBeginToEnd(t *testing.T) {
	c := dial(t, client.Options{URL: serve(t)})
	ctx := t.Context()
	b, err := c.NewBatch(ctx, client.BatchOptions{Name: "march", Taxonomy: "finance"})
	if err != nil {
		t.Fatal(err)
	}
	added := make(map[string]bool)
	for i := range 30 {
		one, err := b.Add(ctx, document(i), client.ClassifyOptions{Filename: fmt.Sprintf("%d.txt", i), IdempotencyKey: fmt.Sprint(b.ID, i/2*2)})
		if i%2 == 1 { // another document under the same key
			if fault.KindOf(err) != "idempotency_mismatch" {
				t.Errorf("%v, want a mismatch", err)
			}
			continue
		}
		if err != nil || one.Batch != b.ID || one.Priority != "bulk" {
			t.Fatalf("%+v, %v", one, err)
		}
		added[one.ID] = true
	}
	if p, err := b.Close(ctx); err != nil || p.Status != "closed" {
		t.Fatalf("%+v, %v", p, err)
	}
	if _, err := b.Add(ctx, document(99), client.ClassifyOptions{}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("add to a closed one: %v", err)
	}
	p, err := b.Wait(ctx, nil)
	if err != nil || p.Documents.Total != 15 || p.Documents.Completed != 15 || p.Name != "march" || !p.Cost.Known {
		t.Errorf("%+v, %v", p, err)
	}
	for one, err := range b.Results(ctx) {
		if err != nil || !added[one.ID] || one.Classification != "invoice" || one.Taxonomy.ID != "finance" {
			t.Errorf("%+v, %v", one, err)
		}
		delete(added, one.ID)
	}
	if len(added) > 0 {
		t.Errorf("%d have no result", len(added))
	}
	if _, err := c.Batch("../keys").Progress(ctx); fault.KindOf(err) != fault.Invalid {
		t.Errorf("an id that leads elsewhere: %v", err)
	}
}

func TestWhatTheServerIsLike(t *testing.T) {
	c := dial(t, client.Options{URL: serve(t)})
	all, err := c.Taxonomies(t.Context())
	if err != nil || len(all) < 8 || len(all[0].Categories) == 0 || all[0].Categories[0].Name == "" {
		t.Errorf("%v, %v", all, err)
	}
	finance, source, err := c.Taxonomy(t.Context(), "finance")
	if err != nil || finance.Version == "" || !strings.HasPrefix(source, "id: finance") {
		t.Errorf("%+v, %.100q, %v", finance, source, err)
	}
	saved, err := c.SaveTaxonomy(t.Context(), "id: tickets\ncategories: [refund]", true)
	if err != nil || saved.ID != "tickets" {
		t.Errorf("%+v, %v", saved, err)
	}
	if tickets, _, err := c.Taxonomy(t.Context(), "tickets@"+saved.Version); err != nil || tickets.Version != saved.Version {
		t.Errorf("%+v, %v", tickets, err)
	}
	for _, name := range []string{"", "../keys", "a?b"} {
		if _, _, err := c.Taxonomy(t.Context(), name); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", name, err)
		}
	}
	p, err := c.Providers(t.Context())
	if err != nil || p.Policy != "local" || len(p.Models) != 1 || p.Models[0].Breaker != "closed" {
		t.Errorf("%+v, %v", p, err)
	}
	if s, err := c.Stats(t.Context(), client.StatsQuery{By: "day", Group: "provider", From: time.Now().Add(-48 * time.Hour)}); err != nil || s.By != "day" {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := c.Stats(t.Context(), client.StatsQuery{By: "year"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("%v, want %s", err, fault.Invalid)
	}
}

func TestDocumentsThatCannotBeTaken(t *testing.T) {
	c := dial(t, client.Options{URL: serve(t), MaxBytes: 100})
	for _, tt := range []struct {
		name string
		r    io.Reader
		o    client.ClassifyOptions
		kind fault.Kind
	}{
		{"none", nil, client.ClassifyOptions{}, fault.Invalid},
		{"an empty one", strings.NewReader(""), client.ClassifyOptions{}, fault.Empty},
		{"one beyond the client's limit", strings.NewReader(strings.Repeat("x", 101)), client.ClassifyOptions{}, fault.TooLarge},
		{"of no known type", bytes.NewReader([]byte{0, 1, 2, 3, 0xff, 0xfe, 7}), client.ClassifyOptions{}, fault.Unsupported},
		{"for a taxonomy that there is not", strings.NewReader("some text of a letter"), client.ClassifyOptions{Taxonomy: "tea"}, fault.NotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, err := c.Classify(t.Context(), tt.r, tt.o)
			if fault.KindOf(err) != tt.kind {
				t.Errorf("%v, want %s", err, tt.kind)
			}
			if res.Error != nil && res.Error.Code != tt.kind {
				t.Errorf("the result says %+v", res.Error)
			}
		})
	}
}

func TestAddressesThatAreNone(t *testing.T) {
	for _, tt := range []client.Options{
		{}, {URL: "127.0.0.1:8080"}, {URL: "ftp://a"}, {URL: "http://"}, {URL: "http://ann:secret@a"}, {URL: "http://a/?b=c"}, {URL: "http://a#b"},
		{URL: "http://a b\x00"}, {URL: "http://a", Key: "two\nlines"},
	} {
		if _, err := client.New(tt); fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "two") {
			t.Errorf("%q: %v", tt.URL, err)
		}
	}
}

// stub answers with one answer after the other, then with an empty object.
func stub(t *testing.T, answers ...func(http.ResponseWriter, *http.Request)) (string, *[]*http.Request) {
	var got []*http.Request
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		got = append(got, r)
		if n := len(got); n <= len(answers) {
			answers[n-1](w, r)
			return
		}
		io.WriteString(w, "{}")
	}))
	t.Cleanup(srv.Close)
	return srv.URL, &got
}

func says(status int, after, body string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestWhatIsSentAgain(t *testing.T) {
	failed := `{"code":"no_model_available","detail":"all down","id":"7","cost":{"usd":"0.01","known":true,"at_least_usd":"0.01"},"attempts":[{"model":"m"}]}`
	for _, tt := range []struct {
		name    string
		answers []func(http.ResponseWriter, *http.Request)
		sent    int
		kind    fault.Kind
	}{
		{"a busy server's", []func(http.ResponseWriter, *http.Request){says(429, "0", `{"code":"too_many_requests"}`), says(503, "0", `{"code":"storage_unavailable"}`)}, 3, ""},
		{"what is under way already", []func(http.ResponseWriter, *http.Request){says(409, "0", `{"code":"idempotency_in_progress"}`)}, 2, ""},
		{"what a broken connection left open, under its key", []func(http.ResponseWriter, *http.Request){hangUp, says(502, "", "<html>")}, 3, ""},
		{"not what asked models already", []func(http.ResponseWriter, *http.Request){says(503, "1", failed)}, 1, fault.NoModel},
		{"not where the wait is too long", []func(http.ResponseWriter, *http.Request){says(429, "3600", "")}, 1, fault.Busy},
		{"not what was wrong", []func(http.ResponseWriter, *http.Request){says(400, "", `{"code":"invalid_request","detail":"no"}`)}, 1, fault.Invalid},
		{"not elsewhere", []func(http.ResponseWriter, *http.Request){func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://example.com/", http.StatusTemporaryRedirect)
		}}, 1, fault.Config},
		{"not beyond the retries", []func(http.ResponseWriter, *http.Request){says(429, "0", ""), says(429, "0", ""), says(429, "0", ""), says(429, "0", "")}, 4, fault.Busy},
		{"not an answer that is none", []func(http.ResponseWriter, *http.Request){says(200, "", "<html>")}, 1, fault.BadOutput},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url, got := stub(t, tt.answers...)
			c := dial(t, client.Options{URL: url, Key: "ds_key", Retries: 3})
			res, err := c.Classify(t.Context(), document(1), client.ClassifyOptions{})
			if fault.KindOf(err) != tt.kind || len(*got) != tt.sent {
				t.Errorf("%d sent, %v; want %d, %q", len(*got), err, tt.sent, tt.kind)
			}
			if tt.kind == fault.NoModel && (res.Cost.NanoUSD != 1e7 || res.ID != "7" || len(res.Attempts) != 1 || res.Status != docsift.Failed) {
				t.Errorf("what it cost is lost: %+v", res)
			}
			first := (*got)[0]
			for _, r := range *got {
				if r.Header.Get("Idempotency-Key") != first.Header.Get("Idempotency-Key") || r.Header.Get("Authorization") != "Bearer ds_key" || r.ContentLength != first.ContentLength {
					t.Errorf("sent with %v, first with %v", r.Header, first.Header)
				}
			}
		})
	}
}

func TestADeadlineIsNotWaitedPast(t *testing.T) {
	url, got := stub(t, says(429, "60", `{"code":"rate_limit_exceeded","detail":"too many"}`))
	c := dial(t, client.Options{URL: url})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	begun := time.Now()
	_, err := c.Get(ctx, "1")
	if fault.KindOf(err) != "rate_limit_exceeded" || fault.RetryAfter(err) != time.Minute || len(*got) != 1 || time.Since(begun) > 15*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
}

func TestNobodyAnswers(t *testing.T) {
	c := dial(t, client.Options{URL: "http://127.0.0.1:1", Retries: -1})
	if _, err := c.Providers(t.Context()); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("%v, want %s", err, fault.Unavailable)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Providers(ctx); fault.KindOf(err) != fault.Canceled {
		t.Errorf("%v, want %s", err, fault.Canceled)
	}
}

// Half a stream of results does not pass for a whole one.
func TestResultsThatBreakOff(t *testing.T) {
	url, _ := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"id":"1","status":"completed"}`+"\n"+`{"id":"2","sta`)
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	n, last := 0, error(nil)
	for one, err := range dial(t, client.Options{URL: url}).Batch("1").Results(t.Context()) {
		if n, last = n+1, err; n == 1 && (err != nil || one.ID != "1") {
			t.Errorf("%+v, %v", one, err)
		}
	}
	if n != 2 || last == nil {
		t.Errorf("%d yielded, the last with %v", n, last)
	}
}

func TestKeysAreSentToTheServerAlone(t *testing.T) {
	bucket, brought := stub(t)
	url, _ := stub(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"id":"u","method":"PUT","url":%q,"headers":{"X-Sum":"1"}}`, bucket+"/b?token=canary")
	})
	c := dial(t, client.Options{URL: url, Key: "ds_key"})
	if id, err := c.Upload(t.Context(), document(1), "a"); err != nil || id != "u" {
		t.Fatalf("%q, %v", id, err)
	}
	if r := (*brought)[0]; r.Header.Get("Authorization") != "" || r.Header.Get("X-Sum") != "1" || r.Method != http.MethodPut {
		t.Errorf("brought with %v", r.Header)
	}
	gone, _ := stub(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"id":"u","method":"PUT","url":"http://127.0.0.1:1/b?token=canary"}`)
	})
	c = dial(t, client.Options{URL: gone, Retries: -1})
	if _, err := c.Upload(t.Context(), document(1), "a"); fault.KindOf(err) != fault.Unavailable || strings.Contains(err.Error(), "canary") {
		t.Errorf("%v", err)
	}
}
