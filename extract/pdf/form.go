package pdf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"github.com/docsift/docsift/extract"
)

// flattened loads page n with what was filled into its fields as part of it, which PDFium would
// not draw otherwise. The document serves for nothing else afterwards: its text has changed.
func (o *opened) flattened(n int) (loaded, error) {
	p, err := o.load(n)
	if err != nil {
		return loaded{}, err
	}
	count, err := o.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: p.Page})
	if err != nil || count.Count == 0 {
		return p, err
	}
	o.spent = true
	if _, err := o.FPDFPage_Flatten(&requests.FPDFPage_Flatten{Page: p.Page, Usage: requests.FPDFPage_FlattenUsageNormalDisplay}); err != nil {
		return loaded{}, fmt.Errorf("flatten: %w", err)
	}
	// Only a page loaded anew shows what was flattened into it.
	if err := o.unload(p); err != nil {
		return loaded{}, err
	}
	if err := o.forget(); err != nil {
		return loaded{}, err
	}
	return o.load(n)
}

// Limits on the fields of a page that are looked at.
const (
	maxFields = 500
	maxValues = 64 << 10 // bytes of what was filled into them
	maxName   = 1000     // bytes
)

// filled is what stands in the fields of a page.
type filled struct {
	names  []string
	values []string
	unseen string // the values of fields that are not shown
}

// fields returns the names of the fields on a page and what was filled into them. Flattening
// the page would put the values where they stand, at many times the cost.
func (o *opened) fields(p loaded) (filled, error) {
	count, err := o.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: p.Page})
	if err != nil {
		return filled{}, fmt.Errorf("count annotations: %w", err)
	}
	var f filled
	left := maxValues
	for i := range min(count.Count, maxFields) {
		if left <= 0 {
			break
		}
		got, err := o.FPDFPage_GetAnnot(&requests.FPDFPage_GetAnnot{Page: p.Page, Index: i})
		if err != nil {
			continue // no annotation that can be read
		}
		one, err := o.field(got.Annotation)
		if err != nil {
			return filled{}, err
		}
		if one.value = extract.Cut(one.value, left); one.value != "" {
			left -= len(one.value)
		}
		f.add(one)
		if _, err := o.FPDFPage_CloseAnnot(&requests.FPDFPage_CloseAnnot{Annotation: got.Annotation}); err != nil {
			return filled{}, fmt.Errorf("close annotation: %w", err)
		}
	}
	return f, nil
}

func (f *filled) add(one field) {
	if name := extract.Cut(one.name, maxName); name != "" && !slices.Contains(f.names, name) {
		f.names = append(f.names, name)
	}
	switch {
	case one.unseen:
		f.unseen += one.value
	case one.value != "":
		f.values = append(f.values, one.value)
	}
}

// field is one to fill in.
type field struct {
	name   string
	value  string // what was typed or chosen there
	unseen bool
}

// field returns what is known of a field. Other annotations have no name and no value.
func (o *opened) field(a references.FPDF_ANNOTATION) (field, error) {
	kind, err := o.FPDFAnnot_GetSubtype(&requests.FPDFAnnot_GetSubtype{Annotation: a})
	if err != nil {
		return field{}, fmt.Errorf("read annotation: %w", err)
	}
	if kind.Subtype != enums.FPDF_ANNOT_SUBTYPE_WIDGET {
		return field{}, nil
	}
	f := field{name: o.entry(a, "T"), value: o.entry(a, "V")}
	if f.value != "" && !slices.Contains([]string{"Tx", "Ch"}, o.entry(a, "FT")) {
		f.value = "" // the state of a box or a button
	}
	if flags, err := o.FPDFAnnot_GetFlags(&requests.FPDFAnnot_GetFlags{Annotation: a}); err == nil {
		f.unseen = flags.Flags&(enums.FPDF_ANNOT_FLAG_HIDDEN|enums.FPDF_ANNOT_FLAG_NOVIEW) != 0
	}
	return f, nil
}

// entry returns an entry of an annotation's dictionary. What it does not have is "".
func (o *opened) entry(a references.FPDF_ANNOTATION, key string) string {
	got, err := o.FPDFAnnot_GetStringValue(&requests.FPDFAnnot_GetStringValue{Annotation: a, Key: key})
	if err != nil {
		return ""
	}
	return strings.TrimSpace(clean(got.Value))
}
