package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/price"
)

// StatsQuery says which statistics are wanted. The zero value is the last 24 hours, hour by hour.
type StatsQuery struct {
	// From and To are moments; a period counts that begins from From on and before To. Default To:
	// now. Default From: 24 hours before, or 30 days where By is Daily.
	From, To time.Time

	By    Period // default Hourly
	Group string // one of Groups; "" for none
}

// Period is how long the rows of statistics are, in UTC.
type Period string

// The periods.
const (
	Hourly Period = "hour"
	Daily  Period = "day"
)

func (p Period) length() time.Duration {
	if p == Daily {
		return 24 * time.Hour
	}
	return time.Hour
}

// Groups are what statistics can be parted by.
func Groups() []string { return []string{"source", "provider", "model", "category", "policy", "error"} }

// The bounds of a query.
const (
	mostHours = 31 * 24
	mostDays  = 400
	mostRows  = 20_000
)

// Stats is what became of a tenant's documents.
type Stats struct {
	From  time.Time `json:"from"`
	To    time.Time `json:"to"`
	By    Period    `json:"by"`
	Group string    `json:"group"`

	Total Figures  `json:"total"`
	Rows  []Row    `json:"rows"`  // by period and group; periods in which nothing happened are left out
	Calls []Called `json:"calls"` // requests to providers, by model and error, over all periods
}

// Row is a period and a group.
type Row struct {
	At    time.Time `json:"at"`
	Group string    `json:"group"`
	Figures
}

// Figures are sums over documents by when they were finished.
type Figures struct {
	Documents int64 `json:"documents"`
	Cached    int64 `json:"cached"`
	Review    int64 `json:"review"`
	Upgraded  int64 `json:"upgraded"`
	Backup    int64 `json:"backup"`
	Degraded  int64 `json:"degraded"`

	Cost     string `json:"cost_usd"` // at the best estimate
	Unpriced int64  `json:"unpriced"` // documents a part of whose cost is not known
	Guide    string `json:"guide_cost_usd"`
	Saved    string `json:"saved_usd"` // what answers had cost that were given again

	// Latency is nil where the group is of no use for it: by category, policy and error it is not kept.
	Latency *Latency `json:"latency_ms"`
}

