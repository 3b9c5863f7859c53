package office

import (
	"encoding/xml"
	"slices"
	"strings"

	"github.com/docsift/docsift/extract"
)

// readWord reads a Word document: its headers, its body, its notes, its footers.
func readWord(p *parcel) (*extract.Content, error) {
	main, err := p.mainPart("word/document.xml")
	if err != nil {
		return nil, err
	}
	about, err := p.properties()
	if err != nil {
		return nil, err
	}
	styles, err := p.wordStyles(main)
	if err != nil {
		return nil, err
	}
	text := &body{out: &output{max: p.opts.MaxText}, styles: styles, hidden: secrets{}}
	if err := p.scan(main, text); err != nil {
		return nil, err
	}
	m, err := p.margins(main, text)
	if err != nil {
		return nil, err
	}
	c := m.around(text.out.String(), p.opts.MaxText)
	find(c, text.hidden)
	c.PageCount, c.Meta = about.count("Pages"), about.meta()
	setList(c.Meta, "fields", text.fields)
	return c, nil
}

// margins is what stands around the body of a document, each text once.
type margins struct{ heads, notes, feet []string }

const (
	maxMargins = 3         // headers, and footers: the first page's, the odd and the even pages'
	maxMargin  = 4_000     // bytes of each
	maxNotes   = 128 << 10 // bytes of all footnotes, and of all endnotes
)

// add takes a text in if it is new and there is room.
func (*margins) add(list *[]string, text string) {
	if text != "" && len(*list) < maxMargins && !slices.Contains(*list, text) {
		*list = append(*list, text)
	}
}

// around returns a document of one page.
func (m *margins) around(text string, limit int) *extract.Content {
	all := strings.Join(slices.Concat(m.heads, []string{text}, m.notes, m.feet), "\n")
	return &extract.Content{
		Pages: []extract.Page{{Number: 1, Text: strings.TrimSpace(extract.Cut(all, limit))}},
	}
}

// margins reads the headers, the footers and the notes of a document, which are shown and hidden
// like its text. A damaged one is left out.
func (p *parcel) margins(main string, text *body) (*margins, error) {
	m := &margins{}
	links, err := p.relations(main)
	if err := spare(err); err != nil {
		return nil, err
	}
	for _, link := range links {
		list, limit := &m.heads, maxMargin
		switch link.kind {
		case "header":
		case "footer":
			list = &m.feet
		case "footnotes", "endnotes":
			list, limit = &m.notes, maxNotes
		default:
			continue
		}
		if len(*list) == maxMargins {
			continue
		}
		out := &output{max: limit}
		if err := spare(p.scan(link.target, &body{out: out, styles: text.styles, hidden: text.hidden})); err != nil {
			return nil, err
		}
		m.add(list, out.String())
	}
	return m, nil
}

// body is a visitor that gathers the visible text of a part of a Word document. Only the
// text of runs counts: drawings keep their measures between tags, too.
type body struct {
	trail
	out    *output
	cells  int // open cells of tables
	inText bool
	fields []string // names of what can be filled in

	styles  map[string]wordStyle
	run     wordStyle
	para    wordStyle
	grounds []string // of the open tables, cells and boxes, the inmost last; "" for none of its own
	page    string   // the ground of the page
	hidden  secrets
}

func (b *body) start(e element) error {
	if !b.enter(e.Name) {
		return nil
	}
	switch {
	case isTwice(e.Name):
		b.omit(0)
	case isWord(e.Name):
		return b.startWord(e)
	case isMath(e.Name):
		b.inText = true
	}
	return nil
}

// ground notes what is behind the texts to come.
func (b *body) ground(e element) {
	last := len(b.grounds) - 1
	switch {
	case e.Name.Local == "background" && len(b.open) == 2:
		b.page = attr(e, "color")
	case last < 0:
	case e.Name.Local == "tblStyle" && attr(e, "val") != "TableGrid" && attr(e, "val") != "TableNormal":
		b.grounds[last] = "?"
	case e.Name.Local == "shd" && (b.inside("tcPr") || b.inside("tblPr")):
		s := wordStyle{}
		s.set(e)
		b.grounds[last] = s.ground
	}
}

