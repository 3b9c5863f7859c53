package docsift_test

import (
	"path/filepath"
	"testing"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract/all"
)

// The whole way of one document with the local model alone, in a warm process.
func BenchmarkClassify(b *testing.B) {
	extractor := all.New(all.Options{})
	b.Cleanup(func() { extractor.Close() })
	c, err := docsift.New(docsift.Options{Extractor: extractor, Policy: "local"})
	if err != nil {
		b.Fatal(err)
	}
	for name, pattern := range map[string]string{
		"pdf":  "samples/finance/invoice-*.pdf",
		"docx": "samples/legal/contract-*.docx",
		"text": "samples/legal/patent_document-*.txt",
	} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			b.Fatalf("no sample %s: %v", pattern, err)
		}
		d, err := document.Open(paths[0], document.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(d.Bytes)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Classify(b.Context(), d, docsift.Request{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
