package pdf

import (
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/docsift/docsift/document"
	"github.com/docsift/docsift/extract"
)

const (
	maxSide = 4096         // pixels, whatever is asked for
	maxZoom = 200.0 / 72.0 // pixels per point: 200 dpi, beyond which print gets no clearer
)

// draw renders page n so that its longer side is v.Side pixels, or fewer for a small page.
func draw(r pdfium.Pdfium, b []byte, n int, v extract.View) (document.Image, error) {
	var out document.Image
	err := with(r, b, func(o opened) error {
		page, err := o.load(n)
		if err != nil {
			return fmt.Errorf("read page %d: %w", n, err)
		}
		w, h := pixels(page.width, page.height, v.Side)
		if out, err = o.render(page, w, h, v.Format); err != nil {
			return fmt.Errorf("draw page %d: %w", n, err)
		}
		return o.unload(page)
	})
	return out, err
}

// pixels returns the size of the picture of a page of width by height points.
func pixels(width, height float64, side int) (w, h int) {
	longer := max(width, height)
	zoom := min(float64(min(side, maxSide))/longer, maxZoom)
	return max(1, int(math.Round(width*zoom))), max(1, int(math.Round(height*zoom)))
}

// render draws on white, as paper is: on a clear ground, blending would come out wrong.
func (o opened) render(page loaded, w, h int, f extract.Format) (document.Image, error) {
	bitmap, err := o.FPDFBitmap_Create(&requests.FPDFBitmap_Create{Width: w, Height: h})
	if err != nil {
		return document.Image{}, err
	}
	if _, err := o.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{Bitmap: bitmap.Bitmap, Width: w, Height: h, Color: 0xFFFFFFFF}); err != nil {
		return document.Image{}, err
	}
	if _, err := o.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: bitmap.Bitmap, Page: page.Page, SizeX: w, SizeY: h,
		Flags: enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER,
	}); err != nil {
		return document.Image{}, err
	}
	buf, err := o.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: bitmap.Bitmap})
	if err != nil {
		return document.Image{}, err
	}
	if len(buf.Buffer) != 4*w*h {
		return document.Image{}, errors.New("no memory for the picture")
	}
	out, err := extract.Encode(&image.RGBA{Pix: buf.Buffer, Stride: 4 * w, Rect: image.Rect(0, 0, w, h)}, f)
	if err != nil {
		return document.Image{}, err
	}
	_, err = o.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: bitmap.Bitmap})
	return out, err
}
