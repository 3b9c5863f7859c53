package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/docsift/docsift/fault"
)

// BatchState is how far a batch has come.
type BatchState string

// The states of a batch.
const (
	BatchOpen     BatchState = "open"   // more documents may come
	BatchClosed   BatchState = "closed" // no more come
	BatchCanceled BatchState = "canceled"
)

// BatchInfo is a batch of documents.
type BatchInfo struct {
	ID, Tenant, Name          string
	State                     BatchState
	Request                   Request // for each of its documents
	Created, Closed, Finished time.Time
}

// Progress is how far the documents of a batch have come.
type Progress struct {
	Queued, Completed, Failed, Canceled int

	Review int // of Completed: a person should look
	Cached int
	Cost   int64 // 10⁻⁹ US dollars, at the best estimate
	Known  bool  // Cost is exact
	Saved  int64
}

// Total returns how many documents a batch has.
func (p Progress) Total() int { return p.Queued + p.Completed + p.Failed + p.Canceled }

// NewBatch keeps a batch that has no documents yet.
func (s *Store) NewBatch(ctx context.Context, b BatchInfo) error {
	request, err := json.Marshal(b.Request)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	return s.write(ctx, faithfully, func(t *tx) error {
		_, err := t.exec(`INSERT INTO batches (id, tenant, name, state, created_at, closed_at, finished_at, request) VALUES ($1, $2, $3, $4, $5, 0, 0, $6)`,
			b.ID, b.Tenant, text(b.Name), string(BatchOpen), microseconds(b.Created), string(request))
		return err
	})
}

// SubmitTo keeps classifications of a batch that is still open; of another it is fault.Conflict.
func (s *Store) SubmitTo(ctx context.Context, tenant, batch string, all ...Record) error {
	return s.write(ctx, faithfully, func(t *tx) error {
		if err := t.join(tenant, batch); err != nil {
			return err
		}
		for i := range all {
			all[i].Batch = batch
		}
		return s.submit(t, all...)
	})
}

// join keeps a batch open until the transaction ends.
func (t *tx) join(tenant, batch string) error {
	n, err := t.exec(`UPDATE batches SET state = state WHERE id = $1 AND tenant = $2 AND state = $3`, batch, tenant, string(BatchOpen))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, nil, "the batch %.64q takes no more documents", batch)
	}
	return err
}

// CloseBatch says that no more documents come. Canceled ones stay so.
func (s *Store) CloseBatch(ctx context.Context, tenant, id string, state BatchState) error {
	return s.write(ctx, faithfully, func(t *tx) error {
		_, err := t.exec(s.sql(`UPDATE batches SET state = $1, closed_at = NOW() WHERE id = $2 AND tenant = $3 AND state <> 'canceled'`), string(state), id, tenant)
		return err
	})
}

const selectBatch = `SELECT id, tenant, name, state, created_at, closed_at, finished_at, request FROM batches`

func scanBatch(row *sql.Rows) (BatchInfo, error) {
	var b BatchInfo
	var created, closed, finished int64
	var request string
	if err := row.Scan(&b.ID, &b.Tenant, &b.Name, &b.State, &created, &closed, &finished, &request); err != nil {
		return b, err
	}
	b.Created, b.Closed, b.Finished = moment(created), moment(closed), moment(finished)
	return b, json.Unmarshal([]byte(request), &b.Request)
}

// FindBatch returns a batch of a tenant, with fault.NotFound where there is none.
func (s *Store) FindBatch(ctx context.Context, tenant, id string) (b BatchInfo, err error) {
	found := false
	if dayOf(id) >= 0 {
		err = s.read(ctx, func(row *sql.Rows) (err error) {
			found = true
			b, err = scanBatch(row)
			return err
		}, selectBatch+` WHERE id = $1 AND tenant = $2`, id, tenant)
	}
	if err == nil && !found {
		err = fault.New(fault.NotFound, nil, "there is no batch %.64q", id)
	}
	return b, err
}

