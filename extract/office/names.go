package office

import (
	"bytes"
	"encoding/xml"
	"strings"

	"github.com/docsift/docsift/fault"
)

// names resolves prefixes. What a name means is kept as long as no name space comes or goes.
type names struct {
	bindings   []binding
	elements   map[string]tag // by name with prefix
	attributes map[string]tag
}

type binding struct {
	prefix, space string
	depth         int // of the element that declares it
}

// tag is a name as it is written and as it is meant.
type tag struct {
	raw  string
	name xml.Name
}

// declare takes in the name spaces that an element declares, and resolves its names.
func (n *names) declare(raw []byte, attrs []attribute, depth int) (tag, error) {
	for _, a := range attrs {
		prefix, isSpace := declared(a.raw)
		if isSpace && n.space(prefix, "") != string(a.value) {
			if len(n.bindings) == maxSpaces {
				return tag{}, overLimit(fault.TooComplex, "it has more than %d name spaces", maxSpaces)
			}
			n.bindings = append(n.bindings, binding{prefix, string(a.value), depth})
			n.clear()
		}
	}
	for i := range attrs {
		t, err := n.resolve(n.attributes, attrs[i].raw, false)
		if err != nil {
			return tag{}, err
		}
		attrs[i].Name = t.name
	}
	return n.resolve(n.elements, raw, true)
}

// declared returns the prefix that an attribute declares, and whether it does.
func declared(raw []byte) (string, bool) {
	rest, ok := bytes.CutPrefix(raw, []byte("xmlns"))
	if !ok || len(rest) > 0 && rest[0] != ':' {
		return "", false
	}
	return string(bytes.TrimPrefix(rest, []byte(":"))), true
}

// forget drops the name spaces that an element at a depth declared.
func (n *names) forget(depth int) {
	kept := len(n.bindings)
	for kept > 0 && n.bindings[kept-1].depth >= depth {
		kept--
	}
	if kept < len(n.bindings) {
		n.bindings = n.bindings[:kept]
		n.clear()
	}
}

func (n *names) clear() {
	clear(n.elements)
	clear(n.attributes)
}

// resolve returns a name, from what is known if it was met before.
func (n *names) resolve(known map[string]tag, raw []byte, isElement bool) (tag, error) {
	const most = 10_000
	if t, ok := known[string(raw)]; ok {
		return t, nil
	}
	if len(raw) == 0 || len(raw) > maxName {
		return tag{}, damage("a name of %d bytes", len(raw))
	}
	if len(known) == most {
		clear(known)
	}
	t := tag{raw: string(raw)}
	t.name.Local = t.raw
	prefix, local, ok := strings.Cut(t.raw, ":")
	switch {
	case prefix == "xmlns" && local != "":
		t.name = xml.Name{Space: prefix, Local: local}
	case ok && prefix != "" && local != "":
		t.name = xml.Name{Space: n.space(prefix, prefix), Local: local}
	case !ok && isElement:
		t.name.Space = n.space("", "")
	}
	known[t.raw] = t
	return t, nil
}

// space returns the name space of a prefix, or def for one that nobody declared.
func (n *names) space(prefix, def string) string {
	for i := len(n.bindings) - 1; i >= 0; i-- {
		if n.bindings[i].prefix == prefix {
			return n.bindings[i].space
		}
	}
	return def
}