// Latency says how long classifications took, in milliseconds, at most 5 % off.
type Latency struct {
	P50 float64 `json:"p50"`
	P90 float64 `json:"p90"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
}

// Called is how requests to a model ended.
type Called struct {
	Model   string `json:"model"`
	Error   string `json:"error"` // "" for an answer
	Calls   int64  `json:"calls"`
	Unknown int64  `json:"unknown"` // whose bill is not known
	Cost    string `json:"cost_usd"`
	Input   int64  `json:"input_tokens"`
	Cached  int64  `json:"cached_tokens"`
	Output  int64  `json:"output_tokens"`
}

// settle fills in what is not given, and returns what is wrong with the rest.
func (q *StatsQuery) settle(now time.Time) error {
	most := mostHours
	switch q.By {
	case "":
		q.By = Hourly
	case Daily:
		most = mostDays
	case Hourly:
	default:
		return fault.New(fault.Invalid, nil, "by: use hour or day")
	}
	if q.Group != "" && !slices.Contains(Groups(), q.Group) {
		return fault.New(fault.Invalid, nil, "group: use %s, or leave it out", strings.Join(Groups(), ", "))
	}
	if q.To.IsZero() {
		q.To = now
	}
	if q.From.IsZero() {
		q.From = q.To.Add(-24 * time.Hour)
		if q.By == Daily {
			q.From = q.To.AddDate(0, 0, -30)
		}
	}
	step := q.By.length()
	q.From, q.To = q.From.UTC().Truncate(step), q.To.UTC().Add(step-1).Truncate(step)
	switch n := int64(q.To.Sub(q.From) / step); {
	case n <= 0:
		return fault.New(fault.Invalid, nil, "from is not before to")
	case n > int64(most):
		return fault.New(fault.Invalid, nil, "from and to are %d %ss apart, and at most %d are possible", n, q.By, most)
	}
	return nil
}

// Stats returns a tenant's statistics, up to the last document that was finished. What is wrong
// with the query is fault.Invalid.
func (s *Store) Stats(ctx context.Context, tenant string, q StatsQuery) (Stats, error) {
	if err := q.settle(time.Now()); err != nil {
		return Stats{}, err
	}
	st := Stats{From: q.From, To: q.To, By: q.By, Group: q.Group, Rows: []Row{}, Calls: []Called{}}
	args := []any{tenant, q.From.Unix() / 3600, q.To.Unix() / 3600, int64(q.By.length() / time.Hour)}
	if err := s.figures(ctx, &st, args); err != nil {
		return st, err
	}
	if err := s.latencies(ctx, &st, args); err != nil {
		return st, err
	}
	return st, s.read(ctx, func(r *sql.Rows) error {
		var c Called
		var cost int64
		err := r.Scan(&c.Model, &c.Error, &c.Calls, &c.Unknown, &cost, &c.Input, &c.Cached, &c.Output)
		c.Cost = price.Amount(cost).String()
		st.Calls = append(st.Calls, c)
		return err
	}, `SELECT model, error, CAST(sum(calls) AS bigint), CAST(sum(unknown) AS bigint), CAST(sum(cost_nano) AS bigint),
			CAST(sum(input_tokens) AS bigint), CAST(sum(cached_tokens) AS bigint), CAST(sum(output_tokens) AS bigint)
		FROM stats_calls WHERE tenant = $1 AND hour >= $2 AND hour < $3 GROUP BY model, error ORDER BY model, error`, args[:3]...)
}

// grouped is the expression of the group of a row.
func (st *Stats) grouped() string {
	if st.Group == "" {
		return "''"
	}
	return st.Group // one of Groups
}

func (s *Store) figures(ctx context.Context, st *Stats, args []any) error {
	const counted = `hour, source, provider, model, category, policy, error`
	const summed = `cached, review, upgraded, backup, degraded, unpriced, cost_nano, guide_nano, saved_nano`
	var b strings.Builder
	for name := range strings.SplitSeq("documents, "+summed, ", ") {
		b.WriteString(", CAST(sum(" + name + ") AS bigint)")
	}
	var whole totals
	err := s.read(ctx, func(r *sql.Rows) error {
		var period int64
		var row Row
		var t totals
		err := r.Scan(&period, &row.Group, &t.documents, &t.cached, &t.review, &t.upgraded, &t.backup, &t.degraded, &t.unpriced, &t.cost, &t.guide, &t.saved)
		row.At, row.Figures = st.at(period), t.figures()
		st.Rows, whole = append(st.Rows, row), whole.plus(t)
		return err
	}, `SELECT hour / $4 AS period, `+st.grouped()+` AS grouped`+b.String()+` FROM (
			SELECT `+counted+`, documents, `+summed+` FROM stats_hours WHERE tenant = $1 AND hour >= $2 AND hour < $3
			UNION ALL
			SELECT `+counted+`, 1, `+summed+` FROM stats_tail WHERE tenant = $1 AND hour >= $2 AND hour < $3
		) every GROUP BY 1, 2 ORDER BY 1, 2 LIMIT $5`, append(slices.Clone(args), mostRows+1)...)
	if err == nil && len(st.Rows) > mostRows {
		err = fault.New(fault.Invalid, nil, "that would be more than %d rows: ask for fewer hours, for days, or without a group", mostRows)
	}
	st.Total = whole.figures()
	return err
}

// at returns when a period begins.
func (st *Stats) at(period int64) time.Time {
	return time.Unix(period*int64(st.By.length()/time.Second), 0).UTC()
}

func (t totals) figures() Figures {
	return Figures{
		Documents: t.documents, Cached: t.cached, Review: t.review, Upgraded: t.upgraded, Backup: t.backup, Degraded: t.degraded,
		Cost: price.Amount(t.cost).String(), Unpriced: t.unpriced, Guide: price.Amount(t.guide).String(), Saved: price.Amount(t.saved).String(),
	}
}

// latencies fills in how long it took, where the group allows it.
func (s *Store) latencies(ctx context.Context, st *Stats, args []any) error {
	if !slices.Contains([]string{"", "source", "provider", "model"}, st.Group) {
		return nil
	}
	type place struct {
		at    time.Time
		group string
	}
	by, whole := make(map[place]histogram), make(histogram)
	err := s.read(ctx, func(r *sql.Rows) error {
		var period, n int64
		var group string
		var bucket int
		if err := r.Scan(&period, &group, &bucket, &n); err != nil {
			return err
		}
		p := place{st.at(period), group}
		if by[p] == nil {
			by[p] = make(histogram)
		}
		by[p][bucket] += n
		whole[bucket] += n
		return nil
	}, `SELECT hour / $4, `+st.grouped()+`, bucket, CAST(sum(documents) AS bigint) FROM (
			SELECT hour, source, provider, model, bucket, documents FROM stats_durations WHERE tenant = $1 AND hour >= $2 AND hour < $3
			UNION ALL
			SELECT hour, source, provider, model, bucket, 1 FROM stats_tail WHERE tenant = $1 AND hour >= $2 AND hour < $3
		) every GROUP BY 1, 2, 3`, args...)
	if err != nil {
		return err
	}
	for i := range st.Rows {
		st.Rows[i].Latency = by[place{st.Rows[i].At, st.Rows[i].Group}].latency()
	}
	st.Total.Latency = whole.latency()
	return nil
}

// ParseStats reads a query from texts. Moments are as in 2026-11-27 or 2026-11-27T13:00:00Z; "" is
// the default of each.
func ParseStats(from, to, by, group string) (StatsQuery, error) {
	q := StatsQuery{By: Period(by), Group: group}
	for _, f := range []struct {
		name, text string
		at         *time.Time
	}{{"from", from, &q.From}, {"to", to, &q.To}} {
		if f.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, f.text)
		if err != nil {
			at, err = time.Parse(time.DateOnly, f.text)
		}
		if err != nil || at.Year() < 1970 || at.Year() > 9999 {
			return q, fault.New(fault.Invalid, nil, "%s: give a day such as 2026-11-27 or a moment such as 2026-11-27T13:00:00Z", f.name)
		}
		*f.at = at
	}
	return q, nil
}
