//go:build linux

// Package pgtest runs PostgreSQL servers for tests.
package pgtest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Server is a PostgreSQL server of a test's own.
type Server struct {
	Dir string // of its files

	t     testing.TB
	port  string
	owner *syscall.SysProcAttr
	cmd   *exec.Cmd
	ended chan struct{}
}

// URL returns the address of a database of the server.
func (s *Server) URL(name string) string {
	return "postgres://docsift@127.0.0.1:" + s.port + "/" + name + "?sslmode=disable"
}

// Start returns a server that runs, and ends with the test. Settings are as in postgresql.conf.
func Start(t testing.TB, settings ...string) *Server {
	t.Helper()
	s := start(t, settings...)
	t.Cleanup(func() {
		s.Kill()
		os.RemoveAll(s.Dir)
	})
	return s
}

func start(t testing.TB, settings ...string) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "docsift-pg-*")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0") // to learn of a port that is free
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	ln.Close()
	s := &Server{Dir: dir, t: t, port: port, owner: owner(t, dir)}
	out, err := s.command("initdb", "-D", dir, "-U", "docsift", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("initdb: %v: %s", err, out)
	}
	conf := "\nlisten_addresses = '127.0.0.1'\nport = " + port + "\nunix_socket_directories = ''\nmax_connections = 200\nlogging_collector = off\n" + strings.Join(settings, "\n") + "\n"
	f, err := os.OpenFile(filepath.Join(dir, "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(conf); err != nil {
		t.Fatal(err)
	}
	s.Run()
	return s
}

// owner returns how to become who may run PostgreSQL, which root may not.
func owner(t testing.TB, dir string) *syscall.SysProcAttr {
	t.Helper()
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT} // an immediate stop when the test's process dies
	if os.Getuid() != 0 {
		return attr
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		t.Fatal("PostgreSQL is not installed: 'make tools' does that")
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		t.Fatal(err)
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr
}

// command returns a command of PostgreSQL's, which Debian keeps out of the path.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	slices.Sort(found)
	path, err := exec.LookPath(name)
	switch {
	case len(found) > 0:
		path = found[len(found)-1]
	case err != nil:
		s.t.Fatal("PostgreSQL is not installed: 'make tools' does that")
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.SysProcAttr = s.Dir, s.owner
	return cmd
}

// Run runs the server, with what it had before, and returns when it answers.
func (s *Server) Run() {
	s.t.Helper()
	log, err := os.Create(s.log())
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = s.command("postgres", "-D", s.Dir)
	s.cmd.Stdout, s.cmd.Stderr = log, log
	begun := make(chan error)
	s.ended = make(chan struct{})
	go func() {
		runtime.LockOSThread() // the server would die with the thread that began it
		err := s.cmd.Start()
		begun <- err
		if err == nil {
			s.cmd.Wait()
		}
		close(s.ended)
	}()
	if err := <-begun; err != nil {
		s.t.Fatal(err)
	}
	s.Wait()
}

// Wait returns when the server answers.
func (s *Server) Wait() {
	s.t.Helper()
	for end := time.Now().Add(60 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		out, err := s.psql("postgres", "SELECT 1")
		if err == nil {
			return
		}
		select {
		case <-s.ended:
			said, _ := os.ReadFile(s.log())
			s.t.Fatalf("PostgreSQL does not run: %s", said)
		default:
		}
		if time.Now().After(end) {
			s.t.Fatalf("PostgreSQL does not answer: %s", out)
		}
	}
}

func (s *Server) log() string { return s.Dir + ".log" }

func (s *Server) psql(database, query string) ([]byte, error) {
	cmd := s.command("psql", "-qAtX", "-v", "ON_ERROR_STOP=1", "-d", s.URL(database), "-c", query)
	cmd.SysProcAttr = nil
	cmd.Dir = "/"
	out, err := cmd.CombinedOutput()
	return bytes.TrimSpace(out), err
}

// Do has the server run a statement in a database, and returns what psql prints.
func (s *Server) Do(database, query string) string {
	s.t.Helper()
	out, err := s.psql(database, query)
	if err != nil {
		s.t.Fatalf("psql: %v: %s", err, out)
	}
	return string(out)
}

