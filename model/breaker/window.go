package breaker

import "time"

const slots = 10

// window counts calls over the latest span, in steps of a tenth of it.
type window struct {
	span time.Duration
	slot [slots]struct {
		turn int64 // which tenth of time this is

		calls, failed, garbled int
	}
}

func (w *window) turn(now time.Duration) int64 { return int64(now / max(w.span/slots, 1)) }

func (w *window) add(now time.Duration, what proof) {
	turn := w.turn(now)
	s := &w.slot[turn%slots]
	if s.turn != turn {
		s.turn, s.calls, s.failed, s.garbled = turn, 0, 0, 0
	}
	switch s.calls++; what {
	case unwell, hopeless:
		s.failed++
	case garbled:
		s.garbled++
	}
}

func (w *window) count(now time.Duration) (calls, failed, garbled int) {
	turn := w.turn(now)
	for _, s := range w.slot {
		if turn-s.turn < slots {
			calls += s.calls
			failed += s.failed
			garbled += s.garbled
		}
	}
	return calls, failed, garbled
}
