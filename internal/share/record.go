package share

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/breaker"
)

const (
	version = 1
	maxText = 512             // bytes of a text of a record
	maxSize = 16 * maxText    // bytes of a record, whose texts JSON may make longer
	skew    = 2 * time.Second // by which a record may be ahead of the clock

	day   = 24 * time.Hour
	month = 30 * day
	years = 10 * 365 * day
)

// record is news as it is kept in Redis, on the clock of Redis.
type record struct {
	Version int           `json:"v"`
	From    string        `json:"from"`
	N       int64         `json:"n"`
	At      int64         `json:"at"`              // when it came to pass, in milliseconds since 1970
	Until   int64         `json:"until"`           // when it is over; 0: when it is released
	State   breaker.State `json:"state,omitempty"` // as in breaker.News
	Kind    fault.Kind    `json:"kind,omitempty"`
	Why     string        `json:"why,omitempty"`
	By      string        `json:"by,omitempty"`
}

// newRecord returns what is kept of news that came to pass at a time.
func newRecord(from string, o own, at int64) record {
	n := o.news
	r := record{Version: version, From: from, N: o.n, At: at, State: n.State, Kind: n.Kind, Why: clean(n.Why), By: clean(n.By)}
	if n.Left > 0 {
		r.Until = at + n.Left.Milliseconds()
	}
	return r
}

// over returns when a record need not be kept any more. That a breaker healed or was released is
// kept for those who did not hear of it at once.
func (r record) over(topic breaker.Topic) int64 {
	switch {
	case topic == breaker.Health && r.State == breaker.Closed:
		return r.At + (5 * time.Minute).Milliseconds()
	case topic == breaker.Hand && r.State == "":
		return r.At + day.Milliseconds()
	case topic == breaker.Hand && r.Until == 0: // put off as long as somebody goes by it
		return r.At + month.Milliseconds()
	}
	return r.Until
}

// endless reports whether a state that was set by hand holds until it is released.
func (r record) endless() bool { return r.Until == 0 && r.State != "" }

// after reports whether r is newer than o. Of two of one moment the same one is, whoever asks.
func (r record) after(o record) bool { return r.At > o.At || r.At == o.At && r.From > o.From }

// decode reads what Redis holds, and returns nil where that is no record that holds now.
func decode(topic breaker.Topic, raw string, now int64) *record {
	var r record
	if raw == "" || len(raw) > maxSize || json.Unmarshal([]byte(raw), &r) != nil {
		return nil
	}
	well := r.Version == version && r.From != "" && clean(r.Why) == r.Why && clean(r.By) == r.By && fits(topic, r.State)
	timely := r.At > 0 && r.At <= now+skew.Milliseconds() && r.Until <= now+years.Milliseconds() && (r.over(topic) > now || topic == breaker.Hand && r.endless())
	if !well || !timely {
		return nil
	}
	return &r
}

func fits(topic breaker.Topic, s breaker.State) bool {
	switch topic {
	case breaker.Health:
		return s == breaker.Open || s == breaker.Closed
	case breaker.Hand:
		return s == breaker.Open || s == breaker.Closed || s == ""
	}
	return s == ""
}

// news returns what a record says at a time.
func (r record) news(topic breaker.Topic, now int64) breaker.News {
	n := breaker.News{
		Topic: topic, State: r.State, Kind: r.Kind, Why: r.Why, By: r.By,
		Age: time.Duration(max(now-r.At, 0)) * time.Millisecond,
	}
	if r.Until > 0 {
		n.Left = time.Duration(max(r.Until-now, 0)) * time.Millisecond
	}
	return n
}

// clean fits a text into a record.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	if len(s) <= maxText {
		return s
	}
	cut := maxText
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut]
}
