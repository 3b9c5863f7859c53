package store

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/ledger"
)

// fall says once that the database does not answer, and has somebody look out for it.
func (l *Ledger) fall(err error) {
	if l.down {
		return
	}
	l.down = true
	l.opts.Log.Warn("the database does not answer: the ledger waits in a file", "folder", l.opts.Dir, "error", err)
	l.running.Go(l.heal)
}

// aside keeps an entry until the database is back, if the budget allows it by what is known.
func (l *Ledger) aside(a *attempt) error {
	var what sum
	of := a.Sent
	if of != nil {
		if !l.begun && l.opts.Budget.Bounds(*of) {
			return fault.New(fault.Unrecorded, nil, "nothing is sent, because the database has not answered yet and only it knows what is left of the budget")
		}
		if err := l.opts.Budget.Allows(*of, l.known.spend(day(a.At)), a.At); err != nil {
			return err
		}
		what = foreseen(of)
	} else if of = l.open[a.ID]; of != nil {
		what = billed(int64(of.Estimate), a.Closed)
	}
	err := l.spool.Put(a.Entry)
	if a.Closed != nil {
		err = nil // it is kept in memory then
	}
	if err == nil && of != nil {
		l.known.add(what, scopes(dayOfAttempt(a.ID), of.Model, of.Key, of.Client)...)
	}
	l.note(a, err)
	return err
}

// heal waits for the database and then takes over what waits for it.
func (l *Ledger) heal() {
	for {
		select {
		case <-l.stop:
			return
		case <-time.After(500 * time.Millisecond):
		}
		if l.store.Ping(context.Background()) != nil || !l.caughtUp() {
			continue
		}
		for l.store.Ping(context.Background()) == nil {
			more, err := l.takeOver()
			if err != nil {
				break
			}
			if !more {
				return
			}
		}
	}
}

// caughtUp does what was left undone when the account was opened while the database did not answer.
func (l *Ledger) caughtUp() bool {
	l.mu.Lock()
	begun := l.begun
	l.mu.Unlock()
	if begun {
		return true
	}
	err := l.begin(context.Background())
	if err != nil && fault.KindOf(err) != fault.Storage {
		l.opts.Log.Error("the ledger cannot be opened: it is tried again", "error", err)
	}
	return err == nil
}

// takeOver writes down some of what waits, and reports whether there may be more. When there is
// none, the database is used again.
func (l *Ledger) takeOver() (more bool, err error) {
	l.mu.Lock()
	all, err := l.spool.Next(batch)
	if err == nil && len(all) == 0 && l.spool.Rest() {
		l.down = false
		l.mu.Unlock()
		l.opts.Log.Info("the database is back: the ledger is whole")
		return false, nil
	}
	l.mu.Unlock()
	if err == nil {
		err = l.store.keep(context.Background(), all)
	}
	if err != nil {
		return true, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spool.Done()
	return true, nil
}

// keep writes down entries that were made elsewhere, each once however often it is given.
func (s *Store) keep(ctx context.Context, all []ledger.Entry) error {
	var good []*attempt
	for _, e := range all {
		if d := dayOfAttempt(e.ID); d >= 0 && text(e.ID) == e.ID && (e.Sent == nil) != (e.Closed == nil) {
			if e.Sent != nil && day(e.At) != d {
				e.At = time.Unix(int64(d)*86400, 0).UTC()
			}
			good = append(good, &attempt{Entry: e})
		}
	}
	return s.write(ctx, s.firmly(), func(t *tx) error {
		_, err := t.record(good, ledger.Budget{})
		return err
	})
}

// adopt takes over what processes that are gone have left waiting.
func (l *Ledger) adopt(ctx context.Context) error {
	left, _ := filepath.Glob(filepath.Join(l.opts.Dir, "waiting-*.jsonl"))
	for _, path := range left {
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		if _, err := l.follow(ctx, path, 0); err != nil {
			return err
		}
		if time.Since(info.ModTime()) > 10*time.Minute { // else its process may be at it
			os.Remove(path)
		}
	}
	return nil
}

func (l *Ledger) follow(ctx context.Context, path string, from int64) (int64, error) {
	file, err := os.Open(path)
	if err != nil {
		return from, fault.New(fault.Config, err, "the ledger's file %s cannot be read", path)
	}
	defer file.Close()
	return ledger.Follow(file, from, batch, func(all []ledger.Entry) error { return l.store.keep(ctx, all) })
}

// Import takes over the account of a folder, this month's days, so that it need not be kept in
// two places. What was taken over before is remembered there, and counted once in any case.
func (l *Ledger) Import(ctx context.Context, dir string) error {
	if err := l.bring(ctx, dir); err != nil {
		return err
	}
	known, err := l.store.sums(ctx, day(l.opts.Now()))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.take(known)
	return err
}

func (l *Ledger) bring(ctx context.Context, dir string) error {
	mark := filepath.Join(dir, "imported.json")
	ends := make(map[string]int64) // of what was taken over, by file
	if data, err := os.ReadFile(mark); err == nil {
		_ = json.Unmarshal(data, &ends) // then all of it is looked at again
	}
	days, _ := filepath.Glob(filepath.Join(dir, l.opts.Now().UTC().Format("2006-01")+"-??.jsonl"))
	if len(days) == 0 {
		return nil
	}
	for _, path := range days {
		name := filepath.Base(path)
		end, err := l.follow(ctx, path, ends[name])
		if err != nil {
			return err
		}
		ends[name] = end
	}
	data, err := json.Marshal(ends)
	if err == nil {
		err = os.WriteFile(mark, data, 0o600)
	}
	if err != nil {
		l.opts.Log.Warn("what was taken over of the ledger's folder is not remembered", "folder", dir, "error", err)
	}
	return nil
}
