//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/openai"
	"github.com/docsift/docsift/taxonomy"
)

// policy has one hosted model, which is shown the whole text.
const policy = `name: bench
version: "1"
confidence: 0.1
stages:
  - name: text
    views: [text]
    chars: 4000
    models: [{model: openai/gpt-6-luna, max_tokens: 100, effort: none}]
`

const question = `{"type":"choice","name":"kind","instructions":"Which kind of document is this?",` +
	`"choices":[{"value":"delivery note"},{"value":"letter"},{"value":"stock list"},{"value":"other"}]}`

// serve answers on a port of its own.
func serve(h http.Handler) (url string, stop func(), err error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(ln)
	return "http://" + ln.Addr().String(), func() { srv.Close() }, nil
}

// open starts what stands between. stop ends it, beside an error too.
func open(ctx context.Context, provider string, s settings) (ways []way, stop func(), err error) {
	var running []*process
	stop = func() {
		for _, p := range running {
			p.stop()
		}
	}
	body, err := chatBody(ctx)
	if err != nil {
		return nil, stop, err
	}
	direct := way{
		name: "direct", url: provider + "/v1/chat/completions", body: body, wants: `"choices"`, client: client(),
		header: http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer sk-bench"}},
	}
	p, err := startDocsift(ctx, s.docsift, provider)
	if err != nil {
		return nil, stop, err
	}
	running = append(running, p)
	ours := direct
	ours.name, ours.url, ours.pid, ours.client = "docsift", p.url+"/v1/decisions", p.pid(), client()
	ours.body, ours.wants = []byte(`{"model":"docsift","input":"`+mark+`","questions":[`+question+`]}`), `"type":"choice"`
	ways = []way{direct, ours}
	p, err = startProxy(ctx, provider)
	if err != nil {
		return nil, stop, err
	}
	running = append(running, p)
	copied := direct
	copied.name, copied.url, copied.pid, copied.client = "proxy", p.url+"/v1/chat/completions", p.pid(), client()
	ways = append(ways, copied)
	if s.portkey != "" {
		p, err := startPortkey(ctx, s.portkey)
		if err != nil {
			return nil, stop, err
		}
		running = append(running, p)
		theirs := direct
		theirs.name, theirs.url, theirs.pid, theirs.client = "portkey", p.url+"/v1/chat/completions", p.pid(), client()
		theirs.header = direct.header.Clone()
		theirs.header.Set("X-Portkey-Provider", "openai")
		theirs.header.Set("X-Portkey-Custom-Host", provider+"/v1")
		ways = append(ways, theirs)
	}
	return ways, stop, nil
}

// chatBody returns the very body that docsift sends to the provider, with the mark for the text.
func chatBody(ctx context.Context) ([]byte, error) {
	choices := []taxonomy.Category{{Name: "delivery note"}, {Name: "letter"}, {Name: "stock list"}}
	t, err := taxonomy.Ask("Which kind of document is this?", choices, true)
	if err != nil {
		return nil, err
	}
	var sent []byte
	o := openai.Options{Model: "gpt-6-luna", Key: "sk-bench", Client: &http.Client{Transport: tap(func(r *http.Request) error {
		sent, err = io.ReadAll(r.Body)
		return errors.Join(err, errTapped)
	})}}
	o.Effort, o.MaxTokens = "none", 100
	req := model.Request{Taxonomy: t, Text: mark, Document: model.Facts{Type: "txt", Bytes: textBytes, Pages: 1}}
	if _, err = openai.New(o).Score(ctx, req); len(sent) == 0 || !bytes.Contains(sent, []byte(mark)) {
		return nil, fmt.Errorf("no request to copy: %w", err)
	}
	return sent, nil
}

var errTapped = errors.New("nothing is sent")

// tap is a transport that looks and sends nothing.
type tap func(*http.Request) error

// RoundTrip looks at a request.
func (f tap) RoundTrip(r *http.Request) (*http.Response, error) { return nil, f(r) }

// process is one that stands between.
type process struct {
	cmd *exec.Cmd
	url string
	dir string // to remove; "" for none
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	late := time.AfterFunc(5*time.Second, func() { _ = p.cmd.Process.Kill() })
	_ = p.cmd.Wait() // it was told to
	late.Stop()
	if p.dir != "" {
		_ = os.RemoveAll(p.dir)
	}
}

func startDocsift(ctx context.Context, program, provider string) (*process, error) {
	dir, err := os.MkdirTemp("", "benchgateway-*")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "bench.yaml"), []byte(policy), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.CommandContext(ctx, program, "serve", "--addr", "127.0.0.1:0", "--policy", filepath.Join(dir, "bench.yaml"))
	cmd.Stderr, cmd.Env = log, append(os.Environ(), "OPENAI_API_KEY=sk-bench", "OPENAI_BASE_URL="+provider+"/v1",
		"DOCSIFT_LEDGER="+filepath.Join(dir, "ledger")) // what is spent on a simulator is nobody's money
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, dir: dir}
	err = until(ctx, func() bool {
		said, _ := os.ReadFile(log.Name())
		if m := regexp.MustCompile(`url=(http://\S+)`).FindSubmatch(said); m != nil {
			p.url = string(m[1])
		}
		return p.url != ""
	})
	return p.or(err)
}

// startProxy starts this program once more, as what only copies.
func startProxy(ctx context.Context, provider string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-forward", provider)
	said, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	_, err = fmt.Fscan(said, &p.url)
	return p.or(err)
}

// forwardTo copies requests to a provider and its answers back until ctx ends.
func forwardTo(ctx context.Context, provider string) {
	target, err := url.Parse(provider)
	if err != nil {
		panic(err) // it comes from startProxy
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = client().Transport
	at, stop, err := serve(proxy)
	if err != nil {
		panic(err)
	}
	defer stop()
	fmt.Println(at)
	<-ctx.Done()
}

// startPortkey starts the gateway of that name without its page.
func startPortkey(ctx context.Context, script string) (*process, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := ln.Addr().String()
	ln.Close() // it takes no port 0
	_, port, _ := strings.Cut(address, ":")
	cmd := exec.CommandContext(ctx, "node", script, "--headless", "--port="+port)
	cmd.Env = append(os.Environ(), "NODE_ENV=production")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, url: "http://" + address}
	err = until(ctx, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return p.or(err)
}

// or ends p where starting it failed.
func (p *process) or(err error) (*process, error) {
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// until waits for a process to be ready.
func until(ctx context.Context, ready func() bool) error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if ready() {
			return nil
		}
	}
	return errors.New("it does not come up")
}
