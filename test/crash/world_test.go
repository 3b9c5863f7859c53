//go:build linux

package crash

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/redistest"
	"github.com/docsift/docsift/internal/sim"
)

// world is a service, what it depends on, and who listens to it.
type world struct {
	t        *testing.T
	dir      string
	postgres *pgtest.Server // nil: SQLite
	redis    *redistest.Server
	provider *provider
	receiver *receiver
	servers  []*process
	workers  []*process
}

const (
	model  = "openai/gpt-6-luna"
	policy = `name: crash
version: "1"
confidence: 0.8
deadline: 20s
retries: 1
stages:
  - name: text
    views: [text]
    models: [{model: ` + model + `, effort: none, max_tokens: 100, timeout: 10s}]
`
)

func taxonomy() string {
	return "id: crash\nversion: \"1\"\ncategories: [" + strings.Join(labels, ", ") + "]\n"
}

var labels = []string{"invoice", "receipt", "contract", "resume"}

// newWorld starts servers and workers over one PostgreSQL and one Redis, or over one folder.
func newWorld(t *testing.T, postgres bool) *world {
	w := &world{t: t, dir: t.TempDir(), redis: redistest.Start(t), provider: newProvider(t), receiver: newReceiver(t)}
	servers := 1
	if postgres {
		w.postgres, servers = pgtest.Start(t), 2
	}
	w.write("policy.yaml", policy)
	w.write("taxonomy.yaml", taxonomy())
	for i := range servers {
		address := freeAddress(t)
		s := w.process(fmt.Sprintf("server-%d", i+1), "DOCSIFT_WORKERS=0", "serve", "--addr", address)
		s.url = "http://" + address
		w.servers = append(w.servers, s)
		w.workers = append(w.workers, w.process(fmt.Sprintf("worker-%d", i+1), "DOCSIFT_WORKERS=24", "worker"))
	}
	t.Cleanup(func() {
		for _, p := range w.all() {
			p.cmd.Process.Kill()
			<-p.ended
		}
	})
	w.hook() // of which all hear in time: none has finished a document yet
	return w
}

func (w *world) write(name, text string) {
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// process starts a docsift.
func (w *world) process(name, setting string, args ...string) *process {
	p := &process{t: w.t, name: name, bin: *binary, args: args, log: filepath.Join(w.dir, name+".log"), asks: newDoor(w.t, name, w.provider)}
	p.env = append(w.settings(p), setting, "REDIS_URL="+w.redis.URL, "DOCSIFT_LEASE="+lease.String(), "LOG_LEVEL=warning")
	if w.postgres != nil {
		p.env = append(p.env, "DATABASE_URL="+w.postgres.URL("postgres"))
	}
	p.start()
	return p
}

// settings returns those that all processes have.
func (w *world) settings(p *process) []string {
	return []string{
		"HOME=" + w.dir, "PATH=" + os.Getenv("PATH"), "DOCSIFT_POLICY=" + filepath.Join(w.dir, "policy.yaml"),
		"DOCSIFT_TAXONOMY=" + filepath.Join(w.dir, "taxonomy.yaml"), "DOCSIFT_DATA=" + w.data(), "DOCSIFT_CHILDREN=0", "DOCSIFT_OCR=off",
		"OPENAI_API_KEY=sk-crash", "OPENAI_BASE_URL=" + p.asks.url + "/v1", "DOCSIFT_WEBHOOK_ALLOW=127.0.0.0/8",
		"DOCSIFT_LEDGER=off",
	}
}

func (w *world) data() string { return filepath.Join(w.dir, "data") }

func (w *world) all() []*process {
	return append(w.servers[:len(w.servers):len(w.servers)], w.workers...)
}

// busy returns how many calls of the provider are under way.
func (w *world) busy() (n int64) {
	for _, p := range w.all() {
		n += p.asks.busy.Load()
	}
	return n
}

// hook waits for the first server, and has it tell the receiver what becomes of documents.
func (w *world) hook() {
	body := `{"url": "` + w.receiver.url + `/hook"}`
	for end := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		resp, err := http.Post(w.servers[0].url+"/v1/webhooks", "application/json", strings.NewReader(body))
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusCreated {
				break
			}
			err = fmt.Errorf("status %d", resp.StatusCode)
		}
		if time.Now().After(end) {
			w.t.Fatalf("no webhook can be made: %v", err)
		}
	}
}

