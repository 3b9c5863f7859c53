package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/docsift/docsift/internal/ledger"
)

// call is where a request to a provider is counted once it has ended.
type call struct {
	hour                 int64
	tenant, model, error string
}

// calls are sums over requests.
type calls struct{ n, unknown, cost, input, cached, output int64 }

func (s calls) plus(c *ledger.Closed) calls {
	return calls{s.n + 1, s.unknown + tick(c.State == ledger.Unknown || !c.Priced), s.cost + int64(c.Cost),
		s.input + int64(c.Input), s.cached + int64(c.Cached), s.output + int64(c.Output)}
}

func (t *tx) addCalls(ended map[call]calls) error {
	order := slices.SortedFunc(maps.Keys(ended), func(a, b call) int {
		return cmp.Or(strings.Compare(a.tenant, b.tenant), cmp.Compare(a.hour, b.hour), strings.Compare(a.model, b.model), strings.Compare(a.error, b.error))
	})
	for some := range inTwos(order) {
		var args []any
		for _, c := range some {
			s := ended[c]
			args = append(args, c.hour, c.tenant, c.model, c.error, s.n, s.unknown, s.cost, s.input, s.cached, s.output)
		}
		_, err := t.exec(`INSERT INTO stats_calls AS s (hour, tenant, model, error, calls, unknown, cost_nano, input_tokens, cached_tokens, output_tokens)
			VALUES `+tuples(len(some), 10, 1)+` ON CONFLICT (tenant, hour, model, error) DO UPDATE SET
			calls = s.calls + excluded.calls, unknown = s.unknown + excluded.unknown, cost_nano = s.cost_nano + excluded.cost_nano,
			input_tokens = s.input_tokens + excluded.input_tokens, cached_tokens = s.cached_tokens + excluded.cached_tokens,
			output_tokens = s.output_tokens + excluded.output_tokens`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Account calls yield with each request of the account and what is known of it, in the order in
// which they were sent, until it returns false. Closed is nil of one whose end nobody has told.
func (s *Store) Account(ctx context.Context, yield func(ledger.Entry) bool) error {
	const columns = `id, at, tenant, document, run, policy, stage, model, key_name, client, estimate_nano, state, cost_nano, priced,
		input_tokens, cached_tokens, output_tokens, served, request_id, error, closed_at`
	stopped := errors.New("stopped")
	err := rows(ctx, s.db, func(r *sql.Rows) error {
		var e ledger.Entry
		var at, closed int64
		sent, end := new(ledger.Sent), new(ledger.Closed)
		err := r.Scan(&e.ID, &at, &sent.Tenant, &sent.Document, &sent.Run, &sent.Policy, &sent.Stage, &sent.Model, &sent.Key, &sent.Client, &sent.Estimate,
			&end.State, &end.Cost, &end.Priced, &end.Input, &end.Cached, &end.Output, &end.Served, &end.RequestID, &end.Error, &closed)
		if err != nil {
			return err
		}
		e.At, e.Sent, sent.Priced = moment(at), sent, end.Priced
		if closed != 0 {
			e.Closed = end
		}
		if !yield(e) {
			return stopped
		}
		return nil
	}, `SELECT `+columns+` FROM attempts ORDER BY day, at, id`)
	if errors.Is(err, stopped) {
		return nil
	}
	return s.fault(err)
}
