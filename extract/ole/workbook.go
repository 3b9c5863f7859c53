package ole

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/text/encoding"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/number"
)

// workbook is what a workbook keeps apart from its sheets.
type workbook struct {
	b       []byte
	opts    Options
	budget  *budget
	version int

	text      encoding.Encoding // before Excel 97
	strings   []string
	custom    map[int]number.Format // by number format id
	styles    []int                 // number format ids
	since1904 bool
	sheets    []sheetRef
}

// sheetRef is a visible sheet.
type sheetRef struct {
	name string
	at   int // bytes
}

const (
	version8   = 0x600 // Excel 97 and later
	maxStrings = 500_000
	maxShared  = 16 << 20 // bytes of them
	maxStyles  = 1 << 16
)

// readWorkbook reads the visible sheets of a workbook, a page for each.
func readWorkbook(ctx context.Context, c *compound, o Options) (*extract.Content, error) {
	b := c.stream("Workbook", "Book")
	if b == nil {
		return nil, c.missing("workbook")
	}
	w := &workbook{b: b, opts: o, budget: budgetFor(b), text: codePage(western), custom: map[int]number.Format{}}
	if err := w.readGlobals(ctx); err != nil {
		return nil, err
	}
	if len(w.sheets) == 0 {
		return nil, corrupt("the workbook has no visible sheet")
	}
	pages, err := w.readSheets(ctx)
	if err != nil {
		return nil, err
	}
	meta, _ := properties(c)
	if names := w.sheetNames(); names != "" {
		meta["sheets"] = names
	}
	return &extract.Content{Pages: pages, PageCount: len(w.sheets), Meta: meta}, nil
}

func (w *workbook) sheetNames() string {
	names := make([]string, len(w.sheets))
	for i, s := range w.sheets {
		names[i] = s.name
	}
	const most = 1000 // bytes
	return extract.Cut(strings.Join(names, ", "), most)
}

// readGlobals reads the first part of a workbook, which lists its sheets.
func (w *workbook) readGlobals(ctx context.Context) error {
	r := &records{b: w.b, budget: w.budget}
	for depth := 0; ; {
		rec, err := r.next(ctx)
		if errors.Is(err, errEnough) {
			return nil
		}
		if err != nil {
			return err
		}
		switch rec.kind {
		case recBegin:
			if depth++; depth == 1 {
				w.version = u16(rec.data, 0)
			}
		case recEnd:
			if depth--; depth <= 0 {
				return nil
			}
		case recFilePass:
			if err := w.unlock(rec.data, r.at); err != nil {
				return err
			}
			r.b = w.b
		default:
			w.global(rec)
		}
	}
}

func (w *workbook) global(rec record) {
	switch rec.kind {
	case recCodePage:
		w.text = codePage(u16(rec.data, 0))
	case recDateMode:
		w.since1904 = u16(rec.data, 0) == 1
	case recFormat:
		w.readFormat(rec)
	case recStyle:
		if len(w.styles) < maxStyles {
			w.styles = append(w.styles, u16(rec.data, 2))
		}
	case recSheet:
		w.readSheetRef(rec.data)
	case recStrings:
		w.readStrings(rec)
	}
}

func (w *workbook) readFormat(rec record) {
	if len(w.custom) == maxStyles {
		return
	}
	code := w.shortText(from(rec.data, 2))
	if w.version >= version8 {
		l := &long{data: from(rec.data, 4), more: rec.more}
		code = l.text(u16(rec.data, 2))
	}
	w.custom[u16(rec.data, 0)] = number.Parse(code)
}

// readSheetRef adds a sheet unless it is hidden or holds a program.
func (w *workbook) readSheetRef(b []byte) {
	const hidden, program = 3, 6
	if len(b) < 7 || b[4]&hidden != 0 || b[5] == program || len(w.sheets) == w.opts.MaxPages {
		return
	}
	w.sheets = append(w.sheets, sheetRef{tidySpace(w.shortText(b[6:])), int(u32(b, 0))})
}

// shortText reads a text whose count of characters is one byte.
func (w *workbook) shortText(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if w.version >= version8 {
		l := &long{data: b[1:]}
		return l.text(int(b[0]))
	}
	return decoded(w.text, span(b, 1, int(b[0])))
}

// longText reads a text whose count of characters is two bytes.
func (w *workbook) longText(b []byte, more [][]byte) string {
	if w.version >= version8 {
		l := &long{data: from(b, 2), more: more}
		return l.text(u16(b, 0))
	}
	return cut(decoded(w.text, span(b, 2, min(maxCell, u16(b, 0)))))
}

func (w *workbook) readStrings(rec record) {
	l := &long{data: from(rec.data, 8), more: rec.more}
	for size := 0; !l.done() && size < maxShared && len(w.strings) < maxStrings; {
		s := l.text(l.u16())
		w.strings = append(w.strings, s)
		size += len(s)
	}
}

// format returns how a cell of a style shows its number.
func (w *workbook) format(style int) number.Format {
	if style >= len(w.styles) {
		return number.Plain
	}
	id := w.styles[style]
	if f, ok := w.custom[id]; ok {
		return f
	}
	return number.BuiltIn(id)
}

// readSheets reads sheets until the text is long enough. The name of a sheet is its heading.
func (w *workbook) readSheets(ctx context.Context) ([]extract.Page, error) {
	var pages []extract.Page
	left := w.opts.MaxText
	for i, s := range w.sheets {
		out := &output{max: left}
		out.text(s.name)
		out.separate('\n')
		if err := w.readSheet(ctx, s.at, out); err != nil {
			return nil, err
		}
		text := out.String()
		pages = append(pages, extract.Page{Number: i + 1, Text: text})
		if left -= len(text); left <= 0 || out.full() {
			break
		}
	}
	return pages, nil
}

// tidySpace makes a text of a cell fit for its place in a row.
func tidySpace(s string) string { return strings.Join(strings.Fields(extract.Clean(s)), " ") }
