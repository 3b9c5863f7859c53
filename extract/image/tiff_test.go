package picture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/ccitt"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	picture "github.com/docsift/docsift/extract/image"
	"github.com/docsift/docsift/fault"
)

// pattern has runs of all lengths, steep edges and every value up to most.
func pattern(most int) func(x, y, c int) int {
	return func(x, y, c int) int {
		if most == 1 {
			return (x/(1+y%9) + y/4 + x*y/90) & 1
		}
		return (x*x*most/9 + y*31 + c*most/3 + x*y) % (most + 1)
	}
}

// brightness is what a gray drawing shows of a colour.
func brightness(r, g, b int) uint8 {
	return uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 16)
}

// plainPage returns the gray pixels of a page as they are, after the header of the PGM.
func plainPage(t *testing.T, c *extract.Content, page int) (image.Point, []byte) {
	t.Helper()
	got, err := c.Draw(t.Context(), page, extract.View{Side: 4096, Format: extract.PGM})
	if err != nil {
		t.Fatal(err)
	}
	return image.Pt(got.Width, got.Height), got.Bytes[len(got.Bytes)-got.Width*got.Height:]
}

func mustExtract(t testing.TB, b []byte) *extract.Content {
	t.Helper()
	c, err := picture.New(picture.Options{}).Extract(t.Context(), read(t, b))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// tiffCase is a page and the brightness that it shows.
type tiffCase struct {
	name string
	page tiffPage
	want func(x, y int) uint8
}

// changed returns p after change.
func changed(p tiffPage, change func(*tiffPage)) tiffPage {
	change(&p)
	return p
}

func grayTIFFs() []tiffCase {
	one, gray, deep, four := pattern(1), pattern(255), pattern(65535), pattern(15)
	black := func(x, y int) uint8 { return uint8(255 - 255*one(x, y, 0)) }
	white := func(x, y int) uint8 { return uint8(255 * one(x, y, 0)) }
	same := func(x, y int) uint8 { return uint8(gray(x, y, 0)) }
	bit := tiffPage{bits: 1, sample: one}
	byteGray := tiffPage{bits: 8, model: 1, sample: gray}
	return []tiffCase{
		{"one bit, white is zero", bit, black},
		{"one bit, black is zero, in strips", changed(bit, func(p *tiffPage) { p.model, p.rows = 1, 5 }), white},
		{"one bit, lowest bit first", changed(bit, func(p *tiffPage) { p.reversed = true }), black},
		{"fax in rows of their own", changed(bit, func(p *tiffPage) { p.compression = faxRows }), black},
		{"fax group 3", changed(bit, func(p *tiffPage) { p.compression = faxGroup3 }), black},
		{"fax group 3 in two dimensions", changed(bit, func(p *tiffPage) { p.compression, p.faxOptions = faxGroup3, 1 }), black},
		{"fax group 4", changed(bit, func(p *tiffPage) { p.compression = faxGroup4 }), black},
		{"fax group 4 in strips, lowest bit first", changed(bit, func(p *tiffPage) { p.compression, p.rows, p.reversed = faxGroup4, 8, true }), black},
		{"fax group 4, black is zero", changed(bit, func(p *tiffPage) { p.compression, p.model = faxGroup4, 1 }), white},
		{"two bits", tiffPage{bits: 2, model: 1, sample: pattern(3)}, func(x, y int) uint8 { return uint8(85 * pattern(3)(x, y, 0)) }},
		{"four bits, white is zero", tiffPage{bits: 4, sample: four}, func(x, y int) uint8 { return uint8(255 - 17*four(x, y, 0)) }},
		{"gray", byteGray, same},
		{"gray, white is zero", changed(byteGray, func(p *tiffPage) { p.model = 0 }), func(x, y int) uint8 { return 255 - same(x, y) }},
		{"gray in PackBits", changed(byteGray, func(p *tiffPage) { p.compression = packBits }), same},
		{"gray in tiles that the page does not fill", changed(byteGray, func(p *tiffPage) { p.tile, p.compression = 16, packLZW }), same},
		{"gray with a sample to spare", changed(byteGray, func(p *tiffPage) { p.samples = 2 }), same},
		{"gray of sixteen bits", tiffPage{bits: 16, model: 1, sample: deep}, func(x, y int) uint8 { return uint8(deep(x, y, 0) >> 8) }},
		{"gray of sixteen bits, predicted", tiffPage{bits: 16, model: 1, predictor: true, compression: deflate, sample: deep}, func(x, y int) uint8 { return uint8(deep(x, y, 0) >> 8) }},
	}
}

func colourTIFFs() []tiffCase {
	gray, four := pattern(255), pattern(15)
	colour := func(x, y int) uint8 { return brightness(gray(x, y, 0), gray(x, y, 1), gray(x, y, 2)) }
	ink := func(x, y int) uint8 {
		var v [3]int
		for i := range v {
			v[i] = (255 - gray(x, y, i)) * (255 - gray(x, y, 3)) / 255
		}
		return brightness(v[0], v[1], v[2])
	}
	over := func(x, y int) uint8 {
		var v [3]int
		for i := range v {
			v[i] = (gray(x, y, i)*gray(x, y, 3)+127)/255 + 255 - gray(x, y, 3)
		}
		return brightness(v[0], v[1], v[2])
	}
	palette := make([]uint16, 3*16)
	for i := range 16 {
		palette[i], palette[16+i], palette[32+i] = uint16(i)<<12|255, uint16(15-i)<<12|255, uint16(i*i)<<8|255
	}
	mixed := func(x, y int) uint8 {
		i := four(x, y, 0)
		return brightness(int(palette[i]>>8), int(palette[16+i]>>8), int(palette[32+i]>>8))
	}
	rgb := tiffPage{bits: 8, samples: 3, model: 2, sample: gray}
	return []tiffCase{
		{"a palette of sixteen", tiffPage{bits: 4, model: 3, palette: palette, sample: four}, mixed},
		{"colour", rgb, colour},
		{"colour in LZW, predicted, in strips without an end code", changed(rgb, func(p *tiffPage) { p.compression, p.predictor, p.rows = packLZW, true, 3 }), colour},
		{"colour in Deflate, predicted, in tiles", changed(rgb, func(p *tiffPage) { p.compression, p.predictor, p.tile = deflate, true, 32 }), colour},
		{"colour in planes", changed(rgb, func(p *tiffPage) { p.planar, p.rows, p.compression, p.predictor = true, 7, packLZW, true }), colour},
		{"colour in planes of tiles", changed(rgb, func(p *tiffPage) { p.planar, p.tile = true, 16 }), colour},
		{"colour with alpha", changed(rgb, func(p *tiffPage) { p.samples, p.extra = 4, 2 }), over},
		{"colour with a fourth sample that means nothing", changed(rgb, func(p *tiffPage) { p.samples = 4 }), colour},
		{"ink", tiffPage{bits: 8, samples: 4, model: 5, sample: gray}, ink},
		{"ink in planes", tiffPage{bits: 8, samples: 4, model: 5, planar: true, sample: gray}, ink},
	}
}

func TestTIFFPixels(t *testing.T) {
	const w, h = 61, 37
	for _, tt := range append(grayTIFFs(), colourTIFFs()...) {
		tt.page.width, tt.page.height = w, h
		for _, form := range []*tiffWriter{{order: binary.LittleEndian}, {order: binary.BigEndian}, {order: binary.LittleEndian, big: true}} {
			t.Run(fmt.Sprintf("%s, %s, big %v", tt.name, form.order, form.big), func(t *testing.T) {
				d := &document.Document{Type: document.TIFF, Bytes: form.build(0, tt.page)}
				c, err := picture.New(picture.Options{}).Extract(t.Context(), d)
				if err != nil {
					t.Fatal(err)
				}
				size, pix := plainPage(t, c, 1)
				if size != image.Pt(w, h) {
					t.Fatalf("drawn as %v, want %dx%d", size, w, h)
				}
				for i, got := range pix {
					if want := tt.want(i%w, i/w); got != want {
						t.Fatalf("%d,%d is %d, want %d", i%w, i/w, got, want)
					}
				}
			})
		}
	}
}

// The tests' encoder of facsimiles uses the tables of the decoder, so another decoder has to
// agree with it.
func TestFaxEncoderAgainstAnotherDecoder(t *testing.T) {
	const w, h = 2700, 40
	sample := func(x, y, _ int) int { return (x/(1+y*y*2) + y) & 1 } // runs of up to 2700
	for _, tt := range []struct {
		name        string
		compression int
		format      ccitt.SubFormat
	}{{"group 4", faxGroup4, ccitt.Group4}, {"group 3", faxGroup3, ccitt.Group3}} {
		t.Run(tt.name, func(t *testing.T) {
			var fax faxWriter
			for y := range h {
				row := make([]int, w)
				for x := range row {
					row[x] = sample(x, y, 0)
				}
				if tt.compression == faxGroup3 { // without filling, which the other decoder does not know
					fax.code(faxMark)
					fax.alone(row)
					continue
				}
				fax.row(row, tt.compression, 0)
			}
			got, err := io.ReadAll(ccitt.NewReader(bytes.NewReader(fax.end(tt.compression)), ccitt.MSB, tt.format, w, h, nil))
			if err != nil {
				t.Fatal(err)
			}
			c := mustExtract(t, little().build(0, tiffPage{width: w, height: h, bits: 1, compression: tt.compression, sample: sample}))
			_, pix := plainPage(t, c, 1)
			for i, ours := range pix {
				if theirs := got[i/w*((w+7)/8)+i%w/8] >> (7 - i%w%8) & 1 * 255; ours != theirs {
					t.Fatalf("%d,%d is %d, another decoder says %d", i%w, i/w, ours, theirs)
				}
			}
		})
	}
}

func TestFaxWithABrokenRow(t *testing.T) {
	p := tiffPage{width: 400, height: 60, bits: 1, compression: faxGroup3, sample: func(x, y, _ int) int { return x / 10 & 1 }}
	good := mustExtract(t, little().build(0, p))
	_, want := plainPage(t, good, 1)
	var fax faxWriter
	for y := range 60 {
		if y == 30 {
			fax.code(faxMark + "00110101" + "0000000011111") // a run of none and nothing that is known
			continue
		}
		row := make([]int, 400)
		for x := range row {
			row[x] = p.sample(x, y, 0)
		}
		fax.row(row, faxGroup3, 0)
	}
	p.pack = func(int, int) []byte { return fax.end(faxGroup3) }
	_, got := plainPage(t, mustExtract(t, little().build(0, p)), 1)
	if !bytes.Equal(got, want) {
		t.Error("the rows around a broken one are not as they were")
	}
}

func TestFaxHasSquarePixels(t *testing.T) {
	tests := []struct {
		name       string
		resolution [2]uint32
		want       image.Point
	}{
		{"normal", [2]uint32{204, 98}, image.Pt(200, 208)},
		{"fine", [2]uint32{204, 196}, image.Pt(200, 104)},
		{"turned", [2]uint32{100, 200}, image.Pt(400, 100)},
		{"square", [2]uint32{300, 300}, image.Pt(200, 100)},
		{"nonsense", [2]uint32{1, 300}, image.Pt(200, 100)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := mustExtract(t, little().build(0, tiffPage{width: 200, height: 100, bits: 1, resolution: tt.resolution, sample: pattern(1)}))
			if size, _ := plainPage(t, c, 1); size != tt.want || c.Meta["height"] != fmt.Sprint(tt.want.Y) {
				t.Errorf("drawn as %v, meta %v, want %v", size, c.Meta, tt.want)
			}
			got, err := c.Draw(t.Context(), 1, extract.View{Side: 50})
			if want := tt.want.Y * 50 / max(tt.want.X, tt.want.Y); err != nil || got.Height-want > 1 || want-got.Height > 1 {
				t.Errorf("in small %dx%d, %v", got.Width, got.Height, err)
			}
		})
	}
}

