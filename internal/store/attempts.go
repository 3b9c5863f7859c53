package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/internal/ledger"
	"github.com/docsift/docsift/internal/price"
)

// attempt is an entry of the account on its way into the database.
type attempt struct {
	ledger.Entry
	err  error // why it may not be sent
	done chan error
}

// scope is what a sum is of.
type scope struct {
	day  int
	name string
}

// sum is what was sent in a scope.
type sum struct{ nano, sent, unknown int64 }

func (s sum) plus(o sum) sum { return sum{s.nano + o.nano, s.sent + o.sent, s.unknown + o.unknown} }

// sums are those of many scopes.
type sums map[scope]sum

// The scopes that are not named after anything.
const (
	wholeDay   = "day"
	wholeMonth = "month"
)

// scopes returns those that a request counts in.
func scopes(day int, model, key, client string) []scope {
	all := []scope{{day, wholeDay}, {monthOf(day), wholeMonth}, {day, "key:" + text(key)}, {day, "model:" + text(model)}}
	if client != "" {
		all = append(all, scope{day, "client:" + text(client)})
	}
	return all
}

// monthOf returns the first day of the month that a day is in.
func monthOf(d int) int {
	at := time.Unix(int64(d)*86400, 0).UTC()
	return day(time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC))
}

func (s sums) add(what sum, to ...scope) {
	for _, c := range to {
		s[c] = s[c].plus(what)
	}
}

// spend returns what the sums come to on a day.
func (s sums) spend(day int) ledger.Spend {
	whole := s[scope{day, wholeDay}]
	spent := ledger.Spend{
		Day: price.Amount(whole.nano), Month: price.Amount(s[scope{monthOf(day), wholeMonth}].nano),
		Keys: make(map[string]price.Amount), Models: make(map[string]price.Amount), Clients: make(map[string]price.Amount),
		Sent: int(whole.sent), Unknown: int(whole.unknown),
	}
	for c, sum := range s {
		kind, name, _ := strings.Cut(c.name, ":")
		by := map[string]map[string]price.Amount{"key": spent.Keys, "model": spent.Models, "client": spent.Clients}[kind]
		if c.day == day && by != nil {
			by[name] = price.Amount(sum.nano)
		}
	}
	return spent
}

// foreseen is what a request counts for until it has come back.
func foreseen(s *ledger.Sent) sum { return sum{int64(s.Estimate), 1, 0} }

// billed is by how much that changes when it has.
func billed(estimate int64, c *ledger.Closed) sum {
	s := sum{nano: int64(c.Cost) - estimate}
	if c.State == ledger.Unknown || !c.Priced {
		s.unknown = 1
	}
	return s
}

// record writes entries down, first those that were sent. Where a budget holds some of them, those
// that would overdraw it are left out and have an error. It returns the sums that changed.
func (t *tx) record(all []*attempt, b ledger.Budget) (sums, error) {
	var sent, closed []*attempt
	bounded := false
	for _, a := range all {
		a.err = nil
		if a.Sent == nil {
			closed = append(closed, a)
			continue
		}
		sent = append(sent, a)
		bounded = bounded || b.Bounds(*a.Sent)
	}
	var now sums
	var err error
	if bounded { // the sums are locked from here on, so that nobody else spends what is left
		if sent, now, err = t.reserve(sent, b); err != nil {
			return nil, err
		}
	}
	delta, err := t.begin(sent)
	if err != nil {
		return nil, err
	}
	if bounded {
		delta = make(sums)
	}
	ended := make(map[call]calls)
	if err := t.end(closed, delta, ended); err != nil {
		return nil, err
	}
	later, err := t.add(delta)
	if err != nil {
		return nil, err
	}
	if now == nil {
		now = make(sums)
	}
	maps.Copy(now, later)
	return now, t.addCalls(ended)
}

