package document_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/fault"
)

// The kernel opens this file and refuses to read its first page.
func TestOpenReportsAnErrorInTheMiddle(t *testing.T) {
	_, err := document.Open("/proc/self/mem", document.Options{})
	if got, msg := fault.KindOf(err), fault.Message(err); got != fault.BadPath || msg != "cannot be read: input/output error" {
		t.Errorf("%s: %q, want %s", got, msg, fault.BadPath)
	}
}

func TestOpenDoesNotWaitForAFIFO(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := document.Open(fifo, document.Options{})
	if got, msg := fault.KindOf(err), fault.Message(err); got != fault.BadPath || msg != "not a regular file" {
		t.Errorf("%s: %q, want %s", got, msg, fault.BadPath)
	}
}
