package openai

import (
	"strings"

	"github.com/docsift/docsift/model/chat"
)

// family is what is known of models whose names begin alike.
type family struct {
	prefix    string
	reasoning bool   // max_completion_tokens and reasoning_effort instead of max_tokens and temperature
	least     string // the least effort that it takes; "" leaves it to the provider
	can       chat.Features
}

// families lists the longer prefixes first. The first that fits counts. Whether those that take
// the effort none give log-probabilities or take a temperature then, their pages do not say.
func families() []family {
	plain := chat.Features{Logprobs: chat.Yes, Temperature: chat.Yes, Effort: chat.No, Decisions: chat.No}
	old := chat.Features{Schema: chat.No, Images: chat.No, PDF: chat.No}.Or(plain)
	sees := chat.Features{Schema: chat.Yes, Images: chat.Yes, PDF: chat.Yes, Decisions: chat.No}
	thinks := chat.Features{Effort: chat.Yes}.Or(sees)
	always := chat.Features{Logprobs: chat.No, Temperature: chat.No, Effort: chat.Yes, Decisions: chat.No}
	return []family{
		{prefix: "gpt-oss"}, // open weights, so another server's model
		{prefix: "gpt-3.5", can: old},
		{prefix: "gpt-4o", can: sees.Or(plain)},
		{prefix: "gpt-4.1", can: sees.Or(plain)},
		{prefix: "gpt-4", can: plain},
		{prefix: "gpt-5.", reasoning: true, least: "none", can: thinks},
		{prefix: "gpt-5", reasoning: true, least: "minimal", can: sees.Or(always)},
		{prefix: "gpt-6-astra", reasoning: true, least: "low", can: sees.Or(always)},
		{prefix: "gpt-6-luna", reasoning: true, least: "none", can: chat.Features{Decisions: chat.Yes}.Or(thinks)},
		{prefix: "gpt-6", reasoning: true, least: "none", can: thinks},
		{prefix: "gpt-", reasoning: true}, // newer than this table
		{prefix: "o1", reasoning: true, least: "low", can: always},
		{prefix: "o3", reasoning: true, least: "low", can: always},
		{prefix: "o4", reasoning: true, least: "low", can: always},
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

// features tells what is known of a model. Only OpenAI itself is told what to keep: other
// servers may refuse a field that they do not know.
func features(o chat.Options) chat.Features {
	f := familyOf(o.Model)
	f.can.Caching = chat.No
	if o.BaseURL == DefaultBaseURL && f.can != (chat.Features{Caching: chat.No}) {
		f.can.Caching = chat.Yes
	}
	return f.can
}
