package chat

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/docsift/docsift/model"
)

// maxTokens is more than any one call can take: a count above it is none.
const maxTokens = 100_000_000

// UsageFields says where a reply holds what it is billed for. A count is the sum of the fields
// that it names, each below Field; "a.b" is field b of the object a.
type UsageFields struct {
	Field    string
	Required []string // any other that is absent or null is 0

	Input, Cached, CacheWrite, Output, Reasoning []string
}

// Read returns the usage in a reply's body, whatever else is in there. A count may be written
// as 12, 12.0 or "12". One that is none makes the usage unknown, and the note says why.
func (f UsageFields) Read(body []byte) (model.Usage, string) {
	raw, err := at(body, f.Field)
	if err != nil || raw == nil {
		return model.Usage{}, ""
	}
	usage, err := f.read(raw)
	if err != nil {
		return model.Usage{}, fmt.Sprintf("%s was not understood: %v", f.Field, err)
	}
	return usage, ""
}

func (f UsageFields) read(raw json.RawMessage) (model.Usage, error) {
	for _, path := range f.Required {
		if v, err := at(raw, path); err == nil && v == nil {
			return model.Usage{}, fmt.Errorf("%s is missing", path)
		}
	}
	c := counter{raw: raw}
	u := model.Usage{
		Known:      true,
		Input:      c.sum(f.Input),
		Cached:     c.sum(f.Cached),
		CacheWrite: c.sum(f.CacheWrite),
		Output:     c.sum(f.Output),
		Reasoning:  c.sum(f.Reasoning),
	}
	switch {
	case c.err != nil:
		return model.Usage{}, c.err
	case u.Cached+u.CacheWrite > u.Input || u.Reasoning > u.Output:
		return model.Usage{}, errors.New("a part is more than the whole")
	}
	return u, nil
}

// counter adds up counts of tokens until one is none: that is err.
type counter struct {
	raw json.RawMessage
	err error
}

func (c *counter) sum(paths []string) int {
	total := 0
	for _, path := range paths {
		if c.err != nil {
			return 0
		}
		var n int
		n, c.err = count(c.raw, path)
		total += n
	}
	return total
}

// count returns the number of tokens at path, or 0 when there is nothing.
func count(raw json.RawMessage, path string) (int, error) {
	value, err := at(raw, path)
	if err != nil || value == nil {
		return 0, err
	}
	n, ok := number64(strings.Trim(string(value), `"`))
	if !ok || n < 0 || n > maxTokens || n != math.Trunc(n) {
		return 0, fmt.Errorf("%s is %s", path, cut(string(value), maxQuote))
	}
	return int(n), nil
}

// at returns the value at path, or nil when it is absent or null.
func at(raw json.RawMessage, path string) (json.RawMessage, error) {
	for name := range strings.SplitSeq(path, ".") {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(raw, &object); err != nil {
			return nil, fmt.Errorf("there is %s instead of %s", cut(string(raw), maxQuote), path)
		}
		raw = object[name]
		if len(raw) == 0 || string(raw) == "null" {
			return nil, nil
		}
	}
	return raw, nil
}
