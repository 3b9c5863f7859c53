package chat

import (
	"bytes"
	"cmp"
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
	var reply map[string]json.RawMessage
	if json.Unmarshal(body, &reply) != nil {
		return model.Usage{}, ""
	}
	dec := json.NewDecoder(bytes.NewReader(reply[f.Field]))
	dec.UseNumber()
	var said any
	if dec.Decode(&said) != nil || said == nil {
		return model.Usage{}, ""
	}
	usage, err := f.read(said)
	if err != nil {
		return model.Usage{}, fmt.Sprintf("%s was not understood: %v", f.Field, err)
	}
	return usage, ""
}

func (f UsageFields) read(said any) (model.Usage, error) {
	for _, path := range f.Required {
		if v, err := at(said, path); err == nil && v == nil {
			return model.Usage{}, fmt.Errorf("%s is missing", path)
		}
	}
	c := counter{said: said}
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

// counter adds up counts of tokens; err is about the first one that is none.
type counter struct {
	said any
	err  error
}

func (c *counter) sum(paths []string) int {
	total := 0
	for _, path := range paths {
		n, err := count(c.said, path)
		c.err = cmp.Or(c.err, err)
		total += n
	}
	return total
}

// count returns the number of tokens at path, or 0 when there is nothing.
func count(said any, path string) (int, error) {
	value, err := at(said, path)
	if err != nil || value == nil {
		return 0, err
	}
	n, ok := number64(fmt.Sprint(value)) // a json.Number or a text; all else does not look like one
	if !ok || n < 0 || n > maxTokens || n != math.Trunc(n) {
		return 0, fmt.Errorf("%s is %s", path, quote(value))
	}
	return int(n), nil
}

// at returns the value at path, or nil when it is absent or null.
func at(value any, path string) (any, error) {
	for name := range strings.SplitSeq(path, ".") {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("there is %s instead of %s", quote(value), path)
		}
		if value = object[name]; value == nil {
			return nil, nil
		}
	}
	return value, nil
}

func quote(value any) string { return cut(fmt.Sprint(value), maxQuote) }
