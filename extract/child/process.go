package child

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"time"
)

// errDied says that a child ended, or sent what is no answer, on its own account.
var errDied = errors.New("child died")

// errLate says that a child was killed because it took too long.
var errLate = errors.New("out of time")

// A child that is not ready after slowStart compiles its readers. None takes as long as
// noStart on a machine that still gets something done.
const (
	slowStart = time.Second
	noStart   = time.Minute
)

// process is one child. It serves one caller at a time.
type process struct {
	cmd  *exec.Cmd
	in   *os.File // what it reads
	pipe *os.File // what it writes, through
	out  *bufio.Reader
	said *said

	ending sync.Once
	dead   chan struct{} // closed when it was reaped

	uses        int
	kept        string // SHA256 of the document that it holds, or ""
	confinement Confinement
}

// start starts a child and waits until it is confined and ready. One that compiled what it needs holds so much
// memory that it could not be limited: another takes its place, which finds compiled what it needs.
func (p *Pool) start(ctx context.Context) (*process, error) {
	renew := !p.hopeless.Load()
	pr, outgrown, err := p.begin(ctx, renew)
	if err != nil || !outgrown || !renew {
		return pr, err
	}
	pr.end()
	pr, outgrown, err = p.begin(ctx, false)
	if outgrown { // nothing is kept that was compiled
		p.hopeless.Store(true)
	}
	return pr, err
}

// begin starts a child. With renew, one that outgrew its limit of memory is not confined and has ended.
func (p *Pool) begin(ctx context.Context, renew bool) (_ *process, outgrown bool, _ error) {
	pr, err := p.spawn()
	if err != nil {
		return nil, false, err
	}
	slow := time.AfterFunc(slowStart, p.opts.Preparing)
	defer slow.Stop()
	var h hello
	err = pr.within(ctx, noStart, func() error {
		s := setup{
			Files: p.opts.Files, MaxMemory: p.opts.MaxMemory, Renew: renew,
			CPUSeconds: uint64(p.opts.MaxUses) * uint64(p.opts.Timeout/time.Second+1),
		}
		if err := writeFrame(pr.in, s); err != nil {
			return err
		}
		_, err := readFrame(pr.out, &h, bounds{maxHead, 0})
		return err
	})
	if err = cmp.Or(err, h.err()); err != nil {
		pr.end()
		return nil, false, fmt.Errorf("start child: %w", err)
	}
	pr.confinement = h.Confinement
	return pr, h.Outgrown, nil
}

// spawn starts the process. It gets none of the parent's environment, where keys are.
func (p *Pool) spawn() (*process, error) {
	program, err := itself()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirIn.Close(), in.Close())
	}
	pr := &process{in: in, pipe: out, out: bufio.NewReaderSize(out, 64<<10), said: &said{}, dead: make(chan struct{})}
	pr.cmd = &exec.Cmd{
		Path: program, Args: p.opts.Command, Env: p.environment(),
		Stdin: theirIn, Stdout: theirOut, Stderr: pr.said, WaitDelay: time.Second,
	}
	err = pr.cmd.Start()
	theirIn.Close()
	theirOut.Close()
	if err != nil {
		return nil, errors.Join(err, in.Close(), out.Close())
	}
	p.mu.Lock()
	p.all[pr] = struct{}{}
	p.mu.Unlock()
	go func() {
		_ = pr.cmd.Wait() // how it ended is told by what it said
		p.mu.Lock()
		delete(p.all, pr)
		p.mu.Unlock()
		close(pr.dead)
	}()
	return pr, nil
}

// environment tells the child where caches are, and how much memory the collector may spare.
func (p *Pool) environment() []string {
	env := []string{
		fmt.Sprintf("GOMEMLIMIT=%d", p.opts.MaxMemory*5/8),
		"GOTRACEBACK=single",
	}
	for _, name := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
		if v, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// do has an order done within the limit of time.
func (pr *process) do(ctx context.Context, o order, limit time.Duration) (reply, []byte, error) {
	q, body := o.request, o.body()
	if q.Kept = o.kept(pr); q.Kept {
		body = nil
	}
	var r reply
	var answer []byte
	pr.said.forget()
	err := pr.within(ctx, limit, func() (err error) {
		if err = writeFrame(pr.in, q, body); err != nil {
			return err
		}
		if answer, err = readFrame(pr.out, &r, q.answers()); err != nil {
			return err
		}
		return r.check(q, answer)
	})
	return r, answer, err
}

// kept reports whether pr still holds what is to be drawn.
func (o order) kept(pr *process) bool {
	return o.Op == opDraw && o.SHA256 != "" && pr.kept == o.SHA256
}

// within runs an exchange with the child, which is killed when it takes too long.
func (pr *process) within(ctx context.Context, limit time.Duration, exchange func() error) error {
	late, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stop := context.AfterFunc(late, pr.end)
	err := exchange()
	if !stop() || err != nil {
		pr.end()
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case late.Err() != nil:
		return fmt.Errorf("%w: %v were not enough", errLate, limit)
	}
	return fmt.Errorf("%w: %w: %s", errDied, err, pr.said)
}

// end kills the child and waits until nothing of it is left.
func (pr *process) end() {
	pr.ending.Do(func() {
		_ = pr.cmd.Process.Kill() // it may be dead already
		pr.in.Close()
		pr.pipe.Close()
	})
	<-pr.dead
}

func (pr *process) alive() bool {
	select {
	case <-pr.dead:
		return false
	default:
		return true
	}
}

// said keeps the first words that a child says on standard error about a document: those of a
// panic tell most.
type said struct {
	mu    sync.Mutex
	words []byte
}

// Write keeps p as far as there is room.
func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append(s.words, p[:min(len(p), maxCause-len(s.words))]...)
	return len(p), nil
}

func (s *said) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = s.words[:0]
}

// String returns the words.
func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.words)
}

var _ io.Writer = (*said)(nil)
