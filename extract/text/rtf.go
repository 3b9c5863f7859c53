package text

import (
	"context"
	"maps"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"github.com/docsift/docsift/extract"
	"github.com/docsift/docsift/extract/unseen"
	"github.com/docsift/docsift/fault"
)

// RTF returns what a reader would see of a rich text document, or of the web page that a mail
// program packed into one, and what it hides. At most 1 MiB is kept. Bytes that do not begin as
// rich text are fault.Corrupt, groups that nest too deep fault.TooDeep.
func RTF(b []byte) (*extract.Content, error) {
	return readRTF(context.Background(), b, defaultMaxText)
}

// readRTF reads a rich text document in one pass. Nothing that is embedded in it is opened.
func readRTF(ctx context.Context, b []byte, maxText int) (*extract.Content, error) {
	in := strings.TrimLeft(strings.TrimPrefix(string(b), "\xEF\xBB\xBF"), " \t\r\n\x00")
	if !strings.HasPrefix(in, `{\rtf`) {
		return nil, fault.New(fault.Corrupt, nil, `it does not begin with "{\rtf" as rich text does: save it anew and send it again`)
	}
	r := &rtf{
		in: in, max: maxText, meta: map[string]string{}, pages: 1,
		page: charmap.Windows1252, fonts: map[int]encoding.Encoding{},
		group: rtfGroup{fallback: 1}, hidden: map[unseen.Kind]string{},
	}
	if err := r.read(ctx); err != nil {
		return nil, err
	}
	c := content(extract.Cut(tidy(extract.Clean(r.out.String())), maxText), nil)
	c.Hidden = unseen.Find(1, r.hidden, c.Text())
	if r.isHTML {
		p := newPage()
		if err := p.read(ctx, r.out.String(), maxText); err != nil {
			return nil, err
		}
		c = p.content(maxText)
	}
	c.PageCount, c.Meta = r.pages, r.properties(c.Meta)
	return c, nil
}

// tidy drops white space at the ends of lines, such as the tab after a row's last cell, and
// all but one of the empty lines in a row.
func tidy(s string) string {
	var b strings.Builder
	empty := 0
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimRight(line, " \t\u00A0"); line != "" {
			empty = 0
		} else if empty++; empty > 1 {
			continue
		}
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n")
}

// rtf reads one rich text document.
type rtf struct {
	in  string
	at  int
	out strings.Builder
	max int

	group rtfGroup // the inmost
	outer []rtfGroup
	done  bool // the outermost group is closed

	star     bool // the next word may be unknown and its group with it
	drop     int  // characters to come that repeat a \u for old programs
	high     rune // first half of a surrogate pair, or 0
	raw      []byte
	isHTML   bool
	page     encoding.Encoding
	fonts    map[int]encoding.Encoding
	defined  int // the font that the font table is defining
	standard int // the font of plain text

	meta  map[string]string
	pages int

	colours []colour // the colour table; the first is whatever shows
	mixed   colour   // the one that the table is defining
	hidden  map[unseen.Kind]string
}

// rtfGroup is what ends with a group.
type rtfGroup struct {
	mode      rtfMode
	into      string // key of meta that the text is kept under, or ""
	fallback  int    // how many characters repeat a \u
	font      int
	isFonts   bool // the font table
	isInfo    bool
	isTwin    bool // repeated in Unicode by a group to come
	isColours bool // the colour table
	isDeleted bool
	ink       rtfInk
	isCopy    bool // of what the packed web page says itself
	isCell    bool // paragraphs are in a table
	endOfLine bool // a line ends with the group
}

// rtfMode says what becomes of a group's text.
type rtfMode int

const (
	rtfRead rtfMode = iota
	rtfWait         // nothing counts but certain groups inside
	rtfSkip
)

func (r *rtf) read(ctx context.Context) error {
	for n := 0; r.at < len(r.in) && !r.done && !r.full(); n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := r.step(); err != nil {
			return err
		}
	}
	r.flush()
	return nil
}

// full reports whether enough was read. Of a web page most bytes are no text.
func (r *rtf) full() bool {
	const markup = 8
	if r.isHTML {
		return r.out.Len() >= markup*r.max
	}
	return r.out.Len() >= r.max
}

func (r *rtf) step() error {
	switch r.in[r.at] {
	case '{':
		r.at++
		return r.open()
	case '}':
		r.at++
		r.close()
	case '\\':
		r.at++
		r.control()
	default:
		r.characters()
	}
	return nil
}

func (r *rtf) open() error {
	const deepest = 1000
	r.flush()
	r.star, r.drop = false, 0
	if len(r.outer) == deepest {
		return fault.New(fault.TooDeep, nil, "groups of its rich text nest more than %d deep: save it anew and send it again", deepest)
	}
	r.outer = append(r.outer, r.group)
	r.group.endOfLine = false
	return nil
}

func (r *rtf) close() {
	r.flush()
	r.star, r.drop = false, 0
	if r.group.endOfLine {
		r.endLine()
	}
	last := len(r.outer) - 1
	if last < 0 {
		r.done = true
		return
	}
	r.group, r.outer = r.outer[last], r.outer[:last]
	r.done = last == 0
}

// characters takes a run of text as it stands.
func (r *rtf) characters() {
	start := r.at
	for r.at < len(r.in) && !isMarkup(r.in[r.at]) {
		r.at++
	}
	run := r.in[start:r.at]
	if r.group.isColours {
		r.mix(strings.Count(run, ";"))
	}
	if run == "" { // a line end means nothing
		r.at++
		return
	}
	dropped := min(r.drop, len(run))
	r.drop -= dropped
	if r.isHeard() {
		r.raw = append(r.raw, run[dropped:]...)
	}
}

// isMarkup reports whether a byte ends a run of text.
func isMarkup(c byte) bool {
	return c == '{' || c == '}' || c == '\\' || c == '\r' || c == '\n' || c == 0
}

// control takes a control word or symbol.
func (r *rtf) control() {
	start := r.at
	for r.at < len(r.in) && isLetter(r.in[r.at]) {
		r.at++
	}
	name := r.in[start:r.at]
	if name == "" {
		if r.at < len(r.in) {
			r.at++
			r.symbol(r.in[r.at-1])
		}
		return
	}
	n, given := r.number()
	if r.at < len(r.in) && r.in[r.at] == ' ' {
		r.at++
	}
	r.word(name, n, given)
}

// number takes the number after a control word, if there is one.
func (r *rtf) number() (n int, given bool) {
	const most = 1 << 31
	at := r.at
	negative := at < len(r.in) && r.in[at] == '-'
	if negative {
		at++
	}
	for ; at < len(r.in) && '0' <= r.in[at] && r.in[at] <= '9'; at++ {
		n, given = min(10*n+int(r.in[at]-'0'), most), true
	}
	if !given {
		return 0, false
	}
	r.at = at
	if negative {
		n = -n
	}
	return n, true
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// properties returns what the document says of itself, and what its web page does.
func (r *rtf) properties(page map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, page)
	for key, value := range r.meta {
		value = strings.TrimSuffix(strings.Join(strings.Fields(extract.Clean(value)), " "), ";")
		if value = extract.Cut(value, rtfMetaLimit); value != "" {
			out[key] = value
		}
	}
	return out
}