// Batches returns a tenant's batches from before an id on, the newest first.
func (s *Store) Batches(ctx context.Context, tenant, before string, limit int) (all []BatchInfo, err error) {
	if before == "" {
		before = "g" // after every id
	}
	err = s.read(ctx, func(row *sql.Rows) error {
		b, err := scanBatch(row)
		all = append(all, b)
		return err
	}, selectBatch+` WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, tenant, before, limit)
	return all, err
}

// Progress counts the documents of a batch.
func (s *Store) Progress(ctx context.Context, tenant, id string) (Progress, error) {
	p := Progress{Known: true}
	err := s.read(ctx, func(row *sql.Rows) error {
		var state State
		var n, review, cached, unknown int
		var cost, saved int64
		if err := row.Scan(&state, &n, &review, &cached, &unknown, &cost, &saved); err != nil {
			return err
		}
		*map[State]*int{Queued: &p.Queued, Completed: &p.Completed, Failed: &p.Failed, Canceled: &p.Canceled}[state] = n
		if state == Completed {
			p.Review = review
		}
		p.Cached, p.Cost, p.Saved, p.Known = p.Cached+cached, p.Cost+cost, p.Saved+saved, p.Known && (unknown == 0 || state == Queued)
		return nil
	}, `SELECT state, count(*), sum(CASE WHEN review <> '' AND reviewed_at = 0 THEN 1 ELSE 0 END), sum(CASE WHEN cached THEN 1 ELSE 0 END),
		sum(CASE WHEN cost_known THEN 0 ELSE 1 END), CAST(sum(cost_nano) AS bigint), CAST(sum(saved_nano) AS bigint)
		FROM classifications WHERE batch = $1 AND batch <> '' AND tenant = $2 AND day >= $3 GROUP BY state`, id, tenant, dayOf(id))
	return p, err
}

// Retry has those of a batch that failed done again, and returns how many. Nothing that failed is
// paid for again unless somebody asks for this.
func (s *Store) Retry(ctx context.Context, tenant string, f Filter) (n int, err error) {
	f.State = Failed
	c := f.where(s.d, tenant)
	for more := true; more && err == nil; {
		var again int
		err = s.write(ctx, faithfully, func(t *tx) error {
			all, err := t.records(c.String()+" ORDER BY c.day, c.id LIMIT "+strconv.Itoa(some), c.args...)
			if err != nil {
				return err
			}
			more, again = len(all) == some, len(all)
			for _, r := range all {
				r.State, r.Result, r.Started, r.Finished = Queued, nil, time.Time{}, time.Time{}
				if err := t.update(r); err != nil {
					return err
				}
				if err := t.enqueue(s, Job{Kind: Classify, ID: r.ID, Tenant: r.Tenant, Priority: r.Request.Priority}); err != nil {
					return err
				}
			}
			_, err = t.exec(`UPDATE batches SET finished_at = 0 WHERE id = $1 AND tenant = $2`, f.Batch, tenant)
			return err
		})
		n += again
	}
	return n, err
}

// FinishBatches notes which batches are done by now, announces it, and returns them.
func (s *Store) FinishBatches(ctx context.Context) (done []BatchInfo, err error) {
	err = s.write(ctx, lazily, func(t *tx) error {
		done = nil
		err := rows(t.ctx, t, func(row *sql.Rows) error {
			b, err := scanBatch(row)
			done = append(done, b)
			return err
		}, s.sql(`UPDATE batches SET finished_at = NOW() WHERE finished_at = 0 AND state <> 'open'
			AND NOT EXISTS (SELECT 1 FROM classifications c WHERE c.batch = batches.id AND c.batch <> '' AND c.state = 'queued')
			RETURNING id, tenant, name, state, created_at, closed_at, finished_at, request`))
		for _, b := range done {
			if err == nil {
				err = t.announce(s, b.completed())
			}
		}
		return err
	})
	return done, err
}

// completed returns the event of a batch that is done. One that is done again is told of again.
func (b BatchInfo) completed() event {
	return event{kind: BatchCompleted, tenant: b.Tenant, subject: b.ID, again: b.Finished.Format(time.RFC3339Nano), data: struct {
		ID     string     `json:"id"`
		Name   string     `json:"name"`
		Status BatchState `json:"status"`
		Links  links      `json:"links"`
	}{b.ID, b.Name, b.State, links{Self: "/v1/batches/" + b.ID}}}
}
