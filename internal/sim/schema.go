package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// schema is the part of a JSON Schema that the simulator checks and answers in.
type schema struct {
	keywords   []string // as written, in order
	types      []string // lower case
	enum       []json.RawMessage
	properties []property // in the order written
	required   []string
	closed     bool // additionalProperties is false
	items      *schema
	anyOf      []*schema // anyOf, oneOf and allOf together
	defs       []property
	ref        string
	maximum    float64
	minItems   float64
}

type property struct {
	name   string
	schema *schema
}

// violation says what is wrong with a schema and where.
type violation struct {
	path    []string // such as "properties", "category"
	kind    violationKind
	keyword string // or the name of the property that is not required
	message string // malformed: what is wrong
}

type violationKind int

const (
	malformed violationKind = iota
	notPermitted
	notClosed
	notRequired
)

// schemaRules is what a provider demands of a schema.
type schemaRules struct {
	keywords    []string
	closed      bool // every object says additionalProperties: false
	allRequired bool // every property is required
	objectRoot  bool
}

const maxSchemaDepth = 10

// parseSchema reads raw; it checks the form of what it understands and no provider's rules.
func parseSchema(raw json.RawMessage, at []string) (*schema, *violation) {
	if len(at) > 3*maxSchemaDepth {
		return nil, &violation{path: at, message: fmt.Sprintf("nested deeper than %d levels", maxSchemaDepth)}
	}
	members, ok := orderedMembers(raw)
	if !ok {
		return nil, &violation{path: at, message: "a schema must be an object"}
	}
	s := &schema{}
	for _, m := range members {
		if slices.Contains(s.keywords, m.name) {
			return nil, &violation{path: at, keyword: m.name, message: fmt.Sprintf("%q stands twice", m.name)}
		}
		s.keywords = append(s.keywords, m.name)
		if v := s.read(m, append(slices.Clip(at), m.name)); v != nil {
			return nil, v
		}
	}
	return s, s.checkNames(at)
}

func (s *schema) read(m member, at []string) (v *violation) {
	ok := true
	switch m.name {
	case "type":
		s.types, ok = oneOrMore(m.raw)
	case "enum":
		ok = json.Unmarshal(m.raw, &s.enum) == nil && len(s.enum) > 0
	case "required":
		ok = json.Unmarshal(m.raw, &s.required) == nil
	case "additionalProperties":
		s.closed = string(m.raw) == "false"
	case "maximum":
		ok = json.Unmarshal(m.raw, &s.maximum) == nil
	case "minItems":
		ok = json.Unmarshal(m.raw, &s.minItems) == nil
	case "$ref":
		ok = json.Unmarshal(m.raw, &s.ref) == nil
	case "properties":
		s.properties, v = readProperties(m.raw, at)
	case "$defs", "definitions":
		s.defs, v = readProperties(m.raw, at)
	case "items":
		s.items, v = parseSchema(m.raw, at)
	case "anyOf", "oneOf", "allOf":
		v = s.readAlternatives(m.raw, at)
	}
	if !ok {
		return &violation{path: at, keyword: m.name, message: fmt.Sprintf("%s is not a valid value of %q", excerpt(m.raw), m.name)}
	}
	return v
}

func (s *schema) readAlternatives(raw json.RawMessage, at []string) *violation {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil || len(list) == 0 {
		return &violation{path: at, message: "must be a non-empty array"}
	}
	for i, item := range list {
		alt, v := parseSchema(item, append(slices.Clip(at), fmt.Sprint(i)))
		if v != nil {
			return v
		}
		s.anyOf = append(s.anyOf, alt)
	}
	return nil
}

func readProperties(raw json.RawMessage, at []string) ([]property, *violation) {
	members, ok := orderedMembers(raw)
	if !ok {
		return nil, &violation{path: at, message: "must be an object"}
	}
	props := make([]property, 0, len(members))
	for _, m := range members {
		sub, v := parseSchema(m.raw, append(slices.Clip(at), m.name))
		if v != nil {
			return nil, v
		}
		props = append(props, property{m.name, sub})
	}
	return props, nil
}

