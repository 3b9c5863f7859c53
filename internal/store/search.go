package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Page is a part of a list.
type Page struct {
	Records []Record
	Next    string // the id after which the list goes on; "" at its end

	// Back is up to when was looked, where the time ended before so many were found as were wanted.
	Back time.Time
}

const (
	firstSpan = time.Hour
	leastSpan = 10 * time.Minute
	wholeSpan = 100 * 24 * time.Hour // one that reaches to the beginning of the list
)

// Search returns the next of a tenant's classifications: as many as are wanted, or those that are found while
// it looks for about SearchFor.
//
// It walks back in spans of time, which are longer the quicker the one before them was. So a common value is
// found in the last hour, which is all of the database that is touched, a rare one by its index in
// a few spans, and of a name as much is looked at as the time allows, however many documents an hour
// has: some 300,000 in SQLite. Trigrams would find names at once. They were weighed and cost each document
// 0.1 ms of SQLite and six times an index of PostgreSQL, find nothing of two letters, and are an extension
// there that not every role may install.
func (s *Store) Search(ctx context.Context, tenant string, f Filter) (Page, error) {
	return s.search(ctx, tenant, f, s.SearchFor)
}

func (s *Store) search(ctx context.Context, tenant string, f Filter, within time.Duration) (p Page, err error) {
	if err := s.late.err(); err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience+within)
	defer cancel()
	if f.Ascending {
		p.Records, err = s.chosen(ctx, tenant, f, "")
		return p.after(f.Limit), s.fault(err)
	}
	limit, began, begin := f.Limit, time.Now(), f.Before
	for w := f.walk(began); ; {
		f.Limit = limit - len(p.Records)
		from := w.from()
		some, took, err := s.look(ctx, tenant, f, from, w.patience(min(3*within, s.Patience/2)))
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && w.span > leastSpan { // more happened in it, or it was not in memory
			if f.Before != begin {
				return w.stop(p), nil
			}
			w.span = max(leastSpan, w.span/8)
			continue
		}
		p.Records = append(p.Records, some...)
		if err != nil || len(p.Records) >= limit || from == "" {
			return p.after(limit), s.fault(err)
		}
		f.Before = from
		w.step(took, within)
		if spent := time.Since(began); spent > within*2/3 && took > within/8 || spent > 4*within {
			return w.stop(p), nil
		}
	}
}

// stop says where a list goes on that was looked through so far.
func (w walk) stop(p Page) Page {
	p.Next, p.Back = firstID(w.at), w.at
	return p
}

// after says where a list goes on after a page that has all that was wanted.
func (p Page) after(limit int) Page {
	if n := len(p.Records); n > 0 && n >= limit {
		p.Next = p.Records[n-1].ID
	}
	return p
}

// look looks at a span, and tells how long it took.
func (s *Store) look(ctx context.Context, tenant string, f Filter, from string, patience time.Duration) ([]Record, time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	all, err := s.chosen(ctx, tenant, f, from)
	if ctx.Err() != nil && err != nil {
		err = ctx.Err()
	}
	return all, time.Since(start), err
}

// walk goes back in time.
type walk struct {
	at    time.Time // up to when was looked
	span  time.Duration
	floor time.Time // before which there is nothing; zero where nobody knows
}

func (f Filter) walk(now time.Time) walk {
	w := walk{at: now, span: firstSpan}
	if !f.Until.IsZero() && f.Until.Before(now) {
		w.at = f.Until
	}
	if at := madeAt(f.Before); f.Before != "" && at.Before(w.at) {
		w.at = at
	}
	if !f.Since.IsZero() {
		w.floor = f.Since.Add(-time.Minute)
	}
	if f.Batch != "" && f.Batch != Any {
		w.floor = madeAt(f.Batch)
	}
	return w
}

// from returns the id that the next span begins with, "" when it is the last one.
func (w walk) from() string {
	at := w.at.Add(-w.span)
	if w.span >= wholeSpan || at.Unix() <= 0 || !at.After(w.floor) {
		return ""
	}
	return firstID(at)
}

// step goes over a span. The next one is to take a fourth of the time, if as much happened in it.
func (w *walk) step(took, within time.Duration) {
	w.at = w.at.Add(-w.span)
	by := min(8, max(1./8, float64(within/4)/float64(took)))
	w.span = max(leastSpan, time.Duration(by*float64(w.span)))
}

// patience is how long is waited for a span until a shorter one is tried.
func (w walk) patience(usual time.Duration) time.Duration {
	if w.span <= leastSpan {
		return time.Minute
	}
	return usual
}

// madeAt returns when an id was made.
func madeAt(id string) time.Time {
	u, err := uuid.Parse(id)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(u.Time().UnixTime()).UTC()
}
