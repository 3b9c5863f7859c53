package ocr

import (
	"bytes"
	"image"
	"testing"

	"github.com/docsift/docsift/extract"
)

func TestEnlarge(t *testing.T) {
	tests := []struct {
		name           string
		width, height  int
		pixels         []byte
		side           int
		wantW, wantH   int
		first, between byte // of the first row: where it begins, and about its middle
		last           byte
	}{
		{"a flat picture stays flat", 3, 2, []byte{90, 90, 90, 90, 90, 90}, 6, 6, 4, 90, 90, 90},
		{"an edge keeps its sides", 4, 1, []byte{0, 0, 255, 255}, 8, 8, 2, 0, 52, 255},
		{"twice at most", 2, 1, []byte{7, 7}, 100, 4, 2, 7, 7, 7},
		{"a large picture stays as it is", 4, 1, []byte{1, 2, 3, 4}, 3, 4, 1, 1, 2, 4},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := &image.Gray{Pix: tt.pixels, Stride: tt.width, Rect: image.Rect(0, 0, tt.width, tt.height)}
			page, err := extract.Encode(m, extract.PGM)
			if err != nil {
				t.Fatal(err)
			}
			got, err := enlarge(page, tt.side)
			if err != nil {
				t.Fatal(err)
			}
			p, err := parsePGM(got.Bytes)
			if err != nil || p.width != tt.wantW || p.height != tt.wantH || got.Width != p.width || got.Height != p.height {
				t.Fatalf("%dx%d and error %v, want %dx%d", p.width, p.height, err, tt.wantW, tt.wantH)
			}
			row := p.pix[:p.width]
			if row[0] != tt.first || row[p.width/2-1] != tt.between || row[p.width-1] != tt.last {
				t.Errorf("row %v, want %d … %d … %d", row, tt.first, tt.between, tt.last)
			}
			if !bytes.Equal(p.pix[len(p.pix)-p.width:], row) {
				t.Error("the last row is not like the first")
			}
		})
	}
}

func BenchmarkEnlarge(b *testing.B) {
	page, err := extract.Encode(image.NewGray(image.Rect(0, 0, 1000, 1414)), extract.PGM)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := enlarge(page, 2000); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzPicture(f *testing.F) {
	for _, s := range []string{"P5\n2 1\n255\nab", "P5\n2 2\n255\nab", "P5\n-1 -2\n255\nab", "P5\n99999999 1\n255\n", "P6\n1 1\n255\nabc", "P5\n1 1\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := parsePGM(b)
		if err == nil && (p.width < 1 || p.height < 1 || len(p.pix) != p.width*p.height) {
			t.Errorf("%dx%d of %d bytes", p.width, p.height, len(p.pix))
		}
	})
}
