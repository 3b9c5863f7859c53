package gemini_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/model/chat"
	"github.com/docsift/docsift/model/gemini"
	"github.com/docsift/docsift/model/modeltest"
)

// recorded answers every request with one reply.
type recorded struct{ body []byte }

func (r recorded) RoundTrip(*http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set("Retry-After", "2")
	w.WriteHeader(http.StatusTooManyRequests)
	w.Write(r.body)
	return w.Result(), nil
}

// A day's quota is back at midnight in California, whatever else the reply says.
func TestQuotaOfADay(t *testing.T) {
	tests := []struct {
		name, now string
		want      time.Duration
	}{
		{"in winter", "2026-11-27T10:00:00Z", 22 * time.Hour},
		{"just before midnight", "2026-11-27T07:59:59Z", time.Second},
		{"at midnight", "2026-11-27T08:00:00Z", 24 * time.Hour},
		{"in summer", "2026-07-01T06:00:00Z", time.Hour},
		{"on the evening before summer time", "2027-03-14T07:00:00Z", time.Hour},
		{"on the day of 23 hours", "2027-03-14T08:00:00Z", 23 * time.Hour},
		{"on the day of 25 hours", "2027-11-07T07:00:00Z", 25 * time.Hour},
		{"after the clocks went back", "2027-11-07T09:00:00Z", 23 * time.Hour},
		{"over the turn of the year", "2027-01-01T02:00:00Z", 6 * time.Hour},
	}
	for file, msg := range map[string]string{"quota_per_day.json": "RESOURCE_EXHAUSTED", "quota_per_day_by_metadata.json": "RATE_LIMIT_EXCEEDED"} {
		body, err := os.ReadFile("testdata/replies/" + file)
		if err != nil {
			t.Fatal(err)
		}
		for _, tt := range tests {
			t.Run(file+" "+tt.name, func(t *testing.T) {
				now, err := time.Parse(time.RFC3339, tt.now)
				if err != nil {
					t.Fatal(err)
				}
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(now))
					m := gemini.New(chat.Options{Model: "gemini-3.5-flash-lite", Key: "k", Client: &http.Client{Transport: recorded{body}}})
					_, err := m.Score(t.Context(), modeltest.Request(t))
					if fault.KindOf(err) != fault.Quota || !strings.Contains(fault.Message(err), msg) || fault.RetryAfter(err) != tt.want {
						t.Errorf("%v (%s), to come back in %v; want %s with %s in %v", err, fault.KindOf(err), fault.RetryAfter(err), fault.Quota, msg, tt.want)
					}
				})
			})
		}
	}
}
