package chaos

import (
	"context"
	"sync"
	"time"
)

// beat is how often the pulse is felt, busy how late it may be on a machine that has time for the run.
const (
	beat = 10 * time.Millisecond
	busy = 100 * time.Millisecond
)

// pulse measures how late the run's own timers are: what the machine does beside delays everything,
// the service under test too.
type pulse struct {
	mu   sync.Mutex
	late []lateness
}

type lateness struct {
	at time.Time
	by time.Duration
}

// run feels the pulse until ctx ends.
func (p *pulse) run(ctx context.Context) {
	for ctx.Err() == nil {
		due := time.Now().Add(beat)
		time.Sleep(beat)
		p.mu.Lock()
		p.late = append(p.late, lateness{due, time.Since(due)})
		p.mu.Unlock()
	}
}

// since returns by how much one beat in a hundred was late since a moment.
func (p *pulse) since(from time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all []time.Duration
	for _, l := range p.late {
		if l.at.After(from) {
			all = append(all, l.by)
		}
	}
	return quantile(all, 0.99)
}
