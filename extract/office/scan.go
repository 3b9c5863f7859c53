package office

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/docsift/docsift/fault"
)

// errEnough ends a scan early: what is needed has been read.
var errEnough = errors.New("enough")

// visitor meets the elements and the text of a part in their order. Any of its methods may
// return errEnough.
type visitor interface {
	start(e xml.StartElement) error
	end(name xml.Name) error
	text(b []byte) error
}

// scan streams a part through v, up to the end of its first element. It bounds depth and the
// size of a single token, and refuses a document type that declares entities. Damage in a
// file that was cut short is the end of what can be read, and no error.
func (p *parcel) scan(name string, v visitor) error {
	err := p.stream(name, v)
	if p.cut && fault.KindOf(err) == fault.Corrupt {
		return nil
	}
	return err
}

func (p *parcel) stream(name string, v visitor) error {
	r, err := p.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	s := scanner{p: p, v: v, src: &tokenReader{left: maxToken, inner: transform.NewReader(r, unicode.BOMOverride(transform.Nop))}}
	s.dec = xml.NewDecoder(s.src)
	s.dec.CharsetReader = readerFor
	err = s.run()
	switch {
	case err == nil, errors.Is(err, errEnough):
		return nil
	case p.ctx.Err() != nil:
		return p.ctx.Err()
	case fault.KindOf(err) != fault.Internal:
		return err
	}
	return fault.New(fault.Corrupt, err, "part %q of the Office file is damaged", short(name))
}

// readerFor decodes what an XML declaration names. UTF-16 is decoded by its mark before
// the declaration can be read.
func readerFor(label string, r io.Reader) (io.Reader, error) {
	if strings.HasPrefix(strings.ToLower(label), "utf-16") {
		return r, nil
	}
	return charset.NewReaderLabel(label, r)
}

type scanner struct {
	p     *parcel
	v     visitor
	src   *tokenReader
	dec   *xml.Decoder
	depth int
}

func (s *scanner) run() error {
	for n := 0; ; n++ {
		if n%1024 == 0 && s.p.ctx.Err() != nil {
			return s.p.ctx.Err()
		}
		t, err := s.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		s.src.left = maxToken
		if err := s.visit(t); err != nil {
			return err
		}
	}
}

func (s *scanner) visit(t xml.Token) error {
	switch t := t.(type) {
	case xml.StartElement:
		if s.depth++; s.depth > s.p.opts.MaxDepth {
			return overLimit(fault.TooDeep, "its XML nests deeper than %d elements", s.p.opts.MaxDepth)
		}
		return s.v.start(t)
	case xml.EndElement:
		if err := s.v.end(t.Name); err != nil {
			return err
		}
		if s.depth--; s.depth == 0 {
			return errEnough
		}
	case xml.CharData:
		return s.v.text(t)
	case xml.Directive:
		if bytes.Contains(bytes.ToUpper(t), []byte("<!ENTITY")) {
			return fault.New(fault.Doctype, nil, "the Office file declares XML entities, which no Office program writes: save it again in one and send that")
		}
	}
	return nil
}

// maxToken is how many bytes a single tag or text of XML may have.
const maxToken = 4 << 20

// tokenReader bounds a token: the decoder holds one in memory whatever its size.
type tokenReader struct {
	inner io.Reader
	left  int // bytes before the next token must be whole
}

func (r *tokenReader) Read(b []byte) (int, error) {
	n, err := r.inner.Read(b)
	if r.left -= n; r.left < 0 {
		return n, overLimit(fault.TooComplex, "a single element of it has more than %d MiB", maxToken>>20)
	}
	return n, err
}

// onStart is a visitor of attributes alone.
type onStart func(e xml.StartElement) error

func (f onStart) start(e xml.StartElement) error { return f(e) }
func (onStart) end(xml.Name) error               { return nil }
func (onStart) text([]byte) error                { return nil }

// attr returns the value of the first attribute with a local name, or "".
func attr(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return a.Value
		}
	}
	return ""
}

// relationID returns the id of the relation that e names. Beside it, e may have an id of
// its own, which has no name space.
func relationID(e xml.StartElement) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}
