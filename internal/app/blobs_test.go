package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/app"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/config"
)

func TestOpenBlobs(t *testing.T) {
	var c config.Config
	if _, err := app.OpenBlobs(c); fault.KindOf(err) != fault.Config {
		t.Errorf("nowhere: %v, want kind %q", err, fault.Config)
	}
	c.Data = t.TempDir()
	s, err := app.OpenBlobs(c)
	if err != nil {
		t.Fatal(err)
	}
	i, err := s.Put(t.Context(), "a", strings.NewReader("text"), blob.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(c.Data, "documents", "a", i.SHA256[:2], i.SHA256)); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
	c.Blobs.S3.Bucket, c.Blobs.S3.Endpoint = "docs", "http://127.0.0.1:1"
	s, err = app.OpenBlobs(c)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := s.(blob.Direct); !ok {
		t.Errorf("%T takes no uploads of its own", s)
	}
	c.Blobs.S3.Endpoint = "docs.example.com"
	if _, err := app.OpenBlobs(c); fault.KindOf(err) != fault.Config {
		t.Errorf("no address: %v, want kind %q", err, fault.Config)
	}
}
