package breaker_test

import (
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/breaker"
)

// traffic sends ten calls a second for a while to a provider that is up when it says so. It
// returns how many calls reached the provider while it was down, and how often the breaker opened.
func (b *bench) traffic(d time.Duration, up func(time.Duration) bool) (failed, opened int) {
	state := b.Status().State
	for t := time.Duration(0); t < d; t += 100 * time.Millisecond {
		outcome := errDown
		if up(t) {
			b.ask(1, nil)
		} else {
			n, _ := b.ask(1, outcome)
			failed += n
		}
		was := state
		if state = b.Status().State; state == breaker.Open && (was == breaker.Closed || was == breaker.Ramping) {
			opened++
		}
		b.move(100 * time.Millisecond)
	}
	return failed, opened
}

// However long a provider was down, it has all its traffic back 15 seconds after it healed, and
// few calls are lost to it meanwhile.
func TestOutage(t *testing.T) {
	for _, down := range []time.Duration{time.Second, time.Minute, time.Hour} {
		b := guarded(breaker.Options{})
		failed, _ := b.traffic(down, func(time.Duration) bool { return false })
		if most := 9 + int(down/(10*time.Second)); failed > most {
			t.Errorf("%d calls were lost in %v, want at most %d", failed, down, most)
		}
		b.traffic(15*time.Second, func(time.Duration) bool { return true })
		if s := b.Status(); s.Share != 1 {
			t.Errorf("15s after an outage of %v: status %+v", down, s)
		}
	}
}

// A provider that is up for five seconds and down for five is not taken for one that has healed.
func TestFlapping(t *testing.T) {
	b := guarded(breaker.Options{})
	flap := func(t time.Duration) bool { return t%(10*time.Second) < 5*time.Second }
	b.traffic(time.Minute, flap)
	if _, opened := b.traffic(10*time.Minute, flap); opened > 20 {
		t.Errorf("opened %d times in ten minutes, want at most two a minute", opened)
	}
}

// A key without money is tried once in five minutes.
func TestSpentQuota(t *testing.T) {
	b := guarded(breaker.Options{})
	passed := 0
	for range 3600 {
		n, _ := b.ask(1, fault.New(fault.Quota, nil, "spent"))
		passed += n
		b.move(time.Second)
	}
	if passed != 12 {
		t.Errorf("%d calls in an hour, want 12", passed)
	}
	b.move(5 * time.Minute)
	b.ask(1, nil)
	b.move(2 * time.Second)
	if got := b.open(t); got != 2*time.Second {
		t.Errorf("cooldown %v after the quota was mended, want 2s", got)
	}
}
