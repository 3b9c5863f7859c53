package picture_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/docsift/docsift/extract"
)

// A4 at 200 dpi, as most scanners send it.
const (
	pageWidth, pageHeight = 1654, 2339
	pageDPI               = 200
)

// pageOfText is a letter of small print, ten points high.
func pageOfText(t testing.TB) image.Image {
	t.Helper()
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 10, DPI: pageDPI, Hinting: font.HintingNone})
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, pageWidth, pageHeight))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	pen := font.Drawer{Dst: m, Src: image.Black, Face: face}
	words := strings.Fields("the goods that you ordered on Monday left our store in seven parcels and will reach your office within two working days please keep this note with invoice 40718 of 2,396.50 until every parcel has been counted")
	for line, word := 0, 0; line < 54; line++ {
		pen.Dot = fixed.P(140, 160+line*38)
		for pen.Dot.X.Round() < pageWidth-300 {
			pen.DrawString(words[word%len(words)] + " ")
			word += 1 + line%3
		}
	}
	return m
}

// landscape is smooth with some grain, as a photograph is.
func landscape() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 2000, 1500))
	noise := uint32(1)
	for y := range 1500 {
		for x := range 2000 {
			noise = noise*1664525 + 1013904223
			v := 128 + 60*math.Sin(float64(x)/97) + 50*math.Cos(float64(y)/61+float64(x)/400)
			grain := float64(noise>>28) - 8
			m.SetRGBA(x, y, color.RGBA{bounded(v + grain), bounded(v*0.8 + 30 + grain), bounded(220 - v*0.6 + grain), 255})
		}
	}
	return m
}

func bounded(v float64) uint8 { return uint8(min(max(v, 0), 255)) }

// BenchmarkQuality tells what a quality of JPEG costs in bytes, and how far it is from the
// picture that it shows: "error" is the root mean square over those pixels that have an edge
// nearby, of 255.
func BenchmarkQuality(b *testing.B) {
	for _, bb := range []struct {
		name  string
		bytes []byte
	}{
		{"text", asPNG(b, pageOfText(b))},
		{"photo", asPNG(b, landscape())},
	} {
		for _, side := range []int{768, 1024, 1568} {
			m := grayDrawing(b, bb.bytes, side)
			for _, quality := range []int{60, 70, 75, 80, 85} {
				b.Run(fmt.Sprintf("%s/side=%d/quality=%d", bb.name, side, quality), func(b *testing.B) {
					var out bytes.Buffer
					for b.Loop() {
						out.Reset()
						if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
							b.Fatal(err)
						}
					}
					b.ReportMetric(float64(out.Len()), "bytes")
					b.ReportMetric(errorAtEdges(b, m, out.Bytes()), "error")
				})
			}
		}
	}
}

// grayDrawing draws a document and takes its pixels as they are.
func grayDrawing(t testing.TB, doc []byte, side int) *image.Gray {
	t.Helper()
	c := mustExtract(t, doc)
	got, err := c.Draw(t.Context(), 1, extract.View{Side: side, Format: extract.PGM})
	if err != nil {
		t.Fatal(err)
	}
	pix := got.Bytes[len(got.Bytes)-got.Width*got.Height:]
	return &image.Gray{Pix: pix, Stride: got.Width, Rect: image.Rect(0, 0, got.Width, got.Height)}
}

func errorAtEdges(t testing.TB, m *image.Gray, encoded []byte) float64 {
	t.Helper()
	back, err := jpeg.Decode(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	seen, sum, n := back.(*image.Gray), 0.0, 0
	for y := 1; y < m.Rect.Dy()-1; y++ {
		for x := 1; x < m.Rect.Dx()-1; x++ {
			across := int(m.GrayAt(x+1, y).Y) - int(m.GrayAt(x-1, y).Y)
			down := int(m.GrayAt(x, y+1).Y) - int(m.GrayAt(x, y-1).Y)
			if across*across+down*down < 16*16 {
				continue
			}
			d := float64(m.GrayAt(x, y).Y) - float64(seen.GrayAt(x, y).Y)
			sum, n = sum+d*d, n+1
		}
	}
	return math.Sqrt(sum / float64(max(n, 1)))
}
