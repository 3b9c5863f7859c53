package pdf

import (
	"fmt"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/structs"
)

// Limits on what is looked at for hidden text. A page with more grounds than that has each of
// its texts compared with the picture of the page.
const (
	maxGrounds = 1000
	maxForms   = 30 // one within the other
	maxObjects = 200_000
)

// survey is what is drawn on a page, in the order of drawing.
type survey struct {
	frame   box // of the page
	words   []words
	grounds []ground
	images  float32 // the area of all of them together
	crowded bool    // there are more grounds than were looked at
	seen    int     // objects
}

// words are a piece of text that is drawn at once.
type words struct {
	ref     references.FPDF_PAGEOBJECT
	box     box // where they show: cut to what lets them through
	whole   box // where they would without that
	order   int
	mode    enums.FPDF_TEXT_RENDERMODE
	colour  colour
	blended bool // by a mask, a mode or a transparency
	size    float32
	option  bool // they may be switched off
	form    int  // that draws them, counted from 1; 0 for none

	suspected bool
}

// ground is what may lie behind words or over them.
type ground struct {
	box    box
	order  int
	image  bool
	colour colour
}

// colour is one as PDFium tells it, unless it is not plain, such as a pattern.
type colour struct {
	structs.FPDF_COLOR
	plain bool
}

// place is where the objects of a page, or of a form on it, stand.
type place struct {
	matrix structs.FPDF_FS_MATRIX
	depth  int
	form   int
}

// survey looks at all that is drawn on a page.
func (o *opened) survey(p loaded) (*survey, error) {
	frame, err := o.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: p.Page})
	if err != nil {
		return nil, fmt.Errorf("measure page: %w", err)
	}
	count, err := o.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: p.Page})
	if err != nil {
		return nil, fmt.Errorf("count objects: %w", err)
	}
	s := &survey{frame: rectangle(frame.Rect)}
	for i := range count.Count {
		got, err := o.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: p.Page, Index: i})
		if err != nil {
			return nil, fmt.Errorf("read object: %w", err)
		}
		if err := o.look(s, got.PageObject, place{matrix: structs.FPDF_FS_MATRIX{A: 1, D: 1}}); err != nil {
			return nil, err
		}
	}
	return s, o.overlay(s, p)
}

// look adds an object to a survey.
func (o *opened) look(s *survey, ref references.FPDF_PAGEOBJECT, at place) error {
	o.handles++
	if s.seen++; s.seen > maxObjects {
		s.crowded = true
		return nil
	}
	kind, err := o.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: ref})
	if err != nil {
		return fmt.Errorf("read object: %w", err)
	}
	switch kind.Type {
	case enums.FPDF_PAGEOBJ_TEXT:
		return o.lookWords(s, ref, at)
	case enums.FPDF_PAGEOBJ_FORM:
		return o.lookForm(s, ref, at)
	default:
		o.lookGround(s, ref, kind.Type, at)
	}
	return nil
}

// lookForm looks at what a form draws.
func (o *opened) lookForm(s *survey, ref references.FPDF_PAGEOBJECT, at place) error {
	if at.depth++; at.depth > maxForms {
		return nil
	}
	at.form = s.seen
	if m, err := o.FPDFPageObj_GetMatrix(&requests.FPDFPageObj_GetMatrix{PageObject: ref}); err == nil {
		at.matrix = times(m.Matrix, at.matrix)
	}
	count, err := o.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: ref})
	if err != nil {
		return nil // an empty one
	}
	for i := range count.Count {
		got, err := o.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: ref, Index: uint64(i)})
		if err != nil {
			return fmt.Errorf("read object of form: %w", err)
		}
		if err := o.look(s, got.PageObject, at); err != nil {
			return err
		}
	}
	return nil
}

// lookGround adds what can lie behind words: pictures, shadings and filled shapes, unless they
// are as thin as lines are.
func (o *opened) lookGround(s *survey, ref references.FPDF_PAGEOBJECT, kind enums.FPDF_PAGEOBJ, at place) {
	const thin = 3 // points
	b, err := o.bounds(ref, at)
	if b = b.meet(s.frame); err != nil || b.width() < thin || b.height() < thin {
		return
	}
	if len(s.grounds) == maxGrounds {
		s.crowded = true
		return
	}
	g := ground{box: b, order: s.seen, image: kind == enums.FPDF_PAGEOBJ_IMAGE}
	if g.image {
		s.images += b.area()
	}
	if kind == enums.FPDF_PAGEOBJ_PATH {
		mode, err := o.FPDFPath_GetDrawMode(&requests.FPDFPath_GetDrawMode{PageObject: ref})
		if err == nil && mode.FillMode == enums.FPDF_FILLMODE_NONE {
			return
		}
		g.colour = o.fill(ref)
	}
	s.grounds = append(s.grounds, g)
}

// overlay adds annotations, which are drawn over the page. Links show no more than a frame.
func (o *opened) overlay(s *survey, p loaded) error {
	count, err := o.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: p.Page})
	if err != nil {
		return fmt.Errorf("count annotations: %w", err)
	}
	for i := range min(count.Count, maxFields) {
		got, err := o.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: p.Page, Index: i})
		if err != nil {
			continue // no annotation that can be read
		}
		kind, err := o.FPDFAnnot_GetSubtype(&requests.FPDFAnnot_GetSubtype{Annotation: got.Annotation})
		if err != nil {
			return fmt.Errorf("read annotation: %w", err)
		}
		switch kind.Subtype {
		case enums.FPDF_ANNOT_SUBTYPE_LINK, enums.FPDF_ANNOT_SUBTYPE_POPUP, enums.FPDF_ANNOT_SUBTYPE_WIDGET:
		default:
			if r, err := o.FPDFAnnot_GetRect(&requests.FPDFAnnot_GetRect{Annotation: got.Annotation}); err == nil {
				s.grounds = append(s.grounds, ground{box: rectangle(r.Rect).meet(s.frame), order: maxObjects + 1})
			}
		}
		if _, err := o.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: got.Annotation}); err != nil {
			return fmt.Errorf("close annotation: %w", err)
		}
	}
	return nil
}

// bounds returns where an object stands on the page.
func (o *opened) bounds(ref references.FPDF_PAGEOBJECT, at place) (box, error) {
	b, err := o.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: ref})
	if err != nil {
		return box{}, err
	}
	whole := box{b.Left, b.Bottom, b.Right, b.Top}
	if at.depth == 0 {
		return whole, nil
	}
	return whole.with(at.matrix), nil
}

func (o *opened) fill(ref references.FPDF_PAGEOBJECT) colour {
	c, err := o.FPDFPageObj_GetFillColor(&requests.FPDFPageObj_GetFillColor{PageObject: ref})
	if err != nil {
		return colour{}
	}
	return colour{c.FillColor, true}
}

func rectangle(r structs.FPDF_FS_RECTF) box {
	return box{min(r.Left, r.Right), min(r.Top, r.Bottom), max(r.Left, r.Right), max(r.Top, r.Bottom)}
}
