//go:build linux && !race

package app_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/docsift/docsift/internal/nginxtest"
	"github.com/docsift/docsift/internal/pgtest"
	"github.com/docsift/docsift/internal/sim"
)

const nginxConf = "../../deploy/nginx/docsift.conf"

// instance is a server that is a process, so that it can be killed.
type instance struct {
	t     *testing.T
	addr  string
	env   []string
	cmd   *exec.Cmd
	ended chan struct{}
}

// run starts it and returns when it listens.
func (i *instance) run() {
	i.t.Helper()
	i.cmd = exec.Command(os.Args[0], serveCommand)
	i.cmd.Env = append(os.Environ(), append(i.env, "DOCSIFT_ADDR="+i.addr)...)
	i.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	said, err := i.cmd.StderrPipe()
	if err != nil {
		i.t.Fatal(err)
	}
	begun, listens := make(chan error), make(chan struct{})
	i.ended = make(chan struct{})
	go func() {
		runtime.LockOSThread() // the server would die with the thread that began it
		err := i.cmd.Start()
		begun <- err
		if err == nil {
			tell := sync.OnceFunc(func() { close(listens) })
			for lines := bufio.NewScanner(said); lines.Scan(); {
				if strings.Contains(lines.Text(), "msg=listening") {
					tell()
				} else if strings.Contains(lines.Text(), "level=ERROR") {
					i.t.Log(lines.Text())
				}
			}
			i.cmd.Wait()
		}
		close(i.ended)
	}()
	if err := <-begun; err != nil {
		i.t.Fatal(err)
	}
	select {
	case <-listens:
	case <-i.ended:
		i.t.Fatal("a server ended at once")
	case <-time.After(time.Minute):
		i.t.Fatal("a server does not listen")
	}
}

func (i *instance) end(s os.Signal) {
	i.cmd.Process.Signal(s)
	<-i.ended
}

// pair is two servers over one database behind nginx.
type pair struct {
	url     string
	servers [2]*instance
}

