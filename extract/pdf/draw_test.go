package pdf_test

import (
	"bytes"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/pdf"
	"github.com/docsift/docsift/fault"
)

func TestDrawSize(t *testing.T) {
	x := start(t, pdf.Options{})
	tests := []struct {
		name  string
		page  page
		side  int
		wantW int
		wantH int
	}{
		{"the longer side is what was asked for", page{}, 1024, 724, 1024},
		{"so it is of a page that lies", page{box: "0 0 842 595"}, 1024, 1024, 724},
		{"and of one that was turned", page{extra: "/Rotate 90"}, 1024, 1024, 724},
		{"a small page is not blown up beyond 200 dpi", page{box: "0 0 144 72"}, 1024, 400, 200},
		{"no picture is larger than 4096 pixels", page{box: "0 0 3000 1500"}, 100_000, 4096, 2048},
		{"a strip is one pixel wide", page{box: "0 0 7 70000"}, 1000, 1, 1000},
		{"a page without a size is a letter", page{box: "0 0 0 0"}, 792, 612, 792},
		{"a page may begin anywhere", page{box: "-300 -421 295 421"}, 842, 595, 842},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := x.Extract(t.Context(), open(t, write{pages: []page{tt.page}}.bytes()))
			if err != nil {
				t.Fatal(err)
			}
			got, err := c.Draw(t.Context(), 1, extract.View{Side: tt.side})
			if err != nil {
				t.Fatal(err)
			}
			conf, err := jpeg.DecodeConfig(bytes.NewReader(got.Bytes))
			if err != nil {
				t.Fatal(err)
			}
			if got.Width != tt.wantW || got.Height != tt.wantH || conf.Width != tt.wantW || conf.Height != tt.wantH {
				t.Errorf("drawn %dx%d, encoded %dx%d, want %dx%d", got.Width, got.Height, conf.Width, conf.Height, tt.wantW, tt.wantH)
			}
		})
	}
}

func TestDrawShowsThePage(t *testing.T) {
	x := start(t, pdf.Options{})
	mark := "1 0 0 rg 0 742 100 100 re f" // the top left corner, in red
	filled := stream("/Type/XObject/Subtype/Form/BBox[0 0 100 100]", "0 0 1 rg 0 0 100 100 re f")
	d := open(t, write{
		pages:   []page{{content: "0 g 0 0 595 842 re f"}, {content: mark, extra: "/Annots[11 0 R]"}},
		root:    "/AcroForm<</Fields[11 0 R]>>",
		objects: []string{"null", "<</Type/Annot/Subtype/Widget/FT/Tx/F 4/T(a)/Rect[495 0 595 100]/AP<</N 12 0 R>>>>", filled},
	}.bytes())
	c, err := x.Extract(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Draw(t.Context(), 2, extract.View{Side: 842, Format: extract.Colour})
	if err != nil {
		t.Fatal(err)
	}
	m, err := jpeg.Decode(bytes.NewReader(got.Bytes))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		x, y int
		want color.RGBA
	}{
		{"what is drawn is at its place", 50, 50, color.RGBA{255, 0, 0, 255}},
		{"a field shows its value", 545, 792, color.RGBA{0, 0, 255, 255}},
		{"the rest is white", 300, 400, color.RGBA{255, 255, 255, 255}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := color.RGBAModel.Convert(m.At(tt.x, tt.y)).(color.RGBA)
			if far(c.R, tt.want.R) || far(c.G, tt.want.G) || far(c.B, tt.want.B) {
				t.Errorf("%d,%d is %v, want about %v", tt.x, tt.y, c, tt.want)
			}
		})
	}
}

// far allows for what JPEG loses.
func far(a, b uint8) bool { return max(a, b)-min(a, b) > 8 }

func TestDrawFaults(t *testing.T) {
	x := start(t, pdf.Options{})
	c, err := x.Extract(t.Context(), open(t, write{pages: []page{say("one"), {box: "0 0 1000000000 1000000000"}}}.bytes()))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name       string
		page, side int
		want       fault.Kind
	}{
		{"there is no page 0", 0, 100, fault.Invalid},
		{"there is no page after the last", 3, 100, fault.Invalid},
		{"a picture has pixels", 1, 0, fault.Invalid},
		{"a page as large as a country is too complex", 2, 100, fault.TooComplex},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := c.Draw(t.Context(), tt.page, extract.View{Side: tt.side}); fault.KindOf(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
