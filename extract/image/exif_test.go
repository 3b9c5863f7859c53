package picture_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"strconv"
	"testing"
	"unicode/utf8"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
	picture "github.com/docsift/docsift/extract/image"
)

func pngSum(b []byte) uint32 { return crc32.ChecksumIEEE(b) }

// exif returns a TIFF structure that states an orientation and nothing else.
func exif(order binary.AppendByteOrder, value uint16) []byte {
	b := []byte("II*\x00")
	if order.String() == "BigEndian" {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, value)
	return append(b, 0, 0, 0, 0, 0, 0)
}

func withJPEGExif(b, exif []byte) []byte {
	head := binary.BigEndian.AppendUint16([]byte{0xFF, 0xD8, 0xFF, 0xE1}, uint16(8+len(exif)))
	return bytes.Join([][]byte{head, []byte("Exif\x00\x00"), exif, b[2:]}, nil)
}

func withPNGExif(b, exif []byte) []byte {
	chunk := append([]byte("eXIf"), exif...)
	const afterIHDR = 33
	return bytes.Join([][]byte{b[:afterIHDR], binary.BigEndian.AppendUint32(nil, uint32(len(exif))), chunk,
		binary.BigEndian.AppendUint32(nil, pngSum(chunk)), b[afterIHDR:]}, nil)
}

func withWebPExif(b, exif []byte) []byte {
	all := bytes.Join([][]byte{b, []byte("EXIF"), binary.LittleEndian.AppendUint32(nil, uint32(len(exif))), exif}, nil)
	binary.LittleEndian.PutUint32(all[4:], uint32(len(all)-8))
	return all
}

// setTag changes the value of a tag that a TIFF has, in place.
func setTag(t testing.TB, b []byte, tag, value uint16) {
	t.Helper()
	at := binary.LittleEndian.Uint32(b[4:])
	for i := range binary.LittleEndian.Uint16(b[at:]) {
		if e := b[at+2+12*uint32(i):]; binary.LittleEndian.Uint16(e) == tag {
			binary.LittleEndian.PutUint16(e[8:], value)
			return
		}
	}
	t.Fatalf("no tag %d", tag)
}

// twoPages is a TIFF whose directory is followed by another, which leads back to the first.
func twoPages(t testing.TB) []byte {
	b := asTIFF(t, image.NewGray(image.Rect(0, 0, 20, 10)), nil)
	first := binary.LittleEndian.Uint32(b[4:])
	end := first + 2 + 12*uint32(binary.LittleEndian.Uint16(b[first:]))
	binary.LittleEndian.PutUint32(b[end:], uint32(len(b)))
	second := append(bytes.Clone(b[first:end]), 0, 0, 0, 0)
	binary.LittleEndian.PutUint32(second[end-first:], first)
	return append(b, second...)
}

func TestOrientation(t *testing.T) {
	// Where the stored top left corner is shown, and the bottom right one: in sixteenths.
	const lo, hi = 2, 14
	corners := map[uint16][4]int{
		1: {lo, lo, hi, hi}, 2: {hi, lo, lo, hi}, 3: {hi, hi, lo, lo}, 4: {lo, hi, hi, lo},
		5: {lo, lo, hi, hi}, 6: {hi, lo, lo, hi}, 7: {hi, hi, lo, lo}, 8: {lo, hi, hi, lo},
		0: {lo, lo, hi, hi}, 9: {lo, lo, hi, hi},
	}
	stored := marked(image.NewRGBA(image.Rect(0, 0, 160, 80)))
	for value, want := range corners {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			t.Run(fmt.Sprintf("%d in %s", value, order), func(t *testing.T) {
				w, h := 160, 80
				if value >= 5 && value <= 8 {
					w, h = h, w
				}
				c, err := picture.New(picture.Options{}).Extract(t.Context(), read(t, withJPEGExif(asJPEG(t, stored), exif(order, value))))
				if err != nil {
					t.Fatal(err)
				}
				if c.Meta["width"] != strconv.Itoa(w) || c.Meta["height"] != strconv.Itoa(h) {
					t.Errorf("meta %v, want %dx%d", c.Meta, w, h)
				}
				m := drawn(t, c, 160)
				if m.Bounds().Size() != image.Pt(w, h) {
					t.Fatalf("drawn as %v, want %dx%d", m.Bounds().Size(), w, h)
				}
				is(t, m, want[0]*w/16, want[1]*h/16, color.RGBA{255, 0, 0, 255})
				is(t, m, want[2]*w/16, want[3]*h/16, color.RGBA{0, 0, 255, 255})
			})
		}
	}
}

