package sim

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// The limits that replies announce where Options.Limits sets none.
const (
	requestsPerMinute = 10_000
	tokensPerMinute   = 4_000_000
	outputPerMinute   = 800_000
)

// Limit is what one key may take of one model. A call that is over it is answered as the provider
// does: any minute that ends now counts, so a client that keeps within it keeps within whatever way
// a provider counts.
type Limit struct {
	// Model and Key say for whom it holds; empty stands for each one by itself.
	Model, Key string

	// RPM and TPM are requests and tokens a minute. While a call is under way, its tokens are those
	// of its prompt and all that it may answer. 0: shown as the usual one and not enforced.
	RPM, TPM int
}

func checkLimits(all []Limit) error {
	for _, l := range all {
		if l.RPM < 0 || l.TPM < 0 {
			return errors.New("a limit cannot be negative")
		}
	}
	return nil
}

// meter counts what each key took of each model in the latest minute.
type meter struct {
	limits []Limit

	mu    sync.Mutex
	books map[[2]string]*book
}

// book is the latest minute of one key at one model, oldest call first.
type book struct {
	calls         []*taken
	input, output int // sums
}

// taken is one call that counts.
type taken struct {
	at            time.Time
	input, output int // tokens
	gone          bool
}

func (t *taken) tokens() int { return t.input + t.output }

// left is what remains of the limits.
type left struct {
	limit                           Limit // with the usual ones where none are set
	requests, tokens, input, output int
	reset                           time.Time // when all of them are whole again
}

// limit returns the limit of a key at a model, as it is shown and as it is enforced.
func (m *meter) limit(model, key string) (shown, enforced Limit) {
	for _, l := range m.limits {
		if (l.Model == "" || l.Model == model) && (l.Key == "" || l.Key == key) {
			enforced = l
			break
		}
	}
	return Limit{RPM: cmp.Or(enforced.RPM, requestsPerMinute), TPM: cmp.Or(enforced.TPM, tokensPerMinute)}, enforced
}

// admit counts a call, or says what limit it is over and how long it is until it is not.
func (m *meter) admit(model, key string, want taken) (t *taken, over string, wait time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, limit := m.limit(model, key)
	want.at = time.Now()
	b := m.book(model, key, want.at)
	rpm, tpm := unbounded(limit.RPM), unbounded(limit.TPM)
	switch n := len(b.calls); {
	case n >= rpm:
		return nil, "requests", b.calls[n-rpm].at.Add(time.Minute).Sub(want.at)
	case n > 0 && b.input+b.output+want.tokens() > tpm:
		return nil, "tokens", b.without(b.input + b.output + want.tokens() - tpm).Add(time.Minute).Sub(want.at)
	}
	b.calls = append(b.calls, &want)
	b.input, b.output = b.input+want.input, b.output+want.output
	return &want, "", 0
}

// without returns when the last of the oldest calls was made that hold so many tokens.
func (b *book) without(over int) time.Time {
	for _, t := range b.calls {
		if over -= t.tokens(); over <= 0 {
			return t.at
		}
	}
	return b.calls[len(b.calls)-1].at
}

// settle puts what a call used in place of what it might have.
func (m *meter) settle(model, key string, t *taken, u usage) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if b := m.book(model, key, time.Now()); !t.gone {
		b.input, b.output = b.input+u.prompt-t.input, b.output+u.output()-t.output
		t.input, t.output = u.prompt, u.output()
	}
}

// left returns what remains of a key's limits at a model.
func (m *meter) left(model, key string) left {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	b := m.book(model, key, now)
	shown, _ := m.limit(model, key)
	l := left{
		limit: shown, reset: now, requests: max(0, shown.RPM-len(b.calls)), tokens: max(0, shown.TPM-b.input-b.output),
		input: max(0, shown.TPM-b.input), output: max(0, outputPerMinute-b.output),
	}
	if n := len(b.calls); n > 0 {
		l.reset = b.calls[n-1].at.Add(time.Minute)
	}
	return l
}

// book returns the latest minute.
func (m *meter) book(model, key string, now time.Time) *book {
	if m.books == nil {
		m.books = make(map[[2]string]*book)
	}
	id := [2]string{model, key}
	if m.books[id] == nil {
		m.books[id] = &book{}
	}
	b := m.books[id]
	for len(b.calls) > 0 && now.Sub(b.calls[0].at) >= time.Minute {
		t := b.calls[0]
		t.gone = true
		b.input, b.output = b.input-t.input, b.output-t.output
		b.calls = b.calls[1:]
	}
	return b
}

func unbounded(limit int) int {
	if limit == 0 {
		return math.MaxInt
	}
	return limit
}

// overLimit is the 429 of a provider.
func overLimit(provider, what string, wait time.Duration) problem {
	p := faultNamed(provider, "rate_limit_exceeded")
	p.retry = fmt.Sprint(max(1, int(math.Ceil(wait.Seconds()))))
	if provider == OpenAI {
		p.kind = what
		p.message = fmt.Sprintf("Rate limit reached for %s per min. Please try again in %ss.", what, p.retry)
	}
	return p
}

// until writes the time to the reset as OpenAI does, such as 59.98s.
func (l left) until() string {
	return fmt.Sprint(max(0, time.Until(l.reset)).Round(time.Millisecond))
}
