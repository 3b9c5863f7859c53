package sim

import (
	"encoding/json"
	"slices"
	"strings"
)

// labelSlot finds where a schema wants the label: a property named category or classification
// with an enum of strings, else the first enum of strings that is not a confidence.
func labelSlot(root *schema) *schema {
	named := slotFinder{root, func(name string) bool { return name == "category" || name == "classification" }, make(map[*schema]bool)}
	if s := named.find("", root); s != nil {
		return s
	}
	anyEnum := slotFinder{root, func(name string) bool { return name != "confidence" }, make(map[*schema]bool)}
	return anyEnum.find("", root)
}

type slotFinder struct {
	root *schema
	fits func(name string) bool
	seen map[*schema]bool // a schema may refer to itself
}

func (f slotFinder) find(name string, s *schema) *schema {
	s = resolve(f.root, s)
	if f.fits(name) && len(s.stringEnum()) > 0 {
		return s
	}
	if f.seen[s] {
		return nil
	}
	f.seen[s] = true
	for _, p := range s.properties {
		if found := f.find(p.name, p.schema); found != nil {
			return found
		}
	}
	for _, alt := range s.anyOf {
		if found := f.find(name, alt); found != nil {
			return found
		}
	}
	if s.items == nil {
		return nil
	}
	return f.find(name, s.items)
}

// resolve follows a reference into the root's definitions; one that leads nowhere is an empty schema.
func resolve(root, s *schema) *schema {
	for range maxSchemaDepth {
		if s.ref == "" {
			return s
		}
		name := s.ref[strings.LastIndexByte(s.ref, '/')+1:]
		i := slices.IndexFunc(root.defs, func(p property) bool { return p.name == name })
		if i < 0 {
			return &schema{}
		}
		s = root.defs[i].schema
	}
	return &schema{}
}

// maxFilled is the size in bytes at which an instance stops growing.
const maxFilled = 64 << 10

// filler writes an instance of a schema with the label and the confidence in their places.
type filler struct {
	root, slot *schema
	label      string
	confidence Raw
	out        strings.Builder
}

func (f *filler) value(name string, s *schema, depth int) {
	s = resolve(f.root, s)
	switch {
	case depth > maxSchemaDepth, f.out.Len() > maxFilled: // it may refer to itself
		f.out.WriteString("null")
	case s == f.slot:
		f.out.WriteString(quote(f.label))
	case len(s.enum) > 0:
		f.out.Write(s.enum[0])
	case name == "confidence":
		f.out.WriteString(f.confidence.scaled(s.maximum))
	case s.isObject():
		f.object(s, depth)
	case len(s.anyOf) > 0:
		f.value(name, s.anyOf[0], depth+1)
	default:
		f.plain(s, depth)
	}
}

func (f *filler) object(s *schema, depth int) {
	f.out.WriteByte('{')
	first := true
	for _, p := range s.properties {
		if p.name == "confidence" && f.confidence == Missing {
			continue
		}
		if !first {
			f.out.WriteByte(',')
		}
		first = false
		f.out.WriteString(quote(p.name) + ":")
		f.value(p.name, p.schema, depth+1)
	}
	f.out.WriteByte('}')
}

func (f *filler) plain(s *schema, depth int) {
	switch {
	case slices.Contains(s.types, "array"):
		f.out.WriteByte('[')
		for i := range min(int(s.minItems), 100) {
			if i > 0 {
				f.out.WriteByte(',')
			}
			f.item(s, depth)
		}
		f.out.WriteByte(']')
	case slices.Contains(s.types, "null"):
		f.out.WriteString("null")
	case slices.Contains(s.types, "boolean"):
		f.out.WriteString("false")
	case slices.Contains(s.types, "number"), slices.Contains(s.types, "integer"):
		f.out.WriteByte('0')
	default:
		f.out.WriteString(`""`)
	}
}

func (f *filler) item(s *schema, depth int) {
	if s.items == nil {
		f.out.WriteString("null")
		return
	}
	f.value("", s.items, depth+1)
}

func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}
