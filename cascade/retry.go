package cascade

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	maxTries = 3   // times that one model is asked under one key about one document
	maxShare = 0.4 // of the deadline that one call may take, so that another can follow

	retryShare = 0.1 // retries for each first call to a provider
	retrySpare = 10  // retries that can be saved up
)

// patience returns how long one call may take of so much time.
func patience(left time.Duration) time.Duration { return time.Duration(maxShare * float64(left)) }

// Patience returns the longest that one call to a model may take, so that another can follow.
func (p Policy) Patience() time.Duration { return patience(p.Deadline) }

// retryBudget bounds how many calls to a provider are repetitions: those of the same question to
// the same model, and those sent because another is slow. Without it a bad minute multiplies the
// traffic just when a provider can bear it least.
type retryBudget struct {
	mu    sync.Mutex
	saved map[string]float64 // by provider
}

func newRetryBudget() *retryBudget { return &retryBudget{saved: make(map[string]float64)} }

// earn counts a first call.
func (b *retryBudget) earn(provider string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.saved[provider] = min(b.has(provider)+retryShare, retrySpare)
}

// spend reports whether a repetition may be sent, and counts it.
func (b *retryBudget) spend(provider string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	have := b.has(provider)
	if have < 1 {
		return false
	}
	b.saved[provider] = have - 1
	return true
}

func (b *retryBudget) has(provider string) float64 {
	if n, ok := b.saved[provider]; ok {
		return n
	}
	return retrySpare
}

// backoff is how long to wait before a stage is tried again: 250 ms, doubled each round.
func backoff(round int) time.Duration {
	return 250 * time.Millisecond << min(round, 6)
}

// jittered returns a random duration between half of d and d, so that waiting documents do
// not all come back at once.
func jittered(d time.Duration) time.Duration { return d/2 + rand.N(d/2+1) }

// sleep waits for d and reports true, or false at once when ctx would end before.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
