package chaos

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/docsift/docsift/internal/sim"
)

const (
	timeout  = 1500 * time.Millisecond // of one call of a model
	deadline = 6 * time.Second         // of a document
)

// differs tells the settings of the service under test that are not the defaults.
func differs() []string {
	return []string{
		fmt.Sprintf("policy of its own: one hosted stage of %d equal models that read the text; timeout %v (default 30s), deadline %v (default 60s), where all are dead or refuse %v and %v, retries 1, reask",
			len(accounts()), timeout, deadline, shortTimeout, shortDeadline),
		"the local model stands before it in A3's last part alone, so that elsewhere every document needs a provider",
		"F1: breakers open after 1,000,000 failures in a row, so that every lie is heard",
		"DOCSIFT_CHILDREN=0, DOCSIFT_OCR=off: the documents are short texts, read in the service's own process",
		fmt.Sprintf("providers are simulated on loopback ports and answer in %v on average; the limits that they announce are never reached", latency),
	}
}

// plan is what a world is made of. The zero value is one service over four healthy providers.
type plan struct {
	name     string
	first    int               // the account that is asked first
	only     bool              // and no other
	local    bool              // the local model is asked before
	short    bool              // calls and documents have less time
	breaker  string            // of the policy, in YAML
	env      map[string]string // goes before everything else
	services int
	lies     func(sim.Call) sim.Effect

	// dying returns an address for the first provider that fails; "" leaves it as it is.
	dying func(*provider) (string, error)
}

// world is providers, the services that ask them, and a folder for what these write.
type world struct {
	run       *run
	dir       string
	began     time.Time
	providers []*provider // in the order in which they are asked
	services  []*service
}

// start makes a world. Close it.
func (r *run) start(ctx context.Context, p plan) (_ *world, err error) {
	w := &world{run: r, began: time.Now(), dir: filepath.Join(r.dir, fmt.Sprintf("%02d-%s", r.folder.Add(1), p.name))}
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	for i := range accounts() {
		a := accounts()[(p.first+i)%len(accounts())]
		made, err := newProvider(a, r.Seed+uint64(i), p.lies)
		if err != nil {
			return nil, err
		}
		w.providers = append(w.providers, made)
	}
	if p.dying != nil {
		address, err := p.dying(w.providers[0])
		if err != nil {
			return nil, err
		}
		p.env = map[string]string{w.providers[0].url: address}
	}
	files := map[string]string{"policy.yaml": p.policy(w.providers), "taxonomy.yaml": taxonomyFile()}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("write settings: %w", err)
		}
	}
	for i := range max(1, p.services) {
		s, err := r.startService(ctx, w.dir, fmt.Sprintf("service-%d", i+1), w.env(p))
		if err != nil {
			return nil, err
		}
		w.services = append(w.services, s)
	}
	return w, nil
}

// policy returns the policy's file.
func (p plan) policy(providers []*provider) string {
	var b strings.Builder
	call, end := timeout, deadline
	if p.short {
		call, end = shortTimeout, shortDeadline
	}
	fmt.Fprintf(&b, "name: chaos\nversion: \"1\"\nconfidence: 0.8\ndeadline: %v\nretries: 1\nreask: true\n", end)
	if p.breaker != "" {
		fmt.Fprintf(&b, "breaker: %s\n", p.breaker)
	}
	b.WriteString("stages:\n")
	if p.local {
		b.WriteString("  - name: local\n    views: [text]\n    chars: 20000\n    confidence: ${DOCSIFT_LOCAL_THRESHOLD:-0.9}\n    models: [{model: local}]\n")
	}
	b.WriteString("  - name: text\n    views: [text]\n    models:\n")
	for i, a := range providers {
		if i == 0 || !p.only {
			fmt.Fprintf(&b, "      - {%s, max_tokens: 100, timeout: %v}\n", a.spec, call)
		}
	}
	return b.String()
}

func taxonomyFile() string {
	return "id: chaos\nversion: \"1\"\ncategories:\n  - " + strings.Join(categories(), "\n  - ") + "\n"
}

// env returns the settings of a service. It inherits none but where to keep what it compiles.
func (w *world) env(p plan) []string {
	set := map[string]string{
		"DOCSIFT_POLICY":   filepath.Join(w.dir, "policy.yaml"),
		"DOCSIFT_TAXONOMY": filepath.Join(w.dir, "taxonomy.yaml"),
		"DOCSIFT_DATA":     w.data(),
		"DOCSIFT_CHILDREN": "0", "DOCSIFT_OCR": "off", "HOME": w.dir, "GOTRACEBACK": "all",
	}
	for _, name := range []string{"PATH", "TMPDIR", "SYSTEMROOT"} {
		if v := os.Getenv(name); v != "" {
			set[name] = v
		}
	}
	for _, made := range w.providers {
		set[made.url], set[made.key] = made.base("http"), w.run.leaks.key(made.key)
	}
	for name, value := range p.env {
		set[name] = value
	}
	var env []string
	for name, value := range set {
		env = append(env, name+"="+value)
	}
	return env
}

// data is the folder that the services share.
func (w *world) data() string { return filepath.Join(w.dir, "data") }

// service returns the only or first service.
func (w *world) service() *service { return w.services[0] }

// alone is service for a stream.
func (w *world) alone(int) *service { return w.services[0] }

// close ends everything, and looks for keys in what is left. The services take a while to end,
// which the run waits for at its end.
func (w *world) close() {
	w.run.worlds.Go(w.end)
}

// end is close that waits.
func (w *world) end() {
	for _, s := range w.services {
		s.look()
		s.stop()
	}
	for _, p := range w.providers {
		p.shut()
	}
	w.run.leaks.searchFolder(w.dir)
}