func TestTIFFOfJPEG(t *testing.T) {
	box := image.Rect(0, 0, 64, 48)
	whole := asJPEG(t, marked(image.NewRGBA(box)))
	tables := bytes.Index(whole, []byte("\xFF\xC0"))
	upper := asJPEG(t, marked(image.NewRGBA(box)).(*image.RGBA).SubImage(image.Rect(0, 0, 64, 24)))
	lower := asJPEG(t, marked(image.NewRGBA(box)).(*image.RGBA).SubImage(image.Rect(0, 24, 64, 48)))
	tests := []struct {
		name string
		page tiffPage
	}{
		{"in one strip", tiffPage{pack: func(int, int) []byte { return whole }}},
		{"with tables apart", tiffPage{
			jpegTables: append(bytes.Clone(whole[:tables]), 0xFF, 0xD9),
			pack:       func(int, int) []byte { return append([]byte{0xFF, 0xD8}, whole[tables:]...) },
		}},
		{"in two strips", tiffPage{rows: 24, pack: func(_, y int) []byte {
			if y == 0 {
				return upper
			}
			return lower
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := tt.page
			p.width, p.height, p.bits, p.samples, p.model, p.compression = 64, 48, 8, 3, 6, jpegs
			m := drawn(t, mustExtract(t, little().build(0, p)), 1000)
			is(t, m, 4, 4, color.RGBA{255, 0, 0, 255})
			is(t, m, 59, 43, color.RGBA{0, 0, 255, 255})
			is(t, m, 59, 4, color.RGBA{255, 255, 255, 255})
		})
	}
}

func TestTIFFPages(t *testing.T) {
	page := func(level int) tiffPage {
		return tiffPage{width: 20, height: 10 + level, bits: 8, model: 1, sample: func(int, int, int) int { return level }}
	}
	small := page(99)
	small.subfile = 1
	broken := page(5)
	broken.cut = 1
	b := little().build(8, page(1), small, page(2), page(3), broken, page(6), page(7)) // 8 is where nothing is
	first := binary.LittleEndian.Uint32(b[4:])
	looped := little().build(uint64(first), page(1), small, page(2), page(3), broken, page(6), page(7))
	for name, b := range map[string][]byte{"a chain that ends in nonsense": b, "a chain that returns": looped} {
		t.Run(name, func(t *testing.T) {
			c := mustExtract(t, b)
			var listed []int
			for _, p := range c.Pages {
				listed = append(listed, p.Number)
			}
			if c.PageCount < 6 || !slices.Equal(listed, []int{1, 2, 3, c.PageCount}) {
				t.Errorf("pages %v of %d, want the first three and the last of six", listed, c.PageCount)
			}
			for number, level := range map[int]int{6: 7, 1: 1, 3: 3, 2: 2, 5: 6} {
				size, pix := plainPage(t, c, number)
				if size != image.Pt(20, 10+level) || pix[7] != uint8(level) {
					t.Errorf("page %d is %v of %d, want that of %d", number, size, pix[7], level)
				}
			}
			if _, err := c.Draw(t.Context(), 4, extract.View{Side: 10}); fault.KindOf(err) != fault.Corrupt {
				t.Errorf("a page without pixels: %v", err)
			}
		})
	}
}

func TestTIFFMissingPixels(t *testing.T) {
	p := tiffPage{width: 40, height: 100, bits: 8, model: 1, rows: 10, sample: func(int, int, int) int { return 60 }}
	p.cut = 2
	_, pix := plainPage(t, mustExtract(t, little().build(0, p)), 1)
	if pix[0] != 60 || pix[79*40] != 60 || pix[80*40] != 255 || pix[len(pix)-1] != 255 {
		t.Error("what is there is not shown, or what is missing is not white")
	}
	p.cut = 3
	_, err := picture.New(picture.Options{}).Extract(t.Context(), read(t, little().build(0, p)))
	if fault.KindOf(err) != fault.Corrupt {
		t.Errorf("three tenths are missing: %v", err)
	}
}

func TestTIFFFaults(t *testing.T) {
	base := tiffPage{width: 40, height: 30, bits: 8, model: 1, sample: pattern(255)}
	with := func(change func(*tiffPage)) []byte {
		p := base
		change(&p)
		return little().build(0, p)
	}
	many := make([]tiffPage, 10_001)
	for i := range many {
		many[i] = tiffPage{width: 1, height: 1, bits: 8, sample: pattern(255)}
	}
	tests := []struct {
		name  string
		bytes []byte
		kind  fault.Kind
		msg   string
	}{
		{"too many pixels", with(func(p *tiffPage) { p.width, p.pack = 1<<31, nothing }), fault.ManyPixels, "2147483648 x 30 pixels"},
		{"tiles of too many pixels", with(func(p *tiffPage) { p.tile, p.pack = 1<<16-1, nothing }), fault.ManyPixels, "65535 x 65535 pixels"},
		{"a strip of too many bytes", with(func(p *tiffPage) {
			p.width, p.height, p.samples, p.bits, p.pack = 3000, 3000, 60, 16, nothing
		}), fault.ManyPixels, "too much memory"},
		{"too many pages", little().build(0, many...), fault.TooComplex, "more than 10000 pages"},
		{"an unknown compression", with(func(p *tiffPage) { p.compression, p.pack = 50000, nothing }), fault.Unsupported, "a TIFF variant that docsift cannot read (compression 50000): convert it to PNG or PDF"},
		{"an unknown colour model", with(func(p *tiffPage) { p.model = 8 }), fault.Unsupported, "colour model 8"},
		{"a depth of three bits", with(func(p *tiffPage) { p.bits = 3 }), fault.Unsupported, "3 bits a sample"},
		{"too few samples", with(func(p *tiffPage) { p.model = 2 }), fault.Corrupt, "damaged or cut short"},
		{"a fax in gray", with(func(p *tiffPage) { p.compression, p.pack = faxGroup4, nothing }), fault.Corrupt, "damaged or cut short"},
		{"no pixels", with(func(p *tiffPage) { p.width, p.pack = 0, nothing }), fault.Corrupt, "damaged or cut short"},
		{"no directory", little().build(0), fault.Corrupt, "damaged or cut short"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := picture.New(picture.Options{}).Extract(t.Context(), &document.Document{Type: document.TIFF, Bytes: tt.bytes})
			if fault.KindOf(err) != tt.kind || !strings.Contains(fault.Message(err), tt.msg) {
				t.Errorf("got %s: %v; want %s: …%s…", fault.KindOf(err), err, tt.kind, tt.msg)
			}
		})
	}
}

