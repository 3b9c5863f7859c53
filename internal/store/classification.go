package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/cascade"
	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/taxonomy"
)

// Classify is the kind of the jobs that classify a document. A job has the id of its classification.
const Classify = "classify"

// State is how far a classification has come.
type State string

// The states.
const (
	Queued    State = "queued"
	Running   State = "running"
	Completed State = "completed"
	Failed    State = "failed"
	Canceled  State = "canceled"
)

// Source is how a document came in.
type Source string

// The sources.
const (
	Sync  Source = "sync"  // somebody waits for the answer
	Async Source = "async" // one that was accepted
	Batch Source = "batch" // one of many
)

// Record is a classification, from when it was accepted on.
type Record struct {
	ID      string // a UUID of version 7: the day in it is where the record is kept
	Tenant  string
	State   State
	Source  Source
	Batch   string // the id of the batch it is part of, or ""
	Request Request

	// Document has what is known before it is read: digest, name, type and size.
	Document docsift.DocumentRef

	Created, Started, Finished time.Time // zero: not yet

	Result *docsift.Result // nil until it is finished

	// Trace names the trace of a record that is submitted to its job, which has it as its payload.
	Trace string
}

// Failure returns the result of a record that cannot have another.
func (r Record) Failure(kind fault.Kind, format string, args ...any) docsift.Result {
	res := docsift.NewFailure(r.Document.Filename, fault.New(kind, nil, format, args...))
	res.ID, res.Document.SHA256, res.Document.MIME, res.Document.Bytes = r.ID, r.Document.SHA256, r.Document.MIME, r.Document.Bytes
	return res
}

// Request is how a document is to be classified.
type Request struct {
	docsift.Request

	NoCache  bool      `json:"no_cache,omitempty"` // an answer to an equal document will not do
	Priority Priority  `json:"priority"`
	Deadline time.Time `json:"deadline,omitzero"`
}

// NewID returns the id of a classification that begins now.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// IsID reports whether a text can be the id of something that is kept.
func IsID(s string) bool { return dayOf(s) >= 0 }

// dayOf returns the day that an id was made on, or -1 when it is none.
func dayOf(id string) int {
	u, err := uuid.Parse(id)
	if err != nil || u.Version() != 7 || u.String() != id {
		return -1
	}
	seconds, _ := u.Time().UnixTime()
	return int(seconds / 86400)
}

// Submit keeps classifications that are to be done, with a job for each. When it returns they are
// kept, all or none.
func (s *Store) Submit(ctx context.Context, all ...Record) error {
	if s.gathering != nil {
		return s.gathering.submit(ctx, all)
	}
	return s.write(ctx, faithfully, func(t *tx) error { return s.submit(t, all...) })
}

func (s *Store) submit(t *tx, all ...Record) error {
	for some := range inTwos(all) {
		var args []any
		jobs := make([]Job, 0, len(some))
		for _, r := range some {
			r.State = Queued
			v, err := values(r)
			if err != nil {
				return err
			}
			args = append(args, v...)
			jobs = append(jobs, Job{Kind: Classify, ID: r.ID, Tenant: r.Tenant, Priority: r.Request.Priority, Deadline: r.Request.Deadline, Payload: r.Trace})
		}
		if _, err := t.exec(`INSERT INTO classifications (`+columns+`) VALUES `+tuples(len(some), width, 1), args...); err != nil {
			return err
		}
		if err := t.enqueue(s, jobs...); err != nil {
			return err
		}
	}
	return nil
}

// Note keeps a classification that is done already: it was answered while somebody waited.
func (s *Store) Note(ctx context.Context, r Record) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	return s.write(ctx, lazily, func(t *tx) error {
		if _, err := t.exec(`INSERT INTO classifications (`+columns+`) VALUES `+tuples(1, width, 1), v...); err != nil {
			return err
		}
		return t.count(r)
	})
}

// Finish keeps the result of a job and ends the job, and has the tenant's webhooks told. It is Fenced
// when the job is another's by now.
func (s *Store) Finish(ctx context.Context, j Job, r Record) error {
	return s.write(ctx, faithfully, func(t *tx) error {
		if err := t.finish(j); err != nil {
			return err
		}
		if err := t.settle(j, r.ID); err != nil {
			return err
		}
		if err := t.update(r); err != nil {
			return err
		}
		if err := t.count(r); err != nil {
			return err
		}
		if e, ok := outcome(r); ok {
			return t.announce(s, e)
		}
		return nil
	})
}

// settle closes the books of an answer: no other worker will come for it.
func (t *tx) settle(j Job, run string) error {
	if err := t.forgetAnswers(run); err != nil {
		return err
	}
	if j.Attempt == 1 { // no other ever had it
		return nil
	}
	return t.abandon(run, time.Now())
}

// columns are those of a record, in the order of values.
const columns = lasting + ", " + changing

// lasting are columns that stay as they are. What is not set again costs their indexes nothing.
const lasting = `day, id, tenant, source, batch, created_at, sha256`

