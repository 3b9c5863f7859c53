package store

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
)

// fact is what the statistics know of a finished classification.
type fact struct {
	place
	totals
	bucket int
}

// place is where a classification is counted.
type place struct {
	hour                                                     int64
	tenant, source, provider, model, category, policy, error string
}

// totals are sums over classifications.
type totals struct {
	documents, cached, review, upgraded, backup, degraded, unpriced int64

	cost, guide, saved int64 // in 10⁻⁹ US dollars
}

func (t totals) plus(o totals) totals {
	return totals{
		t.documents + o.documents, t.cached + o.cached, t.review + o.review, t.upgraded + o.upgraded, t.backup + o.backup, t.degraded + o.degraded, t.unpriced + o.unpriced,
		t.cost + o.cost, t.guide + o.guide, t.saved + o.saved,
	}
}

func factOf(r Record) fact {
	a := r.Result
	f := fact{place: place{hour: r.Finished.Unix() / 3600, tenant: r.Tenant, source: string(r.Source)}, totals: totals{documents: 1}}
	if a == nil {
		f.error = string(r.State) // canceled before anybody looked at it
		return f
	}
	f.provider, f.model, f.category, f.policy = a.ProviderUsed, a.Model, a.Classification, a.Policy.Name
	if a.Error != nil {
		f.error = string(a.Error.Code)
	}
	f.review, f.upgraded, f.backup, f.degraded, f.unpriced = tick(a.Review.Needed), tick(a.Upgraded), tick(a.IsBackup), tick(a.Degraded), tick(!a.Cost.Known)
	var guide cascade.Cost
	if a.GuideCost != nil {
		guide = *a.GuideCost
	}
	f.cached, f.saved = tick(a.Cached), a.Saved.Estimated()
	f.cost, f.guide = a.Cost.Estimated(), guide.Estimated()
	f.bucket = bucketOf(time.Duration(a.Timings.Total * float64(time.Millisecond)))
	return f
}

