package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strconv"
	"unicode/utf8"

	"github.com/docsift/docsift/fault"
)

// value is a part of a JSON request that knows where it stands there. It is a piece of the body as
// it came in: a picture of twenty megabytes is not copied.
type value struct {
	raw []byte // valid JSON without space around it; nil where there is none
	at  string // such as questions[0].choices; "" for the whole
}

// paramError is an error about one part of a request.
type paramError struct {
	error
	param string
}

// Unwrap returns what is wrong.
func (e *paramError) Unwrap() error { return e.error }

// paramOf returns the part of the request that err is about, or "".
func paramOf(err error) string {
	if e, ok := errors.AsType[*paramError](err); ok {
		return e.param
	}
	return ""
}

// about makes err one about v. It names the part to people too.
func (v value) about(err error) error {
	if err == nil {
		return nil
	}
	return &paramError{fault.New(fault.KindOf(err), err, "%s: %s", v.at, fault.Message(err)), v.at}
}

func (v value) wrong(format string, args ...any) error {
	return v.about(fault.New(fault.Invalid, nil, format, args...))
}

// parseJSON returns the whole of a body, which must be an object.
func parseJSON(body []byte) (value, error) {
	v := value{raw: bytes.Trim(body, space)}
	switch {
	case !json.Valid(v.raw):
		return v, fault.New(fault.Invalid, nil, "the request is not JSON")
	case !utf8.Valid(v.raw):
		return v, fault.New(fault.Invalid, nil, "the request is not UTF-8")
	case v.kind() != '{':
		return v, fault.New(fault.Invalid, nil, "the request is %s, and an object is needed", v.name())
	}
	return v, nil
}

const space = " \t\r\n"

// kind returns the first character of v, and 0 where it is missing or null.
func (v value) kind() byte {
	if len(v.raw) == 0 || v.raw[0] == 'n' {
		return 0
	}
	return v.raw[0]
}

// name says what v is.
func (v value) name() string {
	switch v.kind() {
	case 0:
		return "missing"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}

func (v value) unlike(want string) error { return v.wrong("is %s, and %s is needed", v.name(), want) }

// text returns the text that v is.
func (v value) text() (string, error) {
	if v.kind() != '"' {
		return "", v.unlike("a text")
	}
	inner := v.raw[1 : len(v.raw)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return string(inner), nil
	}
	var s string
	err := json.Unmarshal(v.raw, &s)
	return s, err
}

// list returns the elements of the list that v is.
func (v value) list() ([]value, error) {
	if v.kind() != '[' {
		return nil, v.unlike("a list")
	}
	var all []value
	for _, item := range v.parts() {
		item.at = v.at + "[" + strconv.Itoa(len(all)) + "]"
		all = append(all, item)
	}
	return all, nil
}

// fields returns the fields of the object that v is, in their order.
func (v value) fields() iter.Seq2[string, value] {
	return func(yield func(string, value) bool) {
		for name, field := range v.parts() {
			key, _ := name.text() // it is one
			field.at = key
			if v.at != "" {
				field.at = v.at + "." + key
			}
			if !yield(key, field) {
				return
			}
		}
	}
}

// field returns the field of that name, the last one where it is there twice.
func (v value) field(name string) value {
	found := value{at: name}
	if v.at != "" {
		found.at = v.at + "." + name
	}
	if v.kind() == '{' {
		for key, part := range v.parts() {
			if k, _ := key.text(); k == name {
				found.raw = part.raw
			}
		}
	}
	return found
}

// parts returns what is between the brackets of v, with the names in an object.
func (v value) parts() iter.Seq2[value, value] {
	return func(yield func(name, part value) bool) {
		rest := bytes.TrimLeft(v.raw[1:], space)
		for rest[0] != '}' && rest[0] != ']' {
			var name, part value
			if v.raw[0] == '{' {
				name.raw, rest = split(rest)
				rest = bytes.TrimLeft(rest[1:], space) // a colon
			}
			part.raw, rest = split(rest)
			if rest[0] == ',' {
				rest = bytes.TrimLeft(rest[1:], space)
			}
			if !yield(name, part) {
				return
			}
		}
	}
}

// split cuts valid JSON behind its first value and the space that follows.
func split(b []byte) (first, rest []byte) {
	n, depth := 0, 0
	for {
		switch b[n] {
		case '"':
			n += quoted(b[n:])
		case '{', '[':
			depth++
			n++
		case '}', ']':
			depth--
			n++
		default:
			n++
		}
		if depth == 0 && (len(b) == n || bytes.IndexByte([]byte(",:}] \t\r\n"), b[n]) >= 0) {
			return b[:n], bytes.TrimLeft(b[n:], space)
		}
	}
}

// quoted returns the length of the text that b begins with, its quotes included.
func quoted(b []byte) int {
	n := 1
	for {
		n += bytes.IndexByte(b[n:], '"') + 1
		escapes := n - 2
		for b[escapes] == '\\' {
			escapes--
		}
		if (n-2-escapes)%2 == 0 {
			return n
		}
	}
}
