package ocr_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/ocr"
	"github.com/docsift/docsift/fault"
)

// content is an extract.Extractor that returns a copy of itself.
type content extract.Content

func (c content) Extract(context.Context, *document.Document) (*extract.Content, error) {
	out := extract.Content(c)
	out.Pages = append([]extract.Page(nil), c.Pages...)
	return &out, nil
}

// pages is an extract.Recognizer that returns a text for each page; drawn pages carry their
// number as their last pixel.
type pages map[int]string

func (p pages) Recognize(_ context.Context, page document.Image) (string, error) {
	return p[int(page.Bytes[len(page.Bytes)-1])], nil
}

// recognizer is an extract.Recognizer.
type recognizer func(ctx context.Context) (string, error)

func (r recognizer) Recognize(ctx context.Context, _ document.Image) (string, error) { return r(ctx) }

func drawn(_ context.Context, page int, v extract.View) (document.Image, error) {
	if v.Format != extract.PGM || v.Side != 2000 {
		return document.Image{}, errors.New("drawn in another view")
	}
	return pgm(v.Side, 1, byte(page)), nil
}

// pgm returns a picture of pixels that are all the same.
func pgm(width, height int, pixel byte) document.Image {
	b := fmt.Appendf(nil, "P5\n%d %d\n255\n", width, height)
	return document.Image{Width: width, Height: height, Bytes: append(b, bytes.Repeat([]byte{pixel}, width*height)...)}
}

// unread returns a document of count pages without text, or with the texts given.
func unread(count int, texts ...string) content {
	c := content{PageCount: count, Draw: drawn}
	for i, text := range texts {
		c.Pages = append(c.Pages, extract.Page{Number: i + 1, Text: text})
	}
	return c
}

// read returns what x makes of a document whose text somebody asks for.
func read(ctx context.Context, x extract.Extractor) (*extract.Content, error) {
	c, err := x.Extract(ctx, nil)
	if err == nil {
		c.Recognize(ctx)
	}
	return c, err
}

const long = "Harbour Bank, statement of account for March, with all that came in and all that went out, as agreed in the letter of the second of May, and the balance at the end"

const stamp = "Case 4:08-cv-02214 Document 26 Filed 01/29/2009"

func TestExtract(t *testing.T) {
	undrawable := unread(1, "")
	undrawable.Draw = nil
	tests := []struct {
		name     string
		document content
		read     pages
		want     []string // texts; those that were read from a picture begin with "*"
		meta     string
	}{
		{"reads the picture of a page without text", unread(1, ""), pages{1: long}, []string{"*" + long}, ""},
		{"leaves readable text", unread(1, long), pages{1: "other"}, []string{long}, ""},
		{"reads a first page without text before one with text", unread(2, "", long), pages{1: long, 2: "other"}, []string{"*" + long, long}, ""},
		{"leaves an unreadable page behind a readable one", unread(2, long, ""), pages{2: long}, []string{long, ""}, ""},
		{"finds nothing on a cover before a text", unread(2, "", long), pages{}, []string{"", long}, ""},
		{"finds nothing before a text on a later page", unread(3, "", "", long), pages{}, []string{"", "", long}, ""},
		{"reads a scan under a stamp", unread(2, stamp, stamp), pages{1: stamp + long, 2: "other"}, []string{"*" + stamp + long, stamp}, ""},
		{"leaves a stamp under which nothing is found", unread(1, stamp), pages{}, []string{stamp}, ""},
		{"leaves a short cover before a text", unread(2, stamp, long), pages{1: "other " + long}, []string{stamp, long}, ""},
		{"leaves what cannot be drawn", undrawable, pages{1: long}, []string{""}, ""},
		{"stops at a readable page", unread(2, "", ""), pages{1: long, 2: long}, []string{"*" + long, ""}, ""},
		{"goes on after an unreadable page", unread(2, "", ""), pages{1: "7", 2: long}, []string{"*7", "*" + long}, ""},
		{"stops at the limit of pages", unread(3, "", "", ""), pages{1: "7", 3: long}, []string{"*7", "", ""}, "little text"},
		{"puts a page that was not read before among the others", content{PageCount: 3, Draw: drawn, Pages: []extract.Page{{Number: 3}}},
			pages{2: long}, []string{"*" + long, ""}, ""},
		{"keeps a page's own words where the picture says less", unread(1, "Scan 17 of May"), pages{1: "S 17"}, []string{"Scan 17 of May"}, "no text"},
		{"takes the picture's words where it says more", unread(1, "Scan 17"), pages{1: long}, []string{"*" + long}, ""},
		{"cleans the text", unread(1, ""), pages{1: " \n" + long + "\r\nhyphen-\nated\x00\f\n"}, []string{"*" + long + "\nhyphen-\nated"}, ""},
		{"says that there are no letters", unread(2, "", ""), pages{}, []string{"", ""}, "no text"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := read(t.Context(), ocr.New(tt.document, tt.read, ocr.Options{}))
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range c.Pages {
				if p.OCR {
					p.Text = "*" + p.Text
				}
				got = append(got, p.Text)
			}
			if strings.Join(got, "|") != strings.Join(tt.want, "|") || c.Meta["ocr"] != tt.meta {
				t.Errorf("pages %q and note %q, want %q and %q", got, c.Meta["ocr"], tt.want, tt.meta)
			}
		})
	}
}

