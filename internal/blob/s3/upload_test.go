//go:build unix

package s3_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
	"github.com/docsift/docsift/internal/s3test"
)

// bring sends bytes to an address.
func bring(t *testing.T, address string, header map[string]string, text string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range header {
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func TestUpload(t *testing.T) {
	server := s3test.Start(t)
	s := open(t, options(server.URL))
	tests := []struct {
		name, sha256, brought string
		taken                 bool
	}{
		{"takes the bytes that were announced", digest("text"), "text", true},
		{"takes any bytes where no digest is known", "", "txet", true},
		{"refuses fewer bytes", "", "tex", false},
		{"refuses more bytes", "", "textt", false},
		{"refuses other bytes", digest("text"), "tixt", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u := blob.Upload{Tenant: "a/b", ID: uuid.NewString(), Bytes: 4, SHA256: tt.sha256}
			address, header, err := s.Presign(t.Context(), u, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.OpenUpload(t.Context(), u); fault.KindOf(err) != fault.NotFound {
				t.Errorf("before it came: %v", err)
			}
			if got := bring(t, address, header, tt.brought); (got == http.StatusOK) != tt.taken {
				t.Errorf("status %d, want it taken: %v", got, tt.taken)
			}
			r, err := s.OpenUpload(t.Context(), u)
			if !tt.taken {
				if fault.KindOf(err) != fault.NotFound {
					t.Errorf("after it was refused: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if got, err := io.ReadAll(r); err != nil || string(got) != tt.brought {
				t.Errorf("%q, %v", got, err)
			}
			u.Tenant = "b"
			if _, err := s.OpenUpload(t.Context(), u); fault.KindOf(err) != fault.NotFound {
				t.Errorf("by another tenant: %v", err)
			}
		})
	}
	if err := s.Tidy(t.Context(), time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	u := blob.Upload{Tenant: "a", ID: uuid.NewString(), Bytes: 4}
	address, header, err := s.Presign(t.Context(), u, time.Minute)
	if err != nil || bring(t, address, header, "text") != http.StatusOK {
		t.Fatal("not taken", err)
	}
	if err := s.Tidy(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenUpload(t.Context(), u); fault.KindOf(err) != fault.NotFound {
		t.Errorf("after it was tidied away: %v", err)
	}
}

func TestUploadsHaveNoPaths(t *testing.T) {
	s := open(t, options("http://127.0.0.1:1"))
	for _, id := range []string{"", "..", "../documents/a", uuid.NewString() + "/", "{" + uuid.NewString() + "}"} {
		if _, _, err := s.Presign(t.Context(), blob.Upload{Tenant: "a", ID: id}, time.Minute); fault.KindOf(err) != fault.Invalid {
			t.Errorf("id %q: %v, want kind %q", id, err, fault.Invalid)
		}
	}
}

func TestPublicAddress(t *testing.T) {
	o := options("http://127.0.0.1:1")
	o.Public = "https://uploads.example.com"
	address, _, err := open(t, o).Presign(t.Context(), blob.Upload{Tenant: "a", ID: uuid.NewString(), Bytes: 1}, time.Minute)
	if err != nil || !strings.HasPrefix(address, "https://uploads.example.com/"+s3test.Bucket+"/a/b/uploads/a/") {
		t.Errorf("address %s, %v", address, err)
	}
}
