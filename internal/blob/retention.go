package blob

import (
	"context"
	"iter"
	"strconv"
	"strings"
	"time"

	"github.com/docsift/docsift/fault"
)

// Retention says for how long the bytes of a document are kept once it is classified. Those that
// are still to be classified always are.
type Retention time.Duration

const (
	// Forever keeps documents until somebody deletes them.
	Forever Retention = -1

	// Orphan is how long bytes are kept that belong to no classification. They are looked for until
	// they are three times as old.
	Orphan = 24 * time.Hour

	// Grace is for how long after they were put nothing may forget bytes: so long their classification
	// may still be on its way into the database.
	Grace = 2 * time.Minute

	// UploadLife is how long an upload can be brought and classified.
	UploadLife = time.Hour
)

// ParseRetention reads 0, forever, or a time above 0 such as 12h or 7d.
func ParseRetention(s string) (Retention, error) {
	switch s {
	case "0":
		return 0, nil
	case "forever":
		return Forever, nil
	}
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		if err == nil && n > 36500 {
			n = 0
		}
		d = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || d <= 0 {
		return 0, fault.New(fault.Invalid, nil, "use 0, forever, or a time such as 12h or 7d")
	}
	return Retention(d), nil
}

// String returns what ParseRetention reads.
func (r Retention) String() string {
	const day = 24 * time.Hour
	switch d := time.Duration(r); {
	case r == 0:
		return "0"
	case r < 0:
		return "forever"
	case d%day == 0:
		return strconv.Itoa(int(d/day)) + "d"
	default:
		return d.String()
	}
}

// Every is how often Sweep should be called.
func (r Retention) Every() time.Duration {
	if r < 0 {
		return Orphan
	}
	return min(max(time.Duration(r)/8, time.Minute), Orphan/4)
}

// References tells which of refs are still needed: by an upload or a classification that is to
// be done, and with finished by one that is done as well.
type References func(ctx context.Context, refs []Ref, finished bool) (map[Ref]bool, error)

// Swept is what a sweep did.
type Swept struct {
	Seen, Deleted int
	Bytes         int64 // that were deleted
}

// Sweep deletes what is older than r allows, what belongs to no classification for longer than
// Orphan, and what unfinished puts and uploads have left. Several may run at once.
func Sweep(ctx context.Context, s Store, r Retention, needed References) (Swept, error) {
	w := sweeper{store: s, needed: needed}
	now := time.Now()
	old, orphan := now.Add(-max(time.Duration(r), Grace)), now.Add(-Orphan)
	look := old
	if r < 0 || old.Before(orphan) {
		look = orphan
	}
	var expired, others []Info
	for page, err := range pages(s.Old(ctx, look)) {
		if err != nil {
			return w.did, err
		}
		expired, others = expired[:0], others[:0]
		for _, i := range page {
			if r >= 0 && i.Put.Before(old) {
				expired = append(expired, i)
			} else if i.Put.After(orphan.Add(-2 * Orphan)) {
				others = append(others, i)
			}
		}
		if err := w.sweep(ctx, expired, false, old); err != nil {
			return w.did, err
		}
		if err := w.sweep(ctx, others, true, orphan); err != nil {
			return w.did, err
		}
	}
	left := max(time.Duration(r), UploadLife+Grace)
	if r < 0 {
		left = Orphan
	}
	return w.did, s.Tidy(ctx, now.Add(-min(left, Orphan)))
}

type sweeper struct {
	store  Store
	needed References
	did    Swept
}

// sweep deletes those of a page that nothing needs.
func (w *sweeper) sweep(ctx context.Context, page []Info, finished bool, before time.Time) error {
	if len(page) == 0 {
		return nil
	}
	refs := make([]Ref, len(page))
	for n, i := range page {
		refs[n] = i.Ref
	}
	needed, err := w.needed(ctx, refs, finished)
	if err != nil {
		return err
	}
	for _, i := range page {
		w.did.Seen++
		if needed[i.Ref] {
			continue
		}
		if err := w.store.Delete(ctx, i.Ref, before); err != nil {
			return err
		}
		w.did.Deleted++
		w.did.Bytes += i.Bytes
	}
	return nil
}

// pages gathers what a list yields. An error comes alone, and last.
func pages(list iter.Seq2[Info, error]) iter.Seq2[[]Info, error] {
	const most = 500
	return func(yield func([]Info, error) bool) {
		var page []Info
		for i, err := range list {
			if err != nil {
				yield(nil, err)
				return
			}
			if page = append(page, i); len(page) == most {
				if !yield(page, nil) {
					return
				}
				page = page[:0]
			}
		}
		if len(page) > 0 {
			yield(page, nil)
		}
	}
}
