package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
)

// LedgerOptions configures a Ledger.
type LedgerOptions struct {
	// Dir is the folder where entries wait while the database does not answer. Default: none, so
	// that nothing is sent then.
	Dir string

	// MaxWaiting is how many bytes may wait there. Default 64 MiB.
	MaxWaiting int64

	// Import is a folder to whose account this one is added: see Ledger.Import. Default: none.
	Import string

	Budget ledger.Budget
	Log    *slog.Logger     // default: none
	Now    func() time.Time // default time.Now
}

// Ledger is the account in the database, which all processes share, and so the budgets: of them
// nothing is overdrawn, however many ask at once. While the database does not answer, entries wait
// in a file, and what was last known to be spent counts, with what waits. They are taken over, once
// each, when it is back.
type Ledger struct {
	store   *Store
	opts    LedgerOptions
	tag     string // of this process, in its ids
	stop    chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	n       int
	open    map[string]*ledger.Sent // what this process has sent and not heard of
	waiting []*attempt              // for the batch that is being written
	busy    bool                    // one is
	down    bool                    // the database does not answer
	begun   bool                    // it is known what was spent before
	known   sums                    // as they were last
	spool   *ledger.Spool
}

// batch is how many entries are written together at most.
const batch = 128

// Ledger opens the account. It takes over what earlier processes have left waiting. While a remote
// database has not answered yet nobody knows what was spent: nothing is sent that a budget bounds.
func (s *Store) Ledger(ctx context.Context, o LedgerOptions) (*Ledger, error) {
	if err := o.Budget.Check(); err != nil {
		return nil, fault.New(fault.Config, nil, "%v", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	o.MaxWaiting = cmp.Or(o.MaxWaiting, 64<<20)
	tag := make([]byte, 6)
	rand.Read(tag) // never fails
	l := &Ledger{store: s, opts: o, tag: hex.EncodeToString(tag), stop: make(chan struct{}), open: make(map[string]*ledger.Sent), known: make(sums)}
	path := ""
	if o.Dir != "" {
		path = filepath.Join(o.Dir, "waiting-"+l.tag+".jsonl")
	}
	l.spool = ledger.NewSpool(path, o.MaxWaiting)
	err := l.begin(ctx)
	if fault.KindOf(err) == fault.Storage && s.d.Remote {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.fall(err)
		return l, nil
	}
	return l, err
}

// begin takes over what others have left, and asks what was spent.
func (l *Ledger) begin(ctx context.Context) error {
	if err := l.adopt(ctx); err != nil {
		return err
	}
	if l.opts.Import != "" {
		if err := l.bring(ctx, l.opts.Import); err != nil {
			return err
		}
	}
	known, err := l.store.sums(ctx, day(l.opts.Now()))
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, s := range known {
		l.known[c] = l.known[c].plus(s)
	}
	l.begun = true
	return nil
}

// Close lets what is being written be written. What waits is there for the next process.
func (l *Ledger) Close() error {
	close(l.stop)
	l.running.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.spool.Close()
}

// Begin writes down a request that is about to leave.
func (l *Ledger) Begin(s ledger.Sent) (string, error) {
	a := &attempt{Entry: ledger.Entry{At: l.opts.Now().UTC(), Sent: &s}, done: make(chan error, 1)}
	l.mu.Lock()
	l.n++
	a.ID = a.At.Format(time.DateOnly) + "-" + l.tag + "-" + strconv.Itoa(l.n)
	if err := l.put(a); err != nil {
		return "", err
	}
	return a.ID, nil
}

// End closes an entry.
func (l *Ledger) End(id string, c ledger.Closed) {
	l.mu.Lock()
	if l.open[id] == nil { // not one of ours, or closed
		l.mu.Unlock()
		return
	}
	_ = l.put(&attempt{Entry: ledger.Entry{ID: id, At: l.opts.Now().UTC(), Closed: &c}, done: make(chan error, 1)})
}

// put has an entry written. It is called with the lock held, which it gives back.
func (l *Ledger) put(a *attempt) error {
	if l.down {
		defer l.mu.Unlock()
		return l.aside(a)
	}
	l.waiting = append(l.waiting, a)
	if !l.busy {
		l.busy = true
		l.running.Go(l.run)
	}
	l.mu.Unlock()
	return <-a.done
}

// run writes what waits until nothing does: all that came while one batch was being written is the next.
func (l *Ledger) run() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.waiting) > 0 {
		n := min(len(l.waiting), batch)
		all := l.waiting[:n:n]
		l.waiting = l.waiting[n:]
		l.mu.Unlock()
		now, err := l.write(all)
		l.mu.Lock()
		if err != nil {
			l.fall(err)
			l.waiting = append(all, l.waiting...)
			for _, a := range l.waiting {
				a.done <- l.aside(a)
			}
			l.waiting = nil
			break
		}
		l.take(now)
		for _, a := range all {
			l.note(a, a.err)
			a.done <- a.err
		}
	}
	l.busy = false
}

func (l *Ledger) write(all []*attempt) (now sums, err error) {
	err = l.store.write(context.Background(), l.store.firmly(), func(t *tx) (err error) {
		now, err = t.record(all, l.opts.Budget)
		return err
	})
	return now, err
}

// note keeps in mind what is open.
func (l *Ledger) note(a *attempt, err error) {
	switch {
	case a.Closed != nil:
		delete(l.open, a.ID)
	case err == nil:
		l.open[a.ID] = a.Sent
	}
}

// take keeps in mind what the sums are now. Those of the days before are not asked for any more.
func (l *Ledger) take(now sums) {
	today := day(l.opts.Now())
	for c, s := range now {
		l.known[c] = s
	}
	for c := range l.known {
		if c.day < today-1 && c.name != wholeMonth {
			delete(l.known, c)
		}
	}
}

// Spend returns what was spent, as far as is known while the database does not answer.
func (l *Ledger) Spend() ledger.Spend {
	today := day(l.opts.Now())
	l.mu.Lock()
	down := l.down
	l.mu.Unlock()
	if !down {
		if s, err := l.store.Spend(context.Background(), l.opts.Now()); err == nil {
			return s
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.known.spend(today)
	s.Open = len(l.open)
	return s
}

// Spend returns what was spent since the day and the month of a moment began, in UTC.
func (s *Store) Spend(ctx context.Context, at time.Time) (ledger.Spend, error) {
	today := day(at)
	all, err := s.sums(ctx, today)
	if err != nil {
		return ledger.Spend{}, err
	}
	spent := all.spend(today)
	return spent, s.read(ctx, func(r *sql.Rows) error { return r.Scan(&spent.Open) },
		`SELECT count(*) FROM attempts WHERE day = $1 AND closed_at = 0`, today)
}

// sums returns those of a day and its month.
func (s *Store) sums(ctx context.Context, today int) (sums, error) {
	all := make(sums)
	return all, s.read(ctx, func(r *sql.Rows) error {
		var c scope
		var of sum
		err := r.Scan(&c.day, &c.name, &of.nano, &of.sent, &of.unknown)
		all[c] = of
		return err
	}, `SELECT day, scope, nano, sent, unknown FROM spend WHERE day = $1 OR day = $2 AND scope = '`+wholeMonth+`'`, today, monthOf(today))
}
