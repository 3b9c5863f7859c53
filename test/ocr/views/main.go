//go:build ocr

// Command views measures the pictures that models are shown: bytes, tokens that each family
// of models bills, and words that the installed tesseract can still read, by size, colour
// and quality.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"log"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/ocr"
	"github.com/docsift/docsift/test/ocr/internal/corpus"
)

func sides() []int     { return []int{512, 768, 1024, 1280, 1568, 2048} }
func qualities() []int { return []int{70, 75, 80, 85} }

func main() {
	nth := flag.Int("nth", 16, "take every nth document with a page of some size")
	most := flag.Int("most", 15, "documents at most")
	flag.Parse()
	folder := "../shared/corpus"
	if flag.NArg() > 0 {
		folder = flag.Arg(0)
	}
	if err := run(folder, *nth, *most); err != nil {
		log.Fatal(err)
	}
}

// row is one line of the table: sums over all pages.
type row struct {
	side   int
	kind   string
	bytes  int
	found  int
	tokens []int
}

// meter measures one page after the other.
type meter struct {
	read   extract.Recognizer
	rows   []*row
	pages  int
	wanted int
}

func run(folder string, nth, most int) error {
	command, err := ocr.NewCommand(context.Background(), ocr.CommandOptions{})
	if err != nil {
		return err
	}
	m := &meter{read: command}
	for _, side := range sides() {
		for _, q := range qualities() {
			m.rows = append(m.rows, &row{side: side, kind: fmt.Sprintf("gray q%d", q)})
		}
		m.rows = append(m.rows, &row{side: side, kind: "colour q80"})
	}
	drawable := func(d corpus.Document) bool { return d.Content.Draw != nil }
	err = corpus.Walk(folder, nth, drawable, func(d corpus.Document) error {
		if m.pages == most {
			return nil
		}
		return m.page(d)
	})
	if err != nil {
		return err
	}
	m.print()
	return nil
}

// page measures the first page of d, if it is large enough for all sizes to differ and has words.
func (m *meter) page(d corpus.Document) error {
	ctx, sizes := context.Background(), sides()
	best, err := d.Content.Draw(ctx, 1, extract.View{Side: sizes[len(sizes)-1], Format: extract.PGM})
	if err != nil || max(best.Width, best.Height) < sizes[len(sizes)-2] {
		return nil
	}
	text, err := m.read.Recognize(ctx, best)
	if err != nil || !extract.Readable(text) {
		return err
	}
	want := corpus.Words(text)
	_, n := corpus.Found(want, nil)
	m.wanted += n
	m.pages++
	for _, r := range m.rows {
		shown, err := view(ctx, d, r)
		if err != nil {
			return err
		}
		if err := m.add(r, shown, want); err != nil {
			return err
		}
	}
	return nil
}

// view draws a page as a row has it.
func view(ctx context.Context, d corpus.Document, r *row) (document.Image, error) {
	var q int
	if _, err := fmt.Sscanf(r.kind, "gray q%d", &q); err != nil {
		return d.Content.Draw(ctx, 1, extract.View{Side: r.side, Format: extract.Colour})
	}
	page, err := d.Content.Draw(ctx, 1, extract.View{Side: r.side, Format: extract.PGM})
	if err != nil {
		return document.Image{}, err
	}
	size := page.Width * page.Height
	m := &image.Gray{Pix: page.Bytes[len(page.Bytes)-size:], Stride: page.Width, Rect: image.Rect(0, 0, page.Width, page.Height)}
	var buf bytes.Buffer
	err = jpeg.Encode(&buf, m, &jpeg.Options{Quality: q})
	page.Bytes = buf.Bytes()
	return page, err
}

// add reads what is shown, as a model gets it: after the losses of JPEG.
func (m *meter) add(r *row, shown document.Image, want map[string]int) error {
	picture, err := jpeg.Decode(bytes.NewReader(shown.Bytes))
	if err != nil {
		return err
	}
	gray := image.NewGray(picture.Bounds())
	draw.Draw(gray, gray.Rect, picture, gray.Rect.Min, draw.Src)
	page, err := extract.Encode(gray, extract.PGM)
	if err != nil {
		return err
	}
	text, err := m.read.Recognize(context.Background(), page)
	if err != nil {
		return err
	}
	found, _ := corpus.Found(want, corpus.Words(text))
	r.found += found
	r.bytes += len(shown.Bytes)
	for i, f := range families() {
		if len(r.tokens) <= i {
			r.tokens = append(r.tokens, 0)
		}
		r.tokens[i] += f.tokens(shown.Width, shown.Height)
	}
	return nil
}

func (m *meter) print() {
	fmt.Printf("means over %d pages with %d words at %d pixels\n\n", m.pages, m.wanted, sides()[len(sides())-1])
	fmt.Print("| pixels | kind | KB | words legible |")
	for _, f := range families() {
		fmt.Printf(" %s |", f.name)
	}
	fmt.Print("\n|---|---|---|---|")
	for range families() {
		fmt.Print("---|")
	}
	fmt.Println()
	for _, r := range m.rows {
		fmt.Printf("| %d | %s | %.0f | %.0f %% |", r.side, r.kind, float64(r.bytes)/float64(m.pages)/1000, 100*float64(r.found)/float64(m.wanted))
		for _, n := range r.tokens {
			fmt.Printf(" %d |", n/m.pages)
		}
		fmt.Println()
	}
}
