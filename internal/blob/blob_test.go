package blob_test

import (
	"testing"
	"time"

	"github.com/docsift/docsift/internal/blob"
)

func TestRetention(t *testing.T) {
	for _, s := range []string{"0", "forever", "12h0m0s", "1d", "7d", "3650d"} {
		r, err := blob.ParseRetention(s)
		if err != nil || r.String() != s {
			t.Errorf("%s is read as %v, %v", s, r, err)
		}
		if e := r.Every(); e < time.Minute || e > 24*time.Hour {
			t.Errorf("%s is swept every %v", s, e)
		}
	}
	for _, s := range []string{"", "7", "-1d", "-5h", "1.5d", "d", "99999999999d", "week", "0d"} {
		if r, err := blob.ParseRetention(s); err == nil {
			t.Errorf("%q is read as %v", s, r)
		}
	}
}

// A path is made of a tenant and a digest and gives both back, and nothing else is one.
func FuzzPath(f *testing.F) {
	const digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	f.Add("a", digest, "a/e3/"+digest)
	f.Add("../x", digest, "%2e%2e%2fx/e3/"+digest)
	f.Add("Ä", "..", "a/e3/../../etc/passwd")
	f.Fuzz(func(t *testing.T, tenant, digest, path string) {
		ref := blob.Ref{Tenant: tenant, SHA256: digest}
		if p, err := ref.Path(); err == nil {
			if got, ok := blob.ParsePath(p); !ok || got != ref {
				t.Errorf("%+v has the path %s, which is %+v, %v", ref, p, got, ok)
			}
		}
		if r, ok := blob.ParsePath(path); ok {
			if p, err := r.Path(); err != nil || p != path {
				t.Errorf("%s is %+v, which has the path %s, %v", path, r, p, err)
			}
		}
	})
}