func TestExtractSurvivesFailure(t *testing.T) {
	hang := func(ctx context.Context) (string, error) {
		<-ctx.Done()
		return "", ctx.Err()
	}
	tests := []struct {
		name string
		read recognizer
		want string
	}{
		{"a reader that does not end", hang, "timeout"},
		{"a reader whose own deadline passed", func(context.Context) (string, error) {
			return "", fault.New(fault.TooComplex, nil, "killed")
		}, "timeout"},
		{"a reader that fails", func(context.Context) (string, error) {
			return "", fault.New(fault.Internal, errors.New("signal 11"), "tesseract came to an error")
		}, "failed: tesseract came to an error"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				c, err := read(t.Context(), ocr.New(unread(1, ""), tt.read, ocr.Options{}))
				if err != nil {
					t.Fatal(err)
				}
				if c.Meta["ocr"] != tt.want || c.Pages[0].Text != "" || c.Pages[0].OCR {
					t.Errorf("note %q and page %+v, want %q and no text", c.Meta["ocr"], c.Pages[0], tt.want)
				}
				if spent := time.Since(start); spent > 6*time.Second {
					t.Errorf("gave up after %v", spent)
				}
			})
		})
	}
}

func TestExtractKeepsTheFirstPageWhenTheSecondFails(t *testing.T) {
	calls := 0
	second := recognizer(func(context.Context) (string, error) {
		if calls++; calls == 2 {
			return "", errors.New("broken")
		}
		return "No. 7", nil
	})
	c, err := read(t.Context(), ocr.New(unread(2, "", ""), second, ocr.Options{}))
	if err != nil || c.Pages[0].Text != "No. 7" || c.Meta["ocr"] != "failed: internal error" {
		t.Errorf("pages %+v, note %q, error %v; want the first page's text, and why there is no more", c.Pages, c.Meta["ocr"], err)
	}
}

func TestExtractEndsWithItsCaller(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	hang := recognizer(func(ctx context.Context) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	})
	c, err := ocr.New(unread(1, ""), hang, ocr.Options{}).Extract(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.OCR(ctx); !errors.Is(err, context.Canceled) || c.Meta["ocr"] != "" {
		t.Errorf("error %v and note %q, want canceled and none", err, c.Meta["ocr"])
	}
}

func TestExtractTakesTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reading, most atomic.Int32
		slow := recognizer(func(context.Context) (string, error) {
			most.Store(max(most.Load(), reading.Add(1)))
			time.Sleep(5 * time.Second)
			reading.Add(-1)
			return long, nil
		})
		x := ocr.New(unread(1, ""), slow, ocr.Options{Parallel: 2, Wait: 12 * time.Second})
		notes := make(chan string)
		for range 8 {
			go func() {
				c, err := read(t.Context(), x)
				if err != nil {
					t.Error(err)
				}
				notes <- c.Meta["ocr"]
			}()
		}
		busy := 0
		for range 8 {
			if <-notes == "busy" {
				busy++
			}
		}
		// Two at a time start after 0, 5 and 10 seconds; the last two would have to wait for 15.
		if busy != 2 || most.Load() != 2 {
			t.Errorf("%d refused and %d at once, want 2 and 2", busy, most.Load())
		}
	})
}

// A document that was slow to read is not as slow once more for its letters.
func TestExtractTakesNoLongerAltogether(t *testing.T) {
	tests := []struct {
		name  string
		took  time.Duration
		total time.Duration // 0: the default
		want  time.Duration
	}{
		{"all the time for letters after a quick reading", time.Second, 0, 6 * time.Second},
		{"what a slow one leaves", 8 * time.Second, 0, time.Second},
		{"nothing after one that took it all", 10 * time.Second, 0, 0},
		{"as much as one that may take longer leaves", 28 * time.Second, 31 * time.Second, 3 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hang := recognizer(func(ctx context.Context) (string, error) {
					<-ctx.Done()
					return "", ctx.Err()
				})
				d := unread(1, "")
				d.Took = tt.took
				start := time.Now()
				c, err := read(t.Context(), ocr.New(d, hang, ocr.Options{Total: tt.total}))
				if got := time.Since(start); err != nil || got != tt.want || c.Meta["ocr"] != "timeout" {
					t.Errorf("letters took %v and note %q, %v; want %v", got, c.Meta["ocr"], err, tt.want)
				}
			})
		})
	}
}

// Nobody pays for letters that nobody asks for.
func TestExtractReadsNoLettersUnasked(t *testing.T) {
	never := recognizer(func(context.Context) (string, error) {
		t.Error("letters were read")
		return long, nil
	})
	for _, d := range []content{unread(1, ""), unread(1, long)} {
		c, err := ocr.New(d, never, ocr.Options{}).Extract(t.Context(), nil)
		if err != nil || (c.OCR != nil) != (d.Pages[0].Text == "") {
			t.Errorf("page %q: offers to read letters: %v, %v", d.Pages[0].Text, c.OCR != nil, err)
		}
	}
}

func TestExtractPassesErrorsOn(t *testing.T) {
	want := fault.New(fault.Corrupt, nil, "broken")
	if _, err := ocr.New(broken{want}, pages{}, ocr.Options{}).Extract(t.Context(), nil); !errors.Is(err, want) {
		t.Errorf("error %v, want the reader's own", err)
	}
}

type broken struct{ err error }

func (b broken) Extract(context.Context, *document.Document) (*extract.Content, error) {
	return nil, b.err
}
