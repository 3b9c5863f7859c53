package chat

import (
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strings"
)

// maxAnswer is how many bytes of text can still be an answer.
const maxAnswer = 64 << 10

// bareNaN matches numbers that JSON does not have, and that Python writes.
var bareNaN = regexp.MustCompile(`("confidence"\s*:\s*)(-?(?:NaN|Infinity))\b`)

// find returns what the only answer in text says. It has a category.
func find(text string) (statement, error) {
	past := max(0, strings.LastIndex(text, "</think>")) // how much of text is passed over
	text = text[past:]
	switch {
	case strings.TrimSpace(text) == "":
		return statement{}, bad("the answer is empty")
	case len(text) > maxAnswer:
		return statement{}, bad("the answer is longer than %d KiB", maxAnswer>>10)
	}
	var found []statement
	rest := bareNaN.ReplaceAllString(text, `$1"$2"`)
	moved := rest != text
	for {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		said, n, err := object(rest[open:])
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return statement{}, bad("the answer is truncated JSON")
		}
		if err == nil && len(said.categories) > 0 {
			if said.at += past + open; moved {
				said.at = -1
			}
			found = append(found, said)
		}
		rest, past = rest[open+n:], past+open+n
	}
	switch len(found) {
	case 0:
		return statement{}, bad("the answer has no JSON object with a category")
	case 1:
		return found[0], nil
	}
	return statement{}, bad("there are %d answers instead of one", len(found))
}

// object reads the JSON object at the start of s and returns how much of s to pass over. Of
// what is none it passes over all that its braces hold: a part of it is not an answer.
func object(s string) (statement, int, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	said, err := fields(dec)
	switch {
	case errors.Is(err, io.EOF):
		return said, len(s), io.ErrUnexpectedEOF
	case err != nil:
		return said, braces(s), err
	}
	return said, int(dec.InputOffset()), nil
}

func fields(dec *json.Decoder) (statement, error) {
	var said statement
	if _, err := dec.Token(); err != nil {
		return said, err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return said, err
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return said, err
		}
		switch name, _ := key.(string); strings.ToLower(name) {
		case "category", "classification":
			if said.categories == nil {
				said.at = int(dec.InputOffset()) - len(value)
			}
			said.categories = append(said.categories, value)
		case "confidence":
			said.confidences = append(said.confidences, value)
		}
	}
	_, err := dec.Token()
	return said, err
}

// braces returns the length of s up to the brace that closes its first one, or all of it.
func braces(s string) int {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(s)
}
