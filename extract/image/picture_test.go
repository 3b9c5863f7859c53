package picture_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	picture "github.com/docsift/docsift/extract/image"
	"github.com/docsift/docsift/fault"
)

var _ extract.Extractor = (*picture.Extractor)(nil)

// canvas is a picture that a test paints.
type canvas interface {
	image.Image
	Set(x, y int, c color.Color)
}

// marked paints m white with a red top left and a blue bottom right corner.
func marked(m canvas) image.Image {
	b := m.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.RGBA{255, 255, 255, 255}
			switch {
			case x-b.Min.X < b.Dx()/4 && y-b.Min.Y < b.Dy()/4:
				c = color.RGBA{255, 0, 0, 255}
			case b.Max.X-x <= b.Dx()/4 && b.Max.Y-y <= b.Dy()/4:
				c = color.RGBA{0, 0, 255, 255}
			}
			m.Set(x, y, c)
		}
	}
	return m
}

func encode(t testing.TB, f func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, m image.Image) []byte {
	return encode(t, func(w io.Writer) error { return png.Encode(w, m) })
}

func asJPEG(t testing.TB, m image.Image) []byte {
	return encode(t, func(w io.Writer) error { return jpeg.Encode(w, m, &jpeg.Options{Quality: 95}) })
}

func asTIFF(t testing.TB, m image.Image, o *tiff.Options) []byte {
	return encode(t, func(w io.Writer) error { return tiff.Encode(w, m, o) })
}

// aWebP is a picture of 64 by 48 red pixels in lossless WebP.
func aWebP() []byte {
	var bits []byte
	n := 0
	put := func(value, width int) {
		for i := range width {
			if n%8 == 0 {
				bits = append(bits, 0)
			}
			bits[n/8] |= byte(value>>i&1) << (n % 8)
			n++
		}
	}
	put(0x2F, 8)
	put(64-1, 14)
	put(48-1, 14)
	put(0, 1+3+3)                                   // no alpha, version 0, no transform, no cache, one set of codes
	for _, only := range []int{0, 255, 0, 255, 0} { // of green, red, blue, alpha, distance
		put(0b101, 3) // a simple code of one symbol of eight bits
		put(only, 8)
	}
	for n%16 != 0 { // a chunk has an even length
		put(0, 1)
	}
	size := func(n int) []byte { return binary.LittleEndian.AppendUint32(nil, uint32(n)) }
	return bytes.Join([][]byte{[]byte("RIFF"), size(12 + len(bits)), []byte("WEBPVP8L"), size(len(bits)), bits}, nil)
}