// provider is a simulated one. It remembers what it was asked about each document.
type provider struct {
	sim *sim.Server

	mu    sync.Mutex
	calls map[int][]call
}

// call is one of a provider.
type call struct {
	by           string // the name of a process
	began, ended time.Time
	gone         bool // nobody waited for the answer any more
}

func newProvider(t *testing.T) *provider {
	answer := func(c sim.Call) sim.Answer {
		return sim.Answer{Label: label(number(strings.Join(c.Text, "\n"))), Confidence: 0.95}
	}
	s, err := sim.New(sim.Options{
		Answer: answer, Latency: 400 * time.Millisecond, Jitter: 0.5, Limits: []sim.Limit{{RPM: 100_000_000, TPM: 1_000_000_000}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &provider{sim: s, calls: make(map[int][]call)}
}

func (p *provider) note(n int, c call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls[n] = append(p.calls[n], c)
}

// again counts the calls, those about documents that had been asked about before, and of these the
// ones that no kill is an excuse for: the call before was not under way at one.
func (p *provider) again(kills []kill) (calls, twice, needless int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for n, all := range p.calls {
		calls += len(all)
		for i, c := range all[:len(all)-1] {
			twice++
			if slices.ContainsFunc(kills, func(k kill) bool { return k.hit(c) }) {
				continue
			}
			needless++
			fmt.Printf("    folio %d: %s from %v to %v, gone: %v; and %s from %v\n", n, c.by, c.began, c.ended, c.gone, all[i+1].by, all[i+1].began)
		}
	}
	return calls, twice, needless
}

// kill is what was killed, and for how long it was gone.
type kill struct {
	what        string // the name of a process; "" for what all of them need
	from, until time.Time
}

// moment is what a process may take to keep an answer that it has read, while the database that is to
// keep it comes back.
const moment = 10 * time.Second

// hit reports whether the answer to a call may have been lost with what was killed.
func (k kill) hit(c call) bool {
	return (k.what == "" || k.what == c.by) && c.began.Before(k.until) && c.ended.Add(moment).After(k.from)
}

var folio = regexp.MustCompile(`Folio (\d+) of`)

// number finds that of a document in what is asked about it.
func number(text string) int {
	n := -1
	if m := folio.FindStringSubmatch(text); m != nil {
		n, _ = strconv.Atoi(m[1])
	}
	return n
}

// document returns the nth document, which says nothing of what it is: only the provider knows.
func document(n int) string {
	return fmt.Sprintf("Folio %d of the pile.\n%s", n, strings.Repeat("lantern velvet harbour cobalt willow drift meadow quartz ember\n", 12))
}

func label(n int) string { return labels[max(n, 0)%len(labels)] }

// receiver takes events.
type receiver struct {
	url string

	mu     sync.Mutex
	events map[string]map[string]int // by subject and webhook-id: how often it came
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{events: make(map[string]map[string]int)}
	r.url = serve(t, r)
	return r
}

// ServeHTTP takes an event.
func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var event struct {
		Data struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	if json.NewDecoder(req.Body).Decode(&event) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.events[event.Data.ID] == nil {
		r.events[event.Data.ID] = make(map[string]int)
	}
	r.events[event.Data.ID][req.Header.Get("webhook-id")]++
}

// of returns the ids of the events about a subject, and how often each came.
func (r *receiver) of(id string) map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.events[id])
}
