package picture_test

import (
	"encoding/binary"
	"image"
	"image/color"
	"testing"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	picture "github.com/docsift/docsift/extract/image"
	"github.com/docsift/docsift/fault"
)

// bmpFile is a BMP that a test writes.
type bmpFile struct {
	header        int // size
	width, height int // a negative height is top down
	depth         int
	packing       uint32
	masks         []uint32
	palette       []byte // as it is stored
	colours       uint32
	pixels        []byte
}

func (f bmpFile) bytes() []byte {
	le := binary.LittleEndian
	h := le.AppendUint32(nil, uint32(f.header))
	if f.header == 12 {
		h = le.AppendUint16(le.AppendUint16(h, uint16(f.width)), uint16(f.height))
		h = le.AppendUint16(le.AppendUint16(h, 1), uint16(f.depth))
	} else {
		h = le.AppendUint32(le.AppendUint32(h, uint32(f.width)), uint32(int32(f.height)))
		h = le.AppendUint16(le.AppendUint16(h, 1), uint16(f.depth))
		h = le.AppendUint32(h, f.packing)
		h = append(h, make([]byte, 12)...)
		h = le.AppendUint32(h, f.colours)
		h = append(h, make([]byte, 4)...)
	}
	for _, m := range f.masks {
		h = le.AppendUint32(h, m)
	}
	for len(h) < f.header {
		h = append(h, 0)
	}
	h = append(h, f.palette...)
	out := append([]byte("BM"), make([]byte, 8)...)
	out = le.AppendUint32(out, uint32(14+len(h)))
	out = append(append(out, h...), f.pixels...)
	le.PutUint32(out[2:], uint32(len(out)))
	return out
}

// Four colours, blue first, and their brightness.
var (
	fourColours = []byte{0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0}
	fourLevels  = [4]uint8{brightness(255, 0, 0), brightness(0, 255, 0), brightness(0, 0, 255), 255}
)

