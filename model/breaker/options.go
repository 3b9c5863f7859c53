package breaker

import (
	"cmp"
	"fmt"
	"math"
	"time"
)

// Options configures a Breaker. The zero value is ready to use: it opens on a run or a rate of
// failures and is back within seconds. Failures without Rate counts runs only. Cooldown without
// MaxCooldown is kept to the letter: it does not grow, and one good probe brings all calls back.
type Options struct {
	// Failures is the number of failures in a row that opens the breaker. Default 5.
	Failures int

	// Rate is the share of failed calls, in (0,1], that opens the breaker. Negative: none does.
	// Default 0.5, or none where Failures is set.
	Rate float64

	// Garbled is the share of answers that are none, in (0,1], that opens the breaker when the
	// window holds twice Calls. Negative: none does. Default 0.2, or none where Failures is set.
	Garbled float64

	// Window is the time over which Rate and Garbled are taken. Default 10s.
	Window time.Duration

	// Calls is how many calls the window must hold for Rate to count. Default 10.
	Calls int

	// Cooldown is how long an open breaker refuses calls before it lets one through. Default 2s.
	Cooldown time.Duration

	// MaxCooldown bounds the cooldown, which doubles when the breaker opens again soon after it
	// healed. It doubles when a probe fails, too, but to a third of the bound only, so that a
	// long outage is not followed by a long wait. Default 30s, or Cooldown where that is set.
	MaxCooldown time.Duration

	// Healthy is how long a breaker must have stayed closed to halve its cooldown again. Default 30s.
	Healthy time.Duration

	// Step is how long a healed provider gets 10 % of the calls, and then 50 %. Negative: it gets
	// all at once. Default 1s, or all at once where Cooldown is set and MaxCooldown is not.
	Step time.Duration

	// Park is the least cooldown after a failure that time alone does not mend, such as a spent
	// quota or a wrong key; one of those opens the breaker at once. Default 5m.
	Park time.Duration

	// Probe is how long the call that is let through may keep others waiting for its result.
	// Default five cooldowns, at most 1m.
	Probe time.Duration

	// Slow is how long a call must have lasted to count as a failure when its caller gave up on
	// it. A shorter one says more of the caller than of the provider. Default 10s.
	Slow time.Duration

	// Last is asked before a call is refused. When it says that nothing else would answer, the
	// call passes after all, as long as it is the only one and the first within a second. It must
	// not call the guarded model. Optional; see LeastBad.
	Last func() bool

	// Changed is told when the breaker opens, or closes again after it was open. It must not call
	// the breaker. Optional.
	Changed func(Change)

	// Tell is given what others of the same model and key should know, but for what was adopted.
	// It must not block nor call the breaker. Optional.
	Tell func(News)

	// Now is the clock. Its jumps backward count as no time. Default time.Now.
	Now func() time.Time
}

// Change is a turn in what a breaker does.
type Change struct {
	To  State // Open or Closed
	Why error // the failure that opened it; nil when it closes

	Elsewhere bool // it opens because of a failure in another process
}

// Fixed reports whether the cooldown is kept to the letter.
func (o Options) Fixed() bool { return o.Cooldown > 0 && o.MaxCooldown <= 0 }

func (o Options) withDefaults() Options {
	if o.Rate == 0 && o.Failures <= 0 {
		o.Rate = 0.5
	}
	if o.Rate <= 0 || math.IsNaN(o.Rate) {
		o.Rate = math.Inf(1)
	}
	if o.Garbled == 0 && o.Failures <= 0 {
		o.Garbled = 0.2
	}
	if o.Garbled <= 0 || math.IsNaN(o.Garbled) {
		o.Garbled = math.Inf(1)
	}
	if o.Step == 0 && !o.Fixed() {
		o.Step = time.Second
	}
	if o.MaxCooldown <= 0 {
		o.MaxCooldown = cmp.Or(max(o.Cooldown, 0), 30*time.Second)
	}
	orDefault(&o.Failures, 5)
	orDefault(&o.Calls, 10)
	orDefault(&o.Window, 10*time.Second)
	orDefault(&o.Cooldown, min(2*time.Second, o.MaxCooldown))
	orDefault(&o.Healthy, 30*time.Second)
	orDefault(&o.Park, 5*time.Minute)
	orDefault(&o.Probe, min(5*min(o.Cooldown, time.Minute), time.Minute))
	orDefault(&o.Slow, 10*time.Second)
	o.MaxCooldown = max(o.MaxCooldown, o.Cooldown)
	if o.Changed == nil {
		o.Changed = func(Change) {}
	}
	if o.Tell == nil {
		o.Tell = func(News) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func orDefault[T int | time.Duration](field *T, fallback T) {
	if *field <= 0 {
		*field = fallback
	}
}

// Rules says for people when a breaker with these options opens and how it comes back.
func (o Options) Rules() string {
	o = o.withDefaults()
	s := fmt.Sprintf("opens after %d failures in a row", o.Failures)
	if o.Rate <= 1 {
		s += fmt.Sprintf(" or %.0f %% of at least %d calls in %v", 100*o.Rate, o.Calls, o.Window)
	}
	if o.Garbled <= 1 {
		s += fmt.Sprintf(" or %.0f %% answers that are none of at least %d", 100*o.Garbled, 2*o.Calls)
	}
	s += fmt.Sprintf(", for %v", o.Cooldown)
	if o.MaxCooldown > o.Cooldown {
		s += fmt.Sprintf(" to %v", o.MaxCooldown)
	}
	if o.Step > 0 {
		s += fmt.Sprintf("; comes back with 10 %%, 50 %% and all of the calls, %v each", o.Step)
	}
	return s
}