func tick(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// base is by how much one bucket of durations lasts longer than the one before: what is told of
// one is at most 5 % off.
const base = 1.1

func bucketOf(d time.Duration) int {
	return max(0, int(math.Log(max(1, float64(d.Microseconds())))/math.Log(base)))
}

// middle returns a duration that stands for those of a bucket.
func middle(bucket int) time.Duration {
	return time.Duration(math.Pow(base, float64(bucket)+0.5) * float64(time.Microsecond))
}

const tailColumns = `hour, tenant, source, provider, model, category, policy, error, cached, review, upgraded, backup, degraded, unpriced, cost_nano, guide_nano, saved_nano, bucket`

// count has a finished classification counted, once.
func (t *tx) count(r Record) error {
	f := factOf(r)
	_, err := t.exec(`INSERT INTO stats_tail (id, `+tailColumns+`) VALUES `+tuples(1, 19, 1)+` ON CONFLICT DO NOTHING`,
		r.ID, f.hour, text(f.tenant), f.source, text(f.provider), text(f.model), text(f.category), text(f.policy), f.error,
		f.cached, f.review, f.upgraded, f.backup, f.degraded, f.unpriced, f.cost, f.guide, f.saved, f.bucket)
	return err
}

// Rollup adds what was finished since to the hours, so that statistics need not look at each
// document. Several processes may do so at once, and it may be broken off at any time.
func (s *Store) Rollup(ctx context.Context) error {
	const most = 1000
	for n := most; n == most; {
		err := s.write(ctx, lazily, func(t *tx) (err error) {
			n, err = t.rollup(s.d.Skip, most)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) rollup(skip string, most int) (n int, err error) {
	hours := make(map[place]totals)
	durations := make(map[place]map[int]int64)
	err = rows(t.ctx, t, func(r *sql.Rows) error {
		f := fact{totals: totals{documents: 1}}
		err := r.Scan(&f.hour, &f.tenant, &f.source, &f.provider, &f.model, &f.category, &f.policy, &f.error,
			&f.cached, &f.review, &f.upgraded, &f.backup, &f.degraded, &f.unpriced, &f.cost, &f.guide, &f.saved, &f.bucket)
		n++
		hours[f.place] = hours[f.place].plus(f.totals)
		f.category, f.policy, f.error = "", "", ""
		if durations[f.place] == nil {
			durations[f.place] = make(map[int]int64)
		}
		durations[f.place][f.bucket]++
		return err
	}, `DELETE FROM stats_tail WHERE id IN (SELECT id FROM stats_tail ORDER BY id LIMIT $1 `+skip+`) RETURNING `+tailColumns, most)
	if err != nil {
		return n, err
	}
	if err := t.addHours(hours); err != nil {
		return n, err
	}
	return n, t.addDurations(durations)
}

// inOrder returns the places in the order in which all processes lock them.
func inOrder[T any](m map[place]T) []place {
	return slices.SortedFunc(maps.Keys(m), func(a, b place) int {
		return cmp.Or(strings.Compare(a.tenant, b.tenant), cmp.Compare(a.hour, b.hour), strings.Compare(a.source, b.source), strings.Compare(a.provider, b.provider),
			strings.Compare(a.model, b.model), strings.Compare(a.category, b.category), strings.Compare(a.policy, b.policy), strings.Compare(a.error, b.error))
	})
}

func (t *tx) addHours(hours map[place]totals) error {
	for some := range inTwos(inOrder(hours)) {
		var args []any
		for _, p := range some {
			h := hours[p]
			args = append(args, p.hour, p.tenant, p.source, p.provider, p.model, p.category, p.policy, p.error,
				h.documents, h.cached, h.review, h.upgraded, h.backup, h.degraded, h.unpriced, h.cost, h.guide, h.saved)
		}
		_, err := t.exec(`INSERT INTO stats_hours AS s (hour, tenant, source, provider, model, category, policy, error,
			documents, cached, review, upgraded, backup, degraded, unpriced, cost_nano, guide_nano, saved_nano) VALUES `+tuples(len(some), 18, 1)+`
			ON CONFLICT (tenant, hour, source, provider, model, category, policy, error) DO UPDATE SET
			documents = s.documents + excluded.documents, cached = s.cached + excluded.cached, review = s.review + excluded.review,
			upgraded = s.upgraded + excluded.upgraded, backup = s.backup + excluded.backup, degraded = s.degraded + excluded.degraded,
			unpriced = s.unpriced + excluded.unpriced, cost_nano = s.cost_nano + excluded.cost_nano,
			guide_nano = s.guide_nano + excluded.guide_nano, saved_nano = s.saved_nano + excluded.saved_nano`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tx) addDurations(durations map[place]map[int]int64) error {
	type row struct {
		place
		bucket int
	}
	var order []row
	for _, p := range inOrder(durations) {
		for _, b := range slices.Sorted(maps.Keys(durations[p])) {
			order = append(order, row{p, b})
		}
	}
	for some := range inTwos(order) {
		var args []any
		for _, r := range some {
			args = append(args, r.hour, r.tenant, r.source, r.provider, r.model, r.bucket, durations[r.place][r.bucket])
		}
		_, err := t.exec(`INSERT INTO stats_durations AS s (hour, tenant, source, provider, model, bucket, documents) VALUES `+tuples(len(some), 7, 1)+`
			ON CONFLICT (tenant, hour, source, provider, model, bucket) DO UPDATE SET documents = s.documents + excluded.documents`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// histogram counts classifications by the bucket of their duration. Two are merged by adding.
type histogram map[int]int64

// latency returns nil where nothing was counted.
func (h histogram) latency() *Latency {
	var n int64
	for _, of := range h {
		n += of
	}
	if n == 0 {
		return nil
	}
	var l Latency
	for _, q := range []struct {
		share float64
		to    *float64
	}{{0.5, &l.P50}, {0.9, &l.P90}, {0.95, &l.P95}, {0.99, &l.P99}} {
		left := int64(math.Ceil(q.share * float64(n)))
		for _, b := range slices.Sorted(maps.Keys(h)) {
			if left -= h[b]; left <= 0 {
				*q.to = math.Round(float64(middle(b).Microseconds())/10) / 100
				break
			}
		}
	}
	return &l
}
