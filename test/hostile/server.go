//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// server is the process under attack, in folders of its own.
type server struct {
	cmd    *exec.Cmd
	url    string
	client *http.Client
	base   string // holds nothing but the folders that the server was given
	log    *logFile
	ended  chan struct{}

	mu       sync.Mutex
	memory   memory
	children map[int]int // peak memory in bytes by process id
}

// logFile keeps what the server logs.
type logFile struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logFile) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// start runs `docsift serve` with the local model alone.
func start(ctx context.Context, binary string) (*server, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	base, err := os.MkdirTemp("", "hostile-*")
	if err != nil {
		return nil, err
	}
	s := &server{
		base: base, log: &logFile{}, ended: make(chan struct{}), children: map[int]int{},
		client: &http.Client{Timeout: 60 * time.Second},
	}
	if err := s.run(ctx, binary); err != nil {
		return nil, errors.Join(err, os.RemoveAll(base))
	}
	return s, nil
}

// folders that the server works in. None may hold a file when it is done.
func folders() []string { return []string{"a/b/work", "a/home", "a/tmp"} }

func (s *server) run(ctx context.Context, binary string) error {
	for _, f := range folders() {
		if err := os.MkdirAll(filepath.Join(s.base, f), 0o755); err != nil {
			return err
		}
	}
	cache, err := os.UserCacheDir() // the compiled readers are kept from earlier runs
	if err != nil {
		return err
	}
	s.cmd = exec.Command(binary, "serve", "--policy", "local", "--addr", "127.0.0.1:0")
	s.cmd.Dir = filepath.Join(s.base, "a/b/work")
	s.cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "XDG_CACHE_HOME=" + cache,
		"HOME=" + filepath.Join(s.base, "a/home"), "TMPDIR=" + filepath.Join(s.base, "a/tmp"),
	}
	for _, v := range os.Environ() { // settings to attack under
		if strings.HasPrefix(v, "DOCSIFT_") {
			s.cmd.Env = append(s.cmd.Env, v)
		}
	}
	s.cmd.Stderr = s.log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	go func() {
		_ = s.cmd.Wait() // how it ended stands in the log
		close(s.ended)
	}()
	return s.findURL(ctx)
}

func (s *server) findURL(ctx context.Context) error {
	address := regexp.MustCompile(`url=(http://\S+)`)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline) && ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		if m := address.FindStringSubmatch(s.log.String()); m != nil {
			s.url = m[1]
			return nil
		}
	}
	s.stop()
	return fmt.Errorf("the server does not listen: %s", s.log)
}

// alive reports whether the process still runs.
func (s *server) alive() bool {
	select {
	case <-s.ended:
		return false
	default:
		return true
	}
}

func (s *server) stop() {
	if s.alive() {
		_ = s.cmd.Process.Signal(os.Interrupt)
		select {
		case <-s.ended:
		case <-time.After(40 * time.Second):
			_ = s.cmd.Process.Kill()
		}
	}
	_ = os.RemoveAll(s.base)
}

// written lists the files that lie where none should.
func (s *server) written() ([]string, error) {
	var files []string
	err := filepath.WalkDir(s.base, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, strings.TrimPrefix(path, s.base))
		}
		return err
	})
	return files, err
}