func read(t testing.TB, b []byte) *document.Document {
	t.Helper()
	d, err := document.Read(bytes.NewReader(b), "test", document.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func drawn(t testing.TB, c *extract.Content, side int) image.Image {
	t.Helper()
	got, err := c.Draw(t.Context(), 1, extract.View{Side: side, Format: extract.Colour})
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(got.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	if size := m.Bounds().Size(); got.Width != size.X || got.Height != size.Y || got.MIME != "image/jpeg" {
		t.Errorf("said %s of %dx%d, is %v", got.MIME, got.Width, got.Height, size)
	}
	return m
}

// is reports a pixel that is not about what it should be; JPEG loses some.
func is(t *testing.T, m image.Image, x, y int, want color.RGBA) {
	t.Helper()
	got := color.RGBAModel.Convert(m.At(x, y)).(color.RGBA)
	near := func(a, b uint8) bool { return max(a, b)-min(a, b) <= 12 }
	if !near(got.R, want.R) || !near(got.G, want.G) || !near(got.B, want.B) {
		t.Errorf("%d,%d is %v, want about %v", x, y, got, want)
	}
}

func TestTypes(t *testing.T) {
	box := image.Rect(0, 0, 64, 48)
	red, blue := color.RGBA{255, 0, 0, 255}, color.RGBA{0, 0, 255, 255}
	gray := func(y uint8) color.RGBA { return color.RGBA{y, y, y, 255} }
	rgba := marked(image.NewRGBA(box))
	frames := &gif.GIF{
		Image: []*image.Paletted{marked(image.NewPaletted(box, palette.WebSafe)).(*image.Paletted), image.NewPaletted(box, palette.WebSafe)},
		Delay: []int{1, 1},
	}
	tests := []struct {
		name        string
		bytes       []byte
		format      string
		left, right color.RGBA // corners
	}{
		{"PNG in colour", asPNG(t, rgba), "png", red, blue},
		{"PNG with a palette", asPNG(t, marked(image.NewPaletted(box, palette.WebSafe))), "png", red, blue},
		{"PNG with 16 bits", asPNG(t, marked(image.NewNRGBA64(box))), "png", red, blue},
		{"PNG in gray", asPNG(t, marked(image.NewGray(box))), "png", gray(76), gray(29)},
		{"PNG that is clear all over", asPNG(t, image.NewNRGBA(box)), "png", gray(255), gray(255)},
		{"PNG with a clear palette", asPNG(t, image.NewPaletted(box, color.Palette{color.Transparent, color.Black})), "png", gray(255), gray(255)},
		{"JPEG in colour", asJPEG(t, rgba), "jpg", red, blue},
		{"JPEG in gray", asJPEG(t, marked(image.NewGray(box))), "jpg", gray(76), gray(29)},
		{"GIF that moves shows its first picture", encode(t, func(w io.Writer) error { return gif.EncodeAll(w, frames) }), "gif", red, blue},
		{"BMP", encode(t, func(w io.Writer) error { return bmp.Encode(w, rgba) }), "bmp", red, blue},
		{"TIFF", asTIFF(t, rgba, nil), "tiff", red, blue},
		{"TIFF packed", asTIFF(t, rgba, &tiff.Options{Compression: tiff.Deflate, Predictor: true}), "tiff", red, blue},
		{"WebP", aWebP(), "webp", red, red},
	}
	x := picture.New(picture.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := x.Extract(t.Context(), read(t, tt.bytes))
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{"format": tt.format, "width": "64", "height": "48"}
			if !maps.Equal(c.Meta, want) || c.PageCount != 1 || len(c.Pages) != 1 || c.Text() != "" {
				t.Errorf("meta %v, %d pages of %d, text %q; want %v and one empty page", c.Meta, len(c.Pages), c.PageCount, c.Text(), want)
			}
			m := drawn(t, c, 1000)
			if m.Bounds().Size() != image.Pt(64, 48) {
				t.Errorf("drawn as %v, want 64x48: nothing is blown up", m.Bounds().Size())
			}
			is(t, m, 4, 4, tt.left)
			is(t, m, 59, 43, tt.right)
		})
	}
}

func TestDrawShrinks(t *testing.T) {
	tests := []struct {
		name string
		size image.Point
		side int
		want image.Point
	}{
		{"a little", image.Pt(640, 480), 600, image.Pt(600, 450)},
		{"to a third", image.Pt(480, 640), 213, image.Pt(160, 213)},
		{"a lot, by a step that does not divide it", image.Pt(1999, 1501), 64, image.Pt(64, 48)},
		{"to one pixel", image.Pt(640, 480), 1, image.Pt(1, 1)},
		{"a strip to a line", image.Pt(3000, 3), 100, image.Pt(100, 1)},
		{"a large one to no more than 4096", image.Pt(8500, 500), 5000, image.Pt(4096, 241)},
	}
	x := picture.New(picture.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := x.Extract(t.Context(), read(t, asPNG(t, marked(image.NewRGBA(image.Rectangle{Max: tt.size})))))
			if err != nil {
				t.Fatal(err)
			}
			m := drawn(t, c, tt.side)
			if m.Bounds().Size() != tt.want {
				t.Errorf("drawn as %v, want %v", m.Bounds().Size(), tt.want)
			}
			if tt.want.Y > 16 {
				is(t, m, 2, 2, color.RGBA{255, 0, 0, 255})
				is(t, m, tt.want.X-3, tt.want.Y-3, color.RGBA{0, 0, 255, 255})
				is(t, m, tt.want.X/2, tt.want.Y/2, color.RGBA{255, 255, 255, 255})
			}
		})
	}
}

// Thin strokes are what print is made of: skipping pixels would lose some of them whole.
func TestDrawKeepsThinStrokes(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 1600, 1600))
	for i := range m.Pix {
		if m.Pix[i] = 255; i%1600%16 == 5 {
			m.Pix[i] = 0
		}
	}
	c, err := picture.New(picture.Options{}).Extract(t.Context(), read(t, asPNG(t, m)))
	if err != nil {
		t.Fatal(err)
	}
	small := drawn(t, c, 400) // a stroke every four pixels
	for x := 0; x+4 <= 400; x += 4 {
		lo, hi := uint8(255), uint8(0)
		for i := range 4 {
			y := color.GrayModel.Convert(small.At(x+i, 200)).(color.Gray).Y
			lo, hi = min(lo, y), max(hi, y)
		}
		if hi-lo < 40 {
			t.Fatalf("the stroke at %d is lost: %d to %d", x, lo, hi)
		}
	}
}

