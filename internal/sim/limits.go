package sim

import (
	"fmt"
	"sync"
	"time"
)

// The limits that replies announce for each model. They are shown, not enforced:
// a 429 comes from a script alone.
const (
	requestsPerMinute = 10_000
	inputPerMinute    = 4_000_000 // tokens
	outputPerMinute   = 800_000   // tokens
)

// meter counts what each model used in the current minute.
type meter struct {
	mu      sync.Mutex
	windows map[string]window
}

type window struct {
	start                   time.Time
	requests, input, output int
}

// left is what remains of the limits until reset.
type left struct {
	requests, input, output int
	reset                   time.Time
}

func (m *meter) use(model string, u usage) left {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.windows == nil {
		m.windows = make(map[string]window)
	}
	now := time.Now()
	w := m.windows[model]
	if now.Sub(w.start) >= time.Minute {
		w = window{start: now}
	}
	w.requests++
	w.input += u.prompt
	w.output += u.output()
	m.windows[model] = w
	return left{
		requests: max(0, requestsPerMinute-w.requests),
		input:    max(0, inputPerMinute-w.input),
		output:   max(0, outputPerMinute-w.output),
		reset:    w.start.Add(time.Minute),
	}
}

// until writes the time to the reset as OpenAI does, such as 59.98s.
func (l left) until() string {
	return fmt.Sprint(max(0, time.Until(l.reset)).Round(time.Millisecond))
}