func TestBMPPixels(t *testing.T) {
	r, g, b, w := fourLevels[0], fourLevels[1], fourLevels[2], fourLevels[3]
	upper, lower := []uint8{r, g, b}, []uint8{w, w, r}
	tests := []struct {
		name string
		file bmpFile
		want []uint8 // two rows of three
	}{
		{"eight bits", bmpFile{header: 40, depth: 8, palette: fourColours, colours: 4, pixels: []byte{3, 3, 0, 0, 0, 1, 2, 0}}, append(upper, lower...)},
		{"eight bits from the top", bmpFile{header: 40, height: -2, depth: 8, palette: fourColours, colours: 4, pixels: []byte{0, 1, 2, 0, 3, 3, 0, 0}}, append(upper, lower...)},
		{"a colour beyond the palette is black", bmpFile{header: 40, depth: 8, palette: fourColours, colours: 4, pixels: []byte{3, 3, 0, 0, 9, 1, 2, 0}}, []uint8{0, g, b, w, w, r}},
		{"four bits", bmpFile{header: 40, depth: 4, palette: fourColours, colours: 4, pixels: []byte{0x33, 0, 0, 0, 0x01, 0x20, 0, 0}}, append(upper, lower...)},
		{"two bits", bmpFile{header: 40, depth: 2, palette: fourColours, colours: 4, pixels: []byte{0xF0, 0, 0, 0, 0x18, 0, 0, 0}}, append(upper, lower...)},
		{"one bit", bmpFile{header: 40, depth: 1, palette: fourColours[8:], colours: 2, pixels: []byte{0x40, 0, 0, 0, 0xA0, 0, 0, 0}}, []uint8{w, b, w, b, w, b}},
		{"the first version of OS/2", bmpFile{header: 12, depth: 1, palette: []byte{255, 0, 0, 255, 255, 255}, pixels: []byte{0x40, 0, 0, 0, 0xA0, 0, 0, 0}}, []uint8{w, b, w, b, w, b}},
		{"the second version of OS/2", bmpFile{header: 64, depth: 8, palette: fourColours, colours: 4, pixels: []byte{3, 3, 0, 0, 0, 1, 2, 0}}, append(upper, lower...)},
		{"runs of bytes", bmpFile{header: 40, depth: 8, packing: 1, palette: fourColours, colours: 4, pixels: []byte{2, 3, 1, 0, 0, 0, 0, 3, 0, 1, 2, 0, 0, 1}}, append(upper, lower...)},
		{"runs of half bytes", bmpFile{header: 40, depth: 4, packing: 2, palette: fourColours, colours: 4, pixels: []byte{2, 0x33, 1, 0x00, 0, 0, 3, 0x01, 0, 1}}, []uint8{r, g, r, w, w, r}},
		{"single half bytes and a run that is too long", bmpFile{header: 40, depth: 4, packing: 2, palette: fourColours, colours: 4, pixels: []byte{200, 0x30, 0, 0, 0, 3, 0x01, 0x20, 0, 1}}, []uint8{r, g, b, w, r, w}},
		{"runs that skip", bmpFile{header: 40, depth: 8, packing: 1, palette: fourColours, colours: 4, pixels: []byte{1, 3, 0, 2, 1, 1, 1, 2, 0, 1}}, []uint8{r, r, b, w, r, r}},
		{"sixteen bits", bmpFile{header: 40, depth: 16, pixels: []byte{0xFF, 0x7F, 0xFF, 0x7F, 0, 0x7C, 0, 0, 0, 0x7C, 0xE0, 0x03, 0x1F, 0, 0, 0}}, append(upper, lower...)},
		{"sixteen bits with masks", bmpFile{header: 40, depth: 16, packing: 3, masks: []uint32{0xF800, 0x07E0, 0x001F}, pixels: []byte{0xFF, 0xFF, 0xFF, 0xFF, 0, 0xF8, 0, 0, 0, 0xF8, 0xE0, 0x07, 0x1F, 0, 0, 0}}, append(upper, lower...)},
		{"24 bits", bmpFile{header: 40, depth: 24, pixels: []byte{255, 255, 255, 255, 255, 255, 0, 0, 255, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0}}, append(upper, lower...)},
		{"32 bits whose alpha is zero all over", bmpFile{header: 124, depth: 32, packing: 3, masks: []uint32{0xFF0000, 0xFF00, 0xFF, 0xFF000000}, pixels: []byte{255, 255, 255, 0, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0}}, append(upper, lower...)},
		{"32 bits with alpha", bmpFile{header: 124, depth: 32, packing: 3, masks: []uint32{0xFF0000, 0xFF00, 0xFF, 0xFF000000}, pixels: []byte{9, 9, 9, 0, 0, 0, 0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0, 255, 0, 255, 255, 0, 0, 255}}, append(upper, lower...)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.file.width = 3
			if tt.file.height == 0 {
				tt.file.height = 2
			}
			size, pix := plainPage(t, mustExtract(t, tt.file.bytes()), 1)
			if size != image.Pt(3, 2) || string(pix) != string(tt.want) {
				t.Errorf("%v of %v, want %v", pix, size, tt.want)
			}
		})
	}
}

