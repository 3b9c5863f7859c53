package store

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
)

// Filter chooses among a tenant's classifications. Its zero value means all of them.
type Filter struct {
	ID           string
	State        State
	Source       Source
	Batch        string
	Category     string
	Name         string // a part of the file's name, in upper or lower case
	SHA256       string
	Review       cascade.ReviewReason // why a person should look; "any" for whatever reason
	Unreviewed   bool                 // nobody has looked yet
	Error        fault.Kind           // "any" for whatever it is
	Provider     string
	Since, Until time.Time // of when it was accepted

	Before    string // the id after which the list goes on; "" from its beginning
	Ascending bool   // the oldest first
	Limit     int    // required
}

// Any stands for whatever value a Filter's field has.
const Any = "any"

// List returns classifications, the newest first where nothing else is said.
func (s *Store) List(ctx context.Context, tenant string, f Filter) (all []Record, err error) {
	where, args := f.where(tenant)
	args = append(args, f.Limit)
	order := " ORDER BY c.day DESC, c.id DESC"
	if f.Ascending {
		order = " ORDER BY c.day, c.id"
	}
	some := where + order + " LIMIT $" + strconv.Itoa(len(args))
	query := selectRecord + some
	if s.d.Single { // which would read each row's answer to look at its state: what is chosen by stands in an index
		query = recordColumns + ` FROM (SELECT c.day, c.id` + fromRecords + some + `) chosen JOIN classifications c ON c.day = chosen.day AND c.id = chosen.id` + withJob + order
	}
	err = s.read(ctx, func(row *sql.Rows) error {
		r, err := scanRecord(row)
		all = append(all, r)
		return err
	}, query, args...)
	return all, err
}

// where returns the condition of a filter and its arguments.
func (f Filter) where(tenant string) (string, []any) {
	var b strings.Builder
	args := []any{tenant}
	b.WriteString(" WHERE c.tenant = $1")
	and := func(condition string, v any) {
		args = append(args, v)
		b.WriteString(" AND " + strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	equal := func(column, v string) {
		switch v {
		case "":
		case Any:
			and("c."+column+" <> ?", "")
		default:
			and("c."+column+" = ?", v)
		}
	}
	state := f.State
	if state == Running || state == Queued { // which of them it is, the queue knows
		op := map[State]string{Running: "<>", Queued: "="}[state]
		b.WriteString(" AND coalesce(j.worker, '') " + op + " ''")
		state = Queued
	}
	if f.ID != "" {
		and("c.day = ?", dayOf(f.ID))
		and("c.id = ?", f.ID)
	}
	equal("state", string(state))
	equal("source", string(f.Source))
	equal("batch", f.Batch)
	equal("category", f.Category)
	equal("sha256", f.SHA256)
	equal("review", string(f.Review))
	equal("error", string(f.Error))
	equal("provider", f.Provider)
	if f.Name != "" {
		like := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text(strings.ToLower(f.Name)))
		and(`lower(c.filename) LIKE ? ESCAPE '\'`, "%"+like+"%")
	}
	if f.Unreviewed {
		b.WriteString(" AND c.reviewed_at = 0")
	}
	if !f.Since.IsZero() { // ids hold when they were made, give or take what a clock does
		and("c.day >= ?", day(f.Since.Add(-time.Minute)))
		and("c.created_at >= ?", microseconds(f.Since))
	}
	if !f.Until.IsZero() {
		and("c.day <= ?", day(f.Until.Add(time.Minute)))
		and("c.created_at < ?", microseconds(f.Until))
	}
	switch {
	case f.Before == "":
	case f.Ascending:
		and("c.day >= ?", dayOf(f.Before))
		and("c.id > ?", f.Before)
	default:
		and("c.day <= ?", dayOf(f.Before))
		and("c.id < ?", f.Before)
	}
	if f.Batch != "" && f.Batch != Any {
		and("c.day >= ?", dayOf(f.Batch))
	}
	return b.String(), args
}

// some is how many rows are changed at once, so that nobody waits for it.
const some = 500

// Cancel ends the classifications of a filter that have no result yet, and returns how many. What
// a worker has already begun may still be paid for, but is not kept.
func (s *Store) Cancel(ctx context.Context, tenant string, f Filter) (n int, err error) {
	f.State = ""
	where, args := f.where(tenant)
	for more := true; more && err == nil; {
		var ended int
		err = s.write(ctx, faithfully, func(t *tx) error {
			all, err := t.records(where+" AND c.state = 'queued' ORDER BY c.day, c.id LIMIT "+strconv.Itoa(some), args...)
			if err != nil {
				return err
			}
			more = len(all) == some
			ended, err = t.cancel(all)
			return err
		})
		n += ended
	}
	return n, err
}

func (t *tx) records(where string, args ...any) (all []Record, err error) {
	err = rows(t.ctx, t, func(row *sql.Rows) error {
		r, err := scanRecord(row)
		all = append(all, r)
		return err
	}, selectRecord+where, args...)
	return all, err
}

// cancel ends those of records that nobody has finished in the meantime.
func (t *tx) cancel(all []Record) (n int, err error) {
	for _, r := range all {
		gone, err := t.exec(`DELETE FROM jobs WHERE kind = $1 AND id = $2`, Classify, r.ID)
		if err != nil {
			return n, err
		}
		if gone == 0 {
			continue
		}
		n++
		r.State, r.Finished = Canceled, time.Now()
		r.Result = new(r.Failure(fault.Canceled, "canceled"))
		if err := t.update(r); err != nil {
			return n, err
		}
	}
	return n, nil
}