// shown returns how the letters of the open run are shown.
func (b *body) shown() wordStyle {
	s := resolved(b.run, b.styles).over(resolved(b.para, b.styles)).over(b.styles["Normal"])
	for _, g := range slices.Backward(b.grounds) {
		s = s.over(wordStyle{ground: g})
	}
	return s.over(wordStyle{ground: b.page})
}

func (b *body) startWord(e element) error {
	switch e.Name.Local {
	case "r":
		b.run = wordStyle{}
	case "p":
		b.para = wordStyle{}
	case "t":
		b.inText = true
	case "vanish", "color", "sz", "highlight", "rStyle":
		if b.inside("rPr", "r") {
			b.run.set(e)
		}
	case "pStyle":
		b.para.set(e)
	case "background", "tblStyle":
		b.ground(e)
	case "shd":
		switch {
		case b.inside("rPr", "r"):
			b.run.set(e)
		case b.inside("pPr"):
			b.para.set(e)
		default:
			b.ground(e)
		}
	case "tbl":
		b.grounds = append(b.grounds, "")
	case "tab", "ptab":
		if b.inside("r") {
			b.out.separate('\t')
		}
	case "br", "cr":
		b.separateLine()
	case "noBreakHyphen":
		return b.out.write([]byte("-"))
	case "tc":
		b.cells++
		b.grounds = append(b.grounds, "")
	case "txbxContent":
		b.out.separate('\n')
		b.grounds = append(b.grounds, "?")
	case "name", "alias":
		if b.inside("ffData") && e.Name.Local == "name" || b.inside("sdtPr") && e.Name.Local == "alias" {
			b.fields = addName(b.fields, attr(e, "val"))
		}
	}
	return nil
}

func (b *body) end(name xml.Name) error {
	if !b.leave() {
		return nil
	}
	if isMath(name) {
		b.inText = false
	}
	if !isWord(name) {
		return nil
	}
	switch name.Local {
	case "t":
		b.inText = false
	case "p":
		b.separateLine()
	case "tc":
		b.cells--
		b.out.separate('\t')
	case "tr", "txbxContent":
		b.out.separate('\n')
	}
	switch name.Local {
	case "tbl", "tc", "txbxContent":
		b.grounds = b.grounds[:max(0, len(b.grounds)-1)]
	}
	return nil
}

func (b *body) text(s []byte) error {
	if !b.inText || b.skip > 0 {
		return nil
	}
	if why := b.shown().unreadable(); why != "" {
		b.hidden.add(why, s)
		return nil
	}
	return b.out.write(s)
}

// separateLine ends a line, or within a cell a word: a row stays on its line.
func (b *body) separateLine() {
	if b.cells > 0 {
		b.out.separate(' ')
		return
	}
	b.out.separate('\n')
}

// addName adds the name of a field to a list, once and within reason.
func addName(list []string, name string) []string {
	const most = 200
	if name == "" || len(list) == most || slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

func isWord(name xml.Name) bool {
	return strings.HasSuffix(name.Space, "/wordprocessingml/main") || strings.HasSuffix(name.Space, "/wordprocessingml/2006/main")
}

// isMath reports whether an element holds the signs of a formula.
func isMath(name xml.Name) bool {
	return name.Local == "t" && strings.Contains(name.Space, "officeDocument") && strings.HasSuffix(name.Space, "/math")
}

// isTwice reports whether an element holds what is also said elsewhere: the version of a
// drawing for old programs, a paragraph at the place that it was moved away from, or how a
// word sounds.
func isTwice(name xml.Name) bool {
	switch name.Local {
	case "Fallback":
		return strings.Contains(name.Space, "markup-compatibility")
	case "moveFrom", "rt":
		return isWord(name)
	}
	return false
}

// isOn reads a switch of Word, which is on when it says nothing.
func isOn(e element) bool {
	switch strings.ToLower(attr(e, "val")) {
	case "0", "false", "off":
		return false
	}
	return true
}
