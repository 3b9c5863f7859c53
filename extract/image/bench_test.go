package picture_test

import (
	"image"
	"image/color"
	"testing"

	"github.com/docsift/docsift/extract"
	picture "github.com/docsift/docsift/extract/image"
)

// photo is as large as a telephone's, 12 million pixels.
func photo() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	for i := range m.Pix {
		m.Pix[i] = uint8(i*7 ^ i>>9) // neither flat nor noise
	}
	return m
}

// faxed is m in black and white, as a fax of group 4.
func faxed(m *image.Gray) []byte {
	size := m.Rect.Size()
	return little().build(0, tiffPage{width: size.X, height: size.Y, bits: 1, compression: faxGroup4, sample: func(x, y, _ int) int {
		return 1 - int(m.GrayAt(x, y).Y>>7)
	}})
}

func BenchmarkExtract(b *testing.B) {
	text := asPNG(b, pageOfText(b))
	for _, bb := range []struct {
		name  string
		bytes []byte
	}{
		{"photo", asJPEG(b, photo())},
		{"text", text},
		{"fax", faxed(grayDrawing(b, text, pageHeight))},
	} {
		b.Run(bb.name, func(b *testing.B) { benchmarkExtract(b, bb.bytes) })
	}
}

func benchmarkExtract(b *testing.B, file []byte) {
	x, d := picture.New(picture.Options{}), read(b, file)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Extract(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	scan := image.NewPaletted(image.Rect(0, 0, 4960, 7016), color.Palette{color.White, color.Black}) // A4, 600 dpi
	text := asPNG(b, pageOfText(b))
	for _, bb := range []struct {
		name  string
		bytes []byte
	}{
		{"photo", asJPEG(b, photo())},
		{"scan", asPNG(b, scan)},
		{"text", text},
		{"fax", faxed(grayDrawing(b, text, pageHeight))},
	} {
		b.Run(bb.name, func(b *testing.B) {
			c, err := picture.New(picture.Options{}).Extract(b.Context(), read(b, bb.bytes))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Draw(b.Context(), 1, extract.View{Side: 1024}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
