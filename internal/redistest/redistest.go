//go:build unix

// Package redistest runs Redis servers for tests.
package redistest

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a redis-server of a test's own, which keeps nothing on disk. It ends with the test.
type Server struct {
	URL string // redis://127.0.0.1:port/0

	t    testing.TB
	addr string
	cmd  *exec.Cmd
}

// Start returns a server that answers. Where there is none to run, the test fails.
func Start(t testing.TB) *Server {
	t.Helper()
	s := New(t)
	s.Run()
	return s
}

// New returns a server that does not run yet.
func New(t testing.TB) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") // to learn of a port that is free
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := &Server{t: t, addr: ln.Addr().String()}
	s.URL = "redis://" + s.addr + "/0"
	t.Cleanup(s.Kill)
	return s
}

// Run runs the server, with nothing in it, and returns when it answers.
func (s *Server) Run() {
	s.t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		s.t.Fatal("redis-server is not installed: 'make tools' does that")
	}
	host, port, _ := net.SplitHostPort(s.addr)
	s.cmd = exec.Command(path, "--bind", host, "--port", port, "--save", "", "--appendonly", "no", "--dir", s.t.TempDir(), "--logfile", "log")
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); s.try("PING") != "+PONG"; {
		if time.Now().After(end) {
			s.t.Fatal("redis-server does not answer")
		}
		<-time.After(10 * time.Millisecond)
	}
}

// Kill ends the server as a crash would.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	s.cmd.Process.Kill()
	s.cmd.Wait()
	s.cmd = nil
}

// Freeze stops the server in the midst of whatever it does: connections to it stand and it
// answers nothing.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Do has the server run a command of words, and returns the first line of its answer.
func (s *Server) Do(words ...string) string {
	s.t.Helper()
	line := s.try(words...)
	if line == "" || line[0] == '-' {
		s.t.Fatalf("redis-server answers %q to %q", line, words[0])
	}
	return line
}

func (s *Server) try(words ...string) string {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return ""
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	if _, err := conn.Write([]byte(b.String())); err != nil {
		return ""
	}
	buf := make([]byte, 4096)
	n, _ := conn.Read(buf)
	line, _, _ := strings.Cut(string(buf[:n]), "\r\n")
	return line
}
