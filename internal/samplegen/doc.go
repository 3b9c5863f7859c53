package main

// doc is one document as data: the PDF, Word and image renderers draw the same description.
type doc struct {
	title  string
	theme  theme
	footer string // at the foot of every page, beside the page number; empty means neither
	blocks []block
}

// theme is how a document looks. Lengths are points.
type theme struct {
	family   family
	size     float64 // of body text
	accent   rgb
	paperW   float64
	paperH   float64
	margin   float64
	plainTop bool // letterheads without a coloured mark
}

type family int

const (
	sans family = iota
	serif
	mono
)

type rgb struct{ r, g, b uint8 }

const (
	letterW, letterH = 612, 792
	pageMargin       = 54
)

func ink() rgb   { return rgb{28, 28, 32} }
func faint() rgb { return rgb{105, 108, 115} }
func pale() rgb  { return rgb{238, 240, 243} }

// letterPaper is the theme of most documents: US letter, 10 point text.
func letterPaper(f family, accent rgb) theme {
	return theme{family: f, size: 10, accent: accent, paperW: letterW, paperH: letterH, margin: pageMargin}
}

// block is one piece of a document, top to bottom.
type block interface{ isBlock() }

type align int

const (
	left align = iota
	center
	right
)

type (
	// letterhead is the sender at the left and what the document is at the right.
	letterhead struct {
		name  string
		lines []string
		tag   string
		sub   string // under the tag
	}

	// heading has a level from 1, the document's own title, to 3.
	heading struct {
		level int
		text  string
		align align
	}

	// para is a paragraph; lead is its bold beginning.
	para struct {
		lead, text   string
		align        align
		bold, italic bool
		small        bool
		indent       float64
	}

	// fields are labelled values in a grid; boxed ones look like a form to fill in.
	fields struct {
		cols   int
		boxed  bool
		labelW float64 // unboxed: width kept for labels; 0 means 40 % of a column
		items  []field
	}

	// table repeats its head after a page break; foot rows are bold under a line.
	table struct {
		cols  []col
		rows  [][]string
		foot  [][]string
		grid  bool // lines around every cell instead of shaded rows
		small bool
	}

	// list is numbered or bulleted.
	list struct {
		numbered bool
		items    []string
	}

	// checks are boxes to tick in a row.
	checks struct {
		label string
		items []check
	}

	// columns sets two runs of blocks side by side, within one page.
	columns struct{ left, right []block }

	// note is a shaded box.
	note struct{ lead, text string }

	// signatures are lines to sign on, side by side.
	signatures []signature

	// bars looks like a bar code; the digits seed its pattern.
	bars struct {
		digits string
		align  align
	}

	// stamp is a bordered mark, such as a clerk's.
	stamp struct{ lines []string }

	// verbatim keeps its lines and their blanks.
	verbatim []string

	rule      struct{}
	space     float64
	pageBreak struct{}
)

type (
	field struct {
		label, value string
		span         int // columns it covers; 0 means 1
	}
	col struct {
		name  string
		width float64 // relative to the other columns
		align align
	}
	check struct {
		label string
		on    bool
	}
	signature struct{ signed, name, role, date string }
)

func (letterhead) isBlock() {}
func (heading) isBlock()    {}
func (para) isBlock()       {}
func (fields) isBlock()     {}
func (table) isBlock()      {}
func (list) isBlock()       {}
func (checks) isBlock()     {}
func (columns) isBlock()    {}
func (note) isBlock()       {}
func (signatures) isBlock() {}
func (bars) isBlock()       {}
func (stamp) isBlock()      {}
func (verbatim) isBlock()   {}
func (rule) isBlock()       {}
func (space) isBlock()      {}
func (pageBreak) isBlock()  {}
