//go:build linux

package crash

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"modernc.org/sqlite"

	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/config"
	"github.com/docsift/docsift/internal/pgtest"
)

var steps = flag.Bool("steps", false, "die at each step on the way of a document")

// The settings of the server that dies: a test binary that serves.
const (
	childSetting = "CRASH_CHILD"
	atSetting    = "CRASH_AT"    // the commit of SQLite before which it dies
	armedSetting = "CRASH_ARMED" // the file from whose making on commits count
)

// TestMain serves instead of testing where it is told to.
func TestMain(m *testing.M) {
	if os.Getenv(childSetting) == "" {
		os.Exit(m.Run())
	}
	if at := os.Getenv(atSetting); at != "" {
		dieAtCommit(at)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	c, err := config.Load(os.Getenv, config.DefaultFile)
	if err != nil {
		panic(err)
	}
	a, err := app.New(app.Options{Config: c, Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Version: "crash"})
	if err != nil {
		panic(err)
	}
	a.Run(ctx)
	a.Close()
}

func dieAtCommit(at string) {
	var n int
	fmt.Sscan(at, &n)
	var seen atomic.Int64
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, _ string) error {
		conn.(sqlite.HookRegisterer).RegisterCommitHook(func() int32 {
			if _, err := os.Stat(os.Getenv(armedSetting)); err == nil && seen.Add(1) == int64(n) {
				syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
			return 0
		})
		return nil
	})
}

// trap is the step at which the server dies.
type trap struct {
	kind  string // commit, call or event
	after bool   // when it is done, and before anybody hears of that
	n     int    // the nth of its kind

	mu    sync.Mutex
	armed bool
	seen  int
	kill  func()
}

func (s *trap) String() string {
	return fmt.Sprintf("%s %s %d", map[bool]string{false: "before", true: "after"}[s.after], s.kind, s.n)
}

// step dies if this is the step. It reports whether it did.
func (s *trap) step(kind string, after bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.armed || kind != s.kind || after != s.after {
		return false
	}
	if s.seen++; s.seen != s.n {
		return false
	}
	s.kill()
	return true
}

// around dies before or after a handler.
func (s *trap) around(kind string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if s.step(kind, false) {
			return
		}
		h.ServeHTTP(w, r)
		s.step(kind, true)
	})
}

// wire leads to a PostgreSQL server.
func (s *trap) wire(t *testing.T, to string) (address string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			near, err := ln.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				near.Close()
				continue
			}
			go s.pass(near, far)
		}
	}()
	return ln.Addr().String()
}

var commit = []byte("Q\x00\x00\x00\x0bcommit\x00")

// pass passes on what both sides say, and dies at a commit.
func (s *trap) pass(near, far net.Conn) {
	var asked atomic.Bool
	go func() {
		defer near.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := far.Read(buf)
			if err != nil || asked.Swap(false) && s.step("commit", true) {
				return
			}
			near.Write(buf[:n])
		}
	}()
	defer far.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := near.Read(buf)
		if err != nil {
			return
		}
		if bytes.Contains(buf[:n], commit) {
			if s.step("commit", false) {
				return
			}
			asked.Store(true)
		}
		far.Write(buf[:n])
	}
}

// Wherever a server dies on the way of a document, it is classified once by the next one, and paid
// for twice only if the call was under way.
func TestSteps(t *testing.T) {
	if !*steps {
		t.Skip("'make crash' runs it")
	}
	t.Run("PostgreSQL", func(t *testing.T) {
		server := pgtest.Start(t)
		n := 0
		walk(t, []bool{false, true}, func() string {
			n++
			name := fmt.Sprintf("walk_%d", n)
			server.Do("postgres", "CREATE DATABASE "+name)
			return server.URL(name)
		})
	})
	t.Run("SQLite", func(t *testing.T) { walk(t, []bool{false}, func() string { return "" }) })
}

// walk goes the way again and again, and dies one step later each time.
func walk(t *testing.T, commits []bool, database func() string) {
	for _, kind := range []string{"commit", "call", "event"} {
		ends := []bool{false, true}
		if kind == "commit" {
			ends = commits
		}
		for _, after := range ends {
			for n := 1; ; n++ {
				s := &trap{kind: kind, after: after, n: n}
				calls, died := s.once(t, database())
				if !died {
					break
				}
				fmt.Printf("  %s, died %v: %d calls\n", t.Name(), s, calls)
				if n > 40 {
					t.Fatal("the way has no end")
				}
			}
		}
	}
}

