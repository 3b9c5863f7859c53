package pdf_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/pdf"
	"github.com/docsift/docsift/fault"
)

// start returns an Extractor that the test closes. It shares the user's cache, so that the
// reader is compiled once and not once a test.
func start(t testing.TB, o pdf.Options) *pdf.Extractor {
	x := pdf.New(o)
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return x
}

func TestText(t *testing.T) {
	x := start(t, pdf.Options{})
	field := stream("/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F 3 0 R>>>>", "BT /F 12 Tf 2 5 Td (Erika Mustermann) Tj ET")
	tests := []struct {
		name  string
		doc   write
		count int
		pages []int
		text  string
		meta  map[string]string
	}{
		{"a page is read line by line",
			write{pages: []page{say("Invoice No. 42", "Total due: 19.80")}},
			1, []int{1}, "Invoice No. 42\nTotal due: 19.80", nil},
		{"the first three pages and the last are read",
			write{pages: []page{say("one"), say("two"), say("three"), say("four"), say("five")}},
			5, []int{1, 2, 3, 5}, "one\ftwo\fthree\ffive", nil},
		{"the last page is not read twice",
			write{pages: []page{say("one"), say("two"), say("three")}},
			3, []int{1, 2, 3}, "one\ftwo\fthree", nil},
		{"a word broken at the end of a line is whole",
			write{pages: []page{say("the infor-", "mation is well-known")}},
			1, []int{1}, "the information is well-known", nil},
		{"what was filled into a form is read",
			write{
				pages:   []page{{content: say("Name:").content, extra: "/Annots[11 0 R]"}},
				root:    "/AcroForm<</Fields[11 0 R]/DA(/F 12 Tf)>>",
				objects: []string{"null", "<</Type/Annot/Subtype/Widget/FT/Tx/F 4/T(name)/V(Erika Mustermann)/Rect[150 715 350 735]/P 1000 0 R/AP<</N 12 0 R>>>>", field},
			}, 1, []int{1}, "Name:\nErika Mustermann", map[string]string{"fields": "name"}},
		{"a scan has no text", write{pages: []page{{content: "0 0 99 99 re f"}}}, 1, []int{1}, "", nil},
		{"a page that is missing is empty", write{pages: []page{say("one"), {box: "0 0 1000000000 1000000000"}}}, 2, []int{1, 2}, "one\f", nil},
		{"the metadata is the sender's",
			write{pages: []page{say("one")}, objects: []string{"<</Title(A\\000 title)/Author( The author )/Producer(p)/Creator()/Keywords(a, b)/CreationDate(D:20240229101500+01'00')/ModDate(someday)>>"}, trailer: "/Info 10 0 R"},
			1, []int{1}, "one", map[string]string{"title": "A title", "author": "The author", "producer": "p", "keywords": "a, b", "created": "2024-02-29T10:15:00+01:00"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := x.Extract(t.Context(), open(t, tt.doc.bytes()))
			if err != nil {
				t.Fatal(err)
			}
			var numbers []int
			for _, p := range c.Pages {
				numbers = append(numbers, p.Number)
			}
			if !slices.Equal(numbers, tt.pages) || c.PageCount != tt.count {
				t.Errorf("pages %v of %d, want %v of %d", numbers, c.PageCount, tt.pages, tt.count)
			}
			if c.Text() != tt.text {
				t.Errorf("text %q, want %q", c.Text(), tt.text)
			}
			if !maps.Equal(c.Meta, tt.meta) {
				t.Errorf("meta %q, want %q", c.Meta, tt.meta)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	x := start(t, pdf.Options{MaxMemory: 24 << 20})
	locked := func(filter string) []byte {
		key := strings.Repeat("00112233445566778899aabbccddeeff", 2)
		return write{pages: []page{say("secret")}, trailer: "/ID[<00><00>]/Encrypt 10 0 R",
			objects: []string{fmt.Sprintf("<</Filter/%s/V 1/R 2/P -4/O<%s>/U<%s>>>", filter, key, key)}}.bytes()
	}
	tests := []struct {
		name string
		doc  []byte
		kind fault.Kind
		msg  string
	}{
		{"one cut in half is damaged", good()[:len(good())/4], fault.Corrupt, "damaged or cut short"},
		{"a header alone is damaged", []byte("%PDF-1.7\n"), fault.Corrupt, "damaged or cut short"},
		{"noise after a header is damaged", append([]byte("%PDF-1.7\n"), bytes.Repeat([]byte{0x93, 0x1b}, 5000)...), fault.Corrupt, "damaged or cut short"},
		{"one without pages is damaged", write{}.bytes(), fault.Corrupt, "damaged or cut short"},
		{"one with a password is encrypted", locked("Standard"), fault.Encrypted, "password"},
		{"one with a foreign lock is encrypted", locked("Acme.Lock"), fault.Encrypted, "save it without protection"},
		{"a page as large as a country is too complex", write{pages: []page{{box: "0 0 1000000000 1000000000"}}}.bytes(), fault.TooComplex, "impossible size"},
		{"one that unpacks beyond the memory is too complex", bomb(t, 24<<20), fault.TooComplex, "more than docsift spends"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := x.Extract(t.Context(), open(t, tt.doc))
			if fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("got %v, %s: %v; want %s: …%s…", c, fault.KindOf(err), err, tt.kind, tt.msg)
			}
		})
	}
}

func TestInstanceThatTrappedNeverServesAgain(t *testing.T) {
	for _, mapped := range []bool{false, true} {
		t.Run(fmt.Sprintf("mapped is %v", mapped), func(t *testing.T) {
			x := start(t, pdf.Options{Workers: 1, MaxMemory: 24 << 20, Mapped: mapped})
			evil, next := open(t, laughs(6)), open(t, good()) // small pieces fill the memory to the brim
			for range 2 {
				if _, err := x.Extract(t.Context(), evil); fault.KindOf(err) != fault.TooComplex {
					t.Fatalf("bomb: %v, want %s", err, fault.TooComplex)
				}
				c, err := x.Extract(t.Context(), next)
				if err != nil {
					t.Fatalf("the document after it: %v", err)
				}
				if !strings.Contains(c.Text(), "Total due: 19.80") {
					t.Errorf("the document after it says %q", c.Text())
				}
				if m, err := c.Draw(t.Context(), 1, extract.View{Side: 200}); err != nil || m.Height != 200 {
					t.Errorf("its page is %d high, %v", m.Height, err)
				}
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	for _, interruptible := range []bool{false, true} {
		t.Run(fmt.Sprintf("interruptible is %v", interruptible), func(t *testing.T) {
			x := start(t, pdf.Options{Workers: 1, Interruptible: interruptible, Timeout: 100 * time.Millisecond})
			slow, next := open(t, bomb(t, 128<<20)), open(t, good())
			warm(t, x)
			if _, err := x.Extract(t.Context(), slow); fault.KindOf(err) != fault.TooComplex {
				t.Fatalf("slow document: %v, want %s", err, fault.TooComplex)
			}
			_, err := x.Extract(t.Context(), next)
			for fault.KindOf(err) == fault.Busy { // the only worker is held up: until the document ends, or is ended
				_, err = x.Extract(t.Context(), next)
			}
			if err != nil {
				t.Errorf("the document after it: %v", err)
			}
		})
	}
}

// A document does not wait without end behind slow ones.
func TestWaitIsBounded(t *testing.T) {
	x := start(t, pdf.Options{Workers: 1, Interruptible: true, Timeout: time.Minute, Wait: 20 * time.Millisecond})
	warm(t, x)
	slow, next := open(t, laughs(5)), open(t, good())
	ctx, stop := context.WithCancel(t.Context())
	var busy sync.WaitGroup
	busy.Go(func() { x.Extract(ctx, slow) })
	var err error
	for t.Context().Err() == nil && fault.KindOf(err) != fault.Busy { // until the slow one has the worker
		_, err = x.Extract(t.Context(), next)
		if err != nil && fault.KindOf(err) != fault.Busy {
			t.Fatalf("behind a slow document: %v, want kind %q", err, fault.Busy)
		}
	}
	stop()
	busy.Wait()
	if err := extractGood(t, x); err != nil && fault.KindOf(err) != fault.Busy {
		t.Errorf("after it: %v", err)
	}
}

// warm starts the reader, however long that takes on this machine.
func warm(t testing.TB, x *pdf.Extractor) {
	t.Helper()
	for fault.KindOf(extractGood(t, x)) == fault.TooComplex {
	}
}

func extractGood(t testing.TB, x *pdf.Extractor) error {
	_, err := x.Extract(t.Context(), open(t, good()))
	return err
}

func TestCancel(t *testing.T) {
	x := start(t, pdf.Options{Interruptible: true})
	slow := open(t, laughs(5))
	warm(t, x)

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := x.Extract(gone, slow); fault.KindOf(err) != fault.Canceled {
		t.Errorf("cancelled before: %v, want %s", err, fault.Canceled)
	}
	during, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	begin := time.Now()
	if _, err := x.Extract(during, slow); fault.KindOf(err) != fault.Timeout {
		t.Errorf("deadline passed: %v, want %s", err, fault.Timeout)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("gave up after %v", took)
	}
}

func TestConcurrentUse(t *testing.T) {
	x := start(t, pdf.Options{Workers: 2})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			want := fmt.Sprintf("document %d", i)
			d := open(t, write{pages: []page{say(want), say("second")}}.bytes())
			c, err := x.Extract(t.Context(), d)
			if err != nil {
				t.Error(err)
				return
			}
			if !strings.HasPrefix(c.Text(), want) {
				t.Errorf("text %q, want %q", c.Text(), want)
			}
			var draws sync.WaitGroup
			for n := range 2 {
				draws.Go(func() {
					if _, err := c.Draw(t.Context(), n+1, extract.View{Side: 300}); err != nil {
						t.Errorf("draw page %d of %s: %v", n+1, want, err)
					}
				})
			}
			draws.Wait()
		})
	}
	wg.Wait()
}

func TestStartsOnlyWithADocument(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	x := pdf.New(pdf.Options{CacheDir: dir, Compiling: func() { t.Error("compiled for no document") }})
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the cache was made for no document: %v", err)
	}
	if err := extractGood(t, x); fault.KindOf(err) != fault.Stopping {
		t.Errorf("after Close: %v, want %s", err, fault.Stopping)
	}
}

func TestCloseTwice(t *testing.T) {
	x := pdf.New(pdf.Options{})
	if err := extractGood(t, x); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := x.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if err := extractGood(t, x); fault.KindOf(err) != fault.Stopping {
		t.Errorf("after Close: %v, want %s", err, fault.Stopping)
	}
}

var _ extract.Extractor = (*pdf.Extractor)(nil)

func TestStart(t *testing.T) {
	x := start(t, pdf.Options{Workers: 1})
	for range 2 {
		if err := x.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := x.Extract(t.Context(), open(t, good())); err != nil || !strings.Contains(c.Text(), "Total due: 19.80") {
		t.Errorf("the first document: %v, %v", c, err)
	}
}

func TestLegible(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"words", "Total due: 19.80", true},
		{"words among a few odd signs", "Total due: 19.80 \uFFFD\uE001", true},
		{"letters whose meaning the font keeps to itself", "\uE001\uE002 \uE003\uFFFD \uE004 a", false},
		{"no letters", " \n", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := pdf.Legible(tt.text); (got == tt.text) != tt.want {
				t.Errorf("legible(%q) = %q", tt.text, got)
			}
		})
	}
}

