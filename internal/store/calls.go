package store

import (
	"cmp"
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