// Stop ends the server without waiting for its clients.
func (s *Server) Stop() { s.end(syscall.SIGINT) }

// Kill ends the server as a crash would.
func (s *Server) Kill() { s.end(syscall.SIGQUIT) }

// Crash ends the server and all that it has forked with SIGKILL, which leaves them no time for anything.
func (s *Server) Crash() {
	pid := s.cmd.Process.Pid
	syscall.Kill(pid, syscall.SIGSTOP) // it forks no more
	all := children(pid)
	for _, p := range append(all, pid) {
		syscall.Kill(p, syscall.SIGKILL)
	}
	<-s.ended
	for _, p := range all { // until they are gone there can be no other server
		for end := time.Now().Add(10 * time.Second); syscall.Kill(p, 0) == nil && time.Now().Before(end); {
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// KillBackend ends one of the processes that serve connections with SIGKILL, if there is one. The
// server then drops all connections and recovers by itself.
func (s *Server) KillBackend() {
	if pid, err := strconv.Atoi(s.trySelect("SELECT pid FROM pg_stat_activity WHERE application_name = 'docsift' LIMIT 1")); err == nil {
		syscall.Kill(pid, syscall.SIGKILL)
	}
}

func (s *Server) trySelect(query string) string {
	out, err := s.psql("postgres", query)
	if err != nil {
		return ""
	}
	return string(out)
}

func (s *Server) end(sig syscall.Signal) {
	select {
	case <-s.ended:
		return
	default:
	}
	s.cmd.Process.Signal(sig)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		s.cmd.Process.Kill()
		<-s.ended
	}
}

// Freeze stops the server and all that it has forked in the midst of whatever they do.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.t.Helper()
	pid := s.cmd.Process.Pid
	for _, p := range append(children(pid), pid) {
		syscall.Kill(p, sig)
	}
}

func children(pid int) (all []int) {
	data, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for f := range strings.FieldsSeq(string(data)) {
		if p, err := strconv.Atoi(f); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// shared is the server of tests that only need a database of their own.
var shared struct {
	sync.Mutex
	server *Server
	count  atomic.Int64
}

// Database returns the URL of an empty database. Its server is shared by the tests of a process
// and ends with it; DOCSIFT_TEST_POSTGRES_URL names another one, whose user may make databases.
func Database(t testing.TB) string { return database(t, "template1") }

// Copies returns a function that returns the URLs of copies of a database, which prepare fills once.
// Nobody may be connected to it any more when prepare returns.
func Copies(t testing.TB, prepare func(url string)) func(testing.TB) string {
	t.Helper()
	first := Database(t)
	prepare(first)
	name, _, _ := strings.Cut(first[strings.LastIndexByte(strings.SplitN(first, "?", 2)[0], '/')+1:], "?")
	return func(t testing.TB) string { return database(t, name) }
}

func database(t testing.TB, template string) string {
	t.Helper()
	name := fmt.Sprintf("docsift_test_%d_%d", os.Getpid(), shared.count.Add(1))
	if given := os.Getenv("DOCSIFT_TEST_POSTGRES_URL"); given != "" {
		return made(t, given, name, template)
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil {
		shared.server = start(t, "fsync = off", "full_page_writes = off", "synchronous_commit = on")
	}
	shared.server.t = t
	shared.server.Do("postgres", "CREATE DATABASE "+name+" TEMPLATE "+template)
	return shared.server.URL(name)
}

// made makes a database on a server that is there already.
func made(t testing.TB, url, name, template string) string {
	t.Helper()
	if out, err := exec.Command("psql", "-qAtX", "-d", url, "-c", "CREATE DATABASE "+name+" TEMPLATE "+template).CombinedOutput(); err != nil {
		t.Fatalf("psql: %v: %s", err, out)
	}
	t.Cleanup(func() { exec.Command("psql", "-qAtX", "-d", url, "-c", "DROP DATABASE "+name+" WITH (FORCE)").Run() })
	at := strings.LastIndexByte(url, '/')
	rest := ""
	if q := strings.IndexByte(url, '?'); q >= 0 {
		rest = url[q:]
		at = strings.LastIndexByte(url[:q], '/')
	}
	return url[:at+1] + name + rest
}
