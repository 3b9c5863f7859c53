package share_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/internal/redistest"
)

// Whatever else somebody writes to Redis does nothing, and does not last.
func TestGarbage(t *testing.T) {
	const key = "docsift:breaker:mine:fake/one:::"
	open := `{"v":1,"from":"x","n":1,"at":%AT%,"until":%END%,"state":"open","kind":"unavailable","why":"no"}`
	tests := []struct {
		name string
		do   [][]string
	}{
		{"on the channel", [][]string{{"PUBLISH", "docsift:breaker:news", ""}, {"PUBLISH", "docsift:breaker:news", "x mine:fake/one::"}, {"PUBLISH", "docsift:breaker:news", strings.Repeat("x", 1<<20)}}},
		{"of another type", [][]string{{"LPUSH", key + "health", "x"}, {"HSET", key + "hand", "a", "b"}}},
		{"that is no record", [][]string{{"SET", key + "health", "\x00\xff"}, {"SET", key + "hand", "[]"}, {"SET", key + "limit", "null"}, {"SET", key + "trial", `{"v":1}`}}},
		{"of another version", [][]string{{"SET", key + "health", strings.Replace(open, `"v":1`, `"v":2`, 1)}}},
		{"from nobody", [][]string{{"SET", key + "health", strings.Replace(open, `"x"`, `""`, 1)}}},
		{"that is too large", [][]string{{"SET", key + "health", open + strings.Repeat(" ", 1<<20)}}},
		{"with a text that is too long", [][]string{{"SET", key + "health", strings.Replace(open, `"no"`, `"`+strings.Repeat("n", 600)+`"`, 1)}}},
		{"with a text that would upset a terminal", [][]string{{"SET", key + "health", strings.Replace(open, `"no"`, `"\u001b[2J"`, 1)}}},
		{"from the past", [][]string{{"SET", key + "health", strings.Replace(open, "%END%", "%AT%", 1)}}},
		{"from the future", [][]string{{"SET", key + "health", strings.Replace(open, "%AT%", "%END%", 1)}}},
		{"without end", [][]string{{"SET", key + "health", strings.Replace(open, "%END%", "9007199254740991", 1)}, {"SET", key + "limit", strings.Replace(open, "%END%", "0", 1)}}},
		{"in a state that there is not", [][]string{{"SET", key + "health", strings.Replace(open, "open", "ajar", 1)}, {"SET", key + "hand", strings.Replace(open, "open", "half_open", 1)}}},
		{"because of what opens none", [][]string{{"SET", key + "health", strings.Replace(open, "unavailable", "refused", 1)}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, p := redistest.Start(t), &provider{}
			now := time.Now()
			fill := strings.NewReplacer("%AT%", milliseconds(now), "%END%", milliseconds(now.Add(time.Hour)))
			a, b := start(t, r.URL, p, time.Hour), start(t, r.URL, p, time.Hour)
			a.up(true)
			b.up(true)
			for _, words := range tt.do {
				for i := range words {
					words[i] = fill.Replace(words[i])
				}
				r.Do(words...)
			}
			late := start(t, r.URL, p, time.Hour) // whose first round meets all of it
			late.up(true)
			if s := late.state(); s.Breaker != "closed" || s.Forced != nil || s.Limited != nil || late.classify() != nil {
				t.Errorf("status %+v, want nothing of it taken in", s)
			}
			a.Force("", docsift.Forced{State: "closed", By: "ann"})
			eventually(t, "what is set by hand arrives", func() bool { return b.state().Forced != nil })
			a.Release("")
			eventually(t, "the release arrives", func() bool { return b.state().Forced == nil })
			p.err.Store(down)
			a.classify()
			b.opened()
			if n := a.log.count("level=WARN"); n != 0 {
				t.Errorf("%d warnings", n)
			}
		})
	}
}

// The record of the tests above is a good one.
func TestRecord(t *testing.T) {
	r, p := redistest.Start(t), &provider{}
	now := time.Now()
	r.Do("SET", "docsift:breaker:mine:fake/one:::health", `{"v":1,"from":"x","n":1,"at":`+milliseconds(now)+`,"until":`+milliseconds(now.Add(time.Hour))+`,"state":"open","kind":"unavailable","why":"no"}`)
	start(t, r.URL, p, time.Hour).opened()
}

func milliseconds(at time.Time) string { return strconv.FormatInt(at.UnixMilli(), 10) }

// Nothing in Redis outlives what it says, but for what holds until it is released.
func TestKeysExpire(t *testing.T) {
	r, p := redistest.Start(t), &provider{}
	a, b := start(t, r.URL, p, time.Hour), start(t, r.URL, p, time.Hour)
	p.err.Store(down)
	a.classify()
	b.opened()
	a.Force("", docsift.Forced{State: "closed"})
	eventually(t, "b hears of it", func() bool { return b.state().Forced != nil })
	for name, most := range map[string]string{"health": "3600000", "hand": "2592000000"} {
		got := r.Do("EVAL", "local left=redis.call('pttl',KEYS[1]) return left>0 and left<=tonumber(ARGV[1]) and 1 or 0", "1", "docsift:breaker:mine:fake/one:::"+name, most)
		if got != ":1" {
			t.Errorf("%s does not expire within %s ms", name, most)
		}
	}
}
