package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// Object is a JSON object whose members keep their order.
type Object []Member

// Member is one member of an Object. Its value is an Object, a []any, a string, a bool, an int, a
// float64 or nil.
type Member struct {
	Name  string
	Value any
}

// Get returns the value of a member, or nil.
func (o Object) Get(name string) any {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return nil
}

// Object returns the value of a member that is an object, or an empty one.
func (o Object) Object(name string) Object {
	v, _ := o.Get(name).(Object)
	return v
}

// Text returns the value of a member that is a text, or "".
func (o Object) Text(name string) string {
	v, _ := o.Get(name).(string)
	return v
}

// List returns the value of a member that is a list, or nil.
func (o Object) List(name string) []any {
	v, _ := o.Get(name).([]any)
	return v
}

func (o *Object) set(name string, v any) {
	for i := range *o {
		if (*o)[i].Name == name {
			(*o)[i].Value = v
			return
		}
	}
	*o = append(*o, Member{name, v})
}

func (o Object) without(name string) Object {
	return slices.DeleteFunc(slices.Clone(o), func(m Member) bool { return m.Name == name })
}

// MarshalJSON writes the members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// parse reads YAML. Aliases are followed, and merged keys stand where they are merged.
func parse(text []byte) (Object, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	v, err := convert(doc.Content[0])
	o, ok := v.(Object)
	if err == nil && !ok {
		err = fmt.Errorf("line %d: it is no object", doc.Line)
	}
	return o, err
}

func convert(n *yaml.Node) (any, error) {
	switch n.Kind {
	case yaml.AliasNode:
		return convert(n.Alias)
	case yaml.SequenceNode:
		list := []any{}
		for _, c := range n.Content {
			v, err := convert(c)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		return convertObject(n)
	}
	return scalar(n)
}

func convertObject(n *yaml.Node) (Object, error) {
	o := Object{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, v := n.Content[i], n.Content[i+1]
		value, err := convert(v)
		if err != nil {
			return nil, err
		}
		if name.Tag != "!!merge" {
			o.set(name.Value, value)
			continue
		}
		parts, list := value.([]any)
		if !list {
			parts = []any{value}
		}
		for _, part := range parts {
			for _, m := range part.(Object) {
				o.set(m.Name, m.Value)
			}
		}
	}
	return o, nil
}

func scalar(n *yaml.Node) (any, error) {
	switch n.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strconv.ParseBool(n.Value)
	case "!!int":
		return strconv.Atoi(n.Value)
	case "!!float":
		return strconv.ParseFloat(n.Value, 64)
	}
	return n.Value, nil
}

// toYAML returns v as YAML writes it, in the order of its members.
func toYAML(v any) *yaml.Node {
	n := new(yaml.Node)
	switch v := v.(type) {
	case Object:
		n.Kind = yaml.MappingNode
		for _, m := range v {
			n.Content = append(n.Content, toYAML(m.Name), toYAML(m.Value))
		}
	case []any:
		n.Kind = yaml.SequenceNode
		for _, item := range v {
			n.Content = append(n.Content, toYAML(item))
		}
	default:
		n.Encode(v) // a text, a number, a boolean or nil always encodes
	}
	return n
}
