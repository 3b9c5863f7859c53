// Package ratelimit bounds how many requests each client sends: in this process, or among all that
// name the same Redis. Redis may be absent, slow, full or gone at any time; nobody waits for it.
package ratelimit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
)

// Limit is how many requests a client may send in a time. One who was quiet may send all of them
// at once, and then as many more as the time that passes allows.
type Limit struct {
	Count int
	Per   time.Duration // whole seconds
	Of    string        // which requests, in a word; "" for all
}

const (
	maxCount  = 1_000_000_000
	maxLimits = 4
	maxPer    = 31 * 24 * time.Hour
)

// Parse reads limits such as "100/m,1000/h". The unit is s, m, h or d, or a number of seconds:
// "5/10". None at all is "off". What is no limit is fault.Config.
func Parse(s string) ([]Limit, error) {
	if s == "off" {
		return nil, nil
	}
	var all []Limit
	for part := range strings.SplitSeq(s, ",") {
		l, ok := parse(strings.TrimSpace(part))
		if !ok || slices.ContainsFunc(all, func(other Limit) bool { return other.Per == l.Per }) {
			return nil, fault.New(fault.Config, nil, "%.40q is no limit: give requests by s, m, h or d, each once, such as 100/m,1000/h, or off", s)
		}
		all = append(all, l)
	}
	if len(all) > maxLimits {
		return nil, fault.New(fault.Config, nil, "%.40q has %d limits, and %d are possible", s, len(all), maxLimits)
	}
	return all, nil
}

func parse(s string) (Limit, bool) {
	count, unit, ok := strings.Cut(s, "/")
	n, err := strconv.ParseUint(count, 10, 31)
	if !ok || err != nil || n == 0 || n > maxCount {
		return Limit{}, false
	}
	for name, per := range units() {
		if name == unit {
			return Limit{Count: int(n), Per: per}, true
		}
	}
	seconds, err := strconv.ParseUint(unit, 10, 31)
	per := time.Duration(seconds) * time.Second
	return Limit{Count: int(n), Per: per}, err == nil && per > 0 && per <= maxPer
}

func units() map[string]time.Duration {
	return map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}
}

// String returns what Parse reads, without Of.
func (l Limit) String() string {
	for name, per := range units() {
		if per == l.Per {
			return fmt.Sprintf("%d/%s", l.Count, name)
		}
	}
	return fmt.Sprintf("%d/%d", l.Count, int(l.Per.Seconds()))
}

// Format returns what Parse reads.
func Format(all []Limit) string {
	if len(all) == 0 {
		return "off"
	}
	words := make([]string, len(all))
	for i, l := range all {
		words[i] = l.String()
	}
	return strings.Join(words, ",")
}

// each is the time that brings one request.
func (l Limit) each() time.Duration { return l.Per / time.Duration(l.Count) }

// Verdict says whether a request may pass. One that may not is not counted.
type Verdict struct {
	OK     bool
	States []State // of each limit, in the order in which they were asked for
}

// State is how a client stands with a limit, after the request.
type State struct {
	Limit

	Remaining int           // requests that may be sent at once
	Next      time.Duration // until one may be sent; 0 when Remaining is more
	Whole     time.Duration // until all of them may be
}

// RetryAfter returns how long a client that was refused should wait.
func (v Verdict) RetryAfter() (wait time.Duration) {
	for _, s := range v.States {
		wait = max(wait, s.Next)
	}
	return wait
}

// state returns how a client stands that is behind by debt: the time that makes its account whole.
func (l Limit) state(debt time.Duration) State {
	s := State{Limit: l, Whole: max(0, debt)}
	free := l.room() - s.Whole
	if s.Remaining = int(max(0, free+l.each()/1000) / l.each()); s.Remaining == 0 { // clocks count in whole microseconds
		s.Next = l.each() - free
	}
	return s
}

// room is the debt that a client may have: a whole number of requests, and so at most Per.
func (l Limit) room() time.Duration { return l.each() * time.Duration(l.Count) }