func nothing(int, int) []byte { return nil }

func TestTIFFMeta(t *testing.T) {
	c := mustExtract(t, little().build(0, tiffPage{
		width: 20, height: 10, bits: 8, model: 1, orientation: 6, sample: pattern(255),
		texts: map[uint16]string{269: " Delivery note ", 305: "A scanner", 306: "2024:05:06 07:08:09", 315: "The front desk"},
	}))
	want := map[string]string{
		"format": "tiff", "width": "10", "height": "20", "title": "Delivery note",
		"producer": "A scanner", "created": "2024-05-06T07:08:09", "author": "The front desk",
	}
	if fmt.Sprint(c.Meta) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", c.Meta, want)
	}
}

func FuzzTIFF(f *testing.F) {
	seeds := []tiffPage{
		{bits: 1, compression: faxRows, sample: pattern(1)},
		{bits: 1, compression: faxGroup3, faxOptions: 1, sample: pattern(1), resolution: [2]uint32{204, 98}},
		{bits: 1, compression: faxGroup4, rows: 4, reversed: true, sample: pattern(1)},
		{bits: 8, samples: 4, model: 2, extra: 2, compression: packLZW, predictor: true, sample: pattern(255)},
		{bits: 16, samples: 3, model: 2, planar: true, tile: 16, compression: deflate, sample: pattern(65535)},
		{bits: 2, model: 3, palette: make([]uint16, 12), compression: packBits, sample: pattern(3)},
		{bits: 8, samples: 4, model: 5, sample: pattern(255), orientation: 8, texts: map[uint16]string{306: "2024:05:06 07:08:09"}},
	}
	for _, p := range seeds {
		p.width, p.height = 30, 20
		for _, form := range []*tiffWriter{little(), {order: binary.BigEndian, big: true}} {
			f.Add(form.build(8, p, p))
		}
	}
	x := picture.New(picture.Options{MaxPixels: 1 << 14})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := x.Extract(t.Context(), &document.Document{Type: document.TIFF, Bytes: b})
		if err != nil {
			known(t, err)
			return
		}
		for _, page := range []int{c.PageCount, 1} {
			got, err := c.Draw(t.Context(), page, extract.View{Side: 64, Format: extract.PGM})
			if err != nil {
				known(t, err)
			} else if max(got.Width, got.Height) > 64 || min(got.Width, got.Height) < 1 {
				t.Errorf("drawn %dx%d", got.Width, got.Height)
			}
		}
	})
}

// known fails for an error that says nothing to the sender of a picture.
func known(t *testing.T, err error) {
	t.Helper()
	switch fault.KindOf(err) {
	case fault.Corrupt, fault.TooComplex, fault.Unsupported, fault.ManyPixels:
	default:
		t.Fatalf("kind %s: %v", fault.KindOf(err), err)
	}
}
