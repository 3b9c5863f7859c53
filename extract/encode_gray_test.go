package extract_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"github.com/docsift/docsift/extract"
)

// quality is what Encode uses.
const quality = 80

// app0 is the size of the segment that says JFIF, which image/jpeg does not write.
const app0 = 18

func TestEncodeGray(t *testing.T) {
	tests := []struct {
		name    string
		picture *image.Gray
	}{
		{"one pixel", drawn(1, 1, func(_, _ int) byte { return 90 })},
		{"smaller than a block", drawn(7, 7, checks)},
		{"a pixel wider than a block is high", drawn(7, 9, slope)},
		{"exactly a block", drawn(8, 8, checks)},
		{"a block and the edges of two", drawn(17, 3, slope)},
		{"a column", drawn(1, 100, slope)},
		{"white", drawn(100, 60, func(_, _ int) byte { return 255 })},
		{"black", drawn(100, 60, func(_, _ int) byte { return 0 })},
		{"flat blocks that differ", drawn(256, 64, func(x, y int) byte { return byte(x/8*37 ^ y/8*91) })},
		{"flat rows", drawn(64, 64, func(_, y int) byte { return byte(y * 4) })},
		{"flat columns", drawn(64, 64, func(x, _ int) byte { return byte(x * 4) })},
		{"blocks that are flat but for a corner", drawn(64, 64, func(x, y int) byte { return byte(190 * (x & y & 7 / 7)) })},
		{"the steepest edges", drawn(129, 65, checks)},
		{"a gradient", drawn(200, 120, slope)},
		{"noise", noise(203, 121, 128)},
		{"grain", noise(203, 121, 8)},
		{"a page", page(790, 1024)},
		{"a photo", photo(640, 480)},
		{"rows with a rest", image.NewGray(image.Rect(0, 0, 9, 9)).SubImage(image.Rect(0, 0, 5, 9)).(*image.Gray)},
		{"a part of a page", page(400, 300).SubImage(image.Rect(33, 41, 371, 290)).(*image.Gray)},
		{"a part of noise down to its end", noise(90, 90, 128).SubImage(image.Rect(50, 47, 90, 90)).(*image.Gray)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, want := ours(t, tt.picture), stdlib(t, tt.picture)
			if limit := len(want)*103/100 + app0; len(got) > limit {
				t.Errorf("%d bytes, want at most %d", len(got), limit)
			}
			if a, b := psnr(t, tt.picture, got), psnr(t, tt.picture, want); a < b-0.3 {
				t.Errorf("%.2f dB, image/jpeg keeps %.2f", a, b)
			}
		})
	}
}
func ours(t testing.TB, m image.Image) []byte {
	t.Helper()
	out, err := extract.Encode(m, extract.Gray)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes
}

func stdlib(t testing.TB, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// psnr returns how near encoded is to m, in decibels, and 99 if it is the same.
func psnr(t testing.TB, m *image.Gray, encoded []byte) float64 {
	t.Helper()
	back, err := jpeg.Decode(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	g, ok := back.(*image.Gray)
	if !ok || g.Rect.Size() != m.Rect.Size() {
		t.Fatalf("decoded as %T of %v, want gray of %v", back, back.Bounds().Size(), m.Rect.Size())
	}
	var sum float64
	size := m.Rect.Size()
	for y := range size.Y {
		for x := range size.X {
			d := float64(m.Pix[y*m.Stride+x]) - float64(g.Pix[y*g.Stride+x])
			sum += d * d
		}
	}
	if sum == 0 {
		return 99
	}
	return 10 * math.Log10(255*255*float64(size.X*size.Y)/sum)
}

func drawn(w, h int, at func(x, y int) byte) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Pix[y*m.Stride+x] = at(x, y)
		}
	}
	return m
}

func checks(x, y int) byte { return byte((x ^ y) & 1 * 255) }

func slope(x, y int) byte { return byte(x + y/2) }

// noise is mid-gray, up to amplitude lighter or darker.
func noise(w, h, amplitude int) *image.Gray {
	r := rand.New(rand.NewPCG(1, 2))
	return drawn(w, h, func(_, _ int) byte { return byte(128 - amplitude + r.IntN(2*amplitude)) })
}

// photo has soft shapes under the grain of a sensor.
func photo(w, h int) *image.Gray {
	r := rand.New(rand.NewPCG(3, 4))
	return drawn(w, h, func(x, y int) byte {
		soft := 120 + 60*math.Sin(float64(x)/37)*math.Cos(float64(y)/23) + 30*math.Sin(float64(x*y)/4000)
		return byte(soft + 12*r.NormFloat64())
	})
}

// page is paper with paragraphs in small print, its edges as soft as those of a drawn font.
func page(w, h int) *image.Gray {
	m := drawn(2*w, 2*h, func(_, _ int) byte { return 255 })
	pen := font.Drawer{Dst: m, Src: image.NewUniform(color.Black), Face: basicfont.Face7x13}
	r := rand.New(rand.NewPCG(5, 6))
	for y := h / 6; y < 2*h-h/6; y += 28 {
		if r.IntN(9) == 0 {
			continue
		}
		pen.Dot = fixed.P(w/6, y)
		for pen.Dot.X.Ceil() < 2*w-w/6 {
			pen.DrawString([]string{"invoice ", "of ", "the ", "quarter ", "Total ", "1,204.50 ", "amounts ", "and "}[r.IntN(8)])
		}
	}
	return halved(m)
}

func halved(m *image.Gray) *image.Gray {
	size := m.Rect.Size()
	return drawn(size.X/2, size.Y/2, func(x, y int) byte {
		p := m.Pix[2*y*m.Stride+2*x:]
		return byte((int(p[0]) + int(p[1]) + int(p[m.Stride]) + int(p[m.Stride+1])) / 4)
	})
}

var _ = draw.Draw

func BenchmarkEncodeGray(b *testing.B) { benchmarkGray(b, ours) }

func BenchmarkEncodeGrayStdlib(b *testing.B) { benchmarkGray(b, stdlib) }

func benchmarkGray(b *testing.B, encode func(testing.TB, image.Image) []byte) {
	for name, m := range map[string]*image.Gray{"page": page(790, 1024), "photo": photo(790, 1024)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var size int
			for b.Loop() {
				size = len(encode(b, m))
			}
			b.ReportMetric(float64(size), "bytes")
		})
	}
}
