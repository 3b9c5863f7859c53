package document_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// A large document does not cost much more than its size twice.
func TestReadIsFrugal(t *testing.T) {
	in := bytes.Repeat([]byte("a word and "), document.DefaultMaxBytes/11)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	d, err := document.Read(bytes.NewReader(in), "a.txt", document.Options{})
	runtime.ReadMemStats(&after)
	if err != nil || !bytes.Equal(d.Bytes, in) {
		t.Fatalf("%v; want the same bytes", err)
	}
	if cost := after.TotalAlloc - before.TotalAlloc; cost > uint64(len(in))*5/2 {
		t.Errorf("%d bytes cost %d of memory", len(in), cost)
	}
}

func TestRead(t *testing.T) {
	boom := errors.New("cable pulled")
	tests := []struct {
		name     string
		in       io.Reader
		max      int64
		wantKind fault.Kind
		wantMsg  string
	}{
		{"takes exactly the limit", strings.NewReader("0123456789"), 10, "", ""},
		{"refuses one byte over the limit", strings.NewReader("0123456789a"), 10, fault.TooLarge, "limit of 10 bytes"},
		{"writes a round limit in MiB", strings.NewReader(strings.Repeat("a", 2<<20+1)), 2 << 20, fault.TooLarge, "limit of 2 MiB"},
		{"takes the default limit for none", strings.NewReader("hello"), 0, "", ""},
		{"takes the default limit for a negative one", strings.NewReader("hello"), -1, "", ""},
		{"survives the largest limit", strings.NewReader("hello"), math.MaxInt64, "", ""},
		{"refuses no bytes", strings.NewReader(""), 0, fault.Empty, "empty"},
		{"refuses white space alone", strings.NewReader(" \n\t\r\n "), 0, fault.Empty, "white space"},
		{"refuses white space longer than a sample", strings.NewReader(strings.Repeat(" \n", 1<<15)), 0, fault.Empty, "white space"},
		{"takes a word after much white space", strings.NewReader(strings.Repeat(" \n", 1<<15) + "word"), 0, "", ""},
		{"refuses a lone byte order mark", strings.NewReader("\xEF\xBB\xBF\n"), 0, fault.Empty, "white space"},
		{"refuses white space in UTF-16", strings.NewReader("\xFF\xFE \x00\n\x00"), 0, fault.Empty, "white space"},
		{"takes one byte at a time", iotest.OneByteReader(strings.NewReader("hello")), 0, "", ""},
		{"passes on the reader's error", io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(boom)), 0, fault.Internal, "internal error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := document.Read(tt.in, "a.txt", document.Options{MaxBytes: tt.max})
			if got := fault.KindOf(err); got != tt.wantKind {
				t.Fatalf("kind %q (%v), want %q", got, err, tt.wantKind)
			}
			if msg := fault.Message(err); !strings.Contains(msg, tt.wantMsg) {
				t.Errorf("message %q, want it to hold %q", msg, tt.wantMsg)
			}
			if (d == nil) != (err != nil) {
				t.Errorf("document %v with error %v", d, err)
			}
		})
	}
}

func TestReadStopsPastTheLimit(t *testing.T) {
	in := strings.NewReader(strings.Repeat("a", 1000))
	if _, err := document.Read(in, "", document.Options{MaxBytes: 10}); fault.KindOf(err) != fault.TooLarge {
		t.Fatalf("error %v, want %s", err, fault.TooLarge)
	}
	if read := 1000 - in.Len(); read != 11 {
		t.Errorf("read %d bytes, want 11", read)
	}
}

func TestReadKeepsBytesNameAndDigest(t *testing.T) {
	const text = "Invoice number: 7"
	d, err := document.Read(strings.NewReader(text), "../scan 1.txt", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(text))
	if want := hex.EncodeToString(sum[:]); d.SHA256 != want {
		t.Errorf("digest %s, want %s", d.SHA256, want)
	}
	if string(d.Bytes) != text || d.Name != "../scan 1.txt" || d.Type != document.Text {
		t.Errorf("document %q %q %s", d.Bytes, d.Name, d.Type)
	}
}

func TestOpen(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(file, []byte("hello there"), 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		wantKind   fault.Kind
		wantMsg    string
	}{
		{"reads a regular file", file, "", ""},
		{"follows a link", link, "", ""},
		{"refuses a missing file", filepath.Join(dir, "none"), fault.BadPath, "no such file"},
		{"refuses a folder", dir, fault.BadPath, "not a regular file"},
		{"refuses a device", os.DevNull, fault.BadPath, "not a regular file"},
		{"refuses a file as a folder", filepath.Join(file, "b"), fault.BadPath, "cannot be read"},
		{"refuses links in a circle", loop, fault.BadPath, "cannot be read"},
		{"refuses a path that is too long", strings.Repeat("x", 1<<14), fault.BadPath, "cannot be read"},
		{"refuses a path with a zero byte", "a\x00b", fault.BadPath, "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := document.Open(tt.path, document.Options{})
			if got := fault.KindOf(err); got != tt.wantKind {
				t.Fatalf("kind %q (%v), want %q", got, err, tt.wantKind)
			}
			if msg := fault.Message(err); !strings.Contains(msg, tt.wantMsg) {
				t.Errorf("message %q, want it to hold %q", msg, tt.wantMsg)
			}
		})
	}
}

func TestUnreadable(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"says that permission lacks", &fs.PathError{Op: "open", Path: "secret", Err: syscall.EACCES}, "no permission to read it"},
		{"says that the file is gone", &fs.PathError{Op: "open", Path: "secret", Err: syscall.ENOENT}, "no such file"},
		{"says what the disk said", &fs.PathError{Op: "read", Path: "secret", Err: syscall.EIO}, "cannot be read: input/output error"},
		{"says little of what it does not know", io.ErrUnexpectedEOF, "cannot be read"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := document.Unreadable(tt.err)
			if fault.KindOf(err) != fault.BadPath || fault.Message(err) != tt.want {
				t.Errorf("%s: %q, want %s: %q", fault.KindOf(err), fault.Message(err), fault.BadPath, tt.want)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	for _, b := range seeds() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := document.Read(bytes.NewReader(b), "", document.Options{})
		switch kind := fault.KindOf(err); kind {
		case "":
			if d.Type.MIME() == "application/octet-stream" {
				t.Errorf("type %q has no media type", d.Type)
			}
		case fault.Empty, fault.Unsupported, fault.Encrypted, fault.Corrupt:
			if fault.Message(err) == "" {
				t.Error("refused without a word")
			}
		default:
			t.Errorf("kind %q: %v", kind, err)
		}
	})
}
