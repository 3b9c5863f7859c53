package client

import (
	"context"
	"net/url"
	"time"
)

// StatsQuery says which statistics are wanted. The zero value is the last 24 hours, hour by hour.
type StatsQuery struct {
	From, To time.Time
	By       string // hour or day; default hour
	Group    string // what the periods are parted by, such as provider or category; default: nothing
}

// Stats is what became of the documents of a tenant.
type Stats struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	By    string    `json:"by"`
	Group string    `json:"group"`
	Total Figures   `json:"total"`
	Rows  []Row     `json:"rows"`  // by period and group; periods in which nothing happened are left out
	Calls []Calls   `json:"calls"` // requests to providers, by model and error
}

// Row is a period and a group.
type Row struct {
	At    time.Time `json:"at"`
	Group string    `json:"group"`
	Figures
}

// Figures are sums over documents by when they were finished. Sums of money are decimal numbers of
// US dollars.
type Figures struct {
	Documents int64  `json:"documents"`
	Cached    int64  `json:"cached"`
	Review    int64  `json:"review"`
	Upgraded  int64  `json:"upgraded"`
	Backup    int64  `json:"backup"`
	Degraded  int64  `json:"degraded"`
	Cost      string `json:"cost_usd"` // at the best estimate
	Unpriced  int64  `json:"unpriced"` // documents a part of whose cost is not known
	Guide     string `json:"guide_cost_usd"`
	Saved     string `json:"saved_usd"`

	// Latency is by percentile, such as p99, in milliseconds; nil for groups of which it is not kept.
	Latency map[string]float64 `json:"latency_ms"`
}

// Calls is how requests to a model ended.
type Calls struct {
	Model   string `json:"model"`
	Error   string `json:"error"` // "" for an answer
	Calls   int64  `json:"calls"`
	Unknown int64  `json:"unknown"` // whose bill is not known
	Cost    string `json:"cost_usd"`
	Input   int64  `json:"input_tokens"`
	Cached  int64  `json:"cached_tokens"`
	Output  int64  `json:"output_tokens"`
}

// Stats returns what became of documents.
func (c *Client) Stats(ctx context.Context, q StatsQuery) (Stats, error) {
	query := url.Values{}
	for name, value := range map[string]string{"from": moment(q.From), "to": moment(q.To), "by": q.By, "group": q.Group} {
		if value != "" {
			query.Set(name, value)
		}
	}
	var out Stats
	err := c.get(ctx, "/v1/stats", query, &out)
	return out, err
}