// once has a document go the way and die at the trap, and checks what came of it.
func (s *trap) once(t *testing.T, database string) (calls int, died bool) {
	w := &world{t: t, dir: t.TempDir(), provider: newProvider(t), receiver: &receiver{events: make(map[string]map[string]int)}}
	w.receiver.url = serve(t, s.around("event", w.receiver))
	w.write("policy.yaml", policy)
	w.write("taxonomy.yaml", taxonomy())
	p := s.child(w, database)
	w.servers = []*process{p}
	p.start()
	defer func() {
		p.cmd.Process.Kill()
		<-p.ended
	}()
	w.hook()
	l := newLoad(w)
	s.mu.Lock()
	s.armed, s.kill = true, func() {
		p.cmd.Process.Kill()
		<-p.ended
	}
	s.mu.Unlock()
	w.write("armed", "")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	brought := make(chan struct{})
	go func() {
		defer close(brought)
		l.bring(ctx, 1)
	}()
	through := make(chan struct{})
	go func() {
		defer close(through)
		<-brought
		for len(w.receiver.of(l.id(1))) == 0 && ctx.Err() == nil {
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(300 * time.Millisecond) // what the event leads to
	}()
	select {
	case <-p.ended:
	case <-through:
	}
	os.Remove(filepath.Join(w.dir, "armed"))
	s.mu.Lock()
	s.armed = false
	s.mu.Unlock()
	select {
	case <-p.ended: // perhaps of what came after the event
		died = true
		p.start()
		<-through
		time.Sleep(1500 * time.Millisecond) // for whatever else would be done about it
	default:
	}
	return s.look(t, l), died
}

func (s *trap) child(w *world, database string) *process {
	address := freeAddress(w.t)
	d := &door{name: "server", to: w.provider}
	d.url = serve(w.t, s.around("call", d))
	p := &process{t: w.t, name: "server", bin: os.Args[0], log: filepath.Join(w.dir, "server.log"), url: "http://" + address, asks: d}
	p.env = append(w.settings(p), childSetting+"=1", armedSetting+"="+filepath.Join(w.dir, "armed"),
		"DOCSIFT_ADDR="+address, "DOCSIFT_WORKERS=2", "DOCSIFT_LEASE=1s", "DOCSIFT_CACHE=off", "REDIS_URL=")
	if s.kind == "commit" && database == "" {
		p.env = append(p.env, fmt.Sprintf("%s=%d", atSetting, s.n))
	}
	if database != "" {
		u, err := url.Parse(database)
		if err != nil {
			w.t.Fatal(err)
		}
		p.env = append(p.env, "DATABASE_URL="+strings.Replace(database, u.Host, s.wire(w.t, u.Host), 1))
	}
	return p
}

// look checks that the document was accepted, classified and told of, each once, and returns how often
// the provider was asked about it.
func (s *trap) look(t *testing.T, l *load) int {
	var page struct {
		All []struct {
			ID       string `json:"id"`
			Status   string `json:"status"`
			Category string `json:"classification"`
		} `json:"classifications"`
	}
	if status, err := l.get("/v1/classifications", &page); err != nil || status != http.StatusOK {
		t.Errorf("%v: the list: %d, %v", s, status, err)
	}
	if len(page.All) != 1 || page.All[0].ID != l.id(1) || page.All[0].Status != "completed" || page.All[0].Category != label(1) {
		t.Errorf("%v: there is %+v, want %s completed", s, page.All, l.id(1))
	}
	if ids := l.world.receiver.of(l.id(1)); len(ids) != 1 {
		t.Errorf("%v: the events are %v", s, ids)
	}
	l.world.provider.mu.Lock()
	defer l.world.provider.mu.Unlock()
	calls := len(l.world.provider.calls[1])
	if calls < 1 || calls > 2 {
		t.Errorf("%v: the provider was asked %d times", s, calls)
	}
	return calls
}
