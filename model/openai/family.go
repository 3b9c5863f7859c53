package openai

import "strings"

// family is what is known of models whose names begin alike.
type family struct {
	prefix    string
	reasoning bool   // max_completion_tokens and reasoning_effort instead of max_tokens and temperature
	least     string // the least effort that it takes; "" leaves it to the provider
}

// families lists the longer prefixes first. The first that fits counts.
func families() []family {
	return []family{
		{prefix: "gpt-oss"}, // open weights, so another server's model
		{prefix: "gpt-3.5"},
		{prefix: "gpt-4"},
		{prefix: "gpt-5.", reasoning: true, least: "none"},
		{prefix: "gpt-5", reasoning: true, least: "minimal"},
		{prefix: "gpt-6-astra", reasoning: true, least: "low"},
		{prefix: "gpt-6", reasoning: true, least: "none"},
		{prefix: "gpt-", reasoning: true}, // newer than this table
		{prefix: "o1", reasoning: true, least: "low"},
		{prefix: "o3", reasoning: true, least: "low"},
		{prefix: "o4", reasoning: true, least: "low"},
	}
}

// familyOf returns the family of a model. One that is not OpenAI's is of none, and gets
// what every compatible server takes.
func familyOf(name string) family {
	name = strings.TrimPrefix(name, "ft:")
	for _, f := range families() {
		if strings.HasPrefix(name, f.prefix) {
			return f
		}
	}
	return family{}
}
