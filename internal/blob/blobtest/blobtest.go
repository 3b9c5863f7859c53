// Package blobtest holds the contract that every store of documents keeps.
package blobtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/blob"
)

// Place is a store with nothing in it.
type Place struct {
	blob.Store

	// File returns the name of the file that in the end holds what has a path, so that a test can
	// damage it and make it old.
	File func(path string) string
}

func (p Place) file(t *testing.T, ref blob.Ref) string {
	t.Helper()
	path, err := ref.Path()
	if err != nil {
		t.Fatal(err)
	}
	return p.File(path)
}

// Age makes it as if bytes had been put so long ago.
func (p Place) Age(t *testing.T, ref blob.Ref, by time.Duration) {
	t.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(p.file(t, ref), then, then); err != nil {
		t.Fatal(err)
	}
}

// Run runs the contract. Each call of open returns a store with nothing in it.
func Run(t *testing.T, open func(t *testing.T) Place) {
	tests := []struct {
		name string
		run  func(t *testing.T, p Place)
	}{
		{"what is put can be opened", kept},
		{"what another tenant put cannot", foreign},
		{"only a tenant and a digest name bytes", names},
		{"bytes that are not wanted are not kept", unwanted},
		{"a reader that fails leaves nothing", failing},
		{"equal bytes may be put at once", together},
		{"damage is noticed when it is read", damaged},
		{"what is put again heals and is young again", again},
		{"what is deleted is gone", deleted},
		{"old bytes are listed with their tenants", listed},
		{"a sweep forgets what nothing needs", swept},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { tt.run(t, open(t)) })
	}
}

// Put keeps a text for a tenant.
func Put(t *testing.T, s blob.Store, tenant, text string) blob.Info {
	t.Helper()
	i, err := s.Put(t.Context(), tenant, strings.NewReader(text), blob.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// Read returns what is kept.
func Read(t *testing.T, s blob.Store, ref blob.Ref) (string, error) {
	t.Helper()
	data, err := blob.ReadAll(t.Context(), s, ref, 64<<20)
	return string(data), err
}

func digest(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:])
}

func want(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if got := fault.KindOf(err); got != kind {
		t.Errorf("%s: kind %q (%v), want %q", what, got, err, kind)
	}
}

// once hides that a reader can be read again.
func once(text string) io.Reader { return iotest.HalfReader(strings.NewReader(text)) }

func kept(t *testing.T, p Place) {
	for _, text := range []string{"x", "", strings.Repeat("0123456789abcdef", 400_000)} {
		for _, o := range []blob.PutOptions{{}, {Lazy: true}, {SHA256: digest(text)}, {MaxBytes: int64(max(1, len(text)))}} {
			for _, r := range []io.Reader{strings.NewReader(text), once(text)} {
				i, err := p.Put(t.Context(), "a", r, o)
				if err != nil {
					t.Fatal(err)
				}
				if i.SHA256 != digest(text) || i.Bytes != int64(len(text)) || i.Tenant != "a" || time.Since(i.Put).Abs() > time.Minute {
					t.Errorf("put %+v", i)
				}
				if got, err := Read(t, p, i.Ref); err != nil || got != text {
					t.Errorf("read %d bytes, %v; want %d", len(got), err, len(text))
				}
				if s, err := p.Stat(t.Context(), i.Ref); err != nil || s.Bytes != i.Bytes || s.Ref != i.Ref {
					t.Errorf("stat %+v, %v", s, err)
				}
			}
		}
	}
	if _, err := blob.ReadAll(t.Context(), p, blob.Ref{Tenant: "a", SHA256: digest("x")}, 0); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("reading more than is wanted: %v", err)
	}
	if err := p.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// gone checks that bytes are not kept.
func gone(t *testing.T, s blob.Store, ref blob.Ref) {
	t.Helper()
	_, err := s.Open(t.Context(), ref)
	want(t, "open", err, fault.NotFound)
	_, err = s.Stat(t.Context(), ref)
	want(t, "stat", err, fault.NotFound)
}

func foreign(t *testing.T, p Place) {
	i := Put(t, p, "a", "mine")
	for _, tenant := range []string{"b", "A", "a ", "a/", "%61"} {
		gone(t, p, blob.Ref{Tenant: tenant, SHA256: i.SHA256})
		want(t, "delete", p.Delete(t.Context(), blob.Ref{Tenant: tenant, SHA256: i.SHA256}, time.Now().Add(time.Hour)), "")
	}
	if _, err := Read(t, p, i.Ref); err != nil {
		t.Error(err)
	}
}

