//go:build unix

// Package s3test runs S3 servers for tests.
package s3test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What the server lets in, and what there is.
const (
	AccessKeyID     = "docsift"
	SecretAccessKey = "s3-canary-of-a-test"
	Bucket          = "documents"
	Region          = "us-east-1"
)

// version is the folder into which test/versitygw.sh installs the server.
const version = "versitygw-v1.8.0"

// Server is a versitygw of a test's own with one bucket. It ends with the test.
type Server struct {
	URL string // http://127.0.0.1:port
	Dir string // of the bucket: each object is a file

	t    testing.TB
	addr string
	cmd  *exec.Cmd
}

// Start returns a server that answers. Where there is none to run, the test fails.
func Start(t testing.TB) *Server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0") // to learn of a port that is free
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := &Server{t: t, addr: ln.Addr().String(), Dir: filepath.Join(t.TempDir(), Bucket)}
	s.URL = "http://" + s.addr
	if err := os.Mkdir(s.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	ln.Close()
	t.Cleanup(s.Kill)
	s.Run()
	return s
}

// Run runs the server, with what it had, and returns when it answers.
func (s *Server) Run() {
	s.t.Helper()
	s.cmd = exec.Command(find(s.t), "--port", s.addr, "--access", AccessKeyID, "--secret", SecretAccessKey, "--region", Region,
		"--health", "/health", "--quiet", "posix", filepath.Dir(s.Dir))
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); !s.answers(); {
		if time.Now().After(end) {
			s.t.Fatal("versitygw does not answer")
		}
		<-time.After(10 * time.Millisecond)
	}
}

func (s *Server) answers() bool {
	client := http.Client{Timeout: 5 * time.Second}
	resp, err := client.Get(s.URL + "/health")
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// find returns the server's program: the one that was installed for tests, or the machine's own.
func find(t testing.TB) string {
	t.Helper()
	if cache, err := os.UserCacheDir(); err == nil {
		path := filepath.Join(cache, "docsift", "tools", version, "versitygw")
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath("versitygw")
	if err != nil {
		t.Fatal("versitygw, the S3 server of the tests, is not installed: 'make tools' does that")
	}
	return path
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