// checkNames holds required to the properties and types to the known ones.
func (s *schema) checkNames(at []string) *violation {
	for _, t := range s.types {
		if !slices.Contains([]string{"object", "array", "string", "number", "integer", "boolean", "null"}, t) {
			return &violation{path: at, keyword: "type", message: fmt.Sprintf("%q is not valid under any of the given schemas", t)}
		}
	}
	for _, name := range s.required {
		if s.property(name) == nil {
			return &violation{path: at, keyword: "required", message: fmt.Sprintf("extra required key %q supplied", name)}
		}
	}
	return nil
}

// check holds s and all below it to rules.
func (s *schema) check(rules schemaRules, at []string) *violation {
	for _, k := range s.keywords {
		if !slices.Contains(rules.keywords, k) {
			return &violation{path: at, kind: notPermitted, keyword: k}
		}
	}
	if rules.objectRoot && len(at) == 0 && !slices.Equal(s.types, []string{"object"}) {
		return &violation{message: "the root of the schema must be of type 'object'"}
	}
	if s.isObject() {
		if v := s.checkObject(rules, at); v != nil {
			return v
		}
	}
	for _, c := range s.children() {
		if v := c.schema.check(rules, append(slices.Clip(at), strings.Split(c.name, "\x00")...)); v != nil {
			return v
		}
	}
	return nil
}

func (s *schema) checkObject(rules schemaRules, at []string) *violation {
	if rules.closed && !s.closed {
		return &violation{path: at, kind: notClosed, keyword: "additionalProperties"}
	}
	for _, p := range s.properties {
		if rules.allRequired && !slices.Contains(s.required, p.name) {
			return &violation{path: at, kind: notRequired, keyword: p.name}
		}
	}
	return nil
}

// children are the schemas below s, each named by its path from s with NUL between the steps.
func (s *schema) children() []property {
	var all []property
	for _, p := range s.properties {
		all = append(all, property{"properties\x00" + p.name, p.schema})
	}
	for _, p := range s.defs {
		all = append(all, property{"$defs\x00" + p.name, p.schema})
	}
	if s.items != nil {
		all = append(all, property{"items", s.items})
	}
	for i, alt := range s.anyOf {
		all = append(all, property{fmt.Sprintf("anyOf\x00%d", i), alt})
	}
	return all
}

func (s *schema) isObject() bool {
	return slices.Contains(s.types, "object") || len(s.properties) > 0
}

func (s *schema) property(name string) *schema {
	for _, p := range s.properties {
		if p.name == name {
			return p.schema
		}
	}
	return nil
}

// stringEnum returns the values of an enum of strings, or nil.
func (s *schema) stringEnum() []string {
	values := make([]string, 0, len(s.enum))
	for _, raw := range s.enum {
		var v string
		if json.Unmarshal(raw, &v) != nil {
			return nil
		}
		values = append(values, v)
	}
	return values
}

type member struct {
	name string
	raw  json.RawMessage
}

// orderedMembers returns an object's members in the order they are written.
func orderedMembers(raw json.RawMessage) ([]member, bool) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, false
	}
	var all []member
	for dec.More() {
		tok, err := dec.Token()
		name, isName := tok.(string)
		var m json.RawMessage
		if err != nil || !isName || dec.Decode(&m) != nil {
			return nil, false
		}
		all = append(all, member{name, m})
	}
	return all, true
}

// oneOrMore reads a type keyword: one name or a list, in either case.
func oneOrMore(raw json.RawMessage) ([]string, bool) {
	var one string
	if json.Unmarshal(raw, &one) == nil && one != "" {
		return []string{strings.ToLower(one)}, true
	}
	var many []string
	if json.Unmarshal(raw, &many) != nil || len(many) == 0 {
		return nil, false
	}
	for i, t := range many {
		many[i] = strings.ToLower(t)
	}
	return many, true
}

func excerpt(raw []byte) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "…"
	}
	return string(raw)
}
