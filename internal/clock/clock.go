// Package clock tells how much time has passed, whatever becomes of the clock on the wall.
package clock

import "time"

// Clock never goes back: a jump of the clock on the wall backward counts as no time. It is not
// safe for concurrent use.
type Clock struct {
	now   func() time.Time
	last  time.Time
	since time.Duration
}

// New returns a Clock that stands at 0 and follows now.
func New(now func() time.Time) Clock { return Clock{now: now, last: now()} }

// Elapsed returns how much time has passed.
func (c *Clock) Elapsed() time.Duration {
	t := c.now()
	if d := t.Sub(c.last); d > 0 {
		c.since += d
	}
	c.last = t
	return c.since
}

// Last returns what the clock on the wall showed at the latest call of Elapsed.
func (c *Clock) Last() time.Time { return c.last }

// Wall returns what the clock on the wall shows at a time of this one.
func (c *Clock) Wall(at time.Duration) time.Time { return c.last.Add(at - c.since) }
