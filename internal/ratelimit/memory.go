package ratelimit

import (
	"sync"
	"time"

	"github.com/docsift/docsift/internal/clock"
)

// memory keeps the accounts of clients in this process: for each limit of each, by when it is whole.
type memory struct {
	mu    sync.Mutex
	clock clock.Clock
	whole map[account]time.Duration
	sweep int // how many accounts are looked through for those that are whole again
}

type account struct {
	client string
	limit  Limit
}

// fewest is how many accounts are kept without a look at them.
const fewest = 1024

func newMemory() *memory {
	return &memory{clock: clock.New(time.Now), whole: make(map[account]time.Duration), sweep: fewest}
}

// take counts a request as cost of them. Nobody's debt is less than floor says.
func (m *memory) take(client string, limits []Limit, cost int, floor func(Limit) time.Duration) Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Elapsed()
	v := Verdict{OK: true, States: make([]State, len(limits))}
	debts := make([]time.Duration, len(limits))
	for i, l := range limits {
		debts[i] = max(m.debt(client, l, now), floor(l))
		price := l.each() * time.Duration(cost)
		if over := debts[i] + price - max(l.room(), price); over > 0 {
			v.OK = false
			v.States[i] = State{Limit: l, Next: over, Whole: debts[i]}
			continue
		}
		v.States[i] = l.state(debts[i])
		debts[i] += price
	}
	if !v.OK {
		return v
	}
	for i, l := range limits {
		m.whole[account{client, l}] = now + debts[i]
		v.States[i] = l.state(min(debts[i], l.room()))
	}
	m.tidy(now)
	return v
}

// set notes what is known elsewhere of a client's debts.
func (m *memory) set(client string, limits []Limit, states []State) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Elapsed()
	for i, l := range limits {
		m.whole[account{client, l}] = now + states[i].Whole
	}
	m.tidy(now)
}

// debts returns how far behind a client is.
func (m *memory) debts(client string, limits []Limit) []time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Elapsed()
	all := make([]time.Duration, len(limits))
	for i, l := range limits {
		all[i] = m.debt(client, l, now)
	}
	return all
}

func (m *memory) debt(client string, l Limit, now time.Duration) time.Duration {
	return max(0, m.whole[account{client, l}]-now)
}

// tidy forgets accounts that are whole: one that is missing is, too.
func (m *memory) tidy(now time.Duration) {
	if len(m.whole) < m.sweep {
		return
	}
	for a, at := range m.whole {
		if at <= now {
			delete(m.whole, a)
		}
	}
	m.sweep = max(fewest, 2*len(m.whole))
}
