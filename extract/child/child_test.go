package child_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/child"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
)

func TestReads(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1})
	c, err := p.Extract(t.Context(), doc("say good morning"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Pages[0] != (extract.Page{Number: 1, Text: "good morning"}) || c.Pages[1].Number != 3 || !c.Pages[1].OCR || c.PageCount != 3 {
		t.Errorf("content %+v", c)
	}
	if c.Meta["title"] != "letter.txt" || c.Meta["format"] != "txt" {
		t.Errorf("meta %v", c.Meta)
	}
	if !slices.Equal(c.Hidden, []unseen.Text{{Kind: unseen.Tiny, Page: 3, Letters: 40}}) {
		t.Errorf("hidden %v", c.Hidden)
	}
	if c.Took <= 0 || c.Took > 8*time.Second {
		t.Errorf("took %v", c.Took)
	}
	if c.OCR != nil {
		t.Error("what reads letters came through")
	}
	text, err := p.Recognize(t.Context(), picture(2, 1, []byte{7, 8}))
	if err != nil || text != "image/x-portable-graymap 2x1 08" {
		t.Errorf("recognized %q, %v", text, err)
	}
}

// A large document comes through whole, and so does nothing.
func TestReadsAnySize(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1})
	for _, n := range []int{0, 1, 32 << 10, 5 << 20} {
		text := strings.Repeat("é", n/2)
		if got, _, err := read(t, p, "say "+text); err != nil || got != text {
			t.Errorf("%d bytes of %d came back, %v", len(got), len(text), err)
		}
	}
}

func TestDraws(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1})
	first, err := p.Extract(t.Context(), doc("say one"))
	if err != nil {
		t.Fatal(err)
	}
	view := extract.View{Side: 5, Format: extract.PGM}
	draw := func(c *extract.Content, page int) byte {
		t.Helper()
		m, err := c.Draw(t.Context(), page, view)
		if err != nil {
			t.Fatal(err)
		}
		if m.Width != 5 || m.Height != page {
			t.Errorf("drawn %dx%d, want 5x%d", m.Width, m.Height, page)
		}
		return m.Bytes[len(m.Bytes)-1]
	}
	for _, page := range []int{1, 3} {
		if read := draw(first, page); read != 1 {
			t.Errorf("the document was read %d times, want once: its child held it", read)
		}
	}
	if _, err := p.Extract(t.Context(), doc("say two")); err != nil {
		t.Fatal(err)
	}
	if read := draw(first, 1); read != 3 {
		t.Errorf("%d documents were read, want 3: another came in between", read)
	}
	if _, err := first.Draw(t.Context(), 1, extract.View{}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a picture without pixels: %v", err)
	}
}

func TestErrorsComeThrough(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1})
	tests := []struct {
		name, document string
		want           fault.Kind
		message        string
		same           bool // the child serves on
	}{
		{"the document's own fault", "refuse password_protected", fault.Encrypted, "the message: the cause", true},
		{"a mistake of the caller", "refuse invalid_request", fault.Invalid, "the message: the cause", true},
		{"a limit on time or memory", "refuse document_too_complex", fault.TooComplex, "the message: the cause", false},
		{"a kind that is not for a reader to tell", "refuse key_refused", fault.Internal, "an error of its own: the cause", false},
		{"a kind that there is not", "refuse boo", fault.Internal, "an error of its own: the cause", false},
		{"an error without a kind", "err", fault.Internal, "an error of its own: an error of the reader itself", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, before, err := read(t, p, "say hello")
			if err != nil {
				t.Fatal(err)
			}
			_, _, err = read(t, p, tt.document)
			if fault.KindOf(err) != tt.want || !strings.HasSuffix(err.Error(), tt.message) {
				t.Errorf("got %v (%s), want %q (%s)", err, fault.KindOf(err), tt.message, tt.want)
			}
			if _, after, err := read(t, p, "say hello"); err != nil || (after == before) != tt.same {
				t.Errorf("child %s, then %s, %v; the same: want %v", before, after, err, tt.same)
			}
		})
	}
}

// Whatever a document does to its child, its neighbour's never notices, and the pool is whole
// again within a second.
func TestContains(t *testing.T) {
	const second = time.Second
	tests := []struct {
		name, document string
		timeout        time.Duration
		want           fault.Kind
		message        string // of the error or the log
	}{
		{"a panic", "panic", 0, fault.TooComplex, "at the disco"},
		{"an exit", "exit", 0, fault.TooComplex, "did not survive"},
		{"a loop without end", "loop", second / 2, fault.TooComplex, "longer than 500ms"},
		{"garbage for an answer", "raw " + strings.Repeat("\x00\xff", 100), 0, fault.TooComplex, "more than"},
		{"a huge length of the head", "raw \xff\xff\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00", 0, fault.TooComplex, "frame of 4294967295"},
		{"a huge length of the body", "raw \x00\x00\x00\x02\xff\xff\xff\xff\xff\xff\xff\xff{}", 0, fault.TooComplex, "bytes, more than"},
		{"an answer that stays away", "raw \x00", second / 2, fault.TooComplex, "longer than 500ms"},
		{"an answer without content", "raw " + string(child.Frame("{}", "")), 0, fault.TooComplex, "no content"},
		{"an answer that is no JSON", "raw \x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00{", 0, fault.TooComplex, "read head"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, log := pool(t, child.Options{Children: 2, Timeout: tt.timeout})
			stop := neighbour(t, p)
			_, _, err := read(t, p, tt.document)
			start := time.Now()
			if fault.KindOf(err) != tt.want || !strings.Contains(err.Error()+log.String(), tt.message) {
				t.Errorf("got %v (%s), want %s with %q", err, fault.KindOf(err), tt.want, tt.message)
			}
			if got, _, err := read(t, p, "say hello"); err != nil || got != "hello" || time.Since(start) > 20*second { // not that of the one before
				t.Errorf("the next document: %q, %v after %v", got, err, time.Since(start))
			}
			stop()
		})
	}
}

