package cache

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// again is how often something that does not answer is tried. No document waits for that.
const again = time.Second

// gate keeps documents from waiting for what does not answer: after one failure it is shut, until
// a probe goes well.
type gate struct {
	what  string
	limit time.Duration // how long a call may take
	log   *slog.Logger
	probe func(context.Context) error

	closed chan struct{}
	done   sync.WaitGroup

	mu    sync.Mutex
	state State
}

// State is how things stand with what is optional.
type State struct {
	Up    bool      `json:"up"`
	Since time.Time `json:"since"`
	Error string    `json:"error"` // why it does not answer
}

func newGate(what string, limit time.Duration, log *slog.Logger, probe func(context.Context) error) *gate {
	return &gate{what: what, limit: limit, log: log, probe: probe, closed: make(chan struct{}), state: State{Up: true, Since: time.Now()}}
}

// pass makes a call unless the gate is shut, and reports whether it went well.
func (g *gate) pass(ctx context.Context, call func(context.Context) error) bool {
	if !g.now().Up {
		return false
	}
	within, cancel := context.WithTimeout(ctx, g.limit)
	defer cancel()
	err := call(within)
	if err != nil && ctx.Err() == nil {
		g.shut(err)
	}
	return err == nil
}

// now returns the state.
func (g *gate) now() State {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state
}

func (g *gate) shut(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.state.Up || g.isClosed() {
		return
	}
	g.state = State{Since: time.Now(), Error: err.Error()}
	g.log.Warn(g.what+" does not answer: documents are classified without its part of the cache", "error", err)
	g.done.Go(g.heal)
}

// heal tries until it goes well.
func (g *gate) heal() {
	for {
		select {
		case <-g.closed:
			return
		case <-time.After(again):
		}
		ctx, cancel := context.WithTimeout(context.Background(), g.limit)
		err := g.probe(ctx)
		cancel()
		if err == nil {
			break
		}
	}
	g.log.Info(g.what + " answers: it is part of the cache again")
	g.mu.Lock()
	defer g.mu.Unlock()
	g.state = State{Up: true, Since: time.Now()}
}

func (g *gate) isClosed() bool {
	select {
	case <-g.closed:
		return true
	default:
		return false
	}
}

func (g *gate) close() {
	g.mu.Lock()
	if !g.isClosed() {
		close(g.closed)
	}
	g.mu.Unlock()
	g.done.Wait()
}
