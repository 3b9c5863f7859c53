//go:build linux

package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load brings documents, and remembers what was promised of each.
type load struct {
	world  *world
	client *http.Client
	made   atomic.Int64
	tries  atomic.Int64

	mu       sync.Mutex
	accepted map[string]int // ids of 202s, and which document it was
	odd      map[string]int // answers that there should not be, and how many
	waits    []time.Duration
}

func newLoad(w *world) *load {
	return &load{
		world: w, accepted: make(map[string]int), odd: make(map[string]int),
		client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
	}
}

// run brings documents at a rate until ctx ends, and then waits for those under way for as long as patience.
func (l *load) run(ctx context.Context, rate float64, patience time.Duration) {
	upload, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	tick := time.NewTicker(time.Duration(float64(time.Second) / rate))
	defer tick.Stop()
	room := make(chan struct{}, 256)
	var under sync.WaitGroup
	for {
		select {
		case <-ctx.Done():
			late := time.AfterFunc(patience, cancel)
			under.Wait()
			late.Stop()
			return
		case <-tick.C:
		}
		select {
		case room <- struct{}{}:
			under.Go(func() {
				defer func() { <-room }()
				l.bring(upload, int(l.made.Add(1)))
			})
		default: // as many as a client has hands
		}
	}
}

// bring tries until the document is accepted.
func (l *load) bring(ctx context.Context, n int) {
	began := time.Now()
	servers := l.world.servers
	for try := n; ctx.Err() == nil; try++ {
		l.tries.Add(1)
		id, err := l.post(ctx, servers[try%len(servers)].url, n)
		if err == nil {
			l.mu.Lock()
			l.accepted[id] = n
			l.waits = append(l.waits, time.Since(began))
			l.mu.Unlock()
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(500*time.Millisecond + rand.N(time.Second)):
		}
	}
}

func (l *load) post(ctx context.Context, url string, n int) (id string, err error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", fmt.Sprintf("folio-%d.txt", n))
	io.WriteString(part, document(n))
	form.Close()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/v1/classifications", &body)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Prefer", "respond-async")
	req.Header.Set("Idempotency-Key", fmt.Sprintf("folio-%d", n))
	var got struct {
		ID   string `json:"id"`
		Code string `json:"code"`
	}
	status, err := l.exchange(req, &got)
	switch {
	case err != nil:
		return "", err
	case status == http.StatusAccepted && got.ID != "":
		return got.ID, nil
	case !slices.Contains([]int{http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusConflict}, status):
		l.mu.Lock()
		l.odd[fmt.Sprintf("%d %s", status, got.Code)]++
		l.mu.Unlock()
	}
	return "", fmt.Errorf("status %d", status)
}

// exchange sends a request and reads the answer's JSON.
func (l *load) exchange(req *http.Request, to any) (status int, err error) {
	resp, err := l.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(to)
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// get reads an address of the first server, again if it must.
func (l *load) get(path string, to any) (status int, err error) {
	for range 20 {
		var req *http.Request
		if req, err = http.NewRequest(http.MethodGet, l.world.servers[0].url+path, nil); err != nil {
			return 0, err
		}
		if status, err = l.exchange(req, to); err == nil && status != http.StatusServiceUnavailable {
			return status, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return status, err
}

// id returns that under which a document was accepted; "" while it was not.
func (l *load) id(n int) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, of := range l.accepted {
		if of == n {
			return id
		}
	}
	return ""
}
