//go:build unix

package s3_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/blob/blobtest"
	"github.com/docsift/docsift/internal/blob/s3"
	"github.com/docsift/docsift/internal/s3test"
)

func options(endpoint string) s3.Options {
	return s3.Options{
		Endpoint: endpoint, Bucket: s3test.Bucket, Region: s3test.Region, Prefix: "a/b/",
		AccessKeyID: s3test.AccessKeyID, SecretAccessKey: s3test.SecretAccessKey,
	}
}

func open(t *testing.T, o s3.Options) *s3.Store {
	t.Helper()
	s, err := s3.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) blobtest.Place {
		server := s3test.Start(t)
		return blobtest.Place{
			Store: open(t, options(server.URL)),
			File:  func(path string) string { return filepath.Join(server.Dir, "a", "b", "documents", path) },
		}
	})
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name string
		o    s3.Options
	}{
		{"an address without a scheme", s3.Options{Endpoint: "s3.example.com"}},
		{"an address with a path", s3.Options{Endpoint: "https://s3.example.com/bucket"}},
		{"an address with a key in it", s3.Options{Endpoint: "https://key:secret@s3.example.com"}},
		{"an address of another kind", s3.Options{Public: "ftp://s3.example.com"}},
		{"a style that there is not", s3.Options{PathStyle: "both"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.Bucket = "b"
			_, err := s3.Open(tt.o)
			if fault.KindOf(err) != fault.Config {
				t.Errorf("error %v, want kind %q", err, fault.Config)
			}
			if strings.Contains(fault.Message(err), "secret") {
				t.Error("the message holds a key")
			}
		})
	}
}

// More than one page of what the server lists.
func TestManyObjects(t *testing.T) {
	s := open(t, options(s3test.Start(t).URL))
	for n := range 1003 {
		if _, err := s.Put(t.Context(), "a", strings.NewReader(strings.Repeat("x", n)), blob.PutOptions{Lazy: true}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for _, err := range s.Old(t.Context(), time.Now().Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 1003 {
		t.Errorf("%d were listed, want 1003", n)
	}
}
