package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift"
	"github.com/docsift/docsift/fault"
)

func TestPercent(t *testing.T) {
	for p, want := range map[float64]string{
		0: "0%", 0.29: "29%", 0.57: "57%", 0.299: "29%", 0.995: "99%", 0.99999999999: "99%", 1: "100%",
	} {
		if got := percent(p); got != want {
			t.Errorf("%v is %s, want %s", p, got, want)
		}
	}
}

// What a program or a file gets is whole.
func TestPipedTableCutsNoName(t *testing.T) {
	var out bytes.Buffer
	name := strings.Repeat("folder/", 30) + "letter.txt"
	if err := newPrinter(&out, false).print(docsift.NewFailure(name, fault.New(fault.BadPath, nil, "no such file"))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "\n"+name+"  -") {
		t.Errorf("table %q, want the whole name", out.String())
	}
}

func TestPipedTableIsAsWideAsItsNames(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("folder/", 3))
	name := filepath.Join(dir, strings.Repeat("x", 50)+".txt")
	if err := errors.Join(os.MkdirAll(dir, 0o700), os.WriteFile(name, nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	p := newPrinter(io.Discard, false)
	p.fit([]string{dir})
	if want := min(len(name), 120); p.width != want {
		t.Errorf("width %d, want %d", p.width, want)
	}
	p = newPrinter(io.Discard, true)
	if p.fit([]string{dir}); p.width != 44 {
		t.Errorf("a table that is none was fitted to %d", p.width)
	}
}

func TestTableFitsTheTerminal(t *testing.T) {
	tests := []struct {
		name          string
		columns, want int
	}{
		{"no terminal", 0, 44},
		{"a narrow one", 40, 20},
		{"a usual one", 120, 27},
		{"a wide one", 180, 87},
		{"a wall", 1000, 120},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := fileWidth(tt.columns); got != tt.want {
				t.Errorf("width %d, want %d", got, tt.want)
			}
		})
	}
	var out bytes.Buffer
	p := newPrinter(&out, false)
	p.width, p.cut = 20, true
	res := docsift.NewFailure(strings.Repeat("folder/", 10)+"letter.txt", fault.New(fault.BadPath, nil, "no such file"))
	if err := p.print(res); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(out.String(), "\n")
	file, _, _ := strings.Cut(lines[1], "  ")
	if utf8.RuneCountInString(file) != 20 || !strings.HasSuffix(file, "/letter.txt") {
		t.Errorf("file %q, want its last characters in a column of 20", file)
	}
	at := strings.Index(lines[0], "NOTE")
	if got := string([]rune(lines[1])[at:]); got != "failed: no such file" {
		t.Errorf("note %q does not stand below its heading", got)
	}
}
