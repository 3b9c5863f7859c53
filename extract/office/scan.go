package office

import (
	"context"
	"encoding/xml"
	"errors"
	"io"

	"github.com/docsift/docsift/fault"
)

// errEnough ends a scan early: what is needed has been read.
var errEnough = errors.New("enough")

// visitor meets the elements and the text of a part in their order. Any of its methods may
// return errEnough.
type visitor interface {
	start(e element) error
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
	m := markup{v: v, maxDepth: p.opts.MaxDepth, src: r, buf: p.buf, names: names{elements: map[string]tag{}, attributes: map[string]tag{}}}
	err = m.run(p.ctx)
	p.buf = m.buf
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, errEnough):
		return nil
	case p.ctx.Err() != nil:
		return p.ctx.Err()
	case fault.KindOf(err) != fault.Internal:
		return err
	}
	return fault.New(fault.Corrupt, err, "part %q of the Office file is damaged", short(name))
}

// run visits one token after another.
func (m *markup) run(ctx context.Context) error {
	if err := m.begin(); err != nil {
		return err
	}
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := m.step(); err != nil {
			return err
		}
	}
}

// onStart is a visitor of attributes alone.
type onStart func(e element) error

func (f onStart) start(e element) error { return f(e) }
func (onStart) end(xml.Name) error      { return nil }
func (onStart) text([]byte) error       { return nil }

// attr returns the value of the first attribute with a local name, or "".
func attr(e element, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local {
			return string(a.value)
		}
	}
	return ""
}

// relationID returns the id of the relation that e names. Beside it, e may have an id of
// its own, which has no name space.
func relationID(e element) string {
	for _, a := range e.Attr {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return string(a.value)
		}
	}
	return ""
}