// A page is drawn from the document that was just read, and a form that was drawn still reads
// as it did.
func TestReadAfterDraw(t *testing.T) {
	x := start(t, pdf.Options{Workers: 1})
	field := stream("/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>", "BT /F 12 Tf 2 4 Td (Mustermann) Tj ET")
	d := open(t, write{
		pages: []page{{content: "BT /F 12 Tf 50 720 Td (Name:) Tj ET", extra: "/Annots[11 0 R]"}}, root: "/AcroForm<</Fields[11 0 R]>>",
		objects: []string{"null", "<</Type/Annot/Subtype/Widget/FT/Tx/F 4/T(name)/V(Mustermann)/Rect[150 715 350 735]/AP<</N 12 0 R>>>>", field},
	}.bytes())
	for range 3 {
		c, err := x.Extract(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(c.Text(), "Mustermann"); n != 1 {
			t.Errorf("the text holds the value %d times: %q", n, c.Text())
		}
		if _, err := c.Draw(t.Context(), 1, extract.View{Side: 300}); err != nil {
			t.Fatal(err)
		}
	}
}

// Many fields may show one long value, and have names as long.
func TestFieldsAreBounded(t *testing.T) {
	const most = 64 << 10
	long := strings.Repeat("v\\n", 20_000)
	objects, refs := []string{"null", "(" + long + ")", "(" + strings.Repeat("name", 5000) + ")"}, ""
	for n := range 400 {
		objects = append(objects, "<</Type/Annot/Subtype/Widget/FT/Tx/T 12 0 R/V 11 0 R/Rect[0 0 99 99]>>")
		refs += fmt.Sprintf("%d 0 R ", 13+n)
	}
	form := say("Claim form")
	form.extra = "/Annots[" + refs + "]"
	b := write{pages: []page{form, form}, objects: objects, root: "/AcroForm<</Fields[13 0 R]>>"}.bytes()
	c, err := start(t, pdf.Options{}).Extract(t.Context(), open(t, b))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Pages {
		if !strings.HasPrefix(p.Text, "Claim form\nv\nv") || len(p.Text) > most+100 {
			t.Errorf("page %d: %d bytes, %.20q; want what is printed and %d of values at most", p.Number, len(p.Text), p.Text, most)
		}
	}
	if names := c.Meta["fields"]; len(names) != 1000 {
		t.Errorf("%d bytes of names, want 1000", len(names))
	}
}
