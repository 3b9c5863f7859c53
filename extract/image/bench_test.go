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

func BenchmarkExtract(b *testing.B) {
	x, d := picture.New(picture.Options{}), read(b, asJPEG(b, photo()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := x.Extract(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDraw(b *testing.B) {
	scan := image.NewPaletted(image.Rect(0, 0, 4960, 7016), color.Palette{color.White, color.Black}) // A4, 600 dpi
	for _, bb := range []struct {
		name  string
		bytes []byte
	}{
		{"photo", asJPEG(b, photo())},
		{"scan", asPNG(b, scan)},
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
