package pdf

import (
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
)

const (
	maxSide = 4096         // pixels, whatever is asked for
	maxZoom = 200.0 / 72.0 // pixels per point: 200 dpi, beyond which print gets no clearer
)

var errNoPicture = errors.New("no memory for the picture")

// ownMemory lets PDFium find the memory of a bitmap itself.
const ownMemory = uint64(0)

// draw renders page n so that its longer side is v.Side pixels, or fewer for a small page.
func (o *opened) draw(n int, v extract.View) (document.Image, error) {
	load := o.load
	if o.form {
		load = o.flattened
	}
	page, err := load(n)
	if err != nil {
		return document.Image{}, fmt.Errorf("read page %d: %w", n, err)
	}
	w, h := pixels(page.width, page.height, v.Side)
	out, err := o.render(page, w, h, v.Format)
	if err != nil {
		return document.Image{}, fmt.Errorf("draw page %d: %w", n, err)
	}
	return out, o.unload(page)
}

// pixels returns the size of the picture of a page of width by height points.
func pixels(width, height float64, side int) (w, h int) {
	longer := max(width, height)
	zoom := min(float64(min(side, maxSide))/longer, maxZoom)
	return max(1, int(math.Round(width*zoom))), max(1, int(math.Round(height*zoom)))
}

// render draws a page and encodes its picture. What is wanted gray is drawn gray, a quarter of
// the memory.
func (o *opened) render(page loaded, w, h int, f extract.Format) (out document.Image, err error) {
	format, flags := enums.FPDF_BITMAP_FORMAT_BGRX, enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER
	if f != extract.Colour {
		format, flags = enums.FPDF_BITMAP_FORMAT_GRAY, enums.FPDF_RENDER_FLAG_GRAYSCALE
	}
	err = o.paint(page, canvas{w, h, image.Rect(0, 0, w, h), format, flags}, func(pixels []byte) error {
		m, err := picture(pixels, w, h, f)
		if err == nil {
			out, err = extract.Encode(m, f)
		}
		return err
	})
	return out, err
}

// canvas is what a page is drawn on.
type canvas struct {
	width, height int             // of the picture of the whole page
	window        image.Rectangle // the part of it that is wanted
	format        enums.FPDF_BITMAP_FORMAT
	flags         enums.FPDF_RENDER_FLAG
}

// paint draws a page and shows use the pixels, in the instance's memory. It draws on white, as
// paper is: on a clear ground, blending would come out wrong.
func (o *opened) paint(page loaded, c canvas, use func(pixels []byte) error) error {
	w, h := c.window.Dx(), c.window.Dy()
	bitmap, err := o.FPDFBitmap_CreateEx(&requests.FPDFBitmap_CreateEx{Width: w, Height: h, Format: c.format, Pointer: ownMemory})
	if err != nil {
		return err
	}
	if _, err := o.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: bitmap.Bitmap, Width: w, Height: h, Color: 0xFFFFFFFF}); err != nil {
		return err
	}
	if _, err := o.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: bitmap.Bitmap, Page: page.Page, Flags: enums.FPDF_RENDER_FLAG_ANNOT | c.flags,
		StartX: -c.window.Min.X, StartY: -c.window.Min.Y, SizeX: c.width, SizeY: c.height,
	}); err != nil {
		return err
	}
	buf, err := o.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bitmap.Bitmap})
	if err != nil {
		return err
	}
	if err := use(buf.Buffer); err != nil {
		return err
	}
	_, err = o.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bitmap.Bitmap})
	return err
}

// picture looks at a bitmap where it lies, in the instance's memory.
func picture(pixels []byte, w, h int, f extract.Format) (image.Image, error) {
	stride, box := len(pixels)/h, image.Rect(0, 0, w, h)
	switch {
	case f == extract.Colour && stride == 4*w:
		for i := 3; i < len(pixels); i += 4 {
			pixels[i] = 0xFF // PDFium leaves it as it comes
		}
		return &image.RGBA{Pix: pixels, Stride: stride, Rect: box}, nil
	case f != extract.Colour && stride >= w:
		return &image.Gray{Pix: pixels, Stride: stride, Rect: box}, nil
	}
	return nil, errNoPicture
}