func newPair(t *testing.T, settings ...string) pair {
	t.Helper()
	provider, err := sim.New(sim.Options{Latency: 100 * time.Millisecond, Script: sim.Script{Steps: []sim.Step{{Effect: sim.Effect{Label: "invoice", Confidence: "0.95"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: provider}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	database, data := pgtest.Database(t), t.TempDir()
	var p pair
	var addrs [2]string
	for n := range p.servers {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addrs[n] = free.Addr().String()
		free.Close()
		i := &instance{t: t, addr: addrs[n], env: append([]string{
			"DATABASE_URL=" + database, "DOCSIFT_DATA=" + data, "DOCSIFT_CACHE=off", "DOCSIFT_POLICY=guide", "DOCSIFT_AUTH=off", "DOCSIFT_CHILDREN=0",
			"DOCSIFT_TRUSTED_PROXIES=127.0.0.1", "OPENAI_API_KEY=sk-canary", "OPENAI_BASE_URL=http://" + ln.Addr().String() + "/v1",
		}, settings...)}
		i.run()
		t.Cleanup(func() { i.end(syscall.SIGKILL) })
		p.servers[n] = i
	}
	p.url = "http://" + nginxtest.Start(t, nginxConf, addrs).Addr
	return p
}

// send posts document n, to be answered later or now, and returns the status and what came.
func (p pair) send(from *http.Client, n int, header ...string) (int, http.Header, []byte, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "letter.txt")
	if err != nil {
		return 0, nil, nil, err
	}
	fmt.Fprintf(part, "Letter number %d, which says next to nothing of what it is meant to be.", n)
	form.Close()
	r, err := http.NewRequest(http.MethodPost, p.url+"/v1/classifications", &body)
	if err != nil {
		return 0, nil, nil, err
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := from.Do(r)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, resp.Header, data, err
}

// One server is killed behind nginx, then the other is ended, and no request with a key fails.
func TestServersDieBehindNginx(t *testing.T) {
	p := newPair(t, "DOCSIFT_RATE_LIMIT=off", "DOCSIFT_RATE_LIMIT_ASYNC=off")
	var sent, failed atomic.Int64
	var mu sync.Mutex
	var accepted []string
	var all sync.WaitGroup
	end := make(chan struct{})
	for client := range 8 {
		all.Go(func() {
			for {
				select {
				case <-end:
					return
				default:
				}
				n, want := int(sent.Add(1)), http.StatusOK
				header := []string{"Idempotency-Key", fmt.Sprint("letter ", n)}
				if client%2 == 0 {
					header, want = append(header, "Prefer", "respond-async"), http.StatusAccepted
				}
				status, _, body, err := p.send(http.DefaultClient, n, header...)
				if status != want || err != nil {
					failed.Add(1)
					t.Errorf("request %d: %d %.300s %v", n, status, body, err)
					time.Sleep(100 * time.Millisecond)
					continue
				}
				var v struct{ ID string }
				if err := json.Unmarshal(body, &v); err != nil || v.ID == "" {
					t.Errorf("request %d: %s", n, body)
				}
				mu.Lock()
				accepted = append(accepted, v.ID)
				mu.Unlock()
			}
		})
	}
	time.Sleep(time.Second) // under load
	p.servers[0].end(syscall.SIGKILL)
	time.Sleep(time.Second)
	p.servers[0].run()
	time.Sleep(11 * time.Second) // what it held is the other's by now
	p.servers[1].end(syscall.SIGTERM)
	time.Sleep(time.Second)
	p.servers[1].run()
	time.Sleep(2 * time.Second)
	close(end)
	all.Wait()
	t.Logf("%d requests, %d failed", sent.Load(), failed.Load())
	p.answered(t, accepted)
}

// answered waits until all are.
func (p pair) answered(t *testing.T, ids []string) {
	t.Helper()
	late := time.Now().Add(2 * time.Minute)
	for _, id := range ids {
		for {
			a, v := do(t, http.MethodGet, p.url+"/v1/classifications/"+id, "")
			if a.status == 200 && v["status"] == "completed" {
				break
			}
			if time.Now().After(late) {
				t.Fatalf("%s: %v %v", id, a, v)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// from is a client with an address of its own, which is no proxy's.
func from(a, b, c, d byte) *http.Client {
	return &http.Client{Transport: &http.Transport{DialContext: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(a, b, c, d)}}).DialContext}}
}

// Limits are those of whoever is before nginx, and what he says of himself does not help.
func TestLimitsBehindNginx(t *testing.T) {
	p := newPair(t, "DOCSIFT_RATE_LIMIT=4/h", "DOCSIFT_POLICY=local")
	passed, client := 0, from(127, 0, 0, 9)
	for n := range 24 {
		status, header, body, err := p.send(client, n, "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", n), "Forwarded", fmt.Sprintf("for=198.51.100.%d", n))
		switch {
		case err == nil && status == 200:
			passed++
		case status != 429 || header.Get("Retry-After") == "":
			t.Errorf("%d %s %v", status, body, err)
		}
	}
	if passed < 4 || passed > 8 { // without Redis each server counts for itself
		t.Errorf("%d of 24 passed two servers that let 4 pass", passed)
	}
	resp, err := from(127, 0, 0, 8).Get(p.url + "/v1/taxonomies")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("another client: %d", resp.StatusCode)
	}
}

// What is too large is refused in docsift's words, and what no server would take before it has come.
func TestSizesBehindNginx(t *testing.T) {
	p := newPair(t, "DOCSIFT_RATE_LIMIT=off", "DOCSIFT_POLICY=local")
	for size, want := range map[int]string{21 << 20: "too_large", 40 << 20: "nginx"} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		part, _ := form.CreateFormFile("file", "letter.txt")
		part.Write(bytes.Repeat([]byte("x"), size))
		form.Close()
		resp, err := http.Post(p.url+"/v1/classifications", form.FormDataContentType(), &body)
		if err != nil {
			if want == "nginx" && strings.Contains(err.Error(), "reset") { // it hung up on one who sends on
				continue
			}
			t.Fatal(err)
		}
		got, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 413 || !strings.Contains(string(got), want) {
			t.Errorf("%d bytes: %d %.200s", size, resp.StatusCode, got)
		}
	}
}