func TestOrientationOfEveryType(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 64, 48))
	turned := exif(binary.BigEndian, 6)
	withTag := asTIFF(t, image.NewGray(image.Rect(0, 0, 20, 10)), nil)
	setTag(t, withTag, 277, 8)
	withTag = bytes.Replace(withTag, []byte("\x15\x01\x03\x00"), []byte("\x12\x01\x03\x00"), 1) // 277 becomes the orientation
	tests := []struct {
		name  string
		bytes []byte
		want  string // width
	}{
		{"JPEG", withJPEGExif(asJPEG(t, m), turned), "48"},
		{"PNG", withPNGExif(asPNG(t, m), turned), "48"},
		{"WebP", withWebPExif(aWebP(), turned), "48"},
		{"TIFF", withTag, "10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := picture.New(picture.Options{}).Extract(t.Context(), read(t, tt.bytes))
			if err != nil {
				t.Fatal(err)
			}
			if c.Meta["width"] != tt.want {
				t.Errorf("shown %s pixels wide, want %s", c.Meta["width"], tt.want)
			}
		})
	}
}

// photographed is Exif as a camera writes it: the time is in a directory of its own.
func photographed(order binary.AppendByteOrder) []byte {
	w := &tiffWriter{order: order}
	w.build(0)
	camera := len(w.out)
	w.directory([]tag{letters(0x9003, 2, "2023:11:12 13:14:15\x00")})
	first := len(w.out)
	w.directory([]tag{short(0x0112, 6), long(0x8769, uint64(camera)), letters(306, 2, "2024:01:01 00:00:00\x00")})
	w.patch(4, uint64(first))
	return w.out
}

func TestExifMeta(t *testing.T) {
	m := asJPEG(t, image.NewGray(image.Rect(0, 0, 20, 10)))
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		c := mustExtract(t, withJPEGExif(m, photographed(order)))
		if c.Meta["created"] != "2023-11-12T13:14:15" || c.Meta["width"] != "10" {
			t.Errorf("%s: %v", order, c.Meta)
		}
	}
	bad := bytes.Replace(photographed(binary.BigEndian), []byte("2023:11"), []byte("2023:99"), 1)
	if c := mustExtract(t, withJPEGExif(m, bad)); c.Meta["created"] != "2024-01-01T00:00:00" {
		t.Errorf("a month that does not exist: %v", c.Meta)
	}
}

func FuzzExif(f *testing.F) {
	m := asJPEG(f, image.NewGray(image.Rect(0, 0, 20, 10)))
	f.Add(exif(binary.LittleEndian, 6))
	f.Add(photographed(binary.LittleEndian))
	f.Add(photographed(binary.BigEndian))
	x := picture.New(picture.Options{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 60_000 {
			return // longer than a segment
		}
		c, err := x.Extract(t.Context(), &document.Document{Type: document.JPEG, Bytes: withJPEGExif(m, b)})
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range c.Meta {
			if value == "" || len(value) > 1000 || !utf8.ValidString(value) {
				t.Errorf("%s is %q", key, value)
			}
		}
	})
}

// FuzzExtract feeds every decoder and the parsers of orientations and directories.
func FuzzExtract(f *testing.F) {
	m := marked(image.NewRGBA(image.Rect(0, 0, 16, 8)))
	turned := exif(binary.LittleEndian, 6)
	f.Add("jpg", withJPEGExif(asJPEG(f, m), turned))
	f.Add("jpg", withJPEGExif(asJPEG(f, m), turned[:12]))
	f.Add("png", withPNGExif(asPNG(f, m), exif(binary.BigEndian, 65535)))
	f.Add("webp", withWebPExif(aWebP(), append([]byte("Exif\x00\x00"), turned...)))
	f.Add("tiff", twoPages(f))
	f.Add("tiff", asTIFF(f, m, nil))
	f.Add("tiff", []byte("MM\x00*\xFF\xFF\xFF\xFF"))
	f.Add("gif", []byte("GIF89a\xFF\xFF\xFF\xFF\x00\x00\x00"))
	f.Add("bmp", []byte("BM"))
	x := picture.New(picture.Options{MaxPixels: 1 << 16})
	f.Fuzz(func(t *testing.T, kind string, b []byte) {
		c, err := x.Extract(t.Context(), &document.Document{Type: document.Type(kind), Bytes: b})
		if err != nil {
			known(t, err)
			return
		}
		if c.PageCount < 1 || c.PageCount > 1+len(b)/6 {
			t.Errorf("%d pages in %d bytes", c.PageCount, len(b))
		}
		got, err := c.Draw(t.Context(), 1, extract.View{Side: 64, Format: extract.Colour})
		if err != nil || got.Width < 1 || got.Height < 1 || max(got.Width, got.Height) > 64 {
			t.Errorf("drawn %dx%d, %v", got.Width, got.Height, err)
		}
	})
}
