package httpapi

import (
	"context"
	"sync"
	"time"

	"github.com/docsift/docsift/fault"
)

// patience is how long a document waits for a place on its way to where it is kept.
const patience = 250 * time.Millisecond

// shares are places of which no tenant has more than three quarters, so that another finds one
// while he sends more than can be kept.
type shares struct {
	all places

	mu sync.Mutex
	of map[string]*portion
}

// portion is a tenant's.
type portion struct {
	places chan struct{}
	users  int // who have or want one
}

func newShares(n int) *shares { return &shares{all: make(places, n), of: make(map[string]*portion)} }

// take takes a place for a tenant. Where there is none for a moment it is fault.Busy.
func (s *shares) take(ctx context.Context, tenant string) (leave func(), err error) {
	mine := s.portion(tenant)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for i, p := range []chan struct{}{mine.places, s.all} {
		select {
		case p <- struct{}{}:
			continue
		default:
		}
		select {
		case p <- struct{}{}:
		case <-ctx.Done():
			if i == 1 {
				<-mine.places
			}
			s.done(tenant)
			return nil, fault.New(fault.Busy, nil, "more documents come than can be kept: try again in a moment")
		}
	}
	return func() {
		<-s.all
		<-mine.places
		s.done(tenant)
	}, nil
}

func (s *shares) portion(tenant string) *portion {
	s.mu.Lock()
	defer s.mu.Unlock()
	mine := s.of[tenant]
	if mine == nil {
		mine = &portion{places: make(chan struct{}, max(1, cap(s.all)*3/4))}
		s.of[tenant] = mine
	}
	mine.users++
	return mine
}

// done forgets a tenant who has and wants no place.
func (s *shares) done(tenant string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if mine := s.of[tenant]; mine.users > 1 {
		mine.users--
	} else {
		delete(s.of, tenant)
	}
}