func TestFaults(t *testing.T) {
	box := image.Rect(0, 0, 640, 480)
	rgba := marked(image.NewRGBA(box))
	whole := asPNG(t, rgba)
	jpg := asJPEG(t, rgba)
	variant := asTIFF(t, rgba, nil)
	setTag(t, variant, 259, 9)
	huge := bytes.Clone(whole)
	copy(huge[16:], "\x00\x00\xC3\x50\x00\x00\xC3\x50") // 50000 x 50000
	binary.BigEndian.PutUint32(huge[29:], pngSum(huge[12:29]))
	tests := []struct {
		name  string
		bytes []byte
		kind  fault.Kind
		msg   string
	}{
		{"a PNG cut in half is damaged", whole[:len(whole)/2], fault.Corrupt, "damaged or cut short"},
		{"a JPEG cut in half is damaged", jpg[:len(jpg)/2], fault.Corrupt, "damaged or cut short"},
		{"a PNG's header alone is damaged", whole[:40], fault.Corrupt, "damaged or cut short"},
		{"a TIFF without a directory is damaged", []byte("II*\x00\xFF\x00\x00\x00....."), fault.Corrupt, "damaged or cut short"},
		{"a picture over the limit is too large", huge, fault.ManyPixels, "50000 x 50000 pixels, over the limit of 60000000"},
		{"a TIFF variant is named", variant, fault.Unsupported, "a TIFF variant that docsift cannot read (compression 9): convert it to PNG or PDF"},
	}
	x := picture.New(picture.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := x.Extract(t.Context(), read(t, tt.bytes))
			if fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("got %s: %v; want %s: …%s…", fault.KindOf(err), err, tt.kind, tt.msg)
			}
		})
	}
	t.Run("a document that is no picture is refused", func(t *testing.T) {
		_, err := x.Extract(t.Context(), &document.Document{Type: document.PDF, Bytes: []byte("%PDF-")})
		if fault.KindOf(err) != fault.Unsupported {
			t.Errorf("got %v, want %s", err, fault.Unsupported)
		}
	})
}

func TestLimits(t *testing.T) {
	d := read(t, asPNG(t, image.NewRGBA(image.Rect(0, 0, 100, 100))))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name string
		opts picture.Options
		ctx  context.Context
		want fault.Kind
	}{
		{"as many pixels as the limit are read", picture.Options{MaxPixels: 10_000}, t.Context(), ""},
		{"one more is too many", picture.Options{MaxPixels: 9_999}, t.Context(), fault.ManyPixels},
		{"no time is too little", picture.Options{Timeout: time.Nanosecond}, t.Context(), fault.TooComplex},
		{"nothing is read for a caller who is gone", picture.Options{}, cancelled, fault.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := picture.New(tt.opts).Extract(tt.ctx, d); fault.KindOf(err) != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// Some pictures take more memory than their pixels say.
func TestLimitsOnMemory(t *testing.T) {
	box := image.Rect(0, 0, 100, 100)
	interlaced := asPNG(t, marked(image.NewRGBA(box)))
	interlaced[28] = 1
	binary.BigEndian.PutUint32(interlaced[29:], pngSum(interlaced[12:29]))
	coloured := asJPEG(t, marked(image.NewRGBA(box)))
	tests := []struct {
		name  string
		bytes []byte
		want  fault.Kind
	}{
		{"PNG of four bytes a pixel", asPNG(t, marked(image.NewNRGBA(box))), ""},
		{"PNG of eight", asPNG(t, marked(image.NewNRGBA64(box))), fault.ManyPixels},
		{"gray PNG of two", asPNG(t, marked(image.NewGray16(box))), ""},
		{"interlaced PNG", interlaced, fault.ManyPixels},
		{"JPEG", coloured, ""},
		{"JPEG in passes", bytes.Replace(coloured, []byte("\xFF\xC0\x00\x11"), []byte("\xFF\xC2\x00\x11"), 1), fault.ManyPixels},
		{"JPEG in arithmetic coding", bytes.Replace(coloured, []byte("\xFF\xC0\x00\x11"), []byte("\xFF\xC9\x00\x11"), 1), fault.Unsupported},
	}
	x := picture.New(picture.Options{MaxPixels: 10_000})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := x.Extract(t.Context(), read(t, tt.bytes)); fault.KindOf(err) != tt.want {
				t.Errorf("got %s: %v, want %q", fault.KindOf(err), err, tt.want)
			}
		})
	}
}

func TestDrawFaults(t *testing.T) {
	d := read(t, twoPages(t))
	c, err := picture.New(picture.Options{}).Extract(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if c.PageCount != 2 {
		t.Fatalf("%d pages, want 2", c.PageCount)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name       string
		ctx        context.Context
		page, side int
		want       fault.Kind
	}{
		{"the first page is drawn", t.Context(), 1, 10, ""},
		{"there is no page 0", t.Context(), 0, 10, fault.Invalid},
		{"there is no page after the last", t.Context(), 3, 10, fault.Invalid},
		{"a picture has pixels", t.Context(), 1, 0, fault.Invalid},
		{"later pages of a TIFF are drawn", t.Context(), 2, 10, ""},
		{"nothing is drawn for a caller who is gone", cancelled, 1, 10, fault.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := c.Draw(tt.ctx, tt.page, extract.View{Side: tt.side}); fault.KindOf(err) != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestConcurrentUse(t *testing.T) {
	c, err := picture.New(picture.Options{}).Extract(t.Context(), read(t, asJPEG(t, marked(image.NewRGBA(image.Rect(0, 0, 600, 400))))))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			if got, err := c.Draw(t.Context(), 1, extract.View{Side: 100 + i}); err != nil || got.Width != 100+i {
				t.Errorf("width %d, %v; want %d", got.Width, err, 100+i)
			}
		})
	}
	wg.Wait()
}
