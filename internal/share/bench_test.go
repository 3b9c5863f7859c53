package share_test

import (
	"log/slog"
	"testing"

	"github.com/docsift/docsift/internal/redistest"
	"github.com/docsift/docsift/internal/share"
	"github.com/docsift/docsift/model/breaker"
)

// Telling news is all that is done while a document waits.
func BenchmarkTell(b *testing.B) {
	s, err := share.Open(share.Options{URL: redistest.Start(b).URL, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	s.Join("one", breaker.New(breaker.Options{}))
	for b.Loop() {
		s.Tell("one", breaker.News{Topic: breaker.Hand, State: breaker.Closed})
	}
}
