package extract_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/docsift/docsift/extract"
)

func TestEncode(t *testing.T) {
	box := image.Rect(0, 0, 40, 20)
	tests := []struct {
		name      string
		picture   image.Image
		format    extract.Format
		wantModel color.Model
		want      color.RGBA // of the middle
	}{
		{"keeps colour", filled(image.NewRGBA(box), color.RGBA{200, 30, 30, 255}), extract.Colour, color.YCbCrModel, color.RGBA{200, 30, 30, 255}},
		{"weighs colours by their brightness", filled(image.NewRGBA(box), color.RGBA{0, 255, 0, 255}), extract.Gray, color.GrayModel, color.RGBA{150, 150, 150, 255}},
		{"weighs them alike in other models", filled(image.NewNRGBA(box), color.NRGBA{0, 255, 0, 255}), extract.Gray, color.GrayModel, color.RGBA{150, 150, 150, 255}},
		{"keeps the brightness of colourless pixels", filled(image.NewRGBA(box), color.RGBA{90, 90, 90, 255}), extract.Gray, color.GrayModel, color.RGBA{90, 90, 90, 255}},
		{"keeps gray", filled(image.NewGray(box), color.Gray{40}), extract.Gray, color.GrayModel, color.RGBA{40, 40, 40, 255}},
		{"turns what has no colour gray", filled(image.NewRGBA(box), color.RGBA{88, 90, 92, 255}), extract.Colour, color.GrayModel, color.RGBA{90, 90, 90, 255}},
		{"turns chroma without colour gray", filledYCbCr(box, 90, 128, 126), extract.Colour, color.GrayModel, color.RGBA{90, 90, 90, 255}},
		{"keeps a faint colour", filled(image.NewRGBA(box), color.RGBA{200, 215, 200, 255}), extract.Colour, color.YCbCrModel, color.RGBA{200, 215, 200, 255}},
		{"keeps a colour of chroma", filledYCbCr(box, 150, 0, 128), extract.Colour, color.YCbCrModel, color.RGBA{150, 194, 0, 255}},
		{"lays what is clear on white", image.NewNRGBA(box), extract.Gray, color.GrayModel, color.RGBA{255, 255, 255, 255}},
		{"mixes what is half clear with white", filled(image.NewNRGBA(box), color.NRGBA{0, 0, 0, 128}), extract.Gray, color.GrayModel, color.RGBA{127, 127, 127, 255}},
		{"reads a picture that does not begin at the origin", filled(image.NewRGBA(box.Add(image.Pt(7, -9))), color.RGBA{10, 200, 10, 255}), extract.Colour, color.YCbCrModel, color.RGBA{10, 200, 10, 255}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := extract.Encode(tt.picture, tt.format)
			if err != nil {
				t.Fatal(err)
			}
			if got.MIME != "image/jpeg" || got.Width != 40 || got.Height != 20 {
				t.Errorf("got %s of %dx%d, want image/jpeg of 40x20", got.MIME, got.Width, got.Height)
			}
			back, err := jpeg.Decode(bytes.NewReader(got.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			if back.ColorModel() != tt.wantModel {
				t.Errorf("colour model %v, want %v", back.ColorModel(), tt.wantModel)
			}
			if c := color.RGBAModel.Convert(back.At(20, 10)).(color.RGBA); far(c, tt.want) {
				t.Errorf("middle is %v, want about %v", c, tt.want)
			}
		})
	}
}

func TestEncodeRefusesWhatNoFormatHolds(t *testing.T) {
	for _, f := range []extract.Format{extract.Gray, extract.Colour, extract.PGM} {
		if _, err := extract.Encode(image.NewUniform(color.White), f); err == nil {
			t.Errorf("a picture of two thousand million pixels was encoded in format %d", f)
		}
	}
}

func TestEncodePGM(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 9, 9))
	for i := range m.Pix {
		m.Pix[i] = byte(i)
	}
	got, err := extract.Encode(m.SubImage(image.Rect(2, 1, 4, 3)), extract.PGM)
	if err != nil {
		t.Fatal(err)
	}
	if want := "P5\n2 2\n255\n\x0b\x0c\x14\x15"; string(got.Bytes) != want || got.Width != 2 || got.Height != 2 {
		t.Errorf("got %q of %dx%d, want %q of 2x2", got.Bytes, got.Width, got.Height, want)
	}
}

type canvas interface {
	image.Image
	Set(x, y int, c color.Color)
}

func filled(m canvas, c color.Color) image.Image {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			m.Set(x, y, c)
		}
	}
	return m
}

func filledYCbCr(r image.Rectangle, y, cb, cr uint8) image.Image {
	m := image.NewYCbCr(r, image.YCbCrSubsampleRatio420)
	for i := range m.Y {
		m.Y[i] = y
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = cb, cr
	}
	return m
}

// far allows for what JPEG loses.
func far(a, b color.RGBA) bool {
	near := func(x, y uint8) bool { return max(x, y)-min(x, y) <= 4 }
	return !near(a.R, b.R) || !near(a.G, b.G) || !near(a.B, b.B)
}
