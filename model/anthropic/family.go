package anthropic

import "strings"

// family is what is known of models whose names begin alike.
type family struct {
	prefix string

	// still is the type of thinking that is next to none. Empty: leave it out.
	still string

	thinks   bool // it thinks even so
	effort   bool // takes output_config.effort
	adaptive bool // thinks by itself when an effort is asked for
	cool     bool // takes a temperature
}

// families lists the longer prefixes first. The first that fits counts.
func families() []family {
	return []family{
		{prefix: "claude-opus-5-5", thinks: true, effort: true, adaptive: true},
		{prefix: "claude-fable-", thinks: true, effort: true, adaptive: true},
		{prefix: "claude-mythos-", thinks: true, effort: true, adaptive: true},
		{prefix: "claude-sonnet-5-5", still: "between_tools", effort: true, adaptive: true},
		{prefix: "claude-haiku-5", still: "disabled", effort: true, adaptive: true},
		{prefix: "claude-sonnet-5", still: "disabled", effort: true, adaptive: true},
		{prefix: "claude-opus-5", still: "disabled", effort: true, adaptive: true},
		{prefix: "claude-opus-4-8", still: "disabled", effort: true, adaptive: true},
		{prefix: "claude-opus-4-7", still: "disabled", effort: true, adaptive: true},
		{prefix: "claude-opus-4-6", effort: true, cool: true},
		{prefix: "claude-sonnet-4-6", effort: true, cool: true},
		{prefix: "claude-opus-4-5", effort: true, cool: true},
		{prefix: "claude-sonnet-4", cool: true},
		{prefix: "claude-opus-4", cool: true},
		{prefix: "claude-haiku-4", cool: true},
	}
}

// familyOf returns the family of a model. One that is newer than the table is of a family
// that thinks and takes nothing.
func familyOf(name string) family {
	for _, f := range families() {
		if strings.HasPrefix(name, f.prefix) {
			return f
		}
	}
	return family{thinks: true}
}
