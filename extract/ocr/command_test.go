package ocr_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/ocr"
	"github.com/docsift/docsift/fault"
)

// TestMain lets the test binary stand in for tesseract: it does so under the name of a link
// to it, "tesseract-…", which says how to behave.
func TestMain(m *testing.M) {
	if behaviour, ok := strings.CutPrefix(filepath.Base(os.Args[0]), "tesseract-"); ok {
		pretend(behaviour, os.Args[1:])
		return
	}
	os.Exit(m.Run())
}

func pretend(behaviour string, args []string) {
	switch {
	case behaviour == "mute":
		os.Exit(1)
	case args[0] == "--version":
		fmt.Print("tesseract 5.9.1\n leptonica-1.9\n")
		return
	case args[0] == "--list-langs":
		fmt.Print("List of available languages in \"/models\" (2):\nosd\n")
		if behaviour != "french" {
			fmt.Println("eng")
		}
		return
	}
	in, err := io.ReadAll(os.Stdin)
	folder, _ := os.Getwd()
	switch behaviour {
	case "honest":
		fmt.Println(len(in), err, folder, os.Environ(), args)
	case "silent":
	case "endless":
		for {
			if _, err := fmt.Println(strings.Repeat("word ", 1000)); err != nil {
				os.Exit(1)
			}
		}
	case "broken":
		fmt.Fprintln(os.Stderr, "Error during processing.")
		os.Exit(3)
	case "stuck":
		child := exec.Command("sleep", "60") // holds our output open after we are gone
		child.Stdout = os.Stdout
		_ = child.Start()
		time.Sleep(time.Minute)
	}
}

// stand returns the path of a tesseract of the given behaviour.
func stand(t *testing.T, behaviour string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "tesseract-"+behaviour)
	if err := os.Symlink(self, path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNewCommand(t *testing.T) {
	tests := []struct {
		name string
		path string
		want string // in the message
	}{
		{"says that there is none", filepath.Join(t.TempDir(), "tesseract"), "install tesseract-ocr"},
		{"says that it does not answer", stand(t, "mute"), "is it tesseract 4 or later"},
		{"says which language is missing", stand(t, "french"), "install tesseract-ocr-eng"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ocr.NewCommand(t.Context(), ocr.CommandOptions{Path: tt.path})
			if fault.KindOf(err) != fault.Config || !strings.Contains(fault.Message(err), tt.want) {
				t.Errorf("kind %q, message %q; want %q with %q", fault.KindOf(err), fault.Message(err), fault.Config, tt.want)
			}
		})
	}
}

func TestCommandInfo(t *testing.T) {
	path := stand(t, "honest")
	c, err := ocr.NewCommand(t.Context(), ocr.CommandOptions{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	want := ocr.Info{Engine: "tesseract", Path: path, Version: "5.9.1", Languages: []string{"osd", "eng"}}
	if got := c.Info(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("info %+v, want %+v", got, want)
	}
}

// white is a small picture without letters, as PGM.
var white = document.Image{MIME: "image/x-portable-graymap", Width: 2, Height: 3, Bytes: []byte("P5\n2 3\n255\n\xFF\xFF\xFF\xFF\xFF\xFF")}

func TestCommandRecognize(t *testing.T) {
	tests := []struct {
		behaviour string
		want      string
		wantErr   string
	}{
		{"honest", "17 <nil> / [OMP_THREAD_LIMIT=1 LC_ALL=C] [- - --oem 1 --psm 3 -c thresholding_method=0 -l eng]\n", ""},
		{"silent", "", ""},
		{"endless", "", "tesseract came to an error"},
		{"broken", "", "tesseract came to an error"},
	}
	for _, tt := range tests {
		t.Run(tt.behaviour, func(t *testing.T) {
			c, err := ocr.NewCommand(t.Context(), ocr.CommandOptions{Path: stand(t, tt.behaviour)})
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Recognize(t.Context(), white)
			if got != tt.want || fault.Message(err) != tt.wantErr {
				t.Errorf("text %.200q and error %q, want %q and %q", got, fault.Message(err), tt.want, tt.wantErr)
			}
		})
	}
}

func TestCommandIsKilled(t *testing.T) {
	c, err := ocr.NewCommand(t.Context(), ocr.CommandOptions{Path: stand(t, "stuck")})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	if _, err := c.Recognize(ctx, white); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	// Had its child lived on, the open pipe would have cost another second.
	if spent := time.Since(start); spent > time.Second {
		t.Errorf("ended after %v", spent)
	}
}

func TestCommandReads(t *testing.T) {
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Fatal("no tesseract here: 'make tools' installs it")
	}
	c, err := ocr.NewCommand(t.Context(), ocr.CommandOptions{})
	if err != nil {
		t.Fatal(err)
	}
	reads(t, c)
}

// reads checks what every engine must be able to read.
func reads(t *testing.T, r extract.Recognizer) {
	t.Helper()
	for name, page := range map[string]document.Image{"a print": printed(t), "a photograph": photograph(t)} {
		got, err := r.Recognize(t.Context(), page)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sameWords(t, got)
	}
	if got, err := r.Recognize(t.Context(), white); err != nil || got != "" {
		t.Errorf("an empty page: %q and error %v, want nothing", got, err)
	}
}

// photograph is the printed page on a dark table, of which a sheet of white is a part.
func photograph(t testing.TB) document.Image {
	page := printed(t)
	pixels := bytes.Clone(page.Bytes)
	for i, from := 0, len(pixels)-page.Width*page.Height; from+i < len(pixels); i++ {
		pixels[from+i] = byte(int(pixels[from+i]) * 80 / 255)
		if x := i % page.Width; x < 8 || x > page.Width-8 {
			pixels[from+i] = 255
		}
	}
	page.Bytes = pixels
	return page
}
