package clock_test

import (
	"testing"
	"time"

	"github.com/docsift/docsift/internal/clock"
)

func TestClock(t *testing.T) {
	wall := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	c := clock.New(func() time.Time { return wall })
	for _, step := range []struct{ jump, want time.Duration }{
		{0, 0}, {time.Second, time.Second}, {-time.Hour, time.Second}, {time.Minute, 61 * time.Second},
	} {
		wall = wall.Add(step.jump)
		if got := c.Elapsed(); got != step.want || !c.Last().Equal(wall) || !c.Wall(got+time.Second).Equal(wall.Add(time.Second)) {
			t.Errorf("after a jump of %v: %v, last %v, want %v and %v", step.jump, got, c.Last(), step.want, wall)
		}
	}
}
