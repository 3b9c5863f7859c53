//go:build linux

package crash

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// process is a docsift that is started again whenever it was killed.
type process struct {
	t     *testing.T
	name  string
	bin   string
	args  []string
	env   []string
	log   string
	url   string // of a server; "" for a worker
	asks  *door  // through which it reaches the provider
	cmd   *exec.Cmd
	ended chan struct{}
}

// door leads to a provider and writes down the calls that go through it.
type door struct {
	name string
	url  string
	busy atomic.Int64 // calls that are under way
	to   *provider
}

func newDoor(t *testing.T, name string, to *provider) *door {
	d := &door{name: name, to: to}
	d.url = serve(t, d)
	return d
}

// ServeHTTP passes a call on.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.busy.Add(1)
	defer d.busy.Add(-1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c := call{by: d.name, began: time.Now()}
	d.to.sim.ServeHTTP(w, r)
	c.ended, c.gone = time.Now(), r.Context().Err() != nil
	d.to.note(number(string(body)), c)
}

// serve answers on a port until the test ends.
func serve(t *testing.T, h http.Handler) (url string) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: h}
	go srv.Serve(ln)
	t.Cleanup(func() { srv.Close() })
	return "http://" + ln.Addr().String()
}

// freeAddress returns one on which nothing listens.
func freeAddress(t *testing.T) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// start starts the process. It dies with the test.
func (p *process) start() {
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.cmd = exec.Command(p.bin, p.args...)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = p.env, log, log, filepath.Dir(p.log)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	p.ended = make(chan struct{})
	begun := make(chan error)
	go func(cmd *exec.Cmd, ended chan struct{}) {
		runtime.LockOSThread() // the process would die with the thread that began it
		err := cmd.Start()
		begun <- err
		if err == nil {
			cmd.Wait()
		}
		close(ended)
	}(p.cmd, p.ended)
	if err := <-begun; err != nil {
		p.t.Fatal(err)
	}
}

// kill ends the process with SIGKILL, unless it has ended by itself, and starts it again.
func (p *process) kill() error {
	var died error
	select {
	case <-p.ended:
		died = fmt.Errorf("%s ended by itself: see %s", p.name, p.log)
	default:
	}
	p.cmd.Process.Kill()
	<-p.ended
	p.start()
	return died
}

// stop lets the process end in peace.
func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(60 * time.Second):
		p.t.Errorf("%s does not end", p.name)
		p.cmd.Process.Kill()
		<-p.ended
	}
}
