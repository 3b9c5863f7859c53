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

// render draws on white, as paper is: on a clear ground, blending would come out wrong. What is
// wanted gray is drawn gray, a quarter of the memory.
func (o *opened) render(page loaded, w, h int, f extract.Format) (document.Image, error) {
	format, flags := enums.FPDF_BITMAP_FORMAT_BGRX, enums.FPDF_RENDER_FLAG_ANNOT|enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER
	if f != extract.Colour {
		format, flags = enums.FPDF_BITMAP_FORMAT_GRAY, enums.FPDF_RENDER_FLAG_ANNOT|enums.FPDF_RENDER_FLAG_GRAYSCALE
	}
	bitmap, err := o.FPDFBitmap_CreateEx(&requests.FPDFBitmap_CreateEx{Width: w, Height: h, Format: format, Pointer: ownMemory})
	if err != nil {
		return document.Image{}, err
	}
	if _, err := o.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: bitmap.Bitmap, Width: w, Height: h, Color: 0xFFFFFFFF}); err != nil {
		return document.Image{}, err
	}
	if _, err := o.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: bitmap.Bitmap, Page: page.Page, SizeX: w, SizeY: h, Flags: flags,
	}); err != nil {
		return document.Image{}, err
	}
	buf, err := o.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bitmap.Bitmap})
	if err != nil {
		return document.Image{}, err
	}
	m, err := picture(buf.Buffer, w, h, f)
	if err != nil {
		return document.Image{}, err
	}
	out, err := extract.Encode(m, f)
	if err != nil {
		return document.Image{}, err
	}
	_, err = o.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bitmap.Bitmap})
	return out, err
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
	return nil, errors.New("no memory for the picture")
}