// reserve adds what was sent to the sums and takes back what a budget does not allow. It returns
// those that it does.
func (t *tx) reserve(sent []*attempt, b ledger.Budget) (allowed []*attempt, now sums, err error) {
	delta := make(sums)
	for _, a := range sent {
		delta.add(foreseen(a.Sent), scopesOf(a)...)
	}
	if now, err = t.add(delta); err != nil {
		return nil, nil, err
	}
	so := maps.Clone(now) // as if one came after the other
	for c, d := range delta {
		so[c] = so[c].plus(sum{-d.nano, -d.sent, -d.unknown})
	}
	back := make(sums)
	for _, a := range sent {
		what := foreseen(a.Sent)
		if a.err = b.Allows(*a.Sent, so.spend(day(a.At)), a.At); a.err != nil {
			back.add(sum{-what.nano, -what.sent, 0}, scopesOf(a)...)
			continue
		}
		so.add(what, scopesOf(a)...)
		allowed = append(allowed, a)
	}
	later, err := t.add(back)
	maps.Copy(now, later)
	return allowed, now, err
}

func scopesOf(a *attempt) []scope { return scopes(day(a.At), a.Sent.Model, a.Sent.Key, a.Sent.Client) }

// add adds to the sums in the order of their scopes, in which all lock them, and returns what they
// are then.
func (t *tx) add(delta sums) (sums, error) {
	now := make(sums)
	order := slices.SortedFunc(maps.Keys(delta), func(a, b scope) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.name, b.name))
	})
	for some := range inTwos(order) {
		args := make([]any, 0, 5*len(some))
		for _, c := range some {
			args = append(args, c.day, c.name, delta[c].nano, delta[c].sent, delta[c].unknown)
		}
		err := rows(t.ctx, t, func(r *sql.Rows) error {
			var c scope
			var s sum
			err := r.Scan(&c.day, &c.name, &s.nano, &s.sent, &s.unknown)
			now[c] = s
			return err
		}, `INSERT INTO spend (day, scope, nano, sent, unknown) VALUES `+tuples(len(some), 5, 1)+`
			ON CONFLICT (day, scope) DO UPDATE SET nano = spend.nano + excluded.nano, sent = spend.sent + excluded.sent, unknown = spend.unknown + excluded.unknown
			RETURNING day, scope, nano, sent, unknown`, args...)
		if err != nil {
			return nil, err
		}
	}
	return now, nil
}

// begin writes down what was sent, unless it is there already, and returns what is new.
func (t *tx) begin(sent []*attempt) (sums, error) {
	delta := make(sums)
	for some := range inTwos(sent) {
		byID := make(map[string]*attempt, len(some))
		args := make([]any, 0, 22*len(some))
		for _, a := range some {
			s := a.Sent
			byID[a.ID] = a
			args = append(args, day(a.At), a.ID, microseconds(a.At), text(s.Tenant), text(s.Document), text(s.Run), text(s.Policy), text(s.Stage),
				text(s.Model), text(s.Key), text(s.Client), int64(s.Estimate), "open", int64(s.Estimate), s.Priced, 0, 0, 0, "", "", "", 0)
		}
		err := rows(t.ctx, t, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			if a := byID[id]; a != nil {
				delta.add(foreseen(a.Sent), scopesOf(a)...)
			}
			return err
		}, `INSERT INTO attempts (day, id, at, tenant, document, run, policy, stage, model, key_name, client, estimate_nano, state, cost_nano, priced,
			input_tokens, cached_tokens, output_tokens, served, request_id, error, closed_at) VALUES `+tuples(len(some), 22, 1)+`
			ON CONFLICT (day, id) DO NOTHING RETURNING id`, args...)
		if err != nil {
			return nil, err
		}
	}
	return delta, nil
}

