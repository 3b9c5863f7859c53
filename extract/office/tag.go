package office

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/docsift/docsift/fault"
)

// stepStart visits the start of an element, and its end if it is empty.
func (m *markup) stepStart() error {
	bad := false
	b, err := m.take(func(b []byte) int {
		n, ok := endOfTag(b)
		bad = !ok
		return n
	})
	if err != nil {
		return err
	}
	if bad {
		return damage("a tag within a tag")
	}
	b = b[1 : len(b)-1]
	b, empty := bytes.CutSuffix(b, []byte("/"))
	raw, rest := cutName(b)
	if err := m.readAttrs(rest); err != nil {
		return err
	}
	tag, err := m.declare(raw, m.element.Attr, len(m.open))
	if err != nil {
		return err
	}
	m.seen = true
	m.element.Name = tag.name
	if m.open = append(m.open, tag); len(m.open) > m.maxDepth {
		return overLimit(fault.TooDeep, "its XML nests deeper than %d elements", m.maxDepth)
	}
	if err := m.v.start(m.element); err != nil || !empty {
		return err
	}
	return m.close()
}

// stepEnd visits the end of an element.
func (m *markup) stepEnd() error {
	b, err := m.take(after(">"))
	if err != nil {
		return err
	}
	raw := bytes.TrimRight(b[2:len(b)-1], " \t\r\n")
	if len(m.open) == 0 || m.open[len(m.open)-1].raw != string(raw) {
		return damage("an end without its start")
	}
	return m.close()
}

// close visits the end of the open element.
func (m *markup) close() error {
	last := len(m.open) - 1
	if err := m.v.end(m.open[last].name); err != nil {
		return err
	}
	m.open = m.open[:last]
	m.forget(last)
	if last == 0 {
		return errEnough
	}
	return nil
}

// endOfTag returns the size of a tag, negative if b ends before it, and false if another
// begins in it.
func endOfTag(b []byte) (int, bool) {
	quote := byte(0)
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '<':
			return i, false
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '>':
			return i + 1, true
		case c == '"' || c == '\'':
			quote = c
		}
	}
	return -1, true
}

// cutName cuts a name off the front of b.
func cutName(b []byte) (name, rest []byte) {
	for i, c := range b {
		if c == ' ' || c == '=' || c == '\n' || c == '\t' || c == '\r' {
			return b[:i], b[i:]
		}
	}
	return b, nil
}

// readAttrs reads the attributes of a tag.
func (m *markup) readAttrs(b []byte) error {
	m.element.Attr = m.element.Attr[:0]
	for b = bytes.TrimLeft(b, " \t\r\n"); len(b) > 0; b = bytes.TrimLeft(b, " \t\r\n") {
		raw, rest := cutName(b)
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if len(raw) == 0 || len(rest) == 0 || rest[0] != '=' {
			return damage("an attribute without a value")
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return damage("a value without quotes")
		}
		end := bytes.IndexByte(rest[1:], rest[0]) + 1
		if end == 0 {
			return damage("a value without an end")
		}
		value, err := unescape(rest[1:end])
		if err != nil {
			return err
		}
		if len(m.element.Attr) == maxAttrs {
			return overLimit(fault.TooComplex, "an element of it has more than %d attributes", maxAttrs)
		}
		m.element.Attr = append(m.element.Attr, attribute{raw: raw, value: value})
		b = rest[end+1:]
	}
	return nil
}

// unescape replaces entities, in place: what they stand for is shorter.
func unescape(b []byte) ([]byte, error) {
	at := bytes.IndexByte(b, '&')
	if at < 0 {
		return b, nil
	}
	out := b[:at]
	for rest := b[at:]; len(rest) > 0; {
		const longest = len("&#x0010FFFF;")
		end := bytes.IndexByte(rest[:min(len(rest), longest)], ';')
		if end < 0 {
			return nil, damage("a stray &")
		}
		r, ok := entity(string(rest[1:end]))
		if !ok {
			return nil, damage("entity %q is not known", rest[1:end])
		}
		out = utf8.AppendRune(out, r)
		rest = rest[end+1:]
		next := bytes.IndexByte(rest, '&')
		if next < 0 {
			next = len(rest)
		}
		out = append(out, rest[:next]...)
		rest = rest[next:]
	}
	return out, nil
}

// entity returns what an entity stands for.
func entity(name string) (rune, bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	base := 10
	if hex, isHex := strings.CutPrefix(digits, "x"); isHex {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	return rune(n), ok && err == nil && n <= utf8.MaxRune
}
