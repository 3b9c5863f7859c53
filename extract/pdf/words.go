package pdf

import (
	"fmt"
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// lookWords adds a piece of text.
func (o *opened) lookWords(s *survey, ref references.FPDF_PAGEOBJECT, at place) error {
	whole, err := o.bounds(ref, at)
	if err != nil {
		return nil // nothing is drawn, and nothing is read
	}
	mode, err := o.FPDFTextObj_GetTextRenderMode(&requests.FPDFTextObj_GetTextRenderMode{PageObject: ref})
	if err != nil {
		return fmt.Errorf("read text object: %w", err)
	}
	w := words{ref: ref, box: whole, whole: whole, order: s.seen, mode: mode.TextRenderMode, form: at.form}
	if w.mode != enums.FPDF_TEXTRENDERMODE_INVISIBLE {
		if w.colour = o.fill(ref); w.stroked() {
			w.colour = o.stroke(ref)
		}
		w.blended = o.blends(ref)
		w.option = o.optional(ref)
		w.box = o.clipped(ref, whole, at)
	}
	w.size = o.letters(w, at)
	s.words = append(s.words, w)
	return nil
}

// stroked reports whether the outlines of letters are drawn and nothing else.
func (w words) stroked() bool {
	return w.mode == enums.FPDF_TEXTRENDERMODE_STROKE || w.mode == enums.FPDF_TEXTRENDERMODE_STROKE_CLIP
}

func (o *opened) stroke(ref references.FPDF_PAGEOBJECT) colour {
	c, err := o.FPDFPageObj_GetStrokeColor(&requests.FPDFPageObj_GetStrokeColor{PageObject: ref})
	if err != nil {
		return colour{}
	}
	return colour{c.StrokeColor, true}
}

func (o *opened) blends(ref references.FPDF_PAGEOBJECT) bool {
	got, err := o.FPDFPageObj_HasTransparency(&requests.FPDFPageObj_HasTransparency{PageObject: ref})
	return err == nil && got.HasTransparency
}

// optional reports whether an object is marked as optional content.
func (o *opened) optional(ref references.FPDF_PAGEOBJECT) bool {
	count, err := o.FPDFPageObj_CountMarks(&requests.FPDFPageObj_CountMarks{PageObject: ref})
	if err != nil {
		return false
	}
	for i := range min(count.Count, maxForms) {
		o.handles++
		mark, err := o.FPDFPageObj_GetMark(&requests.FPDFPageObj_GetMark{PageObject: ref, Index: uint64(i)})
		if err != nil {
			return false
		}
		name, err := o.FPDFPageObjMark_GetName(&requests.FPDFPageObjMark_GetName{PageObjectMark: mark.Mark})
		if err == nil && name.Name == "OC" {
			return true
		}
	}
	return false
}

// clipped returns the part of a box that the object's clip lets through. A clip is taken for
// the rectangle around it.
func (o *opened) clipped(ref references.FPDF_PAGEOBJECT, whole box, at place) box {
	const most = 8 // of paths, and of points of one
	got, err := o.FPDFPageObj_GetClipPath(&requests.FPDFPageObj_GetClipPath{PageObject: ref})
	if err != nil {
		return whole
	}
	o.handles++
	count, err := o.FPDFClipPath_CountPaths(&requests.FPDFClipPath_CountPaths{ClipPath: got.ClipPath})
	if err != nil {
		return whole
	}
	for i := range min(count.Count, most) {
		n, err := o.FPDFClipPath_CountPathSegments(&requests.FPDFClipPath_CountPathSegments{ClipPath: got.ClipPath, PathIndex: i})
		if err != nil || n.Count > most {
			continue
		}
		if b, ok := o.around(got.ClipPath, i, n.Count); ok {
			whole = whole.meet(b.with(at.matrix))
		}
	}
	return whole
}

// around returns the rectangle around the points of a clip's path.
func (o *opened) around(clip references.FPDF_CLIPPATH, path, points int) (box, bool) {
	if points == 5 {
		points = 4 // back where it began
	}
	b := box{math.MaxFloat32, math.MaxFloat32, -math.MaxFloat32, -math.MaxFloat32}
	for i := range points {
		o.handles++
		seg, err := o.FPDFClipPath_GetPathSegment(&requests.FPDFClipPath_GetPathSegment{ClipPath: clip, PathIndex: path, SegmentIndex: i})
		if err != nil {
			return box{}, false
		}
		at, err := o.FPDFPathSegment_GetPoint(&requests.FPDFPathSegment_GetPoint{PathSegment: seg.PathSegment})
		if err != nil {
			return box{}, false
		}
		b = box{min(b.left, at.X), min(b.bottom, at.Y), max(b.right, at.X), max(b.top, at.Y)}
	}
	return b, points > 0
}

// isSliver reports whether a clip leaves so little of words that nobody can read them. The boxes of
// some fonts are much higher than their letters, which then tell.
func (w words) isSliver() bool {
	const least = 0.3
	return w.isCut() && min(w.box.width(), w.box.height()) < least*w.size
}

// isCut reports whether a clip leaves little of the words' box.
func (w words) isCut() bool {
	const little = 0.3
	return w.box.area() < little*w.whole.area()
}

// letters returns the size of the letters in points, where they may be tiny or are cut.
func (o *opened) letters(w words, at place) float32 {
	const low = 2 * tiny
	if min(w.whole.width(), w.whole.height()) > low && !w.isCut() {
		return low
	}
	size, err := o.FPDFTextObj_GetFontSize(&requests.FPDFTextObj_GetFontSize{PageObject: w.ref})
	if err != nil {
		return low
	}
	m, err := o.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: w.ref})
	if err != nil {
		return low
	}
	onPage := times(m.Matrix, at.matrix)
	return float32(math.Abs(float64(size.FontSize)) * math.Hypot(float64(onPage.C), float64(onPage.D)))
}
