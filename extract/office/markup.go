package office

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"

	"github.com/docsift/docsift/fault"
)

// Limits on what the tokenizer holds at a time.
const (
	maxToken  = 4 << 20 // bytes of a single tag or text
	maxAttrs  = 10_000  // of an element
	maxSpaces = 1_000   // name spaces in force
	maxName   = 1_000   // bytes
)

// markup splits XML into tags and texts for a visitor. It allocates a tenth of what
// encoding/xml does, because it keeps nothing that nobody asks for. It declares nothing and
// fetches nothing: of entities it knows the five that every XML has.
type markup struct {
	v        visitor
	maxDepth int

	src  io.Reader
	err  error  // why src gives no more
	buf  []byte // what was read
	at   int    // how much of it is used up
	end  int    // how much of it is filled
	open []tag
	seen bool // the first element

	names
	element element
}

// element is the start of an element. It is valid until the next token.
type element struct {
	Name xml.Name
	Attr []attribute
}

type attribute struct {
	Name  xml.Name
	raw   []byte // the name with its prefix
	value []byte
}

// damage is an error of the XML itself.
func damage(format string, args ...any) error { return fmt.Errorf("read XML: "+format, args...) }

// begin drops the mark at the start of a part, or decodes what it stands for.
func (m *markup) begin() error {
	if err := m.fill(); err != nil {
		return err
	}
	switch b := m.buf[:m.end]; {
	case bytes.HasPrefix(b, []byte("\xEF\xBB\xBF")):
		m.at = 3
	case bytes.HasPrefix(b, []byte("\xFF\xFE")), bytes.HasPrefix(b, []byte("\xFE\xFF")):
		m.reread(unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Reader(m.rest()))
	}
	return nil
}

// rest returns all that is not used up.
func (m *markup) rest() io.Reader {
	return io.MultiReader(bytes.NewReader(bytes.Clone(m.buf[m.at:m.end])), &failing{m.src, m.err})
}

// reread goes on with what r decodes.
func (m *markup) reread(r io.Reader) { m.src, m.err, m.at, m.end = r, nil, 0, 0 }

// failing is a reader that may have failed already.
type failing struct {
	inner io.Reader
	err   error
}

func (f *failing) Read(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.inner.Read(b)
}

// fill reads on. What is not used up moves to the front, and the room grows with the token.
func (m *markup) fill() error {
	if m.err != nil {
		return m.err
	}
	m.end = copy(m.buf, m.buf[m.at:m.end])
	m.at = 0
	if m.end == len(m.buf) {
		if m.end >= maxToken {
			return overLimit(fault.TooComplex, "a single element of it has more than %d MiB", maxToken>>20)
		}
		m.buf = append(m.buf, make([]byte, max(len(m.buf), 32<<10))...)
	}
	before := m.end
	for idle := 0; m.end < len(m.buf) && m.err == nil; idle++ {
		n, err := m.src.Read(m.buf[m.end:])
		if m.end += n; n > 0 {
			idle = 0
		}
		if m.err = err; err == nil && idle > 100 {
			m.err = io.ErrNoProgress
		}
	}
	if m.end == before {
		return m.err
	}
	return nil
}

// take uses up the bytes up to where find says that a token ends. It is the size of the
// token, or negative if more must be read.
func (m *markup) take(find func([]byte) int) ([]byte, error) {
	for {
		if n := find(m.buf[m.at:m.end]); n >= 0 {
			m.at += n
			return m.buf[m.at-n : m.at], nil
		}
		if err := m.fill(); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}

// step visits one token. The end of the first element is errEnough, that of an empty part io.EOF.
func (m *markup) step() error {
	const longest = len("<![CDATA[")
	for m.end-m.at < longest && m.err == nil {
		if err := m.fill(); err != nil {
			break // fewer bytes may do
		}
	}
	b := m.buf[m.at:m.end]
	switch {
	case len(b) == 0 && errors.Is(m.err, io.EOF) && m.seen:
		return io.ErrUnexpectedEOF
	case len(b) == 0:
		return m.err
	case b[0] != '<':
		return m.stepText()
	case bytes.HasPrefix(b, []byte("</")):
		return m.stepEnd()
	case bytes.HasPrefix(b, []byte("<![CDATA[")):
		return m.stepRaw()
	case bytes.HasPrefix(b, []byte("<!--")):
		m.at += len("<!--")
		_, err := m.take(after("-->"))
		return err
	case bytes.HasPrefix(b, []byte("<?")):
		return m.stepInstruction()
	case bytes.HasPrefix(b, []byte("<!")):
		return m.stepDirective()
	}
	return m.stepStart()
}

// after returns a search for the end of a mark.
func after(mark string) func([]byte) int {
	return func(b []byte) int {
		if i := bytes.Index(b, []byte(mark)); i >= 0 {
			return i + len(mark)
		}
		return -1
	}
}

func (m *markup) stepText() error {
	text, err := m.take(func(b []byte) int {
		i := bytes.IndexByte(b, '<')
		if i < 0 && m.err != nil { // what there is of a part that breaks off
			return len(b)
		}
		return i
	})
	if err != nil {
		return err
	}
	if text, err = unescape(text); err != nil || len(m.open) == 0 {
		return err
	}
	return m.v.text(text)
}

func (m *markup) stepRaw() error {
	m.at += len("<![CDATA[")
	text, err := m.take(after("]]>"))
	if err != nil || len(m.open) == 0 {
		return err
	}
	return m.v.text(text[:len(text)-len("]]>")])
}

// stepInstruction heeds the encoding that an XML declaration names.
func (m *markup) stepInstruction() error {
	b, err := m.take(after("?>"))
	if err != nil || !bytes.HasPrefix(b, []byte("<?xml ")) || m.seen {
		return err
	}
	_, label, ok := strings.Cut(string(b), "encoding")
	label = strings.TrimLeft(label, " \t\r\n=")
	if !ok || label == "" {
		return nil
	}
	label, _, _ = strings.Cut(label[1:], label[:1])
	// UTF-16 was decoded by its mark before the declaration could be read.
	if label = strings.ToLower(label); label == "utf-8" || strings.HasPrefix(label, "utf-16") {
		return nil
	}
	r, err := charset.NewReaderLabel(label, m.rest())
	if err != nil {
		return damage("%w", err)
	}
	m.reread(r)
	return nil
}

// stepDirective passes over a document type that declares no entities.
func (m *markup) stepDirective() error {
	b, err := m.take(endOfDirective)
	if err == nil && bytes.Contains(bytes.ToUpper(b), []byte("<!ENTITY")) {
		return fault.New(fault.Doctype, nil, "the Office file declares XML entities, which no Office program writes: save it again in one and send that")
	}
	return err
}

// endOfDirective finds the end of a directive, in which others may nest.
func endOfDirective(b []byte) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '<' && bytes.HasPrefix(b[i:], []byte("<!--")):
			n := bytes.Index(b[i+4:], []byte("-->"))
			if n < 0 {
				return -1
			}
			i += 4 + n + 2
		case c == '<':
			depth++
		case c == '>':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}
