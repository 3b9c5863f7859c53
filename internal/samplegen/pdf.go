package main

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
)

// stamped is the time inside every file that records one.
func stamped() time.Time { return time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC) }

type pdfCanvas struct {
	pdf    *fpdf.Fpdf
	meter  *fpdf.Fpdf          // has no page, so that measuring writes nothing
	encode func(string) string // to the encoding of the built-in fonts
}

// newPDF is uncompressed: its bytes do not depend on the Go release's flate.
func newPDF(title string, w, h float64) *fpdf.Fpdf {
	pdf := fpdf.NewCustom(&fpdf.InitType{UnitStr: "pt", Size: fpdf.SizeType{Wd: w, Ht: h}})
	pdf.SetCompression(false)
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(stamped())
	pdf.SetModificationDate(stamped())
	pdf.SetTitle(title, true)
	pdf.SetProducer("samplegen", true)
	pdf.SetAutoPageBreak(false, 0)
	return pdf
}

// renderPDF returns d as a PDF with a text layer.
func renderPDF(d doc) ([]byte, error) {
	c := drawDoc(d, func() canvas {
		pdf := newPDF(d.title, d.theme.paperW, d.theme.paperH)
		meter := newPDF("", d.theme.paperW, d.theme.paperH)
		return &pdfCanvas{pdf, meter, pdf.UnicodeTranslatorFromDescriptor("")}
	})
	return pdfBytes(c.(*pdfCanvas).pdf)
}

// imagePDF returns a PDF whose only content is jpg, as a scanner writes it.
func imagePDF(title string, jpg []byte) ([]byte, error) {
	pdf := newPDF(title, letterW, letterH)
	pdf.AddPage()
	opts := fpdf.ImageOptions{ImageType: "JPEG"}
	pdf.RegisterImageOptionsReader("scan", opts, bytes.NewReader(jpg))
	pdf.ImageOptions("scan", 0, 0, letterW, letterH, false, opts, 0, "")
	return pdfBytes(pdf)
}

func pdfBytes(pdf *fpdf.Fpdf) ([]byte, error) {
	var b bytes.Buffer
	if err := pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("write pdf: %w", err)
	}
	return b.Bytes(), nil
}

func (c *pdfCanvas) newPage() { c.pdf.AddPage() }

func (c *pdfCanvas) width(f face, s string) float64 {
	use(c.meter, f)
	return c.meter.GetStringWidth(c.encode(s))
}

func (c *pdfCanvas) text(x, y float64, f face, s string) {
	use(c.pdf, f)
	c.pdf.SetTextColor(int(f.color.r), int(f.color.g), int(f.color.b))
	c.pdf.Text(x, y, c.encode(s))
}

func use(pdf *fpdf.Fpdf, f face) {
	style := ""
	if f.bold {
		style += "B"
	}
	if f.italic {
		style += "I"
	}
	pdf.SetFont([]string{"Helvetica", "Times", "Courier"}[f.family], style, f.size)
}

func (c *pdfCanvas) fill(x, y, w, h float64, col rgb) {
	c.pdf.SetFillColor(int(col.r), int(col.g), int(col.b))
	c.pdf.Rect(x, y, w, h, "F")
}

func (c *pdfCanvas) line(x1, y1, x2, y2, w float64, col rgb) {
	c.pdf.SetDrawColor(int(col.r), int(col.g), int(col.b))
	c.pdf.SetLineWidth(w)
	c.pdf.Line(x1, y1, x2, y2)
}
