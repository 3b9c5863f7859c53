package seal_test

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/docsift/docsift/fault"
	"github.com/docsift/docsift/internal/seal"
)

func open(t *testing.T, value, path string) *seal.Key {
	t.Helper()
	k, err := seal.Open(value, path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// of returns a key of 32 equal bytes.
func of(b byte) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(string(rune(b)), 32)))
}

func TestSeal(t *testing.T) {
	const secret = "whsec_canary"
	one := open(t, of('a'), "")
	sealed := one.Seal(secret, "webhook 1")
	if strings.Contains(sealed, "canary") || sealed == one.Seal(secret, "webhook 1") {
		t.Errorf("sealed as %q", sealed)
	}
	changed := sealed[:20] + map[bool]string{true: "B", false: "A"}[sealed[20] == 'A'] + sealed[21:]
	tests := []struct {
		name, keys, sealed, purpose string
		want                        string
	}{
		{"the key reads it", of('a'), sealed, "webhook 1", secret},
		{"so it does when another seals by now", of('b') + " ,\n" + of('a'), sealed, "webhook 1", secret},
		{"another key does not", of('b'), sealed, "webhook 1", ""},
		{"nor does it for another purpose", of('a'), sealed, "webhook 2", ""},
		{"what was changed is refused", of('a'), changed, "webhook 1", ""},
		{"what was cut off is refused", of('a'), sealed[:12], "webhook 1", ""},
		{"nothing is refused", of('a'), "", "webhook 1", ""},
		{"a plain text is refused", of('a'), secret, "webhook 1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := open(t, tt.keys, "").Unseal(tt.sealed, tt.purpose)
			if got != tt.want || (err == nil) != (tt.want != "") || (err != nil && fault.KindOf(err) != fault.Config) {
				t.Errorf("%q, %v, want %q", got, err, tt.want)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ value, path string }{
		"no base64":                 {"canary canary", ""},
		"too short":                 {"Y2FuYXJ5", ""},
		"a second that is none":     {of('a') + ",canary", ""},
		"an empty file":             {"", empty},
		"a folder":                  {"", dir},
		"a file in a file":          {"", filepath.Join(empty, "secret.key")},
		"no path where none is set": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := seal.Open(tt.value, tt.path)
			if fault.KindOf(err) != fault.Config || strings.Contains(err.Error(), "canary") {
				t.Errorf("error %v", err)
			}
		})
	}
}

// All that start at once on a new folder have one key, which nobody else may read.
func TestOneKeyIsMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "secret.key")
	sealed := make(chan string, 16)
	var all sync.WaitGroup
	for range cap(sealed) {
		all.Go(func() {
			k, err := seal.Open("", path)
			if err != nil {
				t.Error(err)
				return
			}
			sealed <- k.Seal("x", "")
		})
	}
	all.Wait()
	close(sealed)
	k := open(t, "", path)
	for s := range sealed {
		if got, err := k.Unseal(s, ""); got != "x" {
			t.Errorf("%q, %v", got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("files %v", files)
	}
}