func TestBMPFaults(t *testing.T) {
	good := bmpFile{header: 40, width: 3, height: 2, depth: 8, palette: fourColours, colours: 4, pixels: []byte{3, 3, 0, 0, 0, 1, 2, 0}}
	with := func(change func(*bmpFile)) []byte {
		f := good
		change(&f)
		return f.bytes()
	}
	tests := []struct {
		name  string
		bytes []byte
		want  fault.Kind
	}{
		{"too many pixels", with(func(f *bmpFile) { f.width, f.height = 1<<31-1, -1<<31 }), fault.ManyPixels},
		{"a negative width", with(func(f *bmpFile) { f.width = 1<<32 - 3 }), fault.Corrupt},
		{"a JPEG inside", with(func(f *bmpFile) { f.packing = 4 }), fault.Unsupported},
		{"seven bits", with(func(f *bmpFile) { f.depth = 7 }), fault.Unsupported},
		{"no palette", with(func(f *bmpFile) { f.palette, f.pixels = nil, nil }), fault.Corrupt},
		{"half of the rows", with(func(f *bmpFile) { f.pixels = f.pixels[:4] }), fault.Corrupt},
		{"runs that end at once", with(func(f *bmpFile) { f.height, f.packing, f.pixels = 20, 1, []byte{3, 1} }), fault.Corrupt},
		{"a header of a strange size", with(func(f *bmpFile) { f.header = 13 }), fault.Corrupt},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := picture.New(picture.Options{}).Extract(t.Context(), &document.Document{Type: document.BMP, Bytes: tt.bytes})
			if fault.KindOf(err) != tt.want {
				t.Errorf("got %s: %v, want %s", fault.KindOf(err), err, tt.want)
			}
		})
	}
}

func FuzzBMP(f *testing.F) {
	for _, file := range []bmpFile{
		{header: 12, width: 3, height: 2, depth: 1, palette: []byte{255, 0, 0, 255, 255, 255}, pixels: []byte{0x40, 0, 0, 0, 0xA0, 0, 0, 0}},
		{header: 40, width: 3, height: 2, depth: 4, packing: 2, palette: fourColours, colours: 4, pixels: []byte{200, 0x30, 0, 2, 1, 1, 0, 3, 0x01, 0x20, 0, 1}},
		{header: 40, width: 3, height: -2, depth: 16, packing: 3, masks: []uint32{0xF800, 0x07E0, 0x001F}, pixels: make([]byte, 16)},
		{header: 124, width: 3, height: 2, depth: 32, packing: 3, masks: []uint32{0xFF0000, 0xFF00, 0xFF, 0xFF000000}, pixels: make([]byte, 24)},
	} {
		f.Add(file.bytes())
	}
	x := picture.New(picture.Options{MaxPixels: 1 << 14})
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := x.Extract(t.Context(), &document.Document{Type: document.BMP, Bytes: b})
		if err != nil {
			known(t, err)
			return
		}
		if got, err := c.Draw(t.Context(), 1, extract.View{Side: 64, Format: extract.Colour}); err != nil || got.Width < 1 {
			t.Errorf("drawn %dx%d, %v", got.Width, got.Height, err)
		}
	})
}

func TestMovingWebPShowsItsFirstPicture(t *testing.T) {
	still := aWebP()[12:] // one chunk
	le := binary.LittleEndian
	frame := append([]byte{0, 0, 0, 0, 0, 0, 63, 0, 0, 47, 0, 0, 10, 0, 0, 0}, still...)
	body := append([]byte("VP8X\x0A\x00\x00\x00\x02\x00\x00\x00\x3F\x00\x00\x2F\x00\x00"), "ANIM\x06\x00\x00\x00\xFF\xFF\xFF\xFF\x00\x00"...)
	for range 2 {
		body = append(le.AppendUint32(append(body, "ANMF"...), uint32(len(frame))), frame...)
	}
	b := append(le.AppendUint32([]byte("RIFF"), uint32(4+len(body))), "WEBP"...)
	c := mustExtract(t, append(b, body...))
	if c.PageCount != 1 || c.Meta["width"] != "64" {
		t.Errorf("%d pages, %v", c.PageCount, c.Meta)
	}
	is(t, drawn(t, c, 64), 30, 20, color.RGBA{255, 0, 0, 255})
}

func TestHEICSaysWhatToDo(t *testing.T) {
	_, err := picture.New(picture.Options{}).Extract(t.Context(), &document.Document{Type: document.HEIC, Bytes: []byte("\x00\x00\x00\x18ftypheic")})
	if fault.KindOf(err) != fault.Unsupported || len(fault.Message(err)) < 40 {
		t.Errorf("got %v", err)
	}
}
