package share

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/breaker"
)

// What is written is read again, however long or odd its texts are.
func TestRecordsAreRead(t *testing.T) {
	const now = 1_800_000_000_000
	tests := []struct {
		name string
		news breaker.News
	}{
		{"an open breaker", breaker.News{Topic: breaker.Health, State: breaker.Open, Left: time.Minute, Kind: fault.Quota, Why: "spent"}},
		{"one that healed", breaker.News{Topic: breaker.Health, State: breaker.Closed}},
		{"a rate limit", breaker.News{Topic: breaker.Limit, Left: time.Second, Why: "slow down"}},
		{"a probe", breaker.News{Topic: breaker.Trial, Left: 10 * time.Second}},
		{"a state without end", breaker.News{Topic: breaker.Hand, State: breaker.Open, By: "ann", Why: "it bills twice"}},
		{"a release", breaker.News{Topic: breaker.Hand}},
		{"texts without end", breaker.News{Topic: breaker.Hand, State: breaker.Open, By: strings.Repeat("é", 9999), Why: strings.Repeat("<", 9999)}},
		{"texts that upset a terminal", breaker.News{Topic: breaker.Hand, State: breaker.Open, By: "\x1b[2J\xff", Why: "one\ntwo"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := json.Marshal(newRecord("me", own{news: tt.news, n: 7}, now))
			if err != nil {
				t.Fatal(err)
			}
			r := decode(tt.news.Topic, string(data), now)
			if r == nil {
				t.Fatalf("%d bytes are not read: %.200s", len(data), data)
			}
			want := tt.news
			want.By, want.Why = clean(want.By), clean(want.Why)
			if got := r.news(tt.news.Topic, now); got != want || r.From != "me" || r.N != 7 {
				t.Errorf("read %+v, want %+v", got, want)
			}
		})
	}
}

// Whatever Redis holds becomes news that a breaker can live with, or none.
func FuzzDecode(f *testing.F) {
	const now = 1_800_000_000_000
	f.Add("health", `{"v":1,"from":"x","n":1,"at":1799999999000,"until":1800000060000,"state":"open","kind":"unavailable","why":"no"}`)
	f.Add("hand", `{"v":1,"from":"x","at":1799999999000,"until":0,"state":"closed","by":"ann"}`)
	f.Add("limit", `{"v":1,"from":"x","at":1,"until":9007199254740991}`)
	f.Add("trial", `{"v":1,"from":"x","at":-9223372036854775808,"until":9223372036854775807}`)
	f.Fuzz(func(t *testing.T, topic, raw string) {
		r := decode(breaker.Topic(topic), raw, now)
		if r == nil {
			return
		}
		n := r.news(breaker.Topic(topic), now)
		if n.Age < 0 || n.Left < 0 || n.Left > years || len(n.Why)+len(n.By) > 2*maxText || strings.ContainsAny(n.Why+n.By, "\x00\x1b\n") {
			t.Errorf("news %+v of %q", n, raw)
		}
		if n.Left == 0 && n.State == breaker.Open && topic == "health" {
			t.Errorf("open for no time: %+v", n)
		}
	})
}