const changing = `state, started_at, finished_at, filename, mime, bytes, request,
	category, confidence, provider, model, taxonomy, policy, review, error, upgraded, backup, degraded, cached,
	cost_nano, cost_known, guide_nano, saved_nano, duration_us, risk, result`

// width is how many they are.
const (
	width = 33
	stays = 7 // of them that last
)

func (t *tx) update(r Record) error {
	v, err := values(r)
	if err != nil {
		return err
	}
	n, err := t.exec(`UPDATE classifications SET (`+changing+`) = `+tuples(1, width-stays, 3)+` WHERE day = $1 AND id = $2`, append(v[:2], v[stays:]...)...)
	if err == nil && n == 0 {
		err = noRecord(r.ID)
	}
	return err
}

// text returns what a database takes for a text: PostgreSQL knows no zero bytes.
func text(s string) string { return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�") }

// values returns what stands in the columns of a record.
func values(r Record) ([]any, error) {
	request, err := json.Marshal(r.Request)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	var a docsift.Result
	var result []byte
	if r.Result != nil {
		a = *r.Result
		if result, err = json.Marshal(a); err != nil {
			return nil, fmt.Errorf("encode the result: %w", err)
		}
	}
	review, problem := "", ""
	if a.Review.Needed {
		review = string(a.Review.Reason)
	}
	if a.Error != nil {
		problem = string(a.Error.Code)
	}
	var guide cascade.Cost
	if a.GuideCost != nil {
		guide = *a.GuideCost
	}
	var confidence any
	if a.Confidence != nil {
		confidence = *a.Confidence
	}
	d := r.Document
	return []any{
		dayOf(r.ID), r.ID, r.Tenant, string(r.Source), r.Batch, microseconds(r.Created), d.SHA256,
		string(r.State), microseconds(r.Started), microseconds(r.Finished), text(d.Filename), d.MIME, d.Bytes, string(request),
		a.Classification, confidence, a.ProviderUsed, a.Model, a.Taxonomy.ID, a.Policy.Name, review, problem, a.Upgraded, a.IsBackup, a.Degraded, a.Cached,
		a.Cost.Estimated(), a.Cost.Known, guide.Estimated(), a.Saved.Estimated(), int64(a.Timings.Total * 1000), a.Review.Risk, string(result),
	}, nil
}

// Find returns a classification of a tenant, with fault.NotFound where there is none.
func (s *Store) Find(ctx context.Context, tenant, id string) (r Record, err error) {
	day, found := dayOf(id), false
	if day < 0 {
		return r, noRecord(id)
	}
	err = s.read(ctx, func(row *sql.Rows) (err error) {
		found = true
		r, err = scanRecord(row)
		return err
	}, selectRecord+` WHERE c.day = $1 AND c.id = $2 AND c.tenant = $3`, day, id, tenant)
	if err == nil && !found {
		err = noRecord(id)
	}
	return r, err
}

func noRecord(id string) error {
	return fault.New(fault.NotFound, nil, "there is no classification %.64q", id)
}

// selectRecord reads records; one that a worker has is running.
const selectRecord = recordColumns + fromRecords

const recordColumns = `SELECT c.id, c.tenant, CASE WHEN c.state = 'queued' AND j.worker <> '' THEN 'running' ELSE c.state END,
	c.source, c.batch, c.created_at, c.started_at, c.finished_at, c.sha256, c.filename, c.mime, c.bytes, c.request, c.result`

const fromRecords = ` FROM classifications c` + withJob

const withJob = ` LEFT JOIN jobs j ON j.kind = 'classify' AND j.id = c.id AND c.state = 'queued'`

func scanRecord(row *sql.Rows) (Record, error) {
	var r Record
	var created, started, finished int64
	var request, result string
	d := &r.Document
	err := row.Scan(&r.ID, &r.Tenant, &r.State, &r.Source, &r.Batch, &created, &started, &finished, &d.SHA256, &d.Filename, &d.MIME, &d.Bytes,
		&request, &result)
	if err != nil {
		return r, err
	}
	r.Created, r.Started, r.Finished = moment(created), moment(started), moment(finished)
	if err := json.Unmarshal([]byte(request), &r.Request); err != nil {
		return r, fmt.Errorf("the request of %s: %w", r.ID, err)
	}
	if result == "" {
		return r, nil
	}
	r.Result = new(docsift.Result)
	if err := json.Unmarshal([]byte(result), r.Result); err != nil {
		return r, fmt.Errorf("the result of %s: %w", r.ID, err)
	}
	r.Document = r.Result.Document
	return r, nil
}

// Choices returns the taxonomy that the answer was chosen from, or, where that is gone, what its name means now.
func (r Record) Choices(c *docsift.Classifier) (*taxonomy.Taxonomy, error) {
	req := r.Request.Request
	req.Client.Tenant = r.Tenant
	if r.Result != nil && r.Result.Taxonomy.Version != "" && len(req.Categories) == 0 {
		exact := req
		exact.Taxonomy = r.Result.Taxonomy.ID + "@" + r.Result.Taxonomy.Version
		if t, err := c.Choices(exact); fault.KindOf(err) != fault.NotFound {
			return t, err
		}
	}
	return c.Choices(req)
}
