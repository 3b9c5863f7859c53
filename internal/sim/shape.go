package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// departure says where and how a request body leaves the shape a provider reads.
type departure struct {
	path []string // field names, and list positions as digits
	kind departureKind
	want string // wrongType: the JSON type that belongs there
	got  string // wrongType: the JSON type that was sent
}

type departureKind int

const (
	notJSON departureKind = iota
	unknownField
	repeatedField
	wrongType
)

// decodeShape reads data into a struct whose json tags are the only names allowed, spelled exactly.
// spell turns a sent name into the tag's spelling; nil leaves names as they are.
// Fields of type json.RawMessage are kept as sent, and a null there leaves them nil.
func decodeShape(data []byte, into any, spell func(string) string) *departure {
	if spell == nil {
		spell = func(name string) string { return name }
	}
	w := walker{dec: json.NewDecoder(bytes.NewReader(data)), spell: spell}
	w.dec.UseNumber()
	if d := w.value(nil, reflect.ValueOf(into).Elem()); d != nil {
		return d
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		return &departure{kind: notJSON}
	}
	return nil
}

// walker fills a value from a token stream, so that one pass over a body with megabytes of image is enough.
type walker struct {
	dec   *json.Decoder
	spell func(string) string
}

var rawMessage = reflect.TypeFor[json.RawMessage]()

func (w walker) value(at []string, v reflect.Value) *departure {
	if v.Type() == rawMessage {
		var raw json.RawMessage
		if err := w.dec.Decode(&raw); err != nil {
			return &departure{path: at, kind: notJSON}
		}
		if string(raw) != "null" {
			v.SetBytes(raw)
		}
		return nil
	}
	tok, err := w.dec.Token()
	if err != nil {
		return &departure{path: at, kind: notJSON}
	}
	return w.token(at, tok, v)
}

func (w walker) token(at []string, tok json.Token, v reflect.Value) *departure {
	if v.Kind() == reflect.Pointer {
		if tok == nil {
			return nil
		}
		v.Set(reflect.New(v.Type().Elem()))
		return w.token(at, tok, v.Elem())
	}
	switch {
	case tok == json.Delim('{') && v.Kind() == reflect.Struct:
		return w.object(at, v)
	case tok == json.Delim('{') && v.Kind() == reflect.Map:
		return w.dictionary(at, v)
	case tok == json.Delim('[') && v.Kind() == reflect.Slice:
		return w.list(at, v)
	}
	if !setScalar(tok, v) {
		return &departure{path: at, kind: wrongType, want: jsonTypeOf(v), got: jsonType(tok)}
	}
	return nil
}

func (w walker) object(at []string, v reflect.Value) *departure {
	seen := make(map[string]bool)
	for w.dec.More() {
		sent, d := w.name(at)
		if d != nil {
			return d
		}
		name := w.spell(sent)
		here := append(slices.Clip(at), sent)
		field := fieldNamed(v, name)
		switch {
		case !field.IsValid():
			return &departure{path: here, kind: unknownField}
		case seen[name]:
			return &departure{path: here, kind: repeatedField}
		}
		seen[name] = true
		if d := w.value(here, field); d != nil {
			return d
		}
	}
	return w.end(at)
}

// dictionary reads an object with free names and string values.
func (w walker) dictionary(at []string, v reflect.Value) *departure {
	v.Set(reflect.MakeMap(v.Type()))
	for w.dec.More() {
		name, d := w.name(at)
		if d != nil {
			return d
		}
		elem := reflect.New(v.Type().Elem()).Elem()
		if d := w.value(append(slices.Clip(at), name), elem); d != nil {
			return d
		}
		v.SetMapIndex(reflect.ValueOf(name), elem)
	}
	return w.end(at)
}

func (w walker) list(at []string, v reflect.Value) *departure {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	for w.dec.More() {
		elem := reflect.New(v.Type().Elem()).Elem()
		if d := w.value(append(slices.Clip(at), strconv.Itoa(v.Len())), elem); d != nil {
			return d
		}
		v.Set(reflect.Append(v, elem))
	}
	return w.end(at)
}

func (w walker) name(at []string) (string, *departure) {
	tok, err := w.dec.Token()
	name, ok := tok.(string)
	if err != nil || !ok {
		return "", &departure{path: at, kind: notJSON}
	}
	return name, nil
}

func (w walker) end(at []string) *departure {
	if _, err := w.dec.Token(); err != nil {
		return &departure{path: at, kind: notJSON}
	}
	return nil
}

func fieldNamed(v reflect.Value, name string) reflect.Value {
	for i := range v.NumField() {
		tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if tag == name {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}

func setScalar(tok json.Token, v reflect.Value) bool {
	switch tok := tok.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(tok)
			return true
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(tok)
			return true
		}
	case json.Number:
		return setNumber(tok, v)
	}
	return false
}

func setNumber(n json.Number, v reflect.Value) bool {
	f, err := n.Float64()
	if err != nil {
		return false
	}
	switch {
	case v.CanFloat():
		v.SetFloat(f)
		return true
	case v.CanInt() && f == math.Trunc(f) && math.Abs(f) <= math.MaxInt32:
		v.SetInt(int64(f))
		return true
	}
	return false
}

func jsonType(tok json.Token) string {
	switch tok := tok.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		return "number"
	case json.Delim:
		if tok == '[' {
			return "array"
		}
	}
	return "object"
}

func jsonTypeOf(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Slice:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Float32, reflect.Float64:
		return "number"
	}
	return "integer"
}

// bracketed writes a path as messages[0].content.
func bracketed(path []string) string {
	var b strings.Builder
	for _, p := range path {
		switch _, err := strconv.Atoi(p); {
		case err == nil:
			b.WriteString("[" + p + "]")
		case b.Len() > 0:
			b.WriteString("." + p)
		default:
			b.WriteString(p)
		}
	}
	return b.String()
}
