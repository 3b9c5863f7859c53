//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// connections is how many a client has to a server: as a balancer has, not one for each document.
const connections = 512

func newClient() *http.Client {
	return &http.Client{Timeout: 2 * time.Minute, Transport: &http.Transport{
		MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, DisableCompression: true,
	}}
}

func port() string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	defer ln.Close()
	_, p, _ := net.SplitHostPort(ln.Addr().String())
	return p
}

const line = "The goods came on time and were counted by two people. "

// letter returns a text of so many bytes, different for each number.
func letter(n, size int) []byte {
	b := append(make([]byte, 0, size+len(line)), fmt.Sprintf("Letter %d. ", n)...)
	for len(b) < size {
		b = append(b, line...)
	}
	return b[:size]
}

// pdfs makes PDFs that differ in their figures from those in samples and from each other.
type pdfs struct{ all [][]byte }

func readPDFs(dir string) (*pdfs, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*.pdf"))
	if err != nil || len(paths) == 0 {
		return nil, fmt.Errorf("no PDFs in %s: %w", dir, err)
	}
	p := new(pdfs)
	for _, path := range paths {
		if strings.Contains(path, "scan") { // a picture, which has no text to vary
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		p.all = append(p.all, data)
	}
	return p, nil
}

var shown = regexp.MustCompile(`\([^()\\]*\) Tj`)

// make returns the n-th PDF.
func (p *pdfs) make(n int) []byte {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	return shown.ReplaceAllFunc(p.all[n%len(p.all)], func(s []byte) []byte {
		s = bytes.Clone(s)
		for i, c := range s {
			if c >= '0' && c <= '9' {
				s[i] = '0' + byte(r.IntN(10))
			}
		}
		return s
	})
}

// call is a document to send.
type call struct {
	from       *http.Client
	path, name string
	data       []byte
	fields     []string // name, value, …
	header     []string
}

// outcome is what came of it.
type outcome struct {
	status int
	header http.Header
	body   []byte
	err    error
	took   time.Duration // from when it was due
}

func (s *service) send(ctx context.Context, c call, due time.Time) (o outcome) {
	defer func() { o.took = time.Since(due) }()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(c.fields); i += 2 {
		form.WriteField(c.fields[i], c.fields[i+1])
	}
	part, err := form.CreateFormFile("file", c.name)
	check(err)
	part.Write(c.data)
	form.Close()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+c.path, &body)
	check(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	for i := 0; i+1 < len(c.header); i += 2 {
		r.Header.Set(c.header[i], c.header[i+1])
	}
	resp, err := c.from.Do(r)
	if err != nil {
		return outcome{err: err}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return outcome{status: resp.StatusCode, header: resp.Header, body: answer, err: err}
}

// tally is what came of many.
type tally struct {
	mu       sync.Mutex
	statuses map[int]int
	took     []time.Duration // of those with the status that counts
	waited   []time.Duration // and of those that say so, from acceptance to the beginning of work
	worked   []time.Duration // and to its end
	errors   int             // of connections
	silent   int             // refusals that do not say when to come back
	why      string
	span     time.Duration
}

func (t *tally) add(o outcome, good int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.statuses == nil {
		t.statuses = make(map[int]int)
	}
	if o.err != nil {
		t.errors++
		t.why = o.err.Error()
		return
	}
	t.statuses[o.status]++
	switch {
	case o.status == good:
		t.took = append(t.took, o.took)
		t.look(o.body)
	case o.status != 429 && o.status != 503:
		t.why = fmt.Sprintf("%d %.200s", o.status, o.body)
	case o.header.Get("Retry-After") == "":
		t.silent++
	}
}

// look reads when a document was accepted, begun and done, by the server's clock.
func (t *tally) look(body []byte) {
	var v struct {
		Created  time.Time `json:"created_at"`
		Started  time.Time `json:"started_at"`
		Finished time.Time `json:"finished_at"`
	}
	if json.Unmarshal(body, &v) == nil && !v.Finished.IsZero() {
		t.waited, t.worked = append(t.waited, v.Started.Sub(v.Created)), append(t.worked, v.Finished.Sub(v.Started))
	}
}

// at returns a quantile of how long it took.
func (t *tally) at(q float64) time.Duration { return quantile(t.took, q) }

func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[min(int(q*float64(len(all))), len(all)-1)]
}

func (t *tally) rate() float64 { return float64(len(t.took)) / t.span.Seconds() }

// closed has so many clients send one document after the other for a time.
func (s *service) closed(ctx context.Context, clients int, phase time.Duration, next func(n int) call, good int) *tally {
	var all sync.WaitGroup
	var mu sync.Mutex
	t, n, start := new(tally), 0, time.Now()
	for range clients {
		all.Go(func() {
			for time.Since(start) < phase && ctx.Err() == nil {
				mu.Lock()
				n++
				c := n
				mu.Unlock()
				doc := next(c)
				t.add(s.send(ctx, doc, time.Now()), good)
			}
		})
	}
	all.Wait()
	t.span = time.Since(start)
	return t
}

// paced sends documents when they are due, whether earlier ones are answered or not.
func (s *service) paced(ctx context.Context, rate int, phase time.Duration, next func(n int) call, good int) *tally {
	var all sync.WaitGroup
	t, start := new(tally), time.Now()
	for n := 0; ctx.Err() == nil; n++ {
		due := start.Add(time.Duration(n) * time.Second / time.Duration(rate))
		if due.Sub(start) >= phase {
			break
		}
		time.Sleep(time.Until(due))
		all.Go(func() { t.add(s.send(ctx, next(n), due), good) })
	}
	t.span = time.Since(start)
	all.Wait()
	return t
}
