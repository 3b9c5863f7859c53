package local_test

import (
	"strings"
	"testing"

	"github.com/docsift/docsift/model"
	"github.com/docsift/docsift/model/local"
	"github.com/docsift/docsift/taxonomy"
)

// BenchmarkScore judges 20 kB of text against the largest taxonomy, made ready before.
func BenchmarkScore(b *testing.B) {
	m := local.New(local.Options{})
	req := model.Request{
		Taxonomy: find(b, taxonomy.All),
		Text:     strings.Repeat(statement+"\nThe rest is about other things, as letters often are.\n", 100)[:20<<10],
	}
	b.SetBytes(int64(len(req.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := m.Score(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFirst judges a line against the largest taxonomy, which has to be made ready.
func BenchmarkFirst(b *testing.B) {
	req := model.Request{Taxonomy: find(b, taxonomy.All), Text: invoice}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := local.New(local.Options{}).Score(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkStart makes all that is built in ready: what the first document of a process waits for.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		local.Prepare()
	}
}
