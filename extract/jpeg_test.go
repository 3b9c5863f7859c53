package extract_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/docsift/docsift/extract"
)

func TestJPEG(t *testing.T) {
	box := image.Rect(0, 0, 40, 20)
	tests := []struct {
		name      string
		picture   image.Image
		wantModel color.Model
		want      color.RGBA // of the middle
	}{
		{"keeps colour", filled(image.NewRGBA(box), color.RGBA{200, 30, 30, 255}), color.YCbCrModel, color.RGBA{200, 30, 30, 255}},
		{"turns colourless pixels into gray", filled(image.NewRGBA(box), color.RGBA{90, 90, 90, 255}), color.GrayModel, color.RGBA{90, 90, 90, 255}},
		{"keeps gray", filled(image.NewGray(box), color.Gray{40}), color.GrayModel, color.RGBA{40, 40, 40, 255}},
		{"lays what is clear on white", image.NewNRGBA(box), color.GrayModel, color.RGBA{255, 255, 255, 255}},
		{"mixes what is half clear with white", filled(image.NewNRGBA(box), color.NRGBA{0, 0, 0, 128}), color.GrayModel, color.RGBA{127, 127, 127, 255}},
		{"reads a picture that does not begin at the origin", filled(image.NewRGBA(box.Add(image.Pt(7, -9))), color.RGBA{10, 200, 10, 255}), color.YCbCrModel, color.RGBA{10, 200, 10, 255}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := extract.JPEG(tt.picture)
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

func TestJPEGRefusesWhatTheFormatCannotHold(t *testing.T) {
	if _, err := extract.JPEG(image.NewUniform(color.White)); err == nil {
		t.Error("a picture of two thousand million pixels was encoded")
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

// far allows for what JPEG loses.
func far(a, b color.RGBA) bool {
	near := func(x, y uint8) bool { return max(x, y)-min(x, y) <= 4 }
	return !near(a.R, b.R) || !near(a.G, b.G) || !near(a.B, b.B)
}