// end writes down what became of requests, once for each, and adds what that changes to delta and
// to the calls that have ended.
func (t *tx) end(closed []*attempt, delta sums, ended map[call]calls) error {
	byDay := make(map[int][]*attempt)
	for _, a := range closed {
		byDay[dayOfAttempt(a.ID)] = append(byDay[dayOfAttempt(a.ID)], a)
	}
	for _, d := range slices.Sorted(maps.Keys(byDay)) {
		for some := range inTwos(byDay[d]) {
			if err := t.endOf(d, some, delta, ended); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *tx) endOf(d int, closed []*attempt, delta sums, ended map[call]calls) error {
	byID := make(map[string]*attempt, len(closed))
	args := make([]any, 0, 11*len(closed)+1)
	for _, a := range closed {
		c := a.Closed
		byID[a.ID] = a
		args = append(args, a.ID, text(string(c.State)), int64(c.Cost), c.Priced, c.Input, c.Cached, c.Output,
			text(c.Served), text(c.RequestID), text(c.Error), microseconds(a.At))
	}
	return rows(t.ctx, t, func(r *sql.Rows) error {
		var id, tenant, model, key, client string
		var estimate int64
		err := r.Scan(&id, &estimate, &tenant, &model, &key, &client)
		if a := byID[id]; a != nil {
			delta.add(billed(estimate, a.Closed), scopes(d, model, key, client)...)
			c := call{a.At.Unix() / 3600, tenant, model, text(a.Closed.Error)}
			ended[c] = ended[c].plus(a.Closed)
		}
		return err
	}, `UPDATE attempts SET state = v.column2, cost_nano = v.column3, priced = v.column4, input_tokens = v.column5, cached_tokens = v.column6,
		output_tokens = v.column7, served = v.column8, request_id = v.column9, error = v.column10, closed_at = v.column11
		FROM (VALUES `+tuples(len(closed), 11, 1, "text", "text", "bigint", "boolean", "bigint", "bigint", "bigint", "text", "text", "text", "bigint")+`) AS v
		WHERE day = `+strconv.Itoa(d)+` AND id = v.column1 AND closed_at = 0
		RETURNING id, estimate_nano, tenant, model, key_name, client`, args...)
}

// dayOfAttempt returns the day in an id such as 2026-11-27-…, or -1.
func dayOfAttempt(id string) int {
	at, err := time.Parse(time.DateOnly, id[:min(len(id), len(time.DateOnly))])
	if err != nil {
		return -1
	}
	return day(at)
}

// abandon says of what nobody will tell the end of, because the worker that sent it is gone, that
// its bill is not known. Should the end be told all the same, that counts.
func (t *tx) abandon(run string, now time.Time) error {
	_, err := t.exec(`UPDATE attempts SET state = 'unknown' WHERE run = $1 AND closed_at = 0 AND state = 'open' AND day BETWEEN $2 AND $3`, run, dayOf(run), day(now))
	return err
}

// abandonAll does so with all that began before a moment.
func (t *tx) abandonAll(before time.Time) error {
	_, err := t.exec(`UPDATE attempts SET state = 'unknown' WHERE closed_at = 0 AND state = 'open' AND at < $1`, microseconds(before))
	return err
}

// tuples returns n tuples of as many parameters, counted from first on. Those of the first are of
// the given types.
func tuples(n, of, first int, types ...string) string {
	var b strings.Builder
	for i := range n * of {
		switch {
		case i%of > 0:
			b.WriteString(", ")
		case i > 0:
			b.WriteString("), (")
		default:
			b.WriteString("(")
		}
		if i < len(types) {
			fmt.Fprintf(&b, "CAST($%d AS %s)", first+i, types[i])
		} else {
			fmt.Fprintf(&b, "$%d", first+i)
		}
	}
	b.WriteString(")")
	return b.String()
}

// inTwos parts a list into pieces of 64, 32, 16 and so on, so that there are few different
// statements for a database to prepare.
func inTwos[T any](all []T) func(yield func([]T) bool) {
	return func(yield func([]T) bool) {
		for size := 64; size > 0; size /= 2 {
			for len(all) >= size {
				if !yield(all[:size]) {
					return
				}
				all = all[size:]
			}
		}
	}
}