func names(t *testing.T, p Place) {
	for _, tenant := range []string{"..", ".", "../../a", "/etc", `\\c$\x`, "con:", "a\x00b", "Übergröße 😀", "%2e%2e", ".incoming", "*?"} {
		i := Put(t, p, tenant, "x")
		if got, err := Read(t, p, i.Ref); err != nil || got != "x" {
			t.Errorf("tenant %q: %q, %v", tenant, got, err)
		}
	}
	good := digest("x")
	for _, name := range [][2]string{
		{"", good}, {strings.Repeat("x", 201), good}, {"a", ""}, {"a", "../x"}, {"a", strings.ToUpper(good)}, {"a", good[:63]}, {"a", good + "0"}, {"a", good[:63] + "/"},
	} {
		ref := blob.Ref{Tenant: name[0], SHA256: name[1]}
		_, err := p.Open(t.Context(), ref)
		want(t, "open", err, fault.Invalid)
		_, err = p.Stat(t.Context(), ref)
		want(t, "stat", err, fault.Invalid)
		want(t, "delete", p.Delete(t.Context(), ref, time.Now()), fault.Invalid)
	}
	_, err := p.Put(t.Context(), "", strings.NewReader("x"), blob.PutOptions{})
	want(t, "put for nobody", err, fault.Invalid)
}

func unwanted(t *testing.T, p Place) {
	for _, r := range []func(string) io.Reader{func(s string) io.Reader { return strings.NewReader(s) }, once} {
		_, err := p.Put(t.Context(), "a", r("four"), blob.PutOptions{MaxBytes: 3})
		want(t, "too many bytes", err, fault.TooLarge)
		_, err = p.Put(t.Context(), "a", r("four"), blob.PutOptions{SHA256: digest("five")})
		want(t, "another digest", err, fault.Invalid)
	}
	for _, text := range []string{"four", "fou", "five"} {
		gone(t, p, blob.Ref{Tenant: "a", SHA256: digest(text)})
	}
}

func failing(t *testing.T, p Place) {
	broken := errors.New("the line is dead")
	_, err := p.Put(t.Context(), "a", io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), blob.PutOptions{})
	if !errors.Is(err, broken) || fault.KindOf(err) != fault.Internal {
		t.Errorf("put: %v, want the reader's own error", err)
	}
	gone(t, p, blob.Ref{Tenant: "a", SHA256: digest("half")})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = p.Put(ctx, "a", strings.NewReader("late"), blob.PutOptions{})
	want(t, "put by nobody", err, fault.Canceled)
	gone(t, p, blob.Ref{Tenant: "a", SHA256: digest("late")})
}

func together(t *testing.T, p Place) {
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			text := strings.Repeat(strconv.Itoa(n%4), 100_000)
			i, err := p.Put(t.Context(), "a", once(text), blob.PutOptions{Lazy: n%2 == 0})
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := blob.ReadAll(t.Context(), p, i.Ref, 1<<20); err != nil || string(got) != text {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	all.Wait()
}

func damaged(t *testing.T, p Place) {
	text := strings.Repeat("abc", 50_000)
	for _, data := range []string{text[:len(text)-1] + "x", text[1:], ""} {
		i := Put(t, p, "a", text)
		if err := os.WriteFile(p.file(t, i.Ref), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Read(t, p, i.Ref)
		if kind := fault.KindOf(err); kind != blob.Damaged && kind != fault.Storage || got != "" {
			t.Errorf("%d bytes, %v; want an error", len(got), err)
		}
	}
}

func again(t *testing.T, p Place) {
	i := Put(t, p, "a", "text")
	p.Age(t, i.Ref, time.Hour)
	if err := os.WriteFile(p.file(t, i.Ref), []byte("tixt"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Age(t, i.Ref, time.Hour)
	Put(t, p, "a", "text")
	if err := p.Delete(t.Context(), i.Ref, time.Now().Add(-time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(t, p, i.Ref); err != nil || got != "text" {
		t.Errorf("%q, %v", got, err)
	}
}

func deleted(t *testing.T, p Place) {
	i := Put(t, p, "a", "text")
	p.Age(t, i.Ref, time.Hour)
	for range 2 {
		if err := p.Delete(t.Context(), i.Ref, time.Now().Add(-time.Minute)); err != nil {
			t.Error(err)
		}
		gone(t, p, i.Ref)
	}
	Put(t, p, "a", "text")
	if _, err := Read(t, p, i.Ref); err != nil {
		t.Error(err)
	}
}

func listed(t *testing.T, p Place) {
	expect := make(map[blob.Ref]int64)
	for _, tenant := range []string{"a", "b/../c", "Ä"} {
		for n := range 3 {
			i := Put(t, p, tenant, strings.Repeat("x", n+1))
			p.Age(t, i.Ref, time.Hour)
			expect[i.Ref] = i.Bytes
		}
	}
	Put(t, p, "a", "young")
	got := make(map[blob.Ref]int64)
	for i, err := range p.Old(t.Context(), time.Now().Add(-time.Minute)) {
		if err != nil {
			t.Fatal(err)
		}
		if age := time.Since(i.Put); age < 59*time.Minute || age > 61*time.Minute {
			t.Errorf("put %v ago, want an hour", age)
		}
		got[i.Ref] = i.Bytes
	}
	if !maps.Equal(got, expect) {
		t.Errorf("listed %v, want %v", got, expect)
	}
	for range p.Old(t.Context(), time.Now()) {
		break // which must not panic
	}
}
