package anthropic

import (
	"regexp"
	"strings"

	"github.com/docsift/docsift/internal/price"
	"github.com/docsift/docsift/model/chat"
)

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

// features tells what is known of a model. None gives log-probabilities, and none decides.
func features(o chat.Options) chat.Features {
	can := chat.Features{
		Schema: chat.Yes, Logprobs: chat.No, Caching: chat.Yes, Images: chat.Yes, PDF: chat.Yes, Decisions: chat.No,
	}
	f := familyOf(o.Model)
	if f.prefix == "" {
		return can
	}
	can.Temperature, can.Effort = found(f.cool), found(f.effort || f.still != "")
	return can
}

func found(yes bool) chat.Found {
	if yes {
		return chat.Yes
	}
	return chat.No
}

var snapshot = regexp.MustCompile(`-\d{8}$`)

// keeps reports whether a model keeps instructions as long as these for the next call.
func keeps(name, system string) bool {
	const charsPerToken = 4
	book, id := price.Builtin(), "anthropic/"+snapshot.ReplaceAllString(name, "")
	return book.TextTokens(id, len(system)/charsPerToken) >= book.CacheMin(id)
}