// neighbour has a page of one document drawn again and again, until stop.
func neighbour(t *testing.T, p *child.Pool) (stop func()) {
	t.Helper()
	c, err := p.Extract(t.Context(), doc("say neighbour"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var g sync.WaitGroup
	g.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			m, err := c.Draw(t.Context(), 1, extract.View{Side: 4, Format: extract.PGM})
			if err != nil || m.Width != 4 {
				t.Errorf("neighbour's picture %d: %d pixels wide, %v", i, m.Width, err)
				return
			}
		}
	})
	return func() {
		cancel()
		g.Wait()
	}
}

// A drawing that kills its child is no worse than a text that does.
func TestContainsDrawing(t *testing.T) {
	p, log := pool(t, child.Options{Children: 1})
	c, err := p.Extract(t.Context(), doc("undrawable panic"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Draw(t.Context(), 1, extract.View{Side: 9}); fault.KindOf(err) != fault.TooComplex || strings.Count(log.String(), "at the disco") != 2 {
		t.Errorf("got %v, want it tried twice; log %s", err, log)
	}
	if got, _, err := read(t, p, "say hello"); err != nil || got != "hello" {
		t.Errorf("the next document: %q, %v", got, err)
	}
}

// A document that takes its time before it kills its child does not get as much again.
func TestSecondTryHasWhatIsLeft(t *testing.T) {
	const timeout, first = 2 * time.Second, 1200 * time.Millisecond
	p, log := pool(t, child.Options{Children: 1, Timeout: timeout})
	if _, err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, _, err := read(t, p, "last "+first.String())
	if fault.KindOf(err) != fault.TooComplex || !strings.Contains(err.Error(), "longer than 2s") || strings.Count(log.String(), "at last") != 1 {
		t.Errorf("got %v, want the second try cut short; log %s", err, log)
	}
	if _, _, err := read(t, p, "last 0s"); fault.KindOf(err) != fault.TooComplex || strings.Count(log.String(), "at last") != 3 {
		t.Errorf("got %v, want a quick death tried twice; log %s", err, log)
	}
}

func TestChildrenRetire(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1, MaxUses: 3})
	uses := make(map[string]int)
	for range 9 {
		_, pid, err := read(t, p, "say hello")
		if err != nil {
			t.Fatal(err)
		}
		uses[pid]++
	}
	if len(uses) != 3 {
		t.Errorf("%d children read 9 documents, want 3: %v", len(uses), uses)
	}
}

func TestCanceled(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := p.Extract(ctx, doc("loop")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the caller's deadline", err)
	}
	if _, err := p.Extract(ctx, doc("say hello")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("asked too late: %v", err)
	}
	if got, _, err := read(t, p, "say hello"); err != nil || got != "hello" {
		t.Errorf("the next document: %q, %v", got, err)
	}
}

func TestBusy(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 1, Timeout: time.Minute, Wait: time.Millisecond})
	if _, err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := p.Extract(ctx, doc("loop"))
		for fault.KindOf(err) == fault.Busy { // the child was at work for us
			_, err = p.Extract(ctx, doc("loop"))
		}
		ended <- err
	}()
	for { // until the other has its child
		if _, _, err := read(t, p, "say hello"); err != nil {
			if fault.KindOf(err) != fault.Busy {
				t.Errorf("got %v, want %s", err, fault.Busy)
			}
			break
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the other: %v", err)
	}
}

func TestClose(t *testing.T) {
	p, _ := pool(t, child.Options{Children: 2, Timeout: 100 * time.Millisecond})
	c, err := p.Extract(t.Context(), doc("say hello"))
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := p.Extract(t.Context(), doc("loop"))
		ended <- err
	}()
	for range 2 { // the second has nothing left to do
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := <-ended; fault.KindOf(err) != fault.TooComplex && fault.KindOf(err) != fault.Stopping {
		t.Errorf("the document at hand: %v", err)
	}
	if _, err := c.Draw(t.Context(), 1, extract.View{Side: 9}); fault.KindOf(err) != fault.Stopping {
		t.Errorf("a page after the end: %v", err)
	}
	if _, err := p.Start(t.Context()); fault.KindOf(err) != fault.Stopping {
		t.Errorf("a start after the end: %v", err)
	}
}

func TestCannotStart(t *testing.T) {
	tests := []struct{ name, command, want string }{
		{"whose readers cannot be opened", unready, "start child: prepare: the model is not there"},
		{"which is something else", stranger, "start child: child died: frame of"},
		{"which is of another version", old, "speaks protocol 1"},
	}
	for _, tt := range tests {
		t.Run("a child "+tt.name, func(t *testing.T) {
			p, log := pool(t, child.Options{Command: []string{"child", tt.command}})
			_, err := p.Start(t.Context())
			if fault.KindOf(err) != fault.Busy || !strings.Contains(err.Error(), tt.want) || !strings.Contains(log.String(), tt.want) {
				t.Errorf("got %v, want %q in it and in the log: %s", err, tt.want, log)
			}
		})
	}
}
