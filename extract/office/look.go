package office

import (
	"encoding/xml"
	"math"
	"strconv"
	"strings"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/number"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
)

const (
	maxCell    = 4 << 10  // bytes of text of a cell
	maxStrings = 500_000  // shared strings
	maxShared  = 16 << 20 // bytes of them
)

// look is what a workbook keeps apart from its cells: their texts and their formats.
type look struct {
	strings   []string
	formats   []number.Format // by cell style
	hides     []unseen.Kind   // by cell style
	since1904 bool
}

// look reads the shared strings and the styles of a workbook, which may have neither.
// Damaged styles are done without, and so are strings behind a refused document type.
func (p *parcel) look(links []relation, since1904 bool) (*look, error) {
	l := &look{since1904: since1904}
	for _, link := range links {
		switch {
		case link.kind == "sharedStrings" && p.has(link.target):
			v := &sharedStrings{}
			if err := p.scan(link.target, v); err != nil && fault.KindOf(err) != fault.Doctype {
				return nil, err
			}
			l.strings = v.list
		case link.kind == "styles" && p.has(link.target):
			v := &styles{custom: map[string]number.Format{}, blank: map[string]bool{}}
			if err := spare(p.scan(link.target, v)); err != nil {
				return nil, err
			}
			l.formats, l.hides = v.cells, v.hides
		}
	}
	return l, nil
}

// hidden returns how a cell's style keeps what is in it from a reader, or "".
func (l *look) hidden(style string) unseen.Kind {
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(l.hides) {
		return l.hides[i]
	}
	return ""
}

// show returns the value of a cell as it would be read. Errors of formulas show nothing.
func (l *look) show(kind, style, value string) string {
	switch kind {
	case "s":
		if i, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && i >= 0 && i < len(l.strings) {
			return l.strings[i]
		}
		return ""
	case "b":
		return map[string]string{"0": "FALSE", "1": "TRUE"}[value]
	case "e":
		return ""
	case "", "n":
		return l.number(style, value)
	}
	return unescaped(value) // inlineStr, str and d say what they show
}

// unescaped returns a text with the characters that workbooks write as _x000D_.
func unescaped(s string) string {
	const mark, end = "_x", len("_x000D_") - 1
	var b strings.Builder
	for at := strings.Index(s, mark); at >= 0; at = strings.Index(s, mark) {
		b.WriteString(s[:at])
		s = s[at:]
		if len(s) > end && s[end] == '_' {
			if n, err := strconv.ParseUint(s[len(mark):end], 16, 16); err == nil {
				b.WriteRune(rune(n))
				s = s[end+1:]
				continue
			}
		}
		b.WriteString(mark)
		s = s[len(mark):]
	}
	b.WriteString(s)
	return b.String()
}

func (l *look) number(style, value string) string {
	v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return value
	}
	f := number.Plain
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(l.formats) {
		f = l.formats[i]
	}
	return f.Show(v, l.since1904)
}

// sharedStrings is a visitor that gathers the texts that cells refer to.
type sharedStrings struct {
	list     []string
	size     int // bytes
	item     strings.Builder
	inText   bool
	phonetic int
}

func (s *sharedStrings) start(e element) error {
	switch e.Name.Local {
	case "si":
		s.item.Reset()
	case "rPh":
		s.phonetic++
	case "t":
		s.inText = s.phonetic == 0
	}
	return nil
}

func (s *sharedStrings) text(b []byte) error {
	if s.inText && s.item.Len() < maxCell {
		s.item.Write(b[:min(len(b), maxCell)])
	}
	return nil
}

func (s *sharedStrings) end(name xml.Name) error {
	switch name.Local {
	case "rPh":
		s.phonetic--
	case "t":
		s.inText = false
	case "si":
		text := extract.Clean(unescaped(s.item.String()))
		s.list = append(s.list, text)
		if s.size += len(text); s.size > maxShared || len(s.list) == maxStrings {
			return errEnough
		}
	}
	return nil
}
