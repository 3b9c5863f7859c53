package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// service is docsift serve as a process of its own: its memory, its log and its end are those that
// a user's would have.
type service struct {
	cmd    *exec.Cmd
	url    string
	log    string // file of all that it prints
	client *http.Client
	leaks  *leaks
	ended  chan struct{}
}

// startService starts a server in a folder, and returns when it takes requests.
func (r *run) startService(ctx context.Context, dir, name string, env []string) (*service, error) {
	s := &service{log: filepath.Join(dir, name+".log"), leaks: &r.leaks, ended: make(chan struct{})}
	out, err := os.OpenFile(s.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make log: %w", err)
	}
	defer out.Close()
	s.cmd = exec.Command(r.Command[0], append(r.Command[1:], "serve", "--addr", "127.0.0.1:0")...)
	s.cmd.Dir, s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = dir, env, out, out
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the service: %w", err)
	}
	go func() {
		_ = s.cmd.Wait() // how it ended stands in the log
		close(s.ended)
	}()
	s.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		MaxIdleConnsPerHost: 512, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
	}}
	if s.url, err = s.address(ctx); err != nil {
		s.kill()
		return nil, err
	}
	return s, nil
}

// address waits until the service says where it listens.
func (s *service) address(ctx context.Context) (string, error) {
	listening := regexp.MustCompile(`msg=listening url=(http://\S+)`)
	for range 3000 {
		data, err := os.ReadFile(s.log)
		if err != nil {
			return "", err
		}
		if m := listening.FindSubmatch(data); m != nil {
			return string(m[1]), nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-s.ended:
			return "", fmt.Errorf("the service ended at once: %s", bytes.TrimSpace(data))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return "", errors.New("the service does not listen within a minute")
}

// stop asks the service to end, and waits until it has.
func (s *service) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM) // where it cannot be asked, it is killed below
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		s.kill()
	}
	s.client.CloseIdleConnections()
}

func (s *service) kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// lines returns the lines of the log that hold all of the words, with their times.
func (s *service) lines(words ...string) []logLine {
	data, err := os.ReadFile(s.log)
	if err != nil {
		return nil
	}
	var found []logLine
next:
	for line := range strings.Lines(string(data)) {
		for _, w := range words {
			if !strings.Contains(line, w) {
				continue next
			}
		}
		stamp, _, _ := strings.Cut(strings.TrimPrefix(line, "time="), " ")
		if at, err := time.Parse(time.RFC3339Nano, stamp); err == nil {
			found = append(found, logLine{at, line})
		}
	}
	return found
}

type logLine struct {
	at   time.Time
	text string
}

// after returns the first of the lines since a moment.
func after(lines []logLine, since time.Time) (logLine, bool) {
	for _, l := range lines {
		if !l.at.Before(since.Truncate(time.Millisecond)) {
			return l, true
		}
	}
	return logLine{}, false
}

// logged returns how many bytes the log has.
func (s *service) logged() int64 {
	info, err := os.Stat(s.log)
	if err != nil {
		return 0
	}
	return info.Size()
}

// look reads what an operator sees, in which no key may be. A service that has ended shows nothing.
func (s *service) look() {
	for _, path := range []string{"/v1/providers", "/v1/taxonomies", "/nowhere"} {
		if req, err := http.NewRequest(http.MethodGet, s.url+path, nil); err == nil {
			_, _, _ = s.exchange(req) // which looks for keys in whatever comes
		}
	}
}

// exchange sends a request, and looks for keys in all that comes back.
func (s *service) exchange(req *http.Request) ([]byte, *http.Response, error) {
	resp, err := s.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	s.leaks.search("answers", body)
	for name, values := range resp.Header {
		s.leaks.search("answers", []byte(name+strings.Join(values, " ")))
	}
	return body, resp, err
}
