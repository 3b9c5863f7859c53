package office

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Events returns what a visitor meets in XML: starts, attributes, texts and ends.
func Events(r io.Reader) ([]string, error) {
	v := &recorder{}
	m := markup{v: v, maxDepth: 256, src: r, names: names{elements: map[string]tag{}, attributes: map[string]tag{}}}
	for err := m.begin(); ; err = m.step() {
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, errEnough):
			return v.events, nil
		case err != nil:
			return v.events, err
		}
	}
}

type recorder struct {
	events []string
	inText bool
}

func (r *recorder) add(format string, args ...any) error {
	r.events = append(r.events, fmt.Sprintf(format, args...))
	r.inText = false
	return nil
}

func (r *recorder) start(e element) error {
	err := r.add("start %q", e.Name)
	for _, a := range e.Attr {
		err = r.add("attr %q=%q", a.Name, a.value)
	}
	return err
}

func (r *recorder) end(name xml.Name) error { return r.add("end %q", name) }

// text joins what comes in pieces.
func (r *recorder) text(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if last := len(r.events) - 1; r.inText {
		r.events[last] += string(b)
		return nil
	}
	err := r.add("text %s", b)
	r.inText = true
	return err
}
