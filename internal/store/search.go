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

// SearchFor is how long a person is let wait for a page.
const SearchFor = 150 * time.Millisecond

const (
	firstSpan = time.Hour
	leastSpan = 10 * time.Minute
	wholeSpan = 100 * 24 * time.Hour // one that reaches to the beginning of the list
)

// Search returns the next of a tenant's classifications, as many as are found while it looks for about
// so long: none of them may be wanted that is in no index, such as a part of a name.
//
// It walks back in spans of time, which are longer the quicker the one before them was. So a common value is
// found in the last hour, which is all of the database that is touched, a rare one by its index in
// a few spans, and of a name as much is looked at as the time allows, however many documents an hour
// has. Trigrams would find names at once, and were weighed: they cost every document more than all
// other indexes together, and PostgreSQL has them in an extension that not every role may install.
func (s *Store) Search(ctx context.Context, tenant string, f Filter, within time.Duration) (p Page, err error) {
	if err := s.late.err(); err != nil {
		return p, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.Patience+within)
	defer cancel()
	if f.Ascending {
		p.Records, err = s.chosen(ctx, tenant, f, "")
		return p.after(f.Limit), s.fault(err)
	}
	limit, began := f.Limit, time.Now()
	for w := f.walk(began); ; {
		f.Limit = limit - len(p.Records)
		from := w.from()
		some, took, err := s.look(ctx, tenant, f, from, w.patience(within))
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && w.span > leastSpan {
			w.span = max(leastSpan, w.span/8) // more happened in it than before
			continue
		}
		p.Records = append(p.Records, some...)
		if err != nil || len(p.Records) >= limit || from == "" {
			return p.after(limit), s.fault(err)
		}
		f.Before = from
		w.step(took, within)
		if time.Since(began) > within*2/3 {
			p.Next, p.Back = from, w.at
			return p, nil
		}
	}
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

// step goes over a span.
func (w *walk) step(took, within time.Duration) {
	w.at = w.at.Add(-w.span)
	switch {
	case took < within/30:
		w.span *= 8
	case took < within/8:
		w.span *= 2
	case took > within/2:
		w.span = max(leastSpan, w.span/2)
	}
}

// patience is how long is waited for a span until a shorter one is tried.
func (w walk) patience(within time.Duration) time.Duration {
	if w.span <= leastSpan {
		return time.Minute
	}
	return 5 * within
}

// madeAt returns when an id was made.
func madeAt(id string) time.Time {
	u, err := uuid.Parse(id)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(u.Time().UnixTime()).UTC()
}
