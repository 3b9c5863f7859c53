package store

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	for limit := f.Limit; len(all) < limit; {
		f.Limit = limit - len(all)
		p, err := s.search(ctx, tenant, f, s.Patience)
		all = append(all, p.Records...)
		if err != nil || p.Next == "" {
			return all, err
		}
		f.Before = p.Next
	}
	return all, nil
}

// chosen returns up to f.Limit classifications that were made from an id on, "" for any. The answers, which
// are large, are read only of what is chosen: an index has all that is chosen by.
func (s *Store) chosen(ctx context.Context, tenant string, f Filter, from string) (all []Record, err error) {
	c := f.where(s.d, tenant)
	if from != "" {
		c.from(from)
	}
	order := " ORDER BY c.day DESC, c.id DESC"
	if f.Ascending {
		order = " ORDER BY c.day, c.id"
	}
	c.args = append(c.args, f.Limit)
	some := ` FROM classifications c` + f.index(s.d)
	if f.State == Running || f.State == Queued {
		some += withJob
	}
	some += c.String() + order + " LIMIT $" + strconv.Itoa(len(c.args))
	query := recordColumns + ` FROM (SELECT c.day, c.id` + some + `) chosen JOIN classifications c ON c.day = chosen.day AND c.id = chosen.id` + c.days.String() + withJob + order
	args := append(slices.Clone(s.d.Anew), c.args...)
	err = rows(ctx, s.db, func(row *sql.Rows) error {
		r, err := scanRecord(row)
		all = append(all, r)
		return err
	}, query, args...)
	return all, err
}

// condition is what chooses among classifications, and its arguments.
type condition struct {
	strings.Builder
	args []any
	days strings.Builder // the part of it that says in which tables they are
}

func (c *condition) and(condition string, values ...any) {
	for _, v := range values {
		c.args = append(c.args, v)
		condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(c.args)), 1)
	}
	c.WriteString(" AND " + condition)
	if strings.HasPrefix(condition, "c.day ") {
		c.days.WriteString(" AND " + condition)
	}
}

// from leaves out what was made before an id, and until what was made from it on. Ids are ordered by when
// they were made; the day, which says nothing more, is what tables are parted by.
func (c *condition) from(id string) {
	c.and("c.day >= ?", dayOf(id))
	c.and("(c.day, c.id) >= (?, ?)", dayOf(id), id)
}

func (c *condition) until(id string) {
	c.and("c.day <= ?", dayOf(id))
	c.and("(c.day, c.id) < (?, ?)", dayOf(id), id)
}

// equal is about a column that is empty for most. That it is not is said in words of its own, which are
// those of its index.
func (c *condition) equal(column, v string) {
	if v == "" {
		return
	}
	c.and("c." + column + " <> ''")
	if v != Any {
		c.and("c."+column+" = ?", v)
	}
}

// where returns the condition of a filter.
func (f Filter) where(d Dialect, tenant string) *condition {
	c := &condition{args: []any{tenant}}
	c.WriteString(" WHERE c.tenant = $1")
	if f.ID != "" {
		c.and("c.day = ?", dayOf(f.ID))
		c.and("c.id = ?", f.ID)
	}
	switch f.State {
	case "":
	case Running:
		c.and("c.state = 'queued' AND coalesce(j.worker, '') <> ''")
	case Queued:
		c.and("c.state = 'queued' AND coalesce(j.worker, '') = ''")
	case Failed, Canceled:
		c.and("c.error <> '' AND c.state = ?", string(f.State))
	default:
		c.and("c.state = ?", string(f.State))
	}
	if f.Source != "" {
		c.and("c.source = ?", string(f.Source))
	}
	c.equal("batch", f.Batch)
	c.equal("category", f.Category)
	if f.SHA256 != "" {
		c.and("c.sha256 = ?", f.SHA256)
	}
	c.equal("review", string(f.Review))
	c.equal("error", string(f.Error))
	c.equal("provider", f.Provider)
	if f.Name != "" {
		c.named(d, text(strings.ToLower(f.Name)))
	}
	if f.Unreviewed {
		c.and("c.reviewed_at = 0")
	}
	f.when(c)
	return c
}

// when adds the condition of when something was accepted, and where in the list it stands.
func (f Filter) when(c *condition) {
	if !f.Since.IsZero() { // ids hold when they were made, give or take what a clock does
		c.from(firstID(f.Since.Add(-time.Minute)))
		c.and("c.created_at >= ?", microseconds(f.Since))
	}
	if !f.Until.IsZero() {
		c.until(firstID(f.Until.Add(time.Minute)))
		c.and("c.created_at < ?", microseconds(f.Until))
	}
	if f.Batch != "" && f.Batch != Any {
		c.from(f.Batch)
	}
	switch {
	case f.Before == "":
	case f.Ascending:
		c.and("c.day >= ?", dayOf(f.Before))
		c.and("(c.day, c.id) > (?, ?)", dayOf(f.Before), f.Before)
	default:
		c.until(f.Before)
	}
}

// named chooses by a part of a file's name, which is in lower case.
func (c *condition) named(d Dialect, part string) {
	if !d.Single {
		c.and(`lower(c.filename) LIKE ? ESCAPE '\'`, "%"+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part)+"%")
		return
	}
	foreign := func(r rune) bool { return r > unicode.MaxASCII }
	plain := strings.FieldsFunc(part, foreign)
	slices.SortFunc(plain, func(a, b string) int { return len(b) - len(a) })
	if len(plain) > 0 {
		c.and("instr(lower(c.filename), ?) > 0", plain[0])
	}
	if !strings.ContainsFunc(part, foreign) {
		return
	}
	var pattern strings.Builder // SQLite lowers ASCII letters only
	for _, r := range part {
		if foreign(r) || strings.ContainsRune("*?[", r) {
			pattern.WriteString("[" + string(r) + string(unicode.ToUpper(r)) + "]")
		} else {
			pattern.WriteRune(r)
		}
	}
	c.and("lower(c.filename) GLOB ?", "*"+pattern.String()+"*")
}

// some is how many rows are changed at once, so that nobody waits for it.
const some = 500

// Cancel ends the classifications of a filter that have no result yet, and returns how many. What
// a worker has already begun may still be paid for, but is not kept.
func (s *Store) Cancel(ctx context.Context, tenant string, f Filter) (n int, err error) {
	f.State = ""
	c := f.where(s.d, tenant)
	for more := true; more && err == nil; {
		var ended int
		err = s.write(ctx, faithfully, func(t *tx) error {
			all, err := t.records(c.String()+" AND c.state = 'queued' ORDER BY c.day, c.id LIMIT "+strconv.Itoa(some), c.args...)
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

// index names the index that a filter is looked for in, for a database that knows nothing of how rare values are.
func (f Filter) index(d Dialect) string {
	if !d.Single {
		return ""
	}
	name := "tenant" // the one that has all columns but those of others
	switch {
	case f.SHA256 != "":
		name = "digest"
	case f.Batch != "" && f.Batch != Any:
		name = "batch_order"
	case f.State == Queued || f.State == Running:
		name = "queued"
	case f.Review != "":
		name = "reviews"
	case f.Error != "" || f.State == Failed || f.State == Canceled:
		name = "error"
	case f.Name != "" || f.Source != "":
	case f.Category != "" && f.Category != Any:
		name = "category"
	case f.Provider != "" && f.Provider != Any:
		name = "provider"
	}
	return " INDEXED BY classifications_" + name
}
