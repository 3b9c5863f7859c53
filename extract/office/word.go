package office

import (
	"encoding/xml"
	"slices"
	"strings"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/fault"
)

// readWord reads a Word document: its headers, its body, its footers.
func readWord(p *parcel) (*extract.Content, error) {
	main, err := p.mainPart("word/document.xml")
	if err != nil {
		return nil, err
	}
	meta, pages, err := p.properties()
	if err != nil {
		return nil, err
	}
	out := &output{max: p.opts.MaxText}
	if err := p.scan(main, &body{out: out}); err != nil {
		return nil, err
	}
	heads, feet, err := p.margins(main)
	if err != nil {
		return nil, err
	}
	all := strings.Join(slices.Concat(heads, []string{out.String()}, feet), "\n")
	text := strings.TrimSpace(extract.Cut(all, p.opts.MaxText))
	return &extract.Content{
		Pages:     []extract.Page{{Number: 1, Text: text}},
		PageCount: pages,
		Meta:      meta,
	}, nil
}

// margins returns the texts of the first headers and footers of a document, each once. A
// damaged one is left out.
func (p *parcel) margins(main string) (heads, feet []string, err error) {
	const most = 3      // of each: the first page's, the odd and the even pages'
	const limit = 4_000 // bytes of each
	links, err := p.relations(main)
	if err != nil && fault.KindOf(err) != fault.Corrupt {
		return nil, nil, err
	}
	for _, link := range links {
		list := &heads
		if link.kind == "footer" {
			list = &feet
		}
		if link.kind != "header" && link.kind != "footer" || len(*list) == most {
			continue
		}
		out := &output{max: limit}
		if err := p.scan(link.target, &body{out: out}); err != nil && fault.KindOf(err) != fault.Corrupt {
			return nil, nil, err
		}
		if text := out.String(); text != "" && !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	return heads, feet, nil
}

// body is a visitor that gathers the visible text of a part of a Word document. Only the
// text of runs counts: drawings keep their measures between tags, too.
type body struct {
	out    *output
	open   []xml.Name // elements
	skip   int        // how many were open when the one being skipped began; 0 for none
	cells  int        // open cells of tables
	inText bool
	hidden bool // the run is not shown
}

func (b *body) start(e xml.StartElement) error {
	b.open = append(b.open, e.Name)
	if b.skip > 0 {
		return nil
	}
	if isTwice(e.Name) {
		b.skip = len(b.open)
		return nil
	}
	if !isWord(e.Name) {
		return nil
	}
	switch e.Name.Local {
	case "r":
		b.hidden = false
	case "t":
		b.inText = !b.hidden
	case "vanish":
		b.hidden = b.hidden || b.inside("rPr", "r") && isOn(e)
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
	case "txbxContent":
		b.out.separate('\n')
	}
	return nil
}

func (b *body) end(name xml.Name) error {
	depth := len(b.open)
	b.open = b.open[:depth-1]
	if b.skip > 0 {
		if depth == b.skip {
			b.skip = 0
		}
		return nil
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
	return nil
}

func (b *body) text(s []byte) error {
	if !b.inText || b.skip > 0 {
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

// inside reports whether the element that just began stands in the given elements, from
// the inmost outwards.
func (b *body) inside(parents ...string) bool {
	at := len(b.open) - 2
	for i, name := range parents {
		if at-i < 0 || b.open[at-i].Local != name {
			return false
		}
	}
	return true
}

func isWord(name xml.Name) bool {
	return strings.HasSuffix(name.Space, "/wordprocessingml/main") || strings.HasSuffix(name.Space, "/wordprocessingml/2006/main")
}

// isTwice reports whether an element holds what is also said elsewhere: the version of a
// drawing for old programs, or a paragraph at the place that it was moved away from.
func isTwice(name xml.Name) bool {
	return name.Local == "Fallback" && strings.Contains(name.Space, "markup-compatibility") ||
		name.Local == "moveFrom" && isWord(name)
}

// isOn reads a switch of Word, which is on when it says nothing.
func isOn(e xml.StartElement) bool {
	switch strings.ToLower(attr(e, "val")) {
	case "0", "false", "off":
		return false
	}
	return true
}
