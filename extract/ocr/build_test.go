package ocr_test

import (
	"image"
	"image/color"
	"image/draw"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
)

// letter is what stands on the printed page.
const letter = `Harbour Bank
Statement of account
Opening balance 1520.75
Payment to the bookshop 48.20
Salary for the month of March
Closing balance 3912.55`

// printed draws the letter as PGM.
func printed(t testing.TB) document.Image {
	t.Helper()
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 24, DPI: 96})
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, 800, 500))
	draw.Draw(m, m.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	d := font.Drawer{Dst: m, Src: image.NewUniform(color.Black), Face: face}
	for i, line := range strings.Split(letter, "\n") {
		d.Dot = fixed.P(60, 90+60*i)
		d.DrawString(line)
	}
	page, err := extract.Encode(m, extract.PGM)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func sameWords(t *testing.T, got string) {
	t.Helper()
	if !slices.Equal(strings.Fields(got), strings.Fields(letter)) {
		t.Errorf("read %q, want the words of %q", got, letter)
	}
}
