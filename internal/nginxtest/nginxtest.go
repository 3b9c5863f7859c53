//go:build linux

// Package nginxtest runs nginx for tests.
package nginxtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is an nginx of a test's own, which runs as whoever runs the test and ends with it.
type Server struct {
	Addr string // where it listens

	t   testing.TB
	dir string
	cmd *exec.Cmd
}

// Start returns a server with the configuration of a file of deploy/nginx, in which other addresses
// stand in place of port 80 and of the two servers 127.0.0.1:8081 and 127.0.0.1:8082.
func Start(t testing.TB, path string, servers [2]string) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir(), Addr: free(t)}
	shipped, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	conf := string(shipped)
	for was, is := range map[string]string{
		"listen 80;": "listen " + s.Addr + ";", "server 127.0.0.1:8081 ": "server " + servers[0] + " ", "server 127.0.0.1:8082 ": "server " + servers[1] + " ",
	} {
		if !strings.Contains(conf, was) {
			t.Fatalf("%s has no %q", path, was)
		}
		conf = strings.Replace(conf, was, is, 1)
	}
	if err := os.WriteFile(filepath.Join(s.dir, "nginx.conf"), []byte(s.main(conf)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := s.command("-t").CombinedOutput(); err != nil || strings.Contains(string(out), "[warn]") {
		t.Fatalf("nginx -t: %v: %s", err, out)
	}
	s.run()
	return s
}

// main returns a whole configuration, with all files in the test's own folder.
func (s *Server) main(inner string) string {
	who := ""
	if u, err := user.Current(); err == nil && u.Uid == "0" {
		who = "user root;\n" // its children would not be let into the folder otherwise
	}
	temp := ""
	for _, of := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += fmt.Sprintf("\t%s_temp_path %s/%s;\n", of, s.dir, of)
	}
	return who + "daemon off;\nworker_processes 1;\npid " + s.dir + "/pid;\nevents { worker_connections 4096; }\nhttp {\n\taccess_log " + s.dir +
		"/access.log;\n" + temp + inner + "}\n"
}

func (s *Server) command(args ...string) *exec.Cmd {
	path, err := exec.LookPath("nginx")
	if err != nil {
		if path = "/usr/sbin/nginx"; !exists(path) {
			s.t.Fatal("nginx is not installed: 'make tools' does that")
		}
	}
	cmd := exec.Command(path, append([]string{"-p", s.dir, "-e", filepath.Join(s.dir, "error.log"), "-c", filepath.Join(s.dir, "nginx.conf")}, args...)...)
	cmd.Dir = s.dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM} // it does not outlive the test
	return cmd
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// run runs the server and returns when it listens.
func (s *Server) run() {
	s.t.Helper()
	s.cmd = s.command()
	begun, ended := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // the server would end with the thread that began it
		err := s.cmd.Start()
		begun <- err
		if err == nil {
			s.cmd.Wait()
		}
		close(ended)
	}()
	if err := <-begun; err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		s.cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if s.t.Failed() {
			s.t.Logf("nginx said:\n%s", s.Errors())
		}
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.Addr)
		if err == nil {
			conn.Close()
			return
		}
		select {
		case <-ended:
			s.t.Fatalf("nginx does not run: %s", s.Errors())
		default:
		}
		if time.Now().After(end) {
			s.t.Fatal("nginx does not listen")
		}
	}
}

// Errors returns the last of what nginx has to complain about.
func (s *Server) Errors() string {
	said, _ := os.ReadFile(filepath.Join(s.dir, "error.log"))
	return string(said[max(0, len(said)-4000):])
}

func free(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
